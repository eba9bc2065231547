package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// collector reads the gateway's figures when they are asked for.
type collector struct{ g *gateway }

var (
	mailsDesc     = prometheus.NewDesc("tierdesk_mails", "Mails that came in, by what became of them.", []string{"category"}, nil)
	outgoingDesc  = prometheus.NewDesc("tierdesk_outgoing", "Outgoing mails by state.", []string{"state"}, nil)
	ticketsDesc   = prometheus.NewDesc("tierdesk_tickets", "Tickets by status.", []string{"status"}, nil)
	eventsDesc    = prometheus.NewDesc("tierdesk_events_total", "Events in the log.", nil, nil)
	oldestDesc    = prometheus.NewDesc("tierdesk_outgoing_oldest_seconds", "Age of the oldest mail that is still to go out.", nil, nil)
	connectedDesc = prometheus.NewDesc("tierdesk_mailbox_connected", "1 while connected.", []string{"mailbox"}, nil)
	successDesc   = prometheus.NewDesc("tierdesk_mailbox_last_success_seconds", "Unix time of the last successful look.", []string{"mailbox"}, nil)
)

// Describe names the figures.
func (c collector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect reads them.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, f := range c.g.fetchers {
		h := f.Health()
		up, last := 0.0, 0.0
		if h.Connected {
			up = 1
		}
		if !h.LastSuccess.IsZero() {
			last = float64(h.LastSuccess.Unix())
		}
		gauge(connectedDesc, up, h.Mailbox)
		gauge(successDesc, last, h.Mailbox)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	counts, err := c.g.store.Counts(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(mailsDesc, err)
		return
	}
	for k, n := range counts.Mails {
		gauge(mailsDesc, float64(n), string(k))
	}
	for k, n := range counts.Outgoing {
		gauge(outgoingDesc, float64(n), string(k))
	}
	for k, n := range counts.Tickets {
		gauge(ticketsDesc, float64(n), string(k))
	}
	age := 0.0
	if !counts.OldestQueued.IsZero() {
		age = time.Since(counts.OldestQueued).Seconds()
	}
	gauge(oldestDesc, age)
	ch <- prometheus.MustNewConstMetric(eventsDesc, prometheus.CounterValue, float64(counts.Events))
}

// serveMetrics serves /metrics on the configured loopback address until the
// context ends; without an address it does nothing.
func serveMetrics(ctx context.Context, g *gateway) error {
	address := g.config.Metrics.Listen
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{g}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	g.log.Info("metrics", "address", listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}
