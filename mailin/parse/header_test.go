package parse

import (
	"fmt"
	"strings"
	"testing"
)

// Ten thousand recipients cost the fields after them nothing, and none of them is cut
// into an address that was not there.
func TestLongFieldsHideNoOthers(t *testing.T) {
	var to strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&to, "person.number.%d@customer.example,\r\n\t", i)
	}
	for name, before := range map[string]string{
		"one long field":   "To: " + to.String() + "last@customer.example\r\n",
		"many long fields": strings.Repeat("X-Long: "+strings.Repeat("long ", 20_000)+"\r\n", 12) + "To: " + to.String() + "last@customer.example\r\n",
	} {
		in := Mail([]byte(before+"From: ann@customer.example\r\nSubject: Ten thousand\r\nMessage-ID: <m@customer.example>\r\n"+
			"Auto-Submitted: auto-generated\r\n\r\nHello"), Options{})
		if in.From == nil || in.From.Address != "ann@customer.example" || in.Subject != "Ten thousand" || in.MessageID != "m@customer.example" || in.Answerable {
			t.Errorf("%s: %+v %q <%s> answerable %v", name, in.From, in.Subject, in.MessageID, in.Answerable)
		}
		for _, a := range in.To {
			if !strings.HasSuffix(a.Address, "@customer.example") {
				t.Errorf("%s: %q was never written to", name, a.Address)
			}
		}
		if len(in.Warnings) == 0 {
			t.Errorf("%s: no warning", name)
		}
	}
}
