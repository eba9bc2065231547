package desk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Purpose is what a reply to a signed address means.
type Purpose byte

// The purposes of a token.
const (
	ForCustomer   Purpose = 'c' // the customer's answer
	ForTechnician Purpose = 'p' // a technician's public reply, and commands
	ForNote       Purpose = 'n' // an internal note
	ForBounce     Purpose = 'b' // delivery status notifications
	ForCommand    Purpose = 'x' // commands alone: what else the mail says is sent to nobody
	ForFeedback   Purpose = 'f' // the customer's word on how it went
	ForTrial      Purpose = 'o' // a mail of ours to ourselves, see TrialID; of no ticket
)

// Token is a verified capability: who holds it may do, on one ticket, what its
// purpose says. It is bound to the person or list it was issued to.
type Token struct {
	Purpose Purpose
	Ticket  TicketID
	// Person is a short keyed digest of the address it was issued to; compare
	// with Keyring.IssuedTo.
	Person uint32
}

// Key is one signing key.
type Key struct {
	ID      byte
	Secret  []byte // at least 32 bytes
	Created time.Time
	// Retired is when tokens of the key stopped to count, or zero.
	Retired time.Time
}

const (
	// KeyLife is the age at which the newest key is due to be replaced.
	KeyLife = 365 * 24 * time.Hour
	// TokenLife is how long the tokens of a key count after it was replaced.
	TokenLife = 365 * 24 * time.Hour
)

// Keyring mints and verifies tokens with HMAC-SHA-256 truncated to 128 bits. Keys
// stand in the order of their age, with an ID of their own each. The last one signs.
// The others verify, unless they are retired; those stay for the ids that name a
// ticket and grant nothing. A Keyring is read-only and safe for concurrent use.
type Keyring []Key

var b32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const macLen = 16

func (k Key) mac(use string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, k.Secret)
	h.Write([]byte(use))
	for _, p := range parts {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return h.Sum(nil)
}

func (r Keyring) newest() Key { return r[len(r)-1] }

// Ends returns when the tokens of the key at an index stop to count; the zero time
// when that is not known yet, as for the newest.
func (r Keyring) Ends(i int) time.Time {
	switch k := r[i]; {
	case !k.Retired.IsZero():
		return k.Retired
	case i < len(r)-1:
		return r[i+1].Created.Add(TokenLife)
	}
	return time.Time{}
}

// At returns the keyring as it is at a time: the keys whose tokens have come to
// their end are retired.
func (r Keyring) At(now time.Time) Keyring {
	at := r
	for i := range r {
		end := r.Ends(i)
		if r[i].Retired.IsZero() && !end.IsZero() && !now.Before(end) {
			if &at[0] == &r[0] {
				at = slices.Clone(r)
			}
			at[i].Retired = end
		}
	}
	return at
}

func personDigest(k Key, address string) uint32 {
	return binary.BigEndian.Uint32(k.mac("person", []byte(NormalAddress(address))))
}

// IssuedTo reports whether the token was issued to the address, by any key.
func (r Keyring) IssuedTo(t Token, address string) bool {
	for _, k := range r {
		if personDigest(k, address) == t.Person {
			return true
		}
	}
	return false
}

// Mint returns the token string for a purpose, ticket and address: lower-case
// base32, at most 46 characters, fit for a local part.
func (r Keyring) Mint(p Purpose, ticket TicketID, address string) string {
	k := r.newest()
	body := []byte{k.ID, byte(p)}
	body = binary.BigEndian.AppendUint32(body, personDigest(k, address))
	body = binary.AppendUvarint(body, uint64(ticket))
	return b32.EncodeToString(append(body, k.mac("token", body)[:macLen]...))
}

// Verify returns the token that s stands for, or false when it was not minted with
// one of the keys that are not retired. It takes any case, since some servers change
// it.
func (r Keyring) Verify(s string) (Token, bool) {
	if len(s) > 64 {
		return Token{}, false
	}
	raw, err := b32.DecodeString(strings.ToLower(s))
	if err != nil || len(raw) < macLen+7 {
		return Token{}, false
	}
	body, mac := raw[:len(raw)-macLen], raw[len(raw)-macLen:]
	for _, k := range r {
		if k.ID != body[0] || !k.Retired.IsZero() || !hmac.Equal(mac, k.mac("token", body)[:macLen]) {
			continue
		}
		id, n := binary.Uvarint(body[6:])
		if n != len(body)-6 {
			return Token{}, false
		}
		return Token{Purpose: Purpose(body[1]), Ticket: TicketID(id), Person: binary.BigEndian.Uint32(body[2:6])}, true
	}
	return Token{}, false
}

// Plus returns the reply address local+TOKEN@domain of an address (RFC 5233).
func Plus(address, token string) string {
	local, domain, _ := strings.Cut(address, "@")
	return local + "+" + token + "@" + domain
}

// FindToken returns the first verified token among the addresses, which are
// taken for plus-addresses in the form of Plus.
func (r Keyring) FindToken(addresses []string) *Token {
	for _, a := range addresses {
		local, _, ok := strings.Cut(a, "@")
		_, tok, plus := strings.Cut(local, "+")
		if !ok || !plus {
			continue
		}
		if t, ok := r.Verify(tok); ok {
			return &t
		}
	}
	return nil
}

// MessageID returns the Message-ID, without <>, of an outgoing mail. It carries
// the capability token, so that a reply is recognised where plus-addresses do
// not work, and depends only on its arguments, so that each attempt has the same.
func (r Keyring) MessageID(p Purpose, ticket TicketID, to, key, domain string) string {
	unique := b32.EncodeToString(r.newest().mac("message-id", []byte(key))[:8])
	return fmt.Sprintf("t%d.%s.%s@%s", ticket, unique, r.Mint(p, ticket, to), domain)
}

// TokenOfMessageID returns the token in a Message-ID of ours, or nil.
func (r Keyring) TokenOfMessageID(id string) *Token {
	local, _, _ := strings.Cut(id, "@")
	parts := strings.Split(local, ".")
	if len(parts) != 3 || !strings.HasPrefix(parts[0], "t") {
		return nil
	}
	t, ok := r.Verify(parts[2])
	if !ok || "t"+strconv.FormatInt(int64(t.Ticket), 10) != parts[0] {
		return nil
	}
	return &t
}

// RootID returns the stable id, without <>, that stands first in References of
// every mail about a ticket: one root for customers, one for technicians, so
// that internal mail never mixes into the customer's thread.
func (r Keyring) RootID(p Purpose, ticket TicketID, domain string) string {
	k := r[0]
	mac := k.mac("root", []byte{byte(p)}, []byte(strconv.FormatInt(int64(ticket), 10)))
	return fmt.Sprintf("t%d.root-%c.%s@%s", ticket, p, b32.EncodeToString(mac[:macLen]), domain)
}

// TrialID returns the Message-ID, without <>, of a mail from the desk's address to
// itself, with which an operator tries the way that mail takes.
func (r Keyring) TrialID(address, nonce string) string {
	_, domain, _ := strings.Cut(NormalAddress(address), "@")
	return r.MessageID(ForTrial, 0, address, nonce, domain)
}

// IsTrial reports whether a mail to the addresses, of the Message-ID, is such a mail.
func (r Keyring) IsTrial(messageID string, addresses []string) bool {
	for _, t := range []*Token{r.TokenOfMessageID(messageID), r.FindToken(addresses)} {
		if t != nil && t.Purpose == ForTrial {
			return true
		}
	}
	return false
}

// LoopMark returns the value of our loop header; LoopMarked verifies one.
func (r Keyring) LoopMark(messageID string) string {
	return b32.EncodeToString(r.newest().mac("loop", []byte(messageID))[:macLen])
}

// LoopMarked reports whether the mark was made by us for the Message-ID.
func (r Keyring) LoopMarked(mark, messageID string) bool {
	for _, k := range r {
		if hmac.Equal([]byte(mark), []byte(b32.EncodeToString(k.mac("loop", []byte(messageID))[:macLen]))) {
			return true
		}
	}
	return false
}

// AwaitedID returns the name under which a ticket waits for a mail of its first
// mail's sender: one that it answers and that has not come yet, or another one with
// the same id. Somebody else's mail has another name, so that nobody can draw it
// into his ticket by claiming its id. It is no Message-ID, since those have no "<"
// inside.
func AwaitedID(from, messageID string) string {
	return "<" + NormalAddress(from) + "> awaits <" + messageID + ">"
}

// WrittenID returns the name under which a ticket remembers that somebody wrote a text
// at a time, by his own clock. A mail that is sent again with another Message-ID, which
// few signatures leave out, has the same one. Like AwaitedID it is no Message-ID.
func WrittenID(from string, date time.Time, text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("<%s> wrote at %d <%x>", NormalAddress(from), date.Unix(), sum[:macLen])
}
