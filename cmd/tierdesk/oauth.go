package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"tierdesk/desk"
)

// oauthConfig says how an account gets the access tokens that it logs in with (RFC
// 6749). With a refresh token they are those of the person who granted it; without
// one, the application's own (client credentials).
type oauthConfig struct {
	Provider         string `toml:"provider"` // "microsoft", "google" or "custom"
	Tenant           string `toml:"tenant"`   // Microsoft's
	ClientID         string `toml:"client_id"`
	ClientSecretFile string `toml:"client_secret_file"`
	RefreshTokenFile string `toml:"refresh_token_file"`
	TokenURL         string `toml:"token_url"`
	Scope            string `toml:"scope"`
	CAFile           string `toml:"ca_file"`
}

// endpoint returns the token endpoint and the scopes of the provider, where the
// configuration does not name its own.
func (o *oauthConfig) endpoint() (tokenURL string, scopes []string) {
	tokenURL, scope := o.TokenURL, o.Scope
	orElse := func(url, s string) {
		if tokenURL == "" {
			tokenURL = url
		}
		if scope == "" {
			scope = s
		}
	}
	switch o.Provider {
	case "microsoft":
		scope := "https://outlook.office365.com/.default"
		if o.RefreshTokenFile != "" {
			scope = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
		}
		orElse("https://login.microsoftonline.com/"+url.PathEscape(o.Tenant)+"/oauth2/v2.0/token", scope)
	case "google":
		orElse("https://oauth2.googleapis.com/token", "https://mail.google.com/")
	}
	return tokenURL, strings.Fields(scope)
}

func (k *checker) oauth(key string, o *oauthConfig, s secretConfig) {
	if o == nil {
		return
	}
	key += ".oauth2"
	tokenURL, _ := o.endpoint()
	u, err := url.Parse(tokenURL)
	switch {
	case s.PasswordFile != "" || s.PasswordEnv != "":
		k.bad(key, "oauth2 and a password exclude each other")
	case o.Provider != "microsoft" && o.Provider != "google" && o.Provider != "custom":
		k.bad(key, "provider: %q is none of \"microsoft\", \"google\" and \"custom\"", o.Provider)
	case o.Provider == "microsoft" && o.Tenant == "":
		k.bad(key, "tenant: missing, the directory's id or domain")
	case o.Provider == "google" && o.RefreshTokenFile == "":
		k.bad(key, "refresh_token_file: missing; Google gives mail to no application without it")
	case o.Provider == "custom" && tokenURL == "":
		k.bad(key, "token_url: missing")
	case err != nil || u.Scheme != "https" || u.Host == "":
		k.bad(key, "token_url: %q is not an https:// URL", tokenURL)
	case o.ClientID == "":
		k.bad(key, "client_id: missing")
	case o.ClientSecretFile == "" && o.RefreshTokenFile == "":
		k.bad(key, "neither client_secret_file nor refresh_token_file")
	}
	k.caFile(key+".ca_file", o.CAFile)
	if !k.secrets {
		return
	}
	for name, file := range map[string]string{"client_secret_file": o.ClientSecretFile, "refresh_token_file": o.RefreshTokenFile} {
		if _, err := k.c.secret(secretConfig{PasswordFile: file})(); err != nil {
			k.bad(key+"."+name, "%v", err)
		}
	}
}

// bearer logs a user in with an access token: with OAUTHBEARER (RFC 7628) or, where
// that is missing, with XOAUTH2, its forerunner of Google and Microsoft.
type bearer struct {
	user   string
	source *tokenSource
}

func (c *config) bearer(o oauthConfig, user string) *bearer {
	if c.tokens[o] == nil {
		c.tokens[o] = &tokenSource{config: c, oauth: o}
	}
	return &bearer{user: user, source: c.tokens[o]}
}

// Client returns the SASL client of one login.
func (b *bearer) Client(ctx context.Context, offers func(string) bool) (sasl.Client, error) {
	mechanism := ""
	for _, m := range []string{sasl.OAuthBearer, xoauth2} {
		if mechanism == "" && offers(m) {
			mechanism = m
		}
	}
	if mechanism == "" {
		return nil, errors.New("the server offers neither OAUTHBEARER nor XOAUTH2")
	}
	token, err := b.source.token(ctx)
	if err != nil {
		return nil, err
	}
	return &bearerLogin{mechanism: mechanism, user: b.user, token: token}, nil
}

// Renew makes the next Client ask for a new token.
func (b *bearer) Renew() { b.source.drop() }

const xoauth2 = "XOAUTH2"

// bearerLogin is the client's side of both mechanisms.
type bearerLogin struct{ mechanism, user, token string }

// Start returns the only thing that the client has to say.
func (l *bearerLogin) Start() (string, []byte, error) {
	if l.mechanism == xoauth2 {
		return xoauth2, []byte("user=" + l.user + "\x01auth=Bearer " + l.token + "\x01\x01"), nil
	}
	name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(l.user) // RFC 5801 section 4
	return sasl.OAuthBearer, []byte("n,a=" + name + ",\x01auth=Bearer " + l.token + "\x01\x01"), nil
}

// Next is asked when the server has refused; the challenge says why.
func (l *bearerLogin) Next(challenge []byte) ([]byte, error) {
	var answer struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(challenge, &answer) != nil || answer.Status == "" {
		answer.Status = "no reason given"
	}
	return nil, &loginRefused{l.mechanism + " refused: " + desk.OneLine(answer.Status[:min(len(answer.Status), 80)])}
}

// loginRefused is a refusal that the server explained inside of the exchange.
type loginRefused struct{ reason string }

func (e *loginRefused) Error() string { return e.reason }

// LoginRefused marks the error for mailin.
func (e *loginRefused) LoginRefused() {}

const (
	// renewEarly is how long before its end a token is not used any more.
	renewEarly = 5 * time.Minute
	// tokenTimeout bounds one request for a token.
	tokenTimeout = 30 * time.Second
)

// tokenSource gets access tokens and keeps the present one. A refresh token that the
// provider replaces is stored before the new access token is used, so that a crash
// does not lock the account out. It is safe for concurrent use.
type tokenSource struct {
	config *config
	oauth  oauthConfig

	mu      sync.Mutex
	present *oauth2.Token
	// unsaved is a refresh token that could not be stored; it is tried first.
	unsaved string
}

func (s *tokenSource) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.present = nil
}

func (s *tokenSource) token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.present; t != nil && (t.Expiry.IsZero() || time.Until(t.Expiry) > renewEarly) {
		return t.AccessToken, nil
	}
	t, err := s.request(ctx)
	if err != nil {
		tokenURL, _ := s.oauth.endpoint()
		return "", fmt.Errorf("access token from %s: %w", tokenURL, plainOAuthError(err))
	}
	s.present = t
	return t.AccessToken, nil
}

func (s *tokenSource) request(ctx context.Context) (*oauth2.Token, error) {
	c := s.config
	secret, err := c.secret(secretConfig{PasswordFile: s.oauth.ClientSecretFile})()
	if err != nil {
		return nil, err
	}
	refresh, err := s.refreshToken()
	if err != nil {
		return nil, err
	}
	roots, err := c.clientTLS(s.oauth.CAFile)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, tokenClient(roots)), tokenTimeout)
	defer cancel()
	tokenURL, scopes := s.oauth.endpoint()
	if s.oauth.RefreshTokenFile == "" {
		app := clientcredentials.Config{ClientID: s.oauth.ClientID, ClientSecret: secret, TokenURL: tokenURL, Scopes: scopes, AuthStyle: oauth2.AuthStyleInParams}
		return app.Token(ctx)
	}
	person := oauth2.Config{
		ClientID: s.oauth.ClientID, ClientSecret: secret, Scopes: scopes,
		Endpoint: oauth2.Endpoint{TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	t, err := person.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	if err == nil && t.RefreshToken != refresh {
		s.unsaved = t.RefreshToken
		_, err = s.refreshToken()
	}
	return t, err
}

// refreshToken returns the newest refresh token, which is stored then.
func (s *tokenSource) refreshToken() (string, error) {
	file := s.oauth.RefreshTokenFile
	if s.unsaved == "" {
		return s.config.secret(secretConfig{PasswordFile: file})()
	}
	if err := replaceSecret(s.config.path(file), s.unsaved); err != nil {
		return "", err
	}
	token := s.unsaved
	s.unsaved = ""
	return token, nil
}

// tokenClient follows no redirects: they would carry the secret elsewhere.
func tokenClient(config *tls.Config) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// plainOAuthError keeps what the provider says and leaves out the rest of its answer.
func plainOAuthError(err error) error {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return err
	}
	text := answer.ErrorCode
	if text == "" {
		text = answer.Response.Status
	}
	if d := []rune(desk.OneLine(answer.ErrorDescription)); len(d) > 0 {
		text += ": " + string(d[:min(len(d), 200)])
	}
	return errors.New(desk.OneLine(text))
}

// replaceSecret makes a file hold a new secret, or leaves it as it was.
func replaceSecret(file, secret string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("store the new refresh token: %w", err)
	}
	_, err = f.WriteString(secret + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("store the new refresh token: %w", err), os.Remove(f.Name()))
	}
	return nil
}
