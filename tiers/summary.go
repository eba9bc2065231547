package tiers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tierdesk/desk"
)

const (
	// summaryEvery is the shortest time between two summaries to one list.
	summaryEvery = 5 * time.Minute
	// maxHeldBack bounds what one look sums up; the rest follows with the next.
	maxHeldBack = 1000
	// maxSummed bounds what a summary lists; it counts the rest.
	maxSummed = 200
)

// holdBack holds mail to a tier's list that got its share for the hour, so that a flood
// is one mail with many lines and not many mails. sumUp lets it go.
func (e *Engine) holdBack(ctx context.Context, changes []desk.Change) error {
	sent := map[string]int{}
	for i := range changes {
		for j := range changes[i].Outgoing {
			o := &changes[i].Outgoing[j]
			if !e.Rules.Desk.IsList(o.To.Address) {
				continue
			}
			to := desk.NormalAddress(o.To.Address)
			if _, known := sent[to]; !known {
				n, err := e.Store.CountAutomatic(ctx, to, e.Now().Add(-time.Hour))
				if err != nil {
					return fmt.Errorf("count the mail to %s: %w", to, err)
				}
				sent[to] = n
			}
			o.Held = sent[to] >= e.Rules.Desk.TierMail
			sent[to]++
		}
	}
	return nil
}

// sumUp replaces the mail that is held back for a list by one summary. Mail that waits
// for the tier's hours waits on.
func (e *Engine) sumUp(ctx context.Context, now time.Time) error {
	held, err := e.Store.HeldBack(ctx, maxHeldBack)
	if err != nil {
		return fmt.Errorf("read what is held back: %w", err)
	}
	held = slices.DeleteFunc(held, func(o desk.OutItem) bool { return o.Outgoing.NotBefore.After(now) })
	for _, items := range byRecipient(held) {
		if now.Sub(items[0].Created) < summaryEvery {
			continue
		}
		change := desk.Change{Outgoing: []desk.Outgoing{e.summary(items)}}
		for i := range items {
			change.Withdrawn = append(change.Withdrawn, items[i].Outgoing.Key)
		}
		switch err := e.Store.Commit(ctx, []desk.Change{change}); {
		case errors.Is(err, desk.ErrConflict): // an operator cancelled one; the next look sees it
		case err != nil:
			return fmt.Errorf("sum up %d mails: %w", len(items), err)
		default:
			e.Log.Info("mail summed up", "to", items[0].Outgoing.To.Address, "mails", len(items))
			e.queued()
		}
	}
	return nil
}

// byRecipient splits mail by recipient in the order of each one's first.
func byRecipient(items []desk.OutItem) [][]desk.OutItem {
	place := map[string]int{}
	var split [][]desk.OutItem
	for _, o := range items {
		to := desk.NormalAddress(o.Outgoing.To.Address)
		i, known := place[to]
		if !known {
			i = len(split)
			place[to] = i
			split = append(split, nil)
		}
		split[i] = append(split[i], o)
	}
	return split
}

// summary is the one mail that stands for many to a list: a line for each ticket, with
// the newest reason.
func (e *Engine) summary(items []desk.OutItem) desk.Outgoing {
	lines := map[desk.TicketID]desk.LetterSummed{}
	for i := range items {
		o := &items[i].Outgoing
		l := desk.LetterSummed{Number: o.Letter.Number, Subject: o.Letter.Subject, Priority: o.Letter.Priority, Because: o.Letter.Because}
		if b := slices.IndexFunc(o.Letter.Buttons, func(b desk.Button) bool { return b.Label == "claim" }); b >= 0 {
			l.Claim = &o.Letter.Buttons[b]
		}
		lines[o.Ticket] = l
	}
	ids := slices.SortedFunc(maps.Keys(lines), func(a, b desk.TicketID) int {
		return cmp.Or(cmp.Compare(lines[a].Priority, lines[b].Priority), cmp.Compare(a, b))
	})
	first := &items[0].Outgoing
	subject := fmt.Sprintf("%s: %d tickets at once", e.Rules.Desk.Name, len(ids))
	o := e.Composer.ToManager(desk.SendNotice, first.To.Address, subject, "summary from "+first.Key)
	o.To, o.ListID = first.To, first.ListID
	o.Letter.Template = "summary"
	ids, o.Letter.MoreSummed = most(ids, maxSummed)
	for _, id := range ids {
		o.Letter.Summed = append(o.Letter.Summed, lines[id])
	}
	return o
}
