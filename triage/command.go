package triage

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"tierdesk/desk"
)

// command is one #command line of a technician's mail.
type command struct {
	name string // lower case, without #
	args string
}

// commandNames are the commands there are.
var commandNames = []string{"claim", "escalate", "note", "solve"}

var (
	commandLine = regexp.MustCompile(`^#([A-Za-z]+)(?: +(.*))?$`)
	// sloppyCommand is how people write one: with a blank behind the mark, or with
	// punctuation behind the name.
	sloppyCommand = regexp.MustCompile(`^#( *)([A-Za-z]+)(?:[^A-Za-z0-9]+(.*))?$`)
)

// readCommand reads a line as a command, also one that is written sloppily, since
// it would go to the customer otherwise. heading tells that it may as well be a
// heading, "# Note".
func readCommand(line string) (c command, heading, ok bool) {
	line = bareLine(line)
	if m := commandLine.FindStringSubmatch(line); m != nil {
		return command{strings.ToLower(m[1]), strings.TrimSpace(m[2])}, false, true
	}
	m := sloppyCommand.FindStringSubmatch(line)
	if m == nil {
		return command{}, false, false
	}
	c, heading = command{strings.ToLower(m[2]), strings.TrimSpace(m[3])}, m[1] != ""
	return c, heading, !heading || slices.Contains(commandNames, c.name)
}

// bareLine returns a line without invisible characters, emphasis and quotation
// marks, with any blank as a blank and any number sign as "#".
func bareLine(line string) string {
	line = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case r == '＃' || r == '﹟':
			return '#'
		}
		return r
	}, line)
	return strings.Trim(line, " *_`\\\"'“”„‘’«»")
}

// splitCommands takes the commands off the top of a mail's new text: one per line,
// before the first blank line or ordinary sentence. The rest is the text.
func splitCommands(text string) (cmds []command, rest string) {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	i := 0
	for ; i < len(lines); i++ {
		c, _, ok := readCommand(lines[i])
		if !ok {
			break
		}
		cmds = append(cmds, c)
	}
	return cmds, strings.TrimSpace(strings.Join(lines[i:], "\n"))
}

// strayCommands takes out the lines of a text that read like a command. Below the
// first sentence they are none, and they must not reach the customer.
func strayCommands(text string) (names []string, rest string) {
	var kept []string
	for line := range strings.Lines(text) {
		c, heading, ok := readCommand(line)
		if ok && !heading && slices.Contains(commandNames, c.name) {
			names = append(names, c.name)
			continue
		}
		kept = append(kept, line)
	}
	return names, strings.TrimSpace(strings.Join(kept, ""))
}

// explainsCommands reports whether a text names every command, as only the end of
// our mail to technicians does: what stands above it there is internal.
func explainsCommands(text string) bool {
	text = strings.ToLower(text)
	for _, name := range commandNames {
		if !strings.Contains(text, "#"+name) {
			return false
		}
	}
	return true
}

// orders is what a technician's commands ask for together.
type orders struct {
	note, claim, solve, escalate bool
	now                          bool       // send the reply without the time to undo it
	level                        desk.Level // of escalate; 0: the next one
	reason                       string     // of escalate
	words                        string     // on the line of note
}

// readOrders checks all commands before any is run: an unknown or contradictory
// one refuses the whole mail.
func readOrders(cmds []command) (orders, error) {
	var o orders
	for _, c := range cmds {
		switch c.name {
		case "note":
			o.note, o.words = true, strings.TrimSpace(o.words+"\n"+c.args)
		case "claim", "solve":
			if c.args != "" {
				return orders{}, desk.Refuse("#%s stands alone on its line; %q behind it was not understood", c.name, clip(c.args, 60))
			}
			o.claim, o.solve = o.claim || c.name == "claim", o.solve || c.name == "solve"
		case "now":
			o.now = true
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
