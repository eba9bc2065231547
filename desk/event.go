package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

// EventType names what happened.
type EventType string

// The types of events. Data tells the rest; its fields are listed here.
const (
	TicketOpened    EventType = "ticket.opened"    // EventData: From, Subject, Priority, Category, To (tier), Rule, Files, MoreFiles, Diagnostics
	MailReceived    EventType = "mail.received"    // a further mail of a participant: From, Files, MoreFiles, Diagnostics, Signal
	MailImported    EventType = "mail.imported"    // from before the first connection; as ticket.opened when it opened one, else as mail.received
	AutoReceived    EventType = "mail.automatic"   // a machine's mail on a known ticket; no effect
	L1Answered      EventType = "l1.answered"      // Doc, Score
	L1Abstained     EventType = "l1.abstained"     // Doc (nearest), Score, Docs (suggested to the customer)
	L1Shadowed      EventType = "l1.shadowed"      // Doc, Score: it would have answered, but the document is on trial
	DocumentJudged  EventType = "document.judged"  // Doc, Verdict: a technician's word on what L1 would have sent
	DocumentLive    EventType = "document.live"    // Doc; no ticket
	DocumentShadow  EventType = "document.shadow"  // Doc; no ticket
	ReplySent       EventType = "reply.sent"       // a technician's public reply was queued: Outgoing, Recipient, Copies
	NoteAdded       EventType = "note.added"       //
	UnverifiedNote  EventType = "note.unverified"  // kept, but its sender is not proven; no effect
	TicketClaimed   EventType = "ticket.claimed"   // Assignee
	TicketEscalated EventType = "ticket.escalated" // FromTier, ToTier, Cycle, Inform, Verdict (of the customer on L1's document)
	TicketWaiting   EventType = "ticket.waiting"   // on the customer
	TicketResumed   EventType = "ticket.resumed"   // the customer answered, or did not get our answer
	TicketSolved    EventType = "ticket.solved"    // Outgoing: the mail that says so, Recipient when it says nothing else
	TicketClosed    EventType = "ticket.closed"    //
	TicketReopened  EventType = "ticket.reopened"  //
	TicketRevoked   EventType = "ticket.revoked"   // no mail joins it any more; or, undone, it does again
	PriorityChanged EventType = "priority.changed" // Priority
	TierPaged       EventType = "tier.paged"       // To (tier), Cycle, Count
	SLAWarned       EventType = "sla.warned"       // Clock, Due
	SLABreached     EventType = "sla.breached"     // Clock, Due
	LadderEnded     EventType = "ladder.ended"     // no tier above; the managers were told
	DeliveryFailed  EventType = "delivery.failed"  // Recipient, Reply, Outgoing, MessageID
	DeliveryDelayed EventType = "delivery.delayed" // as delivery.failed
	DigestQueued    EventType = "digest.queued"    // Period, Recipient; no ticket

	TicketAssigned   EventType = "ticket.assigned"   // Assignee, by somebody else, or from somebody else
	TicketReleased   EventType = "ticket.released"   // the claim lapsed or was given back: nobody has it
	TicketReturned   EventType = "ticket.returned"   // FromTier, ToTier (lower), Cycle
	TicketSnoozed    EventType = "ticket.snoozed"    // Due: nobody is asked for anything before
	TicketWoken      EventType = "ticket.woken"      // a snooze, or the wait for the customer, is over
	TicketMerged     EventType = "ticket.merged"     // Other: the ticket that goes on, or the one taken in
	TicketSplit      EventType = "ticket.split"      // Other: the ticket that was split off, or its origin
	TicketLinked     EventType = "ticket.linked"     // Other
	CategoryChanged  EventType = "category.changed"  // Category
	RequesterChanged EventType = "requester.changed" // From: the new one
	MarkedSpam       EventType = "ticket.spam"       //
	DocumentUsed     EventType = "kb.used"           // Doc: a technician sent it, it was the answer
	TimeSpent        EventType = "time.spent"        // Minutes
	PromiseMade      EventType = "promise.made"      // Due
	ReplyHeld        EventType = "reply.held"        // Outgoing, Recipient, Copies: waits for its author's "send"
	ReplyReleased    EventType = "reply.released"    // Outgoing: sent after all
	ReplyUndone      EventType = "reply.undone"      // Outgoing: withdrawn before it was sent
	ReplyLapsed      EventType = "reply.lapsed"      // Outgoing: held, and nobody said "send"
	FeedbackGiven    EventType = "feedback.given"    // Rating, as it was asked for, Trace: the words with it
	StatusAsked      EventType = "status.asked"      // From, Outgoing: the customer asked where it stands, and was told
	ReactionReceived EventType = "mail.reaction"     // an emoji reaction
	AbsenceNoted     EventType = "absence.noted"     // From, Due: somebody is away until then
	OrderAsked       EventType = "order.asked"       // Trace (the lines), Due (the last moment), MessageID (of our question)
	OrderConfirmed   EventType = "order.confirmed"   // MessageID of the question: its lines were carried out
	ReportAsked      EventType = "report.asked"      // Recipient, Subject: the line that asks, MessageID; no ticket
	RulesChanged     EventType = "rules.changed"     // Version: tiers, calendars and policies from now on; no ticket
)

// The events of incidents.
const (
	IncidentProposed  EventType = "incident.proposed"  // Tickets that look like one problem, Trace: the evidence
	IncidentGrew      EventType = "incident.grew"      // Other: one more such ticket
	IncidentDismissed EventType = "incident.dismissed" // they are no incident
	IncidentConfirmed EventType = "incident.confirmed" // at the parent: Tickets, Trace: what reporters are told; where it was proposed: Other
	KnownError        EventType = "incident.known"     // as incident.confirmed, of a known error
	IncidentJoined    EventType = "incident.joined"    // Other: the parent, ToTier, Assignee; Outgoing, MessageID, Recipient: the mail that says so
	IncidentLeft      EventType = "incident.left"      // Other: the parent; the ticket is about something else
)

// Event is one entry of the append-only log. Seq, Prev and Hash are given by the
// store when it is committed.
type Event struct {
	Seq      int64
	Ticket   TicketID  // zero for events of the whole desk
	At       time.Time // when it was decided
	Occurred time.Time // when it happened: reception for a mail, else At
	Type     EventType
	Actor    string // "l1", "sla", "customer", "technician:tech1@hd.test", "operator"
	Because  string // the reason in one line
	Raw      RawID  // the mail that caused it, or zero
	Data     EventData
	Prev     string // hash of the event before, hex
	Hash     string // hex SHA-256, see Event.Digest
}

// EventData holds what an event says beside its reason: the fields listed at the
// event's type, and such as Status, Policy, Rung and Trace where they explain it.
type EventData struct {
	From      string     `json:"from,omitempty"`
	Subject   string     `json:"subject,omitempty"`
	Status    Status     `json:"status,omitempty"` // of the ticket after the event
	Priority  Priority   `json:"priority,omitempty"`
	Category  string     `json:"category,omitempty"`
	Rule      string     `json:"rule,omitempty"`
	FromTier  Level      `json:"from_tier,omitempty"`
	ToTier    Level      `json:"to_tier,omitempty"`
	Inform    Level      `json:"inform,omitempty"` // a tier that is told, beside the one that has it
	Cycle     int        `json:"cycle,omitempty"`
	Count     int        `json:"count,omitempty"`
	Assignee  string     `json:"assignee,omitempty"`
	Doc       string     `json:"doc,omitempty"`
	Docs      []string   `json:"docs,omitempty"`
	Verdict   Verdict    `json:"verdict,omitempty"`
	Score     float64    `json:"score,omitempty"`
	Clock     ClockKind  `json:"clock,omitempty"`
	Due       *time.Time `json:"due,omitempty"`
	Policy    string     `json:"policy,omitempty"`
	Version   string     `json:"version,omitempty"` // of the rules, see RulesVersion
	Recipient string     `json:"recipient,omitempty"`
	Reply     string     `json:"reply,omitempty"`    // SMTP or DSN status text
	Outgoing  string     `json:"outgoing,omitempty"` // key of the outgoing mail
	Copies    []string   `json:"copies,omitempty"`   // keys of the same mail to others
	Period    string     `json:"period,omitempty"`
	MessageID string     `json:"message_id,omitempty"`
	Rung      Rung       `json:"rung,omitempty"`
	Other     TicketID   `json:"other,omitempty"` // another ticket
	Tickets   []TicketID `json:"tickets,omitempty"`
	Minutes   int        `json:"minutes,omitempty"`
	Rating    string     `json:"rating,omitempty"` // "good" or "bad"
	Signal    Signal     `json:"signal,omitempty"` // what the mail says without asking for an answer
	Trace     []string   `json:"trace,omitempty"`  // rules tried, documents rejected, arithmetic

	Files     []AttachmentRef `json:"files,omitempty"`      // of the mail
	MoreFiles int             `json:"more_files,omitempty"` // how many more the mail has

	Diagnostics *Diagnostics `json:"diagnostics,omitempty"`
}

// Signal is what a customer's mail says when it surely asks for nothing.
type Signal string

// The signals. A mail with one opens no ticket again and starts no clock.
const (
	SignalThanks Signal = "thanks"
	SignalWorks  Signal = "works" // what was asked for works now
)

// Verdict is what somebody says of a document that L1 sent, or would have sent.
type Verdict string

// The verdicts.
const (
	VerdictRight Verdict = "right"
	VerdictWrong Verdict = "wrong"
)

// Digest returns the event's hash: SHA-256 over the hash of the event before it
// and over every field, each written as length and bytes, so that no two events
// share a form.
func (e *Event) Digest() string {
	data, err := json.Marshal(e.Data)
	if err != nil { // every field of EventData marshals
		panic(err)
	}
	h := sha256.New()
	for _, f := range []string{
		e.Prev, strconv.FormatInt(e.Seq, 10), strconv.FormatInt(int64(e.Ticket), 10),
		strconv.FormatInt(e.At.UnixMicro(), 10), strconv.FormatInt(e.Occurred.UnixMicro(), 10),
		string(e.Type), e.Actor, e.Because, strconv.FormatInt(int64(e.Raw), 10), string(data),
	} {
		h.Write([]byte(strconv.Itoa(len(f))))
		h.Write([]byte{':'})
		h.Write([]byte(f))
	}
	return hex.EncodeToString(h.Sum(nil))
}
