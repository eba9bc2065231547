package triage

import (
	"fmt"
	"regexp"

	"tierdesk/desk"
)

// Rule sets properties of a new ticket when all of its conditions hold. Rules
// are tried in order; the first one that sets a property decides it.
type Rule struct {
	Name string
	When []Condition
	Set  Properties
}

// Condition is a regular expression (RE2) over one field of the mail.
type Condition struct {
	Field   Field
	Pattern *regexp.Regexp
}

// Field is what a condition looks at.
type Field string

// The fields of conditions.
const (
	FieldSubject       Field = "subject"
	FieldBody          Field = "body" // the new text
	FieldSubjectOrBody Field = "subject_or_body"
	FieldFrom          Field = "from"
	FieldTo            Field = "to" // To and Cc
	FieldMailbox       Field = "mailbox"
)

// Valid reports whether f is a field.
func (f Field) Valid() bool {
	switch f {
	case FieldSubject, FieldBody, FieldSubjectOrBody, FieldFrom, FieldTo, FieldMailbox:
		return true
	}
	return false
}

// Properties are what rules set; zero values are left to later rules.
type Properties struct {
	Category string
	Tier     desk.Level
	Priority desk.Priority
	// Inform is a tier that is told of the ticket when it is handed to another one.
	Inform desk.Level
	NoL1   bool // people answer, whatever L1 knows
}

// The properties of a ticket that no rule speaks of.
const (
	defaultCategory = "general"
	defaultPriority = desk.P3
)

// matches reports whether the condition holds, and the text that it matched.
func (c Condition) matches(in *desk.Inbound) (string, bool) {
	var texts []string
	switch c.Field {
	case FieldSubject:
		texts = []string{in.Subject}
	case FieldBody:
		texts = []string{in.Reply}
	case FieldSubjectOrBody:
		texts = []string{in.Subject, in.Reply}
	case FieldFrom:
		texts = []string{in.From.Address, in.From.Name}
	case FieldMailbox:
		texts = []string{in.Mailbox}
	case FieldTo:
		for _, a := range in.To {
			texts = append(texts, a.Address)
		}
		for _, a := range in.Cc {
			texts = append(texts, a.Address)
		}
	}
	for _, s := range texts {
		if loc := c.Pattern.FindStringIndex(s); loc != nil {
			return clip(s[loc[0]:loc[1]], 60), true
		}
	}
	return "", false
}

// matches returns the reason why the rule holds, or false.
func (r *Rule) matches(in *desk.Inbound) (string, bool) {
	because := fmt.Sprintf("rule %q", r.Name)
	for _, c := range r.When {
		hit, ok := c.matches(in)
		if !ok {
			return fmt.Sprintf("rule %q: %s does not match", r.Name, c.Field), false
		}
		because += fmt.Sprintf(" matched %q in %s", hit, c.Field)
	}
	return because, true
}

// classify applies the rules. It returns the properties with defaults filled in,
// why they are so in one line, and every rule that was tried.
func classify(rules []Rule, in *desk.Inbound) (p Properties, because string, trace []string) {
	for i := range rules {
		why, ok := rules[i].matches(in)
		trace = append(trace, why)
		if !ok || !p.take(rules[i].Set) {
			continue
		}
		if because != "" {
			because += "; "
		}
		because += why
	}
	if because == "" {
		because = "no rule matched"
	}
	p.take(Properties{Category: defaultCategory, Tier: desk.L1, Priority: defaultPriority})
	return p, because, trace
}

// take fills what is still unset and reports whether that was anything.
func (p *Properties) take(set Properties) bool {
	before := *p
	if p.Category == "" {
		p.Category = set.Category
	}
	if p.Tier == 0 {
		p.Tier = set.Tier
	}
	if p.Priority == "" {
		p.Priority = set.Priority
	}
	if p.Inform == 0 {
		p.Inform = set.Inform
	}
	p.NoL1 = p.NoL1 || set.NoL1
	return *p != before
}

// clip puts a stranger's text on one line of at most n characters.
func clip(s string, n int) string {
	s = desk.OneLine(s)
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
