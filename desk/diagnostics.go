package desk

// Diagnostics is what a mail and its text files tell of a failure, in the form in
// which technicians search for it. Secrets are masked in it.
type Diagnostics struct {
	// Fingerprint is the same whenever the same failure is reported, whatever the
	// numbers, addresses and times in the report; "" when nothing tells one failure
	// from another.
	Fingerprint string    `json:"fingerprint,omitempty"`
	Findings    []Finding `json:"findings,omitempty"` // at most one of each kind
	Trace       []string  `json:"trace,omitempty"`    // what failed, and the topmost frames of its stack
	Excerpts    []Excerpt `json:"excerpts,omitempty"`
}

// Finding is what was found of one kind, in the order in which it was written.
type Finding struct {
	Kind   FindingKind `json:"kind"`
	Values []string    `json:"values"`
}

// FindingKind says what a finding is.
type FindingKind string

// The kinds of findings, in the order in which they are listed.
const (
	FoundCode       FindingKind = "code"       // "error 809", "0x80070005", "HTTP 503", "550 5.7.1"
	FoundException  FindingKind = "exception"  // class names
	FoundVersion    FindingKind = "version"    // "Windows 11 23H2", "Outlook 16.0.17328"
	FoundHost       FindingKind = "host"       // names of computers
	FoundIP         FindingKind = "ip"         // IP addresses
	FoundURL        FindingKind = "url"        // without query and fragment
	FoundTime       FindingKind = "time"       // the first and the last time stamp
	FoundScreenshot FindingKind = "screenshot" // names of picture files
)

// Values returns what was found of a kind.
func (d *Diagnostics) Values(kind FindingKind) []string {
	if d == nil {
		return nil
	}
	for _, f := range d.Findings {
		if f.Kind == kind {
			return f.Values
		}
	}
	return nil
}

// Excerpt is a piece of a text file around a line that reports a failure.
type Excerpt struct {
	File string `json:"file"`
	Line int    `json:"line"` // of the file, on which the excerpt begins; from 1
	Text string `json:"text"`
}

// TextFile is a piece of a text file that came with a mail.
type TextFile struct {
	Name string
	Line int // of the file, on which the piece begins; from 1
	Text string
}
