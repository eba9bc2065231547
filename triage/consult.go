package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/triage/kb"
)

// Limits of what a technician is shown of the documents.
const (
	maxPassages = 3
	maxPassage  = 900 // bytes of one
	// leastSure is how sure it must be that a document is about the question. A
	// technician sees at a glance what is not, so it is little.
	leastSure = 0.3
	// leastScore is the part of the best document's score that a further one needs:
	// the confidence of all but the best is next to nothing.
	leastScore = 0.5
	// leastShared is how many telling words question and document must share.
	leastShared = 2
)

// Consult returns what the documents say about a question that went to people, the
// internal ones and those that are no longer valid for customers too. It is for
// technicians only.
func Consult(l Library, q desk.Question, now time.Time) []desk.Passage {
	result := l.Match(kb.Question{Subject: q.Subject, Text: q.Text, Lang: q.Language, Now: now})
	asked := kb.Terms(q.Subject + "\n" + kb.Said(q.Text))
	var out []desk.Passage
	for _, m := range result.Matches {
		doc, ok := l.Document(m.Doc)
		best := result.Matches[0].Score
		if !ok || m.Confidence < leastSure && (best <= 0 || m.Score < leastScore*best) || shared(asked, about(&doc)) < leastShared {
			continue
		}
		out = append(out, desk.Passage{Doc: doc.ID, Title: doc.Title, Internal: doc.Audience != kb.Public, Text: passage(&doc, asked)})
		if len(out) == maxPassages {
			break
		}
	}
	return out
}

// about is all that a document says of itself.
func about(doc *kb.Document) string {
	return strings.Join(slices.Concat([]string{doc.Title}, doc.Keywords, doc.Symptoms, []string{doc.Text()}), "\n")
}

// shared counts the telling words of a question that a text has as well.
func shared(asked map[string]string, text string) int {
	n := 0
	for stem := range kb.Terms(text) {
		if asked[stem] != "" {
			n++
		}
	}
	return n
}

// passage returns the section of a document that shares the most words with a
// question, the first of equal ones.
func passage(doc *kb.Document, asked map[string]string) string {
	best, most := "", -1
	for _, s := range doc.Sections() {
		text := strings.TrimSpace(s.Text)
		if text == "" {
			continue
		}
		if n := shared(asked, s.Heading+"\n"+text); n > most {
			most, best = n, text
			if s.Heading != "" && s.Heading != doc.Title {
				best = s.Heading + "\n" + text
			}
		}
	}
	best = cmp.Or(best, strings.TrimSpace(doc.Text()))
	if len(best) <= maxPassage {
		return best
	}
	best = strings.ToValidUTF8(best[:maxPassage], "")
	if i := strings.LastIndexAny(best, " \n"); i > 0 {
		best = best[:i]
	}
	return best + " …"
}
