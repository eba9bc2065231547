package mailin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"tierdesk/desk"
)

// moveMails is how many mails are moved with one command.
const moveMails = 500

// stays is what the spool records of a mail that is not moved.
const stays = "-"

var errNotCopied = errors.New("the server did not copy them")

// moveRetry spaces attempts to move after the server refused one.
type moveRetry struct {
	after time.Time
	delay time.Duration
}

// refusedMoves says that the server does not move some settled mails. They stay
// where they are, which harms nobody.
type refusedMoves struct{ err error }

func (e *refusedMoves) Error() string { return e.err.Error() }
func (e *refusedMoves) Unwrap() error { return e.err }

// moveUnlessRefused moves settled mail. A refusal is logged and tried again
// later; it does not end the connection.
func (f *Fetcher) moveUnlessRefused(ctx context.Context, s *session) error {
	now := f.cfg.Now()
	if now.Before(f.moves.after) {
		return nil
	}
	err := f.moveSettled(ctx, s)
	var no *refusedMoves
	if !errors.As(err, &no) {
		if err == nil {
			f.moves = moveRetry{}
			f.health.unmoved("")
		}
		return err
	}
	f.moves.delay = min(max(2*f.moves.delay, firstMoveRetry), lastMoveRetry)
	f.moves.after = now.Add(f.moves.delay)
	f.health.unmoved(no.Error())
	f.cfg.Log.Warn("settled mail not moved", "mailbox", f.cfg.Name, "err", no, "retry_in", f.moves.delay)
	return nil
}

// moveSettled moves all settled mail to its folder. What was moved by somebody
// else, or by a command whose answer was lost, counts as moved.
func (f *Fetcher) moveSettled(ctx context.Context, s *session) error {
	for {
		raws, err := f.cfg.Spool.ToMove(ctx, f.cfg.Name, s.uidValidity, moveMails)
		if err != nil {
			return fmt.Errorf("settled mail: %w", err)
		}
		if len(raws) == 0 {
			return nil
		}
		byFolder := map[string][]desk.Raw{}
		for _, r := range raws {
			folder := f.target(r)
			byFolder[folder] = append(byFolder[folder], r)
		}
		var refusals error
		for folder, group := range byFolder {
			err := f.moveGroup(ctx, s, group, folder)
			var no *refusedMoves
			if err != nil && !errors.As(err, &no) {
				return err
			}
			refusals = errors.Join(refusals, err)
		}
		if refusals != nil {
			return refusals
		}
	}
}

// target returns the folder that a settled mail belongs in.
func (f *Fetcher) target(r desk.Raw) string {
	if r.Category == desk.CategoryQuarantine {
		return orDefault(f.cfg.Failed, stays)
	}
	return orDefault(f.cfg.Processed, stays)
}

// moveGroup moves mails to one folder and records those that are there.
func (f *Fetcher) moveGroup(ctx context.Context, s *session, raws []desk.Raw, folder string) error {
	var refusal error
	if folder != stays {
		uids := make([]uint32, len(raws))
		for i, r := range raws {
			uids[i] = r.UID
		}
		left, err := s.move(ctx, uids, folder)
		var no *refusedMoves
		if err != nil && !errors.As(err, &no) {
			return err
		}
		refusal = err
		raws = slices.DeleteFunc(raws, func(r desk.Raw) bool { return slices.Contains(left, r.UID) })
	}
	if len(raws) == 0 {
		return refusal
	}
	ids := make([]desk.RawID, len(raws))
	for i, r := range raws {
		ids[i] = r.ID
	}
	if err := f.cfg.Spool.MarkMoved(ctx, ids, folder); err != nil {
		return fmt.Errorf("mark %d mails moved: %w", len(ids), err)
	}
	for _, r := range raws {
		f.cfg.Log.Info("mail moved", "mailbox", f.cfg.Name, "raw", r.ID, "uid", r.UID, "folder", folder)
	}
	return refusal
}

// move moves mails to a folder, which it creates when it is missing. It returns
// the mails that are left where they were, with a refusedMoves.
func (s *session) move(ctx context.Context, uids []uint32, folder string) (left []uint32, err error) {
	left, err = s.moveOrCopy(ctx, uids, folder)
	if refused(err) && !full(err) {
		if err = s.create(ctx, folder); err == nil {
			left, err = s.moveOrCopy(ctx, uids, folder)
		}
	}
	if refused(err) {
		var lookErr error
		if left, lookErr = s.existing(ctx, uids); lookErr != nil {
			return nil, lookErr
		}
	} else if err != nil {
		return nil, fmt.Errorf("move to %s: %w", folder, err)
	}
	if len(left) == 0 { // also when there was nothing left to move
		return nil, nil
	}
	return left, &refusedMoves{fmt.Errorf("%d mails not moved to %s: %w", len(left), folder, cmp.Or(err, errNotCopied))}
}

func full(err error) bool {
	var status *imap.Error
	return errors.As(err, &status) && status.Code == imap.ResponseCodeOverQuota
}

// create makes a folder and shows it to the mailbox's owner. That it exists
// already is no error.
func (s *session) create(ctx context.Context, folder string) error {
	return s.command(ctx, func() error {
		if err := s.client.Create(folder, nil).Wait(); err != nil && !refused(err) {
			return err
		}
		if err := s.client.Subscribe(folder).Wait(); err != nil && !refused(err) {
			return err
		}
		return nil
	})
}

// moveOrCopy moves with one command where the server can (RFC 6851). The
// library's own Move must not be used where it cannot: it would expunge mails
// whose copy failed. Mails that the server says it did not copy are left.
func (s *session) moveOrCopy(ctx context.Context, uids []uint32, folder string) (left []uint32, err error) {
	if s.caps.Has(imap.CapMove) {
		return nil, s.command(ctx, func() error {
			_, err := s.client.Move(uidSet(uids), folder).Wait()
			return err
		})
	}
	var copied imap.UIDSet
	err = s.command(ctx, func() error {
		data, err := s.client.Copy(uidSet(uids), folder).Wait()
		if err != nil {
			return err
		}
		copied = within(data.SourceUIDs, uids)
		if !s.caps.Has(imap.CapUIDPlus) {
			copied = uidSet(uids)
		}
		return nil
	})
	if err != nil || len(copied) == 0 {
		return nil, err
	}
	if err := s.command(ctx, func() error { return s.removeCopied(copied) }); err != nil {
		return nil, err
	}
	return s.existing(ctx, slices.DeleteFunc(slices.Clone(uids), func(uid uint32) bool { return copied.Contains(imap.UID(uid)) }))
}

// removeCopied marks copied mails as deleted, and expunges these and no others,
// for which the server needs UIDPLUS (RFC 4315). Without it they stay marked.
func (s *session) removeCopied(copied imap.UIDSet) error {
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := s.client.Store(copied, flags, nil).Close(); err != nil {
		return err
	}
	if !s.caps.Has(imap.CapUIDPlus) {
		return nil
	}
	return s.client.UIDExpunge(copied).Close()
}

// within returns those of the UIDs that the set contains.
func within(set imap.UIDSet, uids []uint32) imap.UIDSet {
	var out imap.UIDSet
	for _, uid := range uids {
		if set.Contains(imap.UID(uid)) {
			out.AddNum(imap.UID(uid))
		}
	}
	return out
}
