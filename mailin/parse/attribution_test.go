package parse

import (
	"strings"
	"testing"
)

// attributions are what mail programs write above a quote, one a line or wrapped
// as they wrap them.
var attributions = []struct{ lang, text string }{
	{"en Gmail", "On Mon, Jan 1, 2024 at 4:18 PM Ann Doe <ann@x.example> wrote:"},
	{"en Gmail wrapped", "On Mon, Jan 1, 2024 at 4:18 PM A Person With A Very Long Name <\nann@x.example> wrote:"},
	{"en Gmail wrapped late", "On Mon, Jan 1, 2024 at 4:18 PM, Ann Doe <ann@x.example>\nwrote:"},
	{"en Apple", "On 1 Jan 2024, at 16:18, Ann Doe <ann@x.example> wrote:"},
	{"en Apple short", "On Jan 1, 2024, at 4:18 PM, Ann Doe wrote:"},
	{"en Thunderbird", "On 01/01/2024 04:18 PM, Ann Doe wrote:"},
	{"en Thunderbird ISO", "On 2024-01-01 16:18, Ann Doe wrote:"},
	{"en Evolution", "On Mon, 2024-01-01 at 16:18 +0000, Ann Doe wrote:"},
	{"en Eudora", "At 04:18 PM 1/1/2024, you wrote:"},
	{"en name first", "Ann Doe <ann@x.example> wrote on 01/01/2024 04:18:12 PM:"},
	{"en name first short", "Ann Doe <ann@x.example> wrote:"},
	{"en Mutt", "* Ann Doe <ann@x.example> [2024-01-01 16:18 +0000]:"},
	{"en Zoho", "---- On Mon, 01 Jan 2024 16:18:00 +0000 Ann Doe <ann@x.example> wrote ----"},
	{"en Android", "---- Ann Doe wrote ----"},
	{"en Samsung", "-------- Original message --------"},
	{"en Yahoo", "On Monday, January 1, 2024, 04:18:12 PM GMT+1, Ann Doe <ann@x.example> wrote:"},
	{"en Proton", "------- Original Message -------\nOn Monday, January 1st, 2024 at 4:18 PM, Ann Doe <ann@x.example> wrote:"},
	{"en Proton new", "On Monday, January 1st, 2024 at 4:18 PM, Ann Doe <ann@x.example> wrote:"},
	{"en Fastmail", "On Mon, Jan 1, 2024, at 4:18 PM, Ann Doe wrote:"},
	{"en AOL", "In a message dated 1/1/2024 4:18:12 P.M. Eastern Standard Time,\nann@x.example writes:"},
	{"en news", "In article <x1@x.example>, Ann Doe <ann@x.example> writes:"},
	{"en Horde", "Quoting Ann Doe <ann@x.example>:"},
	{"de Horde", "Zitat von Ann Doe <ann@x.example>:"},
	{"en Hotmail", "Date: Mon, 1 Jan 2024 16:18:00 +0000\nSubject: Printer\nFrom: ann@x.example\nTo: support@x.example"},
	{"other desk", "##- Please type your reply above this line -##"},
	{"other desk dashes", "---- Write ABOVE THIS LINE to post a reply ----"},
	{"iOS Outlook", "Get Outlook for iOS<https://aka.ms/x>\n________________________________\nFrom: Ann Doe <ann@x.example>\nSent: Monday, January 1, 2024 4:18 PM\nTo: Support\nSubject: Printer"},
	{"en date only", "2024-01-01 16:18 GMT+01:00 Ann Doe <ann@x.example>:"},
	{"de Gmail", "Am Mo., 1. Jan. 2024 um 16:18 Uhr schrieb Ann Doe <ann@x.example>:"},
	{"de Apple", "Am 01.01.2024 um 16:18 schrieb Ann Doe <ann@x.example>:"},
	{"de GMX", "Gesendet: Montag, 01. Januar 2024 um 16:18 Uhr\nVon: \"Ann Doe\" <ann@x.example>\nAn: support@x.example\nBetreff: Drucker"},
	{"de name first", "Ann Doe <ann@x.example> schrieb am Mo., 1. Jan. 2024, 16:18:"},
	{"de Thunderbird", "Am 01.01.24 um 16:18 schrieb Ann Doe:"},
	{"de Outlook", "-----Ursprüngliche Nachricht-----\nVon: Ann Doe [mailto:ann@x.example]\nGesendet: Montag, 1. Januar 2024 16:18\nAn: Support\nBetreff: Drucker"},
	{"fr Gmail", "Le lun. 1 janv. 2024 à 16:18, Ann Doe <ann@x.example> a écrit :"},
	{"fr Thunderbird", "Le 01/01/2024 à 16:18, Ann Doe a écrit :"},
	{"fr wrapped", "Le lundi 1 janvier 2024 à 16:18:12 UTC+1, Ann Doe <ann@x.example> a\nécrit :"},
	{"fr Outlook", "De : Ann Doe <ann@x.example>\nEnvoyé : lundi 1 janvier 2024 16:18\nÀ : Support <support@x.example>\nObjet : Imprimante"},
	{"es Gmail", "El lun, 1 ene 2024 a las 16:18, Ann Doe (<ann@x.example>) escribió:"},
	{"es Outlook", "De: Ann Doe <ann@x.example>\nEnviado: lunes, 1 de enero de 2024 16:18\nPara: Support\nAsunto: Impresora"},
	{"pt Gmail", "Em seg., 1 de jan. de 2024 às 16:18, Ann Doe <ann@x.example> escreveu:"},
	{"pt Outlook", "De: Ann Doe <ann@x.example>\nEnviada em: segunda-feira, 1 de janeiro de 2024 16:18\nPara: Support\nAssunto: Impressora"},
	{"it Gmail", "Il giorno lun 1 gen 2024 alle ore 16:18 Ann Doe <ann@x.example> ha scritto:"},
	{"it Apple", "Il giorno 1 gen 2024, alle ore 16:18, Ann Doe <ann@x.example> ha scritto:"},
	{"nl Gmail", "Op ma 1 jan 2024 om 16:18 schreef Ann Doe <ann@x.example>:"},
	{"nl Apple", "Op 1 jan. 2024, om 16:18 heeft Ann Doe <ann@x.example> het volgende geschreven:"},
	{"nl Outlook", "Van: Ann Doe <ann@x.example>\nVerzonden: maandag 1 januari 2024 16:18\nAan: Support\nOnderwerp: Printer"},
	{"sv Gmail", "Den mån 1 jan. 2024 kl 16:18 skrev Ann Doe <ann@x.example>:"},
	{"sv Apple", "1 jan. 2024 kl. 16:18 skrev Ann Doe <ann@x.example>:"},
	{"sv Outlook", "Från: Ann Doe <ann@x.example>\nSkickat: den 1 januari 2024 16:18\nTill: Support\nÄmne: Skrivare"},
	{"da Gmail", "Den man. 1. jan. 2024 kl. 16.18 skrev Ann Doe <ann@x.example>:"},
	{"da Outlook", "Fra: Ann Doe <ann@x.example>\nSendt: 1. januar 2024 16:18\nTil: Support\nEmne: Printer"},
	{"no Gmail", "man. 1. jan. 2024 kl. 16:18 skrev Ann Doe <ann@x.example>:"},
	{"fi Gmail", "ma 1. tammik. 2024 klo 16.18 Ann Doe (ann@x.example) kirjoitti:"},
	{"fi Apple", "Ann Doe <ann@x.example> kirjoitti 1.1.2024 kello 16.18:"},
	{"fi Outlook", "Lähettäjä: Ann Doe <ann@x.example>\nLähetetty: maanantai 1. tammikuuta 2024 16.18\nVastaanottaja: Support\nAihe: Tulostin"},
	{"pl Gmail", "pon., 1 sty 2024 o 16:18 Ann Doe <ann@x.example> napisał(a):"},
	{"pl Thunderbird", "W dniu 01.01.2024 o 16:18, Ann Doe pisze:"},
	{"pl Apple", "Wiadomość napisana przez Ann Doe <ann@x.example> w dniu 1 sty 2024, o godz. 16:18:"},
	{"pl Outlook", "Od: Ann Doe <ann@x.example>\nWysłano: poniedziałek, 1 stycznia 2024 16:18\nDo: Support\nTemat: Drukarka"},
	{"cs Gmail", "po 1. 1. 2024 v 16:18 odesílatel Ann Doe <ann@x.example> napsal:"},
	{"cs Thunderbird", "Dne 01. 01. 24 v 16:18 Ann Doe napsal(a):"},
	{"cs Outlook", "Od: Ann Doe <ann@x.example>\nOdesláno: pondělí 1. ledna 2024 16:18\nKomu: Support\nPředmět: Tiskárna"},
	{"sk Gmail", "po 1. 1. 2024 o 16:18 Ann Doe <ann@x.example> napísal(a):"},
	{"hu Gmail", "Ann Doe <ann@x.example> ezt írta (időpont: 2024. jan. 1., H, 16:18):"},
	{"hu Thunderbird", "2024. 01. 01. 16:18 keltezéssel, Ann Doe írta:"},
	{"ro Gmail", "În lun., 1 ian. 2024 la 16:18, Ann Doe <ann@x.example> a scris:"},
	{"bg Gmail", "На пн, 1.01.2024 г. в 16:18 Ann Doe <ann@x.example> написа:"},
	{"ru Gmail", "пн, 1 янв. 2024 г. в 16:18, Ann Doe <ann@x.example>:"},
	{"ru Mail.ru", "Понедельник, 1 января 2024, 16:18 +03:00 от Ann Doe <ann@x.example>:"},
	{"ru Yandex", "01.01.2024, 16:18, \"Ann Doe\" <ann@x.example>:"},
	{"ru Apple", "1 янв. 2024 г., в 16:18, Ann Doe <ann@x.example> написал(а):"},
	{"ru old Gmail", "1 января 2024 г., 16:18 пользователь Ann Doe <ann@x.example> написал:"},
	{"ru Outlook", "От: Ann Doe <ann@x.example>\nОтправлено: 1 января 2024 г. 16:18\nКому: Support\nТема: Принтер"},
	{"uk Gmail", "пн, 1 січ. 2024 р. о 16:18 Ann Doe <ann@x.example> пише:"},
	{"el Gmail", "Στις Δευ 1 Ιαν 2024 στις 4:18 μ.μ., ο/η Ann Doe <ann@x.example> έγραψε:"},
	{"tr Gmail", "Ann Doe <ann@x.example>, 1 Oca 2024 Pzt, 16:18 tarihinde şunu yazdı:"},
	{"tr Outlook", "Kimden: Ann Doe <ann@x.example>\nGönderildi: 1 Ocak 2024 Pazartesi 16:18\nKime: Support\nKonu: Yazıcı"},
	{"he Gmail", "\u200fבתאריך יום ב׳, 1 בינו׳ 2024 ב-16:18 מאת \u202aAnn Doe\u202c\u200f <\u202aann@x.example\u202c\u200f>:\u202c"},
	{"ar Gmail", "في الاثنين، 1 يناير 2024 في 4:18 م تمت كتابة ما يلي بواسطة Ann Doe <ann@x.example>:"},
	{"fa Gmail", "در تاریخ دوشنبه ۱ ژانویهٔ ۲۰۲۴، ۱۶:۱۸ Ann Doe <ann@x.example> نوشت:"},
	{"ja Gmail", "2024年1月1日(月) 16:18 Ann Doe <ann@x.example>:"},
	{"ja Apple", "2024/01/01 16:18、Ann Doe <ann@x.example>のメール:"},
	{"ja Outlook", "差出人: Ann Doe <ann@x.example>\n送信日時: 2024年1月1日 16:18\n宛先: Support\n件名: プリンター"},
	{"ko Gmail", "2024년 1월 1일 (월) 오후 4:18, Ann Doe <ann@x.example>님이 작성:"},
	{"ko Outlook", "보낸 사람: Ann Doe <ann@x.example>\n보낸 날짜: 2024년 1월 1일 월요일 오후 4:18\n받는 사람: Support\n제목: 프린터"},
	{"zh Gmail", "Ann Doe <ann@x.example> 于2024年1月1日周一 16:18写道："},
	{"zh Apple", "在 2024年1月1日，下午4:18，Ann Doe <ann@x.example> 写道："},
	{"zh-TW Gmail", "Ann Doe <ann@x.example> 於 2024年1月1日 週一 下午4:18寫道："},
	{"zh QQ", "------------------ 原始邮件 ------------------\n发件人: \"Ann Doe\" <ann@x.example>;\n发送时间: 2024年1月1日(星期一) 下午4:18\n收件人: \"Support\"<support@x.example>;\n主题: 打印机"},
	{"zh Outlook", "发件人: Ann Doe <ann@x.example>\n发送时间: 2024年1月1日 16:18\n收件人: Support\n主题: 打印机"},
	{"vi Gmail", "Vào Th 2, 1 thg 1, 2024 vào lúc 16:18 Ann Doe <ann@x.example> đã viết:"},
	{"id Gmail", "Pada tanggal Sen, 1 Jan 2024 pukul 16.18 Ann Doe <ann@x.example> menulis:"},
	{"th Gmail", "เมื่อ จ. 1 ม.ค. 2024 เวลา 16:18 Ann Doe <ann@x.example> เขียนว่า:"},
	{"hr Gmail", "pon, 1. sij 2024. u 16:18 Ann Doe <ann@x.example> napisao je:"},
	{"sr Gmail", "пон, 1. јан 2024. у 16:18 Ann Doe <ann@x.example> је написао/ла:"},
	{"sl Gmail", "V V pon., 1. jan. 2024 ob 16:18 je oseba Ann Doe <ann@x.example> napisala:"},
	{"ca Gmail", "Missatge de Ann Doe <ann@x.example> del dia dl., 1 de gen. 2024 a les 16:18:"},
	{"lt Gmail", "2024-01-01, pr, 16:18 Ann Doe <ann@x.example> rašė:"},
	{"lv Gmail", "pirmd., 2024. g. 1. janv., plkst. 16:18 — lietotājs Ann Doe (<ann@x.example>) rakstīja:"},
	{"et Gmail", "Kuupäev E, 1. jaanuar 2024 kell 16:18 kirjutas Ann Doe <ann@x.example>:"},
	{"Outlook en", "________________________________\nFrom: Ann Doe <ann@x.example>\nSent: Monday, January 1, 2024 4:18 PM\nTo: Support <support@x.example>\nSubject: Printer"},
	{"Outlook bold", "*From:* Ann Doe <ann@x.example>\n*Sent:* Monday, January 1, 2024 4:18 PM\n*To:* Support\n*Subject:* Printer"},
	{"Outlook no address", "From: Doe, Ann\nSent: Monday, January 1, 2024 4:18 PM\nTo: Support\nSubject: Printer"},
	{"Outlook for Mac", "From: Ann Doe <ann@x.example>\nDate: Monday, 1 January 2024 at 16:18\nTo: Support <support@x.example>\nSubject: Printer"},
	{"en Tutanota", "Jan 1, 2024, 16:18 by ann@x.example:"},
	{"de Tutanota", "01.01.2024, 16:18 von ann@x.example:"},
	{"en mail.ru wrapped", "Monday, January 1, 2024 4:18 PM +03:00 from Ann Doe\n<ann@x.example>:"},
	{"ru Roundcube", "Ann Doe писал(а) 2024-01-01 16:18:"},
	{"ko Thunderbird", "24. 1. 1. 16:18에 Ann Doe 이(가) 쓴 글:"},
	{"en QQ", "------------------ Original ------------------\nFrom: \"Ann Doe\" <ann@x.example>;\nDate: Mon, Jan 1, 2024 04:18 PM\nTo: \"Support\"<support@x.example>;\nSubject: Printer"},
	{"zh 163 mobile", "---- 回复的原邮件 ----\n| 发件人 | Ann Doe<ann@x.example> |\n| 日期 | 2024年01月01日 16:18 |\n| 主题 | 打印机 |"},
	{"en 163 mobile", "---- Replied Message ----\n| From | Ann Doe<ann@x.example> |\n| Date | 01/01/2024 16:18 |\n| Subject | Printer |"},
	{"GroupWise", ">>> Ann Doe <ann@x.example> 01/01/24 4:18 PM >>>"},
	{"en eM Client", "------ Original Message ------\nFrom \"Ann Doe\" <ann@x.example>\nTo \"Support\" <support@x.example>\nDate 1/1/2024 4:18:12 PM\nSubject Re: Printer"},
	{"Lotus Notes", "Ann Doe <ann@x.example> wrote on 01/01/2024 16:18:00:"},
	{"BlackBerry", "----- Original Message -----\nFrom: Ann Doe [mailto:ann@x.example]\nSent: Monday, January 01, 2024 04:18 PM\nTo: Support\nSubject: Printer"},
}

func TestAttributions(t *testing.T) {
	for _, a := range attributions {
		for mark, old := range map[string]string{"quoted": "> please restart it\n> and try again\n", "bare": "please restart it\n\nand try again\n"} {
			if mark == "bare" && strings.Contains(a.text, "Ann Doe:") {
				continue
			}
			got := cutReply(plainLines("It hums and prints nothing.\n\nAnn\n\n"+a.text+"\n\n"+old), hints{answers: true}).reply
			if got != "It hums and prints nothing.\n\nAnn" {
				t.Errorf("%s, %s: %q", a.lang, mark, got)
			}
		}
	}
}

// TestLogMarks keeps lines with a ">" in a mail that answers nothing.
func TestLogMarks(t *testing.T) {
	const s = "I get this log:\n\n> panic: foo\n> goroutine 1\n\nWhat is wrong?"
	if got := cutReply(plainLines(s), hints{}).reply; got != s {
		t.Errorf("became %q", got)
	}
}

// TestFalseFriends keeps text that only looks like history.
func TestFalseFriends(t *testing.T) {
	for _, s := range []string{
		"On Monday I said this:\nit hums.",
		"Hello\n\nOn 12 May we wrote a ticket about this.\nPlease help.",
		"From: Berlin\nTo: Munich\nDate: 12.05.2024\n\nCan you book this?",
		"The log says:\n2024-01-01 16:18 ERROR: cannot open user@host: refused\nplease help",
		"Invitation:\n\nDate: Wednesday 3, October 2024\nTime: 7:00am\nAddress: 130 Fox St\n\nPlease bring it.",
		"Steps:\n- start\n- wait\n- it stops\n\nWhat now?",
		"My addresses are ann@x.example and bob@x.example:\nboth fail.",
		"The subject: printers\nIt is dead.",
		"He wrote: nothing works.\nSo what?",
		"At 16:18 the server said:\nout of memory",
		"Code:\n\n----\n\nint main() { return 0; }\n\nand then it crashes without any message at all, which is strange.",
		"Hi there,\n\nmy config:\n\nfrom: me@x.example\nto: you@x.example\nsubject: test\n\nWhy does it not work?",
		"von: hier nach da\nan: niemand\nIch weiss nicht weiter.",
		"I wrote it above this line of code:\nx = 1",
		"Bonjour,\n\nle 2 mars 2026 à 16:18, le serveur a écrit :\nerreur 500\n\nMerci",
		"The user Bob <bob@x.example> wrote:\nnothing at all. That is the problem.",
		"| Name | Qty |\n|------|-----|\n| Toner | 2 |\n\nPlease send these.",
		"Please see the mail of the 2nd of March 2026 16:18 by support@x.example:\nit says nothing about costs.",
		"Hello\n\n---\n\nFirst, the printer hums.\n\n---\n\nSecond, the scanner does it too. Is that normal?",
		"Sent from the warehouse on Monday, never arrived.\nPlease check the parcel.",
	} {
		if got := cutReply(plainLines(s), hints{answers: true}).reply; got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}
