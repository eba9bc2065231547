package mailout

import (
	"errors"
	"math"
	"sync"
	"time"
)

// backoff returns how long to wait after the given number of failed attempts:
// never less than a minute, growing to an hour, and spread so that mails that
// failed together do not come back together (RFC 5321 section 4.5.4.1).
func backoff(failures int, random float64) time.Duration {
	steps := [...]time.Duration{1, 2, 5, 10, 20, 30, 60}
	d := steps[min(max(failures, 1), len(steps))-1] * time.Minute
	return d + time.Duration(random*float64(d)/4)
}

// relayCap bounds the pause of the relay as a whole: it is usually near, and its
// return should be noticed soon.
const relayCap = 5 * time.Minute

// pace holds back all mail while the relay is in trouble. After each pause one
// mail is tried; the others follow when that works.
type pace struct {
	mu       sync.Mutex
	failures int
	until    time.Time
	err      error
}

// failed starts a pause. Connections that fail together count once.
func (p *pace) failed(now time.Time, err error, random float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	if now.Before(p.until) {
		return
	}
	p.failures++
	p.until = now.Add(min(backoff(p.failures, random), relayCap))
}

func (p *pace) worked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures, p.until, p.err = 0, time.Time{}, nil
}

// room returns how many mails may be claimed.
func (p *pace) room(now time.Time, inHand int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.failures == 0:
		return math.MaxInt
	case now.Before(p.until) || inHand > 0:
		return 0
	}
	return 1
}

// paused reports whether no mail may be tried now.
func (p *pace) paused(now time.Time) bool { return now.Before(p.resume()) }

// resume returns when the pause ends.
func (p *pace) resume() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until
}

func (p *pace) trouble() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Rate is a limit of N mails in any span of time as long as Per.
type Rate struct {
	N   int
	Per time.Duration
}

// Validate reports a rate under which nothing could ever be sent.
func (r Rate) Validate() error {
	if r.N <= 0 || r.Per <= 0 {
		return errors.New("smtp: the rate needs a number and a span above zero")
	}
	return nil
}

// window counts what was sent within the rate's span. Mail in hand counts as
// sent at the present moment, since it may be at any.
type window struct {
	rate Rate
	last []time.Time // of the newest N mails, oldest first
}

func (w *window) sent(at time.Time) {
	w.last = append(w.last, at)
	if extra := len(w.last) - w.rate.N; extra > 0 {
		w.last = w.last[extra:]
	}
}

// room returns how many mails more may go out now.
func (w *window) room(now time.Time, inHand int) int {
	return w.rate.N - inHand - len(w.within(now))
}

func (w *window) within(now time.Time) []time.Time {
	for i, t := range w.last {
		if t.Add(w.rate.Per).After(now) {
			return w.last[i:]
		}
	}
	return nil
}

// next returns when the window has room again, or now when it has.
func (w *window) next(now time.Time) time.Time {
	recent := w.within(now)
	if len(recent) < w.rate.N {
		return now
	}
	return recent[0].Add(w.rate.Per)
}

// windows are limits that all hold.
type windows []window

func (ws windows) sent(at time.Time) {
	for i := range ws {
		ws[i].sent(at)
	}
}

// room returns how many mails more may go out now.
func (ws windows) room(now time.Time, inHand int) int {
	room := math.MaxInt
	for i := range ws {
		room = min(room, ws[i].room(now, inHand))
	}
	return room
}

// next returns when all windows have room again, or now when they have.
func (ws windows) next(now time.Time) time.Time {
	next := now
	for i := range ws {
		next = later(next, ws[i].next(now))
	}
	return next
}
