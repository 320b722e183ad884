package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/guard/safety"
	"strongroom/schema"
)

// State is how a check ended.
type State string

// The states.
const (
	Fine  State = "ok"
	Warn  State = "warning"
	Wrong State = "wrong"
)

// Finding is what one check found, and what to do about it.
type Finding struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Found string `json:"found"`
	Do    string `json:"do,omitempty"`
	plain string // Found without anything of this installation; see Plain
}

// Plain is what a stranger may know of the finding: the sentence of the source, with numbers and days, and with three
// dots for whatever else stood in it.
func (f Finding) Plain() string { return f.plain }

// bare fills a format with what is no text of the installation.
func bare(format string, args []any) string {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case int, int64, uint64, time.Duration:
			out[i] = v
		case fs.FileMode:
			out[i] = uint32(v)
		case string:
			if _, err := time.Parse(time.DateOnly, v); err == nil {
				out[i] = v
				continue
			}
			out[i] = "..."
		default:
			out[i] = "..."
		}
	}
	return fmt.Sprintf(format, out...)
}

// Doctor looks at an installation and changes nothing. The store may run meanwhile.
type Doctor struct {
	c     *config.Config
	place Place
	clock clock.Clock
	texts *lang.Catalog
	found []Finding
	tell  func(Finding)
}

// Diagnose runs all checks and tells about each as it ends.
func Diagnose(ctx context.Context, c *config.Config, tell func(Finding)) ([]Finding, error) {
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		return nil, err
	}
	d := &Doctor{c: c, place: PlaceOf(c), clock: clock.System(), texts: texts, tell: tell}
	d.fine("configuration", "%s can be read and makes sense", c.File())
	for _, check := range []func(context.Context){d.folder, d.disk, d.rootKey, d.databases, d.certificate, d.ports, d.mail, d.provider, d.passwords, d.phones} {
		check(ctx)
	}
	return d.found, nil
}

func (d *Doctor) add(f Finding) {
	d.found = append(d.found, f)
	if d.tell != nil {
		d.tell(f)
	}
}

func (d *Doctor) fine(name, format string, args ...any) {
	d.add(Finding{name, Fine, fmt.Sprintf(format, args...), "", bare(format, args)})
}

func (d *Doctor) warn(name, do, format string, args ...any) {
	d.add(Finding{name, Warn, fmt.Sprintf(format, args...), do, bare(format, args)})
}

func (d *Doctor) wrong(name, do, format string, args ...any) {
	d.add(Finding{name, Wrong, fmt.Sprintf(format, args...), do, bare(format, args)})
}

// folder looks at the rights of the data folder and tries to write.
func (d *Doctor) folder(context.Context) {
	const name = "data folder"
	dir := d.place.Folder
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.warn(name, "The first start makes it.", "%s does not exist yet", dir)
		return
	case err != nil || !info.IsDir():
		d.wrong(name, "Name a folder in data.folder that strongroom may use.", "%s is no folder that can be used", dir)
		return
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		d.wrong(name, "Let the user that runs strongroom own it: chown -R strongroom "+dir, "%s cannot be written", dir)
		return
	}
	_, werr := probe.WriteString("probe")
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	switch {
	case werr != nil:
		d.wrong(name, "Make room on the disk.", "%s takes no more data: %v", dir, werr)
	case info.Mode().Perm()&0o077 != 0:
		d.warn(name, "chmod 700 "+dir, "%s can be entered by other users of this machine (mode %o)", dir, info.Mode().Perm())
	default:
		d.fine(name, "%s can be written, by its owner only", dir)
	}
}

// Room on the disk that a store should have.
const (
	roomWrong = 100 << 20
	roomWarn  = 1 << 30
)

func (d *Doctor) disk(context.Context) {
	dir := d.place.Folder
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, err := DiskFree(dir)
	switch {
	case err != nil:
		d.warn("disk", "Look at the disk yourself.", "the free room below %s cannot be told: %v", dir, err)
	case free < roomWrong:
		d.wrong("disk", "Make room now: a full disk stops all orders.", "only %d MiB are free below %s", free>>20, dir)
	case free < roomWarn:
		d.warn("disk", "Make room soon.", "%d MiB are free below %s", free>>20, dir)
	default:
		d.fine("disk", "%d GiB are free", free>>30)
	}
}

// fault adds a service's fault with its text and hint.
func (d *Doctor) fault(name string, err error) {
	if f := fault.As(err); f != nil {
		d.wrong(name, f.Hint, "%s", d.texts.For("en").Fault(f))
		return
	}
	d.wrong(name, "", "%v", err)
}

// there says whether a database has been made; of PostgreSQL it cannot be told without asking.
func there(dsn string) bool {
	path, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok {
		return true
	}
	_, err := os.Stat(path)
	return err == nil
}

// databases looks at both, then at what stands in them.
func (d *Doctor) databases(ctx context.Context) {
	data := d.database(ctx, "database", d.place.Data, db.Options{Migrations: schema.Data()})
	keys := d.database(ctx, "key database", d.place.Keys, db.Options{Migrations: schema.Keys(), Erase: true})
	if data && keys {
		d.inside(ctx)
	}
}

// database says whether one opens, is sound and of a version that this program knows.
func (d *Doctor) database(ctx context.Context, name, dsn string, o db.Options) bool {
	if !there(dsn) {
		d.warn(name, "The first start makes it.", "%s does not exist yet", where(dsn))
		return false
	}
	o.DSN = dsn
	c, err := db.Inspect(ctx, o)
	var e *Error
	switch {
	case err != nil && errors.As(explainDB(name, where(dsn), err), &e):
		d.wrong(name, e.Do, "%s", e.What)
	case c.Version > c.Newest:
		d.wrong(name, "Start the newer version again, or restore a backup from before it was used.",
			"%s has version %d, and this program knows %d", where(dsn), c.Version, c.Newest)
	case c.Version < c.Newest:
		d.warn(name, "The next start brings it up to date; make a backup first.", "%s has version %d; this program brings it to %d", where(dsn), c.Version, c.Newest)
	default:
		d.fine(name, "%s answers, is sound and has version %d", where(dsn), c.Version)
		return true
	}
	return false
}

// inside opens the store as another process would and asks its parts.
func (d *Doctor) inside(ctx context.Context) {
	s, err := OpenKeys(ctx, KeysOf(d.c))
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			d.wrong("keys", e.Do, "%s", e.What)
		} else {
			d.fault("keys", err)
		}
		return
	}
	defer s.Close()
	d.fine("keys", "the root key opens the key database")
	d.check(ctx, "recovery kit", safety.Check{Name: "recovery_kit", Run: func(ctx context.Context) (safety.Finding, error) { return checkKit(ctx, s.Vault) }})
	if err := errors.Join(s.openData(ctx), s.openAudit(ctx), s.openEpoch(ctx), s.openJobs(ctx)); err != nil {
		d.fault("installation", err)
		return
	}
	d.check(ctx, "installation", safety.Check{Name: "installation", Run: func(ctx context.Context) (safety.Finding, error) { return checkInstallation(ctx, s.Epoch) }})
	d.check(ctx, "sealed data", safety.Check{Name: "sealed", Run: func(ctx context.Context) (safety.Finding, error) { return checkSealed(ctx, s.Data) }})
	d.post(ctx, s)
	d.check(ctx, "jobs", safety.Check{Name: "jobs", Run: func(ctx context.Context) (safety.Finding, error) { return checkJobs(ctx, s.Jobs) }})
}

// check runs a check of the safety page and says in English what it found. What it names besides numbers and days stays
// out of what a stranger may see.
func (d *Doctor) check(ctx context.Context, name string, c safety.Check) {
	f := safety.Run(ctx, c)
	say, plain := d.texts.For("en"), fault.Params{}
	for k, v := range f.Params {
		plain[k] = strings.TrimSpace(bare("%v", []any{v}))
	}
	if n, ok := f.Params["n"].(int); ok {
		plain["n"] = n
	}
	out := Finding{Name: name, State: stateOf[f.State], Found: say.Message(f.Key(), f.Params), plain: say.Message(f.Key(), plain)}
	switch {
	case f.State == safety.Good:
	case f.Command != "":
		out.Do = f.Command + " --config " + d.c.File()
	default:
		out.Do = say.T("safety." + f.Name + "_fix")
	}
	d.add(out)
}

// stateOf are the doctor's words for the states of the page.
var stateOf = map[safety.State]State{safety.Good: Fine, safety.Advice: Warn, safety.Wrong: Wrong, safety.Unknown: Wrong}
