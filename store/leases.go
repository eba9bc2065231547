package store

import (
	"context"
	"fmt"
	"time"
)

// Lease takes or renews the named lease until now+ttl. ok is false while
// somebody else holds it. epoch rises with each change of holder.
func (s *Store) Lease(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (epoch int64, ok bool, err error) {
	var got []int64
	err = s.Update(ctx, func(tx *Tx) error {
		got, err = all(ctx, tx, single[int64], `INSERT INTO leases (name, holder, epoch, until) VALUES ($1, $2, 1, $3)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
				epoch = CASE WHEN leases.holder = excluded.holder THEN leases.epoch ELSE leases.epoch + 1 END
			WHERE leases.holder = excluded.holder OR leases.until IS NULL OR leases.until <= $4
			RETURNING epoch`, name, holder, micros(now.Add(ttl)), micros(now))
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("lease %s: %w", name, err)
	}
	return first(got), len(got) > 0, nil
}

// Release gives a lease back at once. It is no error when holder has lost it.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`UPDATE leases SET until = NULL WHERE name = $1 AND holder = $2`, name, holder)
		return err
	})
}
