package triage

import (
	"regexp"
	"slices"
	"strings"

	"tierdesk/desk"
)

// command is one #command line of a technician's mail.
type command struct {
	name string // lower case, without #
	args string
}

// commandNames are the commands there are.
var commandNames = []string{"claim", "escalate", "note", "solve"}

var commandLine = regexp.MustCompile(`^#([A-Za-z]+)(?:[ \t]+(.*))?$`)

// splitCommands takes the commands off the top of a mail's new text: one per line,
// before the first blank line or ordinary sentence. The rest is the text.
func splitCommands(text string) (cmds []command, rest string) {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	i := 0
	for ; i < len(lines); i++ {
		m := commandLine.FindStringSubmatch(strings.TrimSpace(lines[i]))
		if m == nil {
			break
		}
		cmds = append(cmds, command{strings.ToLower(m[1]), strings.TrimSpace(m[2])})
	}
	return cmds, strings.TrimSpace(strings.Join(lines[i:], "\n"))
}

// strayCommands takes out the lines of a text that read like a command. Below the
// first sentence they are none, and they must not reach the customer.
func strayCommands(text string) (names []string, rest string) {
	var kept []string
	for line := range strings.Lines(text) {
		m := commandLine.FindStringSubmatch(strings.TrimSpace(line))
		if m != nil && slices.Contains(commandNames, strings.ToLower(m[1])) {
			names = append(names, strings.ToLower(m[1]))
			continue
		}
		kept = append(kept, line)
	}
	return names, strings.TrimSpace(strings.Join(kept, ""))
}

// orders is what a technician's commands ask for together.
type orders struct {
	note, claim, solve, escalate bool
	level                        desk.Level // of escalate; 0: the next one
	reason                       string     // of escalate
}

// readOrders checks all commands before any is run: an unknown or contradictory
// one refuses the whole mail.
func readOrders(cmds []command) (orders, error) {
	var o orders
	for _, c := range cmds {
		switch c.name {
		case "note":
			o.note = true
		case "claim":
			o.claim = true
		case "solve":
			o.solve = true
		case "escalate":
			o.escalate = true
			var err error
			if o.level, o.reason, err = readEscalate(c.args); err != nil {
				return orders{}, err
			}
		default:
			return orders{}, desk.Refuse("#%s is not a command; did you mean #%s?", c.name, nearest(c.name))
		}
	}
	if o.solve && o.escalate {
		return orders{}, desk.Refuse("#solve and #escalate contradict each other")
	}
	if o.claim && o.escalate {
		return orders{}, desk.Refuse("#claim and #escalate contradict each other")
	}
	return o, nil
}

var levelWord = regexp.MustCompile(`^(?i)L([0-9])(?:\s+|$)`)

func readEscalate(args string) (level desk.Level, reason string, err error) {
	if m := levelWord.FindStringSubmatch(args); m != nil {
		level = desk.Level(m[1][0] - '0')
		if !level.Valid() {
			return 0, "", desk.Refuse("#escalate %s: tiers are L1 to L4", strings.TrimSpace(m[0]))
		}
		args = args[len(m[0]):]
	}
	return level, strings.TrimSpace(args), nil
}

// nearest returns the command with the smallest edit distance.
func nearest(name string) string {
	best, bestDistance := "", 1<<30
	for _, c := range commandNames {
		if n := distance(name, c); n < bestDistance {
			best, bestDistance = c, n
		}
	}
	return best
}

// distance is the Levenshtein distance of two short ASCII words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// String lists the orders for a receipt and a log.
func (o orders) String() string {
	var s []string
	for _, w := range []struct {
		on   bool
		name string
	}{{o.claim, "claimed"}, {o.note, "noted"}, {o.escalate, "escalated"}, {o.solve, "solved"}} {
		if w.on {
			s = append(s, w.name)
		}
	}
	return strings.Join(s, ", ")
}
