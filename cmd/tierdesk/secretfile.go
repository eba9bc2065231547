package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// urlPassword is the password in what may be a URL, well formed or not.
var urlPassword = regexp.MustCompile(`(//[^:@/]*:).*@`)

// withoutPassword returns a URL as it may be shown.
func withoutPassword(url string) string { return urlPassword.ReplaceAllString(url, "${1}***@") }

// private reports a secret's file that others than its owner can read.
func (k *checker) private(key, file string) {
	if file == "" {
		return
	}
	if mode, open := exposed(k.c.path(file)); open {
		k.bad(key, "%s can be read by others (mode %04o); chmod 600 it", file, mode)
	}
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
