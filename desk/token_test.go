package desk

import (
	"bytes"
	"strings"
	"testing"
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
