package parse

import (
	"slices"
	"strings"

	"tierdesk/desk"
)

// Servers that write no delivery-status part say it in words. The reading is the
// same for all of them: is it a server that writes, where does its own text end
// and the returned mail begin, which addresses does it name, and what does it say
// about each. The tables hold what they write.

// daemonSender reports a mail that a server wrote by itself; sure is false when
// only its empty return path says so, which vacation replies have, too.
func (m *message) daemonSender() (daemon, sure bool) {
	names := ""
	for _, a := range []*desk.Address{m.in.From, m.in.Sender} {
		if a != nil {
			names += " " + strings.ToLower(a.Name+" "+a.Address)
		}
	}
	names += " " + strings.ToLower(m.parts[0].head.value("From"))
	if hasAny(names, daemonNames) {
		return true, true
	}
	if p := m.in.ReturnPath; p != nil && (*p == "" || strings.HasPrefix(strings.ToLower(*p), "mailer-daemon")) {
		return true, *p != ""
	}
	return false, false
}

// words reads a report that is written in words.
func (b *bounceReader) words() bool {
	if !b.saysBounce() {
		return false
	}
	report := b.report()
	b.list = jsonNotice(b.m.in.Text)
	if len(b.list) == 0 {
		b.list = statusLines(report)
	}
	if len(b.list) == 0 {
		b.list = b.named(report)
	}
	if len(b.list) == 0 {
		b.failedRecipients()
	}
	all := strings.Join(report, "\n")
	all = all[:min(len(all), 4000)]
	for i := range b.list {
		r := &b.list[i]
		if r.Status == "" && len(b.list) == 1 && !hasCode(r.Diagnostic) {
			if reason := reasonAbove(report); reason != "" || r.Diagnostic == "" {
				r.Diagnostic = reason
			}
		}
		if delayed(all) && r.Action == "" {
			r.Action = "delayed"
		}
		r.Status = wordStatus(*r)
		if r.Action == "" {
			r.Action = "failed"
		}
	}
	if b.why == "" {
		b.why = "report in words"
	}
	return true
}

// hasEnhanced reports an enhanced status code of a failure.
func hasEnhanced(s string) bool {
	code, _ := findStatus(s)
	return code != "" && code[0] != '2'
}

func hasCode(s string) bool {
	code, reply := findStatus(s)
	return code != "" || reply != ""
}

// reasonAbove returns the first lines of a report that hold a code: MailMarshal
// and others give the reason before they name the recipient.
func reasonAbove(report []string) string {
	for i, l := range report {
		if hasCode(l) {
			return strings.Join(report[i:min(len(report), i+5)], "\n")
		}
	}
	return ""
}

// saysBounce reports whether the mail looks like a server's report: by who wrote
// it and what it says.
func (b *bounceReader) saysBounce() bool {
	m := b.m
	daemon, sure := m.daemonSender()
	if !daemon && (desk.Robot(fromAddress(&m.in)) == "" || replied(m.in.Subject)) {
		return false
	}
	subject := hasAny(strings.ToLower(m.in.Subject), bounceSubjects)
	text := m.in.Text
	if len(text) > 8000 {
		text = text[:8000]
	}
	says := hasAny(strings.Join(strings.Fields(strings.ToLower(text)), " "), bouncePhrases)
	switch {
	case sure && hasEnhanced(text) && m.in.ReturnPath != nil && *m.in.ReturnPath == "": // in any language
		return true
	case sure: // postmasters are people, too
		return says || subject && !replied(m.in.Subject)
	case daemon:
		return says && (subject || !m.awaySubject())
	}
	return says && subject && len(m.in.InReplyTo) == 0
}

func fromAddress(in *desk.Inbound) string {
	if in.From == nil {
		return ""
	}
	return in.From.Address
}

// replied reports a subject that a person's program made: "Re:", "Fwd:".
func replied(subject string) bool {
	return subject != desk.BaseSubject(subject, "")
}

func hasAny(s string, list []string) bool {
	for _, w := range list {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// report returns the lines that the server wrote, without the mail it returns.
func (b *bounceReader) report() []string {
	lines := strings.Split(b.m.in.Text, "\n")
	for i, l := range lines {
		if i > 400 {
			return lines[:i]
		}
		if endsReport(l, i) {
			return lines[:i]
		}
	}
	return lines
}

func endsReport(line string, i int) bool {
	if i > 0 && strings.IndexByte(line, ':') > 0 && returnedFields.prefixOf(strings.ToLower(line[:min(len(line), 30)])) != "" {
		return true
	}
	if len(line) > 160 {
		return false
	}
	low := strings.ToLower(strings.Trim(line, "-=*_#>. \t"))
	low = strings.TrimPrefix(low, "the ")
	for _, mark := range originalMarks {
		if strings.HasPrefix(low, mark) {
			return !strings.Contains(low, "was received at")
		}
	}
	return false
}

// statusLines reads delivery-status fields that stand in the text itself.
func statusLines(lines []string) []desk.BounceRecipient {
	for i, l := range lines {
		low := strings.ToLower(strings.TrimSpace(l))
		if !strings.HasPrefix(low, "final-recipient:") && !strings.HasPrefix(low, "original-recipient:") {
			continue
		}
		start := i
		for start > 0 && strings.Contains(lines[start-1], ":") {
			start--
		}
		trimmed := make([]string, 0, len(lines)-start)
		for _, x := range lines[start:] {
			trimmed = append(trimmed, strings.TrimSpace(x))
		}
		list, _ := readStatus(strings.Join(trimmed, "\n"))
		return list
	}
	return nil
}

const maxReason = 25 // lines of a report that may be about one recipient

// mention is an address that a report names.
type mention struct {
	address string
	line    int
	rank    mentionRank
}

// mentionRank says how sure it is that the address is a failed recipient.
type mentionRank byte

const (
	inPassing mentionRank = iota
	inReply               // in an SMTP reply: "550 <ann@example.com>... User unknown"
	blamed                // after words such as "unable to deliver to"
	heading               // begins a line
)

// named returns the recipients that a report names: the surest kind of mention
// wins, the weaker ones are explanations and senders.
func (b *bounceReader) named(lines []string) []desk.BounceRecipient {
	var found []mention
	for i, l := range lines {
		if a, rank := b.mention(l); a != "" {
			found = append(found, mention{a, i, rank})
		}
		if len(found) > maxRecipients {
			break
		}
	}
	for rank := heading; ; rank-- {
		if list := b.ofRank(lines, found, rank, false); len(list) > 0 {
			return list
		}
		if rank == inPassing {
			break
		}
	}
	self := b.ofRank(lines, found, heading, true) // he wrote to himself, or is greeted
	if to := b.originalTo(); len(to) > 0 && (len(self) == 0 || !strings.Contains(self[0].Diagnostic, self[0].Address+":")) {
		return to
	}
	return self
}

// ofRank returns the recipients of one rank, each with the text up to the next one.
// The sender of the original is left out unless it is asked for.
func (b *bounceReader) ofRank(lines []string, found []mention, rank mentionRank, sender bool) []desk.BounceRecipient {
	var list []desk.BounceRecipient
	next := mention{line: len(lines)}
	end := len(lines)
	for i := len(found) - 1; i >= 0; i-- {
		f := found[i]
		if f.rank != rank {
			continue
		}
		if f.address != next.address {
			end = next.line
		}
		if sender || !b.isSender(f.address) {
			text := lines[f.line:min(max(end, f.line+1), f.line+maxReason)]
			list = append(list, desk.BounceRecipient{Address: f.address, Diagnostic: strings.Join(text, "\n")})
		}
		next = f
	}
	slices.Reverse(list)
	return list
}

func (b *bounceReader) isSender(address string) bool {
	address = desk.NormalAddress(address)
	if address == desk.NormalAddress(fromAddress(&b.m.in)) {
		return true
	}
	for _, a := range b.m.in.To {
		if desk.NormalAddress(a.Address) == address {
			return true
		}
	}
	return false
}

// mention returns the address that a line names and how sure it is that it
// failed; "" for none.
func (b *bounceReader) mention(line string) (string, mentionRank) {
	t := strings.TrimSpace(line)
	if len(t) > 1000 || strings.IndexByte(t, '@') < 0 {
		return "", 0
	}
	t = strings.TrimLeft(t, "*-> \t\u2022\u00b7")
	low := strings.ToLower(t)
	for _, p := range passingPrefixes {
		if strings.HasPrefix(low, p) {
			return "", 0
		}
	}
	start, end := findAddress(t)
	if start < 0 {
		return "", 0
	}
	if next, after, ok := angledNext(t, end); ok { // "ann@example.com <ann@example.com>"
		start, end = next, after
	}
	address := t[start:end]
	before := strings.TrimRight(t[:start], " <\"'(")
	switch {
	case headingBefore(before) && plausibleHeading(t[end:]):
		return address, heading
	case smtpReply(t), strings.HasPrefix(low, "rcpt to:"):
		return address, inReply
	case hasAny(strings.ToLower(before), helpWords):
		return "", 0
	case hasAny(strings.ToLower(before), blameWords):
		if strings.HasPrefix(low, "to:") && len(before) == 3 {
			return address, inPassing // "To:" of the original's description
		}
		return address, blamed
	}
	return address, inPassing
}

// headingBefore reports whether an address with this before it begins its line:
// nothing, or the same address once more.
func headingBefore(s string) bool {
	s = strings.Trim(s, "<\"'")
	return s == "" || strings.Contains(s, "@") && !strings.Contains(s, " ")
}

// angledNext returns where the address in brackets right after position i stands.
func angledNext(t string, i int) (start, end int, ok bool) {
	if !strings.HasPrefix(t[i:], " <") {
		return 0, 0, false
	}
	start, end = findAddress(t[i+2:])
	return i + 2 + start, i + 2 + end, start == 0
}

// plausibleHeading reports whether what follows an address at the start of a line
// may follow a recipient: nothing, a reason, a date; not the rest of a sentence.
func plausibleHeading(rest string) bool {
	rest = strings.TrimLeft(rest, ">\"')")
	if rest == "" {
		return true
	}
	switch rest[0] {
	case ':', '.', ',', '(', '[', ';', '<', '\t':
		return true
	}
	return rest[0] == ' '
}

// smtpReply reports "550 …", "554-…", "<<< 550 …".
func smtpReply(t string) bool {
	t = strings.TrimLeft(t, "< ")
	return len(t) > 4 && (t[0] == '4' || t[0] == '5') && digit(t[1]) && digit(t[2]) && (t[3] == ' ' || t[3] == '-')
}

// findAddress returns where the first address in s stands, -1 without.
func findAddress(s string) (start, end int) {
	for from := 0; from < len(s); {
		at := strings.IndexByte(s[from:], '@')
		if at < 0 {
			break
		}
		at += from
		start, end = at, at+1
		for start > 0 && addressByte(s[start-1]) {
			start--
		}
		if i := strings.LastIndexFunc(s[start:at], widePunctuation); i >= 0 {
			start += i + len("：")
		}
		for start < at && s[start] == '\'' {
			start++
		}
		for end < len(s) && domainByte(s[end]) {
			end++
		}
		for end > at+1 && (s[end-1] == '.' || s[end-1] == '-' || s[end-1] == '\'') {
			end--
		}
		if start < at && end > at+1 && end-start < 320 {
			return start, end
		}
		from = at + 1
	}
	return -1, -1
}

// widePunctuation reports the marks of Chinese and Japanese, after which an address
// begins without a blank.
func widePunctuation(r rune) bool {
	return r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff20
}

func addressByte(c byte) bool {
	return domainByte(c) || strings.IndexByte("!#$%&'*+/=?^`{|}~", c) >= 0 || c >= 0x80
}

func domainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || digit(c) || c == '.' || c == '-' || c == '_'
}

// originalTo returns the recipients of the returned mail when there is just one:
// the report names none.
func (b *bounceReader) originalTo() []desk.BounceRecipient {
	to := parseAddresses(b.m.original().value("To"), "")
	if len(to) == 0 {
		for _, l := range strings.Split(b.m.in.Text, "\n") {
			if strings.HasPrefix(l, "To:") {
				to = parseAddresses(l[3:], "")
				break
			}
		}
	}
	if len(to) != 1 || !strings.Contains(to[0].Address, "@") || b.isSender(to[0].Address) {
		return nil
	}
	return []desk.BounceRecipient{{Address: to[0].Address}}
}
