package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// stopLimit is how long a stop may take before the process ends all the same;
// what is unfinished then is finished after the next start.
const stopLimit = 10 * time.Second

type serveCmd struct {
	Once bool `help:"Fetch all mail, settle it, sweep the clocks, deliver what is due, and exit."`
	Hold bool `help:"Decide, and send nothing: outgoing mail stays queued."`
}

// heapGrowth and mailMemory set the garbage collector, unless GOGC or GOMEMLIMIT in
// the environment do. Mail is read and dropped again, so collecting half as often
// as usual saves a tenth of the processor's time while mail pours in; when mail takes
// more than mailMemory beside what stays, as a single large one may, it is collected
// more often.
const (
	heapGrowth = 200 // per cent
	mailMemory = 120 << 20
)

// tuneMemory is called when what stays in memory, the documents above all, is there.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		debug.SetMemoryLimit(int64(m.HeapAlloc) + mailMemory)
	}
}

// Run is the gateway. It ends on SIGTERM or SIGINT, and reads documents and
// templates again on SIGHUP.
func (c serveCmd) Run(ctx context.Context, cli *commands, std streams) (err error) {
	log := slog.New(slog.NewTextHandler(std.err, nil))
	cfg, err := loadConfig(cli.Config)
	if err != nil {
		return err
	}
	for _, w := range cfg.warnings() {
		log.Warn(w)
	}
	g, err := openGateway(ctx, cfg, gatewayOptions{Now: time.Now, Log: log, Hold: c.Hold})
	if ctx.Err() != nil && g == nil { // stopped before it began
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	tuneMemory()
	if c.Once {
		return g.Once(ctx)
	}
	log.Info("serving", "mailboxes", len(g.fetchers), "store", cfg.Store.DSN)
	group, ctx := errgroup.WithContext(ctx)
	stopped := make(chan struct{})
	defer close(stopped)
	// The signal ends ctx, and so does a room that fails.
	defer context.AfterFunc(ctx, func() {
		log.Info("stopping")
		select {
		case <-stopped:
		case <-time.After(stopLimit - time.Second):
			log.Error("not stopped in time; what is unfinished is finished after the next start")
			os.Exit(1)
		}
	})()
	group.Go(func() error { return g.Run(ctx) })
	group.Go(func() error { return reloadOnHangup(ctx, g) })
	group.Go(func() error { return serveMetrics(ctx, g) })
	group.Go(func() error { return keepStatus(ctx, g) })
	return group.Wait()
}

// reloadOnHangup reads documents and templates again on each SIGHUP.
func reloadOnHangup(ctx context.Context, g *gateway) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			if err := g.Reload(ctx); err != nil {
				g.log.Error("not everything was reloaded; the old stays in use", "err", err)
			}
		}
	}
}
