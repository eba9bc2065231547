package main

import (
	"bytes"
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
// Each script has a mail system of its own: alice, bob and carol of customer.test,
// mallory of evil.test, tess and tina (list l2), theo (list l3), boss and support
// of hd.test, and a second desk's mailbox, support@other.test. Its sample
// documents are those of the demo; files below kb/ in a script are added.
//
//	start [options] [OLD=>NEW ...]        start or restart a gateway on testdata/company.toml, with texts replaced;
//	                                      -add FILE adds to it, -as NAME starts one beside the first, -hold sends nothing
//	run                                   let the gateways work until nothing happens any more
//	advance 31m, until 2026-03-03T08:01   move the clock (Berlin); it begins on Monday, 2 March 2026, 09:00
//	close TICKET                          close it, as an operator would
//	mail, reply, press, resend …          write mail, see scriptmail_test.go
//	expect, nomail, body, ticket …        look, see scriptlook_test.go
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		WorkdirRoot:        t.ArtifactDir(),
		RequireUniqueNames: true,
		Setup:              setupWorld,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":      verb((*world).start),
			"run":        verb((*world).run),
			"advance":    verb((*world).advance),
			"until":      verb((*world).until),
			"mail":       verb((*world).mail),
			"reply":      verb((*world).reply),
			"press":      verb((*world).press),
			"resend":     verb((*world).resend),
			"place":      verb((*world).place),
			"bring-back": verb((*world).bringBack),
			"close":      verb((*world).closeTicket),
			"expect":     verb((*world).expect),
			"nomail":     verb((*world).noMail),
			"skip-mail":  verb((*world).skipMail),
			"body":       check((*world).body),
			"header":     check((*world).header),
			"attachment": check((*world).attachment),
			"ticket":     check((*world).ticket),
			"event":      check((*world).event),
			"events":     check((*world).events),
			"said":       check((*world).said),
			"category":   check((*world).category),
			"mails":      check((*world).mails),
			"clock":      check((*world).clock),
			"outbox":     check((*world).outbox),
		},
	})
}

// verb makes a command of a method that does something.
func verb(do func(*world, *testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		ts.Check(do(ts.Value(worldKey{}).(*world), ts, args))
	}
}

// check makes a command of a method that looks whether something is so. It returns
// what is there instead, for the message.
func check(is func(*world, []string) (ok bool, found string, err error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		ok, found, err := is(ts.Value(worldKey{}).(*world), args)
		ts.Check(err)
		if ok == neg {
			ts.Fatalf("found: %s", found)
		}
	}
}

type worldKey struct{}

// world is where a script plays.
type world struct {
	ctx      context.Context
	dir      string
	log      *os.File
	office   *postOffice
	people   map[string]string // addresses by the name in front of the @
	gateways []*namedGateway
	seen     map[int]bool       // letters that the script looked at
	hand     map[string]*letter // the letter that each person looked at last
	current  *letter            // the letter looked at last
	written  int
	sent     envelopeMail // the mail written last

	mu  sync.Mutex
	now time.Time
}

type namedGateway struct {
	name string
	*gateway
}

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

var berlin = must(time.LoadLocation("Europe/Berlin"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func setupWorld(env *testscript.Env) error {
	w := &world{
		ctx: context.Background(), dir: env.WorkDir, now: time.Date(2026, 3, 2, 9, 0, 0, 0, berlin),
		people: map[string]string{}, seen: map[int]bool{}, hand: map[string]*letter{},
	}
	boxes := []string{"alice@customer.test", "bob@customer.test", "carol@customer.test", "mallory@evil.test",
		"tess@hd.test", "tina@hd.test", "theo@hd.test", "boss@hd.test", "support@hd.test"}
	for _, b := range boxes {
		name, _, _ := strings.Cut(b, "@")
		w.people[name] = b
	}
	var err error
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
	return w.copyDocuments()
}

// copyDocuments adds the sample documents to those of the script.
func (w *world) copyDocuments() error {
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

// flags parses the options of a command and returns the rest.
func flags(args []string, define func(*flag.FlagSet)) ([]string, error) {
	f := flag.NewFlagSet("options", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	define(f)
	err := f.Parse(args)
	return f.Args(), err
}

// start [-as NAME] [-hold] [-add FILE] [OLD=>NEW ...]
func (w *world) start(ts *testscript.TestScript, args []string) error {
	var name, more string
	var hold bool
	changes, err := flags(args, func(f *flag.FlagSet) {
		f.StringVar(&name, "as", "desk", "")
		f.BoolVar(&hold, "hold", false, "")
		f.StringVar(&more, "add", "", "")
	})
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(w.gateways, func(g *namedGateway) bool { return g.name == name }); i >= 0 {
		if err := w.gateways[i].Close(); err != nil {
			return err
		}
		w.gateways = slices.Delete(w.gateways, i, i+1)
	}
	if more != "" {
		more = ts.ReadFile(more)
	}
	cfg, err := w.configure(filepath.Join(w.dir, name), more, changes)
	if err != nil {
		return err
	}
	g, err := openGateway(w.ctx, cfg, gatewayOptions{Now: w.Now, Log: slog.New(slog.NewTextHandler(w.log, nil)), Hold: hold})
	if err != nil {
		return err
	}
	w.gateways = append(w.gateways, &namedGateway{name, g})
	return nil
}

func (w *world) configure(dir, more string, changes []string) (*config, error) {
	b, err := os.ReadFile("testdata/company.toml")
	if err != nil {
		return nil, err
	}
	text := strings.NewReplacer("@IMAP", "@"+w.office.imapAddr, "@SMTP", "@"+w.office.smtpAddr).Replace(string(b)) + "\n" + more
	for _, c := range changes {
		from, to, ok := strings.Cut(c, "=>")
		if !ok || !strings.Contains(text, from) {
			return nil, fmt.Errorf("%q changes nothing in the configuration", c)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for name, content := range map[string]string{"tierdesk.toml": text, "ca.pem": string(w.office.caPEM), "password": officePassword} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return loadConfig(filepath.Join(dir, "tierdesk.toml"))
}

// store returns the database of the first gateway, which the checks look at.
func (w *world) store() *store.Store { return w.gateways[0].gateway.store }

// maxRounds is how often the gateways may work before a script calls it a loop.
const maxRounds = 12

func (w *world) run(_ *testscript.TestScript, args []string) error {
	for range maxRounds {
		before, err := w.state()
		if err != nil {
			return err
		}
		for _, g := range w.gateways {
			if err := g.Once(w.ctx); err != nil {
				return fmt.Errorf("%s: %w", g.name, err)
			}
		}
		after, err := w.state()
		if err != nil || slices.Equal(before, after) {
			return err
		}
	}
	return fmt.Errorf("the gateways are still busy after %d rounds", maxRounds)
}

// state counts what a gateway's work adds to.
func (w *world) state() ([]int64, error) {
	letters, _ := w.office.letters()
	state := []int64{int64(len(letters))}
	for _, g := range w.gateways {
		seq, _, err := g.gateway.store.Head(w.ctx)
		if err != nil {
			return nil, err
		}
		state = append(state, seq)
	}
	return state, nil
}

// advance DURATION
func (w *world) advance(_ *testscript.TestScript, args []string) error {
	var d duration
	if err := d.UnmarshalText([]byte(strings.Join(args, " "))); err != nil {
		return err
	}
	w.set(w.Now().Add(time.Duration(d)))
	return nil
}

// until TIME, in Berlin
func (w *world) until(_ *testscript.TestScript, args []string) error {
	at, err := time.ParseInLocation("2006-01-02T15:04", strings.Join(args, " "), berlin)
	if err == nil && at.Before(w.Now()) {
		err = fmt.Errorf("%s is past", at)
	}
	if err == nil {
		w.set(at)
	}
	return err
}

// close TICKET: no command of the gateway does so yet; an operator's would.
func (w *world) closeTicket(_ *testscript.TestScript, args []string) error {
	id, ok := desk.ParseNumber(strings.Join(args, " "))
	if !ok {
		return fmt.Errorf("close %v", args)
	}
	t, err := w.store().Ticket(w.ctx, id)
	if err != nil {
		return err
	}
	t.Status = desk.StatusClosed
	e := desk.NewEvent(id, desk.TicketClosed, "operator", "by hand", w.Now())
	e.Data.Status = t.Status
	return w.store().Update(w.ctx, func(tx *store.Tx) error {
		return tx.Apply(w.ctx, desk.Change{Ticket: &t, Events: []desk.Event{e}})
	})
}

// address returns the address of a person, who may also be named by it.
func (w *world) address(who string) (string, error) {
	if strings.Contains(who, "@") {
		return who, nil
	}
	if a := w.people[who]; a != "" {
		return a, nil
	}
	return "", fmt.Errorf("nobody is called %s", who)
}

// pattern compiles the only or missing regular expression at args[i].
func pattern(args []string, i int) (*regexp.Regexp, error) {
	switch {
	case len(args) == i:
		return regexp.MustCompile(""), nil
	case len(args) != i+1:
		return nil, fmt.Errorf("%d arguments are too many or too few", len(args))
	}
	return regexp.Compile("(?s)" + args[i])
}

// unfold takes the line ends out of a text, so that patterns need not know where
// lines break.
func unfold(text string) string { return string(bytes.Join(bytes.Fields([]byte(text)), []byte(" "))) }
