package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tierdesk/desk"
	"tierdesk/tiers"
	"tierdesk/triage"
)

// checker collects the problems of a configuration.
type checker struct {
	secrets  bool // those of mail servers must be there
	c        *config
	problems []problem
}

// check returns every problem that can be seen without a network.
func (c *config) check(secrets bool) []problem {
	k := &checker{c: c, secrets: secrets}
	k.desk()
	k.mailboxes()
	k.smtp()
	k.dkim()
	k.calendars()
	k.tiers()
	k.people()
	k.slas()
	k.rules()
	k.budgets()
	k.kb()
	k.crons()
	return k.problems
}

func (k *checker) bad(key, format string, args ...any) {
	k.problems = append(k.problems, problem{k.c.file, k.c.lines.of(key), key + ": " + fmt.Sprintf(format, args...)})
}

var plainAddress = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*/=?^_{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$`)

func (k *checker) address(key, a string) bool {
	if !plainAddress.MatchString(a) {
		k.bad(key, "%q is not a mail address such as support@hd.test", a)
		return false
	}
	return true
}

func (k *checker) desk() {
	d := &k.c.Desk
	if d.Name == "" {
		k.bad("desk.name", "missing: the name customers see")
	}
	if k.address("desk.address", d.Address) {
		if local, _, _ := strings.Cut(d.Address, "@"); len(local)+1+maxTokenLen > 64 && d.ReplyAddresses == "plus" {
			k.bad("desk.address", "the part before @ leaves no room for a signed reply address (64 characters); use reply_addresses = \"message-id\"")
		}
	}
	if d.ReplyAddresses != "plus" && d.ReplyAddresses != "message-id" {
		k.bad("desk.reply_addresses", "%q is neither \"plus\" nor \"message-id\"", d.ReplyAddresses)
	}
	if d.Tag == "" || len(d.Tag) > 20 || strings.ContainsAny(d.Tag, "[]#\r\n") {
		k.bad("desk.tag", "%q must have 1 to 20 characters without [, ] and #", d.Tag)
	}
	if _, err := time.LoadLocation(d.Timezone); err != nil {
		k.bad("desk.timezone", "%q is not an IANA time zone such as Europe/Berlin", d.Timezone)
	}
	for _, id := range d.TrustedAuthservIDs {
		if !hostName.MatchString(id) {
			k.bad("desk.trusted_authserv_ids", "%q is not a name such as mx.hd.test, or microsoft365", id)
		}
	}
	if *d.CloseAfter > duration(366*24*time.Hour) {
		k.bad("desk.close_after", "longer than a year; 0s never closes a ticket")
	}
	if time.Duration(*d.Undo) > time.Hour {
		k.bad("desk.undo", "longer than an hour: that is how long every reply would wait")
	}
	if host, _, err := net.SplitHostPort(withPort(d.DNS, "53")); d.DNS != "" && (err != nil || net.ParseIP(host) == nil) {
		k.bad("desk.dns", "%q is not the IP address of a resolver, such as 192.0.2.53 or 192.0.2.53:5353", d.DNS)
	}
	if m := k.c.Metrics.Listen; m != "" {
		host, _, err := net.SplitHostPort(m)
		if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
			k.bad("metrics.listen", "%q is not a loopback address such as 127.0.0.1:9464", m)
		}
	}
	if !strings.HasPrefix(k.c.Store.DSN, "sqlite:") && !strings.HasPrefix(k.c.Store.DSN, "postgres://") && !strings.HasPrefix(k.c.Store.DSN, "postgresql://") {
		k.bad("store.dsn", "%q starts neither with sqlite: nor with postgres://", withoutPassword(k.c.Store.DSN))
	}
	if u, err := url.Parse(k.c.Store.DSN); err == nil && u.User != nil {
		if _, inline := u.User.Password(); inline {
			k.bad("store.dsn", "the password stands in the configuration; use password_file")
		}
	}
	k.secret("store", k.c.Store.secretConfig)
}

// maxTokenLen is the longest token that desk.Keyring.Mint returns.
const maxTokenLen = 46

func (k *checker) secret(key string, s secretConfig) {
	switch {
	case s.PasswordFile != "" && s.PasswordEnv != "":
		k.bad(key+".password_file", "password_file and password_env exclude each other")
	case s.PasswordFile == "" && s.PasswordEnv == "":
	case !k.secrets && key != "store":
	default:
		if v, err := k.c.secret(s)(); err != nil {
			k.bad(key+".password_file", "%v", err)
		} else if v == "" {
			k.bad(key+".password_file", "the secret is empty")
		}
	}
}

func (k *checker) caFile(key, file string) {
	if file == "" {
		return
	}
	if _, err := loadCA(k.c.path(file)); err != nil {
		k.bad(key, "%v", err)
	}
}

func (k *checker) mailboxes() {
	if len(k.c.Mailboxes) == 0 {
		k.bad("mailbox", "no [[mailbox]]: there is no mail to answer")
	}
	names, places := map[string]bool{}, map[string]bool{}
	for i, m := range k.c.Mailboxes {
		key := "mailbox." + strconv.Itoa(i)
		k.address(key+".address", m.Address)
		if m.PasswordFile == "" && m.PasswordEnv == "" && m.OAuth2 == nil {
			k.bad(key, "no password_file, password_env or oauth2")
		}
		k.oauth(key, m.OAuth2, m.secretConfig)
		k.secret(key, m.secretConfig)
		k.caFile(key+".ca_file", m.CAFile)
		fetch := k.c.fetcherConfig(m)
		for _, err := range unjoin(fetch.Validate()) {
			k.bad(key, "%v", err)
		}
		if names[m.Name] {
			k.bad(key+".name", "%q names two mailboxes", m.Name)
		}
		names[m.Name] = true
		place := m.IMAP + "/" + m.Folder
		if places[place] {
			k.bad(key, "two mailboxes read the same folder %s", place)
		}
		places[place] = true
		if p := time.Duration(m.Poll); p < time.Second {
			k.bad(key+".poll", "%v is shorter than a second", p)
		}
	}
}

// unjoin returns the errors that errors.Join put together.
func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	return []error{err}
}

func (k *checker) smtp() {
	s := k.c.SMTP
	relay, err := parseRelay(s.Server, s.PlaintextInsecure)
	switch {
	case s.Server == "":
		k.bad("smtp.server", "missing, such as smtp://host:587")
	case err != nil:
		k.bad("smtp.server", "%v", err)
	case relay.User != "" && s.PasswordFile == "" && s.PasswordEnv == "" && s.OAuth2 == nil:
		k.bad("smtp.server", "a user without password_file, password_env or oauth2")
	case relay.User == "" && s.OAuth2 != nil:
		k.bad("smtp.server", "oauth2 without a user, such as smtp://support%%40hd.test@host:587")
	}
	k.oauth("smtp", s.OAuth2, s.secretConfig)
	k.secret("smtp", s.secretConfig)
	k.caFile("smtp.ca_file", s.CAFile)
	if _, _, err := k.c.pace(); err != nil {
		k.bad("smtp.rate", "%v", err)
	}
}

func (k *checker) calendars() {
	names := map[string]bool{}
	for i, c := range k.c.Calendars {
		key := "calendar." + strconv.Itoa(i)
		if c.Name == "" || names[c.Name] {
			k.bad(key+".name", "%q is missing or stands twice", c.Name)
		}
		names[c.Name] = true
		if _, err := k.c.calendar(c); err != nil {
			k.bad(key, "%v", err)
		}
	}
}

func (k *checker) calendarRef(key, name string) {
	if name != "" && !slices.ContainsFunc(k.c.Calendars, func(c calendarConfig) bool { return c.Name == name }) {
		k.bad(key, "there is no [[calendar]] named %q", name)
	}
}

func (k *checker) tiers() {
	levels := map[int]bool{}
	people := false
	for i, t := range k.c.Tiers {
		key := "tier." + strconv.Itoa(i)
		if !desk.Level(t.Level).Valid() || levels[t.Level] {
			k.bad(key+".level", "%d is not one of 1, 2, 3, 4, or stands twice", t.Level)
		}
		levels[t.Level] = true
		if t.List != "" && k.address(key+".list", t.List) && t.Level > 1 {
			people = true
		}
		if t.List == "" && t.Level > 1 {
			k.bad(key+".list", "missing: the distribution list of the tier's people")
		}
		if t.List != "" && k.isMailbox(t.List) {
			k.bad(key+".list", "%s is a mailbox of the desk itself: its mail would come back", t.List)
		}
		k.calendarRef(key+".calendar", t.Calendar)
		for _, need := range t.Needs {
			if need == "" || len(need) > 40 || desk.OneLine(need) != need {
				k.bad(key+".needs", "%q is not a word such as logs", need)
			}
		}
		if t.Repeat < 0 || t.Repeat > maxRepeat {
			k.bad(key+".repeat", "%d is not between 0 and %d", t.Repeat, maxRepeat)
		}
	}
	if !people {
		k.bad("tier", "no [[tier]] above level 1 with a list: nobody would get what L1 cannot answer")
	}
}

// maxRepeat bounds how often a tier is paged for one ticket before it climbs.
const maxRepeat = 20

func (k *checker) isMailbox(address string) bool {
	n := desk.NormalAddress(address)
	return n == desk.NormalAddress(k.c.Desk.Address) ||
		slices.ContainsFunc(k.c.Mailboxes, func(m mailboxConfig) bool { return desk.NormalAddress(m.Address) == n })
}

func (k *checker) people() {
	seen := map[string]string{}
	for i, t := range k.c.Technicians {
		key := "technician." + strconv.Itoa(i)
		if t.Name == "" {
			k.bad(key+".name", "missing")
		}
		if len(t.Addresses) == 0 {
			k.bad(key+".addresses", "missing")
		}
		for _, a := range t.Addresses {
			if !k.address(key+".addresses", a) {
				continue
			}
			if other, twice := seen[desk.NormalAddress(a)]; twice {
				k.bad(key+".addresses", "%s belongs to %s already", a, other)
			}
			seen[desk.NormalAddress(a)] = t.Name
			if k.isMailbox(a) {
				k.bad(key+".addresses", "%s is a mailbox of the desk itself", a)
			}
		}
		for _, l := range t.Tiers {
			if !slices.ContainsFunc(k.c.Tiers, func(t tierConfig) bool { return t.Level == l }) {
				k.bad(key+".tiers", "there is no [[tier]] with level %d", l)
			}
		}
	}
	for i, m := range k.c.Managers {
		key := "manager." + strconv.Itoa(i)
		if k.address(key+".address", m.Address) && k.isMailbox(m.Address) {
			k.bad(key+".address", "%s is a mailbox of the desk itself", m.Address)
		}
		for _, d := range m.Digests {
			if d != "daily" && d != "weekly" && d != "monthly" {
				k.bad(key+".digests", "%q is none of \"daily\", \"weekly\", \"monthly\"", d)
			}
		}
	}
}

func (k *checker) slas() {
	for i, s := range k.c.SLAs {
		key := "sla." + strconv.Itoa(i)
		k.calendarRef(key+".calendar", s.Calendar)
		if s.WarnAt <= 0 || s.WarnAt >= 1 {
			k.bad(key+".warn_at", "%v is not between 0 and 1", s.WarnAt)
		}
		for name, t := range map[string]targetConfig{"p1": s.P1, "p2": s.P2, "p3": s.P3, "p4": s.P4} {
			if t.Resolution > 0 && t.FirstResponse > t.Resolution {
				k.bad(key+"."+name, "first_response is longer than resolution")
			}
		}
	}
}

// maxPattern bounds the patterns of rules, in bytes.
const maxPattern = 1000

func (k *checker) rules() {
	for i, r := range k.c.Rules {
		key := "rule." + strconv.Itoa(i)
		if r.Name == "" {
			k.bad(key+".name", "missing: reasons name the rule")
		}
		if len(r.When) == 0 {
			k.bad(key+".when", "missing")
		}
		for field, pattern := range r.When {
			if !triage.Field(field).Valid() {
				k.bad(key+".when", "%q is not a field; there are subject, body, subject_or_body, from, to, mailbox", field)
			}
			if _, err := regexp.Compile(pattern); err != nil {
				k.bad(key+".when", "%s: %v", field, err)
			}
			if len(pattern) > maxPattern {
				k.bad(key+".when", "%s: the pattern is longer than %d characters", field, maxPattern)
			}
		}
		if r.Set.Tier != 0 && !slices.ContainsFunc(k.c.Tiers, func(t tierConfig) bool { return t.Level == r.Set.Tier }) {
			k.bad(key+".set", "there is no [[tier]] with level %d", r.Set.Tier)
		}
		if r.Set.Inform != 0 && !slices.ContainsFunc(k.c.Tiers, func(t tierConfig) bool { return t.Level == r.Set.Inform && t.List != "" }) {
			k.bad(key+".set", "there is no [[tier]] with level %d and a list to inform", r.Set.Inform)
		}
		if r.Set.L1 != "" && r.Set.L1 != "never" {
			k.bad(key+".set", "l1 is \"never\" or left out, not %q", r.Set.L1)
		}
		if p := desk.Priority(r.Set.Priority); p != "" && !p.Valid() {
			k.bad(key+".set", "priority %q is not one of p1, p2, p3, p4", p)
		}
	}
}

// budgets checks how much mail may go out, and who is told when it is too much.
func (k *checker) budgets() {
	for key, value := range map[string]string{
		"desk.newcomers": k.c.Desk.Newcomers, "desk.automatic": k.c.Desk.Automatic, "desk.tier_mail": k.c.Desk.TierMail,
	} {
		if _, err := parseHourly(value); err != nil {
			k.bad(key, "%v", err)
		}
	}
	if a := k.c.Desk.Admin; a != "" && k.address("desk.admin", a) && k.isMailbox(a) {
		k.bad("desk.admin", "%s is a mailbox of the desk", a)
	}
}

func (k *checker) kb() {
	if p := k.c.KB.Precision; p < 0.5 || p >= 1 {
		k.bad("kb.precision", "%v is not between 0.5 and 1", p)
	}
	if p := k.c.KB.GatePrecision; p < 0.5 || p >= 1 {
		k.bad("kb.gate_precision", "%v is not between 0.5 and 1", p)
	}
	if m := desk.Mode(k.c.KB.NewDocuments); m != desk.Live && m != desk.Shadow {
		k.bad("kb.new_documents", "%q is neither \"live\" nor \"shadow\"", m)
	}
	k.embeddings()
}

func (k *checker) crons() {
	for key, spec := range map[string]string{
		"cron.sla_check": k.c.Cron.SLACheck, "cron.digest_daily": k.c.Cron.DigestDaily,
		"cron.digest_weekly": k.c.Cron.DigestWeekly, "cron.digest_monthly": k.c.Cron.DigestMonthly,
		"cron.problem_review": k.c.Cron.ProblemReview,
	} {
		if err := (tiers.Schedule{SLACheck: spec}).Validate(); err != nil {
			k.bad(key, "%v", err)
		}
	}
}

// warnings are what is allowed and yet worth a look.
func (c *config) warnings() []string {
	w := c.exposedSecrets()
	for i, m := range c.Mailboxes {
		if m.PlaintextInsecure {
			w = append(w, fmt.Sprintf("%s:%d: mailbox %s is read without TLS", c.file, c.lines.of("mailbox."+strconv.Itoa(i)), m.Name))
		}
	}
	if c.SMTP.PlaintextInsecure {
		w = append(w, fmt.Sprintf("%s:%d: mail is sent without TLS", c.file, c.lines.of("smtp")))
	}
	if len(c.Desk.TrustedAuthservIDs) == 0 {
		w = append(w, fmt.Sprintf("%s:%d: no trusted_authserv_ids: technicians are believed only when an aligned DKIM signature can be verified", c.file, c.lines.of("desk")))
	}
	if len(c.Technicians) == 0 {
		w = append(w, fmt.Sprintf("%s: no [[technician]]: nobody can answer tickets by mail", c.file))
	}
	if len(c.SLAs) == 0 {
		w = append(w, fmt.Sprintf("%s: no [[sla]]: no response or resolution clocks run", c.file))
	}
	return w
}
