package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// kbCmd holds the commands about L1's documents. The first three need no
// configuration and no database.
type kbCmd struct {
	Lint  kbLintCmd  `cmd:"" help:"Name every problem of the documents, with file and line; exit status 1 when there is one."`
	List  kbListCmd  `cmd:"" help:"List the documents."`
	Match kbMatchCmd `cmd:"" help:"Read questions as JSON lines on standard input and say what L1 would do with each."`

	Report kbReportCmd `cmd:"" help:"What became of each document, and the questions that none answers."`
	Draft  kbDraftCmd  `cmd:"" help:"Print a first version of the document that a gap of the report asks for."`
}

type kbDir struct {
	KB string `name:"kb" help:"Folder of the documents." default:"kb" type:"existingdir"`
}

func (d kbDir) load() ([]kb.Document, []kb.Problem) { return kb.Load(os.DirFS(d.KB)) }

type kbLintCmd struct {
	kbDir
	JSON bool `name:"json" help:"One JSON object per problem."`
}

// Run prints each problem as file:line: text.
func (c kbLintCmd) Run(std streams) error {
	docs, problems := c.load()
	enc := json.NewEncoder(std.out)
	for _, p := range problems {
		if !c.JSON {
			fmt.Fprintln(std.out, desk.OneLine(p.String()))
			continue
		}
		line := struct {
			File  string `json:"file"`
			Line  int    `json:"line"`
			Text  string `json:"text"`
			Fatal bool   `json:"fatal"`
		}{p.File, p.Line, p.Text, p.Fatal}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%d problems; %d documents can be used", len(problems), len(docs))
	}
	return nil
}

type kbListCmd struct {
	kbDir
	JSON bool `name:"json" help:"One JSON object per document."`
}

// Run prints the documents that can be used, in the order of their paths.
func (c kbListCmd) Run(std streams) error {
	docs, problems := c.load()
	if n := len(problems); n > 0 {
		fmt.Fprintf(std.err, "tierdesk: %d problems, see tierdesk kb lint\n", n)
	}
	if c.JSON {
		return listJSON(std.out, docs)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTITLE\tLANG\tAUDIENCE\tVALID UNTIL\tFILE")
	for _, d := range docs {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Title, d.Lang, audienceOf(d), dateOrNone(d.ValidUntil), desk.OneLine(d.Path))
	}
	return w.Flush()
}

func listJSON(out io.Writer, docs []kb.Document) error {
	enc := json.NewEncoder(out)
	for _, d := range docs {
		line := struct {
			ID         string   `json:"id"`
			Title      string   `json:"title"`
			Lang       string   `json:"lang"`
			Audience   string   `json:"audience"`
			Tier       int      `json:"tier"`
			Category   string   `json:"category"`
			Keywords   []string `json:"keywords"`
			ValidUntil string   `json:"valid_until"`
			File       string   `json:"file"`
		}{d.ID, d.Title, d.Lang, audienceOf(d), d.Tier, d.Category, append([]string{}, d.Keywords...), dateOrNone(d.ValidUntil), d.Path}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func audienceOf(d kb.Document) string {
	if d.Audience == "" {
		return kb.Internal
	}
	return d.Audience
}

func dateOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

type kbMatchCmd struct {
	kbDir
	Examples string  `help:"Solved questions, {\"doc\",\"text\"} lines; an empty doc: no document answered it." type:"existingfile"`
	Target   float64 `help:"Share of answers that have to be right." default:"0.95"`
	Unstated string  `help:"Audience of documents that name none, for this trial; the gateway takes them for internal." enum:"public,internal" default:"public"`
	JSON     bool    `name:"json" help:"One JSON object per question; without it, the reasons in words."`
}

// collectEarly trades a little time for memory: building a large index leaves as much
// garbage as it keeps.
const collectEarly = 40

// Run answers {"id","subject","text"} lines in their order.
func (c kbMatchCmd) Run(std streams) error {
	if c.Target <= 0 || c.Target >= 1 {
		return fmt.Errorf("%w: --target is between 0 and 1", errUsage)
	}
	debug.SetGCPercent(collectEarly)
	docs, problems := c.load()
	for _, p := range problems {
		if p.Fatal {
			fmt.Fprintln(std.err, "tierdesk:", desk.OneLine(p.String()))
		}
	}
	for i := range docs {
		if docs[i].Audience == "" {
			docs[i].Audience = c.Unstated
		}
	}
	var examples []kb.Example
	if c.Examples != "" {
		var err error
		if examples, err = readExamples(c.Examples); err != nil {
			return err
		}
	}
	m := kb.New(docs, examples, kb.Options{Target: c.Target})
	return c.answer(m, std)
}

// matchLine is one line of the output, docs/config.md.
type matchLine struct {
	ID      json.RawMessage `json:"id"` // as it was given, a string or a number
	Matches []desk.Match    `json:"matches"`
	Answer  bool            `json:"answer"`
	Why     []string        `json:"why"`
}

func (c kbMatchCmd) answer(m *kb.Matcher, std streams) error {
	out := bufio.NewWriter(std.out)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	now := time.Now()
	err := eachLine(std.in, func(line []byte) error {
		var q struct {
			ID                  json.RawMessage
			Subject, Text, Lang string
		}
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		r := m.Match(kb.Question{Subject: q.Subject, Text: q.Text, Lang: q.Lang, Now: now})
		if c.JSON {
			return enc.Encode(matchLine{q.ID, append([]desk.Match{}, r.Matches...), r.Answer, r.Why})
		}
		return printMatch(out, strings.Trim(string(q.ID), `"`), r)
	})
	return errors.Join(err, out.Flush())
}

func printMatch(out io.Writer, id string, r kb.Result) error {
	does := "hands over"
	if r.Answer {
		does = "answers with " + r.Matches[0].Doc
	}
	fmt.Fprintf(out, "%s: %s\n", desk.OneLine(id), desk.OneLine(does))
	for _, m := range r.Matches {
		fmt.Fprintf(out, "  %4.0f %%  %s\n", 100*m.Confidence, desk.OneLine(m.Doc))
	}
	for _, w := range r.Why {
		fmt.Fprintf(out, "  - %s\n", desk.OneLine(w))
	}
	_, err := fmt.Fprintln(out)
	return err
}

func readExamples(name string) ([]kb.Example, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []kb.Example
	err = eachLine(f, func(line []byte) error {
		var e struct{ Doc, Text string }
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		out = append(out, kb.Example{Doc: e.Doc, Text: e.Text})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// maxLine bounds one line of JSON input in bytes.
const maxLine = 4 << 20

// eachLine calls fn with each line that is not blank. An error names the line.
func eachLine(in io.Reader, fn func(line []byte) error) error {
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxLine)
	n := 0
	for sc.Scan() {
		n++
		if strings.TrimSpace(sc.Text()) == "" {
			continue
		}
		if err := fn(sc.Bytes()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}
