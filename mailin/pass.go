package mailin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierdesk/desk"
)

const (
	// listMails is how many mails are listed with one command.
	listMails = 1000
	// fetchMails is how many mails are fetched with one command.
	fetchMails = 200
	// historyAge is how much older than the first connection a mail must be to
	// count as history; clocks differ.
	historyAge = time.Hour
)

// pass keeps all mail above the cursor. While one batch is being kept, the next
// one is fetched; there are never more than these two.
func (f *Fetcher) pass(ctx context.Context, s *session) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	from := f.cursor.UID
	if f.rescan {
		from = 0
	}
	uids, err := s.above(ctx, from)
	if err != nil {
		return err
	}
	k := &keeper{f: f}
	for chunk := range slices.Chunk(uids, listMails) {
		if err = f.passChunk(ctx, s, chunk, k); err != nil {
			break
		}
	}
	if err := errors.Join(err, k.wait()); err != nil {
		return err
	}
	if err := f.endRescan(ctx, s, uids); err != nil {
		return err
	}
	f.health.success(f.cfg.Now())
	return nil
}

// passChunk lists some mails, and fetches and keeps them in batches.
func (f *Fetcher) passChunk(ctx context.Context, s *session, uids []uint32, k *keeper) error {
	rest, err := s.sizes(ctx, uids)
	if err != nil {
		return err
	}
	if len(rest) < len(uids) {
		if rest, err = f.unlisted(ctx, s, uids, rest); err != nil {
			return err
		}
	}
	if f.rescan {
		rest = slices.DeleteFunc(rest, f.beforeStart)
	}
	if err := f.compare(ctx, s, rest); err != nil {
		return err
	}
	for len(rest) > 0 {
		next, lease, err := f.take(ctx, rest)
		if err != nil {
			return err
		}
		mails, n, err := f.fetch(ctx, s, next)
		if err != nil {
			lease.end()
			f.failedAt(s, next, err)
			return err
		}
		// The batch in hand is kept even when the context ends meanwhile.
		if err := k.keep(context.WithoutCancel(ctx), batch{mails, f.after(next[:n]), lease}); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// unlisted adds mails that exist and were not listed: a server may answer with a
// change of flags instead. Where it insists, the size is taken for the limit.
func (f *Fetcher) unlisted(ctx context.Context, s *session, uids []uint32, mails []listed) ([]listed, error) {
	var missing []uint32
	for _, uid := range uids {
		if _, ok := slices.BinarySearchFunc(mails, uid, func(m listed, uid uint32) int { return cmp.Compare(m.uid, uid) }); !ok {
			missing = append(missing, uid)
		}
	}
	there, err := s.existing(ctx, missing)
	if err != nil {
		return nil, err
	}
	for _, uid := range there {
		again, err := s.sizes(ctx, []uint32{uid})
		if err != nil {
			return nil, err
		}
		if len(again) == 0 {
			again = []listed{{uid: uid, size: f.cfg.MaxSize}}
		}
		mails = append(mails, again...)
	}
	slices.SortFunc(mails, byUID)
	return mails, nil
}

// history reports whether a mail lay in the mailbox before the first connection.
func (f *Fetcher) history(date time.Time) bool {
	return !date.IsZero() && date.Before(f.cursor.Started.Add(-historyAge))
}

// beforeStart reports whether a mail is one that the first connection was told to
// leave. It matters when a folder is read anew. There is no allowance for clocks as
// in history: mail that is not left would be answered as new.
func (f *Fetcher) beforeStart(m listed) bool {
	since := f.start.since
	if f.start.now() {
		since = f.cursor.Started.Truncate(time.Second) // INTERNALDATE has whole seconds
	}
	return !m.date.IsZero() && m.date.Before(since)
}

// after returns the cursor once the mails are kept. During a rescan it stays
// where it was until everything is read, so that a crash begins it anew.
func (f *Fetcher) after(mails []listed) desk.Cursor {
	cur := f.cursor
	if !f.rescan {
		cur.UID = mails[len(mails)-1].uid
	}
	return cur
}

// endRescan moves the cursor to the new UIDVALIDITY when the whole folder was
// read.
func (f *Fetcher) endRescan(ctx context.Context, s *session, uids []uint32) error {
	if !f.rescan {
		return nil
	}
	cur := f.cursor
	cur.UIDValidity, cur.UID = s.uidValidity, 0
	if len(uids) > 0 {
		cur.UID = uids[len(uids)-1]
	}
	if _, err := f.cfg.Spool.Keep(ctx, nil, cur); err != nil {
		return fmt.Errorf("keep cursor: %w", err)
	}
	f.cursor, f.rescan = cur, false
	return nil
}

// take cuts the next batch off a list of mails and takes its bytes from the
// budget. With an exhausted budget it makes do with what a mailbox may always
// hold, unless a single mail is larger.
func (f *Fetcher) take(ctx context.Context, mails []listed) ([]listed, lease, error) {
	next, bytes := f.first(mails, fetchBytes)
	if l, ok := f.cfg.Budget.try(bytes); ok {
		return next, l, nil
	}
	next, bytes = f.first(mails, ownBytes)
	if bytes <= ownBytes {
		return next, lease{}, nil
	}
	l, err := f.cfg.Budget.wait(ctx, bytes)
	return next, l, err
}

// first returns as many of the mails as fit into limit, at least one, and what
// they take.
func (f *Fetcher) first(mails []listed, limit int64) ([]listed, int64) {
	n, bytes := 0, int64(0)
	for _, m := range mails {
		need := f.room(m)
		if n > 0 && (n == fetchMails || bytes+need > limit || m.uid <= f.careful) {
			break
		}
		n, bytes = n+1, bytes+need
	}
	return mails[:n], bytes
}

// room is what a mail may take in memory.
func (f *Fetcher) room(m listed) int64 {
	if m.size > f.cfg.MaxSize {
		return headerBytes
	}
	return m.size
}
