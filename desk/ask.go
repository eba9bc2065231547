package desk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Ask is what a manager asks the desk by mail.
type Ask struct {
	What   AskWhat
	Period string   // words that ReadPeriod knows; of a report and of breaches
	By     Grouping // of a report
	Ticket TicketID // of a ticket
}

// AskWhat is the kind of an Ask.
type AskWhat string

// What a manager can ask for.
const (
	AskReport   AskWhat = "report"
	AskBreaches AskWhat = "breaches"
	AskTicket   AskWhat = "ticket"
)

// AskHelp says what can be asked, in a few lines.
const AskHelp = `report [PERIOD] [by tier, category, priority, technician or organisation]
breaches [PERIOD]
ticket NUMBER

A PERIOD is one of: ` + Periods + ".\n"

var (
	askLine   = regexp.MustCompile(`^(?i)(report|breaches|ticket)(?:\s+(.*?))?[\s.!?]*$`)
	askByWord = regexp.MustCompile(`^(?i)(?:(.*?)\s+)?by\s+([a-z]+)$`)
)

// IsAsk reports whether a line begins as one that asks for something does.
func IsAsk(line string) bool { return askLine.MatchString(strings.TrimSpace(line)) }

// ReadAsk reads a line such as "report last week by tier". The error is a Refusal.
func ReadAsk(line string) (Ask, error) {
	m := askLine.FindStringSubmatch(strings.TrimSpace(line))
	if m == nil {
		return Ask{}, Refuse("%q asks for nothing that there is", OneLine(line))
	}
	ask, rest := Ask{What: AskWhat(strings.ToLower(m[1]))}, m[2]
	if ask.What == AskTicket {
		id, ok := ParseNumber(strings.TrimPrefix(rest, "#"))
		if !ok {
			return Ask{}, Refuse("%q is not a ticket number such as 1234 or 1234-K", OneLine(rest))
		}
		ask.Ticket = id
		return ask, nil
	}
	if ask.What == AskReport {
		ask.By = ByTier
		if by := askByWord.FindStringSubmatch(rest); by != nil {
			rest, ask.By = by[1], Grouping(strings.ToLower(by[2]))
		}
		if ask.By == "organization" {
			ask.By = ByOrganisation
		}
		if !slices.Contains(Groupings(), ask.By) {
			return Ask{}, Refuse("there are no figures by %q", OneLine(string(ask.By)))
		}
	}
	ask.Period = "last 7 days"
	if rest != "" {
		ask.Period = rest
	}
	if _, _, err := ReadPeriod(ask.Period, time.Unix(0, 0), time.UTC); err != nil {
		return Ask{}, Refuse("%v", err)
	}
	return ask, nil
}

// String writes the ask as a line that ReadAsk reads.
func (a Ask) String() string {
	switch a.What {
	case AskTicket:
		return fmt.Sprintf("ticket %s", Number(a.Ticket))
	case AskReport:
		return fmt.Sprintf("report %s by %s", a.Period, a.By)
	}
	return fmt.Sprintf("%s %s", a.What, a.Period)
}
