package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierdesk/testbed"
)

// mailProgram is a mail program of somebody's, set up to read his mailbox and to send
// by the submission port.
type mailProgram struct {
	name     string
	programs []string
	settings map[string]string // files below the home directory; $NAMES are filled in
	// command starts it on the inbox with the mail of that number, counted from 1.
	command func(home string, number int) []string
	// reply answers that mail with the keys of a person; the editor writes the words.
	reply func(x *testbed.Terminal, messageID string)
}

// mailPrograms are the programs that people answer with here.
func mailPrograms() []mailProgram {
	return []mailProgram{neomutt(), aerc(), alpine()}
}

// editor writes the words above what the mail program has put into the draft, as
// people do who answer at the top.
const editor = `#!/bin/sh
{ cat $HOME/words; echo; cat "$1"; } > $HOME/draft && cat $HOME/draft > "$1"
`

// answers starts the program for a person and lets him answer a mail in his inbox.
func (p mailProgram) answers(t *testing.T, s *site, submission string, who person, l *letter, words string) {
	t.Helper()
	user, _, _ := strings.Cut(who.address, "@")
	home := t.TempDir()
	number, id := s.placeOf(user, l)
	host, port, _ := strings.Cut(s.settings["IMAPS"], ":")
	values := map[string]string{
		"HOME": home, "NAME": who.name, "ADDRESS": who.address, "USER": user, "PASSWORD": testbed.Password,
		"HOST": host, "PORT": port, "SUBMISSION": submission, "CA": s.settings["IMAP_CA"],
	}
	files := map[string]string{
		"editor": editor, "words": words,
		"signature": who.name + "\nRoom 4711, phone +49 30 4711\n" + who.address + "\n",
	}
	for name, text := range p.settings {
		files[name] = os.Expand(text, func(name string) string { return values[name] })
	}
	for name, text := range files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(home, "editor"), 0o700); err != nil {
		t.Fatal(err)
	}
	x := testbed.NewTerminal(t, []string{"HOME=" + home, "EDITOR=" + home + "/editor", "SSL_CERT_FILE=" + values["CA"]}, p.command(home, number)...)
	p.reply(x, id)
	x.Ends()
}

func neomutt() mailProgram {
	return mailProgram{
		name: "neomutt", programs: []string{"neomutt"},
		settings: map[string]string{"muttrc": `set realname = "$NAME"
set from = "$ADDRESS"
set hostname = "client.example.test"
set folder = "imaps://$USER@$HOST:$PORT"
set spoolfile = "+INBOX"
set imap_pass = "$PASSWORD"
set ssl_ca_certificates_file = "$CA"
set ssl_verify_host = no
set smtp_url = "smtp://$SUBMISSION"
set ssl_force_tls = no
set ssl_starttls = no
set editor = "$HOME/editor"
set signature = "$HOME/signature"
set fast_reply = yes
set include = yes
set reply_to = yes
set record = ""
set header_cache = ""
set mbox_type = Maildir
set sleep_time = 0
`},
		command: func(home string, _ int) []string {
			return []string{"neomutt", "-n", "-F", home + "/muttrc"}
		},
		reply: func(x *testbed.Terminal, id string) {
			x.Shows("q:Quit")
			x.Press("l")
			x.Shows("Limit to messages matching")
			x.Press("C-u")
			x.Type("~i " + id)
			x.Press("Enter")
			x.Press("r")
			x.Shows("y:Send")
			x.Press("y")
			x.Press("q") // it quits once the mail is sent
		},
	}
}

func aerc() mailProgram {
	return mailProgram{
		name: "aerc", programs: []string{"aerc"},
		settings: map[string]string{".config/aerc/accounts.conf": `[work]
source = imaps://$USER:$PASSWORD@$HOST:$PORT
outgoing = smtp+none://$SUBMISSION
default = INBOX
from = $NAME <$ADDRESS>
signature-file = $HOME/signature
`},
		command: func(string, int) []string { return []string{"aerc"} },
		reply: func(x *testbed.Terminal, id string) {
			x.Shows("[ACME")
			x.Type(":filter -a " + id) // also finds what refers to it, above it
			x.Press("Enter")
			x.Shows("| filter -a")
			x.Type(":select -1")
			x.Press("Enter")
			x.Type(":view")
			x.Press("Enter")
			x.Shows("(END)")
			x.Type(":reply -q")
			x.Press("Enter")
			x.Shows("Send this email?")
			x.Press("y")
			x.Shows("Message sent")
			x.Type(":quit")
			x.Press("Enter")
		},
	}
}

func alpine() mailProgram {
	return mailProgram{
		name: "alpine", programs: []string{"alpine"},
		settings: map[string]string{".pinerc": `personal-name=$NAME
user-domain=hd.test
customized-hdrs=From: $NAME <$ADDRESS>
smtp-server=$SUBMISSION/novalidate-cert
inbox-path={$HOST:$PORT/ssl/novalidate-cert/user=$USER}INBOX
editor=$HOME/editor
feature-list=enable-alternate-editor-implicitly, include-text-in-reply, signature-at-bottom, allow-changing-from, quit-without-confirm, no-expunge-without-confirm
default-fcc=""
alt-addresses=$ADDRESS, team@hd.test
signature-file=$HOME/signature
last-version-used=7.00
`},
		command: func(_ string, number int) []string {
			return []string{"alpine", "-i", "-n", fmt.Sprint(number)}
		},
		reply: func(x *testbed.Terminal, _ string) {
			x.Shows("PASSWORD")
			x.Type(testbed.Password)
			x.Press("Enter")
			x.Shows("Preserve password")
			x.Press("n")
			x.Shows("[ACME")
			x.Press("R")
			x.Shows(`Use "Reply-To:" address`)
			x.Press("y")
			x.Shows("^X Send")
			x.Press("C-x")
			x.Shows("Send message")
			x.Press("y")
			x.Shows("ANS") // "sent" is soon covered by what it does next
			x.Press("Q")
		},
	}
}
