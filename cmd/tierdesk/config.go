package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"tierdesk/desk"
)

// config is the configuration file, `tierdesk.toml`. docs/config.md describes
// every key.
type config struct {
	Desk struct {
		Name               string    `toml:"name"`
		Address            string    `toml:"address"`
		Tag                string    `toml:"tag"`
		Language           string    `toml:"language"`
		Timezone           string    `toml:"timezone"`
		DataDir            string    `toml:"data_dir"`
		ReplyAddresses     string    `toml:"reply_addresses"`
		TrustedAuthservIDs []string  `toml:"trusted_authserv_ids"`
		DNS                string    `toml:"dns"`
		Newcomers          string    `toml:"newcomers"`
		Automatic          string    `toml:"automatic"`
		TierMail           string    `toml:"tier_mail"`
		Admin              string    `toml:"admin"`
		CloseAfter         *duration `toml:"close_after"`
		Undo               *duration `toml:"undo"`
	} `toml:"desk"`
	Store struct {
		DSN string `toml:"dsn"`
		secretConfig
	} `toml:"store"`
	Mailboxes []mailboxConfig `toml:"mailbox"`
	SMTP      smtpConfig      `toml:"smtp"`
	DKIM      []dkimConfig    `toml:"dkim"`
	KB        struct {
		Dir           string  `toml:"dir"`
		Precision     float64 `toml:"precision"`
		NewDocuments  string  `toml:"new_documents"`
		GatePrecision float64 `toml:"gate_precision"`
		Suggest       *bool   `toml:"suggest"`

		Embeddings embeddingsConfig `toml:"embeddings"`
	} `toml:"kb"`
	Templates struct {
		Dir string `toml:"dir"`
	} `toml:"templates"`
	Tiers       []tierConfig       `toml:"tier"`
	Technicians []technicianConfig `toml:"technician"`
	Managers    []managerConfig    `toml:"manager"`
	Calendars   []calendarConfig   `toml:"calendar"`
	SLAs        []slaConfig        `toml:"sla"`
	Rules       []ruleConfig       `toml:"rule"`
	Cron        cronConfig         `toml:"cron"`
	Metrics     struct {
		Listen string `toml:"listen"`
	} `toml:"metrics"`

	file  string // path, for messages
	dir   string // what relative paths are relative to
	lines lineIndex
	// tokens holds one source of access tokens for each way to get them, since those
	// who share a refresh token must not use it at the same time.
	tokens map[oauthConfig]*tokenSource
}

// secretConfig says where a secret comes from; never the configuration itself.
type secretConfig struct {
	PasswordFile string `toml:"password_file"`
	PasswordEnv  string `toml:"password_env"`
}

type mailboxConfig struct {
	Name              string       `toml:"name"`
	Address           string       `toml:"address"`
	IMAP              string       `toml:"imap"`
	Folder            string       `toml:"folder"`
	Processed         *string      `toml:"processed"`
	Failed            *string      `toml:"failed"`
	Start             string       `toml:"start"`
	Poll              duration     `toml:"poll"`
	CAFile            string       `toml:"ca_file"`
	PlaintextInsecure bool         `toml:"plaintext_insecure"`
	OAuth2            *oauthConfig `toml:"oauth2"`
	secretConfig
}

type smtpConfig struct {
	Server            string       `toml:"server"`
	Rate              string       `toml:"rate"`
	CAFile            string       `toml:"ca_file"`
	PlaintextInsecure bool         `toml:"plaintext_insecure"`
	OAuth2            *oauthConfig `toml:"oauth2"`
	secretConfig
}

type dkimConfig struct {
	Domain   string `toml:"domain"`
	Selector string `toml:"selector"`
	KeyFile  string `toml:"key_file"`
}

type tierConfig struct {
	Level       int      `toml:"level"`
	Name        string   `toml:"name"`
	List        string   `toml:"list"`
	Calendar    string   `toml:"calendar"`
	Ack         duration `toml:"ack"`
	Hold        duration `toml:"hold"`
	Lease       duration `toml:"lease"`
	Repeat      int      `toml:"repeat"`
	CostPerHour float64  `toml:"cost_per_hour"`
	Needs       []string `toml:"needs"`
}

type technicianConfig struct {
	Name      string   `toml:"name"`
	Addresses []string `toml:"addresses"`
	Tiers     []int    `toml:"tiers"`
}

type managerConfig struct {
	Address string   `toml:"address"`
	Digests []string `toml:"digests"`
}

type calendarConfig struct {
	Name     string              `toml:"name"`
	Timezone string              `toml:"timezone"`
	Hours    map[string][]string `toml:"hours"`
	Holidays []string            `toml:"holidays"`
}

type slaConfig struct {
	Name     string       `toml:"name"`
	Calendar string       `toml:"calendar"`
	P1       targetConfig `toml:"p1"`
	P2       targetConfig `toml:"p2"`
	P3       targetConfig `toml:"p3"`
	P4       targetConfig `toml:"p4"`
	WarnAt   float64      `toml:"warn_at"`
}

type targetConfig struct {
	FirstResponse duration `toml:"first_response"`
	NextResponse  duration `toml:"next_response"`
	Resolution    duration `toml:"resolution"`
}

type ruleConfig struct {
	Name string            `toml:"name"`
	When map[string]string `toml:"when"`
	Set  struct {
		Category string `toml:"category"`
		Tier     int    `toml:"tier"`
		Priority string `toml:"priority"`
		Inform   int    `toml:"inform"`
		L1       string `toml:"l1"`
	} `toml:"set"`
}

type cronConfig struct {
	SLACheck      string `toml:"sla_check"`
	DigestDaily   string `toml:"digest_daily"`
	DigestWeekly  string `toml:"digest_weekly"`
	DigestMonthly string `toml:"digest_monthly"`
	ProblemReview string `toml:"problem_review"`
}

// duration is a Go duration that also knows days: "90s", "4h", "3d", "1d12h".
type duration time.Duration

var dayPart = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)d(.*)$`)

// UnmarshalText reads a duration.
func (d *duration) UnmarshalText(b []byte) error {
	s, days := string(b), 0.0
	if m := dayPart.FindStringSubmatch(s); m != nil {
		days, _ = strconv.ParseFloat(m[1], 64) // the pattern admits only numbers
		if s = m[2]; s == "" {
			s = "0s"
		}
	}
	rest, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 90s, 4h or 3d", b)
	}
	*d = duration(time.Duration(days*24*float64(time.Hour)) + rest)
	if *d < 0 {
		return fmt.Errorf("%q is negative", b)
	}
	return nil
}

// problem is one thing wrong with the configuration, with its place.
type problem struct {
	file string
	line int // 0: the file as a whole
	text string
}

func (p problem) String() string {
	if p.line == 0 {
		return p.file + ": " + p.text
	}
	return fmt.Sprintf("%s:%d: %s", p.file, p.line, p.text)
}

// configError is every problem of a configuration at once.
type configError []problem

func (e configError) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// loadConfig reads and checks the file. An error that is a configError lists
// every problem found.
func loadConfig(file string) (*config, error) { return readConfig(file, true) }

// readConfig is loadConfig for commands that talk to no mail server: without
// secrets, those of mail servers need not be there.
func readConfig(file string, secrets bool) (*config, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c := &config{file: file, dir: filepath.Dir(abs), lines: indexLines(b), tokens: map[oauthConfig]*tokenSource{}}
	dec := toml.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if problems := decodeProblems(file, dec.Decode(c)); problems != nil {
		return nil, problems
	}
	c.defaults()
	if problems := c.check(secrets); len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b problem) int { return a.line - b.line })
		return nil, configError(problems)
	}
	return c, nil
}

// decodeProblems turns an error of the decoder into problems with their lines.
func decodeProblems(file string, err error) error {
	if err == nil {
		return nil
	}
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var out configError
		for i := range strict.Errors {
			row, _ := strict.Errors[i].Position()
			out = append(out, problem{file, row, fmt.Sprintf("unknown key %q; docs/config.md lists the keys", strings.Join(strict.Errors[i].Key(), "."))})
		}
		return out
	}
	var one *toml.DecodeError
	if errors.As(err, &one) {
		row, _ := one.Position()
		return configError{{file, row, decodeText(one)}}
	}
	return configError{{file, 0, err.Error()}}
}

var typeMismatch = regexp.MustCompile(`cannot decode toml ([a-z]+) into .* of type ([a-z0-9]+)`)

// decodeText says what the decoder found wrong, without the names of Go's types.
func decodeText(err *toml.DecodeError) string {
	text := strings.TrimPrefix(err.Error(), "toml: ")
	if m := typeMismatch.FindStringSubmatch(strings.ToLower(text)); m != nil {
		wanted := strings.NewReplacer("float64", "number", "int", "whole number", "bool", "true or false").Replace(m[2])
		return fmt.Sprintf("%s: %s expected, %s found", strings.Join(err.Key(), "."), wanted, m[1])
	}
	return text
}

func (c *config) defaults() {
	orElse := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	orElse(&c.Desk.Tag, "DESK")
	orElse(&c.Desk.Language, "en")
	orElse(&c.Desk.Timezone, "UTC")
	orElse(&c.Desk.DataDir, "data")
	orElse(&c.Desk.ReplyAddresses, "plus")
	if c.Desk.Undo == nil {
		c.Desk.Undo = ptr(duration(time.Minute))
	}
	orElse(&c.Desk.Newcomers, "600/h")
	orElse(&c.Desk.Automatic, "3000/h")
	orElse(&c.Desk.TierMail, "500/h")
	orElse(&c.Store.DSN, "sqlite:"+filepath.Join(c.Desk.DataDir, "tierdesk.db"))
	orElse(&c.Cron.SLACheck, "@every 15s")
	orElse(&c.Cron.DigestDaily, "0 8 * * 1-5")
	orElse(&c.Cron.DigestWeekly, "0 8 * * 1")
	orElse(&c.Cron.DigestMonthly, "0 8 1 * *")
	orElse(&c.Cron.ProblemReview, "0 9 * * 1")
	if c.Desk.CloseAfter == nil {
		c.Desk.CloseAfter = ptr(duration(14 * 24 * time.Hour))
	}
	if c.KB.Precision == 0 {
		c.KB.Precision = 0.95
	}
	orElse(&c.KB.NewDocuments, string(desk.Live))
	if c.KB.GatePrecision == 0 {
		c.KB.GatePrecision = 0.8
	}
	if c.KB.Suggest == nil {
		c.KB.Suggest = ptr(true)
	}
	for i := range c.Mailboxes {
		m := &c.Mailboxes[i]
		orElse(&m.Address, c.Desk.Address)
		orElse(&m.Name, m.Address)
		orElse(&m.Folder, "INBOX")
		orElse(&m.Start, "now")
		if m.Processed == nil {
			m.Processed = ptr("Processed")
		}
		if m.Failed == nil {
			m.Failed = ptr("Quarantine")
		}
		if m.Poll == 0 {
			m.Poll = duration(30 * time.Second)
		}
	}
	for i := range c.SLAs {
		if c.SLAs[i].WarnAt == 0 {
			c.SLAs[i].WarnAt = 0.75
		}
	}
}

func ptr[T any](v T) *T { return &v }

// path resolves a path of the configuration; "" stays "".
func (c *config) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}

// secret returns a function that reads the secret anew on each call, so that a
// rotated password needs no restart. Without file and variable it returns "".
func (c *config) secret(s secretConfig) func() (string, error) {
	return func() (string, error) {
		if s.PasswordEnv != "" {
			v, ok := os.LookupEnv(s.PasswordEnv)
			if !ok {
				return "", fmt.Errorf("environment variable %s is not set", s.PasswordEnv)
			}
			return v, nil
		}
		if s.PasswordFile == "" {
			return "", nil
		}
		b, err := os.ReadFile(c.path(s.PasswordFile))
		if err != nil {
			return "", fmt.Errorf("password file: %w", err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
}

// lineIndex maps a dotted key such as "mailbox.0.imap" to its line.
type lineIndex map[string]int

var (
	tableLine = regexp.MustCompile(`^\s*\[(\[?)\s*([A-Za-z0-9_.-]+)\s*\]`)
	keyLine   = regexp.MustCompile(`^\s*([A-Za-z0-9_-]+)\s*=`)
)

// indexLines finds where tables and keys stand. It reads lines, not TOML: good
// enough to point a person at the place.
func indexLines(b []byte) lineIndex {
	idx, count, table := lineIndex{}, map[string]int{}, ""
	for n, line := range strings.Split(string(b), "\n") {
		if m := tableLine.FindStringSubmatch(line); m != nil {
			table = m[2]
			if m[1] != "" {
				table = fmt.Sprintf("%s.%d", m[2], count[m[2]])
				count[m[2]]++
			}
			idx[table] = n + 1
		} else if m := keyLine.FindStringSubmatch(line); m != nil {
			key := m[1]
			if table != "" {
				key = table + "." + key
			}
			if _, seen := idx[key]; !seen {
				idx[key] = n + 1
			}
		}
	}
	return idx
}

// of returns the line of a key, or of the table it belongs to.
func (idx lineIndex) of(key string) int {
	for key != "" {
		if n, ok := idx[key]; ok {
			return n
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			break
		}
		key = key[:i]
	}
	return 0
}
