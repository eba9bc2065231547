package mailin_test

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeServer is a small scripted IMAP server without TLS. A test changes what it
// needs, with set: odd but legal answers, refusals, lies and silence.
type fakeServer struct {
	addr string

	mu       sync.Mutex
	caps     string
	greeting string
	answer   answer

	mails    map[uint32][]byte
	moved    map[string][]uint32
	folders  map[string]bool
	uidNext  uint32
	logins   int
	commands []string
	conns    map[net.Conn]bool
}

// answer may take a command over; it returns false to leave it to the server.
type answer func(c *fakeConn, tag, command string) bool

// fakeConn is one client's connection.
type fakeConn struct {
	net.Conn
	s  *fakeServer
	in *bufio.Reader
}

func startFake(t testing.TB, mails ...[]byte) *fakeServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeServer{
		addr: l.Addr().String(), caps: "IMAP4rev1 UIDPLUS MOVE", greeting: "* OK ready",
		mails: map[uint32][]byte{}, moved: map[string][]uint32{}, folders: map[string]bool{}, uidNext: 1, conns: map[net.Conn]bool{},
	}
	s.add(mails...)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[conn] = true
			s.mu.Unlock()
			serving.Go(func() { s.serve(&fakeConn{conn, s, bufio.NewReader(conn)}) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		s.mu.Lock()
		for c := range s.conns {
			c.Close()
		}
		s.mu.Unlock()
		serving.Wait()
	})
	return s
}

func (s *fakeServer) add(mails ...[]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range mails {
		s.mails[s.uidNext] = m
		s.uidNext++
	}
}

func (s *fakeServer) set(change func(*fakeServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *fakeServer) script(a answer) { s.set(func(s *fakeServer) { s.answer = a }) }

// left returns how many mails are in the mailbox.
func (s *fakeServer) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

// count returns how many commands began with the prefix.
func (s *fakeServer) count(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.commands {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

func (c *fakeConn) say(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }

func (s *fakeServer) serve(c *fakeConn) {
	defer c.Close()
	s.mu.Lock()
	greeting := s.greeting
	s.mu.Unlock()
	if greeting == "" {
		c.in.ReadByte() // says nothing until the client goes
		return
	}
	c.say("%s", greeting)
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.mu.Lock()
		s.commands = append(s.commands, command)
		answer := s.answer
		s.mu.Unlock()
		if answer != nil && answer(c, tag, command) {
			continue
		}
		s.mu.Lock()
		ok := s.do(c, tag, command)
		s.mu.Unlock()
		if !ok {
			return
		}
	}
}

func (s *fakeServer) do(c *fakeConn, tag, command string) bool {
	verb, rest, _ := strings.Cut(command, " ")
	if verb == "UID" {
		verb, rest, _ = strings.Cut(rest, " ")
	}
	status := "OK done"
	switch verb {
	case "CAPABILITY":
		c.say("* CAPABILITY %s", s.caps)
	case "LOGIN":
		s.logins++
	case "SELECT":
		c.say("* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x", len(s.mails), s.uidNext)
	case "SEARCH":
		_, set, _ := strings.Cut(rest, "UID ")
		c.say("* SEARCH%s", spaced(s.matching(set)))
	case "FETCH":
		set, items, _ := strings.Cut(rest, " ")
		for _, uid := range s.matching(set) {
			s.fetch(c, uid, items)
		}
	case "MOVE", "COPY":
		status = s.copy(verb, rest)
	case "EXPUNGE":
		for _, uid := range s.matching(rest) {
			delete(s.mails, uid)
		}
	case "CREATE":
		s.folders[strings.Trim(rest, `"`)] = true
	case "LOGOUT":
		c.say("%s OK bye", tag)
		return false
	}
	c.say("%s %s", tag, status)
	return true
}

func (s *fakeServer) copy(verb, rest string) string {
	set, folder, _ := strings.Cut(rest, " ")
	folder = strings.Trim(folder, `"`)
	if !s.folders[folder] {
		return "NO [TRYCREATE] no such folder"
	}
	uids := s.matching(set)
	s.moved[folder] = append(s.moved[folder], uids...)
	if verb == "MOVE" {
		for _, uid := range uids {
			delete(s.mails, uid)
		}
	}
	if len(uids) == 0 || !strings.Contains(s.caps, "UIDPLUS") {
		return "OK done"
	}
	list := strings.ReplaceAll(strings.TrimSpace(spaced(uids)), " ", ",")
	return fmt.Sprintf("OK [COPYUID 9 %s %s] done", list, list)
}

func (s *fakeServer) fetch(c *fakeConn, uid uint32, items string) {
	mail := s.mails[uid]
	switch {
	case strings.Contains(items, "HEADER"):
		header, _, _ := strings.Cut(string(mail), "\r\n\r\n")
		c.say("* %d FETCH (UID %d BODY[HEADER]<0> {%d}\r\n%s)", s.seq(uid), uid, len(header)+4, header+"\r\n\r\n")
	case strings.Contains(items, "BODY"):
		c.say("* %d FETCH (UID %d BODY[] {%d}\r\n%s)", s.seq(uid), uid, len(mail), mail)
	default:
		c.say(`* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "01-Jan-2026 00:00:00 +0000")`, s.seq(uid), uid, len(mail))
	}
}

func (s *fakeServer) seq(uid uint32) int {
	return slices.Index(slices.Sorted(maps.Keys(s.mails)), uid) + 1
}

// matching returns the UIDs of a set; as in IMAP, "*" stands for the last mail.
func (s *fakeServer) matching(set string) []uint32 {
	all := slices.Sorted(maps.Keys(s.mails))
	var out []uint32
	for r := range strings.SplitSeq(set, ",") {
		first, last, isRange := strings.Cut(r, ":")
		a := number(first, all)
		b := number(cmp.Or(last, first), all)
		if isRange && a > b {
			a, b = b, a
		}
		for _, uid := range all {
			if uid >= a && uid <= b {
				out = append(out, uid)
			}
		}
	}
	return out
}

func number(s string, all []uint32) uint32 {
	if s == "*" {
		if len(all) == 0 {
			return 0
		}
		return all[len(all)-1]
	}
	n, _ := strconv.ParseUint(s, 10, 32)
	return uint32(n)
}

func spaced(uids []uint32) string {
	out := ""
	for _, uid := range uids {
		out += " " + strconv.FormatUint(uint64(uid), 10)
	}
	return out
}
