package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tierdesk/mailin"
	"tierdesk/mailout"
)

// signatures returns the keys that every outgoing mail is signed with.
func (c *config) signatures() ([]mailout.Signature, error) {
	var list []mailout.Signature
	for _, d := range c.DKIM {
		s, err := c.signature(d)
		if err != nil {
			return nil, fmt.Errorf("dkim key of %s._domainkey.%s: %w", d.Selector, d.Domain, err)
		}
		list = append(list, s)
	}
	return list, nil
}

func (c *config) signature(d dkimConfig) (mailout.Signature, error) {
	text, err := os.ReadFile(c.path(d.KeyFile))
	if err != nil {
		return mailout.Signature{}, err
	}
	key, err := mailout.ParseDKIMKey(text)
	return mailout.Signature{Domain: d.Domain, Selector: d.Selector, Key: key}, err
}

// hostName is a name in the DNS, of labels of letters, digits and hyphens.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

func (k *checker) dkim() {
	seen := map[string]bool{}
	for i, d := range k.c.DKIM {
		key := "dkim." + strconv.Itoa(i)
		name := strings.ToLower(d.Selector + "._domainkey." + d.Domain)
		switch {
		case !hostName.MatchString(d.Domain):
			k.bad(key+".domain", "%q is not a domain such as hd.test", d.Domain)
		case !hostName.MatchString(d.Selector):
			k.bad(key+".selector", "%q is not a selector such as mail2026", d.Selector)
		case seen[name]:
			k.bad(key+".selector", "%s signs twice", name)
		case !mailin.Aligned(d.Domain, k.c.Desk.Address):
			k.bad(key+".domain", "%s does not align with %s: DMARC would not count the signature", d.Domain, k.c.Desk.Address)
		}
		seen[name] = true
		switch _, err := k.c.signature(d); {
		case d.KeyFile == "":
			k.bad(key, "no key_file")
		case !k.secrets:
		case err != nil:
			k.bad(key+".key_file", "%v", err)
		}
	}
}

// tryKeys compares each signing key with its record in the DNS.
func (c *config) tryKeys(ctx context.Context) error {
	signatures, err := c.signatures()
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range signatures {
		name := s.Selector + "._domainkey." + s.Domain
		records, err := c.lookupTXT()(ctx, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		want, err := publicKey(s.Key.Public())
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		} else if !slices.ContainsFunc(records, func(r string) bool { return publishes(r, want) }) {
			errs = append(errs, fmt.Errorf("%s: the record has another key than key_file; it needs p=%s", name, want))
		}
	}
	return errors.Join(errs...)
}

// publicKey returns the p= tag of a key (RFC 6376 section 3.6.1, RFC 8463 section 4).
func publicKey(key crypto.PublicKey) (string, error) {
	if k, ok := key.(ed25519.PublicKey); ok {
		return base64.StdEncoding.EncodeToString(k), nil
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	return base64.StdEncoding.EncodeToString(der), err
}

// publishes reports whether a record has the key. White space in it means nothing.
func publishes(record, key string) bool {
	for tag := range strings.SplitSeq(record, ";") {
		name, value, _ := strings.Cut(tag, "=")
		if strings.TrimSpace(name) == "p" {
			return strings.Join(strings.Fields(value), "") == key
		}
	}
	return false
}
