// Package docs holds the manual and the developers' pages, embedded so that the
// binary can print them. It has no other code.
package docs

import "embed"

// Pages are the pages by file name, "config.md" for one.
//
//go:embed *.md
var Pages embed.FS
