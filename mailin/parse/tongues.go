package parse

import "strings"

// tongue is what mail programs write in one language. To add a language, add an
// entry: everything is lower case, without trailing colons, and each list may be
// empty. Words of different programs for the same thing stand side by side.
type tongue struct {
	code string
	// on begins an attribution ("On 1 May, Ann wrote:"), wrote is its verb.
	on, wrote []string
	// original stands between dashes above the answered mail, forwarded above a
	// forwarded one.
	original, forwarded []string
	// The labels of a header block.
	from, sent, to, cc, subject []string
	// device begins a line that a phone adds ("Sent from my iPhone").
	device []string
	// away begins the subject of a vacation reply, or stands anywhere in it.
	away []string
}

// tongues lists the languages, by code.
var tongues = []tongue{
	{
		code: "ar",
		on:   []string{"في", "بتاريخ"}, wrote: []string{"كتب", "كتبت", "كتب/كتبت"},
		original: []string{"الرسالة الأصلية", "رسالة أصلية"}, forwarded: []string{"رسالة معاد توجيهها", "رسالة مُعاد توجيهها"},
		from: []string{"من"}, sent: []string{"تم الإرسال", "تاريخ الإرسال", "التاريخ", "أرسلت"}, to: []string{"إلى"}, cc: []string{"نسخة"}, subject: []string{"الموضوع"},
		device: []string{"أُرسلت من", "أرسلت من", "تم الإرسال من", "مرسل من"},
		away:   []string{"رد تلقائي", "خارج المكتب"},
	},
	{
		code: "bg",
		on:   []string{"на"}, wrote: []string{"написа", "пише", "писа"},
		original: []string{"оригинално съобщение"}, forwarded: []string{"препратено съобщение"},
		from: []string{"от"}, sent: []string{"изпратено", "дата"}, to: []string{"до"}, cc: []string{"копие"}, subject: []string{"относно", "тема"},
		device: []string{"изпратено от моя"},
		away:   []string{"автоматичен отговор", "извън офиса"},
	},
	{
		code: "ca",
		on:   []string{"el", "a les"}, wrote: []string{"va escriure", "escrigué", "ha escrit"},
		original: []string{"missatge original"}, forwarded: []string{"missatge reenviat"},
		from: []string{"de"}, sent: []string{"enviat", "data"}, to: []string{"per a", "a"}, subject: []string{"assumpte", "tema"},
		device: []string{"enviat des del meu", "enviat des de"},
		away:   []string{"resposta automàtica"},
	},
	{
		code: "cs",
		on:   []string{"dne", "dňa", "v"}, wrote: []string{"napsal", "napsala", "napsal(a)", "píše", "odeslal"},
		original: []string{"původní zpráva", "původní e-mail"}, forwarded: []string{"přeposlaná zpráva", "předávaná zpráva"},
		from: []string{"od", "odesílatel"}, sent: []string{"odesláno", "datum", "odesláno dne"}, to: []string{"komu", "pro"}, cc: []string{"kopie"}, subject: []string{"předmět"},
		device: []string{"odesláno z", "odesláno ze", "posláno z"},
		away:   []string{"automatická odpověď", "nepřítomnost", "mimo kancelář"},
	},
	{
		code: "da",
		on:   []string{"den", "d.", "på"}, wrote: []string{"skrev", "skrev følgende"},
		original: []string{"oprindelig meddelelse", "oprindelig besked", "original meddelelse", "oprindelig mail"}, forwarded: []string{"videresendt meddelelse", "videresendt besked", "videresendt e-mail"},
		from: []string{"fra"}, sent: []string{"sendt", "dato"}, to: []string{"til"}, cc: []string{"kopi"}, subject: []string{"emne"},
		device: []string{"sendt fra min", "sendt fra"},
		away:   []string{"autosvar", "automatisk svar", "ikke til stede", "fraværende"},
	},
	{
		code: "de",
		on:   []string{"am", "den"}, wrote: []string{"schrieb", "geschrieben", "hat geschrieben", "schrieben sie", "schreibt", "zitat von"},
		original:  []string{"ursprüngliche nachricht", "originalnachricht", "original-nachricht", "ursprüngliche mail", "original nachricht", "ursprüngliche e-mail", "originale nachricht", "antwort nachricht"},
		forwarded: []string{"weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "weitergeleitete e-mail", "weitergeleitet von"},
		from:      []string{"von", "absender"}, sent: []string{"gesendet", "datum", "gesendet am"}, to: []string{"an", "empfänger"}, cc: []string{"kopie"}, subject: []string{"betreff", "betr."},
		device: []string{"von meinem", "von meiner", "gesendet von", "gesendet mit", "diese nachricht wurde von meinem", "von unterwegs gesendet", "gesendet aus", "mit freundlichen grüßen von meinem", "diese nachricht wurde mit"},
		away:   []string{"automatische antwort", "abwesenheit", "abwesenheitsnotiz", "außer haus", "automatische rückantwort", "bin im urlaub", "nicht im büro"},
	},
	{
		code: "el",
		on:   []string{"στις", "την", "στις"}, wrote: []string{"έγραψε", "ο χρήστης έγραψε"},
		original: []string{"αρχικό μήνυμα"}, forwarded: []string{"προωθημένο μήνυμα"},
		from: []string{"από"}, sent: []string{"εστάλη", "στάλθηκε", "ημερομηνία"}, to: []string{"προς"}, cc: []string{"κοιν."}, subject: []string{"θέμα"},
		device: []string{"στάλθηκε από το", "εστάλη από"},
		away:   []string{"αυτόματη απάντηση", "εκτός γραφείου"},
	},
	{
		code: "en",
		on:   []string{"on", "at", "in a", "in article", "in message"}, wrote: []string{"wrote", "writes", "said", "has written", "commented", "quoting"},
		original:  []string{"original message", "original e-mail", "original email", "reply message", "reply separator", "original mail", "original appointment", "previous message", "reply above this line"},
		forwarded: []string{"forwarded message", "begin forwarded message", "forwarded by", "forwarded email", "forwarded mail", "start of forwarded message", "fwd", "forwarded"},
		from:      []string{"from"}, sent: []string{"sent", "date", "sent on", "received"}, to: []string{"to"}, cc: []string{"cc", "bcc", "reply-to", "replyto", "attachments", "importance", "organization"}, subject: []string{"subject", "re"},
		device: []string{
			"sent from my", "sent from an android", "sent from a mobile", "sent from a phone", "sent from mail for", "sent from outlook", "sent from yahoo", "sent from the all new", "sent from samsung", "sent from gmail", "sent from proton", "sent from iphone", "sent from ipad", "sent from android", "sent from blue", "sent from nine", "sent from mobile", "sent from windows", "sent from mailbird", "sent from email", "sent from aol", "sent from for", "sent from smartphone", "sent from huawei", "sent from xiaomi", "sent from galaxy", "sent from mailspring", "sent from airmail", "sent from spark", "sent from newton", "sent from cloudmagic",
			"sent with", "sent via", "sent using", "sent on the go", "sent on the", "sent by my", "sent wirelessly", "sent through the", "get outlook for", "sent mobile", "from my iphone", "from my mobile", "from my phone", "from my ipad", "from my android", "typed on", "please excuse brevity", "please excuse my brevity", "please excuse any typos", "excuse brevity", "composed on", "download the official twitter",
		},
		away: []string{"out of office", "out of the office", "auto:", "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "automated reply", "automated response", "on vacation", "vacation reply", "away from my mail", "away from the office", "out-of-office", "i am away", "on annual leave", "on leave", "ooo:"},
	},
	{
		code: "es",
		on:   []string{"el", "en", "con fecha"}, wrote: []string{"escribió", "escribio", "escribiste", "ha escrito", "escribía", "citando a", "mensaje citado por"},
		original: []string{"mensaje original", "correo original"}, forwarded: []string{"mensaje reenviado", "inicio del mensaje reenviado", "correo reenviado", "mensaje enviado"},
		from: []string{"de", "desde", "remitente"}, sent: []string{"enviado", "fecha", "enviado el", "enviada"}, to: []string{"para", "a"}, cc: []string{"cc", "con copia"}, subject: []string{"asunto", "tema"},
		device: []string{"enviado desde mi", "enviado desde", "enviado de mi", "enviado vía", "obtener outlook para", "enviado con", "enviado por", "descargue outlook", "mandado desde"},
		away:   []string{"respuesta automática", "fuera de la oficina", "ausencia", "fuera de oficina", "de vacaciones"},
	},
	{
		code:  "et",
		wrote: []string{"kirjutas", "kirjutab"}, on: []string{"kuupäeval"},
		original: []string{"algne kiri", "algne sõnum", "algsõnum"}, forwarded: []string{"edastatud sõnum", "edastatud kiri"},
		from: []string{"saatja", "kellelt"}, sent: []string{"saadetud", "kuupäev"}, to: []string{"adressaat", "kellele"}, cc: []string{"koopia"}, subject: []string{"teema"},
		device: []string{"saadetud minu"}, away: []string{"automaatvastus", "kontorist väljas"},
	},
	{
		code: "fa",
		on:   []string{"در"}, wrote: []string{"نوشت", "نوشته است"},
		original: []string{"پیام اصلی"}, forwarded: []string{"پیام هدایت‌شده"},
		from: []string{"از"}, sent: []string{"ارسال شده", "تاریخ"}, to: []string{"به"}, subject: []string{"موضوع"},
		away: []string{"پاسخ خودکار"},
	},
	{
		code: "fi",
		on:   []string{"ajankohtana", "pvm"}, wrote: []string{"kirjoitti", "kirjoittaa"},
		original: []string{"alkuperäinen viesti", "alkup. viesti"}, forwarded: []string{"edelleenlähetetty viesti", "välitetty viesti"},
		from: []string{"lähettäjä"}, sent: []string{"lähetetty", "päiväys", "päivämäärä"}, to: []string{"vastaanottaja"}, cc: []string{"kopio"}, subject: []string{"aihe"},
		device: []string{"lähetetty iphonesta", "lähetetty laitteesta", "lähetetty"},
		away:   []string{"automaattinen vastaus", "poissa", "lomalla"},
	},
	{
		code: "fr",
		on:   []string{"le", "en date du", "du"}, wrote: []string{"a écrit", "écrivit", "écrit", "a ecrit", "avez écrit", "à écrit", "écrivait", "citation de"},
		original: []string{"message d'origine", "message original", "message d’origine", "message initial", "mail original", "courriel original"}, forwarded: []string{"message transféré", "message transmis", "début du message transféré", "début du message réexpédié", "message réexpédié", "transféré par"},
		from: []string{"de", "expéditeur"}, sent: []string{"envoyé", "date", "envoyé le", "date d'envoi"}, to: []string{"à", "a", "pour", "destinataire"}, cc: []string{"cc", "copie", "copie à"}, subject: []string{"objet", "sujet"},
		device: []string{"envoyé de mon", "envoyé depuis", "envoyé à partir", "envoyé par", "envoyé avec", "obtenez outlook", "télécharger outlook", "envoyé du", "provenance :", "envoyé via", "envoyé d’un", "envoyé d'un", "téléchargez outlook"},
		away:   []string{"réponse automatique", "absence du bureau", "absent du bureau", "message automatique", "absence", "en congé", "en vacances"},
	},
	{
		code: "he",
		on:   []string{"ב", "בתאריך", "ביום"}, wrote: []string{"כתב", "כתבה", "מאת", "כתב/ה"},
		original: []string{"הודעה מקורית"}, forwarded: []string{"הודעה שהועברה"},
		from: []string{"מאת"}, sent: []string{"נשלח", "תאריך"}, to: []string{"אל"}, cc: []string{"עותק"}, subject: []string{"נושא"},
		device: []string{"נשלח מה", "נשלח מ"}, away: []string{"תשובה אוטומטית", "מענה אוטומטי"},
	},
	{
		code: "hr",
		on:   []string{"dana", "u", "dne"}, wrote: []string{"napisao je", "napisala je", "napisao", "napisala", "piše", "napisao/la je", "napisao(la) je", "je napisao", "je napisao/la", "je napisala"},
		original: []string{"izvorna poruka", "originalna poruka"}, forwarded: []string{"proslijeđena poruka", "prosleđena poruka"},
		from: []string{"od", "šalje"}, sent: []string{"poslano", "datum", "poslato"}, to: []string{"za", "prima", "kome"}, cc: []string{"kopija"}, subject: []string{"predmet", "naslov", "tema"},
		device: []string{"poslano s", "poslano sa", "poslato sa", "poslano iz"},
		away:   []string{"automatski odgovor", "izvan ureda", "van kancelarije"},
	},
	{
		code: "hu",
		on:   []string{"ekkor"}, wrote: []string{"írta", "ezt írta", "a következőt írta", "időpontban ezt írta", "írta (időpont"},
		original: []string{"eredeti üzenet"}, forwarded: []string{"továbbított üzenet", "továbbított levél"},
		from: []string{"feladó"}, sent: []string{"elküldve", "dátum", "küldve", "küldési időpont"}, to: []string{"címzett"}, cc: []string{"másolatot kap"}, subject: []string{"tárgy"},
		device: []string{"elküldve az", "az iphone-omról küldve", "küldve"},
		away:   []string{"automatikus válasz", "házon kívül", "szabadságon"},
	},
	{
		code: "id",
		on:   []string{"pada"}, wrote: []string{"menulis", "menulis:"},
		original: []string{"pesan asli"}, forwarded: []string{"pesan terusan"},
		from: []string{"dari"}, sent: []string{"dikirim", "tanggal"}, to: []string{"kepada", "ke"}, subject: []string{"subjek", "perihal"},
		device: []string{"dikirim dari"}, away: []string{"balasan otomatis", "di luar kantor"},
	},
	{
		code: "it",
		on:   []string{"il", "in data", "il giorno", "alle"}, wrote: []string{"ha scritto", "scrisse", "hai scritto", "scrive"},
		original: []string{"messaggio originale", "messaggio originario"}, forwarded: []string{"messaggio inoltrato", "inizio messaggio inoltrato", "messaggio inviato"},
		from: []string{"da", "mittente"}, sent: []string{"inviato", "data", "inviato il", "risposta"}, to: []string{"a", "per"}, cc: []string{"cc"}, subject: []string{"oggetto"},
		device: []string{"inviato da", "inviato dal mio", "inviato con", "scarica outlook", "ottieni outlook", "spedito da"},
		away:   []string{"risposta automatica", "fuori sede", "fuori ufficio", "assente", "in ferie"},
	},
	{
		code:     "ja",
		wrote:    []string{"書きました", "のメール", "のメッセージ", "さんは書きました", "wrote", "writes"},
		original: []string{"元のメッセージ", "オリジナルメッセージ", "original message", "元のメール"}, forwarded: []string{"転送されたメッセージ", "転送メッセージ", "forwarded message"},
		from: []string{"差出人", "送信者", "発信者"}, sent: []string{"送信日時", "日時", "送信日", "日付", "送信済み"}, to: []string{"宛先", "受信者"}, cc: []string{"cc", "写し"}, subject: []string{"件名", "題名"},
		device: []string{"iphoneから送信", "ipadから送信", "私のiphoneから送信", "androidから送信", "スマートフォンから送信", "xperiaから送信"},
		away:   []string{"自動応答", "不在", "自動返信"},
	},
	{
		code:     "ko",
		wrote:    []string{"님이 작성", "작성:", "님이 쓴 글", "작성"},
		original: []string{"원본 메시지", "원본 메일", "원본메시지", "original message"}, forwarded: []string{"전달된 메시지", "전달 메시지"},
		from: []string{"보낸 사람", "보낸사람", "발신"}, sent: []string{"보낸 날짜", "날짜", "보낸날짜"}, to: []string{"받는 사람", "받는사람", "수신"}, cc: []string{"참조"}, subject: []string{"제목"},
		device: []string{"나의 iphone에서 보냄", "나의 아이폰에서 보냄", "iphone에서 보냄", "삼성 모바일에서"},
		away:   []string{"자동 회신", "부재 중", "자동 응답"},
	},
	{
		code:  "lt",
		wrote: []string{"rašė", "parašė"}, original: []string{"pradinis laiškas", "originalus pranešimas"}, forwarded: []string{"persiųstas laiškas", "persiųstas pranešimas"},
		from: []string{"nuo", "siuntėjas"}, sent: []string{"išsiųsta", "data"}, to: []string{"kam", "gavėjas"}, subject: []string{"tema"},
		device: []string{"išsiųsta iš mano"}, away: []string{"automatinis atsakymas"},
	},
	{
		code:  "lv",
		wrote: []string{"rakstīja", "raksta"}, original: []string{"sākotnējā ziņa", "oriģinālā vēstule"}, forwarded: []string{"pārsūtīta ziņa", "pārsūtītā vēstule"},
		from: []string{"no"}, sent: []string{"nosūtīts", "datums"}, to: []string{"kam"}, subject: []string{"temats", "tēma"},
		device: []string{"nosūtīts no mana"}, away: []string{"automātiska atbilde"},
	},
	{
		code: "nl",
		on:   []string{"op", "d.d."}, wrote: []string{"schreef", "heeft geschreven", "geschreven", "het volgende geschreven", "schreef het volgende"},
		original: []string{"oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht"}, forwarded: []string{"doorgestuurd bericht", "begin doorgestuurd bericht"},
		from: []string{"van", "afzender"}, sent: []string{"verzonden", "datum", "verstuurd"}, to: []string{"aan"}, cc: []string{"cc", "kopie"}, subject: []string{"onderwerp", "betreft"},
		device: []string{"verstuurd vanaf", "verzonden vanaf", "verzonden met", "verstuurd met", "verstuurd via", "verzonden via", "outlook voor", "download outlook", "vanaf mijn", "verzonden van", "verstuurd van"},
		away:   []string{"automatisch antwoord", "afwezig", "niet aanwezig", "afwezigheid", "niet op kantoor"},
	},
	{
		code: "no",
		on:   []string{"den", "på"}, wrote: []string{"skrev", "skrev følgende"},
		original: []string{"opprinnelig melding", "original melding", "opprinnelig e-post"}, forwarded: []string{"videresendt melding", "videresendt e-post"},
		from: []string{"fra"}, sent: []string{"sendt", "dato"}, to: []string{"til"}, cc: []string{"kopi"}, subject: []string{"emne"},
		device: []string{"sendt fra"}, away: []string{"automatisk svar", "fraværsassistent", "ikke på kontoret"},
	},
	{
		code: "pl",
		on:   []string{"w dniu", "dnia", "w", "pt.", "pon.", "wt.", "śr.", "czw.", "sob.", "niedz."}, wrote: []string{"napisał", "napisała", "napisał(a)", "pisze", "użytkownik napisał", "napisano"},
		original: []string{"wiadomość oryginalna", "oryginalna wiadomość", "wiadomość pierwotna", "wiadomość wysłana"}, forwarded: []string{"wiadomość przekazana", "przekazana wiadomość", "początek przekazywanej wiadomości", "treść przekazanej wiadomości"},
		from: []string{"od", "nadawca"}, sent: []string{"wysłano", "data", "wysłane", "data wysłania"}, to: []string{"do", "adresat"}, cc: []string{"dw", "do wiadomości", "kopia"}, subject: []string{"temat"},
		device: []string{"wysłane z", "wysłano z", "pobierz outlook", "wysłane przez"},
		away:   []string{"automatyczna odpowiedź", "odpowiedź automatyczna", "poza biurem", "autoodpowiedź", "nieobecność", "urlop"},
	},
	{
		code: "pt",
		on:   []string{"em", "a", "no dia", "às"}, wrote: []string{"escreveu", "escreveste", "escrevi", "escrito", "citando"},
		original: []string{"mensagem original", "mensagem anterior"}, forwarded: []string{"mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reencaminhada"},
		from: []string{"de"}, sent: []string{"enviado", "enviada", "data", "enviada em", "enviado em"}, to: []string{"para"}, cc: []string{"cc", "com cópia"}, subject: []string{"assunto"},
		device: []string{"enviado do meu", "enviado da minha", "enviado de meu", "enviado a partir", "enviado do", "obter o outlook", "baixe o outlook", "enviado via", "enviada do meu", "enviado pelo", "enviado por"},
		away:   []string{"resposta automática", "fora do escritório", "ausência", "ausente", "de férias"},
	},
	{
		code: "ro",
		on:   []string{"în", "pe", "la", "în data de"}, wrote: []string{"a scris", "scrie"},
		original: []string{"mesaj original", "mesajul original"}, forwarded: []string{"mesaj redirecționat", "mesaj redirectionat", "mesaj transmis mai departe"},
		from: []string{"de la", "expeditor"}, sent: []string{"trimis", "data", "trimis la"}, to: []string{"către", "catre", "la"}, subject: []string{"subiect"},
		device: []string{"trimis de pe", "trimis din"}, away: []string{"răspuns automat", "raspuns automat", "în concediu"},
	},
	{
		code: "ru",
		on:   []string{"в", "от"}, wrote: []string{"написал", "написала", "написал(а)", "пишет", "написали", "вы писали", "писал", "писала", "пользователь написал", "написано"},
		original: []string{"исходное сообщение", "оригинальное сообщение", "первоначальное сообщение", "исходное письмо"}, forwarded: []string{"пересылаемое сообщение", "пересланное сообщение", "начало переадресованного сообщения", "перенаправленное сообщение", "конец пересылаемого сообщения"},
		from: []string{"от", "от кого"}, sent: []string{"отправлено", "дата", "послано"}, to: []string{"кому"}, cc: []string{"копия", "скрытая копия"}, subject: []string{"тема"},
		device: []string{"отправлено с", "отправлено из", "отправлено через", "послано с", "отправлено от"},
		away:   []string{"автоматический ответ", "автоответ", "нет на месте", "в отпуске", "отсутствую"},
	},
	{
		code: "sk",
		on:   []string{"dňa", "dna", "v"}, wrote: []string{"napísal", "napísala", "napísal(a)", "píše"},
		original: []string{"pôvodná správa", "pôvodný e-mail"}, forwarded: []string{"preposlaná správa", "odovzdaná správa"},
		from: []string{"od", "odosielateľ"}, sent: []string{"odoslané", "dátum"}, to: []string{"komu", "pre"}, cc: []string{"kópia"}, subject: []string{"predmet"},
		device: []string{"odoslané z"}, away: []string{"automatická odpoveď"},
	},
	{
		code: "sl",
		on:   []string{"dne"}, wrote: []string{"je napisal", "je napisala", "napisal", "je oseba napisala"},
		original: []string{"izvirno sporočilo", "prvotno sporočilo"}, forwarded: []string{"posredovano sporočilo"},
		from: []string{"od", "pošiljatelj"}, sent: []string{"poslano", "datum"}, to: []string{"za"}, subject: []string{"zadeva"},
		device: []string{"poslano iz"}, away: []string{"samodejni odgovor"},
	},
	{
		code: "sv",
		on:   []string{"den", "på", "på dagen"}, wrote: []string{"skrev", "skrev följande"},
		original: []string{"originalmeddelande", "ursprungligt meddelande", "ursprungsmeddelande", "original-meddelande"}, forwarded: []string{"vidarebefordrat meddelande", "vidarebefordrat mail", "vidarebefordrat brev"},
		from: []string{"från"}, sent: []string{"skickat", "datum", "sänt"}, to: []string{"till"}, cc: []string{"kopia"}, subject: []string{"ämne"},
		device: []string{"skickat från", "skickades från", "hämta outlook", "sänt från"},
		away:   []string{"autosvar", "automatiskt svar", "frånvaro", "ej på kontoret", "inte på kontoret", "semester"},
	},
	{
		code: "th", on: []string{"เมื่อ", "ใน"}, wrote: []string{"เขียนว่า", "เขียน"},
		original: []string{"ข้อความต้นฉบับ"}, forwarded: []string{"ข้อความที่ส่งต่อ"},
		from: []string{"จาก"}, sent: []string{"ส่ง", "วันที่"}, to: []string{"ถึง"}, subject: []string{"เรื่อง", "หัวเรื่อง"},
		device: []string{"ส่งจาก"}, away: []string{"ตอบกลับอัตโนมัติ"},
	},
	{
		code: "tr",
		on:   []string{"tarihinde"}, wrote: []string{"yazdı", "şunu yazdı", "şunları yazdı", "yazmış", "tarihinde yazdı"},
		original: []string{"orijinal mesaj", "özgün ileti", "orjinal mesaj", "asıl mesaj"}, forwarded: []string{"iletilmiş mesaj", "yönlendirilmiş ileti", "iletilen mesaj", "yönlendirilen mesaj"},
		from: []string{"kimden", "gönderen"}, sent: []string{"gönderildi", "tarih", "gönderme tarihi", "gönderilen"}, to: []string{"kime", "alıcı"}, cc: []string{"bilgi"}, subject: []string{"konu"},
		device: []string{"iphone'umdan gönderildi", "iphone’umdan gönderildi", "gönderildi", "android cihazımdan"},
		away:   []string{"otomatik yanıt", "otomatik cevap", "ofis dışında"},
	},
	{
		code: "uk",
		on:   []string{"від", "у", "в"}, wrote: []string{"пише", "написав", "написала", "написав(ла)"},
		original: []string{"оригінальне повідомлення", "вихідне повідомлення", "початкове повідомлення"}, forwarded: []string{"переслане повідомлення", "перенаправлене повідомлення"},
		from: []string{"від", "від кого"}, sent: []string{"надіслано", "дата", "відправлено"}, to: []string{"кому"}, cc: []string{"копія"}, subject: []string{"тема"},
		device: []string{"надіслано з", "відправлено з"}, away: []string{"автоматична відповідь"},
	},
	{
		code: "vi",
		on:   []string{"vào", "ngày"}, wrote: []string{"đã viết", "viết"},
		original: []string{"thư gốc", "tin nhắn gốc", "thông điệp gốc"}, forwarded: []string{"thư đã chuyển tiếp", "chuyển tiếp thư"},
		from: []string{"từ", "người gửi"}, sent: []string{"đã gửi", "ngày", "gửi"}, to: []string{"đến", "tới", "người nhận"}, subject: []string{"chủ đề", "tiêu đề"},
		device: []string{"được gửi từ", "đã gửi từ", "gửi từ"}, away: []string{"trả lời tự động", "vắng mặt"},
	},
	{
		code: "zh",
		on:   []string{"在", "于", "於"}, wrote: []string{"写道", "寫道", "写了", "來信", "的来信", "来信", "写到"},
		original: []string{"原始邮件", "原始郵件", "邮件原件", "原邮件", "原始信件", "原始訊息"}, forwarded: []string{"转发的邮件", "转发邮件信息", "轉寄郵件", "转发的消息", "轉寄的郵件", "转发邮件", "已轉寄的郵件", "开始转发的消息"},
		from: []string{"发件人", "寄件者", "寄件人", "发自", "發件人"}, sent: []string{"发送时间", "日期", "寄件日期", "发送日期", "傳送時間", "時間", "时间", "發送時間", "已傳送"}, to: []string{"收件人", "收件者"}, cc: []string{"抄送", "副本", "抄送人"}, subject: []string{"主题", "主題", "主旨"},
		device: []string{"发自我的", "從我的", "发送自", "發自我的", "从我的", "来自我的", "傳送自"},
		away:   []string{"自动回复", "自動回覆", "不在办公室", "外出"},
	},
}

// phrases is one list of all tongues, as a set for looking up, and by first byte
// for finding what a line begins with.
type phrases struct {
	set     map[string]bool
	list    []string
	byFirst [256][]string
}

func collect(pick func(*tongue) []string) *phrases {
	p := &phrases{set: map[string]bool{}}
	for i := range tongues {
		for _, s := range pick(&tongues[i]) {
			p.add(s)
		}
	}
	return p
}

func newPhrases(list []string) *phrases {
	p := &phrases{set: map[string]bool{}}
	for _, s := range list {
		p.add(s)
	}
	return p
}

func (p *phrases) add(s string) {
	if p.set[s] {
		return
	}
	p.set[s] = true
	p.list = append(p.list, s)
	p.byFirst[s[0]] = append(p.byFirst[s[0]], s)
}

// prefixOf returns the phrase that the lower-case s begins with, or "".
func (p *phrases) prefixOf(s string) string {
	if s == "" {
		return ""
	}
	for _, x := range p.byFirst[s[0]] {
		if strings.HasPrefix(s, x) {
			return x
		}
	}
	return ""
}

// What the tongues say, all languages together: mail is answered in one language
// with a program set to another.
var (
	onWords        = collect(func(t *tongue) []string { return t.on })
	wroteWords     = collect(func(t *tongue) []string { return t.wrote })
	originalWords  = collect(func(t *tongue) []string { return t.original })
	forwardedWords = collect(func(t *tongue) []string { return t.forwarded })
	fromLabels     = collect(func(t *tongue) []string { return t.from })
	sentLabels     = collect(func(t *tongue) []string { return t.sent })
	toLabels       = collect(func(t *tongue) []string { return t.to })
	ccLabels       = collect(func(t *tongue) []string { return t.cc })
	subjectLabels  = collect(func(t *tongue) []string { return t.subject })
	devicePhrases  = collect(func(t *tongue) []string { return t.device })
	awayPhrases    = collect(func(t *tongue) []string { return t.away })
)
