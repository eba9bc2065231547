package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/store"
)

// alarmEvery is how often the mailboxes are looked at.
const alarmEvery = 30 * time.Second

// alarm tells the admin by mail when a mailbox cannot be read for long, once for each
// outage, and when it can be read again.
type alarm struct {
	composer  desk.Composer
	mailboxes func() []mailin.Health
	queue     func(context.Context, []desk.Outgoing) error
	now       func() time.Time
	log       *slog.Logger

	told map[string]time.Time // mailboxes that are known to be out, and since when
}

func (g *gateway) buildAlarm(composer desk.Composer) {
	g.alarm = &alarm{
		composer: composer, now: g.now, log: g.log, told: map[string]time.Time{},
		mailboxes: func() []mailin.Health {
			var list []mailin.Health
			for _, f := range g.fetchers {
				list = append(list, f.Health())
			}
			return list
		},
		queue: func(ctx context.Context, mails []desk.Outgoing) error {
			defer g.sender.Nudge()
			return g.store.Update(ctx, func(tx *store.Tx) error { return tx.Apply(ctx, desk.Change{Outgoing: mails}) })
		},
	}
}

// Run looks until the context ends. Without an admin there is nobody to tell.
func (a *alarm) Run(ctx context.Context) error {
	if a.composer.Desk.Admin == "" {
		return nil
	}
	tick := time.NewTicker(alarmEvery)
	defer tick.Stop()
	for started := a.now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := a.look(ctx, started); err != nil && ctx.Err() == nil {
			a.log.Error("admin not told", "err", err)
		}
	}
}

// look queues what there is to tell. What could not be queued is told next time.
func (a *alarm) look(ctx context.Context, started time.Time) error {
	for _, h := range a.mailboxes() {
		since, now := h.LastSuccess, a.now()
		if since.IsZero() {
			since = started
		}
		before, known := a.told[h.Mailbox]
		out := now.Sub(since) > mailboxStale
		switch {
		case out && !known:
			if err := a.queue(ctx, []desk.Outgoing{a.unread(&h, since)}); err != nil {
				return fmt.Errorf("tell of mailbox %s: %w", h.Mailbox, err)
			}
			a.told[h.Mailbox] = since
		case !out && known:
			if err := a.queue(ctx, []desk.Outgoing{a.readAgain(&h, before)}); err != nil {
				return fmt.Errorf("tell of mailbox %s: %w", h.Mailbox, err)
			}
			delete(a.told, h.Mailbox)
		}
	}
	return nil
}

func (a *alarm) unread(h *mailin.Health, since time.Time) desk.Outgoing {
	o := a.letter(fmt.Sprintf("mailbox %s is not read", h.Mailbox), fmt.Sprintf("mailbox %s out since %d", h.Mailbox, since.Unix()))
	o.Letter.Because = fmt.Sprintf("Mailbox %s was last read on %s.", h.Mailbox, a.clock(since))
	if h.LastError != "" {
		o.Letter.Because += " The last try: " + desk.OneLine(h.LastError)
	}
	o.Letter.Text = `Its mail waits on the server, and is taken in when the server can be read again. The gateway keeps trying; after three refused logins, once in five minutes. A new password or secret is read from its file at the next try.

"tierdesk check --online" tries all servers at once. Another mail tells when the mailbox is read again.`
	return o
}

func (a *alarm) readAgain(h *mailin.Health, since time.Time) desk.Outgoing {
	o := a.letter(fmt.Sprintf("mailbox %s is read again", h.Mailbox), fmt.Sprintf("mailbox %s back, out since %d", h.Mailbox, since.Unix()))
	o.Letter.Because = fmt.Sprintf("Mailbox %s is read again. It was not since %s.", h.Mailbox, a.clock(since))
	return o
}

func (a *alarm) letter(subject, cause string) desk.Outgoing {
	d := a.composer.Desk
	return a.composer.ToManager(desk.SendNotice, d.Admin, d.Name+": "+subject, cause)
}

func (a *alarm) clock(t time.Time) string {
	return t.In(a.composer.Desk.Location).Format("2 January, 15:04 MST")
}
