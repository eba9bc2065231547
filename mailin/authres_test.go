package mailin

import (
	"strings"
	"testing"
)

func FuzzAuthResults(f *testing.F) {
	for _, seed := range []string{
		"mx.hd.test; dmarc=pass header.from=cust.test",
		"mx.hd.test 1; none",
		"(c (d) \\) e) mx.hd.test; dkim / 1 = pass (x) header . d = \"a b\"@cust.test reason=\"q\\\"\"; spf=fail",
		"mx; a=b c=d;; =; ; (", "\"", "mx;dkim=pass header.b=a=b==;)x", "mx; a/", "mx;a.=b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		r, ok := parseAuthResults(field)
		if !ok {
			return
		}
		if len(r.results) > maxAuthResults || r.id == "" {
			t.Fatalf("out of bounds: %d results of %q", len(r.results), r.id)
		}
		for _, res := range r.results {
			if res.method == "" && res.result == "" || strings.ContainsAny(res.method+res.result, "()\"; ") {
				t.Fatalf("method %q with result %q", res.method, res.result)
			}
		}
		// What stands in a comment changes nothing.
		again, ok := parseAuthResults("(x; dmarc=pass (y) header.from=bank.test) " + field + " (; dmarc=pass)")
		if !ok || again.id != r.id || len(again.results) != len(r.results) {
			t.Fatalf("a comment changes %+v to %+v", r, again)
		}
		localDelivery(field)
	})
}
