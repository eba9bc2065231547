package kb

import (
	"fmt"
	"strings"
	"testing"
)

// library makes documents of some 250 words whose words are as unevenly spread as
// those of real ones, and questions about them.
func library(n int) ([]Document, []Question) {
	r := uint64(1)
	next := func(below int) int {
		r ^= r << 13
		r ^= r >> 7
		r ^= r << 17
		return int(r % uint64(below))
	}
	word := func() string {
		k := next(30000) * next(30000) / 30000 * next(30000) / 30000 // small numbers are common
		h := uint64(k+1) * 0x9e3779b97f4a7c15
		var b strings.Builder
		for i := range 4 + k%7 {
			letters := "bcdfghjklmnprstvwz"
			if (i+k)%3 == 1 {
				letters = "aeiou"
			}
			b.WriteByte(letters[h%uint64(len(letters))])
			h /= 7
		}
		return b.String()
	}
	sentence := func(words int) string {
		out := make([]string, words)
		for i := range out {
			out[i] = word()
		}
		return strings.Join(out, " ")
	}
	docs := make([]Document, n)
	var questions []Question
	for i := range docs {
		var text []string
		for range 20 {
			text = append(text, sentence(12)+".")
		}
		body := strings.Join(text, " ")
		docs[i] = Document{
			ID: fmt.Sprint("doc", i), Title: sentence(5), Audience: Public, source: body,
		}
		if i%max(1, n/50) == 0 {
			questions = append(questions, Question{Text: text[next(20)] + " " + sentence(6)})
		}
	}
	return docs, questions
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n, "docs"), func(b *testing.B) {
			docs, questions := library(n)
			m := New(docs, nil, Options{})
			b.ResetTimer()
			for i := range b.N {
				m.Match(questions[i%len(questions)])
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n, "docs"), func(b *testing.B) {
			docs, _ := library(n)
			b.ResetTimer()
			for range b.N {
				New(docs, nil, Options{})
			}
		})
	}
}
