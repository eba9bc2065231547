package main

import (
	"bytes"
	"flag"
	"fmt"
	"mime"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"tierdesk/mailin/parse"
)

// This file has the commands that write mail.
//
// A FILE is the text of the mail. It may begin with header fields and an empty
// line; they replace those that a mail program writes, and a field without a value
// leaves one out. In it, {message-id}, {reply-to} and {bounce-to} are those of the
// letter that is answered. `reply` quotes the letter below, as mail programs do;
// `mail -of WHO` answers it as well, with nothing but what the file says.

// mailOptions stand before the other arguments.
type mailOptions struct {
	forged bool   // submit without a login, so that the mail system finds the sender forged
	null   bool   // with an empty envelope sender
	of     string // answer the letter that somebody else opened
	rcpt   string // envelope recipient
	pad    int    // MB of text to add
	button string // write to the address of the button that writes these words
}

// posted is a mail with its envelope; user is who submitted it, "" for anybody.
type posted struct {
	user, from, to string
	raw            []byte
}

func (w *world) mailOptions(args []string) (o mailOptions, who, what string) {
	rest := w.options(args, func(f *flag.FlagSet) {
		f.BoolVar(&o.forged, "forged", false, "")
		f.BoolVar(&o.null, "null", false, "")
		f.StringVar(&o.of, "of", "", "")
		f.StringVar(&o.rcpt, "rcpt", "", "")
		f.IntVar(&o.pad, "pad", 0, "")
		f.StringVar(&o.button, "button", "", "")
	})
	if len(rest) != 2 {
		w.fail("usage: [options] WHO WHAT")
	}
	return o, rest[0], rest[1]
}

func (w *world) mail(args []string) {
	o, who, file := w.mailOptions(args)
	to, l := "support@hd.test", w.hand[o.of]
	if l != nil {
		to, _ = w.replyTo(l)
	}
	p := w.paper(who)
	if o.button != "" {
		d, err := prefilledBy(l, "body="+o.button)
		w.check(err)
		to = d.to
		p.set("To", "<"+to+">")
	}
	p.write(fill(w.ts.ReadFile(file), l))
	w.submit(o, to, p)
}

func (w *world) reply(args []string) {
	o, who, file := w.mailOptions(args)
	l := w.answered(o, who)
	text, err := partOf(l.raw, "text/plain")
	w.check(err)
	p := w.paper(who)
	to := p.answer(w, l)
	p.write(fill(w.ts.ReadFile(file), l))
	p.body += "\nOn " + l.at.Format("2 January 2006 15:04") + ", ACME Support wrote:\n> " +
		strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n> ") + "\n"
	w.submit(o, to, p)
}

func (w *world) press(args []string) {
	o, who, words := w.mailOptions(args)
	d, err := prefilledBy(w.answered(o, who), "body="+words)
	w.check(err)
	p := w.paper(who)
	p.set("To", "<"+d.to+">")
	p.set("Subject", mime.QEncoding.Encode("utf-8", d.subject))
	p.body = d.body + "\n"
	w.submit(o, d.to, p)
}

func (w *world) resend([]string) {
	m := &w.sent
	w.check(w.office.send(w.ctx, m.user, m.from, []string{m.to}, m.raw))
}

func (w *world) bringBack(args []string) {
	l := w.answered(mailOptions{}, args[0])
	w.check(w.office.send(w.ctx, "", l.to, []string{"support@hd.test"}, l.raw))
}

func (w *world) place(args []string) {
	raw := []byte(strings.ReplaceAll(w.ts.ReadFile(args[0]), "\n", "\r\n"))
	_, err := w.office.users["support@hd.test"].Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: w.Now()})
	w.check(err)
}

// answered returns the letter that a command answers.
func (w *world) answered(o mailOptions, who string) *letter {
	if o.of != "" {
		who = o.of
	}
	if w.hand[who] == nil {
		w.fail("%s has opened no letter", who)
	}
	return w.hand[who]
}

func (w *world) replyTo(l *letter) (to, subject string) {
	to, subject, err := replyTo(l)
	w.check(err)
	return to, subject
}

// submit sends a mail as its author, or as anybody.
func (w *world) submit(o mailOptions, to string, p *paper) {
	if o.pad > 0 {
		p.body += "\n" + strings.Repeat(strings.Repeat("x", 63)+"\n", o.pad<<20/64)
	}
	w.sent = posted{user: p.author, from: p.author, to: to, raw: p.bytes()}
	if o.rcpt != "" {
		w.sent.to = o.rcpt
	}
	if o.forged || w.office.users[p.author] == nil {
		w.sent.user = ""
	}
	if o.null {
		w.sent.from = ""
	}
	w.resend(nil)
}

// paper is a mail being written.
type paper struct {
	author string
	fields []field
	body   string
}

type field struct{ name, value string }

// paper returns a mail with the fields that every mail program writes.
func (w *world) paper(who string) *paper {
	w.written++
	p := &paper{author: w.address(who)}
	name, _, _ := strings.Cut(p.author, "@")
	p.set("From", strings.ToUpper(name[:1])+name[1:]+" <"+p.author+">")
	p.set("To", "<support@hd.test>")
	p.set("Subject", "Hello")
	p.set("Date", w.Now().Format(time.RFC1123Z))
	p.set("Message-ID", fmt.Sprintf("<script%d.%d@client.example.test>", w.written, w.Now().Unix()))
	p.set("MIME-Version", "1.0")
	p.set("Content-Type", "text/plain; charset=utf-8")
	p.set("Content-Transfer-Encoding", "8bit")
	return p
}

// answer sets the fields of an answer to a letter, and returns where it goes.
func (p *paper) answer(w *world, l *letter) (to string) {
	to, subject := w.replyTo(l)
	parent := parse.Mail(l.raw, parse.Options{})
	p.set("To", "<"+to+">")
	p.set("Subject", mime.QEncoding.Encode("utf-8", subject))
	p.set("In-Reply-To", "<"+parent.MessageID+">")
	p.set("References", "<"+strings.Join(append(parent.References, parent.MessageID), "> <")+">")
	return to
}

func (p *paper) set(name, value string) {
	for i := range p.fields {
		if strings.EqualFold(p.fields[i].name, name) {
			p.fields[i].value = value
			return
		}
	}
	p.fields = append(p.fields, field{name, value})
}

var headerLine = regexp.MustCompile(`^([A-Z][A-Za-z-]*):(?: (.*))?$`)

// write puts a script's file on the paper.
func (p *paper) write(file string) {
	p.body = file
	first, _, _ := strings.Cut(file, "\n")
	if !headerLine.MatchString(first) {
		return
	}
	head, body, _ := strings.Cut(file, "\n\n")
	p.body = body
	for line := range strings.Lines(head) {
		if m := headerLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			p.set(m[1], m[2])
		}
	}
}

func (p *paper) bytes() []byte {
	var b bytes.Buffer
	for _, f := range p.fields {
		if f.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", f.name, f.value)
		}
	}
	b.WriteString("\n" + p.body)
	return bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte("\r\n"))
}

// fill puts what a letter says into a script's file.
func fill(file string, l *letter) string {
	if l == nil {
		return file
	}
	in := parse.Mail(l.raw, parse.Options{})
	reply := ""
	if len(in.ReplyTo) > 0 {
		reply = in.ReplyTo[0].Address
	}
	return strings.NewReplacer("{message-id}", "<"+in.MessageID+">", "{reply-to}", reply, "{bounce-to}", l.from).Replace(file)
}
