package testbed

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// Postgres starts a PostgreSQL with an empty database and returns its DSN. It
// does not wait for the disk, so it is no measure of speed.
func Postgres(t testing.TB) string {
	t.Helper()
	bin := postgresBin(t)
	dir := tempDir(t, "postgres")
	var as []string // how to run as a user that PostgreSQL accepts
	if os.Getuid() == 0 {
		as = []string{need(t, "setpriv")[0], "--reuid=postgres", "--regid=postgres", "--clear-groups"}
		giveTo(t, dir, "postgres")
	}
	initdb := append(slices.Clone(as), bin+"/initdb", "-D", dir+"/data", "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
	run(t, dir, initdb[0], initdb[1:]...)
	port := freePorts(t, 1)[0]
	server := fmt.Sprintf("%s/postgres -D %s/data -p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s -c fsync=off", bin, dir, port, dir)
	for i := len(as) - 1; i >= 0; i-- {
		server = as[i] + " " + server
	}
	supervise(t, dir, server+" & pid=$!", "kill -QUIT $pid")
	dsn := fmt.Sprintf("postgres://desk@%s/postgres?sslmode=disable", loopback(port))
	waitFor(t, dir, loopback(port))
	waitUntil(t, dir, "PostgreSQL", func() error { return exec.Command(bin+"/pg_isready", "-q", "-d", dsn).Run() })
	return dsn
}

// postgresBin returns the folder of the newest installed version.
func postgresBin(t testing.TB) string {
	t.Helper()
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		missing(t, "PostgreSQL is not installed")
	}
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		return n
	}
	return slices.MaxFunc(dirs, func(a, b string) int { return version(a) - version(b) })
}

func giveTo(t testing.TB, path, name string) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		missing(t, "%v", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
}
