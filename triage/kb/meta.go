package kb

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tierdesk/desk"
)

// meta is the front matter of one file, and what is wrong with it.
type meta struct {
	file     string
	source   []byte
	fields   map[string]any
	problems []Problem
}

func (m *meta) problem(key, format string, args ...any) {
	m.problems = append(m.problems, Problem{File: m.file, Line: keyLine(m.source, key), Text: fmt.Sprintf(format, args...)})
}

// normalKey makes "Valid until", "valid-until" and "valid_until" the same.
func normalKey(k string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(k)))
}

// fill puts the fields into the document and reports those that it cannot use.
func (m *meta) fill(d *Document) {
	keys := make([]string, 0, len(m.fields))
	for k := range m.fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		m.field(d, normalKey(k), m.fields[k])
	}
	if d.Audience == "" {
		m.problem("audience", "no audience: counts as internal, never mailed to customers")
	}
}

func (m *meta) field(d *Document, key string, v any) {
	switch key {
	case "id":
		d.ID = m.text(key, v, maxID)
	case "title":
		d.Title = m.text(key, v, maxTitle)
	case "lang", "language":
		d.Lang = strings.ToLower(m.text(key, v, 20))
	case "audience":
		d.Audience = m.audience(key, v)
	case "tier":
		d.Tier = m.tier(key, v)
	case "keywords", "tags":
		d.Keywords = m.list(key, v, true)
	case "symptoms":
		d.Symptoms = m.list(key, v, false)
	case "category":
		d.Category = m.text(key, v, maxPhrase)
	case "valid_until":
		d.ValidUntil = m.date(key, v)
	default:
		m.problem(key, "unknown key %q", desk.OneLine(key))
	}
}

func (m *meta) text(key string, v any, limit int) string {
	switch v.(type) {
	case nil:
		return ""
	case map[string]any, []any, []map[string]any:
		m.problem(key, "%s is not a text", key)
		return ""
	}
	s := desk.OneLine(strings.ToValidUTF8(fmt.Sprint(v), ""))
	if len(s) > limit {
		m.problem(key, "%s is longer than %d bytes and was cut", key, limit)
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}

func (m *meta) audience(key string, v any) string {
	switch s := strings.ToLower(m.text(key, v, 20)); s {
	case Public, Internal, "":
		return s
	default:
		m.problem(key, "audience is public or internal, not %q; counts as internal", s)
		return Internal
	}
}

func (m *meta) tier(key string, v any) int {
	s := strings.TrimPrefix(strings.ToUpper(m.text(key, v, 20)), "L")
	if len(s) == 1 && desk.Level(s[0]-'0').Valid() {
		return int(s[0] - '0')
	}
	m.problem(key, "tier is 1 to 4, not %q", s)
	return 0
}

// list reads a list of texts; where commas is true, one text with commas will do.
func (m *meta) list(key string, v any, commas bool) []string {
	var items []any
	switch v := v.(type) {
	case []any:
		items = v
	case string:
		parts := []string{v}
		if commas {
			parts = strings.Split(v, ",")
		}
		for _, p := range parts {
			items = append(items, p)
		}
	case nil:
	default:
		m.problem(key, "%s is not a list", key)
	}
	if len(items) > maxList {
		m.problem(key, "%s has %d entries; the first %d count", key, len(items), maxList)
		items = items[:maxList]
	}
	var out []string
	for _, it := range items {
		if s := m.text(key, it, maxPhrase); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (m *meta) date(key string, v any) time.Time {
	if t, ok := v.(time.Time); ok {
		return endOfDay(t)
	}
	s := m.text(key, v, 40)
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return endOfDay(t)
		}
	}
	m.problem(key, "%s is a date like 2027-12-31, not %q; the document is not answered with", key, s)
	return time.Unix(0, 0).UTC()
}
