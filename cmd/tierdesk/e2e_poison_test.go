package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
	"tierdesk/store"
)

// The words in a subject that poison a mail.
const (
	panicsReading  = "panics-while-reading"
	panicsDeciding = "panics-while-deciding"
	killsProcess   = "kills-the-process"
)

// accident is the argument of a child that ends at the first mail it looks at,
// whatever that says.
const accident = "accident"

// poisoned is a Handler with bugs. It notes down every mail that struck one.
type poisoned struct {
	mailin.Handler
	notes    *os.File
	accident bool
}

func (p poisoned) strikes(in *desk.Inbound, word string) bool {
	hit := strings.Contains(in.Subject, word)
	if hit {
		fmt.Fprintln(p.notes, word)
	}
	return hit
}

// Advise panics or ends the process as a memory fault would.
func (p poisoned) Advise(in *desk.Inbound, now time.Time) {
	switch {
	case p.strikes(in, panicsReading):
		panic("poison")
	case p.strikes(in, killsProcess), p.accident:
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	p.Handler.Advise(in, now)
}

// Decide panics.
func (p poisoned) Decide(ctx context.Context, v desk.View, in *desk.Inbound, now time.Time) (desk.Change, error) {
	if p.strikes(in, panicsDeciding) {
		panic("poison")
	}
	return p.Handler.Decide(ctx, v, in, now)
}

// poisonChild is a gateway without servers and with a poisoned handler. It settles
// what an earlier one left, then keeps the mails in the folder "incoming" that are
// not kept yet, and settles them.
func poisonChild() {
	ctx := context.Background()
	err := func() (err error) {
		c, err := loadConfig(os.Getenv("TIERDESK_CONFIG"))
		if err != nil {
			return err
		}
		notes, err := os.OpenFile(c.path("notes"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		g, err := openGateway(ctx, c, gatewayOptions{Now: time.Now, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, g.Close()) }()
		g.intake.Handler = poisoned{g.intake.Handler, notes, slices.Contains(os.Args, accident)}
		if _, err := g.intake.Once(ctx); err != nil {
			return err
		}
		if err := keepFiles(ctx, g.store, c.path("incoming")); err != nil {
			return err
		}
		_, err = g.intake.Once(ctx)
		return err
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// keepFiles puts the mails of a folder into the spool, as a fetcher does.
func keepFiles(ctx context.Context, s *store.Store, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		return err
	}
	cur := desk.Cursor{Mailbox: "support", UIDValidity: 1, UID: uint32(len(files)), Started: time.Now()}
	var mails []desk.RawMail
	for i, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		mails = append(mails, desk.RawMail{Bytes: b, Raw: desk.Raw{
			Mailbox: cur.Mailbox, UIDValidity: cur.UIDValidity, UID: uint32(i + 1), Received: time.Now(), Content: filepath.Base(file),
		}})
	}
	_, err = s.Keep(ctx, mails, cur)
	return err
}

// TestPoison: a mail at which the program breaks is tried three times and put
// aside. The mails before and after it, some of them in one batch with it, become
// tickets.
func TestPoison(t *testing.T) {
	for name, test := range map[string]struct {
		poison []string
		kills  int
	}{
		"panic":       {[]string{panicsReading, panicsDeciding}, 0},
		"process end": {[]string{killsProcess}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "sqlite:data/tierdesk.db")
			s.configure()
			const healthy = 100
			s.incoming(healthy, test.poison...)
			for range test.kills {
				if status := s.settle(); status != -1 {
					t.Fatalf("exit status %d, expected the end by a signal", status)
				}
			}
			if status := s.settle(); status != 0 {
				t.Fatalf("exit status %d", status)
			}
			notes, err := os.ReadFile(filepath.Join(s.dir, "notes"))
			if err != nil {
				t.Fatal(err)
			}
			got := map[desk.Category]int{}
			for _, m := range list[mailJSON](s, "mail", "list") {
				got[m.Category]++
				_, word, bad := strings.Cut(m.Subject, ": ")
				if tries := strings.Count(string(notes), word); bad && (m.Category != desk.CategoryQuarantine || tries != 3) {
					t.Errorf("%q is %s (%s) after %d tries", m.Subject, m.Category, m.Reason, tries)
				}
			}
			if got[desk.CategoryTicket] != healthy || got[desk.CategoryQuarantine] != len(test.poison) {
				t.Errorf("mails by category: %v", got)
			}
			s.must("verify")
		})
	}
}

// TestNoMailIsBlamedForAccidents: processes that end soon, again and again, and not
// of the mail in hand, bring none into quarantine.
func TestNoMailIsBlamedForAccidents(t *testing.T) {
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.configure()
	const healthy = 20
	s.incoming(healthy)
	for range 6 {
		if status := s.settle(accident); status != -1 {
			t.Fatalf("exit status %d, expected the end by a signal", status)
		}
	}
	if status := s.settle(); status != 0 {
		t.Fatalf("exit status %d", status)
	}
	if n := len(list[mailJSON](s, "mail", "list", "--category", "ticket")); n != healthy {
		t.Errorf("%d of %d mails became tickets", n, healthy)
	}
}

// settle runs poisonChild and returns its exit status, -1 when a signal ended it.
func (s *site) settle(args ...string) int {
	s.t.Helper()
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	cmd := s.child("poison", args...)
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Run(); cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// incoming writes customers' mails, and in the middle of them the poisoned ones.
func (s *site) incoming(healthy int, poison ...string) {
	var subjects []string
	for i := range healthy {
		if i == healthy/2 {
			for _, word := range poison {
				subjects = append(subjects, "Poison: "+word)
			}
		}
		subjects = append(subjects, fmt.Sprintf("Question %d", i))
	}
	for i, subject := range subjects {
		who := person{name: "Customer", address: fmt.Sprintf("c%d@cust.test", i)}
		mail, _ := s.compose(who, draft{to: "support@hd.test", subject: subject, body: subject + "?"})
		s.write(fmt.Sprintf("incoming/%03d.eml", i), string(mail))
	}
}
