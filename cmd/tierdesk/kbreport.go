package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/store"
	"tierdesk/triage"
	"tierdesk/triage/kb"
)

type kbReportCmd struct {
	Since duration `help:"How far to look back." default:"90d"`
	JSON  bool     `name:"json" help:"One JSON object per document and per gap."`
}

// Run prints what became of each document, and the questions that none answers.
func (c kbReportCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(cfg *config, s *store.Store) error {
		now := time.Now()
		r, err := readKBReport(ctx, cfg, s, now.Add(-time.Duration(c.Since)), now)
		if err != nil {
			return err
		}
		if c.JSON {
			return r.json(std.out)
		}
		return r.print(std.out)
	})
}

// kbReport is what L1's documents did, and what they lack.
type kbReport struct {
	from, to   time.Time
	titles     map[string]string
	figures    []triage.DocumentFigures
	l1, before triage.Deflection // of the period, and of as long a one before
	gaps       []gap
	standings  []desk.Standing
}

// gap is questions that no document answers, with what they cost.
type gap struct {
	number  int
	terms   []string
	lessons []desk.Lesson // the most typical first
	effort  time.Duration // of people, as far as it is known
}

func readKBReport(ctx context.Context, cfg *config, s *store.Store, from, to time.Time) (*kbReport, error) {
	r := &kbReport{from: from, to: to, titles: map[string]string{}}
	earlier := from.Add(from.Sub(to))
	events, err := s.EventsBetween(ctx, earlier, to, triage.ReportEvents()...)
	if err != nil {
		return nil, err
	}
	r.l1, r.before = triage.Deflect(events, from, to), triage.Deflect(events, earlier, from)
	trials, err := s.Trials(ctx)
	if err != nil {
		return nil, err
	}
	trials = slices.DeleteFunc(trials, func(t desk.Trial) bool { return t.At.Before(from) })
	events = slices.DeleteFunc(events, func(e desk.Event) bool { return e.At.Before(from) })
	if r.standings, err = s.Standings(ctx); err != nil {
		return nil, err
	}
	var ids []string
	if cfg.KB.Dir != "" {
		docs, _ := kb.Load(os.DirFS(cfg.path(cfg.KB.Dir)))
		for _, d := range docs {
			ids = append(ids, d.ID)
			r.titles[d.ID] = d.Title
		}
	}
	r.figures = triage.Report(ids, events, trials, r.modes(desk.Mode(cfg.KB.NewDocuments)))
	r.gaps, err = readGaps(ctx, s, from)
	return r, err
}

// modes returns the mode of a document: what its trials gave it, or the one that
// documents begin with.
func (r *kbReport) modes(start desk.Mode) func(string) desk.Mode {
	return func(doc string) desk.Mode {
		for _, st := range r.standings {
			if st.Doc == doc {
				return st.Mode
			}
		}
		return start
	}
}

// readGaps groups the tickets that were solved without a document since a time.
func readGaps(ctx context.Context, s *store.Store, since time.Time) ([]gap, error) {
	lessons, err := s.Lessons(ctx, since, maxLessons)
	if err != nil {
		return nil, err
	}
	lessons = slices.DeleteFunc(lessons, func(l desk.Lesson) bool { return l.Doc != "" })
	questions := make([]string, len(lessons))
	for i, l := range lessons {
		questions[i] = l.Text
	}
	var gaps []gap
	for i, g := range kb.Gaps(questions) {
		out := gap{number: i + 1, terms: g.Terms}
		for _, q := range g.Questions {
			out.lessons = append(out.lessons, lessons[q])
			log, err := s.TicketEvents(ctx, lessons[q].Ticket)
			if err != nil {
				return nil, err
			}
			out.effort += triage.Effort(log)
		}
		gaps = append(gaps, out)
	}
	return gaps, nil
}

func (r *kbReport) print(w io.Writer) error {
	fmt.Fprintf(w, "Since %s: %d tickets, L1 answered %d and solved %d alone (%.0f %%; %.0f %% in as long a time before).\n\n",
		r.from.Format(time.DateOnly), r.l1.Opened, r.l1.Answered, r.l1.Solved, 100*r.l1.Share(), 100*r.before.Share())
	t := newTable(w, "DOCUMENT", "MODE", "SENT", "HELPED", "NOT", "ON TRIAL", "TITLE")
	var unmatched []string
	for _, f := range r.figures {
		trial := "-"
		if n := f.ShadowRight + f.ShadowWrong; n > 0 {
			trial = fmt.Sprintf("%d of %d right", f.ShadowRight, n)
		}
		t.row(f.Doc, f.Mode, f.Sent, f.Helped, f.NotHelped, trial, r.titles[f.Doc])
		if f.Nearest == 0 && f.Sent == 0 {
			unmatched = append(unmatched, f.Doc)
		}
	}
	if err := t.w.Flush(); err != nil {
		return err
	}
	for _, st := range r.standings {
		fmt.Fprintf(w, "\n%s is %s since %s: %s\n", desk.OneLine(st.Doc), st.Mode, st.At.Format(time.DateOnly), st.Because)
	}
	if len(unmatched) > 0 {
		fmt.Fprintf(w, "\nNever the nearest to any mail: %s\n", desk.OneLine(strings.Join(unmatched, ", ")))
	}
	if len(r.gaps) == 0 {
		_, err := fmt.Fprintln(w, "\nNo gaps: no questions that are alike were solved without a document.")
		return err
	}
	fmt.Fprintln(w, "\nSolved without a document (tierdesk kb draft N writes a first version of one):")
	t = newTable(w, "N", "TICKETS", "TIME", "ABOUT", "FOR EXAMPLE")
	for _, g := range r.gaps {
		first, _, _ := strings.Cut(g.lessons[0].Text, "\n")
		t.row(g.number, len(g.lessons), g.effort.Round(time.Minute), strings.Join(g.terms, " "), first)
	}
	return t.w.Flush()
}

func (r *kbReport) json(w io.Writer) error {
	type document struct {
		Doc         string `json:"doc"`
		Title       string `json:"title"`
		Mode        string `json:"mode"`
		Sent        int    `json:"sent"`
		Helped      int    `json:"helped"`
		NotHelped   int    `json:"not_helped"`
		ShadowRight int    `json:"shadow_right"`
		ShadowWrong int    `json:"shadow_wrong"`
		Nearest     int    `json:"nearest"`
	}
	type gapLine struct {
		Gap     int      `json:"gap"`
		Count   int      `json:"count"`
		Minutes int      `json:"minutes"`
		Terms   []string `json:"terms"`
		Tickets []string `json:"tickets"`
	}
	enc := json.NewEncoder(w)
	for _, f := range r.figures {
		if err := enc.Encode(document{f.Doc, r.titles[f.Doc], string(f.Mode), f.Sent, f.Helped, f.NotHelped, f.ShadowRight, f.ShadowWrong, f.Nearest}); err != nil {
			return err
		}
	}
	for _, g := range r.gaps {
		line := gapLine{Gap: g.number, Count: len(g.lessons), Minutes: int(g.effort.Minutes()), Terms: g.terms}
		for _, l := range g.lessons {
			line.Tickets = append(line.Tickets, desk.Number(l.Ticket))
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

type kbDraftCmd struct {
	N     int      `arg:"" help:"Number of the gap in tierdesk kb report."`
	Since duration `help:"As for the report." default:"90d"`
	Write bool     `help:"Write it into the folder of the documents, where it is internal until you say otherwise."`
}

// Run prints a first version of the document that a gap asks for.
func (c kbDraftCmd) Run(ctx context.Context, cli *commands, std streams) error {
	return withStore(ctx, cli, func(cfg *config, s *store.Store) error {
		gaps, err := readGaps(ctx, s, time.Now().Add(-time.Duration(c.Since)))
		if err != nil {
			return err
		}
		if c.N < 1 || c.N > len(gaps) {
			return fmt.Errorf("%w: there are %d gaps", errUsage, len(gaps))
		}
		id, page, err := draftDocument(ctx, s, &gaps[c.N-1])
		if err != nil || !c.Write {
			fmt.Fprint(std.out, page)
			return err
		}
		if cfg.KB.Dir == "" {
			return fmt.Errorf("%w: [kb] dir is not set", errUsage)
		}
		file := filepath.Join(cfg.path(cfg.KB.Dir), id+".md")
		if err := writeNew(file, []byte(page)); err != nil {
			return err
		}
		_, err = fmt.Fprintln(std.out, file)
		return err
	})
}
