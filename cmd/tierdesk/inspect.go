package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
	"tierdesk/templates"
)

// inspectCmd shows how mails would be understood.
type inspectCmd struct {
	JSON  bool     `help:"One JSON object a line."`
	Files []string `arg:"" name:"file" help:"Mails to read."`
}

// Run reads each file and prints what is understood of it. A file that cannot be
// read does not keep the others from it.
func (c inspectCmd) Run(std streams) error {
	out := json.NewEncoder(std.out)
	out.SetEscapeHTML(false)
	unread := 0
	for _, name := range c.Files {
		in := readMailFile(name)
		if in.Error != nil {
			unread++
		}
		var err error
		switch {
		case c.JSON:
			err = out.Encode(in)
		case in.Error == nil:
			err = printInbound(std.out, in)
		default:
			_, err = fmt.Fprintln(std.err, "tierdesk:", desk.OneLine(*in.Error))
		}
		if err != nil {
			return fmt.Errorf("inspect %s: %w", name, err)
		}
	}
	if unread > 0 {
		return fmt.Errorf("inspect: %d of %d files cannot be read", unread, len(c.Files))
	}
	return nil
}

// readMailFile understands one file, or says in Error why it cannot be read.
func readMailFile(name string) *desk.Inbound {
	raw, err := os.ReadFile(name)
	in := parse.Mail(raw, parse.Options{Delimiter: templates.Delimiter})
	in.File = name
	if err != nil {
		in.Error = ptr(err.Error())
	}
	return in
}

// printInbound writes one mail for a person to read.
func printInbound(w io.Writer, in *desk.Inbound) error {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name, desk.OneLine(value))
		}
	}
	line("file", in.File)
	line("kind", string(in.Kind))
	line("answerable", fmt.Sprint(in.Answerable))
	if in.From != nil {
		line("from", in.From.Name+" <"+in.From.Address+">")
	}
	line("subject", in.Subject)
	line("message-id", in.MessageID)
	line("language", in.Language)
	for _, a := range in.Attachments {
		line("attachment", fmt.Sprintf("%s (%s, %d bytes)", a.Filename, a.ContentType, a.Size))
	}
	if in.Bounce != nil {
		for _, r := range in.Bounce.Recipients {
			line("bounced", fmt.Sprintf("%s %s %s %s", r.Address, r.Action, r.Status, r.Diagnostic))
		}
	}
	for _, why := range in.Why {
		line("because", why)
	}
	for _, warning := range in.Warnings {
		line("warning", warning)
	}
	fmt.Fprintf(&b, "\n%s\n\n", indent(in.Reply))
	_, err := io.WriteString(w, b.String())
	return err
}

// indent sets text off from the fields, without the control characters that a
// terminal would obey.
func indent(text string) string {
	return "    " + strings.ReplaceAll(desk.Printable(text), "\n", "\n    ")
}
