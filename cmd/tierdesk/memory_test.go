package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/testbed"
)

// BenchmarkMemory is the largest resident size of `tierdesk serve`, in a process
// of its own: with nothing to do, while it takes in a backlog of 10,000 mails, and
// while it takes in one mail of 25 MB.
func BenchmarkMemory(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "tierdesk")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		name  string
		mails int
		mail  func(n int) []byte
	}{
		{"idle", 0, nil},
		{"backlog=10000", 10_000, func(n int) []byte { return loadMail(n, "support@hd.test", time.Now()) }},
		{"one=25MB", 1, func(int) []byte { return largeMail(25_000_000) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				d := testbed.Dovecot(b)
				d.Append("support")
				for n := range c.mails {
					d.Append("support", c.mail(n))
				}
				b.ReportMetric(servePeak(b, binary, dovecotRig(b, d), c.mails), "MB-peak")
			}
		})
	}
}

// servePeak runs the gateway until so many mails are settled, and some seconds
// more, and returns its largest resident size.
func servePeak(b *testing.B, binary string, r *rig, mails int) float64 {
	b.Helper()
	cmd := exec.Command(binary, "serve", "--config", r.config.path("tierdesk.toml"))
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGTERM)
	s := openWhenThere(b, r)
	defer s.Close()
	deadline := time.Now().Add(10 * time.Minute)
	for settled := int64(-1); settled < int64(mails); {
		time.Sleep(time.Second) // the figure is a maximum, so the look may be late
		counts, err := s.Counts(b.Context())
		if err != nil || time.Now().After(deadline) {
			b.Fatalf("%d of %d mails settled, %v\n%s", settled, mails, err, &log)
		}
		settled = 0
		for category, n := range counts.Mails {
			if category != desk.CategoryPending {
				settled += n
			}
		}
	}
	time.Sleep(5 * time.Second)
	peak, err := peakMemory(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		b.Fatalf("%v\n%s", err, &log)
	}
	return peak
}

// openWhenThere opens the gateway's database once the gateway has made it.
func openWhenThere(b *testing.B, r *rig) *store.Store {
	b.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		if _, err := os.Stat(r.config.path("data/status.json")); err == nil || time.Now().After(deadline) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	s, err := r.config.openStore(b.Context(), time.Now, nil)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// largeMail is a mail with an attachment, so many bytes long.
func largeMail(size int) []byte {
	head := strings.ReplaceAll(`From: Ann <ann@customer.test>
To: ACME Support <support@hd.test>
Subject: The log you asked for
Message-ID: <large@customer.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

The log is attached.
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename=log.bin
Content-Transfer-Encoding: base64

`, "\n", "\r\n")
	line := []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("log"), 19)) + "\r\n")
	return slices.Concat([]byte(head), bytes.Repeat(line, size/len(line)), []byte("--b--\r\n"))
}
