// Command strongroom is the store: it furnishes a demo, writes the configuration of a real store, runs it, and lets the
// shopkeeper look after it from a terminal.
//
// Each sub-command stands in a file of its own; what they start is wired in cmd/strongroom/app.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes. Scripts may rely on them.
const (
	exitDone   = 0
	exitFailed = 1 // it was tried and did not work; doctor: something is wrong
	exitUsage  = 2 // the command line cannot be understood
	exitConfig = 3 // the configuration is wrong
	exitStore  = 4 // the databases or the keys cannot be opened
	exitInUse  = 5 // another process uses the folder or the address
)

// commands is the command line.
type commands struct {
	Demo          demoCommand         `cmd:"" help:"Furnish a store on this machine and open it."`
	Init          initCommand         `cmd:"" help:"Write the configuration and the keys of a real store."`
	Serve         serveCommand        `cmd:"" help:"Run a store."`
	Health        healthCommand       `cmd:"" help:"Ask a running store whether it is ready, or alive."`
	Sandbox       sandboxCommand      `cmd:"" help:"Run the payment sandbox as a process of its own."`
	Product       productCommand      `cmd:"" help:"Look after the catalogue."`
	Order         orderCommand        `cmd:"" help:"List, show, export and erase orders."`
	Person        personCommand       `cmd:"" help:"Erase a person."`
	Withdrawal    withdrawalCommand   `cmd:"" help:"List and show withdrawals from contracts."`
	Doctor        doctorCommand       `cmd:"" help:"Say what is wrong with an installation and how to mend it."`
	SupportBundle supportCommand      `cmd:"" help:"Write a file for somebody who helps: nothing personal, no secret."`
	Key           keyCommand          `cmd:"" help:"Look after the keys."`
	Staff         staffCommand        `cmd:"" help:"List, invite and remove staff."`
	Owner         ownerCommand        `cmd:"" help:"Let an owner in again who lost every way of signing in."`
	Discount      discountCommand     `cmd:"" help:"Make and list discount codes."`
	Mail          mailCommand         `cmd:"" help:"Look after the mails: signing keys, and what came back."`
	Job           jobCommand          `cmd:"" help:"Look after work that failed."`
	Log           logCommand          `cmd:"" help:"Search, export and verify the audit log."`
	Store         storeCommand        `cmd:"" help:"Look after a store that was copied or restored."`
	PasswordList  passwordListCommand `cmd:"" help:"Look after the list of leaked passwords."`
	Trust         trustCommand        `cmd:"" help:"Have this machine believe the demo's certificates, or no longer."`
	Version       versionCommand      `cmd:"" help:"Print the version."`
}

const description = `Strongroom is an online store that protects its customers' data by design.

Try it:  strongroom demo

Run it:  strongroom init --dir /srv/shop; strongroom serve --config /srv/shop/strongroom.toml

Something wrong?  strongroom doctor --config /srv/shop/strongroom.toml`

func main() {
	private()
	processors()
	collector()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()})
	stop()
	os.Exit(code)
}

// run is the program without its process: tests call it too.
func run(ctx context.Context, args []string, t *terminal) (code int) {
	var c commands
	left := false // kong ends the process after --help; here it only says so
	parser, err := kong.New(&c, kong.Name("strongroom"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(t.out, t.err), kong.Exit(func(n int) { left, code = true, n }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t))
	if err != nil {
		return t.fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	switch {
	case left:
		return code
	case err != nil:
		return t.usage(err)
	}
	if err := k.Run(); err != nil {
		return t.fail(err)
	}
	return exitDone
}

// quiet is an error whose story has been told already; only its exit code is left.
type quiet struct{ code int }

func (q quiet) Error() string { return "told already" }

// usageError is a mistake on the command line that the parser does not see.
type usageError struct{ error }

func (t *terminal) usage(err error) int {
	_, _ = io.WriteString(t.err, "strongroom: "+err.Error()+"\n")
	var pe *kong.ParseError
	if errors.As(err, &pe) && pe.Context != nil && pe.Context.Selected() != nil {
		_, _ = io.WriteString(t.err, "Try: strongroom "+pe.Context.Selected().FullPath()[len("strongroom "):]+" --help\n")
	} else {
		_, _ = io.WriteString(t.err, "Try: strongroom --help\n")
	}
	return exitUsage
}
