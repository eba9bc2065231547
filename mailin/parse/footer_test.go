package parse

import "testing"

// deviceLines are what phones and programs add below a mail.
var deviceLines = []string{
	"Sent from my iPhone", "Sent from my Galaxy", "Sent from Outlook for iOS", "Sent from Yahoo Mail for iPhone", "Yahoo Mail: Search, Organize, Conquer",
	"Sent from Proton Mail mobile", "Sent with Proton Mail secure email.", "Sent from Mail for Windows", "Sent via Superhuman", "Sent from Front", "Sent with Spark",
	"Sent using Zoho Mail", "Sent from HEY", "Sent with Airmail", "Sent from eM Client | www.emclient.com", "Sent from Mail.ru app for Android",
	"Secured with Tuta Mail: https://tuta.com/free-email", "Sent from my Android device with K-9 Mail. Please excuse my brevity.", "Get BlueMail for Android",
	"Von meinem iPhone gesendet", "Gesendet mit der GMX Mail App", "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.", "Mobil gesendet",
	"Outlook für iOS<https://aka.ms/o0ukef> beziehen", "Holen Sie sich Outlook für Android",
	"Envoyé de mon iPhone", "Envoyé à partir d’Outlook pour iOS", "Provenance : Courrier pour Windows", "Envoyé depuis mon mobile Orange",
	"Enviado desde mi smartphone Samsung Galaxy.", "Obtener Outlook para Android", "Inviato da Libero Mail per Android", "Verzonden vanuit Outlook voor Android",
	"Wysłane z programu Outlook dla systemu Android", "Pobierz aplikację Outlook dla systemu Android", "Enviado do Email para Windows",
	"Skickat från E-post för Windows", "Sendt fra Outlook til Android", "Hent Outlook til iOS<https://aka.ms/o0ukef>", "Lähetetty Outlookista Androidille",
	"Odesláno z mého iPhonu", "Odoslané z iPhonu", "Elküldve iPhone készülékemről", "Poslano z iPhone-a",
	"Отправлено из мобильной Почты Mail", "Надіслано з пристрою Galaxy", "Android için Outlook'tan gönderildi", "iPhoneから送信",
	"iOS 版 Outlook<https://aka.ms/o0ukef>を入手", "发自我的iPhone", "发自 Outlook for Android", "從我的iPhone傳送", "내 Galaxy에서 보냄",
}

// footers are what servers and companies add below a mail.
var footers = []string{
	"This e-mail and any attachments are confidential and intended solely for the addressee.",
	"Acme Ltd is registered in England and Wales, No. 0123456. Registered office: 1 High Street, London.",
	"Diese E-Mail kann vertrauliche Informationen enthalten. Falls Sie nicht der angegebene\nEmpfänger sind, vernichten Sie diese E-Mail.",
	"Geschäftsführer: Max Muster, Sitz der Gesellschaft: Berlin, Registergericht: Amtsgericht Berlin HRB 12345",
	"Ce message électronique et tous les fichiers qu'il contient sont confidentiels et destinés à l'usage de la personne à laquelle ils sont adressés.",
	"Tämä sähköpostiviesti ja sen liitteet ovat luottamuksellisia ja tarkoitettu vain vastaanottajalle.",
	"このメールには機密情報が含まれている場合があります。誤って受信された場合は削除してください。",
	"To unsubscribe from this list please go to https://lists.example/x",
	"-=-=-=-=-=-=-\nGroups.io Links: You receive all messages sent to this group.\nView/Reply Online (#12): https://groups.example/g/x/message/12\n-=-=-=-=-=-=-",
	"Virus-free. www.avast.com", "Virenfrei.www.avast.com", "Garanti sans virus. www.avast.com",
	"This e-mail has been scanned for viruses by MailShield. http://www.mailshield.example",
}

func TestFooters(t *testing.T) {
	const text = "Hello,\n\nthe printer is dead.\n\nKind regards\nAnn"
	for _, list := range [][]string{deviceLines, footers} {
		for _, s := range list {
			if got := cutReply(plainLines(text+"\n\n"+s+"\n"), hints{answers: true}).reply; got != text {
				t.Errorf("%q stays in %q", s, got)
			}
		}
	}
}

// TestNoFooters keeps sentences that begin as device lines and notices do: a lost
// sentence is worse than a footer that stays.
func TestNoFooters(t *testing.T) {
	for _, s := range []string{
		"Sent with DHL, tracking number 12345.",
		"Sent from the warehouse on Monday.",
		"Sent via mail on 2 March 2026.",
		"Von meinem Konto wurden 50 EUR abgebucht.",
		"From my phone it works.",
		"Gesendet von unserem Lager, nie angekommen.",
		"Envoyé par Chronopost, jamais reçu.",
		"Enviado por correo certificado el 2/3/2026.",
		"The device prints this:\n\nSent via fax\n\non each page. How do I switch it off?",
		"Outlook für iOS stürzt ab.",
		"The recipient never got it.",
		"Is our contract confidential?",
		"Customer no: 12345\nOrder: 999\nPhone: +44 20 7946 0000",
	} {
		text := "Hello,\n\nhere is my answer.\n\n" + s
		if got := cutReply(plainLines(text), hints{answers: true}).reply; got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
