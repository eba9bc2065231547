package diagnose

import (
	"path"
	"regexp"
	"strings"
)

// Limits of what is shown of stack traces.
const (
	maxTraces   = 2
	maxFrames   = 3   // of each exception
	maxTraceRow = 160 // bytes
	nearFrames  = 3   // lines between an exception and its first frame
)

// trace is one stack trace: what was thrown in the end, and where.
type trace struct {
	class  string   // of the innermost cause, or how the message begins
	heads  []string // the lines that name exceptions, outermost first
	frames []frame  // of the innermost cause, topmost first
}

// frame is one line of a stack.
type frame struct {
	text     string
	function string // without line numbers, arguments and addresses
}

// show returns the lines that a reader needs.
func (t *trace) show() []string {
	var out []string
	for i, h := range t.heads {
		if i == 0 || i == len(t.heads)-1 {
			out = append(out, clip(h, maxTraceRow))
		}
	}
	for _, f := range t.frames[:min(len(t.frames), maxFrames)] {
		out = append(out, "    "+clip(strings.TrimSpace(f.text), maxTraceRow))
	}
	return out
}

// The lines that begin a stack trace or go on with it.
var (
	// "at" in the languages in which .NET says it; what follows has a call, or a
	// place with a line number.
	atFrame = regexp.MustCompile(`^\s*(?:at|bei|à|en|in|w|в|于) (?:async |new )?([^\s(]+(?: \[as \w+\])?)\s*(?:\((.*)|(?: in|:) .*)?$`)
	atPlace = regexp.MustCompile(`:\d+(?::\d+)?\)?$|:(?:line|Zeile|ligne|línea|riga) \d+|\((?:Native Method|Unknown Source|native|<anonymous>|[A-Za-z_$][\w$.<>]*\.(?:java|kt|scala|groovy))|\(.*\)(?: in .*)?$|\([^)]*$`)
	// Firefox and Safari.
	atWebFrame  = regexp.MustCompile(`^\s*([\w$.<>/*]*)@(?:https?|file|chrome|resource|webpack|moz-extension)\S*:\d+(?::\d+)?$`)
	pythonStart = regexp.MustCompile(`^\s*Traceback \(most recent call last\):`)
	pythonFrame = regexp.MustCompile(`^\s+File "([^"]+)", line \d+(?:, in (\S+))?`)
	phpFrame    = regexp.MustCompile(`^\s*#\d{1,3} (?:(.*?)\(\d+\): (.+)|\{main\})$`)
	goStart     = regexp.MustCompile(`^(?:panic|fatal error): `)
	goFrame     = regexp.MustCompile(`^((?:[\w./~-]+)\.[\w.()*\[\]{}·-]+)\(.*\)$`)
	cause       = regexp.MustCompile(`^\s*(?:Caused by|Suppressed|--->|Verursacht durch):? `)
	notAFrame   = regexp.MustCompile(`^\s*(?:\.\.\. \d+ (?:more|common)|--- |\[\w+\]: $)`)
	thrown      = regexp.MustCompile(`((?:[A-Za-z_$][\w$]*[.\\])*[A-Za-z_$][\w$]*(?:Exception|Error|Fault|Throwable|Failure|Interrupt|Panic))\b`)
)

// traces finds the stack traces in a text, and tells which of its lines they take.
func traces(lines []line) (found []trace, taken []bool) {
	taken = make([]bool, len(lines))
	for i := 0; i < len(lines); {
		t, from, to := traceAt(lines, i)
		if to <= i {
			i++
			continue
		}
		found = append(found, t)
		for j := max(0, from); j < to; j++ {
			taken[j] = true
		}
		i = to
	}
	return found, taken
}

// traceAt reads the trace whose first sure sign stands on line i; to is 0 when there
// is none.
func traceAt(lines []line, i int) (t trace, from, to int) {
	text := lines[i].text
	switch {
	case strings.Contains(text, "Traceback (") && pythonStart.MatchString(text):
		return pythonTrace(lines, i)
	case goStart.MatchString(text):
		return goTrace(lines, i)
	case isFrame(text):
		return stackTrace(lines, i)
	}
	return trace{}, 0, 0
}

// isFrame reports a line of a stack that stands under its exception: of Java and the
// like, .NET, JavaScript or PHP.
func isFrame(text string) bool { return functionOf(text) != "" }

// functionOf returns the function that a frame is in, or "".
func functionOf(text string) string {
	start := strings.TrimLeft(text, " \t")
	if len(start) < 6 || strings.IndexByte("abeiwà\xd0\xe4#", start[0]) < 0 && !strings.Contains(start, "@") {
		return ""
	}
	if m := phpFrame.FindStringSubmatch(text); m != nil {
		name, _, _ := strings.Cut(m[2], "(")
		return stable(name)
	}
	if m := atWebFrame.FindStringSubmatch(text); m != nil {
		return stable(m[1]) + "@"
	}
	m := atFrame.FindStringSubmatch(text)
	if m == nil || !atPlace.MatchString(text) || !strings.ContainsAny(m[1], ".:(<$") && m[2] == "" {
		return ""
	}
	name := m[1]
	if i := strings.LastIndexByte(name, '/'); i >= 0 { // a module, or a file without a function
		name = name[i+1:]
	}
	if name, place, ok := strings.Cut(name, ":"); ok && strings.Trim(place, "0123456789:") == "" {
		return stable(name)
	}
	return stable(name)
}

var generated = regexp.MustCompile(`[$_]*\d+|0x[0-9a-f]+|\$\$\w*`)

// stable leaves out what compilers number.
func stable(function string) string {
	return generated.ReplaceAllString(strings.TrimSpace(function), "")
}

// stackTrace reads frames from line i on, with the exceptions above and between them.
func stackTrace(lines []line, i int) (t trace, from, to int) {
	from = i
	for j := i - 1; j >= max(0, i-nearFrames); j-- {
		if thrown.MatchString(lines[j].text) || strings.HasPrefix(strings.TrimSpace(lines[j].text), "Uncaught ") {
			from = j
			t.name(lines[j].text)
			break
		}
	}
	if from == i && (i+1 >= len(lines) || !isFrame(lines[i+1].text)) {
		return trace{}, 0, 0 // one line that looks like a frame proves nothing
	}
	for to = i; to < len(lines); to++ {
		text := lines[to].text
		switch f := functionOf(text); {
		case f != "":
			t.frames = append(t.frames, frame{text, f})
		case cause.MatchString(text):
			t.frames = nil
			t.name(text)
		case notAFrame.MatchString(text), strings.HasPrefix(text, "#"), strings.HasPrefix(strings.TrimSpace(text), "Stack trace"):
		default:
			return t, from, to
		}
	}
	return t, from, to
}

// name takes a line that names an exception; the last one is the cause of all.
func (t *trace) name(text string) {
	t.heads = append(t.heads, strings.TrimSpace(text))
	t.class = clip(plain(text), maxTraceRow)
	if m := thrown.FindStringSubmatch(text); m != nil {
		t.class = m[1]
	}
}

// pythonTrace reads a traceback: the last frame is the topmost, and the exception
// stands below.
func pythonTrace(lines []line, i int) (t trace, from, to int) {
	for to = i + 1; to < len(lines); to++ {
		text := lines[to].text
		if m := pythonFrame.FindStringSubmatch(text); m != nil {
			f := frame{text, stable(path.Base(strings.ReplaceAll(m[1], `\`, "/")) + ":" + m[2])}
			t.frames = append([]frame{f}, t.frames[:min(len(t.frames), maxFrames)]...)
			continue
		}
		if text != "" && text[0] != ' ' && text[0] != '\t' {
			t.name(text)
			to++
			break
		}
	}
	if len(t.frames) == 0 {
		return trace{}, 0, 0
	}
	return t, i, to
}

// goTrace reads a panic, with the frames of the goroutine that panicked.
func goTrace(lines []line, i int) (t trace, from, to int) {
	t.name(lines[i].text)
	for to = i + 1; to < len(lines); to++ {
		text := lines[to].text
		m := goFrame.FindStringSubmatch(text)
		switch {
		case m != nil && !strings.HasPrefix(m[1], "runtime.") && m[1] != "panic":
			t.frames = append(t.frames, frame{text, stable(m[1])})
		case m != nil, strings.HasPrefix(text, "panic("), strings.HasPrefix(text, "\t"), strings.HasPrefix(text, "    "),
			strings.HasPrefix(text, "goroutine "), strings.HasPrefix(text, "[signal "):
		case text == "" && len(t.frames) == 0:
		default:
			return t, i, to
		}
	}
	return t, i, to
}
