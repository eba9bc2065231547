package mailin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// blackHole returns a session whose server greets, says what is given once it
// got a line, and then nothing any more.
func blackHole(t *testing.T, says string) *session {
	t.Helper()
	client, server := net.Pipe()
	go func() {
		fmt.Fprint(server, "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n")
		in := bufio.NewReader(server)
		in.ReadString('\n')
		fmt.Fprint(server, says)
		io.Copy(io.Discard, in)
	}()
	s := &session{raw: &meteredConn{Conn: client}, exists: make(chan struct{}, 1), caps: imap.CapSet{imap.CapIdle: {}}}
	s.raw.allowance.Store(chatter)
	s.client = imapclient.New(s.raw, nil)
	t.Cleanup(func() { server.Close() })
	return s
}

func TestSilentServerIsGivenUp(t *testing.T) {
	for name, exchange := range map[string]func(*testing.T, *session) error{
		"command": func(t *testing.T, s *session) error { return s.refresh(t.Context()) },
		"idle": func(t *testing.T, s *session) error {
			return s.idle(t.Context(), func() { t.Error("idles without being told to go ahead") })
		},
		"search": func(t *testing.T, s *session) error {
			_, err := s.above(t.Context(), 0)
			return err
		},
		"fetch": func(t *testing.T, s *session) error {
			_, err := s.bodies(t.Context(), imap.UIDSetNum(1), wholeMail, 1000)
			return err
		},
		"move": func(t *testing.T, s *session) error {
			_, err := s.move(t.Context(), []uint32{1}, "Processed")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := blackHole(t, "")
				begun := time.Now()
				if err := exchange(t, s); !errors.Is(err, errSilent) {
					t.Errorf("error is %v", err)
				}
				if took := time.Since(begun); took != cmdTimeout {
					t.Errorf("given up after %v", took)
				}
				s.abort()
			})
		})
	}
}

func TestStopDoesNotWaitForASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := blackHole(t, "+ idling\r\n")
		ctx, stop := context.WithCancel(t.Context())
		begun := time.Now()
		err := s.idle(ctx, stop)
		if err == nil {
			t.Error("no error")
		}
		s.close(ctx)
		if took := time.Since(begun); took > 2*logoutTimeout {
			t.Errorf("stopped after %v", took)
		}
	})
}

func TestRetriesSpreadAndSpareTheAccount(t *testing.T) {
	for _, test := range []struct {
		failures, logins int
		least            time.Duration
	}{
		{1, 0, time.Second}, {2, 0, 2 * time.Second}, {5, 0, 16 * time.Second}, {100, 0, 2 * time.Minute},
		{2, 2, 2 * time.Second}, {3, 3, 5 * time.Minute}, {50, 50, 5 * time.Minute},
	} {
		for range 100 {
			d := retryDelay(test.failures, test.logins)
			if d < test.least || d > test.least*5/4 {
				t.Fatalf("%+v: retry in %v", test, d)
			}
		}
	}
}
