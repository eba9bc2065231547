package diagnose

import (
	"regexp"
	"strings"

	"tierdesk/desk"
)

// The shapes of error codes.
var (
	windowsCode = regexp.MustCompile(`\b0[xX][0-9A-Fa-f]{8}\b`)
	// A code that is called one, with its word in several languages.
	calledCode = regexp.MustCompile(`(?i)\b(?:(?:error|fehler|erreur|errore|fout|błąd|errno|fault)(?:[- ]?(?:code|nummer|number|nr\.?|no\.?|id))?|(?:exit|stop|return)[- ]?code|code[- ]d['’]erreur|c[óo]digo de error|codice (?:di )?errore)(?: (?:is|ist|est|was|lautet))?[ :=#(\[]{0,3}(-?\d{2,10}|0x[0-9a-f]{1,8}|[a-z]{1,6}[-_]?\d{2,6})\b`)
	httpCode   = regexp.MustCompile(`(?i)\bHTTP(?:/\d(?:\.\d)?)?(?:[- ](?:status|error|code|fehler|erreur)){0,2}[ :="]{1,3}([1-5]\d\d)\b|\bstatus(?:[ -]?code)?[ :=]{1,3}([1-5]\d\d)\b`)
	httpPhrase = regexp.MustCompile(`(?i)\b([45]\d\d)[ :-]{1,3}(?:Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Request Time-?out|Conflict|Gone|Payload Too Large|Too Many Requests|Internal Server Error|Not Implemented|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)\b`)
	// RFC 5321 reply code with RFC 3463 status.
	smtpCode = regexp.MustCompile(`\b([245]\d\d)[ -]#?([245]\.\d{1,3}\.\d{1,3})\b`)
	// Codes of well-known makers.
	makersCode = regexp.MustCompile(`\b(?:ORA|PLS|TNS|RMAN|AADSTS|MSB|IDX|CAA|NETSDK|SQL|DB2|HRESULT)-?\d{3,6}[A-Z]?\b|\b(?:SQLSTATE|sqlstate)[ \[:=]{1,3}[0-9A-Z]{5}\b`)
	namedCode  = regexp.MustCompile(`\b(?:(?:NET::)?ERR_[A-Z0-9_]{3,50}|(?:WSA)?E(?:CONNREFUSED|CONNRESET|CONNABORTED|TIMEDOUT|NOTFOUND|NOENT|ACCES|PERM|ADDRINUSE|HOSTUNREACH|NETUNREACH|PIPE|AI_AGAIN|NOSPC|MFILE|INTEGRITY)|DNS_PROBE_[A-Z_]{3,40}|STATUS_[A-Z_]{4,50}|SSL_ERROR_[A-Z_]{3,50}|SEC_ERROR_[A-Z_]{3,50}|PR_[A-Z_]{3,40}_ERROR|MOZILLA_PKIX_[A-Z_]{3,60}|INET_E_[A-Z_]{3,40})\b`)
)

// codes tries a pattern where one of the words stands that it needs: the patterns are
// many, and most lines of most mails have none of them.
func (c *collector) codes(text string) {
	if c.full(desk.FoundCode) {
		return
	}
	if has(text, "ERR", "PROBE_", "STATUS_", "PKIX", "INET_E", "ECONN", "ETIME", "ENO", "EACC", "EPERM", "EADDR", "EHOST", "ENET", "EPIPE", "EAI", "EMFILE", "EINTEG") {
		c.all(desk.FoundCode, namedCode, text)
	}
	if !strings.ContainsAny(text, "0123456789") {
		return
	}
	if has(text, "0x", "0X") {
		c.all(desk.FoundCode, windowsCode, text)
	}
	lower := strings.ToLower(text)
	if has(lower, "err", "fehler", "fout", "błąd", "fault", "code", "códi", "codi") {
		for _, m := range calledCode.FindAllStringSubmatch(text, maxValues) {
			c.add(desk.FoundCode, calledAs(m[1]))
		}
	}
	if has(lower, "http", "status") {
		for _, m := range httpCode.FindAllStringSubmatch(text, maxValues) {
			c.add(desk.FoundCode, "HTTP "+m[1]+m[2])
		}
	}
	if has(lower, "bad ", "unauthorized", "forbidden", "not found", "not allowed", "time", "conflict", "gone", "too ", "server error", "implemented", "unavailable") {
		for _, m := range httpPhrase.FindAllStringSubmatch(text, maxValues) {
			c.add(desk.FoundCode, "HTTP "+m[1])
		}
	}
	if strings.Count(text, ".") >= 2 {
		for _, m := range smtpCode.FindAllStringSubmatch(text, maxValues) {
			c.add(desk.FoundCode, m[1]+" "+m[2])
		}
	}
	if has(text, "ORA", "PLS", "TNS", "RMAN", "AADSTS", "MSB", "IDX", "CAA", "NETSDK", "SQL", "DB2", "HRESULT", "sqlstate") {
		c.all(desk.FoundCode, makersCode, text)
	}
}

// has reports whether one of the words stands in a text.
func has(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// all adds every match.
func (c *collector) all(kind desk.FindingKind, pattern *regexp.Regexp, text string) {
	for _, m := range pattern.FindAllString(text, maxValues) {
		c.add(kind, m)
	}
}

// calledAs writes a code in one way, whatever the language that called it one: a
// number alone says nothing, a code with letters stands for itself.
func calledAs(code string) string {
	if strings.Trim(code, "-0123456789") == "" {
		return "error " + code
	}
	return code
}

// exceptionName is the name of a class that is thrown: with a package, or with
// capitals inside.
var exceptionName = regexp.MustCompile(`\b(?:[A-Za-z_]\w*[.\\]){1,8}[A-Z]\w*(?:Exception|Error|Fault|Throwable)\b|\b[A-Z][a-z]\w*(?:Exception|Error)\b`)

func (c *collector) exceptions(text string) {
	if c.full(desk.FoundException) {
		return
	}
	if has(text, "Exception", "Error", "Fault", "Throwable") {
		c.all(desk.FoundException, exceptionName, text)
	}
}
