package mailin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tierdesk/desk"
)

const (
	// batchSize bounds how many mails are decided in one transaction.
	batchSize = 256
	// batchBytes bounds how much raw mail is in memory at once.
	batchBytes = 16 << 20
	// inHand is how many mails are in hand at once: one handful, and the next.
	inHand = 2 * batchSize
	// maxAttempts is how often a mail is tried before it is quarantined.
	maxAttempts = 3
	// readBudget is how long understanding one mail may take.
	readBudget = 20 * time.Second
	// calm is how long a process must have run before it tries a mail again that an
	// earlier one ended with in hand. Most processes end of something else, often
	// several in a row, and the mail in hand is then innocent.
	calm = 10 * time.Second
	// idlePoll is how often the intake looks for work when nobody wakes it.
	idlePoll = 5 * time.Second
)

// Handler decides what a mail means, as net/http's Handler decides what a
// request means.
type Handler interface {
	// Diagnose fills what a mail tells of a failure. It needs no transaction.
	Diagnose(in *desk.Inbound)
	// Advise fills what takes time and needs no transaction: matched documents.
	// It is called only for a mail that belongs to no ticket yet.
	Advise(in *desk.Inbound, now time.Time)
	// Decide returns everything that happens because of the mail. It must be
	// pure: it may run more than once for one mail.
	Decide(ctx context.Context, v desk.View, in *desk.Inbound, now time.Time) (desk.Change, error)
}

// IntakeStore is what the intake needs of the store.
type IntakeStore interface {
	desk.Lookup
	Unsettled(ctx context.Context, after desk.RawID, limit int) ([]desk.Raw, error)
	RawBytes(ctx context.Context, id desk.RawID) ([]byte, error)
	CountAttempt(ctx context.Context, ids []desk.RawID) error
	// UncountAttempt takes back an attempt that said nothing about the mail.
	UncountAttempt(ctx context.Context, id desk.RawID) error
}

// Settle runs n decisions in one transaction, each under a savepoint of its own,
// and applies their Changes. It returns one error per decision, and the error of
// the transaction: when that is not nil, nothing of the batch came true.
type Settle func(ctx context.Context, n int, decide func(ctx context.Context, v desk.View, i int) (desk.Change, error)) ([]error, error)

// poisonError is a mail's own fault: reading it panicked or did not end.
type poisonError struct{ reason string }

func (e *poisonError) Error() string { return e.reason }

// Intake takes kept mails through reading, threading and decision. One Intake
// runs at a time.
type Intake struct {
	Store    IntakeStore
	Settle   Settle
	Threader Threader
	Auth     *Authenticator
	Handler  Handler
	// Delimiter is how the line begins above which our mail asks to reply.
	Delimiter string
	Log       *slog.Logger
	Now       func() time.Time
	// Settled is called after each committed batch; it must not block.
	Settled func()

	nudge   chan struct{}
	trouble *atomic.Pointer[error] // of the last pass
	// retried holds the mails that failed in this process and are tried alone.
	retried map[desk.RawID]bool
	// before is the newest mail of the batch that an earlier process may have
	// died of: the oldest ones that were unsettled at the start.
	before desk.RawID
}

// NewIntake returns an intake that is ready to run.
func NewIntake(in Intake) *Intake {
	in.nudge = make(chan struct{}, 1)
	in.retried = map[desk.RawID]bool{}
	in.trouble = new(atomic.Pointer[error])
	return &in
}

// Nudge tells the intake that mail was kept. It never blocks.
func (in *Intake) Nudge() {
	select {
	case in.nudge <- struct{}{}:
	default:
	}
}

// Run settles mails until the context ends. Mails that were read are still settled;
// one that is being read is left as it was.
func (in *Intake) Run(ctx context.Context) error {
	tick := time.NewTicker(idlePoll)
	defer tick.Stop()
	for started := in.Now(); ctx.Err() == nil; {
		_, err := in.settleAll(ctx, in.Now().Sub(started) >= calm)
		in.trouble.Store(&err)
		if err != nil && ctx.Err() == nil {
			in.Log.Error("intake stopped for now", "err", err)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-in.nudge:
		case <-tick.C:
		}
	}
	return nil
}

// Health returns why mail is not settled at present, or nil. It is safe for
// concurrent use.
func (in *Intake) Health() error {
	if err := in.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// Once settles everything that is unsettled and returns how many mails that was.
func (in *Intake) Once(ctx context.Context) (int, error) {
	total, err := in.settleAll(ctx, false)
	if err != nil {
		return total, err
	}
	n, err := in.settleAll(ctx, true)
	return total + n, err
}

// settleAll settles everything that is unsettled; those that an earlier process
// ended with in hand only when doubtful is set.
func (in *Intake) settleAll(ctx context.Context, doubtful bool) (int, error) {
	total := 0
	for ctx.Err() == nil {
		n, err := in.pass(ctx, doubtful)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
	return total, ctx.Err()
}

// pass settles what is unsettled once, in the order in which it was kept. While one
// handful is settled the next one is read, unless either is suspected. Reading ends
// with the context; what was read by then is settled.
//
// A mail that the store did not give out is left out, see blame.
func (in *Intake) pass(ctx context.Context, doubtful bool) (int, error) {
	work := context.WithoutCancel(ctx)
	total, understood := 0, 0
	var faulty []mail
	now, err := in.next(ctx, 0, doubtful)
	for err == nil && len(now.mails) > 0 && ctx.Err() == nil {
		if err := in.readAll(ctx, &now); err != nil {
			return total, err
		}
		ahead, err := in.next(work, now.mails[len(now.mails)-1].raw.ID, doubtful)
		if err != nil {
			return total, err
		}
		faulty = append(faulty, now.dropFaulty(in.retried)...)
		var reading errgroup.Group
		if !now.suspected && !ahead.suspected {
			reading.Go(func() error { return in.readAll(ctx, &ahead) })
		}
		if err := errors.Join(in.settle(work, now.mails), reading.Wait()); err != nil {
			return total, err
		}
		total += len(now.mails)
		understood += now.understood()
		now = ahead
	}
	if err != nil {
		return total, err
	}
	return total, in.blame(faulty, understood > 0)
}

// blame finds out whose fault it is that mails could not be read. When others of
// the same pass were, the fault is their own, and each is tried alone from now on.
// When none was it is the store's, which is the error, and no mail is blamed.
func (in *Intake) blame(faulty []mail, othersRead bool) error {
	if len(faulty) > 0 && !othersRead {
		return fmt.Errorf("none of %d mails can be read: %w", len(faulty), faulty[0].err)
	}
	for i := range faulty {
		in.logFailed(&faulty[i], faulty[i].err)
		in.retried[faulty[i].raw.ID] = true
	}
	return nil
}

// settle decides the mails of a handful that was read, and commits that.
func (in *Intake) settle(ctx context.Context, mails []mail) error {
	if len(mails) == 0 {
		return nil
	}
	now := in.Now()
	changes := make([]desk.Change, len(mails))
	errs, err := in.Settle(ctx, len(mails), func(ctx context.Context, v desk.View, i int) (desk.Change, error) {
		ch, err := in.decide(ctx, v, &mails[i], now)
		changes[i] = ch
		return ch, err
	})
	if err != nil {
		return fmt.Errorf("settle %d mails: %w", len(mails), err)
	}
	for i := range mails {
		if errs[i] != nil {
			err = errors.Join(err, in.failed(ctx, &mails[i], errs[i]))
			continue
		}
		in.logSettled(&mails[i], &changes[i])
	}
	if in.Settled != nil {
		in.Settled()
	}
	return err
}

// decide threads the mail again, now seeing what the batch decided before it,
// and asks the handler.
func (in *Intake) decide(ctx context.Context, v desk.View, m *mail, now time.Time) (ch desk.Change, err error) {
	if m.err != nil {
		if m.raw.Attempts < maxAttempts {
			return desk.Change{}, m.err
		}
		return quarantine(m.raw, m.err), nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while deciding: %v\n%s", p, debug.Stack())
		}
	}()
	if m.in.Thread, err = in.Threader.Thread(ctx, v, m.in); err != nil {
		return desk.Change{}, err
	}
	return in.Handler.Decide(ctx, v, m.in, now)
}

func quarantine(raw desk.Raw, err error) desk.Change {
	return desk.Change{Settles: &desk.Settlement{
		Raw: raw.ID, Category: desk.CategoryQuarantine, Reason: desk.OneLine(firstLine(err.Error())),
	}}
}

func firstLine(s string) string {
	for i := range len(s) {
		if s[i] == '\n' {
			return s[:i]
		}
	}
	return s
}

// failed notes that a mail could not be settled while others of its batch were. It
// is tried alone next time, and quarantined after its last attempt.
func (in *Intake) failed(ctx context.Context, m *mail, cause error) error {
	in.logFailed(m, cause)
	in.retried[m.raw.ID] = true
	if m.raw.Attempts < maxAttempts {
		return nil
	}
	errs, err := in.Settle(ctx, 1, func(context.Context, desk.View, int) (desk.Change, error) {
		return quarantine(m.raw, cause), nil
	})
	if err != nil {
		return err
	}
	return errs[0]
}

func (in *Intake) logFailed(m *mail, cause error) {
	in.Log.Error("mail not settled", "raw", m.raw.ID, "mailbox", m.raw.Mailbox, "uid", m.raw.UID, "attempt", m.raw.Attempts, "err", cause)
}

func (in *Intake) logSettled(m *mail, ch *desk.Change) {
	delete(in.retried, m.raw.ID)
	if ch.Settles == nil {
		return
	}
	in.Log.Info("mail settled", "raw", m.raw.ID, "mailbox", m.raw.Mailbox, "uid", m.raw.UID,
		"category", ch.Settles.Category, "ticket", ch.Settles.Ticket, "reason", ch.Settles.Reason)
}
