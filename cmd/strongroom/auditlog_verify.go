package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"strongroom/guard/audit/tree"
)

type logVerifyCommand struct {
	configFlag
	Export     string   `arg:"" optional:"" help:"Folder or JSON Lines file of an export; without it, the store's own database."`
	Checkpoint []string `placeholder:"PATH" help:"A checkpoint that was kept outside, or a folder of them. Can be given more than once."`
	Key        string   `placeholder:"FILE" help:"The key to verify checkpoints with, kept outside (strongroom log key)."`
	JSON       bool     `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (logVerifyCommand) Help() string {
	return `Finds entries that were deleted, changed, put in another order, cut off or rolled back. It names the entry
where its hash survives, and otherwise the interval between the last checkpoint that agrees and the
first that does not. It needs no network. It cannot find what was deleted within the second before an
entry gets its place, nor what was false from the start because somebody ruled the server.

Exit code 0: everything agrees. 1: something was found, or could not be read.

Examples:
  strongroom log verify --checkpoint /mnt/elsewhere/log --config /srv/shop/strongroom.toml
  strongroom log verify log-2026-11 --key log.key --checkpoint mailed.txt`
}

// Run verifies and says what was found.
func (c logVerifyCommand) Run(ctx context.Context, t *terminal) error {
	var r *tree.Report
	var err error
	if c.Export == "" {
		r, err = c.own(ctx, t)
	} else {
		r, err = c.exported()
	}
	if err != nil {
		return err
	}
	return c.tell(t, r)
}

// own verifies the database of a store.
func (c logVerifyCommand) own(ctx context.Context, t *terminal) (*tree.Report, error) {
	s, err := c.open(ctx, t)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var keys []note.Verifier
	if c.Key == "" {
		lines, err := s.Audit.KeyLines(ctx)
		if err != nil {
			return nil, err
		}
		keys, err = parseKeys(strings.Join(lines, "\n"))
		if err != nil {
			return nil, err
		}
	} else if keys, err = readKeys(c.Key); err != nil {
		return nil, err
	}
	outside, err := readCheckpoints(c.Checkpoint, keys)
	if err != nil {
		return nil, err
	}
	return s.Audit.Verify(ctx, outside)
}

// exported verifies an export, with nothing but files.
func (c logVerifyCommand) exported() (*tree.Report, error) {
	if c.Key == "" {
		return nil, usageError{errors.New("--key is needed: the key that was kept outside, not the one that lies in the export")}
	}
	keys, err := readKeys(c.Key)
	if err != nil {
		return nil, err
	}
	outside, err := readCheckpoints(c.Checkpoint, keys)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(c.Export)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		f, err := tree.OpenFolder(os.DirFS(c.Export), keys...)
		if err != nil {
			return nil, err
		}
		return tree.Verify(f, append(outside, tree.Outside{Name: "of the export itself", Checkpoint: f.Head()}))
	}
	f, err := os.Open(c.Export)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return tree.Verify(tree.NewLines(f), outside)
}

// verdict is what --json prints.
type verdict struct {
	OK       bool           `json:"ok"`
	Entries  int64          `json:"entries"`
	Root     string         `json:"root"`
	Checked  int            `json:"checkpoints"`
	Findings []tree.Finding `json:"findings,omitempty"`
	More     int64          `json:"more,omitempty"`
	Good     string         `json:"last_good,omitempty"`
	Bad      string         `json:"first_bad,omitempty"`
}

func (c logVerifyCommand) tell(t *terminal, r *tree.Report) error {
	v := verdict{OK: r.OK(), Entries: r.Entries, Root: r.Root.String(), Checked: r.Checked, Findings: r.Findings, More: r.More}
	if r.Good != nil {
		v.Good = r.Good.Name
	}
	if r.Bad != nil {
		v.Bad = r.Bad.Name
	}
	if c.JSON {
		if err := t.json(v); err != nil {
			return err
		}
	} else {
		tellVerdict(t, v, len(c.Checkpoint) > 0)
	}
	if !v.OK {
		return quiet{exitFailed}
	}
	return nil
}

func tellVerdict(t *terminal, v verdict, outside bool) {
	t.printf("%d entries, root %s\n", v.Entries, v.Root)
	for _, f := range v.Findings {
		where := fmt.Sprintf("entry %d", f.From)
		if f.To > f.From+1 {
			where = fmt.Sprintf("entries %d to %d", f.From, f.To-1)
		}
		t.printf("%s %s %s\n", t.paint(t.out, "31", fmt.Sprintf("%-10s", f.Kind)), where, f.Detail)
	}
	switch {
	case v.More > 0:
		t.printf("and %d more\n", v.More)
	case v.OK && outside:
		t.printf("%s The log agrees with itself and with %d checkpoints.\n", t.paint(t.out, "32", "Good."), v.Checked)
	case v.OK:
		t.printf("The log agrees with itself. Against who rules the server only a checkpoint that was kept outside helps: --checkpoint.\n")
	}
}

// readKeys reads a file of key lines.
func readKeys(path string) ([]note.Verifier, error) {
	b, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	return parseKeys(string(b))
}

func parseKeys(text string) (keys []note.Verifier, err error) {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		k, err := tree.ParseKey([]byte(line))
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key of a log in it")
	}
	return keys, nil
}

// readCheckpoints reads files and folders of checkpoints. One that is not signed by the key ends the verification: what
// it is worth, a person must decide.
func readCheckpoints(paths []string, keys []note.Verifier) (out []tree.Outside, err error) {
	var files []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, p)
			continue
		}
		found, err := filepath.Glob(filepath.Join(p, "*.checkpoint"))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	for _, p := range files {
		b, err := readSmall(p)
		if err != nil {
			return nil, err
		}
		c, err := tree.ParseCheckpoint(b, keys...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		out = append(out, tree.Outside{Name: filepath.Base(p), Checkpoint: c})
	}
	return out, nil
}

// readSmall reads a file of at most 64 KiB.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, 64<<10))
}
