package main

import (
	"slices"
	"testing"
	"time"

	"tierdesk/desk"
	"tierdesk/mailout"
)

// Mail that gains most by being proven waits for DNS.
func TestWhoseMailWaitsForDNS(t *testing.T) {
	c := config{}
	d := &desk.Desk{Tag: "ACME", Technicians: []desk.Technician{{Name: "Tess", Addresses: []string{"tess@hd.test"}}}}
	for _, mail := range []struct {
		from, subject string
		want          bool
	}{
		{"alice@customer.test", "Lamp", false},
		{"alice@customer.test", "Re: [ACME #" + desk.Number(1) + "] Lamp", true},
		{"alice@customer.test", "Re: [OTHER #" + desk.Number(1) + "] Lamp", false},
		{"Tess@hd.test", "Lamp", true},
	} {
		in := &desk.Inbound{From: &desk.Address{Address: mail.from}, Subject: mail.subject}
		if got := c.authenticator(d).Needs(in); got != mail.want {
			t.Errorf("%s, %q: %v", mail.from, mail.subject, got)
		}
	}
	d.TrustedAuthserv = []string{"mx.hd.test"}
	if c.authenticator(d).Verify {
		t.Error("DNS is asked about all mail beside a trusted server")
	}
}

func TestMicrosoftsLimitsAreKept(t *testing.T) {
	c := &config{}
	if rates, connections, err := c.pace(); len(rates) > 0 || connections != 0 || err != nil {
		t.Errorf("%v, %d, %v", rates, connections, err)
	}
	c.SMTP.OAuth2, c.SMTP.Rate = &oauthConfig{Provider: "microsoft"}, "5/min"
	want := []mailout.Rate{{N: 30, Per: time.Minute}, {N: 10_000, Per: 24 * time.Hour}, {N: 5, Per: time.Minute}}
	if rates, connections, err := c.pace(); !slices.Equal(rates, want) || connections != 3 || err != nil {
		t.Errorf("%v, %d, %v", rates, connections, err)
	}
}
