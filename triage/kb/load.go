package kb

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.abhg.dev/goldmark/frontmatter"
)

// Limits of one document.
const (
	maxFile   = 1 << 20 // bytes of a file
	maxMeta   = 64 << 10
	maxID     = 200 // bytes
	maxTitle  = 300
	maxPhrase = 300
	maxList   = 200 // keywords, symptoms
)

// Problem is something wrong with a file of the knowledge base.
type Problem struct {
	File string
	Line int // from 1; 0: the file as a whole
	Text string
	// Fatal says that the document cannot be used. Others are used as far as
	// they can be read.
	Fatal bool
}

// String returns "file:line: text".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ": " + p.Text
}

// Load reads every Markdown file (*.md, *.markdown) under fsys, in the order of
// their paths. A file that cannot be used is a problem and leaves the others
// alone. Files and folders whose name begins with a dot or an underscore are
// not read.
func Load(fsys fs.FS) ([]Document, []Problem) {
	var l loader
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			l.problems = append(l.problems, Problem{File: name, Text: err.Error(), Fatal: true})
			return nil
		case name != "." && (e.Name()[0] == '.' || e.Name()[0] == '_'):
			if e.IsDir() {
				return fs.SkipDir
			}
		case !e.IsDir() && isMarkdown(name):
			l.load(fsys, name)
		}
		return nil
	})
	if err != nil {
		l.problems = append(l.problems, Problem{File: ".", Text: err.Error(), Fatal: true})
	}
	return l.docs, l.problems
}

func isMarkdown(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".md" || ext == ".markdown"
}

type loader struct {
	docs     []Document
	problems []Problem
	paths    map[string]string // id → path
}

func (l *loader) load(fsys fs.FS, name string) {
	source, err := readLimited(fsys, name)
	if err != nil {
		l.problems = append(l.problems, Problem{File: name, Text: err.Error(), Fatal: true})
		return
	}
	doc, problems := parse(name, source)
	l.problems = append(l.problems, problems...)
	if slices.ContainsFunc(problems, func(p Problem) bool { return p.Fatal }) {
		return
	}
	if other, taken := l.paths[doc.ID]; taken {
		l.problems = append(l.problems, Problem{
			File: name, Line: keyLine(source, "id"), Fatal: true,
			Text: fmt.Sprintf("id %q is taken by %s; give each document its own", doc.ID, other),
		})
		return
	}
	if l.paths == nil {
		l.paths = map[string]string{}
	}
	l.paths[doc.ID] = name
	l.docs = append(l.docs, doc)
}

func readLimited(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%d bytes; a document has at most %d", info.Size(), maxFile)
	}
	return fs.ReadFile(fsys, name)
}

// parse reads one document. Problems that are not fatal leave a usable one.
func parse(name string, source []byte) (Document, []Problem) {
	fatal := func(line int, text string) (Document, []Problem) {
		return Document{}, []Problem{{File: name, Line: line, Text: text, Fatal: true}}
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	if at := invalidUTF8(source); at >= 0 {
		return fatal(1+bytes.Count(source[:at], []byte("\n")), "not UTF-8")
	}
	if text := unclosed(source); text != "" {
		return fatal(1, text)
	}
	page := parseMarkdown(source)
	doc := Document{Path: name, source: string(source)}
	m := meta{file: name, source: source}
	if page.meta != nil {
		if line, err := decode(page.meta, &m.fields); err != nil {
			return fatal(line, "front matter: "+err.Error())
		}
	}
	m.fill(&doc)
	if doc.ID == "" {
		doc.ID = strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	if doc.Title == "" {
		doc.Title = page.first
	}
	if doc.Title == "" {
		doc.Title = strings.NewReplacer("-", " ", "_", " ").Replace(doc.ID)
		m.problem("title", "no title and no heading: the title is made from the file name")
	}
	if !page.hasText() {
		return fatal(0, "no text")
	}
	return doc, m.problems
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// unclosed says what is wrong with front matter that begins and does not end
// within its limit, or returns "".
func unclosed(source []byte) string {
	first, rest, _ := bytes.Cut(source, []byte("\n"))
	mark := bytes.TrimRight(first, " \t\r")
	if len(mark) < 3 || (!all(mark, '-') && !all(mark, '+')) {
		return ""
	}
	for line := range bytes.Lines(rest[:min(len(rest), maxMeta)]) {
		if bytes.Equal(bytes.TrimRight(line, "\r\n"), mark) {
			return ""
		}
	}
	return fmt.Sprintf("front matter begins with %s and does not end with it", mark)
}

func all(b []byte, c byte) bool {
	return len(bytes.Trim(b, string(c))) == 0
}

var errorLine = regexp.MustCompile(`\bline (\d+)`)

// decode unmarshals the front matter. Its decoders panic on some malformed input,
// which counts as an error. The line is the file's.
func decode(data *frontmatter.Data, to *map[string]any) (line int, err error) {
	defer func() {
		if p := recover(); p != nil {
			line, err = 1, fmt.Errorf("cannot be read: %v", p)
		}
	}()
	err = data.Decode(to)
	if err == nil {
		return 0, nil
	}
	line = 1
	if m := errorLine.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits only
		line += n
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return line, fmt.Errorf("%s", errorLine.ReplaceAllString(text, fmt.Sprintf("line %d", line)))
}

// keyLine returns the line on which a key of the front matter stands, or 1.
func keyLine(source []byte, key string) int {
	n := 0
	for line := range bytes.Lines(source) {
		n++
		name, _, found := bytes.Cut(line, []byte(":"))
		if !found {
			name, _, found = bytes.Cut(line, []byte("="))
		}
		if found && normalKey(strings.Trim(strings.TrimSpace(string(name)), `"'`)) == key {
			return n
		}
		if n > 1 && (bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("+++"))) {
			break
		}
	}
	return 1
}

// endOfDay returns the last instant of a date, or the instant itself when it has
// a time of day.
func endOfDay(t time.Time) time.Time {
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0 {
		return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 59, 0, time.UTC)
	}
	return t.UTC()
}
