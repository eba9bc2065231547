package tiers

import (
	"errors"
	"strings"
	"testing"

	"tierdesk/desk"
)

var errMalformed = errors.New("disk image is malformed")

// A ticket at which the engine panics, or whose events cannot be read, keeps no
// other from being followed and swept.
func TestOneBadTicketStopsNoOther(t *testing.T) {
	for name, fault := range map[string]func() error{
		"panic": func() error { panic("odd ticket") },
		"error": func() error { return errMalformed },
	} {
		t.Run(name, func(t *testing.T) {
			b := newRig(t, "2026-11-23 09:00")
			bad, good := b.open(desk.P3), b.open(desk.P3)
			b.at("2026-11-23 09:00")
			b.engine.Store = storeOf{Store: b.store, faulty: func(id desk.TicketID) error {
				if id == bad {
					return fault()
				}
				return nil
			}}
			writes := desk.Event{Type: desk.MailReceived, Actor: "customer", Because: "a further mail"}
			b.happen(bad, func(*desk.Ticket) {}, writes)
			b.happen(good, func(*desk.Ticket) {}, writes)
			b.at("2026-11-23 09:30")
			check(t, "history of the good ticket", b.history(good), append(openedAndHanded, "mail.received", "tier.paged L2"))
			check(t, "outbox", b.outbox(), []string{
				"escalation l2@hd.test", "escalation l2@hd.test", "update l2@hd.test", "page l2@hd.test",
			})
			for _, line := range []string{"ticket not followed", "ticket not swept"} {
				if !strings.Contains(b.log.String(), line) {
					t.Errorf("%q is not in the log", line)
				}
			}
			b.engine.Store = storeOf{Store: b.store}
			b.at("2026-11-23 09:31")
			check(t, "history of the bad ticket, well again", b.history(bad), append(openedAndHanded, "mail.received", "tier.paged L2"))
		})
	}
}

// A fault that passes, or that is the store's, passes over no ticket.
func TestPassingFaultLosesNoMail(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	id := b.open(desk.P3)
	b.at("2026-11-23 09:00")
	b.happen(id, func(*desk.Ticket) {}, desk.Event{Type: desk.MailReceived, Actor: "customer", Because: "a further mail"})
	faults := 0
	b.engine.Store = storeOf{Store: b.store, faulty: func(desk.TicketID) error {
		if faults++; faults == 1 {
			return errMalformed
		}
		return nil
	}}
	b.at("2026-11-23 09:01")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test", "update l2@hd.test"})
}
