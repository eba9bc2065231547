package triage

import (
	"fmt"
	"math"
	"time"

	"tierdesk/desk"
)

// Gate decides which documents L1 answers with by itself. A document goes live when
// even the lower bound of its precision is high enough, and back on trial when even
// the upper bound is too low; in between it stays what it is.
type Gate struct {
	Start     desk.Mode // of a document without trials
	Precision float64   // the share of right answers that is asked for
}

const (
	// leastToLive and leastToShadow are how many trials a change takes.
	leastToLive   = 5
	leastToShadow = 3
	// trialWindow is how many of the newest trials count.
	trialWindow = 50
	// trialZ is how many standard errors the bounds lie off: one side, 90 %.
	trialZ = 1.2816
)

// Weigh returns the standing of a document after the trials that came since its
// present one, and whether its mode changed. Only trials of the present mode count.
func (g Gate) Weigh(present desk.Standing, trials []desk.Trial, now time.Time) (desk.Standing, bool) {
	if present.Mode == "" {
		present.Mode = g.Start
	}
	n, right, newest := 0, 0, present.Since
	for i := len(trials) - 1; i >= 0 && n < trialWindow; i-- {
		if t := &trials[i]; t.Mode == present.Mode && t.Seq > present.Since {
			n++
			newest = max(newest, t.Seq)
			if t.Right {
				right++
			}
		}
	}
	low, high := wilson(right, n)
	switch {
	case present.Mode == desk.Shadow && n >= leastToLive && low >= g.Precision:
		present.Mode = desk.Live
		present.Because = fmt.Sprintf("right in %d of %d trials: at least %.0f %% (Wilson, 90 %%), %.0f %% is asked for", right, n, 100*low, 100*g.Precision)
	case present.Mode == desk.Live && n >= leastToShadow && high < g.Precision:
		present.Mode = desk.Shadow
		present.Because = fmt.Sprintf("right in %d of %d trials: at most %.0f %% (Wilson, 90 %%), %.0f %% is asked for", right, n, 100*high, 100*g.Precision)
	default:
		return present, false
	}
	present.Since, present.At = newest, now
	return present, true
}

// wilson returns the bounds of a share of which so many trials are known (Wilson's
// score interval).
func wilson(right, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = trialZ
	m := float64(n)
	p := float64(right) / m
	middle := p + z*z/(2*m)
	spread := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return (middle - spread) / (1 + z*z/m), (middle + spread) / (1 + z*z/m)
}
