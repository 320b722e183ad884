package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"strongroom/guard/audit"
)

type logExportCommand struct {
	configFlag
	Folder string `arg:"" help:"New folder for the export."`
	Lines  bool   `help:"Add entries.jsonl, for people and other programs to read."`
}

// Help is shown by --help.
func (logExportCommand) Help() string {
	return `The export follows the tile layout of public transparency logs, so that other programs can verify it,
too. It holds nothing personal in clear: people are random handles, origins and reasons are sealed.

Example:
  strongroom log export /media/stick/log-2026-11 --config /srv/shop/strongroom.toml`
}

// Run writes the export.
func (c logExportCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	x, err := s.Audit.WriteFolder(ctx, c.Folder, nil)
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Errorf("%s is there already; name a new folder", c.Folder)}
	}
	if err != nil {
		return err
	}
	if c.Lines {
		if err := writeLines(ctx, s.Audit, filepath.Join(c.Folder, "entries.jsonl")); err != nil {
			return err
		}
	}
	t.printf("Exported %d entries into %s.\n", x.Size, c.Folder)
	if x.Missing > 0 {
		t.printf("%s %d entries are missing in the database. \"strongroom log verify\" names them.\n", t.paint(t.out, "31", "Careful:"), x.Missing)
	}
	t.printf("Verify it anywhere:  strongroom log verify %s --key KEYFILE --checkpoint FILE\n", c.Folder)
	return nil
}

func writeLines(ctx context.Context, l *audit.Log, path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = l.WriteLines(ctx, f, audit.Filter{})
	return err
}

type logCheckpointCommand struct{ configFlag }

// Run prints the signed head.
func (c logCheckpointCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	text, _, err := s.Audit.Checkpoint(ctx)
	t.printf("%s", text)
	return err
}

type logKeyCommand struct{ configFlag }

// Help is shown by --help.
func (logKeyCommand) Help() string {
	return "Keep this line where you keep checkpoints: with it anybody can check that a head was signed by this store.\n\nExample:\n  strongroom log key > /media/stick/log.key"
}

// Run prints the key lines, the newest first.
func (c logKeyCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, _, err := s.Audit.Checkpoint(ctx); err != nil { // makes the key in a store that never ran
		return err
	}
	lines, err := s.Audit.KeyLines(ctx)
	for _, l := range lines {
		t.printf("%s\n", l)
	}
	return err
}
