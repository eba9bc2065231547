//go:build !cgo

package store

// The SQLite driver is C. Without cgo it would compile and then fail on the
// first start; this line makes the build fail instead.
var _ = tierdesk_needs_cgo__set_CGO_ENABLED_1_and_install_gcc
