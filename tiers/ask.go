package tiers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tierdesk/desk"
)

// reportTimeout bounds the work for one answer, so that a question that cannot be
// answered keeps nobody from the clocks.
const reportTimeout = time.Minute

// answerManager returns the mail that answers what a manager asked.
func (e *Engine) answerManager(ctx context.Context, asked *desk.Event) (desk.Change, error) {
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	now := e.Now()
	o := e.Composer.ToManager(desk.SendDigest, asked.Data.Recipient, "Re: "+asked.Data.Subject, fmt.Sprintf("event %d", asked.Seq))
	ask, err := desk.ReadAsk(asked.Data.Subject)
	switch {
	case err != nil:
		e.say(&o, err.Error()+". You can ask for:", desk.AskHelp)
	case ask.What == desk.AskTicket:
		err = e.showTicket(ctx, &o, ask.Ticket, now)
	default:
		err = e.showFigures(ctx, &o, ask, now)
	}
	if _, refused := errors.AsType[*desk.Refusal](err); err != nil && !refused {
		return desk.Change{}, err
	}
	o.Automatic, o.ListID = desk.AutoReplied, ""
	if o.InReplyTo = asked.Data.MessageID; o.InReplyTo != "" {
		o.References = []string{o.InReplyTo}
	}
	return desk.Change{Outgoing: []desk.Outgoing{o}}, nil
}

func (e *Engine) showFigures(ctx context.Context, o *desk.Outgoing, ask desk.Ask, now time.Time) error {
	q := Query{Name: "report", By: ask.By, Now: now}
	var err error
	if q.From, q.To, err = desk.ReadPeriod(ask.Period, now, e.Rules.Desk.Location); err != nil {
		return err
	}
	d, err := Figures(ctx, e.Store, e.InForce(), q)
	if err != nil {
		return err
	}
	bound(d)
	if ask.What == desk.AskReport {
		if o.Parts, err = picture(d, e.Rules.Desk.Domain()); err != nil {
			return err
		}
	}
	o.Letter.Digest = d
	return nil
}

// showTicket answers with where a ticket stands, and the account of its time.
func (e *Engine) showTicket(ctx context.Context, o *desk.Outgoing, id desk.TicketID, now time.Time) error {
	t, err := e.Store.Ticket(ctx, id)
	if errors.Is(err, desk.ErrNotFound) {
		e.say(o, fmt.Sprintf("There is no ticket %s.", desk.Number(id)), "")
		return nil
	}
	if err != nil {
		return err
	}
	log, err := e.Store.TicketEvents(ctx, id)
	if err != nil {
		return err
	}
	rules := e.InForce()
	w := writer{composer: e.Composer, rules: rules, ticket: t, log: log, account: rules.Account(log), now: now}
	o.Letter = w.composer.ToTechnician(&t, desk.SendNotice, o.To, "").Letter
	o.Letter.Because = fmt.Sprintf("Ticket %s is with %s.", desk.Number(id), tierName(rules, t.Tier))
	o.Letter.Clocks = w.clocks()
	o.Letter.Text = rules.Statement(log, func(desk.RawID) string { return "" }, now).String()
	return nil
}

// say makes a mail of a sentence and a text.
func (e *Engine) say(o *desk.Outgoing, because, text string) {
	o.Letter.Template = string(desk.SendNotice)
	o.Letter.Because, o.Letter.Text = because, text
}
