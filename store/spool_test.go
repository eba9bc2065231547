package store

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

func TestKeepStoresMailsWithTheirCursor(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		if got := must(s.Cursor(ctx, "support")); got != (desk.Cursor{Mailbox: "support"}) {
			t.Errorf("cursor before the first connection: %+v", got)
		}
		empty := rawMail(3, "")
		ids := keepMails(t, s, rawMail(1, "one"), bigMail(2), empty)
		if !slices.Equal(ids, []desk.RawID{1, 2, 3}) {
			t.Fatalf("ids %v", ids)
		}
		if got, want := must(s.Cursor(ctx, "support")), cursorAt(7, 3); got != want {
			t.Errorf("cursor %+v, want %+v", got, want)
		}
		if got := must(s.RawBytes(ctx, 2)); !bytes.Equal(got, bigMail(2).Bytes) {
			t.Errorf("bytes of the large mail differ: %d", len(got))
		}
		if got := must(s.RawBytes(ctx, 3)); len(got) != 0 {
			t.Errorf("bytes of the empty mail: %q", got)
		}
		want := rawMail(1, "one").Raw
		want.ID, want.Kept, want.Size, want.Attempts = 1, noon, 3, 1
		want.SHA256 = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
		if diff := cmp.Diff(want, must(s.Raw(ctx, 1))); diff != "" {
			t.Error(diff)
		}
		if _, err := s.RawBytes(ctx, 99); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("bytes of an unknown mail: %v", err)
		}
		sound(t, s)
	})
}

func TestKeepSkipsKnownUIDs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		keepMails(t, s, rawMail(1, "one"), rawMail(2, "two"))
		ids := keepMails(t, s, rawMail(1, "one"), rawMail(2, "two"), rawMail(3, "three"))
		if len(ids) != 1 || string(must(s.RawBytes(t.Context(), ids[0]))) != "three" {
			t.Errorf("new mails: %v", ids)
		}
		if n := len(must(s.Unsettled(t.Context(), 0, 10))); n != 3 {
			t.Errorf("%d mails, want 3", n)
		}
		sound(t, s)
	})
}

func TestKeepIsAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		keepMails(t, s, rawMail(1, "one"))
		check(t, s.Update(t.Context(), func(tx *Tx) error {
			_, err := tx.exec(`DROP TABLE cursors`)
			return err
		}))
		if _, err := s.Keep(t.Context(), []desk.RawMail{rawMail(2, "two")}, cursorAt(7, 2)); err == nil {
			t.Fatal("kept without a cursor")
		}
		if n := len(must(s.Unsettled(t.Context(), 0, 10))); n != 1 {
			t.Errorf("%d mails, want 1", n)
		}
	})
}

func TestKeepRenumbersAfterAChangeOfUIDValidity(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		// Two copies of the same bytes are two mails, before and after.
		ids := keepMails(t, s, rawMail(1, "one"), rawMail(2, "same"), rawMail(3, "same"))
		check(t, s.MarkMoved(ctx, ids[:1], "Processed"))
		check(t, s.MarkMoved(ctx, ids[1:2], "-"))
		rescanned := []desk.RawMail{rawMail(11, "same"), rawMail(12, "new"), rawMail(13, "one"), rawMail(14, "same")}
		for i := range rescanned {
			rescanned[i].UIDValidity = 8
		}
		fresh, err := s.Keep(ctx, rescanned, cursorAt(8, 14))
		check(t, err)
		if len(fresh) != 1 {
			t.Fatalf("new mails: %v", fresh)
		}
		var uids []uint32
		var moved []string
		for _, m := range must(s.Unsettled(ctx, 0, 10)) {
			uids = append(uids, m.UID)
			moved = append(moved, m.Moved)
		}
		if !slices.Equal(uids, []uint32{13, 11, 14, 12}) || !slices.Equal(moved, []string{"", "-", "", ""}) {
			t.Errorf("uids %v, moved %q", uids, moved)
		}
		again, err := s.Keep(ctx, rescanned, cursorAt(8, 14))
		if check(t, err); len(again) != 0 {
			t.Errorf("kept twice: %v", again)
		}
		sound(t, s)
	})
}

// Mails of which no byte came have one hash and are not one mail.
func TestKeepRenumbersNoMailWithoutBytes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		lost := rawMail(1, "")
		lost.Incomplete, lost.Size = true, 10
		keepMails(t, s, lost)
		lost.UIDValidity, lost.UID = 8, 5
		fresh, err := s.Keep(t.Context(), []desk.RawMail{lost}, cursorAt(8, 5))
		if check(t, err); len(fresh) != 1 {
			t.Errorf("new mails: %v", fresh)
		}
		if m := must(s.Raw(t.Context(), 1)); m.UIDValidity != 7 || m.UID != 1 {
			t.Errorf("renumbered to %d of %d", m.UID, m.UIDValidity)
		}
		sound(t, s)
	})
}

func TestDuplicateOfFindsTheFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ids := keepMails(t, s, rawMail(1, "same"), rawMail(2, "other"), rawMail(3, "same"), rawMail(4, "same"))
		for i, want := range []desk.RawID{0, 0, ids[0], ids[0]} {
			m := must(s.Raw(t.Context(), ids[i]))
			if got := must(s.DuplicateOf(t.Context(), m.Content, m.ID)); got != want {
				t.Errorf("duplicate of mail %d: %d, want %d", m.ID, got, want)
			}
		}
	})
}

func TestAttemptsAreCountedAndQuarantineIsUndone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		id := keepMails(t, s, rawMail(1, "poison"))[0]
		check(t, s.CountAttempt(ctx, []desk.RawID{id}))
		if m := must(s.Raw(ctx, id)); m.Attempts != 2 {
			t.Errorf("attempts %d, want 2", m.Attempts)
		}
		var refusal *desk.Refusal
		if err := s.Unsettle(ctx, id); !errors.As(err, &refusal) {
			t.Errorf("unsettle an unsettled mail: %v", err)
		}
		settled := desk.Settlement{Raw: id, Category: desk.CategoryQuarantine, Reason: "crashed\x00 3 times"}
		apply(t, s, func(*Tx) desk.Change { return desk.Change{Settles: &settled} })
		if m := must(s.ToMove(ctx, "support", 7, 10)); len(m) != 1 || m[0].Reason != "crashed 3 times" || m[0].Settlement.Raw != id {
			t.Errorf("to move: %+v", m)
		}
		err := s.Update(ctx, func(tx *Tx) error { return tx.Apply(ctx, desk.Change{Settles: &settled}) })
		if !errors.Is(err, desk.ErrConflict) {
			t.Errorf("settled twice: %v", err)
		}
		check(t, s.MarkMoved(ctx, []desk.RawID{id}, "Quarantine"))
		check(t, s.Unsettle(ctx, id))
		m := must(s.Raw(ctx, id))
		if m.Category != "" || m.Attempts != 1 || m.Moved != "Quarantine" || len(must(s.Unsettled(ctx, 0, 1))) != 1 {
			t.Errorf("after retry: %+v", m)
		}
	})
}
