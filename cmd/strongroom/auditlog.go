package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

type logCommand struct {
	List       logListCommand       `cmd:"" help:"Search the audit log."`
	Export     logExportCommand     `cmd:"" help:"Write the log into files that can be verified elsewhere."`
	Verify     logVerifyCommand     `cmd:"" help:"Verify the log's past against checkpoints that were kept outside."`
	Checkpoint logCheckpointCommand `cmd:"" help:"Print the log's head, signed."`
	Key        logKeyCommand        `cmd:"" help:"Print the key that signed heads are verified with."`
}

type logListCommand struct {
	configFlag
	Action string    `placeholder:"ACTION" help:"Only this act, such as order.cancel."`
	Actor  string    `placeholder:"KIND[:ID]" help:"Only by these: system, guest, shopper, staff, console, provider; with an id or name, one of them."`
	Object string    `placeholder:"WORD" help:"Only on this sort of thing, such as order."`
	ID     string    `placeholder:"ID" help:"Only on the thing with this id."`
	Since  time.Time `format:"2006-01-02" placeholder:"DAY" help:"Only from this day on."`
	Until  time.Time `format:"2006-01-02" placeholder:"DAY" help:"Only before this day."`
	Limit  int       `default:"50" help:"At most so many, up to 200 (${default})."`
	JSON   bool      `help:"Print all that match as JSON Lines, oldest first, without a limit."`
}

// Help is shown by --help.
func (logListCommand) Help() string {
	return "Examples:\n  strongroom log list --action vault.look --since 2026-11-01\n  strongroom log list --actor staff --json | jq -r .action | sort | uniq -c"
}

func (c logListCommand) filter() (audit.Filter, error) {
	f := audit.Filter{Action: c.Action, Object: c.Object, From: c.Since, To: c.Until, Limit: c.Limit, OldestLast: true}
	if c.ID != "" {
		v, err := id.Parse(c.ID)
		if err != nil {
			return f, usageError{errors.New("--id: no id: " + c.ID)}
		}
		f.ObjectID = v
	}
	if c.Actor == "" {
		return f, nil
	}
	kind, rest, _ := strings.Cut(c.Actor, ":")
	for k := access.KindSystem; k <= access.KindProvider; k++ {
		if k.String() == kind {
			f.Actor.Kind = k
		}
	}
	if f.Actor.Kind == 0 {
		return f, usageError{errors.New("--actor: there are system, guest, shopper, staff, console and provider")}
	}
	if v, err := id.Parse(rest); err == nil {
		f.Actor.ID = v
	} else {
		f.Actor.Name = rest
	}
	return f, nil
}

// Run prints entries, the newest first.
func (c logListCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if c.JSON {
		_, err = s.Audit.WriteLines(ctx, t.out, f)
		return err
	}
	p, err := s.Audit.List(ctx, f)
	if err != nil {
		return err
	}
	for _, r := range p.Rows {
		place := "waiting"
		if r.Placed {
			place = fmt.Sprint(r.Sequence)
		}
		object := r.Object
		if !r.ObjectID.IsZero() {
			object += " " + r.ObjectID.String()
		}
		t.printf("%8s  %s  %-8s %-24s %s\n          by %s%s\n", place, r.At.In(s.Shop().TimeZone).Format("2006-01-02 15:04:05"), r.Outcome, r.Action,
			object, r.Actor, factsText(r))
	}
	if len(p.Rows) == 0 {
		t.printf("No such entries.\n")
	}
	if p.More {
		t.printf("There are more: narrow the search, or --json for all.\n")
	}
	return nil
}

func factsText(r audit.Row) string {
	var b strings.Builder
	if r.Word != "" {
		b.WriteString(", " + r.Word)
	}
	for _, f := range r.Facts {
		b.WriteString(", " + f.Key + " " + f.Text)
		if f.Text == "" {
			fmt.Fprint(&b, f.Int)
		}
	}
	return b.String()
}
