package diagnose

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"tierdesk/desk"
)

var (
	webAddress = regexp.MustCompile(`\b(?:https?|ftp)://[^\s<>"'\]|)]{1,300}`)
	ipv4       = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	ipv6       = regexp.MustCompile(`[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*`)
	// A name in a domain that computers have, and not one of a file or a class.
	hostName = regexp.MustCompile(`(?:^|[\s(\[="'|,;:])((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}(?:com|net|org|edu|gov|info|biz|io|dev|cloud|app|de|at|ch|fr|be|lu|nl|uk|ie|it|es|pt|pl|cz|dk|se|no|fi|eu|us|ca|au|jp|local|lan|intern|internal|corp|home|arpa|test|example|invalid|localdomain))(?:$|[\s)\]"'|,;:./])`)
	// A name by which companies number their machines, or a share of one.
	machineName = regexp.MustCompile(`\b(?:SRV|SERVER|PC|LT|NB|WS|DESKTOP|LAPTOP|VM|DC|NAS|HOST|DB|APP|WEB|PRN|PRT|CLIENT|TS|FS|EX)(?:[A-Z]*-[A-Z0-9-]{0,30}\d[A-Z0-9]*|\d{2,8})\b`)
	share       = regexp.MustCompile(`\\\\([A-Za-z0-9][A-Za-z0-9.-]{0,62})\\[^\s\\]`)
)

// places finds URLs, IP addresses and names of computers.
func (c *collector) places(text string) {
	if strings.Contains(text, "://") {
		text = strings.ReplaceAll(text, ":[masked: password]@", "@")
		for _, m := range webAddress.FindAllString(text, maxValues) {
			c.add(desk.FoundURL, bareURL(m))
		}
		text = webAddress.ReplaceAllString(text, " ")
	}
	if strings.Count(text, ".") >= 3 && !c.full(desk.FoundIP) {
		for _, m := range ipv4.FindAllStringIndex(text, maxValues) {
			c.addIP(text, m)
		}
	}
	if strings.Count(text, ":") >= 2 && !c.full(desk.FoundIP) {
		for _, m := range ipv6.FindAllStringIndex(text, maxValues) {
			c.addIP(text, m)
		}
	}
	if c.full(desk.FoundHost) {
		return
	}
	if joined(text, func(c byte) bool { return c >= 'a' }) {
		for _, m := range hostName.FindAllStringSubmatch(text, maxValues) {
			c.add(desk.FoundHost, strings.ToLower(m[1]))
		}
	}
	if has(text, "SRV", "SERVER", "PC", "LT", "NB", "WS", "TOP", "VM", "DC", "NAS", "HOST", "DB", "APP", "WEB", "PRN", "PRT", "CLIENT", "TS", "FS", "EX") {
		c.all(desk.FoundHost, machineName, text)
	}
	if strings.Contains(text, `\\`) {
		for _, m := range share.FindAllStringSubmatch(text, maxValues) {
			c.add(desk.FoundHost, m[1])
		}
	}
}

// joined reports a dot between a letter or digit and a character of the kind.
func joined(text string, kind func(c byte) bool) bool {
	for i := 1; i+1 < len(text); i++ {
		if text[i] == '.' && text[i-1] > ' ' && text[i+1] >= '0' && kind(text[i+1]) {
			return true
		}
	}
	return false
}

// bareURL leaves out what may hold a secret: user, query and fragment.
func bareURL(s string) string {
	s = strings.TrimRight(s, ".,;:!?")
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}

// addIP takes an address that is not a version: "version 10.0.19.1".
func (c *collector) addIP(text string, at []int) {
	s := strings.TrimRight(text[at[0]:at[1]], ".:")
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.IsUnspecified() || !strings.ContainsAny(s, "0123456789") {
		return
	}
	before := strings.ToLower(strings.TrimRight(text[max(0, at[0]-10):at[0]], " :="))
	if strings.HasSuffix(before, "version") || strings.HasSuffix(before, "build") || strings.HasSuffix(before, " v") {
		return
	}
	c.add(desk.FoundIP, ip.String())
}

var (
	operatingSystem = regexp.MustCompile(`(?i)\b(?:Windows (?:Server )?(?:XP|Vista|7|8(?:\.1)?|10|11|20\d\d)(?: R2)?(?: (?:Home|Pro|Enterprise|Education))?(?:,? (?:Version )?\d\dH\d)?|macOS (?:[A-Z][a-z]+ )?\d{1,2}(?:\.\d+){0,2}|(?:Ubuntu|Debian|Fedora|RHEL|CentOS|SLES|openSUSE) \d{1,2}(?:\.\d+)*|(?:Android|iOS|iPadOS) \d{1,2}(?:\.\d+)*)\b`)
	// A name with a number of two parts, where the name is known to have versions.
	productVersion = regexp.MustCompile(`(?i)\b(?:Firefox|Chrome|Edge|Safari|Opera|Outlook|Thunderbird|Office|Excel|Word|Teams|Zoom|Acrobat(?: Reader)?|Java|JDK|JRE|Python|PHP|Node(?:\.js)?|Go|Ruby|\.NET(?: Framework| Core)?|MySQL|MariaDB|PostgreSQL|Oracle|SQL Server|nginx|Apache|Tomcat|OpenSSL|OpenSSH|OpenVPN|WireGuard|AnyConnect|GlobalProtect|FortiClient|SAP(?: GUI)?|Citrix|Kernel|Docker|Firmware|BIOS)(?:/| (?:version )?)v?(\d{1,4}(?:\.\d{1,6}){1,4})\b`)
	// A number that is called a version.
	calledVersion = regexp.MustCompile(`(?i)\b(?:version|release|build|firmware)(?: (?:is|ist|est))?[ :=]{1,3}v?(\d{1,5}(?:\.\d{1,6}){0,4}(?:[-+][0-9a-z.]{1,20})?)\b|\bv(\d{1,4}(?:\.\d{1,6}){1,4}(?:[-+][0-9a-z.]{1,20})?)\b`)
	// A name with a number of three parts or more.
	namedVersion = regexp.MustCompile(`\b([A-Za-z][A-Za-z0-9+#_.-]{1,30})[ /]v?(\d{1,4}(?:\.\d{1,6}){2,4}(?:[-+][0-9A-Za-z.]{1,20})?)\b`)
	update       = regexp.MustCompile(`\bKB\d{6,7}\b`)
	dayOrAddress = regexp.MustCompile(`^(?:\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d)|\d{1,3}(?:\.\d{1,3}){3})$`)
)

// versions finds versions of programs and systems.
func (c *collector) versions(text string) {
	if c.full(desk.FoundVersion) || !strings.ContainsAny(text, "0123456789") {
		return
	}
	lower := strings.ToLower(text)
	if has(lower, "windows", "macos", "ubuntu", "debian", "fedora", "rhel", "centos", "sles", "suse", "android", "ios", "ipados") {
		c.all(desk.FoundVersion, operatingSystem, text)
	}
	if strings.Contains(text, "KB") {
		c.all(desk.FoundVersion, update, text)
	}
	if !joined(text, func(c byte) bool { return c <= '9' }) && !has(lower, "version", "release", "build", "firmware") {
		return
	}
	known := map[string]bool{} // numbers that a better pattern has found
	for _, m := range productVersion.FindAllStringSubmatch(text, maxValues) {
		known[m[1]] = true
		c.add(desk.FoundVersion, m[0])
	}
	for _, m := range namedVersion.FindAllStringSubmatch(text, maxValues) {
		if known[m[2]] || dayOrAddress.MatchString(m[2]) || strings.EqualFold(m[1], "version") || m[1] == "v" {
			continue
		}
		known[m[2]] = true
		c.add(desk.FoundVersion, m[0])
	}
	for _, m := range calledVersion.FindAllStringSubmatch(text, maxValues) {
		if n := m[1] + m[2]; !known[n] && !dayOrAddress.MatchString(m[2]) {
			c.add(desk.FoundVersion, "version "+n)
		}
	}
}

// timeStamp has the forms of logs: ISO 8601, German, syslog's, Apache's.
var timeStamp = regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\b|\b\d{1,2}\.\d{1,2}\.\d{4},? \d{1,2}:\d\d(?::\d\d)?\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d\b|\b\d\d/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4}:\d\d:\d\d:\d\d\b`)

// times keeps the time stamp of a line.
func (c *collector) times(text string) {
	if !strings.Contains(text, ":") {
		return
	}
	if at := timeStamp.FindString(text); at != "" {
		c.addTime(at)
	}
}
