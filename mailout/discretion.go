package mailout

import (
	"regexp"
	"strings"

	"tierdesk/desk"
)

// addressLike finds what reads as an address in a text or a mailto: link.
var addressLike = regexp.MustCompile(`[\w.%+'-]+@[\w.-]*\w`)

// discreet replaces, in text that goes to a customer, the technicians', the managers'
// and the tiers' addresses and the desk's signed reply addresses by its plain one. A
// technician who quotes our mail would otherwise hand out what only he should
// have.
func (r *Renderer) discreet(text string) string {
	return addressLike.ReplaceAllStringFunc(text, func(found string) string {
		quoted := strings.TrimLeft(found, "'")
		address := strings.NewReplacer("%2B", "+", "%2b", "+").Replace(quoted)
		local, _, _ := strings.Cut(address, "@")
		signed := strings.Contains(local, "+") && r.Desk.Own(address)
		if signed || r.Desk.Technician(address) != nil || r.isTierList(address) || r.isManager(address) {
			return found[:len(found)-len(quoted)] + r.Desk.Address
		}
		return found
	})
}

func (r *Renderer) isTierList(address string) bool {
	for _, t := range r.Desk.Tiers {
		if t.List != "" && desk.NormalAddress(t.List) == desk.NormalAddress(address) {
			return true
		}
	}
	return false
}

func (r *Renderer) isManager(address string) bool {
	for _, m := range r.Desk.Managers {
		if desk.NormalAddress(m.Address) == desk.NormalAddress(address) {
			return true
		}
	}
	return false
}
