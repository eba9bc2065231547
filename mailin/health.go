package mailin

import (
	"sync"
	"time"
)

// Health is what is known about a mailbox at one instant.
type Health struct {
	Mailbox     string
	Connected   bool
	LastSuccess time.Time // last time everything in the mailbox was kept
	LastError   string    // "" when the last thing tried worked
	Failures    int       // connections that failed since the last success
	Unmoved     string    // why settled mail could not be moved away, or ""
	// CertificateEnds is when the server's certificate of the newest connection does;
	// zero before the first, and without TLS.
	CertificateEnds time.Time
}

// healthRecord is the Health that a Fetcher writes and others read.
type healthRecord struct {
	mu sync.Mutex
	h  Health
}

func (r *healthRecord) snapshot() Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.h
}

func (r *healthRecord) connected(certificateEnds time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.h.Connected, r.h.CertificateEnds = true, certificateEnds
}

func (r *healthRecord) disconnected() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.h.Connected = false
}

func (r *healthRecord) success(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.h.LastSuccess, r.h.LastError, r.h.Failures = now, "", 0
}

func (r *healthRecord) failure(err error) (failures int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.h.LastError = err.Error()
	r.h.Failures++
	return r.h.Failures
}

func (r *healthRecord) unmoved(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.h.Unmoved = reason
}
