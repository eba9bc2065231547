package parse

import (
	"strings"
	"testing"
)

func TestOriginalOfAForward(t *testing.T) {
	head := func(subject string) string {
		return "From: Tess <tess@hd.test>\nTo: support@hd.test\nSubject: " + subject + "\nContent-Type: text/plain; charset=utf-8\n\n"
	}
	for name, c := range map[string]struct{ mail, from, subject, text, reply string }{
		"Gmail, with a note": {
			head("Fwd: Printer") + "Please have a look.\n\n---------- Forwarded message ---------\nFrom: Ann Doe <ann@x.example>\nDate: Mon, 2 Mar 2026 at 09:00\nSubject: Printer\nTo: Tess <tess@hd.test>\n\n\nIt burns.\n\nAnn\n",
			"Ann Doe <ann@x.example>", "Printer", "It burns.\n\nAnn", "Please have a look.",
		},
		"Outlook, with a note": {
			head("FW: Printer") + "Can somebody take this?\n\nFrom: Ann Doe <ann@x.example>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Tess <tess@hd.test>\nSubject: Printer\n\nIt burns.\n",
			"Ann Doe <ann@x.example>", "Printer", "It burns.", "Can somebody take this?",
		},
		"Outlook in German, without a word": {
			head("WG: Drucker") + "Von: Ann Doe [mailto:ann@x.example]\nGesendet: Montag, 2. März 2026 09:00\nAn: Tess\nBetreff: Drucker\n\nEr brennt.\n",
			"Ann Doe <ann@x.example>", "Drucker", "Er brennt.", "",
		},
		"Outlook, with a name alone": {
			head("TR : Imprimante") + "Merci de voir.\n\nDe : Ann Doe\nEnvoyé : lundi 2 mars 2026 09:00\nÀ : Tess\nObjet : Imprimante\n\nElle brûle.\n",
			"Ann Doe <>", "Imprimante", "Elle brûle.", "Merci de voir.",
		},
		"Apple Mail": {
			head("Fwd: Printer") + "See below.\n\nBegin forwarded message:\n\n> From: Ann Doe <ann@x.example>\n> Subject: Printer\n> Date: 2. March 2026 at 09:00:00 CET\n> To: tess@hd.test\n> \n> It burns.\n> > and before\n",
			"Ann Doe <ann@x.example>", "Printer", "It burns.\n> and before", "See below.",
		},
		"Thunderbird": {
			head("Fwd: Printer") + "-------- Forwarded Message --------\nSubject: 	Printer\nDate: 	Mon, 2 Mar 2026 09:00:00 +0100\nFrom: 	Ann Doe <ann@x.example>\nTo: 	tess@hd.test\n\n\n\nIt burns.\n",
			"Ann Doe <ann@x.example>", "Printer", "It burns.", "",
		},
	} {
		in := Mail([]byte(c.mail), Options{})
		o := in.Original
		if o == nil {
			t.Errorf("%s: none (reply %q, quoted %q)", name, in.Reply, in.Quoted)
			continue
		}
		if got := o.From.Name + " <" + o.From.Address + ">"; got != c.from || o.Subject != c.subject || o.Text != c.text {
			t.Errorf("%s: %s, %q, %q", name, got, o.Subject, o.Text)
		}
		if c.reply != "" && in.Reply != c.reply || c.reply == "" && !in.Bare {
			t.Errorf("%s: the sender's own words are %q", name, in.Reply)
		}
	}
}

func TestAttachedOriginal(t *testing.T) {
	inner := "From: Ann <ann@x.example>\nSubject: Printer\nMessage-ID: <one@x.example>\nDate: Mon, 2 Mar 2026 09:00:00 +0100\n\nIt burns.\n"
	mail := "From: tess@hd.test\nSubject: Fwd: Printer\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nLook.\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n" + inner + "--b--\n"
	o := Mail([]byte(mail), Options{}).Original
	if o == nil || o.From.Address != "ann@x.example" || o.Subject != "Printer" || o.Text != "It burns." || o.MessageID != "one@x.example" || !strings.HasPrefix(o.Date, "2 Mar 2026 08:00") {
		t.Fatalf("%+v", o)
	}
	twice := strings.Replace(mail, "--b--\n", "--b\nContent-Type: message/rfc822\n\n"+inner+"--b--\n", 1)
	if o := Mail([]byte(twice), Options{}).Original; o != nil {
		t.Errorf("one of two: %+v", o)
	}
	if o := Mail([]byte(strings.Replace(mail, "Fwd: ", "", 1)), Options{}).Original; o != nil {
		t.Errorf("a mail that forwards nothing: %+v", o)
	}
}

func TestRepliesForwardNothing(t *testing.T) {
	for _, subject := range []string{"Re: Printer", "Re: FW: Printer", "Printer", "AW: Printer"} {
		mail := "From: a@b.test\nSubject: " + subject + "\nIn-Reply-To: <x@y>\n\nThanks.\n\nFrom: Ann Doe <ann@x.example>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Tess\nSubject: Printer\n\nIt burns.\n"
		if o := Mail([]byte(mail), Options{}).Original; o != nil {
			t.Errorf("%s: %+v", subject, o)
		}
	}
}

func FuzzOriginal(f *testing.F) {
	f.Add("From: Ann <ann@x.example>\nDate: today\nSubject: x\n\ntext")
	f.Add("> From: *Ann* [mailto:ann@x.example]\n> Sent: x\n> Subject: y\n>\n> z")
	f.Fuzz(func(t *testing.T, text string) {
		if o := originalIn(text); o != nil && strings.ContainsAny(o.From.Name+o.From.Address+o.Subject+o.Date, "\r\n") {
			t.Errorf("a line end in %+v", o)
		}
	})
}
