package parse

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxOpen bounds the elements that the renderer keeps open; deeper ones are
// rendered without being remembered.
const maxOpen = 400

// textLine is one line of a mail's text, with what the HTML told about it.
type textLine struct {
	text string
	// history marks lines inside an element that clients put old mail in.
	history bool
	// rest marks a line from which on everything is old mail.
	rest bool
	// cited marks lines in a quote that a program made, not a person indenting.
	cited bool
	// sign marks lines inside an element that a client puts the signature in.
	sign bool
}

// renderHTML turns HTML into lines of text. It keeps quotes ("> "), lists, table
// rows, links, preformatted text and the alternative texts of images, and drops
// what a reader would not see.
func renderHTML(src []byte) []textLine {
	r := htmlRenderer{skipHidden: true}
	r.run(src)
	if len(r.lines) == 0 { // all of it was hidden
		r = htmlRenderer{}
		r.run(src)
	}
	return r.lines
}

// element is an open element.
type element struct {
	tight   bool // a paragraph of Outlook's, which is a line: its class has no margins
	tag     atom.Atom
	name    string // of tags without an atom
	hidden  bool
	quote   bool
	cited   bool
	sign    bool
	history int // index+1 into containers
	pre     bool
	list    int // number of the next item of an ordered list, -1 bulleted
	href    string
	hrefAt  int // length of the line when the link began
}

// container is an element in which a client puts the mail that is answered.
type container struct {
	start, end int // lines
	cited      bool
}

type htmlRenderer struct {
	skipHidden bool
	lines      []textLine
	cur        []byte
	space      bool // white space is due before the next word
	gap        bool // an empty line is due before the next text
	open       []element
	containers []container
	hidden     int
	quotes     int
	cites      int
	signs      int
	signBegan  bool // iOS marks only where the signature begins
	pre        int
	size       int
	restNext   bool
}

func (r *htmlRenderer) run(src []byte) {
	z := html.NewTokenizer(bytes.NewReader(src))
	z.SetMaxBuf(8 << 20)
	for r.size < maxText {
		switch z.Next() {
		case html.ErrorToken:
			r.finish()
			return
		case html.TextToken:
			if r.hidden == 0 {
				r.text(z.Text())
			}
		case html.StartTagToken:
			r.start(z, false)
		case html.SelfClosingTagToken:
			r.start(z, true)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name), name)
		}
	}
	r.finish()
}

func (r *htmlRenderer) finish() {
	r.breakLine()
	for i := range r.containers {
		c := &r.containers[i]
		if c.end == 0 {
			c.end = len(r.lines)
		}
		r.markHistory(c)
	}
	for len(r.lines) > 0 && strings.TrimSpace(r.lines[len(r.lines)-1].text) == "" {
		r.lines = r.lines[:len(r.lines)-1]
	}
}

// markHistory marks the lines of a container as old mail. Gmail keeps inline
// answers inside its container, between the quotes: only what is above the first
// quote is marked then, the quotes are known by their ">".
func (r *htmlRenderer) markHistory(c *container) {
	for i := c.start; i < c.end && i < len(r.lines); i++ {
		quoted := strings.HasPrefix(r.lines[i].text, ">")
		if c.cited && quoted {
			break
		}
		r.lines[i].history = true
	}
}

// start handles an opening tag.
func (r *htmlRenderer) start(z *html.Tokenizer, selfClosing bool) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	e := element{tag: tag}
	if tag == 0 {
		e.name = string(name)
	}
	var alt string
	for more {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) {
		case "style":
			r.style(&e, val)
		case "hidden":
			e.hidden = true
		case "class", "id":
			e.tight = e.tight || bytes.HasPrefix(val, []byte("MsoNormal")) || bytes.HasPrefix(val, []byte("MsoPlainText"))
			r.identify(&e, string(val))
		case "type":
			e.cited = tag == atom.Blockquote && string(val) == "cite"
		case "href":
			e.href = string(val)
		case "alt":
			alt = string(val)
		case "name":
			if tag == atom.A && string(val) == "_MailOriginal" { // Outlook's bookmark
				r.restHere()
			}
			r.identify(&e, string(val)) // Spark
		}
	}
	e.tight = e.tight && tag == atom.P
	r.closeImplied(tag)
	r.opening(&e, alt)
	if selfClosing && tag != atom.Div && tag != atom.Span && tag != atom.P || voidElement(tag) || len(r.open) >= maxOpen {
		return
	}
	r.push(e)
}

func (r *htmlRenderer) push(e element) {
	if e.hidden && r.skipHidden || dropped(e.tag) {
		e.hidden = true
		r.hidden++
	} else {
		e.hidden = false
	}
	if e.quote {
		r.quotes++
	}
	if e.cited {
		r.cites++
	}
	if e.sign {
		r.breakLine()
		r.signs++
	}
	if e.pre {
		r.pre++
	}
	e.hrefAt = len(r.cur)
	r.open = append(r.open, e)
}

// opening renders what an element begins with.
func (r *htmlRenderer) opening(e *element, alt string) {
	switch e.tag {
	case atom.Br:
		r.newline()
	case atom.Hr:
		r.breakLine()
		r.word([]byte("------------------------------"))
		r.breakLine()
	case atom.Img:
		r.image(alt)
	case atom.Blockquote:
		r.paragraph()
		r.flushGap() // the empty line stands outside the quote
		e.quote = true
		r.signBegan = false
		for i := range r.containers {
			if r.containers[i].end == 0 {
				r.containers[i].cited = true
			}
		}
	case atom.Pre, atom.Textarea, atom.Listing, atom.Xmp:
		r.breakLine()
		e.pre = true
	case atom.Ul, atom.Dl, atom.Menu:
		r.breakLine()
		e.list = -1
	case atom.Ol:
		r.breakLine()
		e.list = 1
	case atom.Li:
		r.breakLine()
		r.bullet()
	case atom.Td, atom.Th:
		if len(bytes.TrimSpace(r.cur)) > 0 {
			r.cur = append(bytes.TrimRight(r.cur, " "), '\t')
			r.space = false
		}
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if e.tight {
			r.breakLine()
		} else {
			r.paragraph()
		}
	default:
		if blockElement(e.tag) {
			r.breakLine()
		}
	}
	if e.history > 0 {
		r.breakLine()
		r.containers[e.history-1].start = len(r.lines)
	}
}

// end handles a closing tag: everything opened since is closed with it.
func (r *htmlRenderer) end(tag atom.Atom, name []byte) {
	for i := len(r.open) - 1; i >= 0; i-- {
		if r.open[i].tag == tag && (tag != 0 || r.open[i].name == string(name)) {
			for len(r.open) > i {
				r.pop()
			}
			return
		}
	}
	if tag == atom.P {
		r.paragraph()
	} else if blockElement(tag) {
		r.breakLine()
	}
}

func (r *htmlRenderer) pop() {
	e := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	switch {
	case e.tag == atom.A:
		r.link(e)
	case e.tag == atom.Blockquote:
		r.paragraph()
	case e.tight:
		if len(r.cur) > 0 { // an empty line has a blank in it that does not break
			r.newline()
		}
	case e.tag == atom.P || isHeading(e.tag):
		r.paragraph()
	case blockElement(e.tag) || e.pre:
		r.breakLine()
	}
	if e.hidden {
		r.hidden--
	}
	if e.quote {
		r.breakLine()
		r.quotes--
	}
	if e.cited {
		r.cites--
	}
	if e.sign {
		r.breakLine()
		r.signs--
	}
	if e.pre {
		r.pre--
	}
	if e.history > 0 {
		r.breakLine()
		r.containers[e.history-1].end = max(len(r.lines), 1)
	}
}

func isHeading(t atom.Atom) bool {
	switch t {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// closeImplied closes elements whose end tag HTML lets writers leave out.
func (r *htmlRenderer) closeImplied(tag atom.Atom) {
	n := len(r.open)
	if n == 0 {
		return
	}
	top := r.open[n-1].tag
	switch {
	case top == atom.P && blockElement(tag),
		top == atom.Li && tag == atom.Li,
		(top == atom.Td || top == atom.Th) && (tag == atom.Td || tag == atom.Th || tag == atom.Tr),
		top == atom.Tr && tag == atom.Tr,
		(top == atom.Dt || top == atom.Dd) && (tag == atom.Dt || tag == atom.Dd),
		top == atom.Head && tag == atom.Body:
		r.pop()
	}
}

func (r *htmlRenderer) restHere() {
	r.breakLine()
	r.restNext = true
}
