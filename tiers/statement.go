package tiers

import (
	"time"

	"tierdesk/desk"
)

// Statement is a ticket's account of time with all that proves it, such that a
// reader with a calculator comes to the same result. Durations are in seconds.
type Statement struct {
	Ticket string           `json:"ticket"` // number with check character
	At     time.Time        `json:"at"`     // up to when it counts
	Clocks []ClockStatement `json:"clocks"` // in the order in which they started
	Void   []Void           `json:"void"`   // answers that give no credit
}

// ClockStatement is the account of one clock.
type ClockStatement struct {
	Kind    desk.ClockKind  `json:"kind"`
	State   desk.ClockState `json:"state"`
	Started Proof           `json:"started"`
	Ended   *Proof          `json:"ended"`
	Target  int64           `json:"target"` // of the newest terms; 0: none
	Used    int64           `json:"used"`
	Due     *time.Time      `json:"due"` // null while it cannot be known
	Spans   []SpanStatement `json:"spans"`
}

// SpanStatement is a stretch of time during which a clock ran under the same terms.
type SpanStatement struct {
	From      time.Time  `json:"from"`
	To        time.Time  `json:"to"`
	Running   bool       `json:"running"` // To is when the statement was made
	Began     *Proof     `json:"began"`   // null: the terms before it ended
	Stopped   *Proof     `json:"stopped"` // null: the next terms follow, or it runs
	Terms     TermText   `json:"terms"`
	Intervals []Interval `json:"intervals"`
	Seconds   int64      `json:"seconds"` // sum of the intervals
}

// TermText names what was promised and how it is counted.
type TermText struct {
	Policy          string        `json:"policy"` // "" for a tier's patience
	Priority        desk.Priority `json:"priority"`
	Target          int64         `json:"target"`
	Calendar        string        `json:"calendar"`
	CalendarVersion string        `json:"calendar_version"`
	RulesVersion    string        `json:"rules_version"`
	RulesSince      *time.Time    `json:"rules_since"` // null: from the beginning
}

// Interval is business time inside a span, or a holiday on which there was none.
type Interval struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seconds int64     `json:"seconds"`
	Holiday string    `json:"holiday,omitempty"`
}

// Proof is the event of the log that started or stopped a clock, and its mail.
type Proof struct {
	Event     int64          `json:"event"`
	Type      desk.EventType `json:"type"`
	At        time.Time      `json:"at"` // when it happened
	Actor     string         `json:"actor"`
	Because   string         `json:"because"`
	Mail      desk.RawID     `json:"mail"`
	MessageID string         `json:"message_id"`
}

// Void is an answer that gives no credit, and what took it back.
type Void struct {
	Answer Proof `json:"answer"`
	Taken  Proof `json:"taken_back"`
}

// Statement accounts for a ticket up to now from all of its events. messageID names
// a mail, or returns "". It is a pure function.
func (r *Rules) Statement(log []desk.Event, messageID func(desk.RawID) string, now time.Time) Statement {
	b := book{now: now.Truncate(time.Second), zone: r.Desk.Location, events: map[int64]*desk.Event{}, messageID: messageID}
	for i := range log {
		b.events[log[i].Seq] = &log[i]
	}
	a := r.Account(log)
	s := Statement{Ticket: desk.Number(a.ticket), At: b.in(nil, b.now), Clocks: []ClockStatement{}, Void: b.void(a, log)}
	for _, l := range a.Ledgers {
		if l.promised() {
			s.Clocks = append(s.Clocks, b.clock(l))
		}
	}
	return s
}

// book looks up what proves an entry.
type book struct {
	now       time.Time
	zone      *time.Location // of what no calendar counts
	events    map[int64]*desk.Event
	messageID func(desk.RawID) string
}

// in returns an instant in the zone of a calendar, or else in the desk's.
func (b *book) in(c *Calendar, t time.Time) time.Time {
	if c == nil && b.zone != nil {
		return t.In(b.zone)
	}
	return c.in(t)
}

func (b *book) clock(l *Ledger) ClockStatement {
	c := ClockStatement{
		Kind: l.Kind, State: l.State(), Started: *b.proof(l.Started), Ended: b.proof(l.Ended),
		Target: seconds(l.Term().Target), Used: seconds(l.Used(b.now)), Spans: []SpanStatement{},
	}
	if due := l.Due(); !due.IsZero() {
		due = b.in(l.Term().Calendar, due)
		c.Due = &due
	}
	for s := range l.spans() {
		c.Spans = append(c.Spans, b.span(s))
	}
	return c
}

func (b *book) span(s span) SpanStatement {
	c := s.Term.Calendar
	text := SpanStatement{From: b.in(c, s.From), To: b.in(c, s.To), Terms: b.terms(s.Term), Intervals: []Interval{}}
	if s.To.IsZero() {
		text.To, text.Running = b.in(c, b.now), true
	}
	if s.From.Equal(s.Run.From) {
		text.Began = b.proof(s.Run.Started)
	}
	if !text.Running && s.To.Equal(s.Run.To) {
		text.Stopped = b.proof(s.Run.Stopped)
	}
	for from, to := range c.Opens(text.From, text.To) {
		i := Interval{From: b.in(c, from), To: b.in(c, to), Seconds: seconds(to.Sub(from))}
		text.Intervals = append(text.Intervals, i)
		text.Seconds += i.Seconds
	}
	text.Intervals = append(text.Intervals, c.holidaysBetween(text.From, text.To)...)
	return text
}

func (b *book) terms(t *Term) TermText {
	text := TermText{
		Policy: t.Policy, Priority: t.Priority, Target: seconds(t.Target),
		Calendar: t.Calendar.Name(), CalendarVersion: t.Calendar.Version(), RulesVersion: t.Rules.Version,
	}
	if t.Rules.Before != nil {
		since := b.in(t.Calendar, t.Rules.Since)
		text.RulesSince = &since
	}
	return text
}

// holidaysBetween lists the days of work that are holidays instead.
func (c *Calendar) holidaysBetween(from, to time.Time) (list []Interval) {
	if c == nil {
		return nil
	}
	year, month, day := from.In(c.location).Date()
	for d := time.Date(year, month, day, 0, 0, 0, 0, c.location); d.Before(to); d = d.AddDate(0, 0, 1) {
		if name := c.Holiday(d); name != "" && len(c.week[d.Weekday()]) > 0 {
			list = append(list, Interval{From: d, To: d, Holiday: name})
		}
	}
	return list
}

// void lists the answers that did not reach the customer.
func (b *book) void(a *Account, log []desk.Event) []Void {
	list := []Void{}
	for i := range log {
		e := &log[i]
		answer := a.lost[e.Seq]
		if e.Type == desk.ReplyUndone {
			answer = answerWith(log[:i], e.Data.Outgoing)
		}
		if answer != nil {
			list = append(list, Void{*b.proof(answer.Seq), *b.proof(e.Seq)})
		}
	}
	return list
}

func answerWith(log []desk.Event, outgoing string) *desk.Event {
	for i := range log {
		if isAnswer(&log[i]) && outgoing != "" && log[i].Data.Outgoing == outgoing {
			return &log[i]
		}
	}
	return nil
}

// proof returns the event of a number with its mail, or nil for zero.
func (b *book) proof(seq int64) *Proof {
	e := b.events[seq]
	if e == nil {
		return nil
	}
	p := &Proof{Event: e.Seq, Type: e.Type, At: occurred(e).UTC(), Actor: e.Actor, Because: e.Because, Mail: e.Raw}
	if e.Raw != 0 {
		p.MessageID = b.messageID(e.Raw)
	}
	return p
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
