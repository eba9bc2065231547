package kb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark/text"
)

// Passage is what a mail quotes of a document.
type Passage struct {
	Text string
	HTML string // the same as clean HTML: no raw HTML of the page, no unsafe links
	// Rest are the headings of the sections that are left out.
	Rest []string
}

// shortDocument is the length in bytes up to which a document is quoted as a whole,
// and beyond which no further section is added to the best one.
const shortDocument = 1500

// Passage returns the document when it is short, and otherwise the sections that
// matter for the question, each in full and in their order.
func (d *Document) Passage(q Question) (Passage, error) {
	source, md := []byte(d.source), markdown()
	blocks := cutSections(md.Parser().Parse(text.NewReader(source)), source)
	all := make([]Section, len(blocks))
	for i, b := range blocks {
		all[i] = b.section
	}
	keep := relevant(all, q)
	var p Passage
	var page strings.Builder
	var sections []Section
	for i, b := range blocks {
		if !keep[i] {
			if b.section.Heading != "" {
				p.Rest = append(p.Rest, b.section.Heading)
			}
			continue
		}
		sections = append(sections, b.section)
		for _, n := range b.nodes {
			if err := md.Renderer().Render(&page, source, n); err != nil {
				return Passage{}, fmt.Errorf("render %s: %w", d.Path, err)
			}
		}
	}
	p.Text, p.HTML = join(sections), page.String()
	return p, nil
}

// relevant says of each section whether it is quoted.
func relevant(sections []Section, q Question) []bool {
	keep := make([]bool, len(sections))
	if len(join(sections)) <= shortDocument || len(sections) < 2 {
		for i := range keep {
			keep[i] = true
		}
		return keep
	}
	size := 0
	for _, i := range ranked(sections, q) {
		s := sections[i]
		if size > 0 && size+len(s.Text) > shortDocument {
			break
		}
		keep[i] = true
		size += len(s.Text)
	}
	return keep
}

// ranked returns the sections with text, those that fit the question first. Without
// any that fits, the first ones are.
func ranked(sections []Section, q Question) []int {
	parts := newIndex(len(sections), func(i int) content {
		return content{title: sections[i].Heading, sections: sections[i : i+1]}
	})
	found, _ := parts.search(words(newText(q.Subject, q.Text)), "", nil)
	var order []int
	for _, c := range found {
		if sections[c.doc].Text != "" {
			order = append(order, int(c.doc))
		}
	}
	for i, s := range sections {
		if s.Text != "" && !slices.Contains(order, i) && len(found) == 0 {
			order = append(order, i)
		}
	}
	return order
}
