// Package mailout takes due mail from the outbox, renders it, hands it to the
// SMTP relay and records what became of it.
//
// A mail is sent once, or again with the same Message-ID and the same bytes: it
// is frozen before its first attempt, and the journal says when its final dot may
// have been sent. Who gets mail and what it says is decided elsewhere; this
// package changes no ticket, it only reports failed deliveries as events.
package mailout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"tierdesk/desk"
)

const (
	// lease is how long a claimed mail is ours. A mail that waited so long that its
	// delivery could outlast the lease is left for the next claim.
	lease         = time.Hour
	deliveryLimit = 30 * time.Minute // of one attempt with all its timeouts

	unknownAfter = 10 * time.Minute // until a mail of unknown outcome is sent again
	defaultGrace = 8 * time.Second
	recordLimit  = 10 * time.Second

	idlePoll  = 30 * time.Second // longest wait between two looks at the outbox
	busyPoll  = time.Second      // shortest, when mail is due that cannot be claimed yet
	faultWait = 5 * time.Second  // after an error of the outbox
	perWorker = 4                // claimed mails per connection
)

// Outbox is the stored queue of outgoing mail. Each method returns when its
// effect is durable.
type Outbox interface {
	ClaimDue(ctx context.Context, holder string, now time.Time, lease time.Duration, limit int) ([]desk.OutItem, error)
	// Rendered returns the bytes that an earlier attempt froze, or nil.
	Rendered(ctx context.Context, id int64) ([]byte, error)
	Freeze(ctx context.Context, id int64, rendered []byte) error
	OpenDot(ctx context.Context, ids []int64) error
	Record(ctx context.Context, a desk.Attempt) error
	Reclaim(ctx context.Context, holder string, now time.Time, unknownAfter time.Duration) (int, error)
	NextOutgoing(ctx context.Context) (time.Time, error)
}

// Config is what a Sender is made of.
type Config struct {
	Relay    Relay
	Renderer *Renderer
	Outbox   Outbox
	Holder   string // names this process among those that share an outbox; the same after a restart

	Connections int           // to the relay at once; 0 means 4
	Rates       []Rate        // all of them hold; none is no limit
	Hold        bool          // keep the outbox closed
	Grace       time.Duration // for deliveries in hand when told to stop; 0 means 8 s

	Now  func() time.Time
	Rand func() float64 // in [0,1), safe for concurrent use; nil: math/rand
	Log  *slog.Logger
}

// Sender delivers the mail of one outbox to one relay. One of Run and Once may
// run at a time.
type Sender struct {
	Config
	wake    chan struct{}
	pace    pace
	windows windows

	certificateEnds atomic.Pointer[time.Time]
}

// New checks the configuration and returns a Sender that has not started.
func New(c Config) (*Sender, error) {
	if c.Connections == 0 {
		c.Connections = 4
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	var problems []error
	if c.Connections < 0 {
		problems = append(problems, fmt.Errorf("smtp: %d connections", c.Connections))
	}
	problems = append(problems, c.Relay.Validate())
	var limits windows
	for _, r := range c.Rates {
		problems = append(problems, r.Validate())
		limits = append(limits, window{rate: r})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return &Sender{Config: c, wake: make(chan struct{}, 1), windows: limits}, nil
}

// Nudge says that mail may be due. It never blocks.
func (s *Sender) Nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // a nudge is waiting already
	}
}

// Health returns why the relay takes no mail at present, or nil.
func (s *Sender) Health() error { return s.pace.trouble() }

// CertificateEnds returns when the relay's certificate of the newest connection does;
// zero before the first, and without TLS.
func (s *Sender) CertificateEnds() time.Time {
	if end := s.certificateEnds.Load(); end != nil {
		return *end
	}
	return time.Time{}
}

// Run delivers mail as it becomes due until ctx ends. Then it finishes the
// deliveries in hand within the grace period, and returns nil.
func (s *Sender) Run(ctx context.Context) error {
	if s.Hold {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		err := s.work(ctx, false)
		if err == nil || ctx.Err() != nil {
			break
		}
		s.Log.Error("outbox", "err", err)
		pause(ctx, faultWait)
	}
	return nil
}

// Once delivers all that is due and returns. The error says that the relay could
// not be reached, or that the outbox failed; what was not sent stays queued.
func (s *Sender) Once(ctx context.Context) error {
	if s.Hold {
		return nil
	}
	return s.work(ctx, true)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// work starts the workers, gives them mail until there is no more (once) or ctx
// ends, and waits until each has recorded its last result.
func (s *Sender) work(ctx context.Context, once bool) error {
	if _, err := s.Outbox.Reclaim(ctx, s.Holder, s.Now(), unknownAfter); err != nil {
		return fmt.Errorf("reclaim: %w", err)
	}
	inHand, release := s.withGrace(ctx)
	defer release()
	d := dispatcher{
		Sender: s, once: once,
		items: make(chan claim, s.Connections*perWorker),
		done:  make(chan struct{}, s.Connections*perWorker),
	}
	var workers sync.WaitGroup
	for range s.Connections {
		w := worker{Sender: s, stop: ctx.Done(), items: d.items, done: d.done}
		workers.Go(func() { w.run(inHand) })
	}
	err := d.run(ctx)
	close(d.items)
	workers.Wait()
	return err
}

// withGrace returns a context that ends a grace period after ctx.
func (s *Sender) withGrace(ctx context.Context) (context.Context, func()) {
	inHand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		pause(inHand, s.Grace)
		cancel()
	})
	return inHand, func() {
		stop()
		cancel()
	}
}
