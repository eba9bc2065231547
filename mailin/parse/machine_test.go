package parse

import (
	"strings"
	"testing"

	"tierdesk/desk"
)

// signals are the rows of what makes a mail a machine's, or keeps automatic answers
// from it: header fields, the kind, and whether an automatic answer may go out.
var signals = []struct {
	fields string
	kind   desk.MailKind
	answer bool
}{
	{"", desk.KindMessage, true},
	{"Auto-Submitted: no", desk.KindMessage, true},
	{"Auto-Submitted: No (a person)", desk.KindMessage, true},
	{"Auto-Submitted: auto-replied", desk.KindAutoReply, false},
	{"Auto-Submitted: Auto-Replied; owner-email=\"ann@customer.example\"", desk.KindAutoReply, false},
	{"Auto-Submitted: auto-notified", desk.KindAutoReply, false}, // RFC 5436
	{"Auto-Submitted: auto-generated", desk.KindMessage, false},  // an alert opens a ticket
	{"Auto-Submitted: auto-generated\nIn-Reply-To: <a@desk.example>", desk.KindAutoReply, false},
	{"Auto-Submitted: auto-invented", desk.KindMessage, false},
	{"Return-Path: <>", desk.KindMessage, false},
	{"Return-Path: <ann@customer.example>", desk.KindMessage, true},
	{"Precedence: bulk", desk.KindMessage, false},
	{"Precedence: List", desk.KindMessage, false},
	{"Precedence: junk", desk.KindMessage, false},
	{"Precedence: auto_reply", desk.KindAutoReply, false},
	{"Precedence: first-class", desk.KindMessage, true},
	{"Precedence: normal", desk.KindMessage, true},
	{"List-Id: <news.customer.example>", desk.KindMessage, false},
	{"List-Unsubscribe: <https://customer.example/u>", desk.KindMessage, false},
	{"List-Post: <mailto:news@customer.example>", desk.KindMessage, false},
	{"X-Auto-Response-Suppress: All", desk.KindMessage, false},
	{"X-Auto-Response-Suppress: DR, OOF, AutoReply", desk.KindMessage, false},
	{"X-Auto-Response-Suppress: DR, NDR, RN, NRN", desk.KindMessage, true},
	{"X-Autoreply: yes", desk.KindAutoReply, false},
	{"X-Autorespond: vacation", desk.KindAutoReply, false},
	{"X-AutoReply-From: ann@customer.example", desk.KindAutoReply, false},
	{"X-Mail-Autoreply: 1", desk.KindAutoReply, false},
	{"X-FC-MachineGenerated: true", desk.KindAutoReply, false},
	{"Delivered-To: Autoresponder", desk.KindAutoReply, false},
	{"X-MS-Exchange-Inbox-Rules-Loop: ann@customer.example", desk.KindAutoReply, false},
	{"X-POST-MessageClass: 9; Autoresponder", desk.KindAutoReply, false},
	{"X-Loop: desk@other.example", desk.KindMessage, false},
	{"From: mailer-daemon@customer.example", desk.KindMessage, false},
	{"From: postmaster@customer.example", desk.KindMessage, false},
	{"From: owner-news@customer.example", desk.KindMessage, false},
	{"From: news-request@customer.example", desk.KindMessage, false},
	{"From: news-bounces@customer.example", desk.KindMessage, false},
	{"From: No_Reply@customer.example", desk.KindMessage, false},
	{"From: do-not-reply@customer.example", desk.KindMessage, false},
	{"From: listserv@customer.example", desk.KindMessage, false},
	{"From: majordomo@customer.example", desk.KindMessage, false},
	{"From: reply@customer.example", desk.KindMessage, true},
	{"Importance: high\nX-Priority: 1", desk.KindMessage, true},
	{"Feedback-ID: a:b:c", desk.KindMessage, false},
	{"Feedback-ID: a:b:c\nIn-Reply-To: <a@desk.example>", desk.KindMessage, true},
	{"X-Mailgun-Sid: WyI", desk.KindMessage, false},
	{"X-SES-Outgoing: 2024.01.02-192.0.2.1", desk.KindMessage, false},
	{"Content-Type: multipart/report; report-type=disposition-notification; boundary=b", desk.KindReceipt, false},
	{"Content-Type: multipart/report; report-type=feedback-report; boundary=b", desk.KindComplaint, false},
	{"Content-Type: text/calendar; method=REPLY", desk.KindMessage, true},
	{"Content-Disposition: reaction", desk.KindReaction, false},
}

func TestSignals(t *testing.T) {
	for _, s := range signals {
		head := strings.ReplaceAll(s.fields, "\n", "\r\n") + "\r\n"
		if !strings.Contains(head, "From:") {
			head += "From: ann@customer.example\r\n"
		}
		in := Mail([]byte(strings.TrimLeft(head, "\r\n")+"Subject: Printer\r\n\r\nIt hums.\r\n"), Options{})
		if in.Kind != s.kind || in.Answerable != s.answer {
			t.Errorf("%q: %s, answerable %v, because %q", s.fields, in.Kind, in.Answerable, in.Why)
		}
	}
}

// TestAwaySubjects knows vacation replies by nothing but their subject, when they
// answer our mail; mail of people about such things stays a message.
func TestAwaySubjects(t *testing.T) {
	answer := "In-Reply-To: <t1.x@desk.example>\r\n"
	for _, s := range []string{
		"Automatic reply: Printer", "Out of Office: Printer", "OOO Re: Printer", "Ann Doe is out of the office", "[EXT] Automatic reply: x", "Maternity leave Re: x",
		"Abwesend: Drucker", "Urlaubsmeldung", "Ann Doe ist außer Haus", "Réponse automatique : x", "Message d'absence", "Absent(e) du bureau", "Respuesta automatica",
		"Fuera de la oficina: x", "Assenza dall'ufficio", "Risposta automatica: x", "Buiten kantoor: x", "Automatisch antwoord: x", "Odpowiedź automatyczna: x",
		"Resposta automática: x", "Autosvar: x", "Frånvaro: x", "Automatisk svar: x", "Poissaoloviesti: x", "Automatická odpověď: x", "Házon kívül: x",
		"Автоматический ответ: x", "Нет на рабочем месте", "Автоматична відповідь: x", "Ofis dışında: x", "自動返信: x", "自动答复: x", "부재중: x",
	} {
		if in := Mail([]byte("From: ann@customer.example\r\n"+answer+"Subject: "+s+"\r\n\r\nHello,\r\n\r\nI read mail later.\r\n"), Options{}); in.Kind != desk.KindAutoReply {
			t.Errorf("%q is a %s", s, in.Kind)
		}
	}
	for s, head := range map[string]string{
		"Out of office setting does not work": "", "Vacation rental booking": "", "Absence de son sur mon PC": "", "Auto: Kaufvertrag": "", "Urlaub": "",
		"Re: Out of office": answer, "AW: Abwesenheitsnotiz einrichten": answer, "Re: Absence management is down": answer,
	} {
		if in := Mail([]byte("From: ann@customer.example\r\n"+head+"Subject: "+s+"\r\n\r\nHello,\r\n\r\nthe out of office assistant fails.\r\n"), Options{}); in.Kind != desk.KindMessage {
			t.Errorf("%q is a %s", s, in.Kind)
		}
	}
}
