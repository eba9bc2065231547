package kb

import (
	"testing"
	"time"
)

// smallDesk is a knowledge base as a young desk has it: a handful of documents with
// keywords and symptoms, and no solved tickets.
func smallDesk(t testing.TB) []Document {
	docs, problems := Load(files(
		"password.md", "---\ntitle: Resetting your password\nlang: en\naudience: public\nkeywords: [password, login, locked out]\n"+
			"symptoms:\n  - I forgot my password\n  - My account is locked\n---\n"+
			"Open https://account.desk.test and choose *Forgotten password*. You get a link by mail that is good for an hour.\n",
		"vpn.md", "---\ntitle: VPN connection drops\nlang: en\naudience: public\nkeywords: [vpn, tunnel, remote access]\n"+
			"symptoms:\n  - The VPN disconnects every few minutes\n---\n"+
			"Use a cable instead of wireless, and update the client to version 5. Error 809 means that the router blocks port 4500.\n",
		"printer.md", "---\ntitle: The printer does not print\nlang: en\naudience: public\nkeywords: [printer, paper jam, toner]\n---\n"+
			"Switch it off and on. Open the cover and remove jammed paper. Order toner in the portal.\n",
		"rechnung.md", "---\ntitle: Rechnung erneut zusenden\nlang: de\naudience: public\nkeywords: [rechnung, beleg]\n"+
			"symptoms:\n  - Ich habe keine Rechnung bekommen\n---\n"+
			"Alle Rechnungen liegen im Kundenkonto unter Bestellungen und lassen sich dort als PDF herunterladen.\n",
		"facture.md", "---\ntitle: Modifier l'adresse de livraison\nlang: fr\naudience: public\nkeywords: [adresse, livraison]\n"+
			"symptoms:\n  - Je me suis trompé d'adresse\n---\n"+
			"Tant que le colis n'est pas parti, vous pouvez changer l'adresse dans votre compte, rubrique Commandes.\n",
		"crm.md", "---\ntitle: Restarting the CRM batch\nlang: en\naudience: internal\nkeywords: [crm, batch]\n"+
			"symptoms:\n  - The CRM import did not run last night\n---\nLog in to the batch server and restart the import service.\n",
	))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return docs
}

var today = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func TestSmallDeskAnswersPlainQuestions(t *testing.T) {
	m := New(smallDesk(t), nil, Options{})
	for _, test := range []struct{ subject, text, doc string }{
		{"", "I forgot my password, how do I reset it?", "password"},
		{"Password reset", "Hello,\n\nI forgot my password and cannot log in any more.\n\nKind regards\nCarla", "password"},
		{"locked out", "My account is locked, please help", "password"},
		{"", "How can I reset my password?", "password"},
		{"", "i have forgotten the password for my login", "password"},
		{"VPN problem", "The VPN disconnects every few minutes when I work from home.", "vpn"},
		{"", "my vpn connection drops all the time", "vpn"},
		{"Printer", "The printer on our floor does not print. Paper jam?", "printer"},
		{"", "There is a paper jam in the printer", "printer"},
		{"", "Ich habe keine Rechnung bekommen, können Sie sie mir erneut zusenden?", "rechnung"},
		{"Rechnung fehlt", "Guten Tag,\n\nbitte senden Sie mir die Rechnung noch einmal zu.\n\nMit freundlichen Grüßen\nJ. Maier", "rechnung"},
		{"", "Bonjour, je me suis trompé d'adresse de livraison. Comment la modifier ?", "facture"},
		{"Adresse", "Je voudrais modifier l'adresse de livraison de ma commande.", "facture"},
	} {
		r := m.Match(Question{Subject: test.subject, Text: test.text, Now: today})
		if !r.Answer || r.Matches[0].Doc != test.doc {
			t.Errorf("%q %q: answer %v %v\n%v", test.subject, test.text, r.Answer, r.Matches, r.Why)
		}
	}
}

func TestSmallDeskHandsOverTheRest(t *testing.T) {
	m := New(smallDesk(t), nil, Options{})
	for _, text := range []string{
		"application crashes with error 0x80070005 when saving",
		"The application crashes with error 0x80070005 when saving to the network drive.",
		"Our CRM import did not run last night",
		"The CRM import did not run last night and the customer data is missing",
		"Please order a new laptop for Ms. Jones",
		"I want to speak to your manager about a complaint",
		"Where is my order 88123?",
		"The login page of the shop shows error 500",
		"Can I have an invoice address different from the delivery address in the contract?",
		"Wann haben Sie geöffnet?",
		"Die Anwendung stürzt beim Speichern ab",
		"Ich möchte meinen Vertrag kündigen",
		"Quels sont vos horaires d'ouverture ?",
		"Je souhaite résilier mon contrat",
		"Thank you!",
		"",
		"asdf qwer",
		"When will the database migration be finished?",
	} {
		if r := m.Match(Question{Text: text, Now: today}); r.Answer {
			t.Errorf("%q is answered with %v\n%v", text, r.Matches, r.Why)
		}
	}
}

// The fewer the documents, the rarer each of their words: what stands in the running
// text alone is no answer.
func TestFirstDocumentDoesNotAnswerEverything(t *testing.T) {
	docs, problems := Load(files("reset.md", "---\ntitle: Reset your password\nlang: en\naudience: public\n"+
		"keywords: [password, reset, login]\nsymptoms:\n  - I forgot my password\n---\nOpen https://id.desk.test and follow the steps.\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m := New(docs, nil, Options{})
	for _, text := range []string{"Our shop opens at nine, please follow us", "I need a ladder with four steps", "ticket opened, thank you"} {
		if r := m.Match(Question{Text: text}); r.Answer {
			t.Errorf("%q is answered: %v", text, r.Why)
		}
	}
	for _, text := range []string{"How do I reset my password?", "forgot password and cannot login"} {
		if r := m.Match(Question{Text: text}); !r.Answer {
			t.Errorf("%q is not answered: %v", text, r.Why)
		}
	}
}
