package main

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"tierdesk/store"
)

// canary is in every secret of TestSecretsShowNowhere.
const canary = "canary5d1f"

// TestSecretsShowNowhere runs the program with secrets that every server refuses, and
// then ends it with a dump of its goroutines: none shows in its logs, its answers, its
// database or any other file that it writes.
func TestSecretsShowNowhere(t *testing.T) {
	s := newSite(t, "sqlite:data/tierdesk.db")
	s.startDovecot("l2")
	for _, name := range []string{"imap", "smtp", "app", "refresh"} {
		s.write("secrets/"+name, canary+"-"+name+"\n")
	}
	s.settings["SMTP"], s.settings["SMTP_TRUST"] = "support@"+refusingRelay(t, s.dir), "password_file = \"secrets/smtp\"\nca_file = \"cert.pem\""
	s.addMailbox("wrong", s.dovecot.IMAPS, "secrets/imap")
	tokens := newProvider(t, sasl.OAuthBearer)
	tokens.broken = "invalid_client" // which repeats what it was asked
	s.write("tokens.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tokens.tokens.Certificate().Raw})))
	s.extra += fmt.Sprintf(`
[[mailbox]]
name    = "tokens"
address = "tokens@hd.test"
imap    = "imaps://tokens@%s"
ca_file = "tokens.pem"
oauth2  = { provider = "custom", client_id = "app", client_secret_file = "secrets/app", refresh_token_file = "secrets/refresh", token_url = %q, ca_file = "tokens.pem" }
`, tokens.imap, tokens.tokens.URL)
	s.configure()
	c, err := loadConfig(filepath.Join(s.dir, "tierdesk.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.withStore(func(db *store.Store) error {
		return db.Update(t.Context(), func(tx *store.Tx) error { return tx.Apply(t.Context(), bulletin(c)) })
	})
	var said strings.Builder
	command := func(wantStatus int, args ...string) {
		out, status := s.tierdesk(args...)
		if said.WriteString(out); status != wantStatus {
			t.Errorf("tierdesk %v: exit status %d\n%s", args, status, out)
		}
	}
	g := s.serve()
	s.logged("state=deferred", 1)
	s.logged("mailbox=wrong", 1)
	s.logged("mailbox=tokens", 1)
	s.until("health knows of all three", func() bool {
		out, _ := s.tierdesk("health", "--json")
		said.WriteString(out)
		return strings.Contains(out, "access token") && strings.Contains(out, "AUTHENTICATIONFAILED") && strings.Contains(out, "535")
	})
	command(0, "check")
	command(1, "check", "--online", "--wait", "0")
	command(1, "health")
	command(0, "outbox", "list")
	g.signal(syscall.SIGQUIT)
	<-g.ended
	s.logged("goroutine ", 1)
	if shown := leaks([]byte(said.String())); shown != "" {
		t.Errorf("a command shows %s", shown)
	}
	if !strings.Contains(said.String(), "login") || !strings.Contains(said.String(), "access token") {
		t.Errorf("the refusals are not told:\n%s", said.String())
	}
	searchFiles(t, s.dir)
}

// searchFiles looks for canaries in every file but the secrets themselves.
func searchFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "secrets" {
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		if shown := leaks(content); shown != "" {
			t.Errorf("%s holds %s", path, shown)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// leaks returns a canary with what stands around it, or "". A login in base64 is found
// by what all three alignments of the word have in common with it.
func leaks(content []byte) string {
	words := []string{canary}
	for pad := range 3 {
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("-", pad) + canary))
		words = append(words, coded[4:12])
	}
	for _, w := range words {
		if at := bytes.Index(content, []byte(w)); at >= 0 {
			return fmt.Sprintf("%q", content[max(0, at-100):min(len(content), at+100)])
		}
	}
	return ""
}

// refusingRelay is an SMTP server with STARTTLS that believes no password.
func refusingRelay(t *testing.T, dir string) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return refusingSession{}, nil }))
	server.Domain, server.TLSConfig = "relay.test", &tls.Config{Certificates: []tls.Certificate{pair}}
	server.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

type refusingSession struct{}

func (refusingSession) AuthMechanisms() []string { return []string{sasl.Plain} }
func (refusingSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return smtp.ErrAuthFailed }), nil
}
func (refusingSession) Reset()                               {}
func (refusingSession) Logout() error                        { return nil }
func (refusingSession) Mail(string, *smtp.MailOptions) error { return smtp.ErrAuthRequired }
func (refusingSession) Rcpt(string, *smtp.RcptOptions) error { return smtp.ErrAuthRequired }
func (refusingSession) Data(io.Reader) error                 { return smtp.ErrAuthRequired }

func TestSecretsInTheConfigurationAreNotRepeated(t *testing.T) {
	company, err := os.ReadFile("testdata/company.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"smtps://support%40hd.test@SMTP"`, `"smtps://support:` + canary + `@mx hd.test"`, "is not a URL"},
		{`"smtps://support%40hd.test@SMTP"`, `"smpts://support:` + canary + `@mx.hd.test"`, "the scheme of"},
		{`"imaps://support%40hd.test@IMAP"`, `"imaps://support:` + canary + `@mx.hd.test"`, "the password stands in the configuration"},
		{`"imaps://support%40hd.test@IMAP"`, `"imaps://support:` + canary + `@mx hd.test"`, "no URL"},
		{"[kb]", "[store]\ndsn = \"postgre://desk:" + canary + "@db/desk\"\n[kb]", "starts neither"},
		{"[kb]", "[store]\ndsn = \"postgres://desk:" + canary + "@db/desk\"\n[kb]", "the password stands in the configuration"},
	} {
		file := filepath.Join(t.TempDir(), "tierdesk.toml")
		text := strings.Replace(string(company), c.old, c.new, 1)
		if !strings.Contains(text, canary) {
			t.Errorf("%s is not in the configuration", c.old)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(file); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}

func TestSecretFilesThatOthersCanRead(t *testing.T) {
	for _, c := range []struct {
		folder, file fs.FileMode
		told         bool
	}{
		{0o755, 0o600, false}, {0o755, 0o400, false}, {0o755, 0o640, true}, {0o755, 0o604, true},
		{0o700, 0o644, false}, // nobody else gets there
		{0o750, 0o604, false}, {0o750, 0o640, true}, {0o711, 0o644, true},
	} {
		top, err := os.MkdirTemp("", "tierdesk") // t.TempDir is private itself
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(top) })
		dir := filepath.Join(top, "secrets")
		file := filepath.Join(dir, "mail")
		for _, err := range []error{
			os.Mkdir(dir, 0o700), os.WriteFile(file, []byte("secret"), 0o600),
			os.Chmod(file, c.file), os.Chmod(dir, c.folder), os.Chmod(top, 0o755),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, got := exposed(file); got != c.told {
			t.Errorf("a file of mode %o in a folder of mode %o: told %v", c.file, c.folder, got)
		}
	}
}
