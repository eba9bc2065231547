package triage

import (
	"regexp"
	"strings"
	"testing"

	"tierdesk/desk"
)

func when(field Field, pattern string) Condition {
	return Condition{Field: field, Pattern: regexp.MustCompile(pattern)}
}

func TestConditionsLookAtTheirField(t *testing.T) {
	in := aMail("carol@customer.test")
	in.From.Name, in.Subject, in.Reply, in.Quoted, in.Mailbox = "Carol", "the subject", "the body", "the quote", "sales"
	in.Cc = []desk.Address{{Address: "boss@customer.test"}}
	for _, c := range []struct {
		condition Condition
		hit       string // "" for none
	}{
		{when(FieldSubject, "subj.*"), "subject"},
		{when(FieldSubject, "body"), ""},
		{when(FieldBody, "body"), "body"},
		{when(FieldBody, "subject|quote"), ""},
		{when(FieldSubjectOrBody, "body"), "body"},
		{when(FieldSubjectOrBody, "quote"), ""},
		{when(FieldFrom, "^carol@"), "carol@"},
		{when(FieldFrom, "^Carol$"), "Carol"},
		{when(FieldTo, "^support@"), "support@"},
		{when(FieldTo, "^boss@"), "boss@"},
		{when(FieldMailbox, "^sales$"), "sales"},
		{when(FieldMailbox, "support"), ""},
	} {
		hit, ok := c.condition.matches(in)
		if ok != (c.hit != "") || hit != c.hit {
			t.Errorf("%s =~ %s: %q, %v", c.condition.Field, c.condition.Pattern, hit, ok)
		}
	}
}

func TestFirstRuleThatSetsAPropertyDecidesIt(t *testing.T) {
	rules := []Rule{
		{Name: "never", When: []Condition{when(FieldSubject, "nothing")}, Set: Properties{Category: "x", Tier: desk.L4, Priority: desk.P4}},
		{Name: "vip", When: []Condition{when(FieldFrom, "^carol@")}, Set: Properties{Priority: desk.P1}},
		{Name: "network", When: []Condition{when(FieldSubject, "vpn"), when(FieldBody, "error")}, Set: Properties{Category: "network", Tier: desk.L2, Priority: desk.P2}},
		{Name: "late", When: []Condition{when(FieldSubject, "vpn")}, Set: Properties{Category: "other", Tier: desk.L3}},
	}
	in := aMail("carol@customer.test")
	in.Subject, in.Reply = "vpn", "an error"
	p, because, trace := classify(rules, in)
	if p != (Properties{Category: "network", Tier: desk.L2, Priority: desk.P1}) {
		t.Errorf("%+v", p)
	}
	if because != `rule "vip" matched "carol@" in from; rule "network" matched "vpn" in subject matched "error" in body` {
		t.Error(because)
	}
	if len(trace) != len(rules) || !strings.Contains(trace[0], `"never": subject does not match`) {
		t.Error(trace)
	}

	in.Reply = "please" // one of two conditions is not enough
	if p, _, _ = classify(rules, in); p != (Properties{Category: "other", Tier: desk.L3, Priority: desk.P1}) {
		t.Errorf("%+v", p)
	}
}

func TestWithoutARuleTheDefaultsHold(t *testing.T) {
	p, because, _ := classify(nil, aMail("bob@customer.test"))
	if p != (Properties{Category: "general", Tier: desk.L1, Priority: desk.P3}) || because != "no rule matched" {
		t.Errorf("%+v, %s", p, because)
	}
}

// What matched stands in a log and in mail: on one line, and not much of it.
func TestReasonsAreShortAndOnOneLine(t *testing.T) {
	in := aMail("bob@customer.test")
	in.Reply = "x\r\nBcc: all\u2028" + strings.Repeat("y", 500)
	_, because, _ := classify([]Rule{{Name: "all", When: []Condition{when(FieldBody, "(?s).*")}, Set: Properties{Category: "c"}}}, in)
	if strings.ContainsAny(because, "\r\n\u2028") || len(because) > 120 {
		t.Errorf("%q", because)
	}
}
