package tiers

import (
	"strings"

	"tierdesk/desk"
)

// missing returns what a tier needs and a ticket that is handed to it does not have.
func (w *writer) missing(needs []string, e *desk.Event, d *desk.Diagnostics) []string {
	var missing []string
	for _, need := range needs {
		if !w.has(need, e, d) {
			missing = append(missing, need)
		}
	}
	return missing
}

// has looks for what a need asks for: what was found in the customer's mails and
// their files, or else its word in what somebody wrote.
func (w *writer) has(need string, e *desk.Event, d *desk.Diagnostics) bool {
	found := func(kinds ...desk.FindingKind) bool {
		for _, k := range kinds {
			if len(d.Values(k)) > 0 {
				return true
			}
		}
		return false
	}
	switch need {
	case desk.NeedLogs:
		return d != nil && len(d.Trace)+len(d.Excerpts) > 0 || w.attached(e, "text/")
	case desk.NeedError:
		return found(desk.FoundCode, desk.FoundException)
	case desk.NeedEnvironment:
		return found(desk.FoundVersion, desk.FoundHost, desk.FoundIP)
	case desk.NeedScreenshot:
		return found(desk.FoundScreenshot) || w.attached(e, "image/")
	case desk.NeedTried:
		return w.said(func(m *desk.Message) bool {
			return m.Kind == desk.PublicReply || m.Kind == desk.InternalNote || m.Kind == desk.L1Answer
		})
	}
	word := strings.ToLower(need)
	return w.said(func(m *desk.Message) bool {
		return m.Kind != desk.L1Answer && strings.Contains(strings.ToLower(cut(m.Text)), word)
	})
}

// attached reports a file of the customer's of a media type, or a log by its name.
func (w *writer) attached(until *desk.Event, media string) bool {
	files, _ := w.files(until)
	for _, f := range files {
		name := strings.ToLower(f.Filename)
		if strings.HasPrefix(f.ContentType, media) || media == "text/" && (strings.HasSuffix(name, ".log") || strings.HasSuffix(name, ".zip")) {
			return true
		}
	}
	return false
}

func (w *writer) said(so func(*desk.Message) bool) bool {
	for i := range w.messages {
		if so(&w.messages[i]) {
			return true
		}
	}
	return false
}
