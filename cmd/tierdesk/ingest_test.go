package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/testbed"
)

// benchConfig writes the configuration of a desk that reads from Dovecot.
func benchConfig(tb testing.TB, d *testbed.DovecotServer) *config {
	tb.Helper()
	dir := tb.TempDir()
	text := fmt.Sprintf(`
[desk]
name = "ACME Support"
address = "support@hd.test"
trusted_authserv_ids = ["mx.hd.test"]
[[mailbox]]
imap = "imap://support@%s"
password_file = "password"
plaintext_insecure = true
start = "all"
[smtp]
server = "smtp://127.0.0.1:9"
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
`, d.IMAP)
	if err := os.CopyFS(filepath.Join(dir, "kb"), os.DirFS("sample/kb")); err != nil {
		tb.Fatal(err)
	}
	for name, content := range map[string]string{"tierdesk.toml": text, "password": testbed.Password} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	c, err := loadConfig(filepath.Join(dir, "tierdesk.toml"))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// BenchmarkIngest takes 5,000 mails, 27 kB in the mean, from a local Dovecot to
// committed tickets with their answers queued.
func BenchmarkIngest(b *testing.B) {
	d := testbed.Dovecot(b)
	const mails = 5000
	var load [][]byte
	size := 0
	for n := range mails {
		m := loadMail(n, "support@hd.test", time.Now())
		load = append(load, m)
		size += len(m)
	}
	d.Append("support", load...)
	load = nil
	b.SetBytes(int64(size))
	b.ReportMetric(float64(size)/mails, "B/mail")
	for b.Loop() {
		b.StopTimer()
		c := benchConfig(b, d)
		c.Mailboxes[0].Processed = ptr("")
		ctx, cancel := context.WithCancel(context.Background())
		g, err := openGateway(ctx, c, gatewayOptions{Now: time.Now, Log: slog.New(slog.DiscardHandler), Hold: true})
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan error, 1)
		b.StartTimer()
		start := time.Now()
		go func() { done <- g.Run(ctx) }()
		waitSettled(b, g, mails)
		b.ReportMetric(mails/time.Since(start).Seconds(), "mails/s")
		b.StopTimer()
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func waitSettled(tb testing.TB, g *gateway, mails int64) {
	deadline := time.Now().Add(2 * time.Minute)
	for {
		counts, err := g.store.Counts(context.Background())
		if err != nil {
			tb.Fatal(err)
		}
		total := int64(0)
		for category, n := range counts.Mails {
			if category != desk.CategoryPending {
				total += n
			}
		}
		if total >= mails {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%d of %d mails settled", total, mails)
		}
		time.Sleep(200 * time.Millisecond)
	}
}
