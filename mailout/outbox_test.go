package mailout

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
)

// clock is a clock that only the test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: created} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// desktop is a desk with a real outbox in a real database and a sender that
// delivers to a sink.
type desktop struct {
	t      testing.TB
	clock  *clock
	store  *store.Store
	path   string
	render *Renderer
	config Config
}

// newDesktop returns one whose relay is at the address, without TLS.
func newDesktop(t testing.TB, relay string) *desktop {
	t.Helper()
	d := &desktop{t: t, clock: newClock(), render: testRenderer(t), path: filepath.Join(t.TempDir(), "desk.db")}
	d.open()
	d.config = Config{
		Relay:    Relay{Address: relay, Security: PlaintextInsecure, Hello: "desk.hd.test"},
		Renderer: d.render, Outbox: d.store, Holder: "test",
		Now: d.clock.now, Rand: func() float64 { return 0.5 }, Log: slog.New(slog.DiscardHandler),
	}
	return d
}

// open opens the database, as a new process would.
func (d *desktop) open() {
	d.t.Helper()
	s, err := store.Open(context.Background(), store.Config{DSN: "sqlite:" + d.path, Now: d.clock.now})
	if err != nil {
		d.t.Fatal(err)
	}
	d.store = s
	d.config.Outbox = s
	d.t.Cleanup(func() { s.Close() })
}

func (d *desktop) sender() *Sender {
	d.t.Helper()
	s, err := New(d.config)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// queue commits mails to the outbox and returns their numbers.
func (d *desktop) queue(mails ...desk.Outgoing) {
	d.t.Helper()
	err := d.store.Update(context.Background(), func(tx *store.Tx) error {
		return tx.Apply(context.Background(), desk.Change{Outgoing: mails})
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// reply returns a technician's reply to a customer; tickets and recipients that
// differ do not wait for each other.
func (d *desktop) reply(ticket desk.TicketID, to string) desk.Outgoing {
	t := testTicket()
	t.ID, t.Requester.Address = ticket, to
	o := desk.Composer{Desk: d.render.Desk, Keys: d.render.Keys}.ToCustomer(t, desk.SendReply, "test")
	o.Letter.Text = "Hello, please try again."
	return o
}

// ack returns an automatic mail to a customer.
func (d *desktop) ack(ticket desk.TicketID, to string) desk.Outgoing {
	t := testTicket()
	t.ID, t.Requester.Address = ticket, to
	return desk.Composer{Desk: d.render.Desk, Keys: d.render.Keys}.ToCustomer(t, desk.SendAck, "test")
}

// item returns the stored state of a mail.
func (d *desktop) item(o desk.Outgoing) desk.OutItem {
	d.t.Helper()
	items, err := d.store.Outbox(context.Background(), store.OutboxFilter{})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, i := range items {
		if i.Outgoing.Key == o.Key {
			return i
		}
	}
	d.t.Fatalf("%s is not in the outbox", o.Key)
	return desk.OutItem{}
}

// expect fails the test unless the mail is in the state.
func (d *desktop) expect(o desk.Outgoing, state desk.Delivery) desk.OutItem {
	d.t.Helper()
	i := d.item(o)
	if i.State != state {
		d.t.Errorf("mail to %s is %s after %d attempts (%s), want %s", o.To.Address, i.State, i.Attempts, i.Reply, state)
	}
	return i
}

// rendered returns the bytes of a mail, which are always the same.
func (d *desktop) rendered(i desk.OutItem) []byte {
	d.t.Helper()
	b, err := d.render.Render(context.Background(), &i.Outgoing, i.Created)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *desktop) failures() []desk.Event {
	d.t.Helper()
	events, err := d.store.Events(context.Background(), 0, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	var failed []desk.Event
	for _, e := range events {
		if e.Type == desk.DeliveryFailed {
			failed = append(failed, e)
		}
	}
	return failed
}

func (d *desktop) once(s *Sender) error {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return s.Once(ctx)
}
