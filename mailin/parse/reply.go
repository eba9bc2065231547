package parse

import (
	"strings"

	"tierdesk/desk"
)

// answer is a mail's text taken apart.
type answer struct {
	reply     string // what the sender newly wrote
	quoted    string // what was cut, in its order
	forwarded *desk.Forwarded
	why       string
	cut       bool // history was found and cut
	bare      bool // the sender wrote nothing: reply is what he answers or forwards
}

// fate is what becomes of a line.
type fate byte

const (
	fateKeep  fate = iota
	fateQuote      // "> …"
	fateIntro      // an attribution
	fateOld        // history without quote marks
	fateSign       // signature, device line, footer
)

// replyLine is a line as the rules look at it.
type replyLine struct {
	textLine
	trim  string // white space folded, marks of emphasis and zero-width characters gone
	fate  fate
	quote bool
	blank bool
}

// hints is what the header tells about the text.
type hints struct {
	delimiter string // Options.Delimiter
	answers   bool   // the mail answers or forwards another
	sender    string // name and address of its author, in lower case
}

// cutReply separates the new text of a mail from what it answers. Every rule
// looks at a bounded number of lines, so it is linear in the text. What is cut is
// returned as quoted; when nothing would be left, all of the text is the reply.
//
// In a mail that answers nothing, lines with a ">" and nothing above them that says
// whose they are stay: people mark logs so.
func cutReply(text []textLine, h hints) answer {
	lines := prepare(text)
	c := cutter{lines: lines}
	c.ownDelimiter(h.delimiter)
	c.structure()
	c.signatures()
	c.armor()
	c.history()
	bare := c.forward != nil && c.bare // Proton marks what it forwards as a quote
	if (h.answers || c.why != "") && !bare {
		c.quoteRuns()
	}
	if !bare {
		cutSignatures(c.lines, h.sender)
	}
	return c.answer()
}

type cutter struct {
	lines   []replyLine
	why     string
	forward *desk.Forwarded
	bare    bool // a forward without a word of the sender's own
	seen    int  // lines that textAbove has looked at
	text    bool // it has found text of the sender's own
}

func prepare(text []textLine) []replyLine {
	lines := make([]replyLine, len(text))
	for i, t := range text {
		l := &lines[i]
		l.textLine = t
		l.trim = normalLine(t.text)
		l.blank = l.trim == ""
		l.quote = isQuote(l.trim) && !groupWise(l.trim)
	}
	return lines
}

// normalLine returns a line for comparing: invisible characters gone, white space
// folded.
func normalLine(s string) string {
	s = strings.TrimSpace(s)
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] == '\t' || s[i] == ' ' && s[i-1] == ' ' {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == 0xa0 || r == '\t' || r >= 0x2000 && r <= 0x200a || r == 0x202f || r == 0x3000:
			return ' '
		case r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r == 0x2060 || r == 0xfeff || r == 0xad || r == 0x1427:
			return -1 // 0x1427 is what Gmail's mail tracker leaves
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// isQuote reports a line that is marked as quoted. "|" is Discourse's and old
// news readers' mark.
func isQuote(s string) bool {
	if strings.HasPrefix(s, "| ") {
		return !strings.HasSuffix(s, " |") // a table
	}
	return strings.HasPrefix(s, ">") || strings.HasPrefix(s, "&gt;") || s == "|"
}

// ownDelimiter cuts at the line that our own mail asks to write above, where a
// mail program repeated it without a mark. Among quoted lines it says nothing: the
// sender may have answered between them.
func (c *cutter) ownDelimiter(delimiter string) {
	if delimiter == "" {
		return
	}
	for i := range c.lines {
		if l := &c.lines[i]; !l.quote && strings.Contains(l.trim, delimiter) {
			for j := i; j < len(c.lines); j++ {
				c.lines[j].fate = fateOld
			}
			c.why = "own delimiter"
			return
		}
	}
}

// structure cuts what the HTML marks as history.
func (c *cutter) structure() {
	rest := false
	for i := range c.lines {
		l := &c.lines[i]
		rest = rest || l.rest
		if rest || l.history {
			l.fate = fateOld
		}
		if l.fate == fateOld || l.cited {
			c.because("HTML structure")
		}
	}
}

// armor cuts what PGP puts around a signed text (RFC 9580 section 7).
func (c *cutter) armor() {
	head, tail := false, false
	for i := range c.lines {
		l := &c.lines[i]
		head = head && !l.blank || l.trim == "-----BEGIN PGP SIGNED MESSAGE-----"
		tail = tail || l.trim == "-----BEGIN PGP SIGNATURE-----"
		if (head || tail) && l.fate == fateKeep {
			l.fate = fateSign
		}
		tail = tail && l.trim != "-----END PGP SIGNATURE-----"
	}
}

// signatures cuts what the HTML marks as a signature, except where its author went
// on writing in it, or wrote nothing else.
func (c *cutter) signatures() {
	kept := 0
	for i := range c.lines {
		if c.lines[i].kept() {
			kept++
		}
	}
	for i := 0; i < len(c.lines); i++ {
		start, marked := i, 0
		for i < len(c.lines) && c.lines[i].sign && c.lines[i].fate == fateKeep {
			if c.lines[i].kept() {
				marked++
			}
			i++
		}
		if marked == 0 || marked == kept || asks(c.lines[start:i]) {
			continue
		}
		for j := start; j < i; j++ {
			c.lines[j].fate = fateSign
		}
		kept -= marked
	}
}

// kept reports a line of text that is not cut so far.
func (l *replyLine) kept() bool { return l.fate == fateKeep && !l.blank && !l.quote }

func (c *cutter) because(why string) {
	if c.why == "" {
		c.why = why
	}
}

// history walks down the lines and cuts attributions, separators and header
// blocks with what follows them.
func (c *cutter) history() {
	for i := 0; i < len(c.lines); i++ {
		l := &c.lines[i]
		if l.fate != fateKeep || l.blank || l.quote {
			continue
		}
		if n := c.attribution(i); n > 0 {
			i = c.cutAttribution(i, n) - 1
			continue
		}
		if c.separator(i) {
			if !c.textAbove(i) {
				c.noteForward(i + 1)
			}
			c.cutRest(c.above(i), "separator")
			return
		}
		if c.lotusBlock(i) {
			c.cutRest(i, "header block")
			return
		}
		if b, ok := c.headerBlock(i); ok {
			if c.forwardedBlock(i, b) {
				return
			}
			c.cutRest(c.above(i), "header block")
			return
		}
	}
}

// cutAttribution cuts the attribution of n lines at i. A quote after it is cut by
// its marks; without marks all that follows is history, when there is new text
// above. It returns where to go on.
func (c *cutter) cutAttribution(i, n int) int {
	next := c.nextText(i + n)
	quote := next >= len(c.lines) || c.lines[next].quote
	if !quote && !c.textAbove(i) && next == i+n {
		return next // a sentence that goes on: "Ann <ann@x.example> wrote:"
	}
	for j := i; j < i+n; j++ {
		c.lines[j].fate = fateIntro
	}
	c.because("attribution")
	if quote || !c.textAbove(i) {
		return next
	}
	c.cutRest(i, "attribution")
	return len(c.lines)
}

// nextText returns the first line from i on that is not blank.
func (c *cutter) nextText(i int) int {
	for i < len(c.lines) && c.lines[i].blank {
		i++
	}
	return i
}

// textAbove reports whether there is text of the sender's own above line i.
func (c *cutter) textAbove(i int) bool {
	for ; c.seen < i && !c.text; c.seen++ {
		l := &c.lines[c.seen]
		c.text = l.kept() && !ruleLine(l.trim)
	}
	return c.text
}

// above returns the first of the ruler lines and blanks above line i, which
// belong to what follows them.
func (c *cutter) above(i int) int {
	for i > 0 && (c.lines[i-1].blank || ruleLine(c.lines[i-1].trim)) && c.lines[i-1].fate == fateKeep {
		i--
	}
	return i
}

func (c *cutter) cutRest(i int, why string) {
	if !c.textAbove(i) {
		c.bare = c.forward != nil
		return
	}
	for ; i < len(c.lines); i++ {
		c.lines[i].fate = fateOld
	}
	c.because(why)
}

// quoteRuns cuts the lines that carry quote marks, and the ends of quoted lines
// that a client wrapped without repeating the mark.
func (c *cutter) quoteRuns() {
	for i := range c.lines {
		l := &c.lines[i]
		if l.fate != fateKeep {
			continue
		}
		if l.quote || i > 0 && c.lines[i-1].fate == fateQuote && c.wrappedQuote(i) {
			l.fate = fateQuote
			c.because("quote marks")
		}
	}
}

// wrappedQuote reports a line between two quoted ones that goes on the first: it
// closes a bracket that is open there, or is a link only.
func (c *cutter) wrappedQuote(i int) bool {
	l := c.lines[i].trim
	if l == "" || i+1 >= len(c.lines) || !c.lines[i+1].quote {
		return false
	}
	above := c.lines[i-1].trim
	if strings.LastIndexByte(above, '(') > strings.LastIndexByte(above, ')') && strings.IndexByte(l, ')') >= 0 {
		return true
	}
	if strings.LastIndexByte(above, '<') > 0 && strings.LastIndexByte(above, '<') > strings.LastIndexByte(above[1:], '>') && strings.IndexByte(l, '>') >= 0 {
		return true
	}
	link := strings.Trim(l, "()<>[] ")
	return strings.HasPrefix(link, "http") && !strings.Contains(link, " ") && link != l
}

// answer joins the lines by their fates.
func (c *cutter) answer() answer {
	var kept, cut strings.Builder
	for i := range c.lines {
		l := &c.lines[i]
		if l.fate == fateKeep {
			if !l.blank {
				kept.WriteString(l.text)
			}
			kept.WriteByte('\n')
		} else {
			cut.WriteString(l.text)
			cut.WriteByte('\n')
		}
	}
	a := answer{reply: tidy(kept.String()), quoted: tidy(cut.String()), forwarded: c.forward, why: c.why}
	a.cut, a.bare = c.why != "", c.bare
	if strings.TrimSpace(a.reply) == "" {
		a.reply, a.quoted, a.forwarded = c.everything(), "", c.firstBlock()
		a.bare = a.cut || c.bare
	}
	return a
}

// everything returns the whole text, for a mail in which nothing is new.
func (c *cutter) everything() string {
	all := make([]string, len(c.lines))
	for i := range c.lines {
		all[i] = c.lines[i].text
	}
	return tidy(strings.Join(all, "\n"))
}

// firstBlock returns what the header block at the top of the text forwards.
func (c *cutter) firstBlock() *desk.Forwarded {
	for i := 0; c.forward == nil && i < len(c.lines) && i < maxBlockLines; i++ {
		if c.lines[i].blank {
			continue
		}
		if b, ok := c.headerBlock(i); ok {
			return b.forwarded()
		}
	}
	return c.forward
}

// tidy takes off blank lines at both ends and folds runs of them to two.
func tidy(s string) string {
	lines := strings.Split(s, "\n")
	out := lines[:0]
	blanks := 0
	for _, l := range lines {
		l = strings.TrimRight(l, " \t\r")
		if l == "" {
			if blanks++; blanks > 2 {
				continue
			}
		} else {
			blanks = 0
		}
		out = append(out, l)
	}
	return strings.Trim(strings.Join(out, "\n"), "\n")
}
