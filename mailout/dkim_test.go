package mailout

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"tierdesk/desk"
)

func mustKey[K any](t testing.TB) func(K, error) K {
	return func(k K, err error) K {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
}

func inPEM(t testing.TB, key any) []byte {
	t.Helper()
	der := mustKey[[]byte](t)(x509.MarshalPKCS8PrivateKey(key))
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// signatures returns one of each kind, and the DNS that knows their keys.
func testSignatures(t testing.TB) ([]Signature, func(string) ([]string, error)) {
	t.Helper()
	long := mustKey[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	_, short, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	records := map[string]string{
		"rsa._domainkey.hd.test": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(mustKey[[]byte](t)(x509.MarshalPKIXPublicKey(long.Public()))),
		"ed._domainkey.hd.test":  "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(short.Public().(ed25519.PublicKey)),
	}
	var list []Signature
	for selector, key := range map[string]any{"rsa": long, "ed": short} {
		k := mustKey[crypto.Signer](t)(ParseDKIMKey(inPEM(t, key)))
		list = append(list, Signature{Domain: "hd.test", Selector: selector, Key: k})
	}
	return list, func(name string) ([]string, error) {
		if r, ok := records[name]; ok {
			return []string{r}, nil
		}
		return nil, errors.New("no such record")
	}
}

func verifyAll(t testing.TB, mail []byte, lookup func(string) ([]string, error)) (good int) {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(mail), &dkim.VerifyOptions{LookupTXT: lookup})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		if v.Err == nil {
			good++
		}
	}
	return good
}

func TestEachKindOfMailIsSigned(t *testing.T) {
	r := testRenderer(t)
	var lookup func(string) ([]string, error)
	r.Signatures, lookup = testSignatures(t)
	for _, kind := range []desk.OutgoingKind{desk.SendReply, desk.SendAnswer, desk.SendEscalation, desk.SendDigest} {
		mail := rendered(t, r, outgoing(t, r, kind, "de"))
		if n := verifyAll(t, mail, lookup); n != 2 {
			t.Errorf("%s: %d good signatures in\n%.2000s", kind, n, mail)
		}
		for _, line := range strings.Split(string(mail), "\r\n") {
			if len(line) > 998 {
				t.Errorf("%s: a line of %d octets", kind, len(line))
			}
		}
	}
}

func TestAChangedMailDoesNotVerify(t *testing.T) {
	r := testRenderer(t)
	var lookup func(string) ([]string, error)
	r.Signatures, lookup = testSignatures(t)
	mail := string(rendered(t, r, outgoing(t, r, desk.SendReply, "en")))
	for name, changed := range map[string]string{
		"a second From": "From: mallory@evil.test\r\n" + mail,
		"the subject":   strings.Replace(mail, "\r\nSubject:", "\r\nSubject: another", 1),
		"the body":      mail + "more\r\n",
	} {
		if n := verifyAll(t, []byte(changed), lookup); n != 0 {
			t.Errorf("%s: still %d good signatures", name, n)
		}
	}
}

func TestBadDKIMKeys(t *testing.T) {
	curve := mustKey[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"no PEM":    {[]byte("secret"), "PEM form"},
		"no key":    {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}), "no unencrypted private key"},
		"elliptic":  {inPEM(t, curve), "RSA and Ed25519"},
		"encrypted": {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}), "unencrypted"},
	} {
		if _, err := ParseDKIMKey(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
