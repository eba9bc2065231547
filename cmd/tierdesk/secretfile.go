package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// urlPassword is the password in what may be a URL, well formed or not.
var urlPassword = regexp.MustCompile(`(//[^:@/]*:).*@`)

// withoutPassword returns a URL as it may be shown.
func withoutPassword(url string) string { return urlPassword.ReplaceAllString(url, "${1}***@") }

// exposedSecrets warns of each secret's file that others than its owner can read. It
// is no error: a container's secrets are mounted so, and out of everybody's reach.
func (c *config) exposedSecrets() []string {
	files := map[string]string{"store.password_file": c.Store.PasswordFile, "smtp.password_file": c.SMTP.PasswordFile, "kb.embeddings.key_file": c.KB.Embeddings.KeyFile}
	ofAccount := func(key string, o *oauthConfig) {
		if o != nil {
			files[key+".oauth2.client_secret_file"], files[key+".oauth2.refresh_token_file"] = o.ClientSecretFile, o.RefreshTokenFile
		}
	}
	ofAccount("smtp", c.SMTP.OAuth2)
	for i, m := range c.Mailboxes {
		key := "mailbox." + strconv.Itoa(i)
		files[key+".password_file"] = m.PasswordFile
		ofAccount(key, m.OAuth2)
	}
	for i, d := range c.DKIM {
		files["dkim."+strconv.Itoa(i)+".key_file"] = d.KeyFile
	}
	var warnings []string
	for _, key := range slices.Sorted(maps.Keys(files)) {
		if file := files[key]; file != "" {
			if mode, open := exposed(c.path(file)); open {
				warnings = append(warnings, fmt.Sprintf("%s:%d: %s can be read by others (mode %04o); chmod 600 it", c.file, c.lines.of(key), file, mode))
			}
		}
	}
	return warnings
}

// exposed reports whether the mode of a file lets its group or everybody read it, and
// those of the folders above let them get there. What cannot be looked at is not
// exposed: who reads it says more.
func exposed(path string) (fs.FileMode, bool) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return 0, false
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	readers := info.Mode().Perm() & 0o044
	for dir := filepath.Dir(path); readers != 0; dir = filepath.Dir(dir) {
		folder, err := os.Stat(dir)
		if err != nil {
			return 0, false
		}
		readers &= folder.Mode().Perm() << 2 // who may pass (x) stands two bits below who may read (r)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return info.Mode().Perm(), readers != 0
}
