package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/export"
	"strongroom/shop/order"
)

type orderExportCommand struct {
	configFlag
	From    string `required:"" placeholder:"DAY" help:"First day, as 2026-01-01."`
	Until   string `required:"" placeholder:"DAY" help:"Last day; it is in it."`
	Format  string `default:"csv" enum:"csv,jsonl" help:"csv for spreadsheets, jsonl for programs (${default})."`
	Out     string `required:"" placeholder:"FILE" help:"A new file, readable by you only; - for standard output."`
	Numbers bool   `help:"Without personal data: turnover and tax. Needs no reason, and nobody is mailed."`
	Reason  string `placeholder:"TEXT" help:"Why personal data leave the store; it stands sealed in the audit log."`
}

// Help is shown by --help.
func (orderExportCommand) Help() string {
	return `Writes the orders that were placed in these days. With personal data this is an act that needs two people in the desk;
here it is loud instead: all owners and the address outside the store are mailed before the first line, and a look at each
person stands in the audit log. The file is not sealed: keep it where it may lie, and delete it. docs/exports.md has the
columns.

Examples:
  strongroom order export --numbers --from 2026-01-01 --until 2026-03-31 --out quarter.csv
  strongroom order export --from 2026-01-01 --until 2026-12-31 --format jsonl --out orders.jsonl --reason "moving to another ledger"`
}

// Run writes an export.
func (c orderExportCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Numbers && c.Reason == "" {
		return usageError{errors.New("--reason TEXT is needed: personal data of many people leave the store (or take --numbers)")}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	w, err := c.wish(s.Shop().TimeZone)
	if err != nil {
		return err
	}
	st, err := c.stream(ctx, s, w)
	if err != nil {
		return err
	}
	return c.write(ctx, t, st)
}

func (c orderExportCommand) wish(zone *time.Location) (w export.Wish, err error) {
	from, err1 := time.ParseInLocation(time.DateOnly, c.From, zone)
	until, err2 := time.ParseInLocation(time.DateOnly, c.Until, zone)
	if err1 != nil || err2 != nil {
		return w, usageError{errors.New("--from and --until want days such as 2026-01-01")}
	}
	return export.Wish{Span: order.Span{From: from, Until: until.AddDate(0, 0, 1)}, Format: export.Format(c.Format), Reason: c.Reason}, nil
}

// stream prepares the export. With personal data it is told to everybody first; what could not be done anyway is told to
// nobody.
func (c orderExportCommand) stream(ctx context.Context, s *app.Store, w export.Wish) (*export.Stream, error) {
	if c.Numbers {
		return s.Export.Numbers(ctx, access.Console(), w)
	}
	if err := s.Export.Check(ctx, w); err != nil {
		return nil, err
	}
	by, err := s.Staff.OnConsole(ctx, access.Console(), access.MassExport, c.Reason, audit.Fact{Key: "from", Text: c.From}, audit.Fact{Key: "until", Text: c.Until})
	if err != nil {
		return nil, err
	}
	return s.Export.OnConsole(ctx, by, w)
}

func (c orderExportCommand) write(ctx context.Context, t *terminal, st *export.Stream) error {
	var out io.Writer = t.out
	if c.Out != "-" {
		// Never over a file that is there, and never through a link that somebody laid.
		f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("the file cannot be made: %w", err)
		}
		defer func() { _ = f.Close() }()
		out = f
	}
	n, err := st.Write(ctx, out)
	if f, ok := out.(*os.File); ok && c.Out != "-" && err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		if c.Out != "-" {
			err = errors.Join(err, os.Remove(c.Out))
		}
		return err
	}
	t.step(fmt.Sprintf("%d orders", n))
	return nil
}
