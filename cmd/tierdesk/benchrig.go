package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// rig is a desk for measuring: a folder of its own, one mailbox to read from and
// a sink for everything it sends.
type rig struct {
	config *config
	relay  *benchRelay
}

// rigConfig is a small desk with one tier of people, one policy and no moving of
// mail. It is filled in with the lines of the mailbox and the address of the sink.
const rigConfig = `
[desk]
name = "ACME Support"
address = "support@hd.test"
trusted_authserv_ids = ["mx.hd.test"]
[[mailbox]]
name = "support"
start = "all"
processed = ""
%s
[smtp]
server = "smtp://%s"
plaintext_insecure = true
[[tier]]
level = 2
list = "l2@hd.test"
ack = "30m"
hold = "4h"
[[technician]]
name = "Tess"
addresses = ["tess@hd.test"]
tiers = [2]
[[sla]]
name = "default"
p3 = { first_response = "4h", next_response = "8h", resolution = "3d" }
`

// newRig writes the desk's files into dir, beside those that the lines of the
// mailbox name, and starts the sink. Close stops it.
func newRig(dir, mailbox string, files map[string]string) (*rig, error) {
	documents, err := fs.Sub(companyDocuments, "sample/kb")
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(dir, "kb"), documents); err != nil {
		return nil, err
	}
	s, err := openBenchRelay()
	if err != nil {
		return nil, err
	}
	r := &rig{relay: s}
	err = os.WriteFile(filepath.Join(dir, "tierdesk.toml"), fmt.Appendf(nil, rigConfig, mailbox, s.address), 0o600)
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	if err == nil {
		r.config, err = loadConfig(filepath.Join(dir, "tierdesk.toml"))
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close stops the sink.
func (r *rig) Close() error { return r.relay.server.Close() }

// run lets the gateway run while work is done. It logs as in service, to nowhere.
func (r *rig) run(ctx context.Context, hold bool, work func(context.Context, *gateway) error) error {
	running, stop := context.WithCancel(ctx)
	defer stop()
	g, err := openGateway(ctx, r.config, gatewayOptions{
		Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Hold: hold,
	})
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- g.Run(running) }()
	err = work(ctx, g)
	stop()
	return errors.Join(err, <-done, g.Close())
}

// settled waits until the mails with the UIDs 1 to n are decided, and returns how
// long that took.
func settled(ctx context.Context, g *gateway, n int) (time.Duration, error) {
	start := time.Now()
	err := eventually(ctx, func() (bool, error) {
		cur, err := g.store.Cursor(ctx, "support")
		if err != nil || int(cur.UID) < n {
			return false, err
		}
		open, err := g.store.Unsettled(ctx, 0, 1)
		return len(open) == 0, err
	})
	return time.Since(start), err
}

// followed waits until the tiers have seen every event.
func followed(ctx context.Context, g *gateway) error {
	return eventually(ctx, func() (bool, error) {
		head, _, err := g.store.Head(ctx)
		if err != nil {
			return false, err
		}
		place, err := g.store.Followed(ctx, "tiers")
		return place == head, err
	})
}

// eventually waits until a condition is true, as long as the context lives.
func eventually(ctx context.Context, ok func() (bool, error)) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if done, err := ok(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// benchRelay is an SMTP server on loopback that accepts everything and keeps nothing.
type benchRelay struct {
	address string
	server  *smtp.Server

	mu       sync.Mutex
	accepted int
	expected map[string]chan struct{} // by recipient
}

func openBenchRelay() (*benchRelay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &benchRelay{address: listener.Addr().String(), expected: map[string]chan struct{}{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &benchDelivery{benchRelay: s}, nil }))
	s.server.Domain = "sink.test"
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	// Serve returns when Close closes the listener; there is nobody to tell.
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// expect returns a channel that is closed when the next mail to the address is
// accepted.
func (s *benchRelay) expect(to string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{})
	s.expected[to] = c
	return c
}

// total returns how many mails were accepted.
func (s *benchRelay) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

func (s *benchRelay) accept(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted++
	if c := s.expected[to]; c != nil {
		close(c)
		delete(s.expected, to)
	}
}

type benchDelivery struct {
	*benchRelay
	to string
}

// Mail takes any sender.
func (s *benchDelivery) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes any recipient.
func (s *benchDelivery) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }

// Data takes any mail.
func (s *benchDelivery) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	s.accept(s.to)
	return nil
}

// Reset has nothing to forget.
func (s *benchDelivery) Reset() {}

// Logout has nothing to do.
func (s *benchDelivery) Logout() error { return nil }
