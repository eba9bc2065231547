package mailin

import (
	"strings"

	"tierdesk/desk"
)

// NameAuthor puts the author of a mail into From that somebody else sent for him: a web
// form, from an address that nobody reads or from one of ours, or a list that writes
// "Ann via List" into From (RFC 7960 section 4.1.3.1). The author stands in
// X-Original-From or Reply-To then, which anybody can write. So From is not proven any
// more, and never is a technician or one of us; Via says who sent the mail.
func NameAuthor(d *desk.Desk, raw []byte, in *desk.Inbound) {
	if in.Kind != desk.KindMessage || in.FromCount != 1 || in.Claimed != nil || in.List != "" || in.Auth.Fail() || !sendsForOthers(d, in) {
		return
	}
	for _, field := range claims(raw) {
		a, ok := soleAddress(field)
		if !ok || d.Own(a.Address) || d.Technician(a.Address) != nil || desk.Robot(a.Address) != "" ||
			desk.NormalAddress(a.Address) == desk.NormalAddress(in.From.Address) {
			continue
		}
		in.Via, in.From, in.Auth = in.From.Address, &a, desk.Auth{}
		return
	}
}

// sendsForOthers reports whether the address in From is that of a form or a list. One of
// our own must be proven: whoever forges it writes for nobody.
func sendsForOthers(d *desk.Desk, in *desk.Inbound) bool {
	if d.Own(in.From.Address) {
		return in.Auth.Pass() && !d.IsList(in.From.Address)
	}
	name := strings.ToLower(in.From.Name)
	return desk.Robot(in.From.Address) != "" || strings.Contains(name, " via ") || strings.Contains(name, " über ")
}
