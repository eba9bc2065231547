package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"tierdesk/triage"
	"tierdesk/triage/embed"
)

// embeddingsConfig is [kb.embeddings]: a model that L1 asks as well.
type embeddingsConfig struct {
	URL     string `toml:"url"`
	Model   string `toml:"model"`
	KeyFile string `toml:"key_file"`
}

// embeddings returns a client of the model.
func (c *config) embeddings() *embed.Client {
	e := c.KB.Embeddings
	return &embed.Client{
		URL: strings.TrimRight(e.URL, "/"), Model: e.Model,
		Key:  c.secret(secretConfig{PasswordFile: e.KeyFile}),
		HTTP: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// embeddings checks [kb.embeddings].
func (k *checker) embeddings() {
	e := k.c.KB.Embeddings
	if e == (embeddingsConfig{}) {
		return
	}
	if e.URL == "" || e.Model == "" {
		k.bad("kb.embeddings", "url and model belong together")
		return
	}
	if err := embeddingsURL(e.URL); err != nil {
		k.bad("kb.embeddings.url", "%v", err)
	}
	if e.KeyFile == "" || !k.secrets {
		return
	}
	if b, err := os.ReadFile(k.c.path(e.KeyFile)); err != nil {
		k.bad("kb.embeddings.key_file", "%v", err)
	} else if len(strings.TrimSpace(string(b))) == 0 {
		k.bad("kb.embeddings.key_file", "the key is empty")
	}
}

// embeddingsURL says what is wrong with an address that the text of customers' mail
// goes to.
func embeddingsURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("not an https address")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the address has more than host and path; a key goes into key_file")
	case u.Scheme == "http" && u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback():
		return errors.New("http only to this machine: the text of customers' mail goes there")
	}
	return nil
}

// Offhand returns the present library without the embedding model: for those who must
// not wait for a server, since they hold a transaction.
func (s *shelf) Offhand() triage.Library {
	l := *s.present.Load()
	l.ask = nil
	return &l
}

// Embed sees to it that the documents have vectors, until ctx ends, and returns nil
// then. When the model does not answer it tries again after a rest.
func (s *shelf) Embed(ctx context.Context) error {
	if s.asker == nil {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.unseen:
		}
		if s.see(ctx) == nil {
			continue
		}
		rest := time.NewTimer(embed.Rest) // the asker has logged it
		select {
		case <-ctx.Done():
			rest.Stop()
			return nil
		case <-rest.C:
			offer(s.unseen)
		}
	}
}

// see gives the present documents their vectors. When others have taken their place
// meanwhile these come next.
func (s *shelf) see(ctx context.Context) error {
	matcher := s.present.Load().matcher
	vectors, err := s.asker.Documents(ctx, matcher.Texts())
	if err != nil {
		return err
	}
	s.fitting.Lock() // nobody loads or fits while they are put in place
	defer s.fitting.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	next := *s.present.Load()
	if !next.matcher.SameDocuments(matcher) {
		return nil
	}
	next.matcher = next.matcher.WithVectors(vectors)
	s.present.Store(&next)
	return nil
}
