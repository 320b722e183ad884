package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/vault"
	"strongroom/schema"
)

type keyCommand struct {
	Status  keyStatusCommand  `cmd:"" help:"Say how the keys stand."`
	Rotate  keyRotateCommand  `cmd:"" help:"Replace the root key and the store keys, while the store runs."`
	Move    keyMoveCommand    `cmd:"" help:"Move the root key into a key service, or into a key file, while the store runs."`
	Rewrap  keyRewrapCommand  `cmd:"" help:"Have the key service wrap the root key under its newest version."`
	Kit     keyKitCommand     `cmd:"" help:"Make another recovery kit."`
	Check   keyCheckCommand   `cmd:"" help:"Check that a recovery kit opens this store."`
	Recover keyRecoverCommand `cmd:"" help:"Make the key file again from a recovery kit."`
	DropKit keyDropKitCommand `cmd:"" help:"Make a recovery kit worthless that was lost or seen."`
	Forget  keyForgetCommand  `cmd:"" name:"forget-origins" help:"Destroy the keys of old origins in the audit log."`
}

// openKeys opens the keys that a configuration names.
func (f configFlag) openKeys(ctx context.Context, t *terminal) (*app.Store, error) {
	c, err := f.load(t)
	if err != nil {
		return nil, err
	}
	ac := app.KeysOf(c)
	ac.Progress = t.step
	return app.OpenKeys(ctx, ac)
}

type keyStatusCommand struct {
	configFlag
	JSON bool `help:"Print one line of JSON."`
}

type kitReport struct {
	ID      string    `json:"id"`
	Made    time.Time `json:"made"`
	Checked time.Time `json:"checked,omitzero"`
}

type keyReport struct {
	Root     string      `json:"root"` // "file" or "openbao": where the root key lives
	KeyFile  string      `json:"key_file,omitempty"`
	Service  string      `json:"key_service,omitempty"`
	Rotation string      `json:"rotation"` // "never", "ended", or the step that is under way
	Started  time.Time   `json:"rotation_started,omitzero"`
	Ended    time.Time   `json:"rotation_ended,omitzero"`
	Kits     []kitReport `json:"kits"`
}

// Run prints how the keys stand.
func (c keyStatusCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.load(t)
	if err != nil {
		return err
	}
	s, err := c.openKeys(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := keyState(ctx, s, f)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(r)
	}
	if r.Service != "" {
		t.printf("Root key   in the key service %s\n", r.Service)
	} else {
		t.printf("Root key   in the key file %s\n", r.KeyFile)
	}
	switch {
	case r.Rotation == "never":
		t.printf("Rotation   never\n")
	case r.Rotation == "ended":
		t.printf("Rotation   ended %s\n", r.Ended.Format(time.DateTime))
	default:
		t.printf("Rotation   interrupted or under way (step %s); \"strongroom key rotate\" finishes it\n", r.Rotation)
	}
	if len(r.Kits) == 0 {
		t.printf("Kits       %s\n", t.paint(t.out, "33", "none: make one with \"strongroom key kit\""))
	}
	for _, k := range r.Kits {
		checked := "never checked"
		if !k.Checked.IsZero() {
			checked = "checked " + k.Checked.Format(time.DateOnly)
		}
		t.printf("Kit        %s  made %s, %s\n", k.ID, k.Made.Format(time.DateOnly), checked)
	}
	return nil
}

func keyState(ctx context.Context, s *app.Store, f *config.Config) (keyReport, error) {
	r := keyReport{Root: "file", KeyFile: f.Data.KeyFile, Rotation: "never", Kits: []kitReport{}}
	place, err := s.Vault.Where(ctx)
	if err != nil {
		return r, err
	}
	if place == vault.InService {
		r.Root, r.KeyFile, r.Service = "openbao", "", f.Keys.Address+", key "+f.Keys.Mount+"/"+f.Keys.Key
	}
	turn, err := s.Vault.Rotation(ctx)
	if err != nil {
		return r, err
	}
	if turn.Step != "" {
		r.Rotation, r.Started, r.Ended = turn.Step, turn.Started, turn.Ended
	}
	kits, err := s.Vault.Kits(ctx)
	for _, k := range kits {
		r.Kits = append(r.Kits, kitReport{k.ID.String(), k.Made, k.Checked})
	}
	return r, err
}

type keyRotateCommand struct {
	configFlag
}

// Help is shown by --help.
func (keyRotateCommand) Help() string {
	return `Works on a store that runs, too. If it is interrupted, run it again: it goes on where it stood.
Recovery kits stay valid. Afterwards the old root key opens nothing.

Example:
  strongroom key rotate --config /srv/shop/strongroom.toml`
}

// Run rotates with progress.
func (c keyRotateCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.openKeys(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Vault.Rotate(ctx, t.rotation())
}

// rotation tells how far a rotation is.
func (t *terminal) rotation() func(vault.Progress) {
	steps := map[string]string{"store": "the root key is new", "subject": "the store keys are new", "index": "people's keys are wrapped anew",
		"retire": "the look-up hashes are new", "ended": "the old keys are destroyed"}
	return func(p vault.Progress) {
		if text := steps[p.Step]; text != "" && p.Left == 0 {
			t.step(text)
		}
	}
}

type keyKitCommand struct {
	configFlag
	File string `placeholder:"FILE" help:"Write the kit to this file, readable by you only, instead of showing it on the terminal."`
}

// Run makes a kit.
func (c keyKitCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.openKeys(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	return newKit(ctx, t, s, c.File)
}

// newKit makes a recovery kit, shows it on the terminal or writes it to a file of its owner's, and has a part of it
// typed back from paper.
func newKit(ctx context.Context, t *terminal, s *app.Store, file string) error {
	out, isFile := t.out.(*os.File)
	if file == "" && (!isFile || !interactive(out)) {
		return usageError{errors.New("the recovery kit is shown on a terminal only; name a file for it: --file FILE (for init: --kit FILE)")}
	}
	k, err := s.Vault.NewKit(ctx)
	if err != nil {
		return err
	}
	if file != "" {
		if err := k.WriteFile(file); err != nil {
			return err
		}
		t.step("wrote the recovery kit to " + file + "; print it, put it away from this machine, and delete the file")
		return nil
	}
	if err := k.Show(out); err != nil {
		return err
	}
	return typedBack(ctx, t, s, k)
}

func typedBack(ctx context.Context, t *terminal, s *app.Store, k *vault.Kit) error {
	group := k.Ask()
	in := bufio.NewReader(t.in)
	for range 3 {
		t.printf("\nWrite it down. Then type group %d from your paper: ", group)
		line, err := in.ReadString('\n')
		if k.Check(group, line) {
			t.step("the kit is on paper")
			return s.Vault.Confirmed(ctx, k)
		}
		if err != nil {
			break
		}
		t.printf("That is not group %d.\n", group)
	}
	t.printf("\nThe kit stays valid, but is not confirmed. Check it later: strongroom key check\n")
	return nil
}

type keyCheckCommand struct {
	configFlag
	File string `placeholder:"FILE" type:"existingfile" help:"Read the kit from this file instead of the terminal."`
}

// Run checks a kit.
func (c keyCheckCommand) Run(ctx context.Context, t *terminal) error {
	k, err := readKit(t, c.File)
	if err != nil {
		return err
	}
	s, err := c.openKeys(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Vault.CheckKit(ctx, k); err != nil {
		return err
	}
	t.printf("The kit opens this store.\n")
	return nil
}

type keyRecoverCommand struct {
	configFlag
	File string `placeholder:"FILE" type:"existingfile" help:"Read the kit from this file instead of the terminal."`
}

// Run makes the key file again.
func (c keyRecoverCommand) Run(ctx context.Context, t *terminal) error {
	f, err := c.load(t)
	if err != nil {
		return err
	}
	k, err := readKit(t, c.File)
	if err != nil {
		return err
	}
	keys, err := db.Open(ctx, db.Options{DSN: app.PlaceOf(f).Keys, Erase: true, Migrations: schema.Keys()})
	if err != nil {
		return err
	}
	defer func() { _ = keys.Close() }()
	if _, err := vault.RecoverRoot(ctx, k, keys, f.Data.KeyFile); err != nil {
		return err
	}
	t.printf("The key file is back: %s\n", f.Data.KeyFile)
	return nil
}

// readKit reads a kit as typed: all groups, ended by an empty line.
func readKit(t *terminal, file string) (*vault.Kit, error) {
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return vault.ParseKit(string(b))
	}
	if interactive(t.in) {
		t.printf("Type all groups of the recovery kit, without their numbers; an empty line ends it.\n")
	}
	var b strings.Builder
	in := bufio.NewReader(io.LimitReader(t.in, 1<<16))
	for {
		line, err := in.ReadString('\n')
		if b.WriteString(line); err != nil || strings.TrimSpace(line) == "" && b.Len() > 2 {
			return vault.ParseKit(b.String())
		}
	}
}
