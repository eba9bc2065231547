package desk

import "strings"

// Robot returns the local part of an address that no person reads (RFC
// 5230 section 4.6, RFC 2142), or "".
func Robot(address string) string {
	local, _, ok := strings.Cut(NormalAddress(address), "@")
	if !ok {
		return ""
	}
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' {
			return -1
		}
		return r
	}, local)
	switch plain {
	case "mailerdaemon", "postmaster", "noreply", "donotreply", "dontreply", "neverreply", "noreplies",
		"listserv", "majordomo", "mailer", "bounce", "bounces", "autoreply", "autoresponder":
		return local
	}
	switch {
	case strings.HasPrefix(plain, "noreply"), strings.HasSuffix(plain, "noreply"), strings.HasPrefix(plain, "donotreply"), strings.HasSuffix(plain, "donotreply"):
		return local
	}
	if strings.HasPrefix(local, "owner-") || strings.HasSuffix(local, "-request") || strings.HasSuffix(local, "-bounces") || strings.HasSuffix(local, "-owner") {
		return local
	}
	if strings.Contains(local, "-bounces+") || strings.HasPrefix(local, "bounce+") || strings.HasPrefix(local, "bounces+") {
		return local
	}
	return ""
}
