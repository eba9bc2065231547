// Command tierdesk is an email-driven helpdesk gateway.
//
// main reads the command line and hands it to one of the commands, each in a
// file of its own; serve.go shows how the rooms are joined.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line. Each field's type has a Run method.
type commands struct {
	Config string `help:"Configuration file." default:"tierdesk.toml" env:"TIERDESK_CONFIG" type:"path"`

	Init      initCmd      `cmd:"" help:"Write a commented configuration and sample documents into a folder."`
	Check     checkCmd     `cmd:"" help:"Check the configuration and the documents, and with --online the servers."`
	Serve     serveCmd     `cmd:"" help:"Be the gateway."`
	Health    healthCmd    `cmd:"" help:"Say if the running gateway is well, by exit status."`
	Inspect   inspectCmd   `cmd:"" help:"Show how mails would be understood; no database, no network."`
	KB        kbCmd        `cmd:"" name:"kb" help:"The documents L1 answers with."`
	Ticket    ticketCmd    `cmd:"" help:"Tickets, their conversations and events."`
	Why       whyCmd       `cmd:"" help:"Explain every decision about a ticket."`
	SLA       slaCmd       `cmd:"" name:"sla" help:"Account for a ticket's time: what was promised, what was used, and the mail that proves it."`
	Mail      mailCmd      `cmd:"" help:"Mail that came in, and what became of it."`
	Outbox    outboxCmd    `cmd:"" help:"Outgoing mail per recipient."`
	Report    reportCmd    `cmd:"" help:"A manager's figures for any period."`
	Keys      keysCmd      `cmd:"" help:"The keys that sign reply addresses."`
	Verify    verifyCmd    `cmd:"" help:"Prove that the database adds up."`
	Reconcile reconcileCmd `cmd:"" help:"Compare the mail servers' mailboxes with the database, mail by mail."`
	Backup    backupCmd    `cmd:"" help:"Copy the SQLite database to a new file; the gateway may run."`
	Demo      demoCmd      `cmd:"" help:"The whole story on this machine, with nothing installed."`
	Bench     benchCmd     `cmd:"" help:"Measure this machine: a mail's whole way, each figure beside its limit."`
	Help      helpCmd      `cmd:"" help:"Print a page of the manual."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// errUsage marks an error of the command line: exit status 2.
var errUsage = errors.New("usage")

// streams are the standard streams, handed in so that commands can be tested.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run executes one command line and returns the exit status: 0 done, 1 failed,
// 2 wrong usage.
func run(ctx context.Context, args []string, std streams) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("tierdesk"),
		kong.Description("Email-driven helpdesk gateway."),
		kong.UsageOnError(),
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		fmt.Fprintln(std.err, "tierdesk:", err)
		return 2
	}
	kctx, err := parser.Parse(args)
	if exit >= 0 { // --help was asked for and printed
		return exit
	}
	if err != nil {
		fmt.Fprintln(std.err, "tierdesk:", err)
		return 2
	}
	switch err := kctx.Run(&cli); {
	case errors.Is(err, errUsage):
		fmt.Fprintln(std.err, "tierdesk:", err)
		return 2
	case err != nil:
		fmt.Fprintln(std.err, "tierdesk:", err)
		return 1
	}
	return 0
}
