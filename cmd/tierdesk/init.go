package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed sample
var sample embed.FS

type initCmd struct {
	Dir string `arg:"" help:"Folder to create the configuration in." type:"path"`
}

// Run writes a commented configuration, sample documents and a folder for
// secrets. It never overwrites a file.
func (c initCmd) Run(std streams) error {
	files, err := fs.Sub(sample, "sample")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "tierdesk.toml")); err == nil {
		return fmt.Errorf("init: %s has a tierdesk.toml already", c.Dir)
	}
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(c.Dir, filepath.FromSlash(path))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		b, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return writeNew(to, b)
	})
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(c.Dir, "secrets"), 0o700); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	fmt.Fprintf(std.out, `Written to %s:
  tierdesk.toml   the configuration: set your addresses and servers
  kb/             sample documents that L1 answers with
  secrets/        put the passwords here: secrets/imap and secrets/smtp, mode 0600
Does your relay not sign mail? Make a key for [[dkim]]; "tierdesk help config" says how:
  openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out secrets/dkim.pem
Next: tierdesk check --config %s
`, c.Dir, filepath.Join(c.Dir, "tierdesk.toml"))
	return nil
}

func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
