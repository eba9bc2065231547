package mailin

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"tierdesk/desk"
)

// AuthservIDs returns the ids of the Authentication-Results fields that stand where
// those of our servers do, each once, for an operator who wants to know which to trust;
// Microsoft365 for fields of theirs.
func AuthservIDs(trace []desk.TraceField) []string {
	var ids []string
	inside := false
	for _, field := range trace {
		switch {
		case strings.EqualFold(field.Name, "Received"):
			inside = inside || insideMicrosoft(field.Value)
			if !insideMicrosoft(field.Value) && !localDelivery(field.Value) {
				return ids
			}
		case strings.EqualFold(field.Name, "Authentication-Results"):
			r, ok := parseAuthResults(field.Value)
			if ok && r.id == "" && inside {
				r.id = Microsoft365
			}
			if ok && r.id != "" && !slices.Contains(ids, r.id) {
				ids = append(ids, r.id)
			}
		}
	}
	return ids
}

// Signed is a DKIM signature of a mail.
type Signed struct {
	Domain string
	Err    error // why it is not valid, or nil
}

// Signatures verifies the DKIM signatures of a mail, up to a bound.
func (a *Authenticator) Signatures(ctx context.Context, raw []byte) ([]Signed, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupBudget)
	defer cancel()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: a.lookup(ctx), MaxVerifications: maxSignatures})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return nil, err
	}
	var signed []Signed
	for _, v := range found {
		signed = append(signed, Signed{v.Domain, v.Err})
	}
	return signed, nil
}
