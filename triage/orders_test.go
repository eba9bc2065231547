package triage

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// orderLines are commands with what they leave in the log.
var orderLines = map[string]desk.EventType{
	"#claim": desk.TicketClaimed, "#assign theo": desk.TicketAssigned, "#note hello": desk.NoteAdded, "#wait 2d": desk.TicketWaiting,
	"#solve": desk.TicketSolved, "#close": desk.TicketClosed, "#reopen": desk.TicketReopened, "#escalate too hard": desk.TicketEscalated,
	"#return missing: logs": desk.TicketReturned, "#priority p1": desk.PriorityChanged, "#category vpn": desk.CategoryChanged,
	"#snooze 2d": desk.TicketSnoozed, "#merge 2": desk.TicketMerged, "#merge 3": desk.TicketMerged, "#split": desk.TicketSplit,
	"#link 3": desk.TicketLinked, "#requester bob@customer.test": desk.RequesterChanged, "#requester eve@partner.test": desk.RequesterChanged,
	"#kb badge": desk.DocumentUsed, "#time 15m": desk.TimeSpent, "#promise tomorrow": desk.PromiseMade, "#spam": desk.MarkedSpam,
	"#why": "", "#sla": "", "#now": "", "#help": "", "#sovle": "", "#merge 99": desk.TicketMerged, "#assign nobody": desk.TicketAssigned,
}

// someTickets are ticket 1 of Alice with three mails, another one of hers and one of
// somebody else.
func someTickets(status desk.Status) *memory {
	m := aTicket()
	first := m.tickets[1]
	first.Status = status
	m.tickets[1] = first
	m.tickets[2] = desk.Ticket{ID: 2, Version: 4, Subject: "Door", Requester: first.Requester, Status: desk.StatusWaiting, Tier: desk.L2}
	m.tickets[3] = desk.Ticket{ID: 3, Version: 2, Subject: "Gate", Requester: desk.Address{Address: "carol@partner.test"}, Status: desk.StatusSolved, Tier: desk.L3}
	m.messages = map[desk.TicketID][]desk.Message{}
	for raw := desk.RawID(1); raw < 4; raw++ {
		m.messages[1] = append(m.messages[1], desk.Message{Ticket: 1, Raw: raw, Kind: desk.FromCustomer, Author: first.Requester, Text: "beep", MessageID: "m"})
	}
	m.events = map[desk.TicketID][]desk.Event{1: {{Type: desk.TicketEscalated, Ticket: 1, Data: desk.EventData{FromTier: desk.L1, ToTier: desk.L2}}}}
	m.automatic = map[string]int{"alice@customer.test": 1}
	return m
}

func aLibrary(t *testing.T) Library {
	page := "---\nid: badge\ntitle: Waking a badge\naudience: public\n---\nHold it there.\n"
	docs, problems := kb.Load(fstest.MapFS{"badge.md": {Data: []byte(page)}})
	if len(docs) != 1 {
		t.Fatal(problems)
	}
	return oneDocument{it: &docs[0]}
}

// oneDocument is a library that finds a document by its name alone.
type oneDocument struct {
	noDocuments
	it *kb.Document
}

func (s oneDocument) Document(id string) (kb.Document, bool) { return *s.it, id == s.it.ID }

// Whatever commands a mail has, in whatever order: all of them happen, or none, or all
// of them wait to be confirmed.
func TestAllOrdersHappenOrNone(t *testing.T) {
	tr, library := testDesk(), aLibrary(t)
	tr.Library = func() Library { return library }
	lines := make([]string, 0, len(orderLines))
	for line := range orderLines {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	random := rand.New(rand.NewPCG(1, 2))
	ends := map[string]int{}
	for range 6000 {
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		mail := lines[:1+random.IntN(4)]
		text := strings.Join(mail, "\n")
		if random.IntN(2) == 0 {
			text += "\n\nThis is for Alice."
		}
		m := someTickets([]desk.Status{desk.StatusNew, desk.StatusOpen, desk.StatusWaiting, desk.StatusSolved, desk.StatusClosed}[random.IntN(5)])
		in := tr.issued(aMail("tess@hd.test"), desk.ForTechnician, "l2@hd.test")
		in.Reply = text
		end, problem := howItEnded(decide(t, tr, m, in), m.tickets[1], mail)
		ends[end]++
		if problem != "" {
			t.Errorf("%s on a ticket that is %s: %s", text, m.tickets[1].Status, problem)
		}
		again := decide(t, tr, m, in)
		shuffled := *in
		random.Shuffle(len(mail), func(i, j int) { mail[i], mail[j] = mail[j], mail[i] })
		shuffled.Reply = strings.Join(mail, "\n") + strings.TrimPrefix(text, strings.Join(strings.Split(text, "\n")[:len(mail)], "\n"))
		if other := decide(t, tr, m, &shuffled); other.Settles.Category != again.Settles.Category {
			t.Errorf("%s: %s in another order", text, other.Settles.Reason)
		}
	}
	if ends["done"] < 300 || ends["refused"] < 300 || ends["asked"] < 50 {
		t.Errorf("the mails were too much alike: %v", ends)
	}
}

// howItEnded says what became of a mail, and what is wrong with that.
func howItEnded(ch desk.Change, before desk.Ticket, mail []string) (end, problem string) {
	has := func(typ desk.EventType) bool {
		return slices.ContainsFunc(ch.Events, func(e desk.Event) bool { return e.Type == typ })
	}
	if strings.HasPrefix(ch.Settles.Reason, "refused: ") {
		ch.Settles, ch.Outgoing = nil, slices.DeleteFunc(ch.Outgoing, func(o desk.Outgoing) bool { return o.Kind == desk.SendReceipt })
		if len(ch.Outgoing) == 0 {
			ch.Outgoing = nil
		}
		if !reflect.DeepEqual(ch, desk.Change{}) {
			return "refused", "something was done all the same"
		}
		return "refused", ""
	}
	if has(desk.OrderAsked) {
		if len(ch.Events) != 1 || len(ch.Outgoing) != 1 || len(ch.Also)+len(ch.Messages)+len(ch.Links)+len(ch.Participants) > 0 || *ch.Ticket != before {
			return "asked", "something was done before it was confirmed"
		}
		return "asked", ""
	}
	for _, line := range mail {
		if typ := orderLines[line]; typ != "" && !has(typ) {
			return "done", line + " was not"
		}
	}
	if len(ch.Outgoing) == 0 {
		return "done", "nobody is told"
	}
	return "done", ""
}

// A mail whose Message-ID was carried out does nothing when it comes again, be it about
// a ticket that was merged meanwhile.
func TestOrdersAreCarriedOutOnce(t *testing.T) {
	tr, library := testDesk(), aLibrary(t)
	tr.Library = func() Library { return library }
	for line := range orderLines {
		m := someTickets(desk.StatusOpen)
		m.known = map[string]desk.TicketID{"7@client.test": 1}
		in := tr.issued(aMail("tess@hd.test"), desk.ForTechnician, "l2@hd.test")
		in.Reply = line
		for _, now := range []desk.TicketID{1, 2} {
			in.Thread.Ticket = now
			if ch := decide(t, tr, m, in); ch.Ticket != nil || len(ch.Events)+len(ch.Outgoing)+len(ch.Also) > 0 {
				t.Errorf("%s again, on ticket %d: %+v", line, now, ch)
			}
		}
	}
}

func TestWhoIsAwayIsNamed(t *testing.T) {
	tr, m := testDesk(), aTicket()
	m.absences = map[string]desk.Absence{"theo@hd.test": {Until: now.Add(48 * time.Hour), Delegate: "tess@hd.test"}}
	in := tr.issued(aMail("tess@hd.test"), desk.ForTechnician, "l2@hd.test")
	in.Reply = "#assign theo"
	ch := decide(t, tr, m, in)
	if said := ch.Outgoing[0].Letter.Because; !strings.Contains(said, "away until Wed 4 Mar 2026 09:00; tess@hd.test stands in") {
		t.Errorf("%s", said)
	}
}
