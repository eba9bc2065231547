package mailin

import (
	"context"
	"errors"
	"fmt"

	"tierdesk/desk"
)

// maxTries is how often a mail is asked for that the server does not give out,
// each time on a new connection, before its place is kept without it.
const maxTries = 5

// stuck is the mail that fetching last failed at.
type stuck struct {
	uid   uint32
	tries int
}

// failedAt remembers where fetching failed: the mails of that batch are asked
// for one by one, so that a single bad one is found. A failure counts against a
// mail only when it is not the connection's: the server said no to it or sent too
// much, or had given out other mail before the connection broke at this one.
func (f *Fetcher) failedAt(s *session, mails []listed, err error) {
	first := mails[0].uid
	f.careful = max(f.careful, mails[len(mails)-1].uid)
	if len(mails) > 1 || f.stuck.uid != first {
		f.stuck = stuck{uid: first}
	}
	if len(mails) == 1 && (s.gave || errors.Is(err, errNotGiven) || errors.Is(err, errTooMuch)) {
		f.stuck.tries++
	}
}

// compare asks for the header of another mail before the one that fetching last
// failed at is asked for again, to learn if the server gives out mail at all.
func (f *Fetcher) compare(ctx context.Context, s *session, mails []listed) error {
	if s.gave || len(mails) < 2 || f.stuck.uid != mails[0].uid {
		return nil
	}
	got, err := s.bodies(ctx, uidSet([]uint32{mails[1].uid}), onlyHeader, headerBytes)
	if err != nil && !refused(err) {
		return fmt.Errorf("fetch header of uid %d: %w", mails[1].uid, err)
	}
	s.gave = len(got) > 0
	return nil
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
		s.gave = s.gave || len(bytes) > 0
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
	room += room/8 + 4096 // for servers that count a line's end as one byte
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
