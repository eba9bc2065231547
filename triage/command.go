package triage

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// command is one #command line of a technician's mail.
type command struct {
	name string // lower case, without #
	args string
}

// String returns the line as it should have been written.
func (c command) String() string { return strings.TrimSpace("#" + c.name + " " + c.args) }

var (
	commandLine = regexp.MustCompile(`(?i)^#(known-error|[a-z]+)(?: +(.*))?$`)
	// sloppyCommand is how people write one: with a blank behind the mark, or with
	// punctuation behind the name.
	sloppyCommand = regexp.MustCompile(`(?i)^#( *)(known-error|[a-z]+)(?:[^a-z0-9]+(.*))?$`)
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
	return c, heading, !heading || verbNamed(c.name) != nil
}

// bareLine returns a line without invisible characters, emphasis, bullets and quotation
// marks, with any blank as a blank, wide letters as plain ones and number signs as one.
func bareLine(line string) string {
	line = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case r == '﹟':
			return '#'
		case r >= '！' && r <= '～': // full width
			return r - '！' + '!'
		}
		return r
	}, line)
	line = strings.Trim(line, " *_`\\\"'“”„‘’«»-–•·")
	if strings.HasPrefix(line, "##") {
		line = "#" + strings.TrimLeft(line, "#")
	}
	return line
}

// splitCommands takes the commands off the top of a mail's new text: one per line,
// before the first blank line or ordinary sentence. The rest is the text. A mail
// that is nothing but the word of a command is that command.
func splitCommands(text string) (cmds []command, rest string) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if v, below := verbOfWord(text); v != nil {
		return []command{{name: v.name}}, below
	}
	lines := strings.Split(text, "\n")
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

// verbOfWord returns the command whose word a text is, or nil. The word of one that
// stands alone in its mail may have something below.
func verbOfWord(text string) (v *verb, below string) {
	first, below, _ := strings.Cut(text, "\n")
	if len(first) > 40 {
		return nil, ""
	}
	word := strings.ToLower(strings.TrimRight(bareLine(first), ".!?… "))
	all := verbs()
	i := slices.IndexFunc(all, func(v verb) bool { return slices.Contains(strings.Fields(v.words), word) })
	if i < 0 || below != "" && !all[i].alone {
		return nil, ""
	}
	return &all[i], strings.TrimSpace(below)
}

// unmarked returns the command that a text begins with and that lacks its mark, or "":
// "escalate" in a line of its own, or "assign tess" and nothing else. What stands beside
// it is not for the customer.
func (w *work) unmarked(text string) string {
	first, below, _ := strings.Cut(text, "\n")
	name, args, _ := strings.Cut(strings.TrimRight(bareLine(first), ".:!, "), " ")
	v := verbNamed(strings.ToLower(name))
	switch {
	case v == nil || len(args) > 60:
		return ""
	case args == "" && (below != "" || v.args != ""):
		return v.name
	case args == "" || below != "" || v.read == nil:
		return ""
	}
	if err := w.readOrder(&order{verb: *v, args: args}); err != nil {
		return ""
	}
	return v.name
}

// strayCommands takes out the lines of a text that read like a command. Below the
// first sentence they are none, and they must not reach the customer.
func strayCommands(text string) (names []string, rest string) {
	var kept []string
	for line := range strings.Lines(text) {
		c, heading, ok := readCommand(line)
		if ok && !heading && verbNamed(c.name) != nil {
			names = append(names, c.name)
			continue
		}
		kept = append(kept, line)
	}
	return names, strings.TrimSpace(strings.Join(kept, ""))
}

// explainsCommands reports whether a text names the commands that only the end of
// our mail to technicians names together: what stands above it there is internal.
func explainsCommands(text string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(OftenUsed(), func(name string) bool { return !strings.Contains(text, name) })
}

// nearest returns the name of the command with the smallest edit distance.
func nearest(name string) string {
	if len(name) > 30 {
		return "help"
	}
	best, bestDistance := "", 1<<30
	for _, v := range verbs() {
		if n := distance(name, v.name); n < bestDistance {
			best, bestDistance = v.name, n
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
