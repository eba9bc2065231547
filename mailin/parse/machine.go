package parse

import (
	"strings"

	"tierdesk/desk"
)

// readKind decides what the mail is by its form, and whether an automatic answer
// may go out, with the signals that decided.
func (m *message) readKind() {
	m.suppress()
	switch {
	case m.complaint():
		m.in.Kind = desk.KindComplaint
	case m.receipt():
		m.in.Kind = desk.KindReceipt
	case m.reaction():
		m.in.Kind = desk.KindReaction
	case m.readBounce():
		m.in.Kind = desk.KindBounce
	case m.autoReply():
		m.in.Kind = desk.KindAutoReply
	}
	if m.in.Kind != desk.KindMessage {
		m.in.Answerable = false
	}
}

// mute notes that no automatic answer may go out, and why.
func (m *message) mute(format string, args ...any) {
	m.in.Answerable = false
	m.why(format, args...)
}

// suppress looks for everything that forbids an automatic answer.
func (m *message) suppress() {
	h := m.parts[0].head
	if v, ok := h.get("Auto-Submitted"); ok && keyword(v) != "no" && keyword(v) != "" { // RFC 3834 section 5
		m.in.Automatic = true
		m.mute("Auto-Submitted: %s", keyword(v))
	}
	if m.in.ReturnPath != nil && *m.in.ReturnPath == "" {
		m.mute("null sender")
	}
	switch p := keyword(h.value("Precedence")); p {
	case "bulk", "list", "junk", "auto_reply", "auto-reply":
		m.mute("Precedence: %s", p)
	}
	for _, name := range []string{"List-Id", "List-Post", "List-Unsubscribe"} { // RFC 2919, RFC 2369
		if h.has(name) {
			m.mute("%s", name)
		}
	}
	if v := strings.ToLower(h.value("X-Auto-Response-Suppress")); v != "" {
		for _, w := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
			if w == "all" || w == "autoreply" || w == "oof" {
				m.mute("X-Auto-Response-Suppress: %s", w)
			}
		}
	}
	if name := campaign(h); name != "" && !m.answers() {
		m.mute("%s", name)
	}
	if h.has("X-Loop") {
		m.mute("X-Loop")
	}
	if m.in.From == nil {
		m.mute("no sender")
	} else if reason := desk.Robot(m.in.From.Address); reason != "" {
		m.mute("sender is %s", reason)
	}
}

// campaign returns the first field that only services for sending many mails write,
// or "". Some companies send their people's mail through them, too, so that it says
// nothing about an answer.
func campaign(h header) string {
	for i := range h {
		name := strings.ToLower(string(h[i].name))
		switch name {
		case "feedback-id", "x-csa-complaints", "x-campaign", "x-campaign-id", "x-campaignid", "x-mailgun-sid", "x-ses-outgoing", "x-sg-eid", "x-mc-user", "x-pm-message-id":
			return string(h[i].name)
		}
	}
	return ""
}

// keyword returns the first word of a field in lower case, without parameters
// and comments.
func keyword(v string) string {
	v, _ = cutComments(v)
	if i := strings.IndexAny(v, "; \t"); i > 0 {
		v = v[:i]
	}
	return strings.ToLower(strings.TrimSpace(v))
}

// hasPart returns the index of the first part of that type, -1 without.
func (m *message) hasPart(media ...string) int {
	for i := range m.parts {
		for _, t := range media {
			if m.parts[i].media == t {
				return i
			}
		}
	}
	return -1
}

func (m *message) reportType() string { return strings.ToLower(m.parts[0].params.get("report-type")) }

// complaint reports an abuse report (RFC 5965).
func (m *message) complaint() bool {
	if m.hasPart("message/feedback-report") >= 0 || m.reportType() == "feedback-report" {
		m.why("feedback report")
		return true
	}
	if strings.EqualFold(m.in.Subject, "unsubscribe") && strings.HasPrefix(keyword(m.parts[0].head.value("Auto-Submitted")), "auto-") {
		m.why("unsubscribe request") // iCloud's, to a List-Unsubscribe address
		return true
	}
	return false
}

// receipt reports a disposition notification (RFC 8098).
func (m *message) receipt() bool {
	if m.hasPart("message/disposition-notification") >= 0 || m.reportType() == "disposition-notification" {
		m.why("disposition notification")
		return true
	}
	return false
}

// reaction reports an emoji sent as an answer (RFC 9078, and Gmail's own form).
func (m *message) reaction() bool {
	if m.hasPart("text/vnd.google.email-reaction+json") >= 0 {
		m.why("reaction part")
		return true
	}
	for i := range m.parts {
		if keyword(m.parts[i].head.value("Content-Disposition")) == "reaction" {
			m.why("reaction part")
			return true
		}
	}
	return false
}

// autoReply reports answers by machines.
func (m *message) autoReply() bool {
	h := m.parts[0].head
	switch v := keyword(h.value("Auto-Submitted")); {
	case strings.HasPrefix(v, "auto-replied"), strings.HasPrefix(v, "auto-notified"), strings.HasPrefix(v, "vacation"):
		m.why("Auto-Submitted: %s", v)
		return true
	case v == "auto-generated" && len(m.in.InReplyTo) > 0: // Exchange says so, too
		m.why("Auto-Submitted: %s, in reply", v)
		return true
	}
	for _, f := range autoReplyFields {
		v, ok := h.get(f.name)
		if ok && f.match(strings.ToLower(v)) {
			m.why("%s: %s", f.name, v)
			return true
		}
	}
	if p := keyword(h.value("Precedence")); p == "auto_reply" || p == "auto-reply" {
		m.why("Precedence: %s", p)
		return true
	}
	return m.awaySubject() || m.nullAway()
}

// autoReplyFields are the header fields of programs that answer by themselves.
var autoReplyFields = []struct {
	name  string
	match func(lower string) bool
}{
	{"X-Autoreply", notNo},
	{"X-Autorespond", notNo},
	{"X-Autoresponder", notNo},
	{"X-Autoreply-From", notNo},
	{"X-Mail-Autoreply", notNo},
	{"X-Vacation", notNo},
	{"X-FC-MachineGenerated", func(v string) bool { return v == "true" }},
	{"X-MS-Exchange-Inbox-Rules-Loop", notNo},
	{"X-POST-MessageClass", contains("autoresponder")},
	{"X-MSExch-Autoreply", notNo},
	{"X-Ms-Exchange-Generated-Message-Source", contains("oof")},
	{"Delivered-To", func(v string) bool { return v == "autoresponder" }},
	{"X-Mailer", contains("vacation", "autorespon", "auto-respon")},
	{"X-Apple-Action", contains("vacation")}, // iCloud
	{"X-Yahoo-Autoreply", notNo},
	{"X-Autogenerated", contains("reply")},
	{"X-Auto-Reply", notNo},
	{"X-Auto-Reply-From", notNo},
	{"X-Autoresponder-Id", notNo},
	{"X-Vacation-Reply", notNo},
	{"Preference", contains("auto_reply")},
}

func notNo(v string) bool { return v != "no" && v != "false" }

func contains(words ...string) func(string) bool {
	return func(v string) bool {
		for _, w := range words {
			if strings.Contains(v, w) {
				return true
			}
		}
		return false
	}
}

// awaySubject is the last resort: a subject that says "out of office". A customer
// may write about such a thing, too, so that the mail must answer something, come
// without a return path, or say in its text that somebody is away.
func (m *message) awaySubject() bool {
	low := strings.ToLower(m.in.Subject)
	if strings.HasPrefix(low, "[") { // "[EXTERNAL] Out of office"
		_, low, _ = strings.Cut(low, "] ")
	}
	null := m.in.ReturnPath != nil && *m.in.ReturnPath == ""
	answers := len(m.in.InReplyTo)+len(m.in.References) > 0
	phrase := awayPhrases.prefixOf(low)
	if phrase == "" && answers && !replied(m.in.Subject) && hasAny(low, awayWithin) {
		phrase = low
	}
	if phrase == "" {
		return false
	}
	if !null && !answers && !hasAny(m.opening(), awayTexts) && !replied(afterColon(low)) {
		return false
	}
	m.why("subject: %s", phrase)
	return true
}

// nullAway reports an answer without return path that says in its text that
// somebody is away: responders that mark themselves by nothing else.
func (m *message) nullAway() bool {
	if m.in.ReturnPath == nil || *m.in.ReturnPath != "" || !m.awayText() {
		return false
	}
	m.why("null sender and away text")
	return true
}

func afterColon(s string) string {
	_, rest, _ := strings.Cut(s, ":")
	return strings.TrimSpace(rest)
}

// awayText reports that the first lines of the text say that somebody is away.
func (m *message) awayText() bool {
	low := m.opening()
	return hasAny(low, awayPhrases.list) || hasAny(low, awayTexts)
}

// opening returns the first lines of the text, in lower case and on one line.
func (m *message) opening() string {
	text := m.in.Text
	if len(text) > 1500 {
		text = text[:1500]
	}
	return strings.Join(strings.Fields(strings.ToLower(text)), " ")
}

// awayWithin stand after a name in the subject of an answer by a machine.
var awayWithin = []string{
	" is out of the office", " is out of office", " is away", " is on leave", " is on vacation", " ist außer haus", " ist nicht im büro", " ist im urlaub",
	" ist abwesend", " est absent", " est en congé", " está fuera de la oficina", " está ausente", " è fuori ufficio", " è assente", " is afwezig",
	" är inte på kontoret", " er ikke på kontoret", " er ikke til stede",
}

// awayTexts are what people write into their vacation replies, beside the phrases
// of tongues.
var awayTexts = []string{
	"limited access to email", "limited access to my email", "no access to email", "no access to my email", "i will be away", "i'm away",
	"currently away", "currently out", "i will be out", "i am out", "i'm out of", "will be traveling", "will be travelling", "on holiday",
	"on parental leave", "on maternity leave", "i will respond to your message", "will return to the office", "back in the office",
	"returning to the office",
	"thank you for contacting us. we have received", "this is an automated response", "this is an automatic response",
	"this is an automatically generated response", "this is an automatic reply", "do not reply to this automated",
	"ich bin derzeit nicht", "ich bin bis", "bin ich wieder", "nicht erreichbar", "bin im urlaub", "wird nicht weitergeleitet", "je suis absent",
	"je suis en congé", "je suis actuellement", "de retour le", "estaré fuera", "estoy de vacaciones", "no estaré", "sono assente", "sarò assente",
	"sono in ferie", "estou ausente", "estarei ausente", "estou de férias", "ben ik afwezig", "ik ben afwezig", "ik ben niet aanwezig",
	"jag är på semester", "jag är tillbaka", "jeg er på ferie", "jeg er tilbage", "olen lomalla", "jestem na urlopie", "będę nieobecn",
	"nejsem v kanceláři", "szabadságon vagyok", "я в отпуске", "休暇", "休假", "부재중", "휴가", "ute av kontoret", "na dovolené", "mimo kancelář", "不在のため", "atvaļinājum", "izindeyim",
}
