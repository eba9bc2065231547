package triage

import (
	"fmt"
	"strings"
	"time"

	"tierdesk/desk"
)

// Explain says in words what was decided about a ticket, by whom and why, because of
// which mail, and what else was looked at. Times are in the zone, or UTC.
func Explain(events []desk.Event, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%s  %s by %s\n    because %s\n", e.At.In(zone).Format("2006-01-02 15:04"), e.Type, desk.OneLine(e.Actor), desk.OneLine(e.Because))
		if e.Raw != 0 {
			fmt.Fprintf(&b, "    mail %d, see tierdesk mail show %d\n", e.Raw, e.Raw)
		}
		for _, line := range e.Data.Trace {
			fmt.Fprintf(&b, "      %s\n", desk.OneLine(line))
		}
	}
	return b.String()
}
