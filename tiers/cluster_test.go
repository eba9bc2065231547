package tiers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tierdesk/desk"
)

// What people write in four outages, and on any day.
var (
	outages = [][]string{
		{"VPN drops|the vpn client disconnects after some seconds", "cannot connect to vpn|VPN connection failed, error 809", "No VPN at home|the vpn does not come up, it hangs while connecting",
			"vpn down?|our people cannot connect with the VPN client", "Remote access|error 809 when I start the vpn client", "vpn again|vpn connection failed since nine", "VPN|Verbindung zum VPN bricht ab, Fehler 809", "home office|vpn client says connection failed"},
		{"Printing|all pages come out blank on the third floor printer", "blank pages|third floor printer prints blank pages only", "printer third floor|only blank sheets from the printer", "Printer broken|my document is printed as blank pages, third floor",
			"pages empty|the printer on the third floor prints blank pages", "third floor printer|it prints, but the pages are blank"},
		{"Outlook offline|outlook says disconnected and no mail arrives", "no new mail|Outlook shows disconnected from server", "Mail server down?|outlook cannot reach the exchange server", "outlook disconnected|I receive no mail, exchange server not reachable",
			"E-Mail|Outlook ist getrennt, Exchange Server nicht erreichbar", "exchange|outlook keeps trying to reach the exchange server", "mails not arriving|outlook disconnected since ten"},
		{"SAP login|SAP logon fails with partner not reached", "sap down|SAP GUI: partner not reached, logon impossible", "cannot open SAP|logon error partner sapprd not reached", "SAP Anmeldung|SAP Logon meldet partner not reached", "sap gui|partner not reached when I log on to SAP",
			"no sap|the logon to sap fails"},
	}
	ordinary = []string{"Forgot my password|how do I reset my password", "password expired|please reset my password for the portal", "New headset|my headset is broken, I need another one", "Invoice 4711|where do I find the invoice of march",
		"Access to share|please give me access to the sales share", "Teams camera|the camera stays black in Teams", "Laptop slow|my laptop takes ten minutes to start", "Excel macro|the macro reports a type mismatch", "Phone number|please change my phone number in the directory",
		"New colleague|we need an account for a new colleague from monday", "Monitor|the second monitor flickers", "Printer toner|toner is empty on the first floor", "VPN for a colleague|how do I request vpn for an intern", "Outlook signature|how do I set a signature in outlook",
		"SAP role|I need the purchasing role in SAP", "Meeting room|the projector of room 4 finds no signal", "Adobe licence|acrobat wants a licence", "Chair|who orders a chair", "Keyboard|a key of the keyboard sticks", "Wifi guest|a guest needs wifi for two days",
		"Travel expenses|the expense form rejects my receipt", "Backup|can you restore a file deleted on friday", "Antivirus|a warning about a file in downloads", "Mobile mail|mail on my new phone", "Shared mailbox|please add me to the office mailbox"}
)

// reportOf makes a report of a phrasing "subject|text".
func reportOf(id desk.TicketID, who int, phrase string, at time.Time) desk.Report {
	r := desk.Report{Ticket: id, Requester: fmt.Sprintf("user%d@org%d.test", who, who%7), At: at}
	r.Describe(phrase, "", nil)
	return r
}

// outcome is what a made month showed.
type outcome struct {
	outages, found   int
	delay            int // reports of an outage up to its proposal, in all
	wrong            int // proposals without an outage
	early            int // those of them in the first three days, before it is known what is usual
	members, strays  int // tickets of right proposals, and those of them that do not belong
	reported, missed int // tickets of the outages, and those that no proposal has
}

// play plays a month of ordinary mail, 60 on a working day, with an outage every third day.
func play(seed uint64) (o outcome) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	c, id := newClusters(), desk.TicketID(0)
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for d := range 28 {
		type mail struct {
			at     time.Time
			phrase string
			outage bool
		}
		var mails []mail
		start := day.AddDate(0, 0, d)
		for range 60 {
			mails = append(mails, mail{start.Add(8*time.Hour + time.Duration(rnd.IntN(10*3600))*time.Second), ordinary[rnd.IntN(len(ordinary))], false})
		}
		if d >= 3 && d%3 == 0 {
			phrases := outages[rnd.IntN(len(outages))]
			from := start.Add(9*time.Hour + time.Duration(rnd.IntN(6*3600))*time.Second)
			for range 12 {
				mails = append(mails, mail{from.Add(time.Duration(rnd.IntN(3600)) * time.Second), phrases[rnd.IntN(len(phrases))], true})
			}
			o.outages++
		}
		slices.SortStableFunc(mails, func(a, b mail) int { return a.at.Compare(b.at) })
		o.add(c, func(yield func(desk.Report, bool)) {
			for _, m := range mails {
				id++
				yield(reportOf(id, rnd.IntN(400), m.phrase, m.at), m.outage)
			}
		})
	}
	return o
}

// add counts what a day shows.
func (o *outcome) add(c *clusters, each func(func(desk.Report, bool))) {
	outage := map[desk.TicketID]bool{}
	in := map[desk.TicketID]bool{}
	n, seen := 0, false
	each(func(r desk.Report, of bool) {
		if of {
			n++
			outage[r.Ticket] = true
		}
		c.add(r)
		found := c.look(&r)
		var members []desk.TicketID
		if found.joins != 0 {
			c.grow(found.joins, r.Ticket)
			members = []desk.TicketID{r.Ticket}
		}
		if len(found.members) > 0 {
			right := 0
			for _, m := range found.members {
				members = append(members, m.Ticket)
				if outage[m.Ticket] {
					right++
				}
			}
			c.propose(found.members[0].Ticket, members)
			switch {
			case 2*right < len(found.members):
				o.wrong++
				if len(c.order) < 180 {
					o.early++
				}
				return
			case !seen:
				o.found++
				o.delay += n
				seen = true
			}
		}
		for _, m := range members {
			o.members++
			if in[m] = true; !outage[m] {
				o.strays++
			}
		}
	})
	o.reported += n
	for id := range outage {
		if !in[id] {
			o.missed++
		}
	}
}

func TestOutagesAreFoundSoonAndOrdinaryMailIsNone(t *testing.T) {
	var o outcome
	for seed := range uint64(10) {
		p := play(seed)
		o.outages, o.found, o.delay, o.wrong, o.early = o.outages+p.outages, o.found+p.found, o.delay+p.delay, o.wrong+p.wrong, o.early+p.early
		o.members, o.strays = o.members+p.members, o.strays+p.strays
		o.reported, o.missed = o.reported+p.reported, o.missed+p.missed
	}
	delay := float64(o.delay) / float64(max(o.found, 1))
	t.Logf("%d of %d outages found after %.1f reports on average; %d proposals without one, %d of them in the first three days; %d of %d tickets in proposals do not belong; %d of %d are missed",
		o.found, o.outages, delay, o.wrong, o.early, o.strays, o.members, o.missed, o.reported)
	if 100*o.found < 95*o.outages || delay > 7 || 20*(o.wrong-o.early) > o.outages || 20*o.strays > o.members || 4*o.missed > o.reported {
		t.Error("worse than promised in docs/incidents.md")
	}
}

// One report among 10,000 of the window.
func BenchmarkClusterLook(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	c, at := newClusters(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for id := range desk.TicketID(10_000) {
		phrase := fmt.Sprintf("%s word%d word%d", ordinary[rnd.IntN(len(ordinary))], rnd.IntN(3000), rnd.IntN(3000))
		c.add(reportOf(id+1, int(id), phrase, at.Add(time.Duration(id)*500*time.Millisecond)))
	}
	r := reportOf(10_001, 10_001, outages[0][1], at.Add(90*time.Minute))
	c.add(r)
	for b.Loop() {
		c.look(&r)
	}
}
