package mailout

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// Signature makes one DKIM-Signature field on every mail (RFC 6376). Its public key
// stands in the DNS under Selector._domainkey.Domain.
type Signature struct {
	Domain   string
	Selector string
	Key      crypto.Signer // RSA, or Ed25519 (RFC 8463)
}

// minRSABits is the shortest RSA key that receivers must accept (RFC 8301 section
// 3.2); 2048 are recommended.
const minRSABits = 1024

// ParseDKIMKey reads a private key in PEM form, PKCS #8 or PKCS #1.
func ParseDKIMKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no private key in PEM form")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, errors.New("the PEM block is no unencrypted private key (PKCS #8 or PKCS #1)")
		}
	}
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return k, nil
	case *rsa.PrivateKey:
		if n := k.N.BitLen(); n < minRSABits {
			return nil, fmt.Errorf("an RSA key of %d bits; receivers want 2048 and refuse less than %d", n, minRSABits)
		}
		return k, nil
	}
	return nil, fmt.Errorf("a %T; DKIM knows RSA and Ed25519 keys", key)
}

// signedFields are signed where they are present. From stands twice, so that a
// second one cannot be added (RFC 6376 section 8.15).
var signedFields = []string{
	"From", "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To",
	"List-Id", "List-Unsubscribe", "Auto-Submitted", "Feedback-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}

// sign returns the mail with a field on top for each signature. All of them are over
// the mail as it was handed in.
func sign(mail []byte, signatures []Signature) ([]byte, error) {
	if len(signatures) == 0 {
		return mail, nil
	}
	keys := presentFields(mail)
	var fields bytes.Buffer
	for _, s := range signatures {
		signer, err := dkim.NewSigner(&dkim.SignOptions{
			Domain: s.Domain, Selector: s.Selector, Signer: s.Key, HeaderKeys: keys,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		})
		if err != nil {
			return nil, fmt.Errorf("sign for %s: %w", s.Domain, err)
		}
		_, err = signer.Write(mail)
		if err := errors.Join(err, signer.Close()); err != nil {
			return nil, fmt.Errorf("sign for %s: %w", s.Domain, err)
		}
		fields.WriteString(signer.Signature())
	}
	return append(fields.Bytes(), mail...), nil
}

// presentFields returns those of signedFields that the mail has, and From.
func presentFields(mail []byte) []string {
	head, _, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
	has := map[string]bool{"from": true}
	for line := range bytes.Lines(head) {
		if name, _, ok := bytes.Cut(line, []byte(":")); ok {
			has[strings.ToLower(string(name))] = true
		}
	}
	var names []string
	for _, f := range signedFields {
		if has[strings.ToLower(f)] {
			names = append(names, f)
		}
	}
	return names
}
