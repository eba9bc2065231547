package parse

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestFormatted(t *testing.T) {
	for _, c := range []struct {
		name, source, text, want string
	}{
		{"emphasis and a link",
			`<div dir="ltr">Hello <b class="x">Alice</b>,<div><br></div><div>see <a href="https://kb.example/1" onclick="x()">this page</a>.</div></div>`,
			"Hello *Alice*,\n\nsee this page <https://kb.example/1>.",
			`Hello <b>Alice</b>,<br><br>see <a href="https://kb.example/1">this page</a>.`},
		{"history and signature are cut as in the text",
			`<p>Restart it.</p><p>-- <br>Tess Two</p><div class="gmail_quote">On Monday Alice wrote:<blockquote>It beeps.</blockquote></div>`,
			"Restart it.",
			`<p>Restart it.</p>`},
		{"answers between quotes",
			`<blockquote>Which port?</blockquote><p>Port <i>443</i>.</p><blockquote>And which host?</blockquote><p>vpn.example</p>`,
			"Port /443/.\n\nvpn.example",
			`<p>Port <i>443</i>.</p><p>vpn.example</p>`},
		{"commands on top are cut",
			`<div>#solve</div><div>It is <u>done</u>.</div>`,
			"It is done.",
			`It is <u>done</u>.`},
		{"lists, with the marks of plain text",
			`<ol><li>Stop it</li><li>Start <code>vpnd</code></li></ol><ul><li>that is all</li></ul>`,
			" 1. Stop it\n 2. Start vpnd\n\n   - that is all",
			`<ol><li>Stop it</li><li>Start <code>vpnd</code></li></ol><ul><li>that is all</li></ul>`},
		{"tables keep their columns",
			`<table style="x"><tbody><tr><th>Port</th><th>Use</th></tr><tr><td></td><td>none</td></tr></tbody></table>`,
			"Port\tUse\n\tnone",
			`<table><tr><th>Port</th><th>Use</th></tr><tr><td></td><td>none</td></tr></table>`},
		{"preformatted lines one by one",
			"<pre>ping  vpn\npong\n&gt; ping?</pre>",
			"ping  vpn\npong",
			"<pre>ping  vpn\npong\n</pre>"},
		{"hidden text, scripts, styles and remote pictures",
			`<style>p{}</style><p style="display:none">secret</p><p id="a" style="color:red">Hello<script>x()</script><img src="https://spy.example/p.gif"></p><!-- note -->`,
			"Hello",
			`<p>Hello</p>`},
		{"links to elsewhere are text",
			`<p>Click <a href="javascript:x()">here</a> or <a href="file:///etc">there</a>.</p>`,
			"Click here or there.",
			`<p>Click here or there.</p>`},
		{"the text wins when the two differ", `<p>Pay 100 now</p>`, "Pay 10 now", ""},
		{"the text wins when it says more", `<p>Hello</p>`, "Hello\nAlice", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := Formatted(c.source, c.text); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestFormattedKeepsPicturesOfTheText(t *testing.T) {
	source := `<p>Press this button:</p><p><img src="cid:shot@client.test" alt="shot.png"></p><p>and wait.</p>` +
		`<p>--<br><img src="cid:logo@client.test"><br>Tess Two</p>`
	got, pictures := Formatted(source, "Press this button:\n\n[image: shot.png]\n\nand wait.")
	if !slices.Equal(pictures, []string{"shot@client.test"}) || !strings.Contains(got, `<img src="cid:shot@client.test">`) || strings.Contains(got, "logo") {
		t.Errorf("%s, pictures %q", got, pictures)
	}
	got, pictures = Formatted(`<div>See below:<br><img src="cid:a@b"></div><div>-- <br>Tess</div>`, "See below:\n[cid:a@b]")
	if len(pictures) != 1 {
		t.Errorf("a picture behind the last words is lost: %s", got)
	}
}

// What comes out of any HTML has only harmless elements, closed, and says the text.
func FuzzFormatted(f *testing.F) {
	f.Add(`<p>Hello <b>Alice</b><img src="cid:a@b"><a href="https://x.test">x</a></p>`, "Hello Alice x")
	f.Add(`<table><tr><td><pre>a`, "a")
	f.Add("<p style=display:none>a</p>a<li>1", "a 1")
	f.Add(`<a href="JaVaScript:x" x="`, "&")
	f.Fuzz(func(t *testing.T, source, text string) {
		clean, pictures := Formatted(source, text)
		if clean == "" {
			return
		}
		var said strings.Builder
		var open []string
		images := 0
		for z := html.NewTokenizer(strings.NewReader(clean)); ; {
			switch z.Next() {
			case html.ErrorToken:
				if got := significant(said.String()); len(open) != 0 || images != len(pictures) || !strings.Contains(significant(text), got) && !subsequence(got, significant(text)) {
					t.Errorf("%q of %q is %q: open %q, %d pictures", text, source, clean, open, images)
				}
				return
			case html.TextToken:
				said.WriteString(string(z.Text()))
			case html.StartTagToken:
				tok := z.Token()
				mayStand(t, tok)
				if tok.Data == "img" {
					images++
				}
				if !voidElement(tok.DataAtom) {
					open = append(open, tok.Data)
				}
			case html.EndTagToken:
				if name := z.Token().Data; len(open) == 0 || open[len(open)-1] != name {
					t.Fatalf("%q closes %s, open are %q", clean, name, open)
				}
				open = open[:len(open)-1]
			default:
				t.Fatalf("%q has a %s", clean, z.Token().Type)
			}
		}
	})
}

// subsequence reports whether short is long with something left out.
func subsequence(short, long string) bool {
	for _, r := range short {
		i := strings.IndexRune(long, r)
		if i < 0 {
			return false
		}
		long = long[i+len(string(r)):]
	}
	return true
}

func mayStand(t *testing.T, tok html.Token) {
	t.Helper()
	allowed := strings.Fields("p br b i u s em strong a ul ol li blockquote pre code table tr td th h1 h2 h3 h4 hr img")
	if !slices.Contains(allowed, tok.Data) {
		t.Errorf("element %s", tok.Data)
	}
	for _, a := range tok.Attr {
		link := tok.Data == "a" && a.Key == "href" && safeHref(a.Val)
		picture := tok.Data == "img" && a.Key == "src" && strings.HasPrefix(a.Val, "cid:")
		if !link && !picture {
			t.Errorf("attribute %s=%q of %s", a.Key, a.Val, tok.Data)
		}
	}
}
