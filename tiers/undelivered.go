package tiers

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"tierdesk/desk"
)

// loss explains to people a mail that a customer did not get. failed says so, or that
// the ticket was handed over because of it; for any other event there is nothing to
// explain.
func (w *writer) loss(failed *desk.Event) *desk.LetterLoss {
	if failed.Data.Recipient == "" {
		return nil
	}
	l := &desk.LetterLoss{Address: failed.Data.Recipient, Cause: lossCause(failed)}
	switch l.Cause {
	case desk.LostNoMailbox, desk.LostNoDomain, desk.LostLate, desk.LostInDoubt, desk.LostOther:
		l.Meant = meantAddress(failed.Data.Recipient, append(w.knownDomains(l.Address), providers...))
	}
	return l
}

// knownDomains returns where the people of the ticket, but for the one who cannot be
// reached, and of the desk have their addresses. Mail of unproven senders does not
// count: it could make a stranger's domain look like the customer's.
func (w *writer) knownDomains(unreached string) []string {
	var known []string
	unreached = desk.NormalAddress(unreached)
	add := func(address string) {
		address = desk.NormalAddress(address)
		if _, domain, ok := strings.Cut(address, "@"); ok && address != unreached {
			known = append(known, domain)
		}
	}
	for i := range w.messages {
		if m := &w.messages[i]; m.Kind != desk.UnverifiedMail {
			add(m.Author.Address)
		}
	}
	for _, t := range w.rules.Desk.Technicians {
		for _, a := range t.Addresses {
			add(a)
		}
	}
	return known
}

// enhancedStatus finds a status code of RFC 3463, which a relay's reply holds behind
// its own and a report stands for.
var enhancedStatus = regexp.MustCompile(`\b[245]\.(\d{1,3})\.(\d{1,3})\b`)

// lossCause tells from status code and words why a mail did not arrive.
func lossCause(failed *desk.Event) desk.LossCause {
	reply := strings.ToLower(failed.Data.Reply + " " + failed.Because)
	switch {
	case strings.Contains(reply, "may have arrived"):
		return desk.LostInDoubt
	case strings.Contains(reply, "gave up after"):
		return desk.LostLate
	case strings.Contains(reply, "an address of this desk"):
		return desk.LostOwn
	case strings.Contains(reply, "the relay takes at most"), strings.Contains(reply, "larger than"):
		return desk.LostTooLarge
	case strings.Contains(reply, "takes no mail"), strings.Contains(reply, "not a mail"):
		return desk.LostNoDomain
	}
	m := enhancedStatus.FindStringSubmatch(cmp.Or(enhancedStatus.FindString(failed.Data.Reply), reply))
	if m == nil {
		return desk.LostOther
	}
	switch status := m[1] + "." + m[2]; {
	case status == "1.2" || status == "1.10" || status == "4.4" || status == "1.8":
		return desk.LostNoDomain // 1.10 is a null MX (RFC 7505)
	case m[1] == "1", status == "2.1":
		return desk.LostNoMailbox
	case status == "2.2":
		return desk.LostFull
	case status == "3.4", status == "2.3":
		return desk.LostTooLarge
	case m[1] == "7":
		return desk.LostBlocked
	case status == "4.7":
		return desk.LostLate
	}
	return desk.LostOther
}

// providers are the domains that are mistyped most, and those that look like a slip
// and are none.
var providers = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com", "icloud.com",
	"me.com", "aol.com", "mail.com", "email.com", "gmx.com", "proton.me", "protonmail.com", "zoho.com", "fastmail.com", "comcast.net",
	"gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "mail.de", "posteo.de", "outlook.de", "hotmail.de",
	"yahoo.de", "orange.fr", "free.fr", "sfr.fr", "wanadoo.fr", "laposte.net", "hotmail.fr", "outlook.fr", "yahoo.fr", "hotmail.co.uk",
	"yahoo.co.uk", "btinternet.com", "libero.it", "hotmail.it", "yahoo.it", "hotmail.es", "yahoo.es", "outlook.es", "sapo.pt", "wp.pl",
	"o2.pl", "onet.pl", "interia.pl", "ziggo.nl", "mail.ru", "yandex.ru",
}

// meantAddress returns the address with the known domain that its own is a slip of
// the finger away from, or "".
func meantAddress(address string, known []string) string {
	local, domain, ok := strings.Cut(desk.NormalAddress(address), "@")
	if !ok || slices.Contains(known, domain) {
		return ""
	}
	for _, k := range known {
		if slip(domain, k) {
			return local + "@" + k
		}
	}
	return ""
}

// slip reports whether two domains differ by one character that is missing, too
// many, another, or swapped with the next.
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if a == b || len(b)-len(a) > 1 || len(a) < 5 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	return swapped || a[i+1:] == b[i+1:]
}
