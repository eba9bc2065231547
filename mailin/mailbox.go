package mailin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	// maxListed bounds a list of UIDs, whatever ranges the server claims.
	maxListed = 4 << 20
	// headerBytes bounds the header that is kept of a mail that is too large.
	headerBytes = 256 << 10
)

// listed is a mail as the server lists it.
type listed struct {
	uid  uint32
	size int64     // RFC822.SIZE, which some servers get wrong
	date time.Time // INTERNALDATE
}

func byUID(a, b listed) int { return cmp.Compare(a.uid, b.uid) }

// above returns the UIDs greater than uid, ascending.
func (s *session) above(ctx context.Context, uid uint32) ([]uint32, error) {
	if uid == math.MaxUint32 {
		return nil, nil
	}
	var set imap.UIDSet
	set.AddRange(imap.UID(uid)+1, 0)
	return s.search(ctx, &imap.SearchCriteria{UID: []imap.UIDSet{set}}, uid+1)
}

// search returns the UIDs from first on that meet the criteria, ascending.
// "n:*" also finds the last mail when its UID is below n (RFC 9051 section
// 9, seq-range), so what is smaller is dropped.
func (s *session) search(ctx context.Context, criteria *imap.SearchCriteria, first uint32) ([]uint32, error) {
	var found []uint32
	err := s.do(ctx, cmdTimeout, listing, func() error {
		data, err := s.client.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		set, _ := data.All.(imap.UIDSet)
		for _, r := range set {
			if r.Stop == 0 {
				continue
			}
			for uid := uint64(max(uint32(r.Start), first)); uid <= uint64(r.Stop) && len(found) < maxListed; uid++ {
				found = append(found, uint32(uid))
			}
		}
		return nil
	})
	slices.Sort(found)
	return slices.Compact(found), err
}

// since returns the UIDs of mail that arrived on the day or later, ascending.
func (s *session) since(ctx context.Context, day time.Time) ([]uint32, error) {
	return s.search(ctx, &imap.SearchCriteria{Since: day}, 1)
}

// existing returns which of the UIDs are still in the folder.
func (s *session) existing(ctx context.Context, uids []uint32) ([]uint32, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	set := uidSet(uids)
	found, err := s.search(ctx, &imap.SearchCriteria{UID: []imap.UIDSet{set}}, 1)
	return slices.DeleteFunc(found, func(uid uint32) bool { return !set.Contains(imap.UID(uid)) }), err
}

// sizes lists the given mails, ascending. Those that are gone are left out.
func (s *session) sizes(ctx context.Context, uids []uint32) ([]listed, error) {
	mails := make([]listed, 0, len(uids))
	err := s.do(ctx, cmdTimeout, listing, func() error {
		cmd := s.client.Fetch(uidSet(uids), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			m := listed{size: -1}
			for item := msg.Next(); item != nil; item = msg.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					m.uid = uint32(item.UID)
				case imapclient.FetchItemDataRFC822Size:
					m.size = item.Size
				case imapclient.FetchItemDataInternalDate:
					m.date = item.Time
				}
			}
			// An answer without size is a change of flags that came between.
			if m.size >= 0 {
				mails = append(mails, m)
			}
		}
		if err := cmd.Close(); err != nil {
			return fmt.Errorf("list sizes: %w", err)
		}
		return nil
	})
	slices.SortFunc(mails, byUID)
	return mails, err
}

// body is a mail, or its header, as the server gave it out.
type body struct {
	uid   uint32
	bytes []byte
	size  int64 // what the server announced; more than len(bytes) when there was no room
}

// section says what bodies fetches of each mail.
type section int

const (
	wholeMail section = iota
	onlyHeader
)

// bodies fetches mails by UID or sequence number and returns those that came
// complete; the mailbox's flags stay as they are. Together they take no more
// than room bytes: a body that does not fit comes without its bytes.
//
// A mail can be missing in the answer for other reasons than being gone: its
// UID came after the body, or a change of its flags came first.
func (s *session) bodies(ctx context.Context, set imap.NumSet, what section, room int64) ([]body, error) {
	item := &imap.FetchItemBodySection{Peek: true}
	if what == onlyHeader {
		item.Specifier = imap.PartSpecifierHeader
		item.Partial = &imap.SectionPartial{Size: headerBytes}
	}
	var got []body
	limit := cmdTimeout + time.Duration(room/slowest)*time.Second
	// The server may announce smaller sizes than it sends: what does not fit is
	// read and dropped, up to twice the room.
	err := s.do(ctx, limit, 2*room+chatter, func() (err error) {
		cmd := s.client.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{item}})
		if got, err = readBodies(cmd, room); err != nil {
			s.abort()
			cmd.Close() // only releases the command: the connection is gone
			return err
		}
		if err := cmd.Close(); err != nil {
			return fmt.Errorf("fetch: %w", err)
		}
		return nil
	})
	if err != nil && !refused(err) {
		return nil, err
	}
	return got, err
}

// readBodies reads the answers to a fetch. After an error the connection must be
// ended: a literal may be half read.
func readBodies(cmd *imapclient.FetchCommand, room int64) ([]body, error) {
	var got []body
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		var b body
		complete := false
		for item := msg.Next(); item != nil; item = msg.Next() {
			switch item := item.(type) {
			case imapclient.FetchItemDataUID:
				b.uid = uint32(item.UID)
			case imapclient.FetchItemDataBodySection:
				if item.Literal == nil || complete { // BODY[] NIL
					continue
				}
				b.size = item.Literal.Size()
				if b.size <= room {
					room -= b.size
					var err error
					if b.bytes, err = readLiteral(item.Literal); err != nil {
						return nil, err
					}
				}
				complete = true
			}
		}
		if complete && b.uid != 0 {
			got = append(got, b)
		}
	}
	return got, nil
}

// readLiteral reads a literal to its announced size. A connection that is cut
// looks to io.Copy like the end of the mail.
func readLiteral(r imap.LiteralReader) ([]byte, error) {
	buf := make([]byte, r.Size())
	if n, err := io.ReadFull(r, buf); err != nil {
		return nil, fmt.Errorf("mail cut off after %d of %d bytes: %w", n, len(buf), err)
	}
	if n, err := io.Copy(io.Discard, r); err != nil || n != 0 {
		return nil, errors.Join(errors.New("mail longer than announced"), err)
	}
	return buf, nil
}

// bySequence fetches one mail by its sequence number, for servers that send the
// UID after the body. It returns no body when the mail is gone.
func (s *session) bySequence(ctx context.Context, uid uint32, room int64) ([]body, error) {
	var seqs imap.SeqSet
	err := s.command(ctx, func() error {
		data, err := s.client.Search(&imap.SearchCriteria{UID: []imap.UIDSet{uidSet([]uint32{uid})}}, nil).Wait()
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		seqs, _ = data.All.(imap.SeqSet)
		return nil
	})
	if err != nil || len(seqs) == 0 {
		return nil, err
	}
	got, err := s.bodies(ctx, imap.SeqSetNum(seqs[0].Start), wholeMail, room)
	return slices.DeleteFunc(got, func(b body) bool { return b.uid != uid }), err
}

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}
