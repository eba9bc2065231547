package desk

import (
	"encoding/json"
	"strings"
	"time"
)

// Address is a mailbox as it stands in a header: a display name and an
// addr-spec (RFC 5322 section 3.4).
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// NormalAddress returns the form in which addresses are compared and stored:
// white space trimmed, local part and domain in ASCII lower case. It applies no
// Unicode normalisation, so that look-alikes stay different.
func NormalAddress(a string) string {
	a = strings.TrimSpace(a)
	at := strings.LastIndexByte(a, '@')
	if at < 0 {
		return asciiLower(a)
	}
	return asciiLower(a[:at]) + "@" + asciiLower(a[at+1:])
}

// AddressDomain returns the domain of an address in ASCII lower case; "" without any.
func AddressDomain(a string) string {
	_, domain, _ := strings.Cut(NormalAddress(a), "@")
	return domain[strings.LastIndexByte(domain, '@')+1:]
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// MailKind is what an incoming mail is, by its form (WIRE 4.1).
type MailKind string

// The kinds of incoming mail.
const (
	KindMessage   MailKind = "message"
	KindAutoReply MailKind = "autoreply" // vacation and other answers by machines
	KindBounce    MailKind = "bounce"    // delivery status notification, RFC 3464
	KindComplaint MailKind = "complaint" // abuse report, RFC 5965
	KindReceipt   MailKind = "receipt"   // disposition notification, RFC 8098
	KindReaction  MailKind = "reaction"  // emoji reaction, RFC 9078
)

// Inbound is an incoming mail as it was understood. `tierdesk inspect --json`
// prints it; the JSON names are a contract (docs/config.md).
type Inbound struct {
	File        string       `json:"file,omitempty"`
	Error       *string      `json:"error"`
	Kind        MailKind     `json:"kind"`
	Answerable  bool         `json:"answerable"`
	From        *Address     `json:"from"`
	To          []Address    `json:"to"`
	Cc          []Address    `json:"cc"`
	ReplyTo     []Address    `json:"reply_to"`
	Sender      *Address     `json:"sender,omitempty"`
	ReturnPath  *string      `json:"return_path,omitempty"`  // nil: no such header; "" is the null sender
	Delivered   []string     `json:"delivered_to,omitempty"` // Delivered-To, X-Original-To, Envelope-To
	Subject     string       `json:"subject"`
	MessageID   string       `json:"message_id"`
	InReplyTo   IDs          `json:"in_reply_to"`
	References  []string     `json:"references"`
	Date        *time.Time   `json:"date"`
	Language    string       `json:"language"`
	Text        string       `json:"text"`
	Reply       string       `json:"reply"`
	Quoted      string       `json:"quoted"`
	Forwarded   *Forwarded   `json:"forwarded"`
	Attachments []Attachment `json:"attachments"`
	Bounce      *Bounce      `json:"bounce"`
	Absence     *Away        `json:"absence"` // of an autoreply that tells how long or whom to ask instead
	Auth        Auth         `json:"auth"`
	Warnings    []string     `json:"warnings"`
	Why         []string     `json:"why"`

	// Bare says that the sender wrote nothing himself: Reply is the text that he
	// answers or forwards.
	Bare bool `json:"-"`
	// Original is the mail that this one forwards, in its text or attached; nil when it
	// forwards none.
	Original *Original `json:"-"`
	// Automatic says that by its own word no person sent the mail (Auto-Submitted,
	// RFC 3834 section 5).
	Automatic bool `json:"-"`
	FromCount int  `json:"-"` // how many From mailboxes there were; not 1: no privileges
	// List is the list of ours that had put itself into From, where From is proven to
	// be the author again. Claimed is a technician who is said to be the author of such
	// a mail, without proof; From is the list then.
	List    string   `json:"-"`
	Claimed *Address `json:"-"`
	// Via is the address of the form or list that sent the mail for the author in From,
	// who is not proven then; "" for a mail that came from its author.
	Via     string  `json:"-"`
	Loop    string  `json:"-"` // value of our own loop header, "" without
	AuthRaw AuthRaw `json:"-"`

	// What the gateway knows about the mail beside its bytes.
	Raw      RawID     `json:"-"`
	Mailbox  string    `json:"-"`
	Received time.Time `json:"-"` // INTERNALDATE, never the Date header
	Content  string    `json:"-"` // content key, see ContentKey in package parse
	Size     int64     `json:"-"` // bytes on the server
	// HTML is the source of the text, where a technician's mail has it in that form.
	HTML string `json:"-"`
	// History and Incomplete are as in Raw.
	History    bool `json:"-"`
	Incomplete bool `json:"-"`

	TextFiles []TextFile `json:"-"` // the beginnings and ends of the attached ones

	Thread  Thread  `json:"-"` // filled by threading
	Matches []Match `json:"-"` // filled by the document matcher
	Sure    bool    `json:"-"` // the matcher would answer with Matches[0]
	// Offers are documents one of which may help, where the matcher is not sure.
	Offers []string `json:"-"`
	// MatchWhy is what spoke for and against the documents, in words.
	MatchWhy []string `json:"-"`
	// Sensitive says why no machine may answer the mail, whatever matches, or is "".
	Sensitive string `json:"-"`
	// Diagnostics is what was found in the text and its files; nil for nothing.
	Diagnostics *Diagnostics `json:"-"`
}

// IDs is a list of message ids that marshals as the first one or null, as the
// contract's in_reply_to asks; RFC 5322 allows several.
type IDs []string

// MarshalJSON writes the first id, or null.
func (ids IDs) MarshalJSON() ([]byte, error) {
	if len(ids) == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(ids[0])
}

// Forwarded describes the mail that a bare forward carries.
type Forwarded struct {
	From    string `json:"from"`
	Date    string `json:"date"`
	Subject string `json:"subject"`
}

// Original is a forwarded mail, as far as the forward tells of it. All of it is the
// forwarder's word.
type Original struct {
	From      Address // Address "" when the forward gives only a name
	Date      string  // as it stands in the forward
	Subject   string
	MessageID string // without <>, "" when it is not told
	Text      string // its new text, without its header
	Language  string
}

// Attachment is one attached or inline part. Part is its index among the mail's
// parts, by which its content can be read again from the stored bytes.
type Attachment struct {
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	Inline      bool   `json:"inline"`
	ContentID   string `json:"content_id"`
	SHA256      string `json:"sha256"`
	Part        int    `json:"-"`
}

// Bounce is what a delivery status notification says (RFC 3464).
type Bounce struct {
	Recipients        []BounceRecipient `json:"recipients"`
	OriginalMessageID string            `json:"original_message_id"` // without <>, "" when it is not told
	// EnvelopeID is the ENVID under which the mail was sent (RFC 3461), "" when it is
	// not told. It is easily guessed: alone it proves nothing.
	EnvelopeID string `json:"-"`
}

// BounceRecipient is the fate of one recipient.
type BounceRecipient struct {
	Address    string `json:"address"`
	Status     string `json:"status"` // RFC 3463, "5.1.1"
	Action     string `json:"action"` // failed, delayed, delivered, relayed, expanded
	Diagnostic string `json:"diagnostic"`
	// Final is the address that failed in the end, where the report tells it apart:
	// a list's member, or where mail to Address is forwarded to.
	Final string `json:"-"`
}

// Away is what a vacation reply tells beside that its sender is away.
type Away struct {
	// Until is the day that the text names, of the return or the last of the
	// absence, at midnight UTC; zero when it names none. It is never before the
	// day on which the mail came.
	Until    time.Time
	Delegate string // address of who is to be asked meanwhile, "" when none is named
}

// MarshalJSON writes until as an RFC 3339 full-date, or null.
func (a Away) MarshalJSON() ([]byte, error) {
	var until *string
	if !a.Until.IsZero() {
		day := a.Until.Format(time.DateOnly)
		until = &day
	}
	return json.Marshal(struct {
		Until    *string `json:"until"`
		Delegate string  `json:"delegate"`
	}{until, a.Delegate})
}

// Permanent reports whether the recipient will not get the mail any more.
func (r BounceRecipient) Permanent() bool {
	return r.Action == "failed" || (r.Action == "" && strings.HasPrefix(r.Status, "5"))
}

// Auth is what is believed about the sender of a mail. Values are RFC 8601
// results ("pass", "fail", "none" …); "" means unknown.
type Auth struct {
	DMARC   string `json:"dmarc"`
	DKIM    string `json:"dkim"`
	SPF     string `json:"spf"`
	Aligned bool   `json:"aligned"` // a pass whose domain aligns with From
	Source  string `json:"source"`  // "authentication-results", "verified" or ""
}

// Pass reports whether the From address is proven.
func (a Auth) Pass() bool { return a.DMARC == "pass" || a.Aligned }

// Fail reports whether the From address is disproven.
func (a Auth) Fail() bool { return a.DMARC == "fail" }

// AuthRaw holds the header fields that authentication needs, in the order in
// which they stand in the mail.
type AuthRaw struct {
	// Trace lists, top to bottom, the Received and Authentication-Results
	// fields of the header, up to the limits of the splitter.
	Trace []TraceField
}

// TraceField is one header field, unfolded.
type TraceField struct{ Name, Value string }

// Thread is how an incoming mail belongs to a ticket.
type Thread struct {
	Ticket TicketID
	Rung   Rung
	// Token is the verified capability the mail was addressed to or replied to,
	// or nil.
	Token *Token
	// Claims is a ticket that the mail names without being entitled to join it.
	Claims TicketID
	Why    string
}

// Rung is the kind of evidence that tied a mail to a ticket, strongest first.
type Rung string

// The rungs of threading.
const (
	RungNone       Rung = ""
	RungToken      Rung = "token"       // signed reply address
	RungReference  Rung = "reference"   // In-Reply-To or References: an id we sent or received
	RungSubjectTag Rung = "subject-tag" // tag in the subject, and a participant
)

// Match is one document of the knowledge base offered for a question.
type Match struct {
	Doc        string  `json:"doc"`
	Score      float64 `json:"score"`
	Confidence float64 `json:"confidence"`
}
