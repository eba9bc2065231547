package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with a value is said with its place and in words of the file.
func TestConfigProblems(t *testing.T) {
	company, err := os.ReadFile("testdata/company.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`dir            = "../kb"`, `precision = "high"`, "tierdesk.toml:29: kb.precision: number expected, string found"},
		{"[kb]", "[kb.embeddings]\nurl = \"http://gpu.test/v1\"\nmodel = \"m\"\n[kb]", "kb.embeddings.url: http only to this machine"},
		{"[kb]", "[kb.embeddings]\nurl = \"https://gpu.test/v1\"\n[kb]", "kb.embeddings: url and model belong together"},
		{"level = 1\n", "level = \"one\"\n", "tier.level: whole number expected, string found"},
		{"[kb]", "[[dkim]]\ndomain = \"other.test\"\nselector = \"x\"\n[kb]", "dkim.0.domain: other.test does not align with support@hd.test"},
		{"[kb]", "[[dkim]]\ndomain = \"mail.hd.test\"\nselector = \"x\"\nkey_file = \"tierdesk.toml\"\n[kb]", "dkim.0.key_file: no private key in PEM form"},
		{`tag       = "ACME"`, `dns = "resolver"`, `tierdesk.toml:7: desk.dns: "resolver" is not the IP address of a resolver`},
		{`"smtps://support%40hd.test@SMTP"`, `"smtps://support:secret@mx.hd.test"`, "smtp.server: the password stands in the configuration"},
		{`["mx.hd.test"]`, `["mx.hd.test; dmarc=pass"]`, "desk.trusted_authserv_ids: \"mx.hd.test; dmarc=pass\" is not a name"},
		{`list     = "l2@hd.test"`, `list     = "support@hd.test"`, "support@hd.test is a mailbox of the desk itself"},
		{`(?i)\b(crash`, strings.Repeat("a", maxPattern) + "(crash", "the pattern is longer than 1000 characters"},
		{`(?i)\b(crash`, "((crash", "missing closing )"},
	} {
		file := filepath.Join(t.TempDir(), "tierdesk.toml")
		if err := os.WriteFile(file, []byte(strings.Replace(string(company), c.old, c.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
}
