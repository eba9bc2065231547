package parse

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"
)

// historyContainers are the class names and ids of elements that hold the
// answered mail and nothing else.
var historyContainers = map[string]bool{
	"gmail_quote":           true, // Gmail
	"gmail_quote_container": true,
	"gmail_extra":           true, // Gmail until 2017
	"yahoo_quoted":          true, // Yahoo
	"moz-cite-prefix":       true, // Thunderbird's attribution
	"OLK_SRC_BODY_SECTION":  true, // Outlook for Mac
	"zmail_extra":           true, // Zoho
	"protonmail_quote":      true,
	"tutanota_quote":        true,
	"reply-intro":           true, // Roundcube's attribution
	"AppleOriginalContents": true, // Apple Mail
	"x_gmail_quote":         true, // Gmail's, seen through Outlook
	"x_moz-cite-prefix":     true,
	"isForwardContent":      true, // 163.com
	"isReplyContent":        true,
	"ntes-mailmaster-quote": true,
	"mailru-blockquote":     true,
	"hs_reply":              true, // HubSpot
	"front-blockquote":      true,
	"freshdesk_quote":       true,
	"messageReplySection":   true, // Spark
}

// historyRests are ids and class names of elements after which all is old mail.
var historyRests = map[string]bool{
	"divRplyFwdMsg":                           true, // Outlook on the web and the new Outlook
	"x_divRplyFwdMsg":                         true,
	"appendonsend":                            true, // Outlook on the web, before its rule
	"x_appendonsend":                          true,
	"stopSpelling":                            true, // Hotmail's rule
	"replySplit":                              true,
	"ms-outlook-mobile-reference-message":     true, // Outlook for phones
	"mail-editor-reference-message-container": true, // Outlook for phones, from 2023
}

// signatureElements are the class names, ids and names of elements that hold a
// signature.
var signatureElements = map[string]bool{
	"gmail_signature":                   true, // Gmail
	"Signature":                         true, // Outlook on the web
	"x_Signature":                       true,
	"ms-outlook-mobile-signature":       true, // Outlook for phones
	"moz-signature":                     true, // Thunderbird
	"AppleMailSignature":                true, // Apple Mail
	"protonmail_signature_block":        true,
	"protonmail_signature_block-user":   true,
	"protonmail_signature_block-proton": true,
	"messageSignatureSection":           true, // Spark
	"front-signature":                   true,
	"sh-signature":                      true, // Superhuman
	"composer_signature":                true, // Samsung
	"ymail_android_signature":           true, // Yahoo
	"ymail_ios_signature":               true,
	"bloop_sign":                        true, // Airmail
	"hs_signature":                      true, // HubSpot
	"signature_old":                     true, // eM Client
	"tutanota_signature":                true,
	"zmail_signature":                   true, // Zoho
	"hse-signature":                     true, // Hiver
}

// identify notes what a class or id tells about an element.
func (r *htmlRenderer) identify(e *element, value string) {
	for len(value) > 0 {
		var name string
		name, value, _ = strings.Cut(strings.TrimLeft(value, " "), " ")
		switch {
		case historyRests[name]:
			r.restHere()
		case name == "lineBreakAtBeginningOfSignature":
			r.breakLine()
			r.signBegan = true
		case signatureElements[name] && e.tag != atom.Blockquote:
			e.sign = true
		case historyContainers[name] && e.tag == atom.Blockquote:
			e.cited = true
		case historyContainers[name] && e.history == 0 && len(r.containers) < 1000:
			r.containers = append(r.containers, container{})
			e.history = len(r.containers)
		case strings.HasPrefix(name, "yahoo_quoted") && e.history == 0 && len(r.containers) < 1000:
			r.containers = append(r.containers, container{})
			e.history = len(r.containers)
		}
	}
}

// style notes hidden elements, preformatted ones, and the border that Outlook
// draws above the header block of the answered mail.
func (r *htmlRenderer) style(e *element, val []byte) {
	if len(val) > 4000 {
		val = val[:4000]
	}
	s := strings.ToLower(string(bytes.ReplaceAll(val, []byte(" "), nil)))
	switch {
	case strings.Contains(s, "display:none"), strings.Contains(s, "mso-hide:all"), strings.Contains(s, "visibility:hidden"):
		e.hidden = true
	case strings.Contains(s, "font-size:0"):
		rest := s[strings.Index(s, "font-size:0")+len("font-size:0"):]
		e.hidden = rest == "" || rest[0] == ';' || rest[0] == 'p'
	}
	if strings.Contains(s, "white-space:pre") {
		e.pre = true
	}
	if outlookBorder(s) {
		r.restHere()
	}
}

// outlookBorder reports the line that Outlook 2007 and later draw above the
// header block of the answered mail: a top border only, in one of its blues or
// greys.
func outlookBorder(s string) bool {
	if strings.Contains(s, "border-top-style:solid") && strings.Contains(s, "border-top-width:1px") && strings.Contains(s, "padding-top:5px") {
		return true // Windows Mail
	}
	i := strings.Index(s, "border-top:solid")
	if i < 0 || !strings.Contains(s, "padding:3.0pt0") && !strings.Contains(s, "padding:3pt0") {
		return false
	}
	color := s[i+len("border-top:solid"):]
	if len(color) > 12 {
		color = color[:12]
	}
	return strings.HasPrefix(color, "#b5c4df") || strings.HasPrefix(color, "#e1e1e1") || strings.HasPrefix(color, "windowtext")
}

// dropped reports elements whose content is never shown.
func dropped(t atom.Atom) bool {
	switch t {
	case atom.Head, atom.Style, atom.Script, atom.Title, atom.Template, atom.Object, atom.Svg, atom.Select, atom.Noframes, atom.Iframe:
		return true
	}
	return false
}

func voidElement(t atom.Atom) bool {
	switch t {
	case atom.Br, atom.Hr, atom.Img, atom.Input, atom.Meta, atom.Link, atom.Base, atom.Col, atom.Area, atom.Wbr, atom.Embed, atom.Param, atom.Source, atom.Track:
		return true
	}
	return false
}

func blockElement(t atom.Atom) bool {
	switch t {
	case atom.Div, atom.P, atom.Table, atom.Tr, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Blockquote, atom.Pre,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Form, atom.Fieldset, atom.Center, atom.Address,
		atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Aside, atom.Figure, atom.Figcaption,
		atom.Caption, atom.Tbody, atom.Thead, atom.Tfoot, atom.Body, atom.Listing, atom.Xmp, atom.Menu:
		return true
	}
	return false
}

func itoa(n int) string { return strconv.Itoa(n) }
