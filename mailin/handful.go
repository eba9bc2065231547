package mailin

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
)

// handful is what is settled in one transaction.
type handful struct {
	mails []mail
	// suspected of having ended a process, or failed in this one; then it is one
	// mail, and its attempt is counted before it is read.
	suspected bool
	read      bool
}

// mail is one mail on its way through a batch.
type mail struct {
	raw desk.Raw
	in  *desk.Inbound
	err error // why it cannot be read; a *poisonError when that is surely its own fault
}

// faulty reports whether the mail failed in a way that may be the store's fault.
func (m *mail) faulty() bool {
	var poison *poisonError
	return m.err != nil && !errors.As(m.err, &poison)
}

// dropFaulty takes out the mails that may be innocent. One that failed before,
// while others did not, is not.
func (h *handful) dropFaulty(failedBefore map[desk.RawID]bool) (dropped []mail) {
	h.mails = slices.DeleteFunc(h.mails, func(m mail) bool {
		innocent := m.faulty() && !failedBefore[m.raw.ID]
		if innocent {
			dropped = append(dropped, m)
		}
		return innocent
	})
	return dropped
}

// understood counts the mails that were read.
func (h *handful) understood() int {
	n := 0
	for i := range h.mails {
		if h.mails[i].err == nil {
			n++
		}
	}
	return n
}

// next returns the next handful behind a mail. A mail that may have ended an earlier
// process, or failed in this one, comes alone, so that it cannot take others with
// it, into the end or into quarantine. One that was alone in hand already when a
// process ended is left out unless doubtful.
func (in *Intake) next(ctx context.Context, after desk.RawID, doubtful bool) (handful, error) {
	raws, err := in.Store.Unsettled(ctx, after, inHand)
	if err != nil {
		return handful{}, fmt.Errorf("unsettled mails: %w", err)
	}
	if in.before == 0 { // the first look of this process
		in.before = -1
		if len(raws) > 0 {
			in.before = raws[len(raws)-1].ID
		}
	}
	var h handful
	var size int64
	for _, raw := range raws {
		suspected := in.retried[raw.ID] || raw.ID <= in.before
		if suspected && raw.Attempts > 1 && !in.retried[raw.ID] && !doubtful {
			continue
		}
		if suspected && len(h.mails) == 0 {
			return handful{mails: []mail{{raw: raw}}, suspected: true}, nil
		}
		if suspected || len(h.mails) == batchSize || (len(h.mails) > 0 && size+raw.Size > batchBytes) {
			break
		}
		size += raw.Size
		h.mails = append(h.mails, mail{raw: raw})
	}
	return h, nil
}

// readAll understands the mails of a handful, several at a time, unless that was
// done. What a mail fails with is kept with it. The error is that of a context that
// ended meanwhile, or of a store that cannot count.
func (in *Intake) readAll(ctx context.Context, h *handful) error {
	if h.read {
		return nil
	}
	h.read = true
	work := context.WithoutCancel(ctx)
	if h.suspected {
		m := &h.mails[0]
		if err := in.Store.CountAttempt(work, []desk.RawID{m.raw.ID}); err != nil {
			return fmt.Errorf("count attempts: %w", err)
		}
		m.raw.Attempts++
	}
	var g errgroup.Group
	g.SetLimit(readers)
	for i := range h.mails {
		g.Go(func() error {
			m := &h.mails[i]
			m.in, m.err = in.readOne(ctx, m.raw)
			return ctx.Err() // without its time it may have been misread
		})
	}
	err := g.Wait()
	if h.suspected && (err != nil || h.mails[0].faulty() && !in.retried[h.mails[0].raw.ID]) {
		if err := in.Store.UncountAttempt(work, h.mails[0].raw.ID); err != nil {
			return fmt.Errorf("take back an attempt: %w", err)
		}
		h.mails[0].raw.Attempts--
	}
	return err
}

// readers is how many mails are understood at the same time.
const readers = 4

// readOne understands one mail within its time budget. A reader that hangs is
// left behind; the mail counts as failed, unless the context has ended.
func (in *Intake) readOne(ctx context.Context, raw desk.Raw) (*desk.Inbound, error) {
	if raw.Attempts > maxAttempts {
		return nil, &poisonError{fmt.Sprintf("not understood in %d attempts", maxAttempts)}
	}
	type result struct {
		in  *desk.Inbound
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: &poisonError{fmt.Sprintf("panic while reading: %v\n%s", p, debug.Stack())}}
			}
		}()
		inb, err := in.read(ctx, raw)
		done <- result{inb, err}
	}()
	budget := time.NewTimer(readBudget)
	defer budget.Stop()
	select {
	case r := <-done:
		return r.in, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-budget.C:
		return nil, &poisonError{fmt.Sprintf("not understood within %v", readBudget)}
	}
}

func (in *Intake) read(ctx context.Context, raw desk.Raw) (*desk.Inbound, error) {
	b, err := in.Store.RawBytes(ctx, raw.ID)
	if err != nil {
		return nil, fmt.Errorf("read mail %d: %w", raw.ID, err)
	}
	inb := parse.Mail(b, parse.Options{Delimiter: in.Delimiter, Received: raw.Received})
	inb.Raw, inb.Mailbox, inb.Received, inb.Content = raw.ID, raw.Mailbox, raw.Received, raw.Content
	inb.History, inb.Incomplete, inb.Size = raw.History, raw.Incomplete, raw.Size
	asciiDomains(inb)
	inb.Auth = in.Auth.Authenticate(ctx, b, inb)
	in.Auth.Restore(ctx, b, inb)
	NameAuthor(in.Threader.Desk, b, inb)
	thread, err := in.Threader.Thread(ctx, in.Store, inb)
	if err != nil {
		return nil, err
	}
	if tok := thread.Token; tok != nil && tok.Purpose == desk.ForTechnician {
		inb.HTML = parse.HTML(b)
	}
	if inb.Kind == desk.KindMessage && !inb.History {
		in.Handler.Diagnose(inb)
		if thread.Ticket == 0 {
			in.Handler.Advise(inb, in.Now())
		}
	}
	return inb, nil
}
