package testbed

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// DNSServer answers questions for TXT records over UDP. Names that it does not know do
// not exist.
type DNSServer struct {
	Address string // host:port

	mu      sync.Mutex
	records map[string]string
	asked   []string
}

// DNS starts a name server without records.
func DNS(t testing.TB) *DNSServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &DNSServer{Address: conn.LocalAddr().String(), records: map[string]string{}}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.serve(t, conn)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-stopped
	})
	return s
}

// Set gives a name a TXT record of at most 255 octets.
func (s *DNSServer) Set(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[name] = text
}

// Asked returns the names that were asked for, in order.
func (s *DNSServer) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func (s *DNSServer) serve(t testing.TB, conn net.PacketConn) {
	buf := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			t.Errorf("testbed: DNS: %v", err)
			return
		}
		reply, err := s.answer(buf[:n])
		if err == nil {
			_, err = conn.WriteTo(reply, from)
		}
		if err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("testbed: DNS: %v", err)
		}
	}
}

func (s *DNSServer) answer(question []byte) ([]byte, error) {
	var p dnsmessage.Parser
	head, err := p.Start(question)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	s.mu.Lock()
	text, known := s.records[name]
	s.asked = append(s.asked, name)
	s.mu.Unlock()
	head.Response, head.Authoritative, head.RCode = true, true, dnsmessage.RCodeSuccess
	if !known {
		head.RCode = dnsmessage.RCodeNameError
	}
	m := dnsmessage.Message{Header: head, Questions: []dnsmessage.Question{q}}
	if known && q.Type == dnsmessage.TypeTXT {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class},
			Body:   &dnsmessage.TXTResource{TXT: []string{text}},
		}}
	}
	return m.Pack()
}
