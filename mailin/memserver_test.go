package mailin_test

import (
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// literal is a mail as the memory server appends it.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// The demo runs on this server.
func TestMemoryServerTellsOfNewMailAndMoves(t *testing.T) {
	memory := imapmemserver.New()
	user := imapmemserver.NewUser("support", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}},
		InsecureAuth: true,
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Close()
		<-served
	})

	spool := newSpool()
	cfg := fakeConfig(t, &fakeServer{addr: l.Addr().String()}, spool)
	cfg.Poll = 5 * time.Minute
	f := newFetcher(t, cfg)
	runFetcher(t, f)
	eventually(t, "connected", func() bool { return !f.Health().LastSuccess.IsZero() })
	want := messages(1, 20)
	for _, m := range want {
		if _, err := user.Append("INBOX", literal{bytes.NewReader(m)}, &imap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	expectExactly(t, spool.waitKept(t, len(want)), want)
	spool.settle()
	f.Nudge()
	eventually(t, "moved", func() bool {
		for _, m := range spool.kept() {
			if m.Moved != "Processed" {
				return false
			}
		}
		return true
	})
}
