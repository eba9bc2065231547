package main

import (
	"bytes"
	"flag"
	"fmt"
	"mime"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
)

// This file has the commands that write mail:
//
//	mail [options] WHO FILE    submit a mail to support@hd.test
//	reply [options] WHO FILE   answer the letter that WHO looked at last, quoting it as mail programs do
//	press [options] WHO WORDS  press the button of that letter that writes WORDS, and send that
//	resend                     submit the last mail once more, byte for byte
//	bring-back WHO             send the letter that WHO looked at last back to where it came from
//	place FILE                 put a file into the support mailbox as it is, without a server's trace
//
// A FILE is the text of the mail. It may begin with header fields and an empty
// line; they replace those that a mail program writes, and a field without a value
// leaves one out. In it, {message-id}, {reply-to} and {bounce-to} are those of the
// letter that is answered.
//
// Options: -forged submits without a login, so that the mail system finds the
// sender forged; -of WHO answers somebody else's letter, and lets mail answer one; -rcpt ADDRESS gives the
// envelope recipient; -null makes the envelope sender empty; -pad N adds a file of
// N MB.
type mailOptions struct {
	forged, null bool
	of, rcpt     string
	pad          int
}

// envelopeMail is a mail with its envelope.
type envelopeMail struct {
	user, from, to string
	raw            []byte
}

func readMailOptions(args []string) (o mailOptions, rest []string, err error) {
	rest, err = flags(args, func(f *flag.FlagSet) {
		f.BoolVar(&o.forged, "forged", false, "")
		f.BoolVar(&o.null, "null", false, "")
		f.StringVar(&o.of, "of", "", "")
		f.StringVar(&o.rcpt, "rcpt", "", "")
		f.IntVar(&o.pad, "pad", 0, "")
	})
	if err == nil && len(rest) != 2 {
		err = fmt.Errorf("usage: [options] WHO WHAT")
	}
	return o, rest, err
}

// field is a header field. Its order is kept.
type field struct{ name, value string }

// paper is a mail being written.
type paper struct {
	fields []field
	body   string
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

var headerLine = regexp.MustCompile(`^([A-Z][A-Za-z-]*):(?: (.*))?$`)

// write adds a script's file to the paper.
func (p *paper) write(file string) {
	p.body = file
	if !headerLine.MatchString(strings.SplitN(file, "\n", 2)[0]) {
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

// paper returns an empty mail of a person.
func (w *world) paper(address string) *paper {
	w.written++
	name, _, _ := strings.Cut(address, "@")
	p := &paper{}
	p.set("From", strings.ToUpper(name[:1])+name[1:]+" <"+address+">")
	p.set("To", "<support@hd.test>")
	p.set("Subject", "Hello")
	p.set("Date", w.Now().Format(time.RFC1123Z))
	p.set("Message-ID", fmt.Sprintf("<script%d.%d@client.example.test>", w.written, w.Now().Unix()))
	p.set("MIME-Version", "1.0")
	p.set("Content-Type", "text/plain; charset=utf-8")
	p.set("Content-Transfer-Encoding", "8bit")
	return p
}

// mail [options] WHO FILE
func (w *world) mail(ts *testscript.TestScript, args []string) error {
	o, args, err := readMailOptions(args)
	if err != nil {
		return err
	}
	address, err := w.address(args[0])
	if err != nil {
		return err
	}
	p := w.paper(address)
	to := "support@hd.test"
	p.write(w.fill(ts.ReadFile(args[1]), w.hand[o.of]))
	if l := w.hand[o.of]; l != nil { // an answer that the file makes up itself
		if to, _, err = replyTo(l); err != nil {
			return err
		}
	}
	return w.submit(o, address, to, p)
}

// reply [options] WHO FILE
func (w *world) reply(ts *testscript.TestScript, args []string) error {
	o, args, err := readMailOptions(args)
	if err != nil {
		return err
	}
	address, l, err := w.answering(o, args[0])
	if err != nil {
		return err
	}
	to, subject, err := replyTo(l)
	if err != nil {
		return err
	}
	parent := parse.Mail(l.raw, parse.Options{})
	text, err := partOf(l.raw, "text/plain")
	if err != nil {
		return err
	}
	p := w.paper(address)
	p.set("To", "<"+to+">")
	p.set("Subject", mime.QEncoding.Encode("utf-8", subject))
	p.set("In-Reply-To", "<"+parent.MessageID+">")
	p.set("References", "<"+strings.Join(append(parent.References, parent.MessageID), "> <")+">")
	p.write(w.fill(ts.ReadFile(args[1]), l))
	quoted := strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n> ")
	p.body += "\nOn " + l.at.Format("2 January 2006 15:04") + ", ACME Support wrote:\n> " + quoted + "\n"
	return w.submit(o, address, to, p)
}

// press [options] WHO WORDS, where the button writes such words
func (w *world) press(ts *testscript.TestScript, args []string) error {
	o, args, err := readMailOptions(args)
	if err != nil {
		return err
	}
	address, l, err := w.answering(o, args[0])
	if err != nil {
		return err
	}
	d, err := prefilledBy(l, "body="+args[1])
	if err != nil {
		return err
	}
	p := w.paper(address)
	p.set("To", "<"+d.to+">")
	p.set("Subject", mime.QEncoding.Encode("utf-8", d.subject))
	p.body = d.body + "\n"
	return w.submit(o, address, d.to, p)
}

// answering returns who answers which letter.
func (w *world) answering(o mailOptions, who string) (address string, l *letter, err error) {
	if address, err = w.address(who); err != nil {
		return "", nil, err
	}
	if o.of == "" {
		o.of = who
	}
	if l = w.hand[o.of]; l == nil {
		err = fmt.Errorf("%s has looked at no letter", o.of)
	}
	return address, l, err
}

// fill puts what a letter says into a script's file.
func (w *world) fill(file string, l *letter) string {
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

// submit sends a mail as the person, or as anybody.
func (w *world) submit(o mailOptions, address, to string, p *paper) error {
	if o.pad > 0 {
		p.body += "\n" + strings.Repeat(strings.Repeat("x", 63)+"\n", o.pad<<20/64)
	}
	m := envelopeMail{user: address, from: address, to: to, raw: p.bytes()}
	if o.rcpt != "" {
		m.to = o.rcpt
	}
	if o.forged || w.office.users[address] == nil {
		m.user = ""
	}
	if o.null {
		m.from = ""
	}
	w.sent = m
	return w.resend(nil, nil)
}

// resend
func (w *world) resend(*testscript.TestScript, []string) error {
	m := &w.sent
	return w.office.send(w.ctx, m.user, m.from, []string{m.to}, m.raw)
}

// place FILE
func (w *world) place(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: place FILE")
	}
	raw := strings.ReplaceAll(ts.ReadFile(args[0]), "\n", "\r\n")
	_, err := w.office.users["support@hd.test"].Append("INBOX", literal{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{Time: w.Now()})
	return err
}

// bring-back WHO
func (w *world) bringBack(_ *testscript.TestScript, args []string) error {
	if len(args) != 1 || w.hand[args[0]] == nil {
		return fmt.Errorf("usage: bring-back WHO, who has looked at a letter")
	}
	return w.office.send(w.ctx, "", w.hand[args[0]].to, []string{"support@hd.test"}, w.hand[args[0]].raw)
}

// ticketID reads the number of a ticket.
func ticketID(s string) (desk.TicketID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	return desk.TicketID(n), err
}
