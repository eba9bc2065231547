package main

import (
	"net"
	"testing"
	"time"

	"tierdesk/desk"
)

// TestStopWhileTheRelaySaysNothing: a delivery in hand gets its grace, and then the
// gateway stops in time all the same. The mail goes out after the next start.
func TestStopWhileTheRelaySaysNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.startDovecot("anna", "l2")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	connected := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := silent.Accept()
			if err != nil {
				return
			}
			connected <- c // kept open
		}
	}()
	s.settings["SMTP"] = silent.Addr().String()
	s.configure()
	g := s.serve()
	mail, _ := s.compose(anna, draft{to: "support@hd.test", subject: "Desk lamp", body: "The lamp on my desk is broken."})
	if err := s.dovecot.Deliver(anna.address, "support@hd.test", mail); err != nil {
		t.Fatal(err)
	}
	select {
	case c := <-connected:
		defer c.Close()
	case <-time.After(patience):
		t.Fatal("the gateway does not connect to the relay")
	}
	g.stop()

	relay := startMoodyRelay(t)
	relay.behave()
	s.settings["SMTP"] = relay.address
	s.configure()
	if s.retry() == 0 { // the escalation may not have been written when the gateway stopped
		t.Error("no mail waits, expected the acknowledgement at least")
	}
	s.must("serve", "--once")
	outbox := list[outgoingJSON](s, "outbox", "list")
	if len(outbox) != 2 {
		t.Errorf("%d mails, expected an acknowledgement and an escalation", len(outbox))
	}
	for _, o := range outbox {
		if n := len(relay.mails()[o.MessageID]); o.State != desk.Accepted || n != 1 {
			t.Errorf("the %s to %s is %s, and was accepted %d times", o.Kind, o.To, o.State, n)
		}
	}
}
