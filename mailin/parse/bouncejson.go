package parse

import (
	"encoding/json"
	"strings"

	"tierdesk/desk"
)

// notice is a bounce as Amazon SES reports it by mail through SNS.
type notice struct {
	Message          string `json:"Message"` // the notice itself, as a string
	NotificationType string `json:"notificationType"`
	Bounce           struct {
		Recipients []struct {
			Address    string `json:"emailAddress"`
			Action     string `json:"action"`
			Status     string `json:"status"`
			Diagnostic string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
}

// jsonNotice reads such a notice at the start of a text; nil when there is none.
func jsonNotice(text string) []desk.BounceRecipient {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil
	}
	var n notice
	if json.NewDecoder(strings.NewReader(text)).Decode(&n) != nil {
		return nil
	}
	if n.Message != "" && json.Unmarshal([]byte(n.Message), &n) != nil {
		return nil
	}
	var list []desk.BounceRecipient
	for _, r := range n.Bounce.Recipients {
		if len(list) < maxRecipients && r.Address != "" {
			list = append(list, desk.BounceRecipient{Address: r.Address, Action: r.Action, Status: r.Status, Diagnostic: afterSemicolon(r.Diagnostic)})
		}
	}
	return list
}
