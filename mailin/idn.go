package mailin

import (
	"strings"

	"tierdesk/desk"
)

// asciiDomains puts the domains of a mail's people into the form in which the DNS knows
// them, A-labels (RFC 5890 section 2.3.2.1). One that looks like another is told apart
// then by everybody who reads it, and both forms of one domain are the same.
func asciiDomains(in *desk.Inbound) {
	if in.From != nil {
		in.From.Address = asciiDomain(in.From.Address)
	}
	for _, people := range [][]desk.Address{in.To, in.Cc} {
		for i := range people {
			people[i].Address = asciiDomain(people[i].Address)
		}
	}
}

// asciiDomain returns an address with its domain in A-labels, or as it is where that
// cannot be done.
func asciiDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	ascii := strings.IndexFunc(address[at+1:], func(r rune) bool { return r > '~' }) < 0
	if at < 0 || ascii {
		return address
	}
	if domain := domainOf(address); domain != "" {
		return address[:at+1] + domain
	}
	return address
}
