package mailin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	// keepTimeout bounds how long a batch in hand may take to be stored.
	keepTimeout = time.Minute
	// maxTries is how often a mail is asked for that the server does not give
	// out, each time on a new connection, before its place is kept without it.
	maxTries = 5
	// historyAge is how much older than the first connection a mail must be to
	// count as history; clocks differ.
	historyAge = time.Hour
)

// stuck is the mail that fetching last failed at.
type stuck struct {
	uid   uint32
	tries int
}

// batch is mail on its way into the spool.
type batch struct {
	mails  []desk.RawMail
	cursor desk.Cursor // after the batch
	lease  lease
}

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
	k := &keeper{f: f, ctx: context.WithoutCancel(ctx)}
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

func (f *Fetcher) passChunk(ctx context.Context, s *session, uids []uint32, k *keeper) error {
	rest, err := s.sizes(ctx, uids)
	if err != nil {
		return err
	}
	if missing := len(uids) - len(rest); missing > 0 {
		if rest, err = f.unlisted(ctx, s, uids, rest); err != nil {
			return err
		}
	}
	if f.rescan {
		rest = slices.DeleteFunc(rest, f.beforeStart)
	}
	for len(rest) > 0 {
		next, lease, err := f.take(ctx, rest)
		if err != nil {
			return err
		}
		mails, n, err := f.fetch(ctx, s, next)
		if err != nil {
			lease.end()
			f.failedAt(next)
			return err
		}
		if err := k.keep(batch{mails, f.after(next[:n]), lease}); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// unlisted adds mails that exist and were not listed: a server may answer with a
// change of flags instead. Their size is found out by fetching them.
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
// leave. It matters when a folder is read anew.
func (f *Fetcher) beforeStart(m listed) bool {
	if f.start.now() {
		return f.history(m.date)
	}
	return m.date.Before(f.start.since)
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

// failedAt remembers where fetching failed: the mails of that batch are asked
// for one by one, so that a single bad one is found.
func (f *Fetcher) failedAt(mails []listed) {
	first := mails[0].uid
	f.careful = max(f.careful, mails[len(mails)-1].uid)
	if len(mails) > 1 || f.stuck.uid != first {
		f.stuck = stuck{uid: first}
	}
	if len(mails) == 1 {
		f.stuck.tries++
	}
}

// fetch returns those of the first n mails that still exist, in order of UID. It
// stops early when the mails turn out larger than the server said.
func (f *Fetcher) fetch(ctx context.Context, s *session, mails []listed) (raws []desk.RawMail, n int, err error) {
	found, err := f.fetchTogether(ctx, s, mails)
	if err != nil {
		return nil, 0, err
	}
	var total int64
	for _, m := range mails {
		n++
		bytes, complete := found[m.uid]
		if !complete {
			if bytes, complete, err = f.fetchAlone(ctx, s, &m); err != nil {
				return nil, 0, fmt.Errorf("fetch uid %d: %w", m.uid, err)
			}
		}
		if bytes == nil {
			continue // gone
		}
		raws = append(raws, f.raw(s, m, bytes, !complete))
		if total += int64(len(bytes)); total > 2*fetchBytes {
			break
		}
	}
	return raws, n, nil
}

// fetchTogether fetches the mails that are within the size limit with one
// command and returns the complete ones by UID.
func (f *Fetcher) fetchTogether(ctx context.Context, s *session, mails []listed) (map[uint32][]byte, error) {
	whole := make([]uint32, 0, len(mails))
	var room int64
	for _, m := range mails {
		if m.size <= f.cfg.MaxSize {
			whole = append(whole, m.uid)
			room += m.size
		}
	}
	found := make(map[uint32][]byte, len(whole))
	if len(whole) == 0 || f.givenUp(mails[0].uid) {
		return nil, nil
	}
	got, err := s.bodies(ctx, uidSet(whole), wholeMail, room)
	if err != nil && !refused(err) {
		return nil, err
	}
	for _, b := range got {
		if b.bytes != nil {
			found[b.uid] = b.bytes
		}
	}
	return found, nil
}

// givenUp reports whether a mail was asked for often enough.
func (f *Fetcher) givenUp(uid uint32) bool {
	return f.stuck.uid == uid && f.stuck.tries >= maxTries
}

// fetchAlone asks once more for a mail that is too large or did not come with the
// others. It returns nil when the mail is gone, and the header alone when the
// mail is too large or the server would not give it out after all tries.
func (f *Fetcher) fetchAlone(ctx context.Context, s *session, m *listed) (bytes []byte, complete bool, err error) {
	if m.size <= f.cfg.MaxSize && !f.givenUp(m.uid) {
		b, err := f.askAgain(ctx, s, m.uid)
		switch {
		case err != nil:
			return nil, false, err
		case b == nil:
			return nil, true, nil
		case b.bytes != nil:
			return b.bytes, true, nil
		}
		m.size = b.size // larger than the server had said
	}
	if f.stuck.uid == m.uid && f.stuck.tries >= 2*maxTries {
		return []byte{}, false, nil // not even its header comes
	}
	got, err := s.bodies(ctx, uidSet([]uint32{m.uid}), onlyHeader, headerBytes)
	if err != nil && !refused(err) {
		return nil, false, err
	}
	if len(got) == 1 && got[0].bytes != nil {
		return got[0].bytes, false, nil
	}
	there, err := s.existing(ctx, []uint32{m.uid})
	if err != nil || len(there) == 0 {
		return nil, false, err
	}
	return []byte{}, false, nil
}

// askAgain fetches one mail by UID and then by sequence number. It returns nil
// when the mail is gone, and an error when it is there and does not come.
func (f *Fetcher) askAgain(ctx context.Context, s *session, uid uint32) (*body, error) {
	set := uidSet([]uint32{uid})
	got, err := s.bodies(ctx, set, wholeMail, f.cfg.MaxSize)
	if err == nil && len(got) == 0 {
		got, err = s.bySequence(ctx, uid, f.cfg.MaxSize)
	}
	if err != nil && !refused(err) {
		return nil, err
	}
	if len(got) > 0 {
		return &got[0], nil
	}
	there, existErr := s.existing(ctx, []uint32{uid})
	if existErr != nil {
		return nil, existErr
	}
	if len(there) == 0 {
		return nil, nil
	}
	return nil, errors.Join(errNotGiven, err)
}

// raw describes a fetched mail for the spool; the keeper adds the hashes.
func (f *Fetcher) raw(s *session, m listed, bytes []byte, incomplete bool) desk.RawMail {
	r := desk.RawMail{Bytes: bytes}
	r.Mailbox, r.UIDValidity, r.UID = f.cfg.Name, s.uidValidity, m.uid
	r.Received, r.Size, r.Incomplete = m.date, int64(len(bytes)), incomplete
	if incomplete {
		r.Size = m.size
	}
	r.History = f.history(m.date)
	return r
}

// keeper stores one batch while the next one is fetched.
type keeper struct {
	f      *Fetcher
	ctx    context.Context // outlives a stop: the batch in hand is finished
	cursor desk.Cursor     // after the batch being kept
	done   chan error      // of the batch being kept, or nil
}

// keep waits for the batch before, and begins to store b. It gives b's lease back.
func (k *keeper) keep(b batch) error {
	if err := k.wait(); err != nil {
		b.lease.end()
		return err
	}
	k.done, k.cursor = make(chan error, 1), b.cursor
	go func() {
		defer b.lease.end()
		k.done <- k.f.keep(k.ctx, b)
	}()
	return nil
}

// wait returns when nothing is being kept, and moves the fetcher's cursor.
func (k *keeper) wait() error {
	if k.done == nil {
		return nil
	}
	err := <-k.done
	k.done = nil
	if err == nil {
		k.f.cursor = k.cursor
	}
	return err
}

// keep stores a batch and its cursor in one transaction.
func (f *Fetcher) keep(ctx context.Context, b batch) error {
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	now := f.cfg.Now()
	for i := range b.mails {
		m := &b.mails[i]
		sum := sha256.Sum256(m.Bytes)
		m.SHA256, m.Content, m.Kept = hex.EncodeToString(sum[:]), f.cfg.ContentKey(m.Bytes), now
		if m.Received.IsZero() {
			m.Received = now
		}
	}
	if _, err := f.cfg.Spool.Keep(ctx, b.mails, b.cursor); err != nil {
		return fmt.Errorf("keep %d mails: %w", len(b.mails), err)
	}
	for i := range b.mails {
		m := &b.mails[i]
		f.cfg.Log.Info("mail kept", "mailbox", m.Mailbox, "uid", m.UID, "size", m.Size)
	}
	f.health.kept(len(b.mails))
	if f.cfg.Kept != nil && len(b.mails) > 0 {
		f.cfg.Kept()
	}
	return nil
}
