package mailin_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"tierdesk/mailin"
	"tierdesk/testbed"
)

func dovecotConfig(t testing.TB, d *testbed.DovecotServer, spool mailin.Spool) mailin.Config {
	return mailin.Config{
		Name:   "support",
		Server: "imaps://support@" + d.IMAPS, TLS: &tls.Config{RootCAs: d.CAs},
		Password:  func() (string, error) { return testbed.Password, nil },
		Processed: "Processed", Failed: "Quarantine", Start: "all", Poll: time.Second,
		Spool: spool, ContentKey: sum, Log: testLog(t), Now: time.Now,
	}
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

func newFetcher(t testing.TB, cfg mailin.Config) *mailin.Fetcher {
	t.Helper()
	f, err := mailin.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func once(t testing.TB, f *mailin.Fetcher) {
	t.Helper()
	if err := f.Once(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestDovecotKeepsBytesAndMovesSettledMail(t *testing.T) {
	d := testbed.Dovecot(t)
	odd := []byte("Subject: \xff raw\r\n\r\n8-bit \xe9, tab\t, long " + strings.Repeat("x", 5000) + "\r\n.\r\n..\r\n")
	want := append(messages(1, 450), odd)
	d.Append("support", want...)
	spool := newSpool()
	f := newFetcher(t, dovecotConfig(t, d, spool))
	once(t, f)
	expectExactly(t, spool.kept(), want)
	for _, m := range spool.kept() {
		if m.SHA256 != sum(m.Bytes) || m.Content != sum(m.Bytes) || m.Size != int64(len(m.Bytes)) || m.History || m.Incomplete {
			t.Fatalf("wrong description: %+v", m.Raw)
		}
	}
	for _, m := range d.List("support", "INBOX") {
		for _, flag := range m.Flags {
			if flag == string(imap.FlagSeen) {
				t.Fatalf("uid %d is marked as seen", m.UID)
			}
		}
	}
	spool.settle(3)
	if err := f.Move(context.Background()); err != nil {
		t.Fatal(err)
	}
	for folder, n := range map[string]int{"INBOX": 0, "Processed": 450, "Quarantine": 1} {
		if got := len(d.List("support", folder)); got != n {
			t.Errorf("%d mails in %s, expected %d", got, folder, n)
		}
	}
	for _, m := range spool.kept() {
		if m.Moved == "" {
			t.Errorf("mail %d is not recorded as moved", m.ID)
		}
	}
	once(t, f)
	expectExactly(t, spool.kept(), want)
}

func TestDovecotTellsOfNewMailAtOnce(t *testing.T) {
	d := testbed.Dovecot(t)
	for _, scheme := range []string{"imaps", "imap"} {
		t.Run(scheme, func(t *testing.T) {
			spool := newSpool()
			cfg := dovecotConfig(t, d, spool)
			cfg.Name, cfg.Poll, cfg.Processed = scheme, 5*time.Minute, scheme
			if scheme == "imap" {
				cfg.Server = "imap://support@" + d.IMAP
			}
			f := newFetcher(t, cfg)
			runFetcher(t, f)
			eventually(t, "connected", func() bool { return !f.Health().LastSuccess.IsZero() })
			d.Append("support", message(1))
			spool.waitKept(t, 1)
			d.Append("support", message(2), message(3))
			spool.waitKept(t, 3)
			spool.settle()
			f.Nudge()
			eventually(t, "moved", func() bool { return len(d.List("support", scheme)) == 3 })
			if h := f.Health(); !h.Connected || h.LastError != "" {
				t.Errorf("health is %+v", h)
			}
		})
	}
}

func TestDovecotRefusesWrongPasswordAndUnknownCA(t *testing.T) {
	d := testbed.Dovecot(t)
	cfg := dovecotConfig(t, d, newSpool())
	cfg.Password = func() (string, error) { return "wrong", nil }
	if err := newFetcher(t, cfg).Once(context.Background()); err == nil || !strings.Contains(err.Error(), "login") {
		t.Errorf("wrong password: %v", err)
	}
	for _, server := range []string{"imaps://support@" + d.IMAPS, "imap://support@" + d.IMAP} {
		cfg = dovecotConfig(t, d, newSpool())
		cfg.Server, cfg.TLS = server, nil
		cfg.Password = func() (string, error) { t.Error("asked for the password"); return "", nil }
		if err := newFetcher(t, cfg).Once(context.Background()); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("unknown CA at %s: %v", server, err)
		}
	}
}

func TestFirstConnection(t *testing.T) {
	d := testbed.Dovecot(t)
	d.Append("support", messages(1, 3)...)
	yesterday := time.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	tomorrow := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	for start, kept := range map[string]int{"now": 0, "": 0, "all": 3, yesterday: 3, tomorrow: 0} {
		t.Run("start="+start, func(t *testing.T) {
			spool := newSpool()
			cfg := dovecotConfig(t, d, spool)
			cfg.Start = start
			f := newFetcher(t, cfg)
			once(t, f)
			if n := len(spool.kept()); n != kept {
				t.Fatalf("%d mails kept, expected %d", n, kept)
			}
			if cur := spool.cursor("support"); cur.Started.IsZero() || cur.UIDValidity == 0 || cur.UID < 3 {
				t.Errorf("cursor is %+v", cur)
			}
			c := d.Login("support")
			defer c.Close()
			old := message(100 + kept)
			appended := c.Append("INBOX", int64(len(old)), &imap.AppendOptions{Time: time.Now().Add(-48 * time.Hour)})
			if _, err := appended.Write(old); err != nil {
				t.Fatal(err)
			}
			if err := appended.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := appended.Wait(); err != nil {
				t.Fatal(err)
			}
			once(t, f)
			mails := spool.kept()
			if n := len(mails); n != kept+1 {
				t.Fatalf("%d mails kept after a new one, expected %d", n, kept+1)
			}
			if !mails[kept].History || (kept > 0 && mails[0].History) {
				t.Error("history is what arrived before the first connection")
			}
			if _, err := c.Select("INBOX", nil).Wait(); err != nil {
				t.Fatal(err)
			}
			var last imap.UIDSet
			last.AddNum(imap.UID(mails[kept].UID))
			if _, err := c.Move(last, "Sent").Wait(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestUIDValidityChangeKeepsNothingTwice(t *testing.T) {
	d := testbed.Dovecot(t)
	spool := newSpool()
	f := newFetcher(t, dovecotConfig(t, d, spool))
	d.Append("support", messages(1, 5)...)
	once(t, f)
	before := spool.cursor("support").UIDValidity
	d.ChangeUIDValidity("support")
	d.Append("support", messages(6, 7)...)
	once(t, f)
	expectExactly(t, spool.kept(), messages(1, 7))
	if cur := spool.cursor("support"); cur.UIDValidity == before || cur.UID < 7 {
		t.Errorf("cursor is %+v", cur)
	}
	spool.settle()
	if err := f.Move(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(d.List("support", "Processed")); n != 7 {
		t.Errorf("%d mails moved, expected 7", n)
	}
}

func TestUIDValidityChangeLeavesHistoryAlone(t *testing.T) {
	d := testbed.Dovecot(t)
	d.Append("support", messages(1, 5)...)
	spool := newSpool()
	cfg := dovecotConfig(t, d, spool)
	cfg.Start = "now"
	cfg.Now = func() time.Time { return time.Now().Add(2 * time.Second) }
	f := newFetcher(t, cfg)
	once(t, f)
	d.ChangeUIDValidity("support")
	once(t, f)
	if n := len(spool.kept()); n != 0 {
		t.Errorf("%d old mails kept", n)
	}
}

func TestTooLargeMailKeepsItsHeader(t *testing.T) {
	d := testbed.Dovecot(t)
	spool := newSpool()
	cfg := dovecotConfig(t, d, spool)
	cfg.MaxSize = 1000
	large := []byte("Subject: large\r\n\r\n" + strings.Repeat("0123456789", 100))
	d.Append("support", message(1), large, message(2))
	once(t, newFetcher(t, cfg))
	mails := spool.kept()
	if len(mails) != 3 {
		t.Fatalf("%d mails kept", len(mails))
	}
	m := mails[1]
	if !m.Incomplete || m.Size != int64(len(large)) || string(m.Bytes) != "Subject: large\r\n\r\n" {
		t.Errorf("kept %+v with %q", m.Raw, m.Bytes)
	}
}

func TestMailMovedByAPersonCountsAsMoved(t *testing.T) {
	d := testbed.Dovecot(t)
	spool := newSpool()
	f := newFetcher(t, dovecotConfig(t, d, spool))
	d.Append("support", messages(1, 3)...)
	once(t, f)
	c := d.Login("support")
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Move(imap.UIDSetNum(2), "Sent").Wait(); err != nil {
		t.Fatal(err)
	}
	spool.settle()
	if err := f.Move(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(d.List("support", "Processed")); n != 2 {
		t.Errorf("%d mails moved, expected 2", n)
	}
	for _, m := range spool.kept() {
		if m.Moved != "Processed" {
			t.Errorf("uid %d recorded as moved to %q", m.UID, m.Moved)
		}
	}
}

func TestFailedKeepIsTriedAgain(t *testing.T) {
	d := testbed.Dovecot(t)
	spool := newSpool()
	fail := true
	spool.keeping = func() error {
		if fail && len(spool.kept()) >= 200 {
			fail = false
			return errDiskFull
		}
		return nil
	}
	f := newFetcher(t, dovecotConfig(t, d, spool))
	want := messages(1, 900)
	d.Append("support", want...)
	if err := f.Once(context.Background()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Fatalf("error is %v", err)
	}
	if cur := spool.cursor("support"); cur.UID != 200 {
		t.Errorf("cursor at %d after one batch", cur.UID)
	}
	once(t, f)
	expectExactly(t, spool.kept(), want)
}

// cuttingProxy forwards connections to addr and cuts each after a random number
// of bytes from the server.
func cuttingProxy(t testing.TB, addr string, least, most int64) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var forwarding sync.WaitGroup
	forwarding.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", addr)
			if err != nil {
				client.Close()
				continue
			}
			limit := least + random.Int64N(most-least)
			forwarding.Go(func() {
				io.Copy(server, client)
				server.Close()
			})
			forwarding.Go(func() {
				io.CopyN(client, server, limit)
				client.Close()
				server.Close()
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		forwarding.Wait()
	})
	return l.Addr().String()
}

func TestConnectionsCutAnywhereLoseAndDoubleNothing(t *testing.T) {
	d := testbed.Dovecot(t)
	want := messages(1, 200)
	d.Append("support", want...)
	spool := newSpool()
	cfg := dovecotConfig(t, d, spool)
	cfg.Server, cfg.PlaintextInsecure = "imap://support@"+cuttingProxy(t, d.IMAP, 2000, 30_000), true
	f := newFetcher(t, cfg)
	cuts := 0
	for ; f.Once(context.Background()) != nil; cuts++ {
		if cuts == 200 {
			t.Fatalf("%d mails after %d connections", len(spool.kept()), cuts)
		}
	}
	spool.settle()
	for ; f.Move(context.Background()) != nil; cuts++ {
		if cuts == 300 {
			t.Fatalf("not moved after %d connections", cuts)
		}
	}
	t.Logf("%d connections cut", cuts)
	expectExactly(t, spool.kept(), want)
	for _, m := range spool.kept() {
		if m.Incomplete {
			t.Errorf("uid %d is incomplete", m.UID)
		}
	}
	if n := len(d.List("support", "Processed")); n != len(want) {
		t.Errorf("%d mails in Processed, expected %d", n, len(want))
	}
}

func BenchmarkFetch(b *testing.B) {
	for _, size := range []int{2 << 10, 27 << 10} {
		b.Run(fmt.Sprintf("%dkB", size>>10), func(b *testing.B) {
			d := testbed.Dovecot(b)
			mails := messages(1, 5000)
			for i := range mails {
				mails[i] = append(mails[i], bytes.Repeat([]byte("0123456789abcdef0123456789abcdef\r\n"), size/34)...)
			}
			d.Append("support", mails...)
			b.ResetTimer()
			for b.Loop() {
				spool := newSpool()
				cfg := dovecotConfig(b, d, spool)
				cfg.Log = slog.New(slog.DiscardHandler)
				once(b, newFetcher(b, cfg))
				if n := len(spool.kept()); n != len(mails) {
					b.Fatalf("%d mails kept", n)
				}
			}
			b.ReportMetric(float64(len(mails)*b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}
