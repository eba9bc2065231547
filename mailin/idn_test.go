package mailin

import (
	"testing"

	"tierdesk/desk"
)

func TestDomainsAreShownAsTheDNSKnowsThem(t *testing.T) {
	for address, want := range map[string]string{
		"tess@hd.test":           "tess@hd.test",
		"Tess@HD.test":           "Tess@HD.test",
		"tess@hd.tеst":           "tess@hd.xn--tst-rdd", // a Cyrillic e
		"jürgen@bücher.test":     "jürgen@xn--bcher-kva.test",
		"jürgen@books.test":      "jürgen@books.test",
		"ann@XN--bcher-kva.test": "ann@XN--bcher-kva.test",
		"tess":                   "tess",
		"":                       "",
	} {
		in := &desk.Inbound{From: &desk.Address{Address: address}, Cc: []desk.Address{{Address: address}}}
		asciiDomains(in)
		if in.From.Address != want || in.Cc[0].Address != want {
			t.Errorf("%s: %s, %s", address, in.From.Address, in.Cc[0].Address)
		}
	}
	asciiDomains(&desk.Inbound{})
}
