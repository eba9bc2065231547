package kb

import (
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"go.abhg.dev/goldmark/frontmatter"
)

// Section is a part of a document under one heading.
type Section struct {
	Heading string // "" for what stands before the first
	Text    string
}

// markdown returns the one dialect that documents are written in. Raw HTML and
// unsafe links are dropped by the renderer.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.GFM, &frontmatter.Extender{}))
})

// parsed is a Markdown page taken apart.
type parsed struct {
	meta     *frontmatter.Data // nil: no front matter
	first    string            // the first heading
	sections []Section
}

// hasText reports whether anything can be read on the page.
func (p *parsed) hasText() bool { return len(p.sections) > 0 }

func parseMarkdown(source []byte) parsed {
	ctx := parser.NewContext()
	root := markdown().Parser().Parse(text.NewReader(source), parser.WithContext(ctx))
	p := parsed{meta: frontmatter.Get(ctx)}
	for _, b := range cutSections(root, source) {
		if p.first == "" {
			p.first = b.section.Heading
		}
		p.sections = append(p.sections, b.section)
	}
	return p
}

// sectionBlocks is a section and the blocks that it was read from.
type sectionBlocks struct {
	section Section
	nodes   []ast.Node
}

// cutSections cuts a page at its headings. Sections with nothing in them are left out.
func cutSections(root ast.Node, source []byte) []sectionBlocks {
	var out []sectionBlocks
	w := textWriter{source: source}
	var now sectionBlocks
	end := func() {
		now.section.Text = strings.TrimSpace(w.out.String())
		w.out.Reset()
		if now.section != (Section{}) {
			out = append(out, now)
		}
		now = sectionBlocks{}
	}
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			end()
			now.section.Heading = w.inline(h)
		} else {
			w.block(n, "")
		}
		now.nodes = append(now.nodes, n)
	}
	end()
	return out
}

// join returns the text of all sections.
func join(sections []Section) string {
	var parts []string
	for _, s := range sections {
		for _, part := range [...]string{s.Heading, s.Text} {
			if part != "" {
				parts = append(parts, part)
			}
		}
	}
	return strings.Join(parts, "\n\n")
}

// textWriter turns blocks of Markdown into plain text as one would type it in a
// mail.
type textWriter struct {
	source []byte
	out    strings.Builder
}

// block writes one block, each line after the indent.
func (w *textWriter) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.List:
		w.list(n, indent)
	case *ast.Blockquote:
		w.children(n, indent+"> ")
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			w.line(indent+"    ", strings.TrimRight(string(line.Value(w.source)), "\r\n"))
		}
		w.out.WriteByte('\n')
	case *extast.Table:
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			var cells []string
			for c := row.FirstChild(); c != nil; c = c.NextSibling() {
				cells = append(cells, w.inline(c))
			}
			w.line(indent, strings.Join(cells, " | "))
		}
		w.out.WriteByte('\n')
	case *ast.ThematicBreak, *ast.HTMLBlock:
	default:
		if n.Type() == ast.TypeBlock && n.FirstChild() != nil && n.FirstChild().Type() == ast.TypeBlock {
			w.children(n, indent)
			return
		}
		for line := range strings.SplitSeq(w.inline(n), "\n") {
			w.line(indent, line)
		}
		w.out.WriteByte('\n')
	}
}

func (w *textWriter) children(n ast.Node, indent string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.block(c, indent)
	}
}

func (w *textWriter) list(l *ast.List, indent string) {
	number := l.Start
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if l.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		inner := textWriter{source: w.source}
		inner.children(item, "")
		pad := strings.Repeat(" ", len(mark))
		for i, line := range strings.Split(strings.TrimSpace(inner.out.String()), "\n") {
			switch {
			case i == 0:
				w.line(indent+mark, line)
			case line != "":
				w.line(indent+pad, line)
			}
		}
	}
	w.out.WriteByte('\n')
}

func (w *textWriter) line(indent, s string) {
	w.out.WriteString(strings.TrimRight(indent+s, " ") + "\n")
}

// inline returns the text of the inline nodes under n. A link to elsewhere shows
// its target after its text.
func (w *textWriter) inline(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Value(w.source))
			if c.HardLineBreak() {
				b.WriteByte('\n')
			} else if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.URL(w.source))
		case *ast.Link:
			label, to := w.inline(c), string(c.Destination)
			b.WriteString(label)
			if to != label && !html.IsDangerousURL(c.Destination) && strings.Contains(to, ":") {
				b.WriteString(" (" + to + ")")
			}
		case *ast.RawHTML:
		default:
			b.WriteString(w.inline(c))
		}
	}
	return b.String()
}
