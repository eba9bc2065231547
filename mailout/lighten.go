package mailout

import (
	"slices"

	"tierdesk/desk"
)

// lighten takes files of the customer off a mail to technicians, the last ones
// first, until it is smaller by about excess bytes, and notes in the letter that
// they are too large. It reports false when there is none to take: a person's reply
// goes out whole or not at all.
func lighten(o *desk.Outgoing, excess int) bool {
	kept := len(o.Attachments)
	o.Letter.Files = slices.Clone(o.Letter.Files)
	for i := range slices.Backward(o.Letter.Files) {
		f := &o.Letter.Files[i]
		if f.Note != "" || kept == 0 || excess <= 0 {
			continue
		}
		f.Note = desk.FileLarge
		kept--
		excess -= int(f.Size) / 3 * 4 // in base64
	}
	taken := kept < len(o.Attachments)
	o.Attachments = o.Attachments[:kept]
	return taken
}
