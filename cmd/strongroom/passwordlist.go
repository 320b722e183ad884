package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"strongroom/cmd/strongroom/app"
	"strongroom/guard/identity/strength"
)

type passwordListCommand struct {
	Build passwordListBuildCommand `cmd:"" help:"Make a compact filter of the public list of leaked passwords."`
}

type passwordListBuildCommand struct {
	File  string `arg:"" help:"The list: lines of SHA-1, colon and count; - reads the standard input."`
	Out   string `required:"" placeholder:"FILTER" help:"Where the filter goes."`
	Least int64  `default:"1" placeholder:"N" help:"Leave passwords out that were seen less often (${default})."`
	JSON  bool   `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (passwordListBuildCommand) Help() string {
	return `The list is the one that haveibeenpwned.com gives away: lines of SHA-1:count, in any order, tens of
gigabytes. The filter needs a little more than two bytes a password and takes one of 65,536 good ones
for a leaked one. Memory stays below some 200 MB; beside the filter there must be room for eight bytes
a password while it is made. An interrupted run leaves the filter before as it was and can be repeated.

Name the filter as password.leak_list in the configuration. The store then needs to ask nobody outside.

Examples:
  strongroom password-list build pwnedpasswords.txt --out leaked.filter
  zcat pwnedpasswords.txt.gz | strongroom password-list build - --out leaked.filter
  strongroom password-list build pwnedpasswords.txt --out leaked.filter --least 5`
}

// listReport is what --json prints.
type listReport struct {
	Lines   int64  `json:"lines"`
	Kept    int64  `json:"kept"`
	Entries uint64 `json:"entries"`
	Filter  string `json:"filter"`
	Bytes   int64  `json:"bytes"`
}

// Run builds the filter.
func (c passwordListBuildCommand) Run(ctx context.Context, t *terminal) error {
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	in, size, err := c.open(t)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	s, err := strength.BuildList(ctx, in, strength.List{Out: out, Size: size, Least: c.Least, Step: c.progress(t)})
	if err != nil {
		return listError(c.File, err)
	}
	info, err := os.Stat(out)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(listReport{Lines: s.Lines, Kept: s.Kept, Entries: s.Entries, Filter: out, Bytes: info.Size()})
	}
	t.printf("%d passwords are in %s (%d MiB). Name it in the configuration:\n\n  [password]\n  leak_list = %q\n", s.Entries, out, info.Size()>>20, out)
	return nil
}

// open opens the list and says how large it is; 0 if nobody knows.
func (c passwordListBuildCommand) open(t *terminal) (io.ReadCloser, int64, error) {
	if c.File == "-" {
		return io.NopCloser(t.in), 0, nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, 0, openError(c.File, err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return f, 0, err
	}
	return f, info.Size(), nil
}

// progress tells of every twentieth part.
func (c passwordListBuildCommand) progress(t *terminal) func(string, float64) {
	last, steps := "", 0
	return func(phase string, part float64) {
		word := map[string]string{"read": "read", "write": "written"}[phase]
		if part < 0 {
			if steps++; steps%50 == 0 {
				t.step(fmt.Sprintf("%d million lines read", steps))
			}
			return
		}
		line := fmt.Sprintf("%d %% %s", int(part*20)*5, word)
		if line != last {
			last = line
			t.step(line)
		}
	}
}

func listError(file string, err error) error {
	var line *strength.LineError
	if errors.As(err, &line) {
		return &app.Error{Kind: app.Failed, Cause: err, What: fmt.Sprintf("%s: line %d is not of the form SHA-1:count", file, line.Line),
			Do: "The list of SHA-1 hashes is needed (40 digits, colon, count), not that of NTLM hashes and not one of passwords. Nothing was changed."}
	}
	if errors.Is(err, context.Canceled) {
		return &app.Error{Kind: app.Failed, Cause: err, What: "interrupted", Do: "Nothing was changed; run it again."}
	}
	return &app.Error{Kind: app.Failed, Cause: err, What: "the filter cannot be made: " + err.Error(), Do: "Nothing was changed. Is there room beside the filter?"}
}
