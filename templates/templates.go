// Package templates holds every text that a person reads, by mail or on a page.
//
// The structure of each text stands in one file per format (answer.txt,
// answer.html), the words in one file per language (lang/en.txt). All files are
// embedded; a file of the same relative path in the operator's folder replaces
// the embedded one, and a language file replaces only the phrases that it
// defines. A new file in lang adds a language; what it lacks is said in English.
//
// A template formats and nothing else: it sees the value it is given and the
// functions of this package. What to say to whom, and which values a template
// may see, is decided by the caller.
package templates

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	texttemplate "text/template"
)

// Delimiter starts the line above which a reply is written, in every language.
// Who reads a reply cuts it at a line that contains Delimiter.
const Delimiter = "##-"

// fallback is the language that has every phrase.
const fallback = "en"

//go:embed *.txt *.html lang/*.txt
var embedded embed.FS

// Set is a checked set of templates in all languages. It is read-only and safe
// for concurrent use.
type Set struct {
	languages map[string]*language
}

// language is everything that is said in one language.
type language struct {
	phrases *texttemplate.Template
	text    *texttemplate.Template
	html    *htmltemplate.Template
	dates   dates
}

// Load reads the embedded templates and those of the operator's folder dir (""
// for none), and executes each with the sample, which should have every field
// filled. The error joins all problems, each with its file and line.
func Load(dir string, sample any) (*Set, error) {
	over := fs.FS(nil)
	if dir != "" {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		over = os.DirFS(dir)
	}
	l := loader{dir: dir, over: over, seen: map[string]bool{}}
	set := &Set{languages: map[string]*language{}}
	structure, codes := l.files()
	for _, code := range codes {
		set.languages[code] = l.language(code, structure)
	}
	if len(l.problems) == 0 {
		l.try(set, structure, sample)
	}
	return set, errors.Join(l.problems...)
}

// Render executes the template of the given name as text and as HTML. A language
// like "de-AT" stands for "de"; an unknown one for English.
func (s *Set) Render(name, lang string, data any) (text, html string, err error) {
	code, _, _ := strings.Cut(strings.ToLower(lang), "-")
	l := s.languages[code]
	if l == nil {
		l = s.languages[fallback]
	}
	var b bytes.Buffer
	if err := l.text.ExecuteTemplate(&b, name+".txt", data); err != nil {
		return "", "", err
	}
	text = b.String()
	b.Reset()
	if err := l.html.ExecuteTemplate(&b, name+".html", data); err != nil {
		return "", "", err
	}
	return text, b.String(), nil
}

// Languages returns the codes of the languages that there are, sorted.
func (s *Set) Languages() []string { return slices.Sorted(maps.Keys(s.languages)) }

// loader reads template files and collects what is wrong with them.
type loader struct {
	dir      string
	over     fs.FS // the operator's files, or nil
	problems []error
	seen     map[string]bool // problems told, since a file is parsed once per language
}

func (l *loader) problem(file string, err error) {
	if l.seen[err.Error()] {
		return
	}
	l.seen[err.Error()] = true
	l.problems = append(l.problems, fmt.Errorf("%s: %w", path.Join(l.dir, file), err))
}

// files lists the structure files and the language codes. A file of the operator
// that nothing would use is a problem: it is most likely a misspelt name.
func (l *loader) files() (structure, codes []string) {
	structure, _ = fs.Glob(embedded, "*.*")
	languages, _ := fs.Glob(embedded, "lang/*.txt")
	if l.over != nil {
		err := fs.WalkDir(l.over, ".", func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() || slices.Contains(structure, p) || strings.HasPrefix(d.Name(), "."):
			case path.Dir(p) == "lang" && path.Ext(p) == ".txt":
				languages = append(languages, p)
			default:
				l.problem(p, errors.New("there is no such template"))
			}
			return nil
		})
		if err != nil {
			l.problem("", err)
		}
	}
	for _, p := range languages {
		codes = append(codes, strings.TrimSuffix(path.Base(p), ".txt"))
	}
	slices.Sort(codes)
	return structure, slices.Compact(codes)
}

// read returns a structure file: the operator's, or else the embedded one.
func (l *loader) read(file string) string {
	if l.over != nil {
		b, err := fs.ReadFile(l.over, file)
		if err == nil {
			return string(b)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			l.problem(file, err)
		}
	}
	b, err := embedded.ReadFile(file)
	if err != nil {
		l.problem(file, err)
	}
	return string(b)
}

func (l *loader) language(code string, structure []string) *language {
	lang := &language{phrases: texttemplate.New("phrases").Option("missingkey=error")}
	lang.phrases.Funcs(lang.formatting())
	l.phrases(lang, fallback)
	if code != fallback {
		l.phrases(lang, code)
	}
	if err := lang.readDates(); err != nil {
		l.problem("lang/"+code+".txt", err)
		return lang
	}
	lang.text = texttemplate.New("text").Option("missingkey=error").Funcs(lang.functions())
	lang.html = htmltemplate.New("html").Option("missingkey=error").Funcs(lang.functions())
	for _, file := range structure {
		var err error
		if path.Ext(file) == ".html" {
			_, err = lang.html.New(file).Parse(l.read(file))
		} else {
			_, err = lang.text.New(file).Parse(l.read(file))
		}
		if err != nil {
			l.problem(file, err)
		}
	}
	return lang
}

// phrases adds the phrases of a language, first the embedded ones and then the
// operator's, so that each later one replaces its namesake only.
func (l *loader) phrases(lang *language, code string) {
	file := "lang/" + code + ".txt"
	for _, from := range []fs.FS{embedded, l.over} {
		if from == nil {
			continue
		}
		b, err := fs.ReadFile(from, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			_, err = lang.phrases.New(file).Parse(string(b))
		}
		if err != nil {
			l.problem(file, err)
		}
	}
}

// try executes every template in every language.
func (l *loader) try(set *Set, structure []string, sample any) {
	for _, code := range set.Languages() {
		for _, file := range structure {
			name, isText := strings.CutSuffix(file, ".txt")
			if !isText || name == "layout" {
				continue
			}
			if _, _, err := set.Render(name, code, sample); err != nil {
				l.problem("", err)
			}
		}
	}
}
