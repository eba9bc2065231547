package parse

import (
	"strings"
	"testing"

	"tierdesk/desk"
)

// reports are what servers write that send no delivery-status part.
var reports = []struct{ server, subject, body, want string }{
	{"Domino", "DELIVERY FAILURE: User ann not listed in public Name & Address Book", "Your message\n\n  Subject: Re: Printer\n\nwas not delivered to:\n\n  ann@customer.example\n\nbecause:\n\n  User ann (ann@customer.example) not listed in public Name & Address Book\n", "ann@customer.example 5.2.1 failed"},
	{"SurfControl", "Your message could not be sent", "Your message could not be sent.\nA transcript of the attempts to send the message follows.\nThe number of attempts made: 1\nAddressed To: ann@customer.example\n\nMon 1 Jan 2024 16:18:00 +0100\nFailed to send to identified host,\nann@customer.example: [192.0.2.5], 550 ann@customer.example... No such user\n", "ann@customer.example 5.0.0 failed"},
	{"MailMarshal", "Undeliverable Mail: Printer", "Your message:\n   From:    support@desk.example\n   Subject: Printer\n\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected:\n    ann@customer.example\n\nAdditional Information\n======================\n", "ann@customer.example 5.1.1 failed"},
	{"Apache James", "[BOUNCE]", "Hi. This is the James mail server at mx.customer.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.  Below\nI include the list of recipients and the reason why I was unable to deliver\nyour message.\n\nFailed recipient(s):\nann@customer.example\n\nError message:\n550 5.1.1 <ann@customer.example>... User Unknown\n", "ann@customer.example 5.1.1 failed"},
	{"InterScan", "Mail delivery failed", "I am sorry that your message could not be delivered.\n\nSent <<< RCPT TO:<ann@customer.example>\nReceived >>> 550 5.1.1 <ann@customer.example>... user unknown\nUnable to deliver message to <ann@customer.example>\n", "ann@customer.example 5.1.1 failed"},
	{"MailFoundry", "Message delivery has failed", "Unable to deliver message to: <ann@customer.example>\nDelivery failed for the following reason:\nServer mx.customer.example[192.0.2.3] failed with: 550 <ann@customer.example> No such user here\n\nThis has been a permanent failure.  No further delivery attempts will be made.\n", "ann@customer.example 5.0.0 failed"},
	{"KDDI", "Mail System Error - Returned Mail", "The following recipients could not be reached:\n\n     * ann@customer.example\n\n", "ann@customer.example 5.0.0 failed"},
	{"Google", "Delivery Status Notification (Failure)", "Delivery to the following recipient failed permanently:\n\n     ann@customer.example\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the recipient domain. We recommend contacting the other email provider at postmaster@customer.example for further information. The error that the other server returned was: 550 5.2.1 ann@customer.example disabled (state 13).\n\n----- Original message -----\n\nReceived: by 10.0.0.1\nTo: ann@customer.example\n", "ann@customer.example 5.2.1 failed"},
	{"sendmail 5", "Returned mail: User unknown", "   ----- Transcript of session follows -----\nWhile talking to mx.customer.example:\n>>> RCPT To:<ann@customer.example>\n<<< 550 no such user\n550 <ann@customer.example>... User unknown\n\n   ----- Unsent message follows -----\nReceived: by x\nFrom: support@desk.example\n", "ann@customer.example 5.0.0 failed"},
	{"Exim several", "Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ann@customer.example\n    host mx.customer.example [192.0.2.3]\n    SMTP error from remote mail server after RCPT TO:<ann@customer.example>:\n    550 5.1.1 unknown\n  bob@customer.example\n    retry timeout exceeded\n", "ann@customer.example 5.1.1 failed, bob@customer.example 4.4.7 failed"},
	{"German", "Unzustellbare Nachricht", "Ihre Nachricht konnte nicht zugestellt werden an:\n\n<ann@customer.example>\nEmpfänger unbekannt\n", "ann@customer.example 5.1.1 failed"},
	{"French", "Échec de la remise", "Votre message n'a pas pu être remis aux destinataires suivants :\n\n  ann@customer.example\n  550 5.7.1 refusé\n", "ann@customer.example 5.7.1 failed"},
	{"Mimecast", "[Postmaster] Email Delivery Failure", "The following message to <ann@customer.example> was undeliverable.\n\nThe reason for the problem:\n5.1.0 - Unknown address error 550-'Invalid Recipient - https://mx.example/docs/DOC-1369#550'\n", "ann@customer.example 5.1.0 failed"},
	{"IronPort", "Delivery Status Notification (Failure)", "The following message to <ann@customer.example> was undeliverable.\nThe reason for the problem:\n5.1.0 - Unknown address error 550-'5.1.1 <ann@customer.example>: Recipient address rejected: User unknown'\n", "ann@customer.example 5.1.0 failed"},
	{"Barracuda", "**Message you sent blocked by our bulk email filter**", "Your message to: ann@customer.example\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:\n\nSubject: Printer\n", "ann@customer.example 5.7.1 failed"},
	{"hMailServer", "Message undeliverable: Printer", "Your message did not reach some or all of the intended recipients.\n\n   Sent: Tue, 3 Mar 2026 10:00:00 +0000\n   Subject: Printer\n\nThe following recipient(s) could not be reached:\n\nann@customer.example\n   Error Type: SMTP\n   Remote server (192.0.2.3) issued an error.\n   hMailServer sent: RCPT TO:<ann@customer.example>\n   Remote server replied: 550 5.1.1 user unknown\n\n\nhMailServer\n", "ann@customer.example 5.1.1 failed"},
	{"MDaemon", "Permanent Delivery Failure", "The attached message had PERMANENT fatal delivery errors.\n\nAfter one or more unsuccessful delivery attempts the attached message has been removed from the mail queue on this server.\n\nFailed address: ann@customer.example\n\n--- Session Transcript ---\n Tue 2026-03-03 10:00:00: --> RCPT To:<ann@customer.example>\n Tue 2026-03-03 10:00:00: <-- 550 5.1.1 <ann@customer.example>... User unknown\n--- End Transcript ---\n", "ann@customer.example 5.1.1 failed"},
	{"MDaemon delayed", "Transient Delivery Failure", "The attached message has been delayed.\n\nFailed address: ann@customer.example\n\nDelivery attempts will continue for 4 days.\n --> RCPT To:<ann@customer.example>\n <-- 451 4.7.1 try later\n", "ann@customer.example 4.7.1 delayed"},
	{"CommuniGate", "Undeliverable mail: Printer", "Failed to deliver to 'ann@customer.example'\nSMTP module(domain customer.example) reports:\n host mx.customer.example says:\n 550 5.1.1 unknown user\n", "ann@customer.example 5.1.1 failed"},
	{"Stalwart", "Failed to deliver message", "Your message could not be delivered to the following recipients:\n\n<ann@customer.example> (host 'mx.customer.example' rejected command 'RCPT TO:<ann@customer.example>' with code 550 (5.1.1) 'User unknown')\n", "ann@customer.example 5.1.1 failed"},
	{"OpenSMTPD", "Delivery status notification: error", "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nann@customer.example: 550 5.1.1 User unknown\n\n    Below is a copy of the original message:\n\nReceived: from x\n", "ann@customer.example 5.1.1 failed"},
	{"Haraka", "failed mail delivery", "This is the Haraka mailer daemon at haraka.example.\n\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\nann@customer.example: 550 5.1.1 unknown\n", "ann@customer.example 5.1.1 failed"},
	{"QQ", "系统退信", "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n收件人：ann@customer.example\n\n退信原因：\n收件人邮件地址（ann@customer.example）不存在，邮件无法送达。\nhost mx.customer.example said: 550 Mailbox not found\n", "ann@customer.example 5.0.0 failed"},
	{"163", "系统退信/Systems bounce", "您的邮件被退回\n\n发件人: support@desk.example\n收件人: ann@customer.example\n\n退信原因 SMTP error, RCPT TO: Host customer.example(192.0.2.3) RCPT TO said 550 User not found: ann@customer.example\n", "ann@customer.example 5.0.0 failed"},
	{"IONOS", "Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. This is a permanent error.\n\nThe following address failed:\n\n    ann@customer.example:\n        SMTP error from remote server for RCPT TO command, host: mx.customer.example (192.0.2.3) reason: 550 5.1.1 User unknown\n", "ann@customer.example 5.1.1 failed"},
	{"T-Online", "Unzustellbare Mail", "|------------------------- Message log follows: -------------------------|\n no valid recipients were found for this message\n|------------------------- Failed addresses follow: ---------------------|\n <ann@customer.example> ... unknown user\n|------------------------- Message text follows: ------------------------|\n\nReceived: from x\n", "ann@customer.example 5.1.1 failed"},
	{"Exchange Online en", "Undeliverable: Printer", "[https://products.office.example/en-us/CMSImages/Office365Logo_Orange.png]\n\nYour message to ann@customer.example couldn't be delivered.\n\nann wasn't found at customer.example.\n\nsupport\tOffice 365\tann\nAction Required\t\tRecipient\n\nUnknown To address\n\nHow to Fix It\nThe address may be misspelled or may not exist.\n\nMore Info for Email Admins\nStatus code: 550 5.1.10\n\nThis error occurs because the sender sent a message to an email address outside of Office 365, but the address is incorrect or doesn't exist at the destination domain.\n", "ann@customer.example 5.1.10 failed"},
	{"Exchange Online it", "Non recapitabile: Stampante", "Il messaggio a ann@customer.example non è stato recapitato.\n\nann non è stato trovato in customer.example.\n\nCodice di stato: 550 5.1.10\n", "ann@customer.example 5.1.10 failed"},
	{"Exchange Online sv", "Kan inte levereras: Skrivare", "Det gick inte att leverera ditt meddelande till ann@customer.example.\n\nann hittades inte på customer.example.\n\nStatuskod: 550 5.1.10\n", "ann@customer.example 5.1.10 failed"},
	{"Exchange Online ko", "배달되지 않음: 프린터", "ann@customer.example에 메시지를 배달할 수 없습니다.\n\n상태 코드: 550 5.1.10\n", "ann@customer.example 5.1.10 failed"},
	{"Gmail", "Delivery Status Notification (Failure)", "\n** Address not found **\n\nYour message wasn't delivered to ann@customer.example because the address couldn't be found, or is unable to receive mail.\n\nLearn more here: https://support.google.example/mail/?p=NoSuchUser\n\nThe response was:\n\n550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.\n", "ann@customer.example 5.1.1 failed"},
	{"Gmail delayed", "Delivery Status Notification (Delay)", "\n** Delivery incomplete **\n\nThere was a temporary problem delivering your message to ann@customer.example. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.\n\nThe response was:\n\nThe recipient server did not accept our requests to connect.\n", "ann@customer.example 4.0.0 delayed"},
	{"Postfix asks for help", "Undelivered Mail Returned to Sender", "This is the mail system at host mx.customer.example.\n\nFor further assistance, please send mail to <postmaster@customer.example>\n\nIf you do so, please include this problem report. You can\ndelete your own text from the attached returned message.\n\n<ann@customer.example>: host mx.customer.example[192.0.2.3] said: 552 5.2.2 Over\n    quota (in reply to RCPT TO command)\n", "ann@customer.example 5.2.2 failed"},
}

func TestReportsInWords(t *testing.T) {
	for _, r := range reports {
		raw := "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.customer.example>\r\nTo: support@desk.example\r\nSubject: " + r.subject + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + r.body
		in := Mail([]byte(raw), Options{})
		if in.Kind != desk.KindBounce || in.Bounce == nil {
			t.Errorf("%s: kind %s", r.server, in.Kind)
			continue
		}
		var got []string
		for _, x := range in.Bounce.Recipients {
			got = append(got, x.Address+" "+x.Status+" "+x.Action)
		}
		if s := strings.Join(got, ", "); s != r.want {
			t.Errorf("%s: %s, want %s", r.server, s, r.want)
		}
	}
}

// TestNotABounce keeps mail of people who write about bounces.
func TestNotABounce(t *testing.T) {
	for _, raw := range []string{
		"From: ann@customer.example\r\nSubject: Undelivered mail\r\n\r\nMy mail to bob@customer.example could not be delivered, please help.\r\n",
		"Return-Path: <>\r\nFrom: ann@customer.example\r\nSubject: Re: Printer\r\n\r\nStill dead.\r\n",
		"From: ann@customer.example\r\nSubject: Fwd: Undelivered Mail Returned to Sender\r\n\r\n> This is the mail system at host x.\r\n> <bob@customer.example>: user unknown\r\n",
	} {
		if in := Mail([]byte(raw), Options{}); in.Kind != desk.KindMessage {
			t.Errorf("%s for %q", in.Kind, raw)
		}
	}
}

func TestFindStatus(t *testing.T) {
	for s, want := range map[string]string{
		"550 5.1.1 unknown":                "5.1.1",
		"host [192.0.2.5] said: 450 later": "4.0.0",
		"550-5.7.26 unauthenticated":       "5.7.26",
		"(#5.2.2)":                         "5.2.2",
		"Lotus SMTP MTA v4.6.1":            "",
		"from 5.9.1.1 at port 25":          "",
	} {
		code, reply := findStatus(s)
		if code == "" {
			code = reply
		}
		if code != want {
			t.Errorf("%q has %q, want %q", s, code, want)
		}
	}
}

func TestReportNamesTheEnvelope(t *testing.T) {
	for text, want := range map[string]string{
		"Reporting-MTA: dns; mx.customer.example\nOriginal-Envelope-Id: 42\n\nFinal-Recipient: rfc822; ann@customer.example\nAction: failed\n": "42",
		"Original-Envelope-Id: 42\nFinal-Recipient: rfc822; ann@customer.example\n":                                                            "42",
		"Final-Recipient: rfc822; ann@customer.example\nAction: failed\n":                                                                      "",
	} {
		list, got := readStatus(text)
		if got != want || len(list) != 1 || list[0].Address != "ann@customer.example" {
			t.Errorf("%q: %q, %+v", text, got, list)
		}
	}
}
