package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	leadName = "gateway"
	leadTTL  = 30 * time.Second
	leadWait = 5 * time.Second // between looks of one that stands by
)

// errLostLead says that another gateway works on the database.
var errLostLead = errors.New("another gateway works on this database")

// lead makes this gateway the one that works on the database, or says that another
// one is. The lock on the data folder keeps two apart on one machine; the lease does
// on two machines that share a PostgreSQL database.
func (g *gateway) lead(ctx context.Context) (bool, error) {
	_, ok, err := g.store.Lease(ctx, leadName, g.holder(), g.now(), leadTTL)
	return ok, err
}

// awaitLead stands by until this gateway leads or the context ends.
func (g *gateway) awaitLead(ctx context.Context) error {
	for told := false; ; {
		ok, err := g.lead(ctx)
		if err != nil || ok {
			return err
		}
		if !told {
			g.log.Warn("another gateway works on this database; standing by")
			told = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(leadWait):
		}
	}
}

// keepLead renews the lease until the context ends. It fails when the lease is lost,
// so that everything stops before the next holder starts.
func (g *gateway) keepLead(ctx context.Context) error {
	renewed := time.Now()
	tick := time.NewTicker(leadTTL / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		ok, err := g.lead(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil && !ok:
			return errLostLead
		case err == nil:
			renewed = time.Now()
		case time.Since(renewed) > leadTTL-leadTTL/3:
			return fmt.Errorf("the lease could not be renewed in time: %w", err)
		}
	}
}

// dropLead gives the lease back, so that another gateway need not wait.
func (g *gateway) dropLead() error {
	ctx, cancel := context.WithTimeout(context.Background(), leadWait)
	defer cancel()
	return g.store.Release(ctx, leadName, g.holder())
}
