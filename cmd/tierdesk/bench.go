package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"tierdesk/desk"
)

type benchCmd struct {
	Mails int  `help:"Mails to take in and to answer." default:"2000"`
	JSON  bool `name:"json" help:"One JSON object a line."`
}

// figure is one measured number. Of says which figure bounds it, and Ratio how
// much of that it reaches.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Of    string  `json:"of,omitempty"`
	Ratio float64 `json:"ratio,omitempty"`
}

const (
	// benchLimit bounds a run in time.
	benchLimit = 10 * time.Minute
	// benchAnswers is how many mails are answered one by one for the latency.
	benchAnswers = 100
)

// Run takes mail the whole way on this machine, from an IMAP server in this
// process to an SMTP server in this process, and prints each figure beside its
// limit.
func (c benchCmd) Run(ctx context.Context, std streams) (err error) {
	if c.Mails < limitBatch {
		return fmt.Errorf("%w: --mails must be %d or more", errUsage, limitBatch)
	}
	debug.SetGCPercent(heapGrowth) // as in service; the limit would be taken up by the mail servers
	ctx, cancel := context.WithTimeout(ctx, benchLimit)
	defer cancel()
	dir, err := os.MkdirTemp("", "tierdesk-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{dir: dir, n: c.Mails, progress: func(string) {}}
	if isTerminal(std.err) {
		b.progress = func(step string) { fmt.Fprintln(std.err, "measuring:", step) }
	}
	if err := b.measure(ctx); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if c.JSON {
		return jsonLines(std.out, b.figures)
	}
	t := newTable(std.out, "FIGURE", "VALUE", "UNIT", "OF ITS LIMIT")
	for _, f := range b.figures {
		limit := ""
		if f.Of != "" {
			limit = fmt.Sprintf("%.0f %% of %s", 100*f.Ratio, f.Of)
		}
		t.row(f.Name, fmt.Sprintf("%.0f", f.Value), f.Unit, limit)
	}
	return t.w.Flush()
}

// bench is one run. The mail servers are those of the demo and a sink.
type bench struct {
	dir      string
	n        int
	progress func(step string)
	office   *postOffice
	rig      *rig
	figures  []figure
}

func (b *bench) measure(ctx context.Context) (err error) {
	const desk = "support@hd.test"
	if b.office, err = openPostOffice(time.Now, []string{desk}, nil); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.office.Close()) }()
	mailbox := fmt.Sprintf("imap = %q\npassword_file = \"password\"\nca_file = \"ca.pem\"", "imaps://support%40hd.test@"+b.office.imapAddr)
	b.rig, err = newRig(b.dir, mailbox, map[string]string{"ca.pem": string(b.office.caPEM), "password": officePassword})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.rig.Close()) }()
	if err := b.limits(ctx, desk); err != nil {
		return err
	}
	b.progress("ingest")
	if err := b.rig.run(ctx, true, b.ingest); err != nil {
		return err
	}
	b.progress("outbox and latency")
	if err := b.rig.run(ctx, false, b.outbox); err != nil {
		return err
	}
	peak, err := peakMemory("/proc/self/status")
	if err == nil {
		b.figures = append(b.figures, figure{Name: "peak memory, mail servers and their mail included", Value: peak, Unit: "MB"})
	}
	return nil
}

// limits fills the mailbox and measures each step by itself.
func (b *bench) limits(ctx context.Context, address string) error {
	b.progress("limits")
	mails := make([][]byte, b.n)
	for i := range mails {
		mails[i] = loadMail(i, address, time.Now())
		if err := b.arrive(mails[i]); err != nil {
			return err
		}
	}
	b.rate("parse alone", b.n, parseAlone(mails))
	took, err := commitAlone(ctx, b.dir, mails)
	if err != nil {
		return err
	}
	b.rate("group commit alone", b.n, took)
	c, err := imapclient.DialTLS(b.office.imapAddr, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: b.office.roots, MinVersion: tls.VersionTLS12}})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Login(address, officePassword).Wait(); err != nil {
		return err
	}
	if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return err
	}
	if took, err = fetchAlone(c, b.n); err != nil {
		return err
	}
	b.rate("IMAP fetch alone", b.n, took)
	if took, err = sendAlone(b.rig.relay.address, b.n); err != nil {
		return err
	}
	b.rate("SMTP alone", b.n, took)
	return nil
}

// arrive puts a mail into the desk's mailbox.
func (b *bench) arrive(mail []byte) error {
	_, err := b.office.users["support@hd.test"].Append("INBOX", literal{bytes.NewReader(mail)}, &imap.AppendOptions{})
	return err
}

// rate adds a figure of n things done in a time, beside the slowest of its limits.
func (b *bench) rate(name string, n int, took time.Duration, limits ...string) {
	f := figure{Name: name, Value: float64(n) / took.Seconds(), Unit: "mails/s"}
	for _, l := range b.figures {
		if ratio := f.Value / l.Value; slices.Contains(limits, l.Name) && ratio > f.Ratio {
			f.Of, f.Ratio = l.Name, ratio
		}
	}
	b.figures = append(b.figures, f)
}

// ingest measures from the running gateway to the last committed ticket, its
// answer queued.
func (b *bench) ingest(ctx context.Context, g *gateway) error {
	took, err := settled(ctx, g, b.n)
	if err != nil {
		return err
	}
	b.rate("ingest to committed tickets", b.n, took, "parse alone", "group commit alone", "IMAP fetch alone")
	return followed(ctx, g)
}

// outbox measures how fast the queued mail goes out, and then how soon after its
// arrival a mail is answered.
func (b *bench) outbox(ctx context.Context, g *gateway) error {
	before, start := b.rig.relay.total(), time.Now()
	counts, err := g.store.Counts(ctx)
	if err != nil {
		return err
	}
	waiting := int(counts.Outgoing[desk.Queued])
	if err := eventually(ctx, func() (bool, error) { return b.rig.relay.total() >= before+waiting, nil }); err != nil {
		return err
	}
	b.rate("outbox to SMTP", waiting, time.Since(start), "SMTP alone")
	return b.answers(ctx)
}

// answers measures the time from a mail's arrival in the mailbox to the acceptance
// of its answer.
func (b *bench) answers(ctx context.Context) error {
	var took []time.Duration
	for i := range benchAnswers {
		mail := loadMail(b.n+i, "support@hd.test", time.Now())
		accepted := b.rig.relay.expect(loadSender(b.n + i))
		start := time.Now()
		if err := b.arrive(mail); err != nil {
			return err
		}
		select {
		case <-accepted:
			took = append(took, time.Since(start))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	b.latency("answer after arrival", took)
	return nil
}

// latency adds the median and the 95th percentile.
func (b *bench) latency(name string, took []time.Duration) {
	slices.Sort(took)
	for _, p := range []struct {
		name string
		at   int
	}{{"median", 50}, {"95th percentile", 95}} {
		d := took[len(took)*p.at/100]
		b.figures = append(b.figures, figure{Name: name + ", " + p.name, Value: float64(d.Microseconds()) / 1000, Unit: "ms"})
	}
}

// peakMemory returns the largest resident size that a process had, in megabytes of
// 1024² bytes, from its status file of Linux.
func peakMemory(status string) (float64, error) {
	text, err := os.ReadFile(status)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kib float64
			_, err := fmt.Sscan(rest, &kib)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("%s names no VmHWM", status)
}
