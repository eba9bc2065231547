package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"tierdesk/testbed"
)

// dovecotRig is a desk that reads from a Dovecot.
func dovecotRig(tb testing.TB, d *testbed.DovecotServer) *rig {
	tb.Helper()
	mailbox := fmt.Sprintf("imap = %q\npassword_file = \"password\"\nplaintext_insecure = true", "imap://support@"+d.IMAP)
	r, err := newRig(tb.TempDir(), mailbox, map[string]string{"password": testbed.Password})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { r.Close() })
	return r
}

func TestBenchMeasuresTheWholeWay(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"bench", "--mails", "200", "--json"}, streams{nil, &out, &errs}); code != 0 {
		t.Fatalf("status %d: %s", code, &errs)
	}
	lines := json.NewDecoder(&out)
	n := 0
	for ; lines.More(); n++ {
		var f figure
		if err := lines.Decode(&f); err != nil {
			t.Fatal(err)
		}
		if f.Value <= 0 || f.Name == "" || f.Unit == "" {
			t.Errorf("%+v is no figure", f)
		}
	}
	if n != 9 {
		t.Errorf("%d figures", n)
	}
}

// processorTime is what this process has used so far. It counts less of what
// else runs on the machine than the wall clock does.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIngest takes 5,000 mails, 27 kB in the mean, from a local Dovecot to
// committed tickets with their answers queued. The limits are measured with the
// same mails in the same run.
func BenchmarkIngest(b *testing.B) {
	const mails = 5000
	debug.SetGCPercent(heapGrowth) // as in service; the limit would be taken up by the load
	d := testbed.Dovecot(b)
	load := make([][]byte, mails)
	size := 0
	for n := range load {
		load[n] = loadMail(n, "support@hd.test", time.Now())
		size += len(load[n])
	}
	d.Append("support", load...)
	b.Run("limit=parse", func(b *testing.B) {
		perSecond(b, mails, func() (time.Duration, error) { return parseAlone(load), nil })
	})
	b.Run("limit=commit", func(b *testing.B) {
		perSecond(b, mails, func() (time.Duration, error) { return commitAlone(b.Context(), b.TempDir(), load) })
	})
	load = nil
	b.Run("limit=fetch", func(b *testing.B) {
		c := d.Login("support")
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			b.Fatal(err)
		}
		perSecond(b, mails, func() (time.Duration, error) { return fetchAlone(c, mails) })
	})
	b.Run("gateway", func(b *testing.B) {
		b.ReportAllocs()
		b.ReportMetric(float64(size)/mails, "B/mail")
		perSecond(b, mails, func() (took time.Duration, err error) {
			err = dovecotRig(b, d).run(b.Context(), true, func(ctx context.Context, g *gateway) error {
				took, err = settled(ctx, g, mails)
				return err
			})
			return took, err
		})
	})
}

// perSecond reports how many mails a second were done, and what they cost this
// process.
func perSecond(b *testing.B, mails int, work func() (time.Duration, error)) {
	b.Helper()
	var wall time.Duration
	before := processorTime(b)
	for b.Loop() {
		took, err := work()
		if err != nil {
			b.Fatal(err)
		}
		wall += took
	}
	total := float64(mails * b.N)
	b.ReportMetric(total/wall.Seconds(), "mails/s")
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/total, "cpu-µs/mail")
}

// BenchmarkAnswer is the time from a mail's arrival in the mailbox of a Dovecot to
// the acceptance of its answer. Dovecot gathers news before it tells them, so the
// time until another connection that idles is told stands beside.
func BenchmarkAnswer(b *testing.B) {
	d := testbed.Dovecot(b)
	d.Append("support")
	r := dovecotRig(b, d)
	news := idle(b, d)
	err := r.run(b.Context(), false, func(ctx context.Context, g *gateway) error {
		if err := eventually(ctx, func() (bool, error) { return !g.fetchers[0].Health().LastSuccess.IsZero(), nil }); err != nil {
			return err
		}
		var told, answered []time.Duration
		for n := 0; b.Loop(); n++ {
			accepted := r.relay.expect(loadSender(n))
			mail := loadMail(n, "support@hd.test", time.Now())
			start := time.Now()
			d.Append("support", mail)
			told = append(told, (<-news).Sub(start))
			<-accepted
			answered = append(answered, time.Since(start))
		}
		b.ReportMetric(median(told), "ms-until-told")
		b.ReportMetric(median(answered), "ms-until-answered")
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// idle returns a channel that gets the time of each news about the mailbox, as a
// connection of its own hears of it.
func idle(b *testing.B, d *testbed.DovecotServer) <-chan time.Time {
	b.Helper()
	news := make(chan time.Time, 16)
	c, err := imapclient.DialTLS(d.IMAPS, &imapclient.Options{
		TLSConfig: &tls.Config{RootCAs: d.CAs},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(m *imapclient.UnilateralDataMailbox) {
			if m.NumMessages != nil {
				news <- time.Now()
			}
		}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	if err := c.Login("support", testbed.Password).Wait(); err != nil {
		b.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		b.Fatal(err)
	}
	if _, err := c.Idle(); err != nil {
		b.Fatal(err)
	}
	return news
}

func median(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)/2].Microseconds()) / 1000
}
