package mailout

import (
	htmltemplate "html/template"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxNesting bounds the open elements of a document; deeper ones are left out.
const maxNesting = 60

// formatting returns HTML with nothing in it but formatting that survives mail
// programs: known elements with styles of ours, links to web and mail addresses,
// everything closed, and the pictures that the mail carries, by Content-ID. Scripts,
// other images, other attributes and unknown elements are left out; the text in them
// stays, except in scripts and styles.
func formatting(source string, pictures map[string]bool) htmltemplate.HTML {
	f := formatter{pictures: pictures}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			f.closeTo(0)
			return htmltemplate.HTML(f.out.String())
		case html.TextToken:
			if f.hidden == "" {
				f.out.WriteString(html.EscapeString(string(z.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			f.start(z.Token())
		case html.EndTagToken:
			f.end(z.Token().Data)
		}
	}
}

type formatter struct {
	out      strings.Builder
	open     []string
	hidden   string // the element whose content is left out, or ""
	pictures map[string]bool
}

func (f *formatter) start(t html.Token) {
	switch t.Data {
	case "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "plaintext":
		if t.Type == html.StartTagToken {
			f.hidden = t.Data
		}
		return
	case "br":
		f.out.WriteString("<br>")
		return
	case "img":
		f.image(t)
		return
	case "hr":
		f.out.WriteString(`<hr style="border:0;border-top:1px solid #e4e7ec">`)
		return
	}
	style, known := elementStyle(t.Data)
	if !known || len(f.open) >= maxNesting {
		return
	}
	f.open = append(f.open, t.Data)
	f.out.WriteString("<" + t.Data)
	for _, a := range t.Attr {
		if t.Data == "a" && a.Key == "href" && safeLink(a.Val) {
			f.out.WriteString(` href="` + html.EscapeString(a.Val) + `"`)
		}
	}
	if style != "" {
		f.out.WriteString(` style="` + style + `"`)
	}
	f.out.WriteString(">")
}

// image writes a picture of the mail; others would tell who opens it and when.
func (f *formatter) image(t html.Token) {
	for _, a := range t.Attr {
		if id, ok := strings.CutPrefix(a.Val, "cid:"); ok && a.Key == "src" && f.pictures[id] {
			f.out.WriteString(`<img src="cid:` + html.EscapeString(id) + `" alt="" style="max-width:100%;height:auto">`)
		}
	}
}

func (f *formatter) end(name string) {
	if f.hidden == name {
		f.hidden = ""
		return
	}
	if i := lastIndex(f.open, name); i >= 0 {
		f.closeTo(i)
	}
}

// closeTo closes the open elements from the innermost to number i.
func (f *formatter) closeTo(i int) {
	for _, name := range slices.Backward(f.open[i:]) {
		f.out.WriteString("</" + name + ">")
	}
	f.open = f.open[:i]
}

func lastIndex(s []string, v string) int {
	for i, x := range slices.Backward(s) {
		if x == v {
			return i
		}
	}
	return -1
}

func safeLink(href string) bool {
	h := strings.ToLower(strings.TrimSpace(href))
	return strings.HasPrefix(h, "https://") || strings.HasPrefix(h, "http://") || strings.HasPrefix(h, "mailto:")
}

// elementStyle returns the style of an element that may stand in a mail.
func elementStyle(name string) (style string, known bool) {
	switch name {
	case "p":
		return "margin:0 0 12px 0", true
	case "h1", "h2":
		return "margin:18px 0 8px 0;font-size:18px;line-height:1.3;color:#101828", true
	case "h3", "h4", "h5", "h6":
		return "margin:16px 0 6px 0;font-size:16px;line-height:1.3;color:#101828", true
	case "ul", "ol":
		return "margin:0 0 12px 0;padding:0 0 0 24px", true
	case "li":
		return "margin:0 0 4px 0", true
	case "a":
		return "color:#175cd3", true
	case "code":
		return "font-family:Menlo,Consolas,monospace;font-size:13px;background-color:#f2f4f7", true
	case "pre":
		return "margin:0 0 12px 0;padding:10px 12px;background-color:#f2f4f7;white-space:pre-wrap;font-family:Menlo,Consolas,monospace;font-size:13px", true
	case "blockquote":
		return "margin:0 0 12px 0;padding:0 0 0 12px;border-left:3px solid #d0d5dd;color:#475467", true
	case "table":
		return "margin:0 0 12px 0;border-collapse:collapse", true
	case "th", "td":
		return "padding:4px 8px;border:1px solid #e4e7ec;text-align:left;vertical-align:top", true
	case "strong", "b", "em", "i", "u", "del", "s", "sub", "sup", "thead", "tbody", "tr", "dl", "dt", "dd":
		return "", true
	}
	return "", false
}
