package mailin

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"tierdesk/desk"
)

const (
	maxSignatures = 5
	maxLookups    = 2*maxSignatures + 2
	lookupBudget  = 5 * time.Second
	// maxSignedHeader bounds the header whose signatures are verified.
	maxSignedHeader = 128 << 10
)

// Sources of desk.Auth.
const (
	fromHeader   = "authentication-results"
	fromVerifier = "verified"
)

// Authenticator finds out whether a mail's author is proven. It believes what
// our own mail server wrote into the mail, or else verifies DKIM signatures. In
// doubt the answer is "unknown", never "pass".
type Authenticator struct {
	// Trusted lists the authserv-ids (RFC 8601 section 2.5) of our mail servers, or
	// Microsoft365 for those of Microsoft's cloud, which write none.
	Trusted []string
	// Desk knows the lists and technicians of Restore.
	Desk *desk.Desk
	// Verify lets DNS be asked about all mail that carries no trusted header.
	Verify bool
	// Needs says about which of it DNS is asked in any case, without Verify and while
	// DNS is slow; nil: none.
	Needs func(in *desk.Inbound) bool
	// LookupTXT returns the TXT records of a name; nil asks the system's resolver.
	LookupTXT func(ctx context.Context, name string) ([]string, error)

	slow    atomic.Int64 // mails in a row for which DNS had no time
	skipped atomic.Int64 // mails that were not asked about since
}

const (
	// maxSlow is how many mails in a row DNS may fail before most are spared its
	// waits, so that a backlog does not stand still.
	maxSlow = 3
	// retrySlow is how many of these come on one that is tried all the same.
	retrySlow = 50
)

// worthAsking reports whether DNS is asked about a mail.
func (a *Authenticator) worthAsking(in *desk.Inbound) bool {
	switch {
	case a.Needs != nil && a.Needs(in):
		return true
	case !a.Verify:
		return false
	case a.slow.Load() < maxSlow:
		return true
	}
	return a.skipped.Add(1)%retrySlow == 0
}

// noteDNS remembers whether DNS had an answer in time.
func (a *Authenticator) noteDNS(ctx context.Context) {
	if ctx.Err() != nil {
		a.slow.Add(1)
	} else {
		a.slow.Store(0)
	}
}

// Authenticate returns what is known about the author of the mail, whose bytes
// and reading are given. A mail with several authors proves none of them.
func (a *Authenticator) Authenticate(ctx context.Context, raw []byte, in *desk.Inbound) desk.Auth {
	from := authorDomain(in)
	if results, ok := a.trusted(in.AuthRaw.Trace); ok {
		return judge(results, from)
	}
	if from == "" || !a.worthAsking(in) {
		return desk.Auth{}
	}
	return a.verify(ctx, raw, from)
}

// authorDomain returns the domain of the only author, or "".
func authorDomain(in *desk.Inbound) string {
	if in.From == nil || in.FromCount != 1 {
		return ""
	}
	return domainOf(in.From.Address)
}

// trusted returns the topmost Authentication-Results field of ours. Everything
// below the first Received field came from outside and may be forged (RFC 8601
// section 5), unless that field only tells of the last step into the mailbox.
func (a *Authenticator) trusted(trace []desk.TraceField) (authResults, bool) {
	cloud, inside := a.trusts(Microsoft365), false
	for _, field := range trace {
		switch {
		case strings.EqualFold(field.Name, "Received"):
			switch {
			case cloud && insideMicrosoft(field.Value):
				inside = true
			case !localDelivery(field.Value):
				return authResults{}, false
			}
		case strings.EqualFold(field.Name, "Authentication-Results"):
			r, ok := parseAuthResults(field.Value)
			switch {
			case !ok:
			case r.id == "" && inside, r.id != "" && r.id != Microsoft365 && a.trusts(r.id):
				return r, true
			}
		}
	}
	return authResults{}, false
}

func (a *Authenticator) trusts(id string) bool {
	return slices.ContainsFunc(a.Trusted, func(ours string) bool { return strings.EqualFold(ours, id) })
}

// Microsoft365 stands among the trusted ids for Microsoft's cloud. Its servers write
// the results of each mail from outside directly above the Received field of their
// border, without an authserv-id, and hand it on inside. So the first field without an
// id counts, when nothing but steps between their servers stands above it.
const Microsoft365 = "microsoft365"

var (
	microsoftStep = regexp.MustCompile(`^from \S+\.(?:outlook|office365)\.com \(([0-9a-f.:]+)\) by \S+\.(?:prod\.outlook|outlook\.office365)\.com (?:\([0-9a-f.:]+\) )?with (?:microsoft smtp server|https|mapi)\b`)
	microsoftNet  = netip.MustParsePrefix("2603:1000::/24")
)

// insideMicrosoft reports whether a Received field tells of a step between two
// servers of Microsoft's cloud; those of its border, protection.outlook.com, take mail
// from outside. A stranger chooses his name, and not his address.
func insideMicrosoft(received string) bool {
	m := microsoftStep.FindStringSubmatch(strings.ToLower(strings.Join(strings.Fields(received), " ")))
	if m == nil {
		return false
	}
	ip, err := netip.ParseAddr(m[1])
	return err == nil && (ip.IsLoopback() || ip.IsPrivate() || microsoftNet.Contains(ip))
}

// localDelivery reports whether a Received field was written by the server of
// the mailbox when our MX handed the mail over by LMTP. A stranger chooses the
// HELO name and perhaps the recipient in our MX's own field, so comments count
// like any text, and every protocol named in the field must be LMTP (RFC 3848).
func localDelivery(received string) bool {
	words := strings.FieldsFunc(strings.ToUpper(received), func(r rune) bool {
		return r <= ' ' || r == '(' || r == ')' || r == ';'
	})
	local := false
	for i, word := range words {
		switch {
		case word == "BY":
			local = false
		case i > 0 && words[i-1] == "WITH" && word != "CIPHER":
			switch word {
			case "LMTP", "LMTPS", "LMTPA", "LMTPSA":
				local = true
			default:
				return false
			}
		}
	}
	return local
}

// judge weighs the results of a trusted field for the author's domain, which is
// "" when there is no single author.
func judge(r authResults, from string) desk.Auth {
	auth := desk.Auth{Source: fromHeader}
	for _, res := range r.results {
		switch res.method {
		case "dmarc":
			auth.DMARC = worse(auth.DMARC, judgeDMARC(res, from))
		case "dkim":
			auth.DKIM = better(auth.DKIM, res.result)
			signer := domainOf(res.props["header.d"])
			if signer == "" {
				signer = domainOf(res.props["header.i"])
			}
			auth.Aligned = auth.Aligned || res.result == "pass" && aligned(signer, from)
		case "spf":
			auth.SPF = better(auth.SPF, res.result)
			auth.Aligned = auth.Aligned || res.result == "pass" && aligned(domainOf(res.props["smtp.mailfrom"]), from)
		}
	}
	if auth.DMARC == "pass" {
		auth.Aligned = true
	}
	if auth.Fail() {
		auth.Aligned = false
	}
	return auth
}

// unproven stands for a pass that is not about the author's domain.
const unproven = "none"

func judgeDMARC(res authResult, from string) string {
	if res.result == "pass" && (from == "" || domainOf(res.props["header.from"]) != from) {
		return unproven
	}
	return res.result
}

// worse returns the result to believe when a field has two for one method that
// gives one: never the pass.
func worse(known, next string) string {
	if known == "" || known == "pass" || next == "fail" {
		return next
	}
	return known
}

// better returns the result to show when there may be several: the pass.
func better(known, next string) string {
	if known == "" || next == "pass" {
		return next
	}
	return known
}

// verify checks the DKIM signatures ourselves and applies the author domain's
// DMARC policy (RFC 7489) to them. Without SPF, which cannot be checked after
// delivery, a mail that does not pass has not failed.
func (a *Authenticator) verify(ctx context.Context, raw []byte, from string) desk.Auth {
	auth := desk.Auth{Source: fromVerifier}
	if !verifiable(raw) {
		return auth
	}
	ctx, cancel := context.WithTimeout(ctx, lookupBudget)
	defer cancel()
	defer func() { a.noteDNS(ctx) }()
	lookup := a.lookup(ctx)
	signatures, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: lookup, MaxVerifications: maxSignatures})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		auth.DKIM = "permerror"
		return auth
	}
	if len(signatures) == 0 {
		auth.DKIM = "none"
		return auth
	}
	var exact, relaxed bool
	for _, sig := range signatures {
		auth.DKIM = better(auth.DKIM, dkimResult(sig.Err))
		if sig.Err == nil {
			signer := domainOf(sig.Domain)
			exact = exact || signer == from
			relaxed = relaxed || aligned(signer, from)
		}
	}
	if !relaxed {
		return auth
	}
	switch policy, err := dmarcPolicy(from, lookup); {
	case errors.Is(err, dmarc.ErrNoPolicy):
		auth.DMARC, auth.Aligned = "none", true
	case err != nil:
		auth.DMARC = "temperror"
	case exact || policy.DKIMAlignment != dmarc.AlignmentStrict:
		auth.DMARC, auth.Aligned = "pass", true
	}
	return auth
}

// verifiable reports whether the header is within its limit and has one From
// field: a signature covers only the last, and people are shown the first.
func verifiable(raw []byte) bool {
	header := raw[:min(len(raw), maxSignedHeader)]
	end := bytes.Index(header, []byte("\r\n\r\n"))
	if end < 0 {
		return false
	}
	authors := 0
	for line := range bytes.SplitSeq(header[:end], []byte("\n")) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(bytes.TrimRight(name, " \t"), []byte("From")) {
			authors++
		}
	}
	return authors == 1
}

// lookup returns a bounded TXT lookup. It may be called from several goroutines.
func (a *Authenticator) lookup(ctx context.Context) func(string) ([]string, error) {
	left := make(chan struct{}, maxLookups)
	ask := a.LookupTXT
	if ask == nil {
		ask = net.DefaultResolver.LookupTXT
	}
	return func(name string) ([]string, error) {
		select {
		case left <- struct{}{}:
			return ask(ctx, name)
		default:
			return nil, errors.New("too many lookups for one mail")
		}
	}
}

func dkimResult(err error) string {
	switch {
	case err == nil:
		return "pass"
	case dkim.IsTempFail(err):
		return "temperror"
	case dkim.IsPermFail(err):
		return "permerror"
	}
	return "fail"
}

// dmarcPolicy returns the policy of the domain or of its organisation.
func dmarcPolicy(domain string, lookup func(string) ([]string, error)) (*dmarc.Record, error) {
	options := &dmarc.LookupOptions{LookupTXT: lookup}
	record, err := dmarc.LookupWithOptions(domain, options)
	if org := organisation(domain); errors.Is(err, dmarc.ErrNoPolicy) && org != "" && org != domain {
		return dmarc.LookupWithOptions(org, options)
	}
	return record, err
}

// Aligned reports whether a signature of the domain counts for mail from the address:
// both belong to one organisation (RFC 7489 section 3.1, relaxed).
func Aligned(domain, address string) bool { return aligned(domainOf(domain), domainOf(address)) }

// aligned reports whether two domains, as domainOf returns them, belong to one
// organisation.
func aligned(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	return a == b || organisation(a) != "" && organisation(a) == organisation(b)
}

// organisation returns the registered domain that a domain belongs to, or "" for
// a public suffix.
func organisation(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return ""
	}
	return org
}

// domainOf returns the domain of an address, or of a domain itself, as lower-case
// A-labels and without any other mapping, so that look-alikes stay different. It
// returns "" for what is no domain.
func domainOf(address string) string {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	domain = strings.TrimSuffix(desk.NormalAddress(domain), ".")
	ascii, err := idna.Punycode.ToASCII(domain)
	if err != nil {
		return ""
	}
	return ascii
}
