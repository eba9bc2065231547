package main

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"tierdesk/desk"
	"tierdesk/store"
)

// provider is an identity provider, and mail servers that believe its tokens.
type provider struct {
	t         *testing.T
	mechanism string
	tokens    *httptest.Server
	imap      string // host:port
	smtp      string
	sent      chan []byte

	mu       sync.Mutex
	issued   int
	lifetime time.Duration
	revoked  int // tokens up to this number are not believed
	refresh  string
	asked    []url.Values
	broken   string // error code of the token endpoint
	asking   func() // called before a token is given out
}

func newProvider(t *testing.T, mechanism string) *provider {
	p := &provider{t: t, mechanism: mechanism, lifetime: time.Hour, refresh: "refresh-1", sent: make(chan []byte, 10)}
	p.tokens = httptest.NewTLSServer(http.HandlerFunc(p.serveToken))
	t.Cleanup(p.tokens.Close)
	config := &tls.Config{Certificates: p.tokens.TLS.Certificates}
	mailboxes := imapmemserver.New()
	user := imapmemserver.NewUser("support@hd.test", "no password")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mailboxes.AddUser(user)
	imapServer := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			inner, ok := mailboxes.NewSession().(imapserver.SessionIMAP4rev2)
			if !ok {
				return nil, nil, errors.New("memory server without MOVE")
			}
			return &bearerSession{inner, p}, nil, nil
		},
		Caps:   imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}},
		Logger: log.New(io.Discard, "", 0),
	})
	smtpServer := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &bearerSubmission{provider: p}, nil }))
	smtpServer.Domain = "mx.hd.test"
	smtpServer.ErrorLog = log.New(io.Discard, "", 0)
	p.imap = listen(t, config, imapServer.Serve, imapServer.Close)
	p.smtp = listen(t, config, smtpServer.Serve, smtpServer.Close)
	return p
}

func listen(t *testing.T, config *tls.Config, serve func(net.Listener) error, stop func() error) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = serve(l) }()
	t.Cleanup(func() { _ = stop() })
	return l.Addr().String()
}

// serveToken is a token endpoint (RFC 6749 sections 4.4 and 6) that gives out a new
// refresh token with every access token.
func (p *provider) serveToken(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		p.t.Error(err)
	}
	p.asked = append(p.asked, r.PostForm)
	w.Header().Set("Content-Type", "application/json")
	refused := p.broken
	if r.PostForm.Get("grant_type") == "refresh_token" && r.PostForm.Get("refresh_token") != p.refresh {
		refused = "invalid_grant"
	}
	if refused != "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error": %q, "error_description": "AADSTS700082: the token has\r\nexpired", "client_secret": %q}`, refused, r.PostForm.Get("client_secret"))
		return
	}
	if p.asking != nil {
		p.asking()
	}
	p.issued++
	p.refresh = fmt.Sprintf("refresh-%d", p.issued+1)
	fmt.Fprintf(w, `{"access_token": "access-%d", "token_type": "Bearer", "expires_in": %d, "refresh_token": %q}`,
		p.issued, int(p.lifetime.Seconds()), p.refresh)
}

// believe reports whether an access token is a good one.
func (p *provider) believe(user, token string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	_, err := fmt.Sscanf(token, "access-%d", &n)
	return err == nil && n > p.revoked && n <= p.issued && user == "support@hd.test"
}

func (p *provider) mechanisms() []string { return []string{p.mechanism} }

func (p *provider) server(login func(user string)) sasl.Server {
	if p.mechanism == xoauth2 {
		return &xoauth2Server{p: p, login: login}
	}
	return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
		if !p.believe(o.Username, o.Token) {
			return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
		}
		login(o.Username)
		return nil
	})
}

// xoauth2Server is the server's side of XOAUTH2.
type xoauth2Server struct {
	p       *provider
	login   func(string)
	refused bool
}

func (s *xoauth2Server) Next(response []byte) ([]byte, bool, error) {
	if s.refused || response == nil {
		return nil, false, errors.New("refused")
	}
	fields := strings.Split(string(response), "\x01")
	user, isUser := strings.CutPrefix(fields[0], "user=")
	if !isUser || len(fields) != 4 || !s.p.believe(user, strings.TrimPrefix(fields[1], "auth=Bearer ")) {
		s.refused = true
		return []byte(`{"status":"400","schemes":"bearer","scope":"https://mail.google.com/"}`), false, nil
	}
	s.login(user)
	return nil, true, nil
}

type bearerSession struct {
	imapserver.SessionIMAP4rev2
	p *provider
}

func (s *bearerSession) AuthenticateMechanisms() []string { return s.p.mechanisms() }

func (s *bearerSession) Authenticate(string) (sasl.Server, error) {
	return s.p.server(func(user string) { _ = s.SessionIMAP4rev2.Login(user, "no password") }), nil
}

type bearerSubmission struct {
	*provider
	user string
}

func (s *bearerSubmission) AuthMechanisms() []string { return s.mechanisms() }
func (s *bearerSubmission) Auth(string) (sasl.Server, error) {
	return s.server(func(user string) { s.user = user }), nil
}
func (s *bearerSubmission) Reset()                               {}
func (s *bearerSubmission) Logout() error                        { return nil }
func (s *bearerSubmission) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *bearerSubmission) Mail(string, *smtp.MailOptions) error {
	if s.user == "" {
		return smtp.ErrAuthRequired
	}
	return nil
}
func (s *bearerSubmission) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.sent <- b
	return err
}

// configure writes a configuration whose mailbox and relay take tokens alone.
func (p *provider) configure(oauth string) *config {
	p.t.Helper()
	dir := p.t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.tokens.Certificate().Raw})
	oauth = fmt.Sprintf(`oauth2 = { client_id = "app", client_secret_file = "secret", token_url = %q, ca_file = "ca.pem", %s }`, p.tokens.URL, oauth)
	text := fmt.Sprintf(`
[desk]
name = "ACME"
address = "support@hd.test"
[[mailbox]]
imap = "imaps://support%%40hd.test@%s"
start = "all"
ca_file = "ca.pem"
%s
[smtp]
server = "smtps://support%%40hd.test@%s"
ca_file = "ca.pem"
%s
[[tier]]
level = 1
[[tier]]
level = 2
list = "l2@hd.test"
`, p.imap, oauth, p.smtp, oauth)
	for name, content := range map[string]string{"tierdesk.toml": text, "ca.pem": string(ca), "secret": "canary-secret\n", "refresh": "refresh-1\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	c, err := loadConfig(filepath.Join(dir, "tierdesk.toml"))
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// once runs the gateway once and returns what it logged and how it ended.
func once(t *testing.T, c *config) (string, error) {
	t.Helper()
	var logged strings.Builder
	g, err := openGateway(t.Context(), c, gatewayOptions{Now: time.Now, Log: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	err = g.store.Update(t.Context(), func(tx *store.Tx) error { return tx.Apply(t.Context(), bulletin(g.config)) })
	if err != nil {
		t.Fatal(err)
	}
	err = g.Once(t.Context())
	return logged.String(), err
}

// bulletin queues a mail that is due at once, another one each time.
func bulletin(c *config) desk.Change {
	composer := desk.Composer{Desk: &desk.Desk{Name: c.Desk.Name, Address: c.Desk.Address}, Keys: desk.Keyring{{ID: 1, Secret: make([]byte, 32)}}}
	o := composer.ToManager(desk.SendDigest, "boss@hd.test", "Digest", time.Now().String())
	o.Letter.Digest = &desk.Digest{Name: "daily"}
	return desk.Change{Outgoing: []desk.Outgoing{o}}
}

func TestTokensLogInAtBothServers(t *testing.T) {
	for name, c := range map[string]struct{ mechanism, oauth, grant, scope string }{
		"XOAUTH2, application":     {xoauth2, `provider = "microsoft", tenant = "hd.test"`, "client_credentials", "https://outlook.office365.com/.default"},
		"OAUTHBEARER, application": {sasl.OAuthBearer, `provider = "custom", scope = "mail"`, "client_credentials", "mail"},
		"XOAUTH2, person":          {xoauth2, `provider = "google", refresh_token_file = "refresh"`, "refresh_token", ""},
		"OAUTHBEARER, person":      {sasl.OAuthBearer, `provider = "microsoft", tenant = "hd.test", refresh_token_file = "refresh"`, "refresh_token", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, c.mechanism)
			cfg := p.configure(c.oauth)
			logged, err := once(t, cfg)
			if err != nil {
				t.Fatalf("%v\n%s", err, logged)
			}
			if len(p.sent) != 1 {
				t.Errorf("%d mails sent", len(p.sent))
			}
			if len(p.asked) != 1 { // mailbox and relay share the token
				t.Errorf("asked for %d tokens", len(p.asked))
			}
			if q := p.asked[0]; q.Get("grant_type") != c.grant || q.Get("client_secret") != "canary-secret" || q.Get("scope") != c.scope {
				t.Errorf("asked with %v", q)
			}
			if c.grant != "refresh_token" {
				return
			}
			stored, err := os.ReadFile(cfg.path("refresh"))
			info, statErr := os.Stat(cfg.path("refresh"))
			if err != nil || statErr != nil || string(stored) != "refresh-2\n" || info.Mode().Perm() != 0o600 {
				t.Errorf("refresh token %q %v: %v", stored, info.Mode(), err)
			}
		})
	}
}

// A token that the provider withdraws, or that is about to end, is replaced; one
// that is good is used again.
func TestTokensAreRenewedInTime(t *testing.T) {
	for _, mechanism := range []string{xoauth2, sasl.OAuthBearer} {
		p := newProvider(t, mechanism)
		cfg := p.configure(`provider = "google", refresh_token_file = "refresh"`)
		for range 2 {
			if logged, err := once(t, cfg); err != nil {
				t.Fatalf("%v\n%s", err, logged)
			}
		}
		if p.issued != 1 {
			t.Errorf("%s: %d tokens for a good hour", mechanism, p.issued)
		}
		p.revoked, p.lifetime = 1, renewEarly-time.Second
		if logged, err := once(t, cfg); err != nil {
			t.Fatalf("%s, after withdrawal: %v\n%s", mechanism, err, logged)
		}
		before := p.issued
		if logged, err := once(t, cfg); err != nil || p.issued == before {
			t.Fatalf("%s, near its end: %v, %d tokens\n%s", mechanism, err, p.issued, logged)
		}
	}
}

func TestARefusedTokenIsRenewedOnceAndSaysWhy(t *testing.T) {
	for _, mechanism := range []string{xoauth2, sasl.OAuthBearer} {
		p := newProvider(t, mechanism)
		cfg := p.configure(`provider = "custom"`)
		p.revoked = 1 << 20
		logged, err := once(t, cfg)
		if err == nil || !strings.Contains(err.Error()+logged, mechanism+" refused") {
			t.Errorf("%s: %v\n%s", mechanism, err, logged)
		}
		if p.issued > 4 { // one and its replacement, for each of the two servers
			t.Errorf("%s: %d tokens asked for", mechanism, p.issued)
		}
		p.broken = "invalid_client"
		p.revoked = 0
		cfg.tokens = map[oauthConfig]*tokenSource{}
		cfg = p.configure(`provider = "custom"`)
		logged, err = once(t, cfg)
		if err == nil || !strings.Contains(err.Error(), "invalid_client: AADSTS700082: the token has expired") {
			t.Errorf("%s: %v", mechanism, err)
		}
		if all := fmt.Sprint(err) + logged; strings.Contains(all, "canary") || strings.Contains(all, "access-") {
			t.Errorf("%s: a secret in %s", mechanism, all)
		}
	}
}

// A refresh token that cannot be stored is not lost while the process lives.
func TestARefreshTokenThatCannotBeStoredIsKept(t *testing.T) {
	p := newProvider(t, xoauth2)
	cfg := p.configure(`provider = "google", refresh_token_file = "refresh"`)
	o := *cfg.SMTP.OAuth2
	o.RefreshTokenFile = "folder/refresh"
	b := cfg.bearer(o, "support@hd.test")
	offers := func(m string) bool { return m == xoauth2 }
	folder := cfg.path("folder")
	put := func() {
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(cfg.path(o.RefreshTokenFile), []byte("refresh-1"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put()
	p.asking = func() { os.RemoveAll(folder) }
	if _, err := b.Client(t.Context(), offers); err == nil || !strings.Contains(err.Error(), "store the new refresh token") {
		t.Errorf("stored nowhere: %v", err)
	}
	put()
	p.asking = nil
	_, err := b.Client(t.Context(), offers)
	stored, readErr := os.ReadFile(cfg.path(o.RefreshTokenFile))
	if err := errors.Join(err, readErr); err != nil || string(stored) != "refresh-3\n" {
		t.Errorf("stored %q: %v", stored, err)
	}
}

func TestOAuthConfigProblems(t *testing.T) {
	p := newProvider(t, xoauth2)
	cfg := p.configure(`provider = "custom"`)
	text, err := os.ReadFile(cfg.file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`provider = "custom"`, `provider = "yahoo"`, `"yahoo" is none of`},
		{`provider = "custom"`, `provider = "microsoft"`, "tenant: missing"},
		{`provider = "custom"`, `provider = "google"`, "refresh_token_file: missing"},
		{`token_url = "https:`, `token_url = "http:`, "is not an https:// URL"},
		{`client_secret_file = "secret"`, `client_secret_file = "none"`, "none: no such file"},
		{"start = \"all\"", "password_file = \"secret\"", "exclude each other"},
	} {
		if err := os.WriteFile(cfg.file, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(cfg.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
}
