package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tierdesk/desk"
	"tierdesk/store"
)

// TestScripts plays the conversations of testdata/script: people write mail, the
// gateway runs on a clock that stands still until the script moves it, and the
// script says what everybody finds in the mailbox. Mail goes through real IMAP and
// SMTP servers in this process, tickets are in a real database.
//
// Each script has a mail system of its own: alice, bob and carol of customer.test, dave and
// erin of partner.test,
// mallory of evil.test, tess and tina (list l2), theo (list l3), boss and support
// of hd.test, and a second desk's mailbox, support@other.test. Its documents are
// those of the demo and the script's own below kb/. It begins on Monday, 2 March
// 2026, at nine in Berlin.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		WorkdirRoot:        t.ArtifactDir(),
		RequireUniqueNames: true,
		Setup:              setupWorld,
		Cmds:               scriptCommands(),
	})
}

// scriptCommands are what a script can say. All that look at something, but for
// expect, nomail and skip-mail, can be negated by an exclamation mark.
func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		// Start or restart a gateway on testdata/company.toml, with texts replaced. -add FILE
		// adds to it, -as NAME starts one beside the first, -hold sends nothing.
		"start": verb("[options] [OLD=>NEW] ...", (*world).start),
		// Let the gateways work until nothing happens any more.
		"run":     verb("", (*world).run),
		"advance": verb("DURATION", (*world).advance), // put the clock forward
		"until":   verb("TIME", (*world).until),       // … to a time in Berlin
		"operate": verb("WORD ...", (*world).operate), // run a command of tierdesk on the first gateway
		"close":   verb("N", (*world).closeTicket),    // close a ticket, as an operator would

		// Write mail. The options are those of mailOptions, in scriptmail_test.go.
		"mail":       verb("[options] WHO FILE ...", (*world).mail),   // submit a mail to support@hd.test
		"reply":      verb("[options] WHO FILE ...", (*world).reply),  // answer the letter that WHO opened last
		"press":      verb("[options] WHO WORDS ...", (*world).press), // press its button that writes WORDS
		"resend":     verb("", (*world).resend),                       // submit the last mail once more
		"bring-back": verb("WHO", (*world).bringBack),                 // send back the letter that WHO opened last
		"place":      verb("FILE", (*world).place),                    // put a mail into the mailbox without a server's trace

		// Look into mailboxes.
		"expect":     verb("WHO [SUBJECT]", (*world).expect),   // WHO opens the oldest new letter with such a subject
		"nomail":     verb("WHO ...", (*world).noMail),         // WHO has no new letter
		"skip-mail":  verb("WHO ...", (*world).skipMail),       // WHO opens all new letters without a look
		"told":       check("WHO [PATTERN]", (*world).told),    // WHO opens a letter about who has a ticket; the others pass over it
		"body":       check("PATTERN", (*world).body),          // the text of the letter opened last
		"html":       check("PATTERN", (*world).html),          // the source of its HTML
		"header":     check("NAME [PATTERN]", (*world).header), // a field of it
		"attachment": check("[NAME] ...", (*world).attachment), // its files
		"same-file":  check("NAME", (*world).sameFile),         // its file of that name is that of the mail written last

		// Look into the first gateway's database.
		"ticket":   check("N [KEY=VALUE] ...", (*world).ticket),      // the ticket is there, and so
		"document": check("ID MODE [BECAUSE]", (*world).document),    // trials have given the document that mode
		"report":   check("PATTERN", (*world).report),                // what `kb report` prints
		"draft":    check("N PATTERN", (*world).draft),               // what `kb draft` prints
		"event":    check("N TYPE [BECAUSE]", (*world).event),        // it has such an event
		"events":   check("N TYPE COUNT", (*world).events),           // it has so many
		"said":     check("N KIND PATTERN", (*world).said),           // its conversation has such a message
		"clock":    check("N KIND STATE", (*world).clock),            // it has such a clock
		"sla":      check("N PATTERN", (*world).sla),                 // its account of time says so, line by line
		"category": check("CATEGORY [REASON]", (*world).category),    // what became of the newest mail
		"mails":    check("CATEGORY COUNT [REASON]", (*world).mails), // so many mails became that
		"folder":   check("NAME COUNT", (*world).folder),             // so many mails lie in that folder of support
		"mailed":   check("ADDRESS COUNT", (*world).mailed),          // so many mails went, or are to go, to that address
		"outbox":   check("STATE COUNT", (*world).outbox),            // so many outgoing mails are in that state
	}
}

// verb makes a command of a method that does something.
func verb(usage string, do func(*world, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		w := enter(ts, usage, args)
		if neg {
			w.fail("this command cannot be negated")
		}
		do(w, args)
	}
}

// check makes a command of a method that looks whether something is so, and says
// what is there.
func check(usage string, is func(*world, []string) (ok bool, found string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if ok, found := is(enter(ts, usage, args), args); ok == neg {
			ts.Fatalf("found: %s", found)
		}
	}
}

// enter returns the script's world when the number of arguments is right.
func enter(ts *testscript.TestScript, usage string, args []string) *world {
	words := strings.Fields(usage)
	least, most := 0, len(words)
	for _, w := range words {
		if w == "..." {
			most = len(args)
		} else if !strings.HasPrefix(w, "[") {
			least++
		}
	}
	if len(args) < least || len(args) > most {
		ts.Fatalf("usage: %s", usage)
	}
	w := ts.Value(worldKey{}).(*world)
	w.ts = ts
	return w
}

type worldKey struct{}

// world is where a script plays.
type world struct {
	ts       *testscript.TestScript // while a command runs
	ctx      context.Context
	dir      string
	log      *os.File
	office   *postOffice
	people   map[string]string // addresses by the name in front of the @
	gateways []namedGateway
	opened   map[int]bool       // letters that the script looked at
	hand     map[string]*letter // the letter that each person opened last
	current  *letter            // the letter opened last
	written  int
	sent     posted // the mail written last
	searched int    // how many letters were searched for what is internal

	mu  sync.Mutex
	now time.Time
}

type namedGateway struct {
	name string
	*gateway
}

func (w *world) check(err error)              { w.ts.Check(err) }
func (w *world) fail(format string, a ...any) { w.ts.Fatalf(format, a...) }

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

func berlin() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return l
}

func setupWorld(env *testscript.Env) (err error) {
	w := &world{
		ctx: context.Background(), dir: env.WorkDir, now: time.Date(2026, 3, 2, 9, 0, 0, 0, berlin()),
		people: map[string]string{}, opened: map[int]bool{}, hand: map[string]*letter{},
	}
	boxes := []string{"alice@customer.test", "bob@customer.test", "carol@customer.test", "mallory@evil.test",
		"dave@partner.test", "erin@partner.test", "tess@hd.test", "tina@hd.test", "theo@hd.test", "boss@hd.test", "support@hd.test"}
	for _, b := range boxes {
		name, _, _ := strings.Cut(b, "@")
		w.people[name] = b
	}
	w.office, err = openPostOffice(w.Now, append(boxes, "support@other.test"),
		map[string][]string{"l2@hd.test": {"tess@hd.test", "tina@hd.test"}, "l3@hd.test": {"theo@hd.test"}})
	if err != nil {
		return err
	}
	if w.log, err = os.Create(filepath.Join(w.dir, "tierdesk.log")); err != nil {
		return err
	}
	env.Values[worldKey{}] = w
	env.Defer(w.end)
	documents, err := fs.Sub(companyDocuments, "sample/kb")
	if err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(w.dir, "kb"), documents)
}

// end stops everything and leaves the mail for whoever asks why a script failed.
func (w *world) end() {
	for _, g := range w.gateways {
		_ = g.Close()
	}
	_ = w.office.Close()
	_ = w.log.Close()
	_ = saveMail(filepath.Join(w.dir, "mail"), w.office)
}

// options parses the options of a command and returns the rest.
func (w *world) options(args []string, define func(*flag.FlagSet)) []string {
	f := flag.NewFlagSet("options", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	define(f)
	w.check(f.Parse(args))
	return f.Args()
}

func (w *world) start(args []string) {
	var name, more string
	var hold bool
	changes := w.options(args, func(f *flag.FlagSet) {
		f.StringVar(&name, "as", "desk", "")
		f.StringVar(&more, "add", "", "")
		f.BoolVar(&hold, "hold", false, "")
	})
	if more != "" {
		more = w.ts.ReadFile(more)
	}
	w.gateways = slices.DeleteFunc(w.gateways, func(g namedGateway) bool {
		if g.name == name {
			w.check(g.Close())
		}
		return g.name == name
	})
	cfg := w.configure(filepath.Join(w.dir, name), more, changes)
	g, err := openGateway(w.ctx, cfg, gatewayOptions{Now: w.Now, Log: slog.New(slog.NewTextHandler(w.log, nil)), Hold: hold})
	w.check(err)
	w.gateways = append(w.gateways, namedGateway{name, g})
}

func (w *world) configure(dir, more string, changes []string) *config {
	b, err := os.ReadFile("testdata/company.toml")
	w.check(err)
	text := strings.NewReplacer("@IMAP", "@"+w.office.imapAddr, "@SMTP", "@"+w.office.smtpAddr).Replace(string(b) + "\n" + more)
	for _, c := range changes {
		from, to, ok := strings.Cut(c, "=>")
		if !ok || !strings.Contains(text, from) {
			w.fail("%q changes nothing in the configuration", c)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	w.check(os.MkdirAll(dir, 0o700))
	for name, content := range map[string]string{"tierdesk.toml": text, "ca.pem": string(w.office.caPEM), "password": officePassword} {
		w.check(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	cfg, err := loadConfig(filepath.Join(dir, "tierdesk.toml"))
	w.check(err)
	return cfg
}

// store returns the database of the first gateway, which the checks look at.
func (w *world) store() *store.Store { return w.gateways[0].gateway.store }

// maxRounds is how often the gateways may work before a script calls it a loop.
const maxRounds = 12

func (w *world) run([]string) {
	for range maxRounds {
		before := w.state()
		for _, g := range w.gateways {
			w.check(g.Once(w.ctx))
		}
		if slices.Equal(before, w.state()) {
			w.nothingLeaks()
			w.auditClocks()
			return
		}
	}
	w.fail("the gateways are still busy after %d rounds", maxRounds)
}

// auditClocks compares every stored clock and recorded breach with the events.
func (w *world) auditClocks() {
	g := w.gateways[0].gateway
	problems, err := auditClocks(w.ctx, g.config, g.store)
	w.check(err)
	if len(problems) > 0 {
		w.fail("the clocks do not add up: %s", strings.Join(problems, "; "))
	}
}

// state counts what a gateway's work adds to.
func (w *world) state() []int64 {
	letters, _ := w.office.letters()
	state := []int64{int64(len(letters))}
	for _, g := range w.gateways {
		seq, _, err := g.gateway.store.Head(w.ctx)
		w.check(err)
		state = append(state, seq)
	}
	return state
}

func (w *world) advance(args []string) {
	var d duration
	w.check(d.UnmarshalText([]byte(args[0])))
	w.set(w.Now().Add(time.Duration(d)))
}

func (w *world) until(args []string) {
	at, err := time.ParseInLocation("2006-01-02T15:04", args[0], berlin())
	w.check(err)
	if at.Before(w.Now()) {
		w.fail("it is %s already", w.Now())
	}
	w.set(at)
}

// operate runs a command as an operator does, who has a clock of his own.
func (w *world) operate(args []string) {
	config := filepath.Join(w.dir, w.gateways[0].name, "tierdesk.toml")
	if code := run(w.ctx, append([]string{"--config", config}, args...), streams{strings.NewReader(""), w.log, w.log}); code != 0 {
		w.fail("exit status %d", code)
	}
}

// closeTicket does what no command of the gateway does yet.
func (w *world) closeTicket(args []string) {
	id := w.ticketID(args[0])
	t, err := w.store().Ticket(w.ctx, id)
	w.check(err)
	t.Status = desk.StatusClosed
	e := desk.NewEvent(id, desk.TicketClosed, "operator", "by hand", w.Now())
	e.Data.Status = t.Status
	w.check(w.store().Update(w.ctx, func(tx *store.Tx) error {
		return tx.Apply(w.ctx, desk.Change{Ticket: &t, Events: []desk.Event{e}})
	}))
}

// address returns the address of a person, who may also be named by it.
func (w *world) address(who string) string {
	a := w.people[who]
	switch {
	case strings.Contains(who, "@"):
		return who
	case a == "":
		w.fail("nobody is called %s", who)
	}
	return a
}

func (w *world) ticketID(s string) desk.TicketID {
	id, ok := desk.ParseNumber(s)
	if !ok {
		w.fail("%s is no ticket number", s)
	}
	return id
}

// pattern compiles the regular expression at args[i]; a missing one matches
// everything.
func (w *world) pattern(args []string, i int) *regexp.Regexp {
	text := ""
	if i < len(args) {
		text = args[i]
	}
	re, err := regexp.Compile("(?s)" + text)
	w.check(err)
	return re
}

// unfold takes the line ends out of a text, so that patterns need not know where
// lines break.
func unfold(text string) string { return strings.Join(strings.Fields(text), " ") }

// facts lists what is there, a line each, for the message of a failed check.
type facts struct{ strings.Builder }

func (f *facts) add(format string, a ...any) { fmt.Fprintf(f, "\n"+format, a...) }
