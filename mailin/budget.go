package mailin

import (
	"context"

	"golang.org/x/sync/semaphore"
)

const (
	// fetchBytes bounds one batch of a mailbox, unless a single mail is larger.
	fetchBytes = 8 << 20
	// ownBytes is what a mailbox may always hold without asking the budget, so
	// that one that is stuck with much in hand delays no other.
	ownBytes = 1 << 20
	// DefaultBudget is enough for several mailboxes at full speed.
	DefaultBudget = 48 << 20
)

// Budget bounds the bytes of mail that all mailboxes together hold between
// fetching and keeping. A Budget is safe for concurrent use.
type Budget struct {
	bytes int64
	sem   *semaphore.Weighted
}

// NewBudget returns a budget of so many bytes. One mail larger than it is let
// through alone.
func NewBudget(bytes int64) *Budget {
	return &Budget{bytes: bytes, sem: semaphore.NewWeighted(bytes)}
}

// lease is a part of the budget in use.
type lease struct {
	budget *Budget
	bytes  int64
}

// try takes n bytes if they are free.
func (b *Budget) try(n int64) (lease, bool) {
	n = min(n, b.bytes)
	return lease{b, n}, b.sem.TryAcquire(n)
}

// wait takes n bytes as soon as they are free.
func (b *Budget) wait(ctx context.Context, n int64) (lease, error) {
	n = min(n, b.bytes)
	return lease{b, n}, b.sem.Acquire(ctx, n)
}

// end gives the bytes back.
func (l lease) end() {
	if l.bytes > 0 {
		l.budget.sem.Release(l.bytes)
	}
}
