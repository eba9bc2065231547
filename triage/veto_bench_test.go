package triage

import (
	"strings"
	"testing"
)

func BenchmarkSensitive(b *testing.B) {
	text := strings.Repeat("Guten Tag, seit heute morgen zeigt der Drucker im zweiten Stock nur noch Fehler 49 an.\n", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		sensitive(text)
	}
}
