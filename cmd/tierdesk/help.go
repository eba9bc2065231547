package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"tierdesk/docs"
)

type helpCmd struct {
	Topic string `arg:"" optional:"" help:"A page of the manual; without one, the list of pages."`
}

// Run prints a page of the manual, or their titles.
func (c helpCmd) Run(std streams) error {
	pages, err := topics()
	if err != nil {
		return err
	}
	if c.Topic == "" {
		fmt.Fprintln(std.out, "tierdesk --help lists the commands. Pages of the manual, tierdesk help TOPIC:")
		for _, p := range pages {
			fmt.Fprintf(std.out, "  %-16s %s\n", p.name, p.title)
		}
		return nil
	}
	i := slices.IndexFunc(pages, func(p page) bool { return p.name == strings.TrimSuffix(c.Topic, ".md") })
	if i < 0 {
		return fmt.Errorf("%w: no page %q; tierdesk help lists them", errUsage, c.Topic)
	}
	_, err = fmt.Fprint(std.out, pages[i].text)
	return err
}

// page is one page of the manual.
type page struct{ name, title, text string }

func topics() ([]page, error) {
	var pages []page
	err := fs.WalkDir(docs.Pages, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(docs.Pages, path)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(b), "\n")
		pages = append(pages, page{strings.TrimSuffix(path, ".md"), strings.TrimPrefix(first, "# "), string(b)})
		return nil
	})
	return pages, err
}
