package desk

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func ring(ids ...byte) Keyring {
	var r Keyring
	for _, id := range ids {
		r = append(r, Key{ID: id, Secret: bytes.Repeat([]byte{id}, 32)})
	}
	return r
}

func TestTokenRoundTrip(t *testing.T) {
	r := ring(1)
	for _, ticket := range []TicketID{0, 1, 127, 128, 1 << 20, 1 << 40} {
		s := r.Mint(ForTechnician, ticket, "L2@hd.test")
		got, ok := r.Verify(strings.ToUpper(s)) // some servers change the case
		if !ok || got.Ticket != ticket || got.Purpose != ForTechnician {
			t.Errorf("ticket %d: %+v, %v", ticket, got, ok)
		}
		if !r.IssuedTo(got, "l2@HD.test") || r.IssuedTo(got, "l3@hd.test") {
			t.Errorf("ticket %d: the token is bound to the wrong person", ticket)
		}
		if local := len("support+") + len(s); ticket <= 1<<28 && local > 64 {
			t.Errorf("ticket %d: local part of %d octets", ticket, local)
		}
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	r := ring(1)
	s := r.Mint(ForCustomer, 7, "a@b.test")
	for i := range s {
		forged := []byte(s)
		forged[i] = map[bool]byte{true: 'b', false: 'a'}[forged[i] == 'a']
		if got, ok := r.Verify(string(forged)); ok {
			t.Errorf("character %d changed, and still taken for %+v", i, got)
		}
	}
	if _, ok := ring(2).Verify(s); ok {
		t.Error("taken by a keyring that did not mint it")
	}
	for _, bad := range []string{"", "a", s[:len(s)-8], s + "aaaaaaaa", strings.Repeat("a", 1000)} {
		if _, ok := r.Verify(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestOldKeysVerifyAndNewOnesSign(t *testing.T) {
	old := ring(1).Mint(ForCustomer, 7, "a@b.test")
	rotated := ring(1, 2)
	tok, ok := rotated.Verify(old)
	if !ok || !rotated.IssuedTo(tok, "a@b.test") {
		t.Error("a token of the old key is refused")
	}
	if rotated.Mint(ForCustomer, 7, "a@b.test") == old {
		t.Error("the old key still signs")
	}
	if ring(1).RootID(ForCustomer, 7, "b.test") != rotated.RootID(ForCustomer, 7, "b.test") {
		t.Error("the root id of a ticket changed with the key")
	}
}

func TestMessageIDCarriesTheToken(t *testing.T) {
	r := ring(1)
	id := r.MessageID(ForTechnician, 12, "l2@hd.test", "escalation:12", "hd.test")
	if id != r.MessageID(ForTechnician, 12, "l2@hd.test", "escalation:12", "hd.test") {
		t.Error("the same mail got two Message-IDs")
	}
	if id == r.MessageID(ForTechnician, 12, "l2@hd.test", "escalation:13", "hd.test") {
		t.Error("two mails share a Message-ID")
	}
	if tok := r.TokenOfMessageID(id); tok == nil || tok.Ticket != 12 || tok.Purpose != ForTechnician {
		t.Errorf("token of %s: %+v", id, tok)
	}
	if tok := r.TokenOfMessageID(strings.Replace(id, "t12.", "t13.", 1)); tok != nil {
		t.Error("a Message-ID for another ticket is taken")
	}
}

func TestFindToken(t *testing.T) {
	r := ring(1)
	address := Plus("support@hd.test", r.Mint(ForCustomer, 3, "a@b.test"))
	if tok := r.FindToken([]string{"x@y.test", "support+news@hd.test", address}); tok == nil || tok.Ticket != 3 {
		t.Errorf("%+v", tok)
	}
	if tok := r.FindToken([]string{"support@hd.test", "+@", ""}); tok != nil {
		t.Errorf("%+v", tok)
	}
}

func TestLoopMark(t *testing.T) {
	r := ring(1)
	if m := r.LoopMark("a@b"); !ring(1, 2).LoopMarked(m, "a@b") || r.LoopMarked(m, "c@d") || r.LoopMarked("", "a@b") {
		t.Error("the loop mark does not hold to its mail")
	}
}

func FuzzVerify(f *testing.F) {
	r := ring(1, 2)
	f.Add(r.Mint(ForCustomer, 7, "a@b.test"))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if tok, ok := r.Verify(s); ok && !strings.EqualFold(s, mintAgain(r, tok, s)) {
			t.Errorf("%q verifies as %+v and was not minted", s, tok)
		}
		r.TokenOfMessageID(s)
		r.FindToken([]string{s})
	})
}

// mintAgain returns s when its body and MAC are what the keyring computes.
func mintAgain(r Keyring, _ Token, s string) string {
	raw, _ := b32.DecodeString(strings.ToLower(s))
	body := raw[:len(raw)-macLen]
	for _, k := range r {
		if k.ID == body[0] {
			return b32.EncodeToString(append(bytes.Clone(body), k.mac("token", body)[:macLen]...))
		}
	}
	return ""
}

func TestRetiredKeysVerifyNothingAndKeepTheRoots(t *testing.T) {
	r := ring(1, 2)
	old := r[:1].Mint(ForCustomer, 7, "a@b.test")
	root := r.RootID(ForCustomer, 7, "hd.test")
	r[0].Retired = time.Unix(1, 0)
	if _, ok := r.Verify(old); ok {
		t.Error("a token of a retired key is taken")
	}
	if _, ok := r.Verify(r.Mint(ForCustomer, 7, "a@b.test")); !ok {
		t.Error("a token of the newest key is refused")
	}
	if r.RootID(ForCustomer, 7, "hd.test") != root {
		t.Error("the ticket's root id has changed")
	}
}

func TestTokensEndAYearAfterTheirKeyWasReplaced(t *testing.T) {
	r := ring(1, 2, 3)
	replaced := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r[1].Created, r[2].Created = replaced, replaced.Add(TokenLife)
	for at, live := range map[time.Time][3]bool{
		{}:                           {true, true, true},
		replaced.Add(TokenLife - 1):  {true, true, true},
		replaced.Add(TokenLife):      {false, true, true},
		replaced.Add(2 * TokenLife):  {false, false, true},
		replaced.Add(20 * TokenLife): {false, false, true},
	} {
		for i, k := range r.At(at) {
			if k.Retired.IsZero() != live[i] {
				t.Errorf("%v: key %d retired %v", at, k.ID, k.Retired)
			}
		}
	}
	if !r[0].Retired.IsZero() {
		t.Error("the keyring itself was changed")
	}
}

func TestTrialMailIsRecognised(t *testing.T) {
	r := ring(1)
	id := r.TrialID("Support@hd.test", "nonce")
	address := Plus("support@hd.test", r.Mint(ForTrial, 0, "support@hd.test"))
	for name, c := range map[string]struct {
		id string
		to []string
		is bool
	}{
		"by its id":      {id, nil, true},
		"by its address": {"other@relay.test", []string{address}, true},
		"reply address":  {"x@y.test", []string{Plus("support@hd.test", r.Mint(ForCustomer, 1, "a@b.test"))}, false},
		"of another key": {ring(2).TrialID("support@hd.test", "nonce"), nil, false},
		"nothing":        {"", nil, false},
	} {
		if got := r.IsTrial(c.id, c.to); got != c.is {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The first id in References is the same for all mail about a ticket, of each side.
func TestEveryMailAboutATicketNamesItsRoot(t *testing.T) {
	c := Composer{Desk: &Desk{Name: "ACME", Address: "support@hd.test", Tag: "ACME"}, Keys: ring(1, 2)}
	ticket := &Ticket{ID: 7, Requester: Address{Address: "a@b.test"}, LastFromCustomer: "question@b.test"}
	toCustomer, toTechnicians := c.Keys.RootID(ForCustomer, 7, "hd.test"), c.Keys.RootID(ForTechnician, 7, "hd.test")
	for _, kind := range []OutgoingKind{SendAnswer, SendAck, SendReply, SendSolved} {
		if got := c.ToCustomer(ticket, kind, "x").References; got[0] != toCustomer {
			t.Errorf("%s: %v", kind, got)
		}
	}
	for _, kind := range []OutgoingKind{SendEscalation, SendPage, SendUpdate, SendNotice, SendReceipt} {
		if got := c.ToTechnician(ticket, kind, Address{Address: "l2@hd.test"}, "x").References; got[0] != toTechnicians {
			t.Errorf("%s: %v", kind, got)
		}
	}
}
