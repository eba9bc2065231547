package main

import (
	"context"
	"errors"
	"time"
)

const (
	leadName  = "gateway"
	leadTTL   = 30 * time.Second
	leadRenew = leadTTL / 3
	leadWait  = 5 * time.Second // between looks of one that stands by
)

// errLostLead says that this gateway may not work on the database now.
var errLostLead = errors.New("another gateway works on this database, or it does not answer")

// lead makes this gateway the one that works on the database, or says that another
// one is. The lock on the data folder keeps two apart on one machine; the lease does
// on two machines that share a PostgreSQL database.
func (g *gateway) lead(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leadRenew)
	defer cancel()
	_, ok, err := g.store.Lease(ctx, leadName, g.lock.holder, g.now(), leadTTL)
	return ok, err
}

// awaitLead stands by until this gateway leads, and returns false when the context
// ends first.
func (g *gateway) awaitLead(ctx context.Context) bool {
	for told := false; ; {
		ok, err := g.lead(ctx)
		switch {
		case ctx.Err() != nil:
			return false
		case ok:
			return true
		case !told:
			g.log.Warn("standing by", "err", errors.Join(errLostLead, err))
			told = true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(leadWait):
		}
	}
}

// keepLead renews the lease until the context ends. It fails when the lease is lost
// or could not be renewed for too long, so that everything stops before the next
// holder starts.
func (g *gateway) keepLead(ctx context.Context) error {
	renewed := time.Now()
	tick := time.NewTicker(leadRenew)
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
		case time.Since(renewed) >= leadTTL-leadRenew:
			return errors.Join(errLostLead, err)
		}
	}
}

// dropLead gives the lease back, so that another gateway need not wait.
func (g *gateway) dropLead() error {
	ctx, cancel := context.WithTimeout(context.Background(), leadWait)
	defer cancel()
	return g.store.Release(ctx, leadName, g.lock.holder)
}
