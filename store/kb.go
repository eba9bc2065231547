package store

import (
	"context"
	"slices"
	"time"

	"tierdesk/desk"
)

var (
	insertLesson   = newInsert(`INSERT INTO kb_lessons (seq, ticket, doc, wrong, text, at)`, 6, ``)
	insertTrial    = newInsert(`INSERT INTO kb_trials (seq, ticket, doc, mode, correct, requester, at)`, 7, ``)
	insertStanding = newInsert(`INSERT INTO kb_standings (doc, mode, since, at, because)`, 5,
		`ON CONFLICT (doc) DO UPDATE SET mode = excluded.mode, since = excluded.since, at = excluded.at, because = excluded.because`)
)

// setLearned replaces what was learned from a ticket.
func (tx *Tx) setLearned(l *desk.Learned) error {
	for _, text := range []string{`DELETE FROM kb_lessons WHERE ticket = $1`, `DELETE FROM kb_trials WHERE ticket = $1`} {
		if _, err := tx.exec(text, l.Ticket); err != nil {
			return err
		}
	}
	var lessons, trials []any
	for _, e := range l.Lessons {
		lessons = append(lessons, e.Seq, l.Ticket, clean(e.Doc), e.Wrong, clean(e.Text), micros(e.At))
	}
	for _, t := range l.Trials {
		trials = append(trials, t.Seq, l.Ticket, clean(t.Doc), t.Mode, t.Right, clean(t.Requester), micros(t.At))
	}
	if err := tx.insert(insertLesson, lessons); err != nil {
		return err
	}
	return tx.insert(insertTrial, trials)
}

func (tx *Tx) setStandings(list []desk.Standing) error {
	var args []any
	for _, s := range list {
		args = append(args, clean(s.Doc), s.Mode, s.Since, micros(s.At), clean(s.Because))
	}
	return tx.insert(insertStanding, args)
}

// Lessons returns the newest lessons that were learned at or after a time, at most
// limit, oldest first.
func (q reader) Lessons(ctx context.Context, since time.Time, limit int) ([]desk.Lesson, error) {
	list, err := all(ctx, q.db, func(r row) (desk.Lesson, error) {
		var l desk.Lesson
		err := r.Scan(&l.Seq, &l.Ticket, &l.Doc, &l.Wrong, &l.Text, instant{&l.At})
		return l, err
	}, `SELECT seq, ticket, doc, wrong, text, at FROM kb_lessons WHERE at >= $1 ORDER BY seq DESC, doc DESC LIMIT $2`, since.UnixMicro(), limit)
	slices.Reverse(list)
	return list, err
}

// Trials returns every trial of every document, oldest first.
func (q reader) Trials(ctx context.Context) ([]desk.Trial, error) {
	return all(ctx, q.db, scanTrial, selectTrial+`ORDER BY t.seq, t.doc`)
}

// OpenTrials returns the trials that came after the document's standing, oldest
// first.
func (q reader) OpenTrials(ctx context.Context) ([]desk.Trial, error) {
	return all(ctx, q.db, scanTrial, selectTrial+`LEFT JOIN kb_standings s ON s.doc = t.doc
		WHERE s.since IS NULL OR t.seq > s.since ORDER BY t.seq, t.doc`)
}

const selectTrial = `SELECT t.seq, t.ticket, t.doc, t.mode, t.correct, t.requester, t.at FROM kb_trials t `

func scanTrial(r row) (desk.Trial, error) {
	var t desk.Trial
	err := r.Scan(&t.Seq, &t.Ticket, &t.Doc, &t.Mode, &t.Right, &t.Requester, instant{&t.At})
	return t, err
}

// NotHelped reports whether a document was judged a wrong answer to a question of
// the address.
func (q reader) NotHelped(ctx context.Context, address, doc string) (bool, error) {
	n, err := one(ctx, q.db, single[int], `SELECT COUNT(*) FROM kb_trials WHERE doc = $1 AND requester = $2 AND NOT correct`,
		clean(doc), recipient(address))
	return n > 0, err
}

// Standings returns the mode of every document whose trials have given it one, by
// document.
func (q reader) Standings(ctx context.Context) ([]desk.Standing, error) {
	return all(ctx, q.db, func(r row) (desk.Standing, error) {
		var s desk.Standing
		err := r.Scan(&s.Doc, &s.Mode, &s.Since, instant{&s.At}, &s.Because)
		return s, err
	}, `SELECT doc, mode, since, at, because FROM kb_standings ORDER BY doc`)
}
