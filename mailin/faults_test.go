package mailin_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailin"
)

func fakeConfig(t testing.TB, s *fakeServer, spool mailin.Spool) mailin.Config {
	return mailin.Config{
		Name: "support", Server: "imap://support@" + s.addr, PlaintextInsecure: true,
		Password:  func() (string, error) { return "secret", nil },
		Processed: "Processed", Failed: "Quarantine", Start: "all", Poll: 50 * time.Millisecond,
		Spool: spool, ContentKey: sum, Log: testLog(t), Now: time.Now,
	}
}

func TestCutConnectionKeepsNoHalfMail(t *testing.T) {
	for _, where := range []string{"in a literal", "after the literal", "before the tagged answer"} {
		t.Run(where, func(t *testing.T) {
			want := messages(1, 20)
			s := startFake(t, want...)
			var cut atomic.Int32
			s.script(func(c *fakeConn, tag, command string) bool {
				if !strings.Contains(command, "BODY.PEEK[]") || cut.Add(1) != 1 {
					return false
				}
				c.say("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)", len(want[0]), want[0])
				switch where {
				case "in a literal":
					fmt.Fprintf(c, "* 2 FETCH (UID 2 BODY[] {%d}\r\n%s", len(want[1]), want[1][:10])
				case "after the literal":
					fmt.Fprintf(c, "* 2 FETCH (UID 2 BODY[] {%d}\r\n%s", len(want[1]), want[1])
				}
				c.Close()
				return true
			})
			spool := newSpool()
			f := newFetcher(t, fakeConfig(t, s, spool))
			if err := f.Once(context.Background()); err == nil {
				t.Fatal("a cut connection is no error")
			}
			if n := len(spool.kept()); n != 0 {
				t.Fatalf("%d mails kept of an incomplete batch", n)
			}
			once(t, f)
			expectExactly(t, spool.kept(), want)
		})
	}
}

func TestOddAnswersLoseNoMail(t *testing.T) {
	want := messages(1, 5)
	for i := range want {
		want[i] = append(want[i], strings.Repeat("x", 5000)...)
	}
	tests := map[string]answer{
		"UID after the body": func(c *fakeConn, tag, command string) bool {
			if !strings.Contains(command, "BODY.PEEK[]") {
				return false
			}
			for i, m := range want {
				if strings.HasPrefix(command, "UID FETCH 1:5 ") || strings.HasPrefix(command, fmt.Sprintf("UID FETCH %d ", i+1)) ||
					strings.HasPrefix(command, fmt.Sprintf("FETCH %d ", i+1)) {
					c.say("* %d FETCH (BODY[] {%d}\r\n%s UID %d)", i+1, len(m), m, i+1)
				}
			}
			c.say("%s OK done", tag)
			return true
		},
		"change of flags first": func(c *fakeConn, tag, command string) bool {
			if strings.HasPrefix(command, "UID FETCH 1:5 ") {
				c.say("* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n* 4 FETCH (FLAGS (\\Seen))")
			}
			return false
		},
		"NIL for a body": func(c *fakeConn, tag, command string) bool {
			if !strings.HasPrefix(command, "UID FETCH 1:5 ") || !strings.Contains(command, "BODY.PEEK[]") {
				return false
			}
			c.say("* 2 FETCH (UID 2 BODY[] NIL)\r\n%s OK done", tag)
			return true
		},
		"NO after some mails": func(c *fakeConn, tag, command string) bool {
			if !strings.HasPrefix(command, "UID FETCH 1:5 ") || !strings.Contains(command, "BODY.PEEK[]") {
				return false
			}
			c.say("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n%s NO [EXPUNGEISSUED] some are gone", len(want[0]), want[0], tag)
			return true
		},
		"sizes too small": func(c *fakeConn, tag, command string) bool {
			if !strings.Contains(command, "RFC822.SIZE") {
				return false
			}
			for i := range want {
				c.say("* %d FETCH (UID %d RFC822.SIZE 1)", i+1, i+1)
			}
			c.say("%s OK done", tag)
			return true
		},
		"unasked expunge and exists": func(c *fakeConn, _, _ string) bool {
			c.say("* 99 EXPUNGE\r\n* 5 EXISTS\r\n* OK still here")
			return false
		},
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			s := startFake(t, want...)
			s.script(answer)
			spool := newSpool()
			once(t, newFetcher(t, fakeConfig(t, s, spool)))
			expectExactly(t, spool.kept(), want)
		})
	}
}

func TestKnownMailIsNotFetchedAgain(t *testing.T) {
	s := startFake(t, messages(1, 3)...)
	spool := newSpool()
	f := newFetcher(t, fakeConfig(t, s, spool))
	once(t, f)
	fetches := s.count("UID FETCH")
	once(t, f)
	if n := s.count("UID FETCH"); n != fetches { // "4:*" finds mail 3
		t.Errorf("commands were %q", s.commands)
	}
}

func TestMailThatVanishesIsSkipped(t *testing.T) {
	s := startFake(t, messages(1, 5)...)
	s.script(func(c *fakeConn, _, command string) bool {
		if strings.Contains(command, "BODY.PEEK[]") {
			s.mu.Lock()
			delete(s.mails, 3)
			s.mu.Unlock()
		}
		return false
	})
	spool := newSpool()
	f := newFetcher(t, fakeConfig(t, s, spool))
	once(t, f)
	expectExactly(t, spool.kept(), append(messages(1, 2), messages(4, 5)...))
	if cur := spool.cursor("support"); cur.UID != 5 {
		t.Errorf("cursor is %+v", cur)
	}
}

func TestMailThatTheServerNeverGivesOutStopsNobody(t *testing.T) {
	for name, answer := range map[string]answer{
		"refused": func(c *fakeConn, tag, command string) bool {
			if strings.HasPrefix(command, "UID FETCH 3 ") || strings.HasPrefix(command, "FETCH 3 ") {
				c.say("%s NO [SERVERBUG] cannot read it", tag)
				return true
			}
			return false
		},
		"crash": func(c *fakeConn, _, command string) bool {
			if strings.HasPrefix(command, "UID FETCH 3 (UID BODY") {
				c.Close()
				return true
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startFake(t, messages(1, 5)...)
			s.script(func(c *fakeConn, tag, command string) bool {
				if strings.HasPrefix(command, "UID FETCH 1:5 (UID BODY") {
					c.Close()
					return true
				}
				return answer(c, tag, command)
			})
			spool := newSpool()
			f := newFetcher(t, fakeConfig(t, s, spool))
			for range 12 {
				if f.Once(context.Background()) == nil {
					break
				}
			}
			mails := spool.kept()
			if len(mails) != 5 {
				t.Fatalf("%d mails kept, expected all 5", len(mails))
			}
			for i, m := range mails {
				if m.Incomplete != (i == 2) || (m.Content == "") != m.Incomplete {
					t.Errorf("uid %d incomplete: %v, content key %q", m.UID, m.Incomplete, m.Content)
				}
			}
		})
	}
}

// A line that breaks in every fetch says nothing about the mail.
func TestBadLineLeavesNoMailIncomplete(t *testing.T) {
	s := startFake(t, messages(1, 3)...)
	s.script(func(c *fakeConn, _, command string) bool {
		if strings.Contains(command, "BODY.PEEK") {
			c.Close()
			return true
		}
		return false
	})
	spool := newSpool()
	f := newFetcher(t, fakeConfig(t, s, spool))
	for range 15 {
		if f.Once(context.Background()) == nil {
			t.Fatal("a cut connection is no error")
		}
	}
	s.script(nil)
	once(t, f)
	expectExactly(t, spool.kept(), messages(1, 3))
	for _, m := range spool.kept() {
		if m.Incomplete {
			t.Errorf("mail %d is incomplete", m.UID)
		}
	}
}

func TestServerThatSendsTooMuchIsCutOff(t *testing.T) {
	endless := func(c *fakeConn) {
		chunk := strings.Repeat("x", 1<<20)
		for range 100 {
			if _, err := c.Write([]byte(chunk)); err != nil {
				return
			}
		}
		t.Error("the client took 100 MB")
	}
	for name, answer := range map[string]answer{
		"endless line": func(c *fakeConn, tag, command string) bool {
			if command == "NOOP" {
				fmt.Fprint(c, "* OK ")
				endless(c)
			}
			return false
		},
		"mail far larger than listed": func(c *fakeConn, tag, command string) bool {
			if strings.Contains(command, "BODY.PEEK") {
				fmt.Fprint(c, "* 1 FETCH (UID 1 BODY[] {2000000000}\r\n")
				endless(c)
			}
			return false
		},
		"literal of negative length": func(c *fakeConn, tag, command string) bool {
			if strings.Contains(command, "BODY.PEEK") {
				c.say("* 1 FETCH (UID 1 BODY[] {-5}\r\n)\r\n%s OK done", tag)
				return true
			}
			return false
		},
		"literal of more than 64 bits": func(c *fakeConn, tag, command string) bool {
			if strings.Contains(command, "BODY.PEEK") {
				c.say("* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n)\r\n%s OK done", tag)
				return true
			}
			return false
		},
		"endless ranges": func(c *fakeConn, tag, command string) bool {
			if strings.Contains(command, "SEARCH") {
				c.say("* ESEARCH (TAG \"%s\") UID ALL 1:4294967295\r\n%s OK done", tag, tag)
				return true
			}
			if strings.Contains(command, "FETCH") {
				c.Close()
				return true
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startFake(t, message(1))
			s.script(answer)
			if err := newFetcher(t, fakeConfig(t, s, newSpool())).Once(context.Background()); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestBrokenMailboxDelaysNoOther(t *testing.T) {
	silent := startFake(t)
	silent.set(func(s *fakeServer) { s.greeting = "" })
	working := startFake(t, messages(1, 3)...)
	budget := mailin.NewBudget(1 << 20)
	broken := fakeConfig(t, silent, newSpool())
	broken.Name, broken.Budget = "broken", budget
	spool := newSpool()
	cfg := fakeConfig(t, working, spool)
	cfg.Budget = budget
	stuck := newFetcher(t, broken)
	runFetcher(t, stuck)
	runFetcher(t, newFetcher(t, cfg))
	spool.waitKept(t, 3)
	working.add(message(4))
	spool.waitKept(t, 4)
	if h := stuck.Health(); h.Connected || !h.LastSuccess.IsZero() {
		t.Errorf("health of the broken mailbox is %+v", h)
	}
}

func TestExhaustedBudgetLeavesSmallBatches(t *testing.T) {
	large := []byte("Subject: x\r\n\r\n" + strings.Repeat("0123456789", 60_000))
	want := messages(1, 30)
	for i := range want {
		want[i] = append(want[i], large...)
	}
	hoarder := startFake(t, want...)
	silent := make(chan struct{})
	hoarder.script(func(c *fakeConn, _, command string) bool {
		if strings.Contains(command, "BODY.PEEK") {
			close(silent)
			c.in.ReadByte()
			return true
		}
		return false
	})
	working := startFake(t, want...)
	budget := mailin.NewBudget(8 << 20)
	cfg := fakeConfig(t, hoarder, newSpool())
	cfg.Budget = budget
	runFetcher(t, newFetcher(t, cfg))
	<-silent
	spool := newSpool()
	cfg = fakeConfig(t, working, spool)
	cfg.Budget = budget
	once(t, newFetcher(t, cfg))
	expectExactly(t, spool.kept(), want)
}

func TestMoveFallsBackToCopy(t *testing.T) {
	for _, test := range []struct {
		name, caps string
		answer     answer
		inbox      int // mails left
		moved      int // recorded as moved
		expunged   string
	}{
		{"with MOVE", "IMAP4rev1 UIDPLUS MOVE", nil, 0, 3, ""},
		{"with UIDPLUS", "IMAP4rev1 UIDPLUS", nil, 0, 3, "UID EXPUNGE 1:3"},
		{"without UIDPLUS nothing is expunged", "IMAP4rev1", nil, 3, 3, ""},
		{"copy refused", "IMAP4rev1 UIDPLUS", func(c *fakeConn, tag, command string) bool {
			if strings.HasPrefix(command, "UID COPY") {
				c.say("%s NO [OVERQUOTA] full", tag)
				return true
			}
			return false
		}, 3, 0, ""},
		{"move refused", "IMAP4rev1 UIDPLUS MOVE", func(c *fakeConn, tag, command string) bool {
			if strings.HasPrefix(command, "UID MOVE") {
				c.say("%s NO [NOPERM] no", tag)
				return true
			}
			return false
		}, 3, 0, ""},
		{"copied in part", "IMAP4rev1 UIDPLUS", func(c *fakeConn, tag, command string) bool {
			if strings.HasPrefix(command, "UID COPY") {
				c.say("%s OK [COPYUID 9 1 1] done", tag)
				return true
			}
			return false
		}, 2, 1, "UID EXPUNGE 1"},
		{"moved by a command whose answer was lost", "IMAP4rev1 UIDPLUS MOVE", func(c *fakeConn, tag, command string) bool {
			if strings.HasPrefix(command, "UID MOVE") {
				c.s.mu.Lock()
				clear(c.s.mails)
				c.s.mu.Unlock()
				c.say("%s NO nothing matches", tag)
				return true
			}
			return false
		}, 0, 3, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := startFake(t, messages(1, 3)...)
			s.set(func(s *fakeServer) { s.caps = test.caps })
			spool := newSpool()
			cfg := fakeConfig(t, s, spool)
			f := newFetcher(t, cfg)
			once(t, f)
			spool.settle()
			s.script(test.answer)
			err := f.Move(context.Background())
			if refused := test.moved < 3; refused != (err != nil) {
				t.Errorf("error is %v", err)
			}
			if s.left() != test.inbox {
				t.Errorf("%d mails left, expected %d", s.left(), test.inbox)
			}
			moved := 0
			for _, m := range spool.kept() {
				if m.Moved == "Processed" {
					moved++
				}
			}
			if moved != test.moved {
				t.Errorf("%d recorded as moved, expected %d", moved, test.moved)
			}
			if s.count("EXPUNGE") > 0 || (test.expunged != "") != (s.count("UID EXPUNGE") == 1) || s.count(test.expunged) == 0 {
				t.Errorf("commands were %q", s.commands)
			}
		})
	}
}

func TestRefusedMovesKeepTheMailboxRunning(t *testing.T) {
	s := startFake(t, message(1))
	s.script(func(c *fakeConn, tag, command string) bool {
		if strings.HasPrefix(command, "UID MOVE") {
			c.say("%s NO [NOPERM] no", tag)
			return true
		}
		return false
	})
	spool := newSpool()
	f := newFetcher(t, fakeConfig(t, s, spool))
	runFetcher(t, f)
	spool.waitKept(t, 1)
	spool.settle()
	f.Nudge()
	eventually(t, "refusal shown", func() bool { return strings.Contains(f.Health().Unmoved, "NOPERM") })
	s.add(message(2))
	spool.waitKept(t, 2)
	if n := s.count("UID MOVE"); n != 2 { // the folder might have been missing
		t.Errorf("%d moves tried at once", n)
	}
	if h := f.Health(); !h.Connected || h.LastError != "" {
		t.Errorf("health is %+v", h)
	}
}

func TestMailWhoseContentKeyPanicsIsKept(t *testing.T) {
	s := startFake(t, messages(1, 3)...)
	spool := newSpool()
	cfg := fakeConfig(t, s, spool)
	cfg.ContentKey = func(raw []byte) string {
		if strings.Contains(string(raw), "mail 2") {
			panic("odd mail")
		}
		return "key"
	}
	once(t, newFetcher(t, cfg))
	expectExactly(t, spool.kept(), messages(1, 3))
	if m := spool.kept()[1]; m.Content != m.SHA256 {
		t.Errorf("content key is %q", m.Content)
	}
}

func TestMailStaysWhereNoFolderIsConfigured(t *testing.T) {
	s := startFake(t, messages(1, 2)...)
	spool := newSpool()
	cfg := fakeConfig(t, s, spool)
	cfg.Processed, cfg.Failed = "", ""
	f := newFetcher(t, cfg)
	once(t, f)
	spool.settle(2)
	if err := f.Move(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, m := range spool.kept() {
		if m.Moved != "-" {
			t.Errorf("mail %d recorded as moved to %q", m.ID, m.Moved)
		}
	}
	if s.count("UID MOVE")+s.count("UID COPY") != 0 {
		t.Error("mail was moved")
	}
}

func TestConnectionLostIsMadeAgain(t *testing.T) {
	s := startFake(t, message(1))
	spool := newSpool()
	f := newFetcher(t, fakeConfig(t, s, spool))
	runFetcher(t, f)
	spool.waitKept(t, 1)
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.add(message(2))
	spool.waitKept(t, 2)
	if cur := spool.cursor("support"); cur != (desk.Cursor{Mailbox: "support", UIDValidity: 7, UID: 2, Started: cur.Started}) {
		t.Errorf("cursor is %+v", cur)
	}
}

func TestConfigurationProblemsAreReportedTogether(t *testing.T) {
	cfg := mailin.Config{Server: "pop3://x", Start: "yesterday", Processed: "INBOX", Poll: -1}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no name", "imaps://", "password", "yesterday", "itself", "negative"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	for _, server := range []string{"imaps://hd.test", "imap://user@", "http://user@hd.test", "imaps://user@hd.test:x"} {
		cfg := fakeConfig(t, &fakeServer{}, nil)
		cfg.Server, cfg.PlaintextInsecure = server, false
		if cfg.Validate() == nil {
			t.Errorf("server %q is accepted", server)
		}
	}
}
