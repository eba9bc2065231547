package mailin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tierdesk/desk"
)

// maxThreadIDs bounds how many referenced ids of one mail are looked up.
const maxThreadIDs = 40

// Threader ties a mail to a ticket by the strongest evidence it carries.
type Threader struct {
	Desk *desk.Desk
	Keys desk.Keyring
}

// Thread returns how the mail belongs to a ticket. It climbs down a ladder of
// evidence: a signed reply address; In-Reply-To and References with an id that
// the desk sent or received; the tag in the subject. An id without our signature
// needs the sender to be a participant. A tag needs a participant who is proven,
// since a ticket number can be guessed. A mail that names a ticket without that
// gets Claims. A signature that had come to its end when the mail arrived counts as
// none, and nothing leads to a ticket that is revoked.
func (th Threader) Thread(ctx context.Context, v desk.Lookup, in *desk.Inbound) (desk.Thread, error) {
	th.Keys = th.Keys.At(in.Received)
	if tok := th.Keys.FindToken(recipients(in)); tok != nil && tok.Ticket != 0 {
		return th.known(ctx, v, desk.Thread{
			Ticket: tok.Ticket, Rung: desk.RungToken, Token: tok, Why: "addressed to a signed reply address",
		})
	}
	ids := referenced(in)
	for _, id := range ids {
		if tok := th.Keys.TokenOfMessageID(id); tok != nil && tok.Ticket != 0 {
			return th.known(ctx, v, desk.Thread{
				Ticket: tok.Ticket, Rung: desk.RungReference, Token: tok, Why: "answers our mail <" + id + ">",
			})
		}
	}
	if in.MessageID != "" && in.From != nil { // the sender's own reply to it may have come first
		ids = append(ids, desk.AwaitedID(in.From.Address, in.MessageID))
	}
	if len(ids) > 0 {
		t, id, err := v.TicketByMessageIDs(ctx, ids)
		if err != nil {
			return desk.Thread{}, fmt.Errorf("thread: look up message ids: %w", err)
		}
		if t != 0 {
			return th.ifParticipant(ctx, v, in, t, desk.RungReference, "known by "+id)
		}
	}
	if t, ok := desk.FindTag(in.Subject, th.Desk.Tag); ok {
		return th.tagged(ctx, v, in, t)
	}
	return desk.Thread{Why: "no signed address, known message id or tag"}, nil
}

// tagged joins the mail to the ticket that its subject names, when its sender
// belongs to it and is proven.
func (th Threader) tagged(ctx context.Context, v desk.Lookup, in *desk.Inbound, id desk.TicketID) (desk.Thread, error) {
	t, err := th.ifParticipant(ctx, v, in, id, desk.RungSubjectTag, "subject tag #"+desk.Number(id))
	if err == nil && t.Ticket != 0 && (!in.Auth.Pass() || in.Auth.Fail()) {
		t = desk.Thread{Claims: t.Ticket, Why: t.Why + ", but the sender address is not proven"}
	}
	return t, err
}

// known checks that the ticket of a verified token can be reached.
func (th Threader) known(ctx context.Context, v desk.Lookup, t desk.Thread) (desk.Thread, error) {
	now, why, err := reach(ctx, v, t.Ticket)
	if err != nil {
		return desk.Thread{}, err
	}
	if why != "" {
		return desk.Thread{Why: fmt.Sprintf("signed for ticket %d, %s", t.Ticket, why)}, nil
	}
	t.Ticket, t.Why = now.ID, t.Why+merged(t.Ticket, now.ID)
	return t, nil
}

// reach returns the ticket that goes on for the one that a mail found, and why no
// mail can join it, or "".
func reach(ctx context.Context, v desk.Lookup, id desk.TicketID) (now desk.Ticket, why string, err error) {
	found, err := v.Ticket(ctx, id)
	if err == nil {
		now, err = desk.GoingOn(ctx, v, id)
	}
	switch {
	case errors.Is(err, desk.ErrNotFound):
		return now, "which is not here", nil
	case err != nil:
		return now, "", fmt.Errorf("thread: ticket %d: %w", id, err)
	case found.Revoked || now.Revoked:
		return now, "which takes no mail any more", nil
	}
	return now, "", nil
}

// merged says that another ticket goes on for the one that was found, or "".
func merged(found, now desk.TicketID) string {
	if found == now {
		return ""
	}
	return fmt.Sprintf("; ticket %s goes on as %s", desk.Number(found), desk.Number(now))
}

// ifParticipant joins the mail when its sender belongs to the ticket.
func (th Threader) ifParticipant(ctx context.Context, v desk.Lookup, in *desk.Inbound, id desk.TicketID, rung desk.Rung, why string) (desk.Thread, error) {
	now, closed, err := reach(ctx, v, id)
	if err != nil || closed != "" {
		return desk.Thread{Why: fmt.Sprintf("%s names ticket %d, %s", why, id, closed)}, err
	}
	why += merged(id, now.ID)
	id = now.ID
	people, err := v.Participants(ctx, id)
	if err != nil {
		return desk.Thread{}, fmt.Errorf("thread: participants of ticket %d: %w", id, err)
	}
	from := ""
	if in.From != nil {
		from = desk.NormalAddress(in.From.Address)
	}
	for _, p := range people {
		if p.Address == from {
			return desk.Thread{Ticket: id, Rung: rung, Why: why + ", from a participant"}, nil
		}
	}
	return desk.Thread{Claims: id, Why: why + ", but the sender is no participant"}, nil
}

// recipients returns every address the mail was sent to, envelope evidence first.
func recipients(in *desk.Inbound) []string {
	out := slices.Clone(in.Delivered)
	for _, list := range [][]desk.Address{in.To, in.Cc} {
		for _, a := range list {
			out = append(out, a.Address)
		}
	}
	return out
}

// referenced returns the ids that the mail answers, nearest first.
func referenced(in *desk.Inbound) []string {
	ids := slices.Clone([]string(in.InReplyTo))
	for _, id := range slices.Backward(in.References) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), maxThreadIDs)]
}
