package main

import (
	"context"
	"time"

	"tierdesk/desk"
	"tierdesk/triage"
	"tierdesk/triage/precedent"
)

// recall is what the tiers are told beside the ticket: solved tickets and documents.
type recall struct {
	solved  *precedent.Memory
	library func() triage.Library
	now     func() time.Time
}

// Precedents returns solved tickets that resemble a question.
func (r recall) Precedents(ctx context.Context, q desk.Question) ([]desk.Precedent, error) {
	return r.solved.Find(ctx, q)
}

// Passages returns what the documents say about a question.
func (r recall) Passages(q desk.Question) []desk.Passage {
	return triage.Consult(r.library(), q, r.now())
}
