package parse

import "testing"

// An author is the addr-spec of the mailbox: what stands in a comment, a display name or
// a source route is none, whatever it looks like.
func TestOnlyTheMailboxIsAnAddress(t *testing.T) {
	for _, value := range []string{
		"mallory@evil.test",
		"mallory@evil.test (tess@hd.test)",
		"(tess@hd.test) mallory@evil.test",
		"(Tess <tess@hd.test>) mallory@evil.test (tess@hd.test)",
		"(Tess <tess@hd.test>) <mallory@evil.test>",
		"mallory@evil.test (Tess (<tess@hd.test>))",
		"<mallory@evil.test> (Tess <tess@hd.test>)",
		`"Tess <tess@hd.test>" <mallory@evil.test>`,
		`"tess@hd.test" <mallory@evil.test>`,
		"tess@hd.test <mallory@evil.test>",
		"Tess <@hd.test,@tess:mallory@evil.test>",
	} {
		if got := parseAddresses(value, ""); len(got) != 1 || got[0].Address != "mallory@evil.test" {
			t.Errorf("%s: %+v", value, got)
		}
	}
}
