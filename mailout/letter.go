package mailout

import (
	htmltemplate "html/template"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/templates"
)

// letter is what a template sees: the decided Letter, made safe to print, and
// what follows from the mail around it.
type letter struct {
	desk.Letter
	Name       string            // by which the customer is greeted, or ""
	Answerable bool              // a reply to this mail reaches the desk
	Body       htmltemplate.HTML // Letter.HTML with nothing in it but formatting
}

// LoadTemplates reads the templates, with the operator's folder dir ("" for
// none) over the embedded ones, and tries each with a complete letter.
func LoadTemplates(dir string) (*templates.Set, error) {
	return templates.Load(dir, sample())
}

// newLetter prepares the letter of a mail: text without control characters,
// times in the desk's zone, and no internal note in what a customer gets.
func (r *Renderer) newLetter(o *desk.Outgoing) letter {
	l := letter{Letter: o.Letter, Answerable: o.ReplyTo != ""}
	if l.Template == "" {
		l.Template = string(o.Kind)
	}
	if l.Language == "" {
		l.Language = r.Desk.Language
	}
	for _, s := range []*string{&l.Subject, &l.Because, &l.Title, &l.Assignee, &l.Category, &l.Tier, &l.Requester.Name, &l.Requester.Address} {
		*s = r.line(o, *s)
	}
	l.Text = r.words(o, l.Text)
	l.Name = greetingName(l.Requester.Name)
	l.Body = formatting(r.words(o, l.HTML), pictures(o))
	l.Copied = eachOf(l.Copied, desk.OneLine)
	zone := r.location()
	l.Created = l.Created.In(zone)
	l.Answered, l.Promised = inZone(l.Answered, zone), inZone(l.Promised, zone)
	l.Tried = eachOf(l.Tried, func(s string) string { return r.line(o, s) })
	l.Clocks = eachOf(l.Clocks, func(c desk.LetterClock) desk.LetterClock {
		c.Due = inZone(c.Due, zone)
		return c
	})
	l.Files = eachOf(l.Files, func(f desk.LetterFile) desk.LetterFile {
		f.Name = r.line(o, f.Name)
		return f
	})
	l.Orders = eachOf(l.Orders, desk.OneLine)
	l.Summed = eachOf(l.Summed, func(s desk.LetterSummed) desk.LetterSummed {
		s.Subject, s.Because = r.line(o, s.Subject), r.line(o, s.Because)
		return s
	})
	l.Thread = r.thread(o)
	if l.Brief != nil {
		l.Brief = r.brief(o)
	}
	if l.Loss != nil {
		loss := *l.Loss
		loss.Address, loss.Meant = r.line(o, loss.Address), r.line(o, loss.Meant)
		l.Loss = &loss
	}
	if l.Digest != nil {
		l.Digest = r.digest(o, zone)
	}
	return l
}

// pictures are the Content-IDs of the files that are shown in the text.
func pictures(o *desk.Outgoing) map[string]bool {
	ids := map[string]bool{}
	for _, ref := range o.Attachments {
		if ref.Inline && ref.ContentID != "" && strings.Contains(o.Letter.HTML, `"cid:`+ref.ContentID+`"`) {
			ids[ref.ContentID] = true
		}
	}
	return ids
}

// greetingName returns the name to greet with. A name that is long or carries an
// address is no name: whoever writes with another's address could put his words
// into our mail that way.
func greetingName(name string) string {
	if len([]rune(name)) > 50 || strings.ContainsAny(name, "@/:<>") || strings.Contains(strings.ToLower(name), "www.") {
		return ""
	}
	return name
}

// words returns a text of people as it may go out: to a customer without the desk's
// internal addresses, to others without secrets.
func (r *Renderer) words(o *desk.Outgoing, text string) string {
	text = strings.TrimRight(desk.Printable(text), "\n ")
	if toCustomer(o.Kind) {
		return r.discreet(text)
	}
	return desk.Mask(text)
}

// line returns a text of one line as it may go out.
func (r *Renderer) line(o *desk.Outgoing, text string) string {
	text = desk.OneLine(text)
	if toCustomer(o.Kind) {
		return text
	}
	return desk.Mask(text)
}

// thread returns the conversation without what stands in the letter already.
func (r *Renderer) thread(o *desk.Outgoing) []desk.LetterMessage {
	var kept []desk.LetterMessage
	for _, m := range o.Letter.Thread {
		if m.Text == o.Letter.Text || toCustomer(o.Kind) && m.Kind.Internal() {
			continue
		}
		m.At, m.Who = inZone(m.At, r.location()), r.line(o, m.Who)
		m.Text = r.words(o, m.Text)
		kept = append(kept, m)
	}
	return kept
}

func (r *Renderer) digest(o *desk.Outgoing, zone *time.Location) *desk.Digest {
	d := *o.Letter.Digest
	row := func(line desk.DigestRow) desk.DigestRow {
		line.Due = inZone(line.Due, zone)
		line.Subject, line.Assignee, line.Note = r.line(o, line.Subject), desk.OneLine(line.Assignee), desk.OneLine(line.Note)
		return line
	}
	d.From, d.To = d.From.In(zone), d.To.In(zone)
	d.Breaches, d.AtRisk = eachOf(d.Breaches, row), eachOf(d.AtRisk, row)
	d.Groups = eachOf(d.Groups, func(g desk.DigestGroup) desk.DigestGroup {
		g.Name = desk.OneLine(g.Name)
		return g
	})
	return &d
}

// inZone leaves the zero time as it is, which a template shows as none.
func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

// eachOf returns a new slice, since the Outgoing belongs to the caller.
func eachOf[T any](from []T, f func(T) T) []T {
	to := make([]T, len(from))
	for i, v := range from {
		to[i] = f(v)
	}
	return to
}

// sample returns a letter with every field filled, for trying templates.
func sample() letter {
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	row := desk.DigestRow{
		Number: "1234-K", Subject: "Printer on fire", Tier: desk.L2, Priority: desk.P1, Status: desk.StatusOpen,
		Assignee: "Tess Two", Clock: desk.Resolution, Due: at, Late: 90 * time.Minute, Note: "new",
	}
	spread := desk.Spread{N: 9, Median: 40 * time.Minute, P90: 3 * time.Hour}
	group := desk.DigestGroup{
		Name: "L2 Technical support", Opened: 12, Solved: 9, Share: 100, FirstContact: 4, Reopened: 1, Breached: 2, Promises: 1,
		Returned: 1, Lower: 1, FirstResponse: spread, Resolution: spread, Claim: spread, Held: 30 * time.Hour, Cost: 1234.5,
		Good: 5, Bad: 1, Open: 6,
	}
	return letter{
		Letter: desk.Letter{
			Template: "sample", Language: "en", Desk: "Desk", Number: "1234-K", Subject: "Printer on fire",
			Priority: desk.P1, Status: desk.StatusOpen, Category: "hardware", Tier: "L2 Technical support",
			Requester: desk.Address{Name: "Jane Doe", Address: "jane@customer.example"}, Assignee: "Tess Two", Created: at,
			Because: "Nobody has claimed this ticket.", Text: "It burns.", HTML: "<p>It burns.</p>", Doc: "printers/fire", Title: "Printers",
			Copied: []string{"Bob Brown", "Carol Clark"},
			Tried:  []string{"The document Printers was sent."},
			Files: []desk.LetterFile{
				{Name: "screenshot.png", Size: 120_000}, {Name: "setup.exe", Size: 2_400_000, Note: desk.FileActive},
				{Name: "video.mp4", Size: 80_000_000, Note: desk.FileLarge}, {Name: "log.txt", Size: 2000, Note: desk.FileMany},
				{Name: "plan.pdf", Size: 300_000, Note: desk.FileEarlier},
			},
			MoreFiles: 3,
			Brief:     sampleBrief(),
			Loss:      &desk.LetterLoss{Address: "jane@customre.example", Cause: desk.LostNoDomain, Meant: "jane@customer.example"},
			Clocks:    []desk.LetterClock{{Kind: desk.FirstResponse, Due: at, Left: "in 20m"}},
			Thread:    []desk.LetterMessage{{At: at, Who: "Jane Doe", Kind: desk.FromCustomer, Text: "It burns."}},
			Buttons:   []desk.Button{{Label: "claim", Href: "mailto:support@hd.test?subject=Re"}},
			Summed: []desk.LetterSummed{{
				Number: "1234-K", Subject: "Printer on fire", Priority: desk.P1, Because: "Nobody has claimed this ticket.",
				Claim: &desk.Button{Label: "claim", Href: "mailto:support@hd.test?subject=Re"},
			}},
			MoreSummed: 112,
			StatusLink: "mailto:support@hd.test?body=status", Answered: at, Promised: at.Add(time.Hour),
			Commands: []string{"#claim", "#note", "#help"}, Orders: []string{"#merge 7"}, Other: "7-Q",
			Digest: &desk.Digest{
				Name: "daily", From: at, To: at.Add(24 * time.Hour), Late: true,
				Breaches: []desk.DigestRow{row}, AtRisk: []desk.DigestRow{row},
				Tiers:  []desk.DigestTier{{Level: desk.L2, Name: "Technical support", Open: 6, Unclaimed: 1, Day: 3, Week: 2, Older: 1, Oldest: 200 * time.Hour}},
				Opened: 12, Solved: 9, L1Solved: 4, Head: "9f86d081884c7d65",
				Total: group, By: desk.ByTier, Groups: []desk.DigestGroup{group}, Chart: "chart@hd.test",
			},
		},
		Name: "Jane Doe", Answerable: true, Body: "<p>It burns.</p>",
	}
}

func sampleBrief() *desk.Brief {
	other := desk.LetterTicket{Number: "1198-C", Subject: "Printer smells", Status: desk.StatusSolved, Age: 50 * time.Hour}
	return &desk.Brief{
		Diagnostics: &desk.Diagnostics{
			Fingerprint: "9f86d081884c7d65",
			Findings:    []desk.Finding{{Kind: desk.FoundCode, Values: []string{"error 809", "HTTP 503"}}},
			Trace:       []string{"java.lang.IllegalStateException: on fire", "    at com.acme.Printer.print(Printer.java:42)"},
			Excerpts:    []desk.Excerpt{{File: "printer.log", Line: 12, Text: "ERROR on fire"}},
		},
		Missing: []string{desk.NeedLogs, "scope"}, Recent: []desk.LetterTicket{other},
		Organisation: "customer.example", Colleagues: []desk.LetterTicket{other},
		Precedents: []desk.LetterPrecedent{{LetterTicket: other, Why: "the same failure", Reply: "Use water.", Note: true}},
		Passages:   []desk.Passage{{Doc: "printers/fire", Title: "Printers", Text: "Use water.", Internal: true}},
	}
}
