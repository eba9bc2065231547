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
