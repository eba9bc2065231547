package store

import (
	"context"
	"fmt"

	"tierdesk/desk"
)

// RulesVersions returns every version of the rules that was in force, the oldest
// first.
func (q reader) RulesVersions(ctx context.Context) ([]desk.RulesVersion, error) {
	list, err := all(ctx, q.db, func(r row) (desk.RulesVersion, error) {
		var v desk.RulesVersion
		err := r.Scan(instant{&v.Since}, &v.Hash, &v.Body)
		return v, err
	}, `SELECT since, hash, body FROM rules ORDER BY since`)
	if err != nil {
		return nil, fmt.Errorf("versions of the rules: %w", err)
	}
	return list, nil
}

// setRules adds a version. Two of the same instant conflict.
func (tx *Tx) setRules(v *desk.RulesVersion) error {
	return tx.must(`INSERT INTO rules (since, hash, body) VALUES ($1, $2, $3) ON CONFLICT (since) DO NOTHING`,
		micros(v.Since), v.Hash, v.Body)
}
