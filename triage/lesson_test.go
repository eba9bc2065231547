package triage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierdesk/desk"
)

const tess = "technician:tess@hd.test"

// story numbers events, as the store does.
func story(events ...desk.Event) []desk.Event {
	for i := range events {
		events[i].Seq = int64(i + 1)
	}
	return events
}

func judged(doc string, v desk.Verdict) desk.Event {
	e := at(2, 1, desk.DocumentJudged, tess, doc)
	e.Data.Verdict = v
	return e
}

func saidNo() desk.Event {
	e := at(2, 1, desk.TicketEscalated, actorL1, "")
	e.Data.Verdict = desk.VerdictWrong
	return e
}

// A ticket's log teaches what answered its question, and judges the documents.
func TestLessonsOfATicket(t *testing.T) {
	answered, shadowed := at(1, 1, desk.L1Answered, actorL1, "vpn"), at(1, 1, desk.L1Shadowed, actorL1, "vpn")
	solved, yes := at(5, 1, desk.TicketSolved, tess, ""), at(5, 1, desk.TicketSolved, actorCustomer, "vpn")
	offers := at(1, 1, desk.L1Abstained, actorL1, "printer")
	offers.Data.Docs = []string{"printer", "vpn"}
	for name, test := range map[string]struct {
		log     []desk.Event
		lessons []string
		trials  []string
	}{
		"nothing yet":            {story(answered), nil, nil},
		"yes":                    {story(answered, yes), []string{"vpn"}, []string{"vpn live right"}},
		"no":                     {story(answered, saidNo()), []string{"not vpn"}, []string{"vpn live wrong"}},
		"another question":       {story(answered, at(2, 1, desk.TicketEscalated, actorL1, "")), nil, nil},
		"no, then by hand":       {story(answered, saidNo(), solved), []string{"not vpn", ""}, []string{"vpn live wrong"}},
		"no, then another":       {story(answered, saidNo(), at(3, 1, desk.DocumentUsed, tess, "badge"), solved), []string{"not vpn", "badge"}, []string{"vpn live wrong"}},
		"by hand":                {story(offers, solved), []string{""}, nil},
		"an offer helped":        {story(offers, yes), []string{"vpn"}, nil},
		"not offered":            {story(at(1, 1, desk.L1Abstained, actorL1, "vpn"), yes), []string{""}, nil},
		"approved":               {story(shadowed, judged("vpn", desk.VerdictRight), at(2, 1, desk.DocumentUsed, tess, "vpn"), yes), []string{"vpn"}, []string{"vpn shadow right"}},
		"refused, by hand":       {story(shadowed, judged("vpn", desk.VerdictWrong), solved), []string{"not vpn", ""}, []string{"vpn shadow wrong"}},
		"sent another":           {story(shadowed, at(2, 1, desk.DocumentUsed, tess, "badge"), solved), []string{"badge", "not vpn"}, []string{"vpn shadow wrong"}},
		"sent the same":          {story(shadowed, at(2, 1, desk.DocumentUsed, tess, "vpn"), solved), []string{"vpn"}, []string{"vpn shadow right"}},
		"spam":                   {story(offers, solved, at(6, 1, desk.MarkedSpam, tess, "")), nil, nil},
		"climbed by the ladder":  {story(answered, at(2, 1, desk.TicketEscalated, "sla", "")), nil, nil},
		"solved, opened, solved": {story(offers, solved, at(6, 1, desk.TicketReopened, actorCustomer, ""), at(7, 1, desk.DocumentUsed, tess, "badge")), []string{"badge"}, nil},
	} {
		ticket := desk.Ticket{ID: 1, Subject: "Tunnel", Requester: desk.Address{Address: "Alice@customer.test"}}
		learned := Lessons(&ticket, test.log, []desk.Message{{Kind: desk.FromCustomer, Text: "It drops."}, {Kind: desk.FromCustomer, Text: "Again."}})
		var lessons, trials []string
		for _, l := range learned.Lessons {
			if l.Text != "Tunnel\nIt drops." || l.Ticket != 1 {
				t.Errorf("%s: %+v", name, l)
			}
			doc := l.Doc
			if l.Wrong {
				doc = "not " + doc
			}
			lessons = append(lessons, doc)
		}
		for _, tr := range learned.Trials {
			verdict := " wrong"
			if tr.Right {
				verdict = " right"
			}
			trials = append(trials, tr.Doc+" "+string(tr.Mode)+verdict)
			if tr.Requester != "alice@customer.test" {
				t.Errorf("%s: requester %s", name, tr.Requester)
			}
		}
		if diff := cmp.Diff(test.lessons, lessons) + cmp.Diff(test.trials, trials); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTicketWithoutWordsTeachesNothing(t *testing.T) {
	learned := Lessons(&desk.Ticket{ID: 1, Subject: "Tunnel"}, story(at(5, 1, desk.TicketSolved, tess, "")), nil)
	if len(learned.Lessons) != 0 {
		t.Errorf("%+v", learned)
	}
}
