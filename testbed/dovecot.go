package testbed

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-smtp"
)

// Password is the password of every mailbox of the testbed.
const Password = "secret"

// DovecotServer is a running Dovecot. Mail to NAME@any.domain and
// NAME+anything@any.domain belongs to the user NAME.
type DovecotServer struct {
	IMAP  string // host:port; offers STARTTLS
	IMAPS string // host:port; implicit TLS
	LMTP  string // host:port
	CAs   *x509.CertPool
	Dir   string // with the certificate in cert.pem

	t         testing.TB
	uid, gid  int
	delivered atomic.Int64
}

const dovecotConf = `protocols = imap lmtp
listen = 127.0.0.1
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/dovecot.log
default_internal_user = %[2]s
default_internal_group = %[3]s
default_login_user = %[4]s
first_valid_uid = %[5]d
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
auth_mechanisms = plain login
auth_username_format = %%Ln
auth_failure_delay = 0
recipient_delimiter = +
mail_location = maildir:%[1]s/mail/%%u
mail_max_userip_connections = 100
passdb {
  driver = passwd-file
  args = %[1]s/users
}
userdb {
  driver = passwd-file
  args = %[1]s/users
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \Sent
    auto = create
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[6]d
  }
  inet_listener imaps {
    port = %[7]d
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = %[8]d
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty { # a refused login must not slow down others
    mode = 0
  }
}
service stats {
  chroot =
}
`

// Dovecot starts a Dovecot with the user "support" and the given ones.
func Dovecot(t testing.TB, users ...string) *DovecotServer {
	t.Helper()
	binary := need(t, "dovecot")[0]
	dir := tempDir(t, "dovecot")
	s := &DovecotServer{t: t, Dir: dir, CAs: Certificate(t, dir)}
	owner, login := s.owner()
	ports := freePorts(t, 3)
	s.IMAP, s.IMAPS, s.LMTP = loopback(ports[0]), loopback(ports[1]), loopback(ports[2])
	for _, d := range []string{"run", "state", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.give(filepath.Join(dir, "mail"))
	var passwd strings.Builder
	for _, u := range append([]string{"support"}, users...) {
		fmt.Fprintf(&passwd, "%s:{PLAIN}%s:%d:%d::%s/mail/%s::\n", u, Password, s.uid, s.gid, dir, u)
	}
	write(t, filepath.Join(dir, "users"), passwd.String(), 0o644)
	group, err := user.LookupGroupId(strconv.Itoa(s.gid))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "dovecot.conf"), fmt.Sprintf(dovecotConf, dir, owner, group.Name, login, s.uid,
		ports[0], ports[1], ports[2]), 0o644)
	supervise(t, dir, fmt.Sprintf("%s -F -c %s/dovecot.conf & pid=$!", binary, dir), "kill $pid")
	waitFor(t, dir, s.IMAP, s.IMAPS, s.LMTP)
	return s
}

// owner decides who owns the mail: dovecot's own user when root starts it, else
// who runs the test.
func (s *DovecotServer) owner() (owner, login string) {
	s.t.Helper()
	u, err := user.Current()
	if err == nil && u.Uid == "0" {
		u, err = user.Lookup("dovecot")
	}
	if err != nil {
		missing(s.t, "%v", err)
	}
	if s.uid, err = strconv.Atoi(u.Uid); err != nil {
		s.t.Fatal(err)
	}
	if s.gid, err = strconv.Atoi(u.Gid); err != nil {
		s.t.Fatal(err)
	}
	if os.Getuid() == 0 {
		return u.Username, "dovenull"
	}
	return u.Username, u.Username
}

func (s *DovecotServer) give(path string) {
	s.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if err := os.Chown(path, s.uid, s.gid); err != nil {
		s.t.Fatal(err)
	}
}

// Maildir returns the user's Maildir, which exists after the first login,
// delivery or Append.
func (s *DovecotServer) Maildir(user string) string {
	return filepath.Join(s.Dir, "mail", user)
}

// Append puts mails byte for byte into the user's INBOX, as no SMTP or IMAP
// command could, in the given order.
func (s *DovecotServer) Append(user string, mails ...[]byte) {
	s.t.Helper()
	box := s.Maildir(user)
	for _, d := range []string{box, box + "/tmp", box + "/new", box + "/cur"} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			s.t.Fatal(err)
		}
		s.give(d)
	}
	for _, m := range mails {
		name := fmt.Sprintf("%d.M%09d.testbed,S=%d,W=%d", time.Now().Unix(), s.delivered.Add(1), len(m), wireSize(m))
		tmp := filepath.Join(box, "tmp", name)
		if err := os.WriteFile(tmp, m, 0o600); err != nil {
			s.t.Fatal(err)
		}
		s.give(tmp)
		if err := os.Rename(tmp, filepath.Join(box, "new", name)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// wireSize returns the size of a mail once each of its line ends is CR LF.
// Deliveries name it in the file, which saves Dovecot from reading the mail.
func wireSize(mail []byte) int {
	return len(mail) + bytes.Count(mail, []byte("\n")) - bytes.Count(mail, []byte("\r\n"))
}

// Deliver hands mails over by LMTP, as an MX does: each is in the recipient's
// mailbox when Deliver returns. It may be called from any goroutine.
func (s *DovecotServer) Deliver(from, to string, mails ...[]byte) error {
	conn, err := net.Dial("tcp", s.LMTP)
	if err != nil {
		return err
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	for _, m := range mails {
		if err := c.SendMail(from, []string{to}, bytes.NewReader(m)); err != nil {
			return fmt.Errorf("deliver to %s: %w", to, err)
		}
	}
	return c.Quit()
}

// ChangeUIDValidity makes Dovecot forget its UIDs, as a restored or rebuilt
// mailbox does. No client may be connected. The file dovecot-uidvalidity stays,
// since without it the new value could be the old one within the same second.
func (s *DovecotServer) ChangeUIDValidity(user string) {
	s.t.Helper()
	for _, pattern := range []string{"dovecot-uidlist", "dovecot.index*"} {
		files, err := filepath.Glob(filepath.Join(s.Maildir(user), pattern))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// Mail is a mail as List sees it.
type Mail struct {
	UID   uint32
	Flags []string
	Bytes []byte
}

// Login returns an IMAP connection of the user's, as another mail client would
// have. The test's end closes it.
func (s *DovecotServer) Login(user string) *imapclient.Client {
	s.t.Helper()
	c, err := imapclient.DialTLS(s.IMAPS, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: s.CAs}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	if err := c.Login(user, Password).Wait(); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// List returns the mails of a folder, read over IMAP, in order of UID. A folder
// that does not exist is empty.
func (s *DovecotServer) List(user, folder string) []Mail {
	s.t.Helper()
	c := s.Login(user)
	defer c.Close()
	selected, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || selected.NumMessages == 0 {
		return nil
	}
	body := &imap.FetchItemBodySection{Peek: true}
	all := imap.SeqSet{{Start: 1}}
	messages, err := c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{body}}).Collect()
	if err != nil {
		s.t.Fatal(err)
	}
	var mails []Mail
	for _, m := range messages {
		mail := Mail{UID: uint32(m.UID), Bytes: m.FindBodySection(body)}
		for _, f := range m.Flags {
			mail.Flags = append(mail.Flags, string(f))
		}
		mails = append(mails, mail)
	}
	return mails
}

// WaitForMail waits until a folder holds at least n mails and returns them.
func (s *DovecotServer) WaitForMail(user, folder string, n int, timeout time.Duration) []Mail {
	s.t.Helper()
	deadline := time.Now().Add(timeout)
	for {
		mails := s.List(user, folder)
		if len(mails) >= n {
			return mails
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("testbed: %s of %s holds %d mails after %v, expected %d", folder, user, len(mails), timeout, n)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
