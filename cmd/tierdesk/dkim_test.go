package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierdesk/testbed"
)

func TestSigningKeysAreComparedWithTheDNS(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	dns := testbed.DNS(t)
	c := &config{DKIM: []dkimConfig{{Domain: "hd.test", Selector: "mail", KeyFile: file}}}
	c.Desk.DNS = dns.Address
	key := base64.StdEncoding.EncodeToString(public)
	for record, want := range map[string]string{
		"v=DKIM1; k=ed25519; p=" + key:                           "",
		"v=DKIM1; k=ed25519; p = " + key[:20] + " " + key[20:]:   "",
		"v=DKIM1; k=ed25519; p=" + strings.Repeat("A", 43) + "=": "another key",
		"v=DKIM1; k=ed25519; p=":                                 "another key",
	} {
		dns.Set("mail._domainkey.hd.test", record)
		if err := c.tryKeys(t.Context()); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", record, err)
		}
	}
	c.DKIM[0].Selector = "none"
	if err := c.tryKeys(t.Context()); err == nil || !strings.Contains(err.Error(), "none._domainkey.hd.test") {
		t.Errorf("without a record: %v", err)
	}
}
