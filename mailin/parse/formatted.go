package parse

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tierdesk/desk"
)

// HTML returns the source of a mail's text where that is one text in HTML, alone or
// beside a plain one; else "".
func HTML(raw []byte) string {
	raw = lineFeeds(raw)
	m := message{raw: raw, left: maxText}
	m.parts, _ = readParts(raw)
	m.hint = m.bodyCharset()
	texts := m.walk(0)
	if len(texts) != 1 || len(texts[0].html) != 1 || m.parts[texts[0].html[0]].media != "text/html" {
		return ""
	}
	return m.decodeText(texts[0].html[0])
}

// Formatted returns those parts of an HTML text that say what the plain text says, and
// the Content-IDs of the pictures among them. The result has no elements but p, br, b,
// i, u, em, strong, s, a, ul, ol, li, blockquote, pre, code, table, tr, td, th, h1 to
// h4, hr and img, no attributes but the href of a link to web or mail and the src of a
// picture of the mail, and no hidden text, all of it closed. It is "" when the HTML does not say all
// of the text in its order: then the text is all there is.
//
// Whatever was cut from the text, history, signature or commands, is left out of the
// HTML in this way, too, however its source marks it.
func Formatted(source, text string) (clean string, pictures []string) {
	f := formatter{rest: significant(text)}
	if f.rest == "" || len(source) > maxText {
		return "", nil
	}
	f.run(source)
	for _, o := range f.optional {
		f.skip(o)
	}
	if f.rest != "" {
		return "", nil
	}
	f.trailing()
	f.closeTo(0)
	return f.out.String(), f.pictures
}

// formatter walks through HTML beside the text that it should say.
type formatter struct {
	rest     string     // of the text, as significant returns it
	optional [][]string // what the text may say next and the HTML does not: one of each

	open   []*node // of the source
	hidden int
	loose  []loosePiece // not written yet: whether they are wanted is decided by what follows

	out      strings.Builder
	written  []*node
	inLine   bool // there is something on the line
	depth    int  // of blockquotes at the last text
	pictures []string
}

// node is an open element.
type node struct {
	tag    atom.Atom
	as     string // the element that it is written as, "" for none
	href   string
	hidden bool
	items  int // of a list: the number of its next item
	cells  int // of a row: how many began
	done   int // of a row: how many were written
	cell   int // its number in the row
}

// loosePiece is something without words of its own.
type loosePiece struct {
	text  string // punctuation and blanks
	tag   atom.Atom
	src   string
	in    []*node // the elements around it
	depth int
}

// significant returns what of a text is compared: without blanks and without the
// marks by which mail programs show formatting in plain text.
func significant(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("*_>/|-–—•·~=#`<()[]\u00ad", r) {
			return -1
		}
		return r
	}, desk.Printable(s))
}

func (f *formatter) run(source string) {
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if f.hidden == 0 {
				f.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			f.start(z.Token())
		case html.EndTagToken:
			f.end(atom.Lookup([]byte(z.Token().Data)))
		}
	}
}

// text takes a run of text; preformatted lines are taken one by one, since history
// may follow in the next.
func (f *formatter) text(s string) {
	if !f.within(atom.Pre) {
		f.words(s)
		return
	}
	for line := range strings.Lines(strings.ReplaceAll(s, "\r\n", "\n")) {
		f.words(line)
	}
}

func (f *formatter) within(tag atom.Atom) bool {
	for _, n := range f.open {
		if n.tag == tag {
			return true
		}
	}
	return false
}

// words writes a run of text when the plain text goes on with it.
func (f *formatter) words(s string) {
	s = desk.Printable(s)
	says := significant(s)
	if says == "" {
		f.loosen(loosePiece{text: s})
		return
	}
	if !f.says(says) {
		f.leaveOut()
		return
	}
	for _, l := range f.loose {
		f.write(l)
	}
	f.loose, f.optional = f.loose[:0], nil
	f.depth = f.quotes()
	f.write(loosePiece{text: s, in: f.around()})
}

// says reports whether the text goes on with the words, and steps over them.
func (f *formatter) says(words string) bool {
	if rest, ok := strings.CutPrefix(f.rest, words); ok {
		f.rest = rest
		return true
	}
	before := f.rest
	for _, o := range f.optional {
		f.skip(o)
	}
	rest, ok := strings.CutPrefix(f.rest, words)
	if !ok {
		rest = before
	}
	f.rest = rest
	return ok
}

// skip steps over the first of the alternatives that the text goes on with.
func (f *formatter) skip(alternatives []string) {
	for _, a := range alternatives {
		if rest, ok := strings.CutPrefix(f.rest, significant(a)); ok {
			f.rest = rest
			return
		}
	}
}

// maxOptional bounds what may be skipped in one place.
const maxOptional = 20

func (f *formatter) mayBe(alternatives ...string) {
	if len(f.optional) < maxOptional {
		f.optional = append(f.optional, alternatives)
	}
}

// leaveOut drops text that the plain text does not have, and what stood above it. Of
// that, pictures stay that follow the words directly.
func (f *formatter) leaveOut() {
	f.trailing()
	f.loose = f.loose[:0]
	f.depth = -1 // nothing follows words directly now
}

// trailing writes the pictures that stand directly behind the last words, before a
// ruler or a mark of a signature.
func (f *formatter) trailing() {
	end := 0
	for i, l := range f.loose {
		if f.out.Len() == 0 || l.depth != f.depth || l.tag == atom.Hr || strings.Contains(l.text, "--") || strings.Contains(l.text, "__") {
			break
		}
		if l.tag == atom.Img {
			end = i + 1
		}
	}
	for _, l := range f.loose[:end] {
		f.write(l)
	}
}

func (f *formatter) quotes() int {
	n := 0
	for _, e := range f.open {
		if e.tag == atom.Blockquote {
			n++
		}
	}
	return n
}

func (f *formatter) loosen(l loosePiece) {
	if len(f.loose) < 1000 {
		l.in, l.depth = f.around(), f.quotes()
		f.loose = append(f.loose, l)
	}
}

// around returns the elements that are written around a piece here.
func (f *formatter) around() []*node {
	var list []*node
	for _, n := range f.open {
		if n.as != "" && len(list) < maxNested {
			list = append(list, n)
		}
	}
	return list
}

const maxNested = 50

func (f *formatter) start(t html.Token) {
	n := &node{tag: t.DataAtom, as: writtenAs(t.DataAtom)}
	var src, alt string
	for _, a := range t.Attr {
		switch a.Key {
		case "href":
			n.href = strings.TrimSpace(a.Val)
		case "src":
			src = a.Val
		case "alt":
			alt = a.Val
		case "style", "hidden":
			n.hidden = n.hidden || a.Key == "hidden" || hiding(a.Val)
		}
	}
	n.hidden = n.hidden || dropped(n.tag)
	f.imply(n.tag)
	if f.hidden == 0 && !n.hidden {
		f.begin(n, src, alt)
	}
	if voidElement(n.tag) || len(f.open) >= maxOpen {
		return
	}
	if n.hidden {
		f.hidden++
	}
	f.open = append(f.open, n)
}

// hiding reports a style that hides its element.
func hiding(style string) bool {
	var r htmlRenderer
	var e element
	r.style(&e, []byte(style))
	return e.hidden
}

// begin takes what an element says by itself.
func (f *formatter) begin(n *node, src, alt string) {
	switch {
	case n.tag == atom.Br || n.tag == atom.Hr:
		f.loosen(loosePiece{tag: n.tag})
	case n.tag == atom.Img:
		id := pictureID(src)
		f.mayBe("image: "+alt, "cid:"+id, "image: "+src, alt)
		if id != "" {
			f.loosen(loosePiece{tag: atom.Img, src: id})
		}
	case n.tag == atom.Ol || n.tag == atom.Ul:
		n.items = 1
	case n.tag == atom.Li:
		f.item()
	case n.tag == atom.Td || n.tag == atom.Th:
		if row := f.row(); row != nil {
			n.cell = row.cells
			row.cells++
		}
	case n.tag == atom.A && !safeHref(n.href):
		n.as = ""
	case blockElement(n.tag) && n.as == "":
		f.loosen(loosePiece{tag: atom.Div})
	}
}

// item lets the text say the number or mark of a list's item.
func (f *formatter) item() {
	for i := len(f.open) - 1; i >= 0; i-- {
		if list := f.open[i]; list.tag == atom.Ol || list.tag == atom.Ul {
			f.mayBe(strconv.Itoa(list.items)+".", strconv.Itoa(list.items), "o", "+")
			list.items++
			return
		}
	}
}

func (f *formatter) row() *node {
	for i := len(f.open) - 1; i >= 0; i-- {
		if f.open[i].tag == atom.Tr {
			return f.open[i]
		}
	}
	return nil
}

// pictureID returns the Content-ID of a picture that the mail carries, or "".
func pictureID(src string) string {
	id, ok := strings.CutPrefix(strings.TrimSpace(src), "cid:")
	if !ok {
		return ""
	}
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	if id = strings.Trim(id, "<>"); len(id) > 200 || strings.Trim(strings.ToLower(id), "abcdefghijklmnopqrstuvwxyz0123456789.@_$+-") != "" {
		return ""
	}
	return id
}

func safeHref(href string) bool {
	low := strings.ToLower(href)
	return len(href) < 2000 && (strings.HasPrefix(low, "https://") || strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "mailto:"))
}

// imply closes elements whose end tag HTML lets writers leave out.
func (f *formatter) imply(tag atom.Atom) {
	if len(f.open) == 0 {
		return
	}
	top := f.open[len(f.open)-1].tag
	cell := top == atom.Td || top == atom.Th
	switch {
	case top == atom.P && blockElement(tag), top == atom.Li && tag == atom.Li, top == atom.Tr && tag == atom.Tr,
		cell && (tag == atom.Td || tag == atom.Th || tag == atom.Tr):
		f.pop()
	}
}

func (f *formatter) end(tag atom.Atom) {
	if tag == 0 {
		return
	}
	for i := len(f.open) - 1; i >= 0; i-- {
		if f.open[i].tag == tag {
			for len(f.open) > i {
				f.pop()
			}
			return
		}
	}
}

func (f *formatter) pop() {
	n := f.open[len(f.open)-1]
	f.open = f.open[:len(f.open)-1]
	if n.hidden {
		f.hidden--
	}
	switch {
	case f.hidden > 0:
	case n.tag == atom.A && n.href != "":
		f.mayBe(n.href, strings.TrimPrefix(n.href, "mailto:"), strings.TrimSuffix(n.href, "/"))
	case blockElement(n.tag) && n.as == "":
		f.loosen(loosePiece{tag: atom.Div})
	}
}

// write writes a piece within its elements.
func (f *formatter) write(l loosePiece) {
	if l.tag == atom.Div {
		if f.inLine {
			f.out.WriteString("<br>")
			f.inLine = false
		}
		return
	}
	f.arrange(l.in)
	switch l.tag {
	case atom.Br:
		f.out.WriteString("<br>")
		f.inLine = false
	case atom.Hr:
		f.out.WriteString("<hr>")
		f.inLine = false
	case atom.Img:
		f.out.WriteString(`<img src="cid:` + l.src + `">`)
		f.pictures = append(f.pictures, l.src)
		f.inLine = true
	default:
		f.out.WriteString(html.EscapeString(f.blanks(l.text)))
		f.inLine = f.inLine || strings.TrimSpace(l.text) != ""
	}
}

// blanks folds white space where that says nothing.
func (f *formatter) blanks(s string) string {
	for _, n := range f.written {
		if n.as == "pre" {
			return s
		}
	}
	folded := strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }), " ")
	switch {
	case folded == "" && f.inLine:
		return " "
	case folded == "":
		return ""
	}
	if strings.ContainsRune(" \t\n", rune(s[0])) && f.inLine {
		folded = " " + folded
	}
	if strings.ContainsRune(" \t\n", rune(s[len(s)-1])) {
		folded += " "
	}
	return folded
}

// arrange closes and opens elements until those around a piece are open.
func (f *formatter) arrange(in []*node) {
	same := 0
	for same < len(in) && same < len(f.written) && in[same] == f.written[same] {
		same++
	}
	f.closeTo(same)
	for _, n := range in[same:] {
		f.openElement(n)
	}
}

func (f *formatter) openElement(n *node) {
	if n.as == "td" || n.as == "th" {
		f.skipCells(n)
	}
	f.out.WriteString("<" + n.as)
	if n.as == "a" {
		f.out.WriteString(` href="` + html.EscapeString(n.href) + `"`)
	}
	f.out.WriteString(">")
	f.written = append(f.written, n)
	if blockElement(n.tag) || n.as == "td" || n.as == "th" {
		f.inLine = false
	}
}

// skipCells writes the empty cells of the row before a cell.
func (f *formatter) skipCells(cell *node) {
	if len(f.written) == 0 || f.written[len(f.written)-1].tag != atom.Tr {
		return
	}
	row := f.written[len(f.written)-1]
	for ; row.done < cell.cell && row.done < 100; row.done++ {
		f.out.WriteString("<td></td>")
	}
	row.done++
}

func (f *formatter) closeTo(n int) {
	for len(f.written) > n {
		last := f.written[len(f.written)-1]
		f.written = f.written[:len(f.written)-1]
		f.out.WriteString("</" + last.as + ">")
		if blockElement(last.tag) || last.as == "td" || last.as == "th" {
			f.inLine = false
		}
	}
}

// writtenAs returns the name under which an element is kept, "" for none.
func writtenAs(tag atom.Atom) string {
	switch tag {
	case atom.P, atom.B, atom.I, atom.U, atom.S, atom.Em, atom.Strong, atom.A, atom.Ul, atom.Ol, atom.Li, atom.Blockquote,
		atom.Pre, atom.Code, atom.Table, atom.Tr, atom.Td, atom.Th, atom.H1, atom.H2, atom.H3, atom.H4:
		return tag.String()
	case atom.Strike, atom.Del:
		return "s"
	case atom.Tt, atom.Samp, atom.Kbd:
		return "code"
	case atom.H5, atom.H6:
		return "h4"
	}
	return ""
}
