package desk

import "context"

// maxMerges bounds how many merges are followed from one ticket to the next.
const maxMerges = 100

// GoingOn returns the ticket, or the one that goes on for it after merges. The error
// is ErrNotFound for an unknown id. Should merges ever form a circle, it returns a
// ticket of it.
func GoingOn(ctx context.Context, v Lookup, id TicketID) (Ticket, error) {
	t, err := v.Ticket(ctx, id)
	for n := 0; err == nil && t.MergedInto != 0 && n < maxMerges; n++ {
		t, err = v.Ticket(ctx, t.MergedInto)
	}
	return t, err
}
