package tiers

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"tierdesk/desk"
)

// maxPast is how many other tickets a brief names of the requester, and of his
// organisation.
const maxPast = 5

// Memory is what the desk knows that may help with a ticket.
type Memory interface {
	// Precedents returns solved tickets that resemble a question, the most alike first.
	Precedents(ctx context.Context, q desk.Question) ([]desk.Precedent, error)
	// Passages returns what the documents say about a question, the best first.
	Passages(q desk.Question) []desk.Passage
}

// background is what a brief tells beside the ticket itself.
type background struct {
	recent, colleagues []desk.Ticket
	organisation       string
	precedents         []desk.Precedent
	passages           []desk.Passage
}

// background reads what helps the tier that gets a ticket. Searching with a stranger's
// words may break; the ticket is handed over all the same.
func (e *Engine) background(ctx context.Context, w *writer) (b background, err error) {
	t := &w.ticket
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("brief without background", "ticket", t.ID, "err", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			b, err = background{}, nil
		}
	}()
	past, err := e.Store.TicketsOf(ctx, t.Requester.Address, maxPast+1)
	if err != nil {
		return b, err
	}
	past = slices.DeleteFunc(past, func(p desk.Ticket) bool { return p.ID == t.ID })
	b.recent = past[:min(len(past), maxPast)]
	if b.organisation = organisation(t.Requester.Address); b.organisation != "" {
		if b.colleagues, err = e.Store.TicketsFrom(ctx, b.organisation, t.Requester.Address, maxPast); err != nil {
			return b, err
		}
	}
	if e.Memory == nil {
		return b, nil
	}
	q := w.question()
	b.passages = e.Memory.Passages(q)
	b.precedents, err = e.Memory.Precedents(ctx, q)
	return b, err
}

// organisation returns the domain that tells whom an address belongs to: that of a
// mail provider tells nothing.
func organisation(address string) string {
	_, domain, _ := strings.Cut(desk.NormalAddress(address), "@")
	provider, _, _ := strings.Cut(domain, ".")
	switch provider {
	case "gmail", "googlemail", "outlook", "hotmail", "live", "msn", "yahoo", "ymail", "aol", "icloud", "gmx", "yandex", "zoho",
		"protonmail", "proton", "tutanota", "fastmail", "t-online", "laposte", "wanadoo", "libero", "freenet":
		return ""
	}
	switch domain {
	case "me.com", "mac.com", "web.de", "mail.de", "posteo.de", "mailbox.org", "arcor.de", "mail.ru", "inbox.ru", "bk.ru", "list.ru",
		"orange.fr", "free.fr", "sfr.fr", "neuf.fr", "virgilio.it", "tiscali.it", "alice.it", "wp.pl", "o2.pl", "onet.pl", "interia.pl",
		"seznam.cz", "ziggo.nl", "kpnmail.nl", "telenet.be", "skynet.be", "bluewin.ch", "btinternet.com", "comcast.net", "verizon.net",
		"att.net", "mail.com", "pm.me", "hey.com", "qq.com", "163.com", "126.com", "naver.com", "uol.com.br", "terra.com.br", "sapo.pt":
		return ""
	}
	return domain
}
