// Package precedent finds solved tickets that resemble a new one, with the reply that
// solved each.
//
// It remembers the words of the newest solved tickets, and keeps up with the event
// log by itself. What it finds depends on the stored tickets alone. Who is shown a
// precedent, and how, is decided by others.
package precedent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// Limits of what is remembered and found.
const (
	maxRemembered = 2000 // tickets
	maxTerms      = 150  // of one ticket
	maxFound      = 3
	maxCompared   = 30  // tickets with the most in common, which are looked at closely
	maxReply      = 600 // bytes of a reply
	maxNamed      = 6   // words that say in what two tickets are alike
)

const (
	// leastAlike is the cosine of two tickets' words above which they are alike.
	leastAlike = 0.3
	// leastShared is how many words they must share.
	leastShared = 3
)

// Store is what a Memory reads.
type Store interface {
	Head(ctx context.Context) (seq int64, hash string, err error)
	// SolvedTickets returns the newest tickets that are solved or closed.
	SolvedTickets(ctx context.Context, limit int) ([]desk.Ticket, error)
	EventsOf(ctx context.Context, after int64, types ...desk.EventType) ([]desk.Event, error)
	TicketEvents(ctx context.Context, id desk.TicketID) ([]desk.Event, error)
	Ticket(ctx context.Context, id desk.TicketID) (desk.Ticket, error)
	Messages(ctx context.Context, id desk.TicketID) ([]desk.Message, error)
}

// Memory is what is known of solved tickets. It is safe for concurrent use.
type Memory struct {
	store Store

	mu      sync.Mutex
	place   int64 // in the event log, up to which the cases are right
	loaded  bool
	cases   map[desk.TicketID]*solved
	holders map[string][]desk.TicketID // stem → cases that have it
}

// solved is one solved ticket.
type solved struct {
	terms       []string // stems, sorted
	fingerprint string
}

// New returns a memory that reads the store when it is first asked.
func New(store Store) *Memory {
	return &Memory{store: store, cases: map[desk.TicketID]*solved{}, holders: map[string][]desk.TicketID{}}
}

// Find returns the solved tickets that resemble a question the most, those of the
// same failure first. Tickets that were solved without a word are left out.
func (m *Memory) Find(ctx context.Context, q desk.Question) ([]desk.Precedent, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.keepUp(ctx); err != nil {
		return nil, fmt.Errorf("remember solved tickets: %w", err)
	}
	var found []desk.Precedent
	for _, l := range m.alike(q) {
		p, err := m.precedent(ctx, l)
		switch {
		case errors.Is(err, desk.ErrNotFound): // erased meanwhile
		case err != nil:
			return nil, fmt.Errorf("read solved ticket %d: %w", l.id, err)
		case p.Reply != "":
			found = append(found, p)
		}
		if len(found) == maxFound {
			break
		}
	}
	return found, nil
}

// keepUp takes in what was solved, or opened again, since the last time.
func (m *Memory) keepUp(ctx context.Context) error {
	if !m.loaded {
		return m.load(ctx)
	}
	events, err := m.store.EventsOf(ctx, m.place, desk.TicketSolved, desk.TicketClosed, desk.TicketReopened)
	if err != nil {
		return err
	}
	for i := range events {
		t, err := m.store.Ticket(ctx, events[i].Ticket)
		switch {
		case errors.Is(err, desk.ErrNotFound):
			m.forget(events[i].Ticket)
		case err != nil:
			return err
		default:
			if err := m.take(ctx, &t); err != nil {
				return err
			}
		}
		m.place = events[i].Seq
	}
	m.forgetOldest()
	return nil
}

func (m *Memory) load(ctx context.Context) error {
	head, _, err := m.store.Head(ctx)
	if err != nil {
		return err
	}
	tickets, err := m.store.SolvedTickets(ctx, maxRemembered)
	if err != nil {
		return err
	}
	for i := range tickets {
		if err := m.take(ctx, &tickets[i]); err != nil {
			return err
		}
	}
	m.place, m.loaded = head, true
	return nil
}

// take remembers a ticket if it is solved, and else forgets it.
func (m *Memory) take(ctx context.Context, t *desk.Ticket) error {
	m.forget(t.ID)
	if t.Status != desk.StatusSolved && t.Status != desk.StatusClosed {
		return nil
	}
	messages, err := m.store.Messages(ctx, t.ID)
	if err != nil {
		return err
	}
	log, err := m.store.TicketEvents(ctx, t.ID)
	if err != nil {
		return err
	}
	text := t.Subject
	if i := slices.IndexFunc(messages, func(m desk.Message) bool { return m.Kind == desk.FromCustomer }); i >= 0 {
		text += "\n" + kb.Said(messages[i].Text)
	}
	s := &solved{}
	s.terms, _ = terms(text)
	for i := range log {
		if d := log[i].Data.Diagnostics; d != nil && d.Fingerprint != "" && s.fingerprint == "" {
			s.fingerprint = d.Fingerprint
		}
	}
	m.cases[t.ID] = s
	for _, w := range s.terms {
		m.holders[w] = append(m.holders[w], t.ID)
	}
	return nil
}

func (m *Memory) forget(id desk.TicketID) {
	s := m.cases[id]
	if s == nil {
		return
	}
	delete(m.cases, id)
	for _, w := range s.terms {
		m.holders[w] = slices.DeleteFunc(m.holders[w], func(h desk.TicketID) bool { return h == id })
		if len(m.holders[w]) == 0 {
			delete(m.holders, w)
		}
	}
}

func (m *Memory) forgetOldest() {
	for len(m.cases) > maxRemembered {
		oldest := desk.TicketID(math.MaxInt64)
		for id := range m.cases {
			oldest = min(oldest, id)
		}
		m.forget(oldest)
	}
}

// terms returns the stems of the words of a text that say something, sorted, and the
// words by their stems.
func terms(text string) ([]string, map[string]string) {
	words := kb.Terms(text)
	stems := slices.Sorted(maps.Keys(words))
	return stems[:min(len(stems), maxTerms)], words
}

// likeness is a solved ticket that resembles a question.
type likeness struct {
	id    desk.TicketID
	score float64 // cosine; above 1 for the same failure
	why   string
}

// alike returns the cases that resemble a question, the most alike first, of equal
// ones the newest.
func (m *Memory) alike(q desk.Question) []likeness {
	asked, words := terms(q.Subject + "\n" + kb.Said(q.Text))
	var out []likeness
	for _, id := range m.candidates(asked) {
		score, shared := m.cosine(asked, m.cases[id].terms)
		if id == q.Ticket || score < leastAlike || len(shared) < leastShared {
			continue
		}
		shared = shared[:min(len(shared), maxNamed)]
		for i, stem := range shared {
			shared[i] = words[stem]
		}
		out = append(out, likeness{id, score, "alike in: " + strings.Join(shared, ", ")})
	}
	if q.Fingerprint != "" {
		for id, s := range m.cases {
			if s.fingerprint == q.Fingerprint && id != q.Ticket {
				out = slices.DeleteFunc(out, func(l likeness) bool { return l.id == id })
				out = append(out, likeness{id, 2, "the same failure"})
			}
		}
	}
	slices.SortFunc(out, func(a, b likeness) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.id, a.id)) })
	return out
}

// rarity is the weight of a word: the fewer cases have it, the more it says.
func (m *Memory) rarity(w string) float64 {
	return math.Log(1 + float64(len(m.cases)+1)/float64(len(m.holders[w])+1))
}

// candidates returns the cases that have the most in common with a question.
func (m *Memory) candidates(asked []string) []desk.TicketID {
	common := map[desk.TicketID]float64{}
	for _, w := range asked {
		weight := m.rarity(w)
		for _, id := range m.holders[w] {
			common[id] += weight * weight
		}
	}
	ids := make([]desk.TicketID, 0, len(common))
	for id := range common {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b desk.TicketID) int { return cmp.Or(cmp.Compare(common[b], common[a]), cmp.Compare(b, a)) })
	return ids[:min(len(ids), maxCompared)]
}

// cosine compares two sorted lists of words by the rarity of those they share, which
// it returns, the rarest first.
func (m *Memory) cosine(a, b []string) (float64, []string) {
	var both, left, right float64
	var shared []string
	for _, w := range a {
		weight := m.rarity(w) * m.rarity(w)
		left += weight
		if _, has := slices.BinarySearch(b, w); has {
			both += weight
			shared = append(shared, w)
		}
	}
	for _, w := range b {
		right += m.rarity(w) * m.rarity(w)
	}
	if both == 0 {
		return 0, nil
	}
	slices.SortStableFunc(shared, func(x, y string) int { return cmp.Compare(m.rarity(y), m.rarity(x)) })
	return both / math.Sqrt(left*right), shared
}

// precedent reads what solved a case: the last reply to the customer, or else the
// last note.
func (m *Memory) precedent(ctx context.Context, l likeness) (desk.Precedent, error) {
	p := desk.Precedent{Why: l.why}
	var err error
	if p.Ticket, err = m.store.Ticket(ctx, l.id); err != nil {
		return p, err
	}
	messages, err := m.store.Messages(ctx, l.id)
	for i := range messages {
		switch said := &messages[i]; said.Kind {
		case desk.PublicReply, desk.L1Answer:
			p.Reply, p.Note = paragraph(said.Text), false
		case desk.InternalNote:
			if p.Reply == "" || p.Note {
				p.Reply, p.Note = paragraph(said.Text), true
			}
		}
	}
	return p, err
}

// paragraph makes one paragraph of a reply: without greeting and signature, cut where
// a sentence or a word ends.
func paragraph(text string) string {
	text = strings.Join(strings.Fields(kb.Said(text)), " ")
	if len(text) <= maxReply {
		return text
	}
	text = strings.ToValidUTF8(text[:maxReply], "")
	if i := strings.LastIndexAny(text, ".!?"); i > maxReply/2 {
		return text[:i+1]
	}
	if i := strings.LastIndexByte(text, ' '); i > 0 {
		text = text[:i]
	}
	return text + " …"
}
