package main

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"tierdesk/desk"
)

// TestBrokenMailboxesDelayNobody: beside a mailbox whose password is wrong, one
// whose server is gone, and one whose server says nothing, the mail of a good one
// is taken in and answered at once.
func TestBrokenMailboxesDelayNobody(t *testing.T) {
	t.Parallel() // it mostly waits
	const atOnce = 5 * time.Second
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.startDovecot("anna", "l2", "wrong")
	s.startPostfix()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connections are made, and nobody speaks
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	s.addMailbox("wrong", s.dovecot.IMAPS, "secrets/wrong")
	s.addMailbox("gone", "127.0.0.1:1", "secrets/mail")
	s.addMailbox("silent", silent.Addr().String(), "secrets/mail")
	s.configure()
	g := s.serve()
	troubles := func() map[string]mailboxStatus {
		var st status
		out, _ := s.tierdesk("health", "--json")
		if json.Unmarshal([]byte(out), &st) != nil {
			return nil // not written yet
		}
		byName := map[string]mailboxStatus{}
		for _, m := range st.Mailboxes {
			byName[m.Name] = m
		}
		return byName
	}
	s.until("health names both failing mailboxes", func() bool {
		m := troubles()
		return strings.Contains(m["wrong"].LastError, "login") && strings.Contains(m["gone"].LastError, "connect")
	})
	m := troubles()
	if good := m["support"]; !good.Connected || good.LastError != "" || good.LastSuccess.IsZero() {
		t.Errorf("the good mailbox: %+v", good)
	}
	for _, name := range []string{"wrong", "gone", "silent"} {
		if bad := m[name]; bad.Connected || !bad.LastSuccess.IsZero() {
			t.Errorf("mailbox %s: %+v", name, bad)
		}
	}

	if out, status := s.tierdesk("health"); status != 0 || !strings.Contains(out, "note: mailbox wrong is not read: ") {
		t.Errorf("health: exit status %d, %s", status, out)
	}

	mail, _ := s.compose(anna, draft{to: "support@hd.test", subject: "Cannot log in", body: "I forgot my password. How do I reset it?"})
	began := time.Now()
	if err := s.dovecot.Deliver(anna.address, "support@hd.test", mail); err != nil {
		t.Fatal(err)
	}
	s.arrives(anna, "Cannot log in")
	if took := time.Since(began); took > atOnce {
		t.Errorf("the answer took %v", took)
	} else {
		t.Logf("answered after %v", took.Round(time.Millisecond))
	}
	if mails := list[mailJSON](s, "mail", "list"); len(mails) != 1 || mails[0].Category != desk.CategoryTicket {
		t.Errorf("mails: %+v", mails)
	}
	g.stop()
}

// addMailbox adds a mailbox to the configuration.
func (s *site) addMailbox(name, server, passwordFile string) {
	s.extra += fmt.Sprintf(`
[[mailbox]]
name          = %q
address       = %q
imap          = %q
password_file = %q
ca_file       = %q
`, name, name+"@hd.test", "imaps://"+name+"@"+server, passwordFile, s.settings["IMAP_CA"])
}
