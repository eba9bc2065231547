package mailin

import (
	"bytes"
	"context"
	netmail "net/mail"
	"slices"
	"strings"

	"tierdesk/desk"
)

// maxAuthor bounds the field that may name the author behind a list, in bytes.
const maxAuthor = 1000

// Restore sets the author of a mail in whose From a list of the desk stands, as lists
// do when the author's DMARC policy forbids that they send in his name. Such a mail
// says elsewhere who wrote it, which anybody can claim; it is believed of a technician
// whose DKIM signature is valid again once his name is put back. Then he stands in
// From, proven, and the list in List. Else he stands in Claimed.
func (a *Authenticator) Restore(ctx context.Context, raw []byte, in *desk.Inbound) {
	if a.Desk == nil || in.From == nil || in.FromCount != 1 || !a.Desk.IsList(in.From.Address) || in.Auth.Fail() {
		return
	}
	for _, field := range claims(raw) {
		author, ok := soleAddress(field)
		if !ok || a.Desk.Technician(author.Address) == nil {
			continue
		}
		if in.Claimed == nil {
			in.Claimed = &author
		}
		auth := a.verify(ctx, withAuthor(raw, field), domainOf(author.Address))
		if auth.Pass() && !auth.Fail() {
			in.List, in.From, in.Auth, in.Claimed = in.From.Address, &author, auth, nil
			return
		}
	}
}

// claims returns the values in which lists keep the author, each once: what the
// header says he was, and where it says that answers go.
func claims(raw []byte) [][]byte {
	var found [][]byte
	for _, name := range []string{"X-Original-From", "Reply-To"} {
		var values [][]byte
		for f := range headerFields(raw) {
			if f.is(name) {
				values = append(values, f.value())
			}
		}
		if len(values) == 1 && len(values[0]) <= maxAuthor && !slices.ContainsFunc(found, func(v []byte) bool { return bytes.Equal(v, values[0]) }) {
			found = append(found, values[0])
		}
	}
	return found
}

// soleAddress reads a field that holds one address and nothing else.
func soleAddress(field []byte) (desk.Address, bool) {
	unfolded := strings.NewReplacer("\r", "", "\n", "").Replace(string(field))
	list, err := netmail.ParseAddressList(strings.TrimSpace(unfolded))
	if err != nil || len(list) != 1 {
		return desk.Address{}, false
	}
	return desk.Address{Name: list[0].Name, Address: list[0].Address}, true
}

// withAuthor returns the mail with another value of its From field.
func withAuthor(raw, value []byte) []byte {
	out := make([]byte, 0, len(raw)+len(value))
	end := 0
	for f := range headerFields(raw) {
		end += len(f)
		if f.is("From") {
			out = append(append(out, "From:"...), value...)
			continue
		}
		out = append(out, f...)
	}
	return append(out, raw[end:]...)
}

// headerField is a field as it stands in a mail, with its line ends.
type headerField []byte

func (f headerField) is(name string) bool {
	got, _, ok := bytes.Cut(f, []byte(":"))
	return ok && strings.EqualFold(string(bytes.TrimRight(got, " \t")), name)
}

func (f headerField) value() []byte {
	_, value, _ := bytes.Cut(f, []byte(":"))
	return value
}

// headerFields yields the fields of a mail's header one after the other, up to
// maxSignedHeader.
func headerFields(raw []byte) func(yield func(headerField) bool) {
	return func(yield func(headerField) bool) {
		rest := raw[:min(len(raw), maxSignedHeader)]
		for len(rest) > 0 && rest[0] != '\r' && rest[0] != '\n' {
			end := 0
			for {
				n := bytes.IndexByte(rest[end:], '\n')
				if n < 0 {
					return
				}
				if end += n + 1; end == len(rest) || rest[end] != ' ' && rest[end] != '\t' {
					break
				}
			}
			if !yield(headerField(rest[:end])) {
				return
			}
			rest = rest[end:]
		}
	}
}
