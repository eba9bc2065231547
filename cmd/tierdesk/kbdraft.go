package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/triage/kb"
)

// maxSymptoms is how many customers' words a draft has.
const maxSymptoms = 5

// draftDocument makes a document of a gap: titled and asked as customers did, answered with
// the reply that solved the most typical of the tickets that have one. Secrets are
// masked, and it is internal, until somebody has read it.
func draftDocument(ctx context.Context, s *store.Store, g *gap) (id, page string, err error) {
	title, reply := "", ""
	var from desk.TicketID
	for _, l := range g.lessons {
		if reply, err = lastReply(ctx, s, l.Ticket); err != nil {
			return "", "", err
		}
		if reply != "" {
			from = l.Ticket
			break
		}
	}
	lang := ""
	if t, err := s.Ticket(ctx, g.lessons[0].Ticket); err == nil {
		title, lang = t.Subject, t.Language
	}
	id = "gap-" + strings.Join(g.terms[:min(len(g.terms), 3)], "-")
	var b strings.Builder
	fmt.Fprintf(&b, "---\nid: %s\ntitle: %s\n", strconv.Quote(id), quoted(title))
	if lang != "" {
		fmt.Fprintf(&b, "lang: %s\n", lang)
	}
	fmt.Fprintf(&b, "audience: %s\nkeywords: [%s]\nsymptoms:\n", kb.Internal, strings.Join(g.terms, ", "))
	for _, l := range g.lessons[:min(len(g.lessons), maxSymptoms)] {
		subject, text, _ := strings.Cut(l.Text, "\n")
		fmt.Fprintf(&b, "  - %s\n", quoted(cmp.Or(text, subject)))
	}
	b.WriteString("---\n\n")
	if reply == "" {
		b.WriteString("Nobody of the desk wrote to any of these customers.\n")
	} else {
		fmt.Fprintf(&b, "<!-- The reply of ticket %s. Take out what concerns only its customer. -->\n\n%s\n", desk.Number(from), desk.Mask(reply))
	}
	return id, b.String(), nil
}

// quoted is a stranger's text as a YAML string on one line.
func quoted(s string) string { return strconv.Quote(clip(desk.OneLine(desk.Mask(s)), 200)) }

// lastReply returns what the desk last wrote to the customer of a ticket, or "".
func lastReply(ctx context.Context, s *store.Store, id desk.TicketID) (string, error) {
	messages, err := s.Messages(ctx, id)
	reply := ""
	for _, m := range messages {
		if m.Kind == desk.PublicReply {
			reply = strings.TrimSpace(m.Text)
		}
	}
	return reply, err
}
