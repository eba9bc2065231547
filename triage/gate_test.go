package triage

import (
	"strings"
	"testing"

	"tierdesk/desk"
)

func trialsOf(mode desk.Mode, verdicts string) []desk.Trial {
	var out []desk.Trial
	for i, v := range verdicts {
		out = append(out, desk.Trial{Seq: int64(i + 1), Doc: "vpn", Mode: mode, Right: v == '+'})
	}
	return out
}

func TestGateAsksForProofBothWays(t *testing.T) {
	g := Gate{Start: desk.Shadow, Precision: 0.8}
	for _, test := range []struct {
		mode     desk.Mode
		verdicts string
		want     desk.Mode
	}{
		{desk.Shadow, "", desk.Shadow},
		{desk.Shadow, "++++++", desk.Shadow},
		{desk.Shadow, "+++++++", desk.Live},
		{desk.Shadow, "++++-+++", desk.Shadow},
		{desk.Shadow, "-" + strings.Repeat("+", 14), desk.Live},
		{desk.Live, "--", desk.Live},
		{desk.Live, "---", desk.Shadow},
		{desk.Live, "+-+-+", desk.Live},
		{desk.Live, "+--+--", desk.Shadow},
		{desk.Live, strings.Repeat("-", 20) + strings.Repeat("+", 50), desk.Live}, // old ones are forgotten
	} {
		got, changed := g.Weigh(desk.Standing{Doc: "vpn", Mode: test.mode}, trialsOf(test.mode, test.verdicts), now)
		if got.Mode != test.want || changed != (test.mode != test.want) {
			t.Errorf("%s after %q: %+v, %v", test.mode, test.verdicts, got, changed)
		}
	}
}

func TestGateBeginsAnewAfterAChange(t *testing.T) {
	g := Gate{Start: desk.Shadow, Precision: 0.8}
	trials := trialsOf(desk.Shadow, "+++++++")
	live, changed := g.Weigh(desk.Standing{Doc: "vpn"}, trials, now)
	if !changed || live.Since != 7 || !strings.Contains(live.Because, "right in 7 of 7 trials: at least 81 %") {
		t.Fatalf("%+v", live)
	}
	late := append(trials, desk.Trial{Seq: 8, Mode: desk.Shadow}, desk.Trial{Seq: 9, Mode: desk.Live}, desk.Trial{Seq: 10, Mode: desk.Live})
	if got, changed := g.Weigh(live, late, now); changed {
		t.Errorf("two wrong answers and a verdict from before: %+v", got)
	}
}
