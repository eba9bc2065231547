package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tierdesk/desk"
	"tierdesk/mailin/parse"
	"tierdesk/store"
	"tierdesk/testbed"
)

// TestMailPrograms lets a technician and a customer answer with real mail programs, on
// a real Dovecot and Postfix, and looks at what their answers did.
func TestMailPrograms(t *testing.T) {
	for _, p := range mailPrograms() {
		t.Run(p.name, func(t *testing.T) {
			testbed.Programs(t, append(p.programs, "tmux")...)
			s := newSite(t, "sqlite:data/tierdesk.db")
			s.startDovecot("anna", "ben", "tess", "l3")
			d := &day{site: s, postfix: s.startPostfix(), mails: map[desk.Category]int{}}
			s.settings["L2"] = "team@hd.test"
			s.configure()
			d.serve()
			w := writer{day: d, program: p}
			w.technicianAnswers(t)
			w.customerSays(t, "yes", "Yes, thank you!", desk.StatusSolved, desk.L1)
			w.customerSays(t, "no", "No, it is still broken.", desk.StatusOpen, desk.L2)
			w.keep(t)
		})
	}
}

// writer answers with a mail program.
type writer struct {
	*day
	program mailProgram
}

func (w writer) answers(t *testing.T, who person, l *letter, words string) {
	t.Helper()
	w.program.answers(t, w.site, w.postfix.Submission, who, l, words)
	w.expect(desk.CategoryAppend)
	w.allSettled()
}

// technicianAnswers: Tess claims, notes and answers, each in reply to the mail that the
// list got.
func (w writer) technicianAnswers(t *testing.T) {
	const subject = "Badge reader beeps"
	t.Helper()
	w.ask(ben, subject, "The badge reader at our door beeps and stays red. Can you help?")
	page := w.arrives(tess, subject)

	w.answers(t, tess, page, "#claim")
	if k := w.ticket(subject); k.Assignee != tess.address {
		t.Errorf("#claim: the ticket is assigned to %q", k.Assignee)
	}
	w.answers(t, tess, page, "#note\nThe reader was bought used.")
	w.answers(t, tess, page, "Hello Ben,\n\nplease hold the badge for five seconds.")
	said := w.messages(w.ticket(subject))
	if want := []string{"The reader was bought used."}; !slices.Equal(said[desk.InternalNote], want) {
		t.Errorf("notes are %q, expected %q", said[desk.InternalNote], want)
	}
	if want := []string{"Hello Ben,\n\nplease hold the badge for five seconds."}; !slices.Equal(said[desk.PublicReply], want) {
		t.Errorf("replies are %q, expected %q", said[desk.PublicReply], want)
	}
	reply := w.arrives(ben, subject)
	w.contains(reply, "please hold the badge for five seconds.")
	w.hides(reply, tess.address, "4711", "#claim", "#note", "bought used", "team@hd.test", "wrote:")
	for _, m := range w.dovecot.List("ben", "INBOX") {
		if in := parse.Mail(m.Bytes, parse.Options{}); strings.Contains(in.Text, "#") && !strings.Contains(in.Text, "##-") || strings.Contains(in.Text, "bought used") {
			t.Errorf("the customer was told:\n%s", in.Text)
		}
	}
}

// customerSays: Anna gets an answer from L1, and says if it helped.
func (w writer) customerSays(t *testing.T, subject, words string, status desk.Status, tier desk.Level) {
	t.Helper()
	subject = "Password " + subject
	w.ask(anna, subject, "Hello,\n\nI forgot my password and cannot log in any more. How do I reset it?\n\nAnna")
	answer := w.arrives(anna, subject)
	w.contains(answer, "You can set a new password yourself")
	w.answers(t, anna, answer, words)
	k := w.ticket(subject)
	if k.Status != status || k.Tier != tier {
		t.Errorf("%q left the ticket %s in %s, expected %s in %s", words, k.Status, k.Tier, status, tier)
	}
	said := w.messages(k)[desk.FromCustomer]
	if last := said[len(said)-1]; last != words {
		t.Errorf("the customer's answer is taken as %q, expected %q", last, words)
	}
}

// messages returns what was said on a ticket, by kind.
func (w writer) messages(k ticketJSON) map[desk.MessageKind][]string {
	w.t.Helper()
	said := map[desk.MessageKind][]string{}
	w.withStore(func(db *store.Store) error {
		messages, err := db.Messages(w.t.Context(), k.ID)
		for _, m := range messages {
			said[m.Kind] = append(said[m.Kind], m.Text)
		}
		return err
	})
	return said
}

// keep leaves what the program wrote in the test's artifacts.
func (w writer) keep(t *testing.T) {
	t.Helper()
	for _, m := range w.dovecot.List("support", "Processed") {
		if !bytes.Contains(m.Bytes, []byte("\nIn-Reply-To:")) {
			continue
		}
		name := fmt.Sprintf("%s-%d.eml", w.program.name, m.UID)
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), m.Bytes, 0o600); err != nil {
			t.Error(err)
		}
	}
}

// placeOf returns the number of a letter in its reader's inbox, counted from 1, and its
// Message-ID.
func (s *site) placeOf(user string, l *letter) (number int, id string) {
	s.t.Helper()
	mails := s.dovecot.List(user, "INBOX")
	number = 1 + slices.IndexFunc(mails, func(m testbed.Mail) bool { return bytes.Equal(m.Bytes, l.raw) })
	if number == 0 {
		s.t.Fatalf("the letter is not in %s's inbox", user)
	}
	return number, parse.Mail(l.raw, parse.Options{}).MessageID
}
