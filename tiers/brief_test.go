package tiers

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

// recalled is a memory that always comes up with the same.
type recalled struct{ asked *desk.Question }

func (r recalled) Precedents(_ context.Context, q desk.Question) ([]desk.Precedent, error) {
	*r.asked = q
	return []desk.Precedent{{Ticket: desk.Ticket{ID: 9, Subject: "Old fire", Status: desk.StatusSolved}, Why: "the same failure", Reply: "Water."}}, nil
}

func (r recalled) Passages(desk.Question) []desk.Passage {
	return []desk.Passage{{Doc: "fire", Title: "Fires", Text: "Call 112.", Internal: true}}
}

func TestBriefTellsWhatIsKnown(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	for range 7 {
		b.open(desk.P3)
	}
	b.engine.Memory = recalled{&desk.Question{}}
	b.at("2026-11-23 09:00")
	brief := b.last().Letter.Brief
	if len(brief.Recent) != maxPast || brief.Recent[0].Number != desk.Number(6) || brief.Recent[0].Subject != "Printer on fire" {
		t.Errorf("recent %+v", brief.Recent)
	}
	if len(brief.Colleagues) != 0 || brief.Organisation != "" {
		t.Errorf("colleagues %+v of %q", brief.Colleagues, brief.Organisation)
	}
	if len(brief.Precedents) != 1 || brief.Precedents[0].Reply != "Water." || brief.Precedents[0].Number != desk.Number(9) || len(brief.Passages) != 1 {
		t.Errorf("%+v", brief)
	}
}

func TestMemoryIsAskedForTheCustomersWords(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	var asked desk.Question
	b.engine.Memory = recalled{&asked}
	id := b.open(desk.P3)
	b.at("2026-11-23 09:00")
	want := desk.Question{Ticket: id, Subject: "Printer on fire", Text: "It burns.\nPlease come quickly."}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}

// breaking is a memory that some words break.
type breaking struct{ recalled }

func (breaking) Passages(desk.Question) []desk.Passage { panic("these words") }

func TestTicketIsHandedOverWhenTheMemoryBreaks(t *testing.T) {
	b := newRig(t, "2026-11-23 09:00")
	b.engine.Memory = breaking{}
	b.open(desk.P3)
	b.at("2026-11-23 09:00")
	check(t, "outbox", b.outbox(), []string{"escalation l2@hd.test"})
	if !strings.Contains(b.log.String(), "brief without background") {
		t.Errorf("log: %s", b.log)
	}
}

func TestOrganisationIsNoMailProvider(t *testing.T) {
	for domain, want := range map[string]string{
		"customer.example": "customer.example", "Customer.Example": "customer.example",
		"gmail.com": "", "yahoo.co.uk": "", "gmx.de": "", "web.de": "", "free.fr": "", "webde.example": "webde.example",
	} {
		if got := organisation("somebody@" + domain); got != want {
			t.Errorf("%s: %q", domain, got)
		}
	}
	if got := organisation("nobody"); got != "" {
		t.Errorf("%q", got)
	}
}

// found is a mail of the customer with diagnostics.
func found(seq int64, d *desk.Diagnostics, files ...desk.AttachmentRef) desk.Event {
	return desk.Event{Seq: seq, Type: desk.MailReceived, Actor: "customer", Data: desk.EventData{Diagnostics: d, Files: files}}
}

func TestDiagnosticsOfAllMailsAreJoined(t *testing.T) {
	many := desk.Finding{Kind: desk.FoundCode}
	for i := range 6 {
		many.Values = append(many.Values, fmt.Sprintf("error %d", i))
	}
	other := desk.Finding{Kind: desk.FoundCode, Values: []string{"error 5", "error 6", "error 7", "error 8"}}
	w := writer{log: []desk.Event{
		found(1, &desk.Diagnostics{Findings: []desk.Finding{many}, Excerpts: make([]desk.Excerpt, 2)}),
		found(2, nil),
		found(3, &desk.Diagnostics{Fingerprint: "a", Findings: []desk.Finding{other, {Kind: desk.FoundIP, Values: []string{"::1"}}}, Trace: []string{"x"}, Excerpts: make([]desk.Excerpt, 2)}),
		found(4, &desk.Diagnostics{Fingerprint: "b", Trace: []string{"y"}}),
		found(5, &desk.Diagnostics{Findings: []desk.Finding{{Kind: desk.FoundHost, Values: []string{"later"}}}}),
	}}
	d := w.diagnostics(&desk.Event{Seq: 4})
	if got := d.Values(desk.FoundCode); len(got) != maxFindings || got[7] != "error 7" {
		t.Errorf("codes %v", got)
	}
	if d.Fingerprint != "a" || strings.Join(d.Trace, "") != "x" || len(d.Excerpts) != maxExcerpts || d.Values(desk.FoundHost) != nil || d.Values(desk.FoundIP) == nil {
		t.Errorf("%+v", d)
	}
	if got := len(w.log[0].Data.Diagnostics.Findings[0].Values); got != 6 {
		t.Errorf("the event's own finding has %d values now", got)
	}
	if d := (&writer{log: []desk.Event{found(1, nil)}}).diagnostics(&desk.Event{Seq: 9}); d != nil {
		t.Errorf("%+v", d)
	}
}

func TestMissingIsWhatNobodyGave(t *testing.T) {
	all := []string{desk.NeedLogs, desk.NeedError, desk.NeedEnvironment, desk.NeedScreenshot, desk.NeedTried, "scope"}
	code := &desk.Diagnostics{Findings: []desk.Finding{{Kind: desk.FoundCode, Values: []string{"error 1"}}}}
	trace := &desk.Diagnostics{Trace: []string{"x"}, Findings: []desk.Finding{{Kind: desk.FoundHost, Values: []string{"a"}}}}
	message := func(kind desk.MessageKind, text string) []desk.Message {
		return []desk.Message{{Kind: kind, Text: text}}
	}
	for name, c := range map[string]struct {
		event    desk.Event
		messages []desk.Message
		missing  string
	}{
		"nothing":          {found(1, nil), nil, "logs error environment screenshot tried scope"},
		"a code":           {found(1, code), nil, "logs environment screenshot tried scope"},
		"a trace":          {found(1, trace), nil, "error screenshot tried scope"},
		"a picture":        {found(1, nil, desk.AttachmentRef{ContentType: "image/png"}), nil, "logs error environment tried scope"},
		"an archive":       {found(1, nil, desk.AttachmentRef{Filename: "Logs.ZIP"}), nil, "error environment screenshot tried scope"},
		"a note":           {found(1, nil), message(desk.InternalNote, "Scope: all of Hamburg"), "logs error environment screenshot"},
		"L1's document":    {found(1, nil), message(desk.L1Answer, "the scope of this"), "logs error environment screenshot scope"},
		"a customer's say": {found(1, nil), message(desk.FromCustomer, "scope: me"), "logs error environment screenshot tried"},
	} {
		w := writer{log: []desk.Event{c.event}, messages: c.messages}
		e := &desk.Event{Seq: 2}
		if got := strings.Join(w.missing(all, e, w.diagnostics(e)), " "); got != c.missing {
			t.Errorf("%s: %s missing, want %s", name, got, c.missing)
		}
	}
}
