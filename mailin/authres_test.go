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
		"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=cust.test; dkim=none;dmarc=pass action=none header.from=cust.test;compauth=pass reason=100",
		"mx 2; dkim=pass", "a=b c", "=;", "/1=x", "mx@x; dkim/2=pass",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		r, ok := parseAuthResults(field)
		if !ok {
			return
		}
		if len(r.results) > maxAuthResults || r.id == "" && len(r.results) == 0 {
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
		insideMicrosoft(field)
	})
}

// The examples of RFC 8601, appendix B, and what it asks of a reader.
func TestAuthenticationResultsByTheRFC(t *testing.T) {
	for field, want := range map[string]string{
		"example.org 1; none":                             "example.org",
		"example.com; spf=pass smtp.mailfrom=example.net": "example.com: spf=pass",
		"example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net":                                                                                                         "example.com: auth=pass spf=pass",
		"example.com; dkim=pass (good signature) header.d=mail-router.example.net; dkim=fail (bad signature) header.d=newyork.example.com":                                                                           "example.com: dkim=pass dkim=fail",
		"foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462": "foo.example.net: dkim=fail",
		`"mx.hd.test"; dkim=pass`:              "mx.hd.test: dkim=pass",
		"mx.hd.test":                           "mx.hd.test",
		"dkim=pass header.d=a.test":            ": dkim=pass",
		" (c) dkim = pass; spf=none":           ": dkim=pass spf=none",
		"mx.hd.test; dkim/2=pass; dkim/1=fail": "mx.hd.test: dkim=fail",
		// Refused.
		"mx.hd.test 2; dkim=pass":       "refused",
		"mx.hd.test and; dkim=pass":     "refused",
		"support@mx.hd.test; dkim=pass": "refused",
		"mx.hd.test/1; dkim=pass":       "refused",
		"":                              "refused",
		"; dkim=pass":                   "refused",
		"(mx.hd.test); dkim=pass":       "refused",
	} {
		got := "refused"
		if r, ok := parseAuthResults(field); ok {
			got = r.id
			for i, res := range r.results {
				got += map[bool]string{true: ":"}[i == 0] + " " + res.method + "=" + res.result
			}
		}
		if got != want {
			t.Errorf("%s\n\tread as %q, expected %q", field, got, want)
		}
	}
}
