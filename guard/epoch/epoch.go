// Package epoch tells a store from a copy of it.
//
// Every installation carries a mark, its epoch: a random id that stands in the data database, in the key database and
// in a file of the data folder, there together with what binds it to its place (the machine's id and the folder's
// inode). A store whose three marks and place agree is the original. Anything else is a copy: a restored backup, a
// rehearsal, a drill, a cloned folder. A copy sells, but nothing leaves it (mail, SMS, payment, webhooks) until a person
// releases it; the wiring asks Released before everything that reaches outside.
//
// The device number is left out of the place: it changes between two starts of the same machine on many file systems,
// and a store that stops sending mail after a restart is worse than a clone on the same machine id that is not seen.
package epoch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// FileName is the mark's file in the data folder.
const FileName = "installation"

// Deps is what an Epoch stands on.
type Deps struct {
	Data, Keys *db.DB
	Audit      *audit.Log
	Folder     string // the data folder
}

// Epoch knows whether this store may reach outside.
type Epoch struct {
	d        Deps
	place    string
	released atomic.Bool
	why      atomic.Pointer[string]
}

// Open compares the marks. A store without any mark is new and marked as an original.
func Open(ctx context.Context, d Deps) (e *Epoch, err error) {
	defer fault.Wrap(&err, "epoch: open")
	e = &Epoch{d: d}
	if e.place, err = place(d.Folder); err != nil {
		return nil, err
	}
	data, err := read(ctx, d.Data)
	if err != nil {
		return nil, err
	}
	keys, err := read(ctx, d.Keys)
	if err != nil {
		return nil, err
	}
	file, at, err := readFile(filepath.Join(d.Folder, FileName))
	if err != nil {
		return nil, err
	}
	if data.IsZero() && keys.IsZero() && file.IsZero() {
		return e, e.mark(ctx, func(*db.Tx) error { return nil })
	}
	e.judge(data, keys, file, at)
	return e, nil
}

// judge decides what the marks say.
func (e *Epoch) judge(data, keys, file id.ID, at string) {
	why := ""
	switch {
	case file.IsZero():
		why = "the data folder has no mark: the databases were restored or copied without it"
	case data != file:
		why = "the data database belongs to another installation, or to this one at another time"
	case keys != file:
		why = "the key database belongs to another installation, or to this one at another time"
	case at != e.place:
		why = "the data folder was copied or moved to another machine or place"
	}
	e.why.Store(&why)
	e.released.Store(why == "")
}

// Released says whether the store may reach outside.
func (e *Epoch) Released(context.Context) bool { return e.released.Load() }

// Why says, for the operator, what makes this store a copy; empty when it is none.
func (e *Epoch) Why() string {
	if p := e.why.Load(); p != nil {
		return *p
	}
	return ""
}

var errReleased = fault.New(fault.Conflict, "epoch.released")

// Release makes this store an installation of its own: it gets new marks and may reach outside from now on. The audit
// entry is written in the transaction that marks the data.
func (e *Epoch) Release(ctx context.Context, by access.Actor) (err error) {
	defer fault.Wrap(&err, "epoch: release")
	if e.released.Load() {
		return errReleased
	}
	return e.mark(ctx, func(tx *db.Tx) error {
		return e.d.Audit.Record(tx, audit.Entry{Actor: by, Action: "epoch.release", Object: "installation", Outcome: audit.Done})
	})
}

// Join makes this folder a further place of the running installation: a second machine with a process of the same store.
// The marks of the databases stay as they are, so that the other processes go on. What would be a copy stays one: the
// databases must agree with each other.
func (e *Epoch) Join(ctx context.Context, by access.Actor) (err error) {
	defer fault.Wrap(&err, "epoch: join")
	if e.released.Load() {
		return errReleased
	}
	data, err := read(ctx, e.d.Data)
	if err != nil {
		return err
	}
	keys, err := read(ctx, e.d.Keys)
	if err != nil {
		return err
	}
	if data.IsZero() || data != keys {
		return fault.New(fault.Conflict, "epoch.no_installation").
			WithHint("data and key database do not belong to one installation; if they are a copy that shall be the store, use: strongroom store release")
	}
	err = e.d.Data.Write(ctx, func(tx *db.Tx) error {
		return e.d.Audit.Record(tx, audit.Entry{Actor: by, Action: "epoch.join", Object: "installation", Outcome: audit.Done})
	})
	if err != nil {
		return err
	}
	if err := e.file(data); err != nil {
		return err
	}
	e.judge(data, keys, data, e.place)
	return nil
}

// file writes the mark of the folder.
func (e *Epoch) file(epoch id.ID) error {
	text := fmt.Sprintf("strongroom installation 1\nepoch %s\nplace %s\n", epoch, e.place)
	return writeFile(filepath.Join(e.d.Folder, FileName), text)
}

// mark writes a new epoch, the file last: killed in between, the store still counts as a copy.
func (e *Epoch) mark(ctx context.Context, also func(*db.Tx) error) error {
	var epoch id.ID
	_, _ = rand.Read(epoch[:])
	put := func(tx *db.Tx) error {
		_, err := tx.Exec("INSERT INTO epoch_mark (id, epoch) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET epoch = $1", epoch)
		return err
	}
	if err := e.d.Keys.Write(ctx, put); err != nil {
		return err
	}
	if err := e.d.Data.Write(ctx, func(tx *db.Tx) error { return errors.Join(put(tx), also(tx)) }); err != nil {
		return err
	}
	if err := e.file(epoch); err != nil {
		return err
	}
	e.judge(epoch, epoch, epoch, e.place)
	return nil
}

func read(ctx context.Context, d *db.DB) (v id.ID, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow("SELECT epoch FROM epoch_mark WHERE id = 1").Scan(&v) })
	if db.IsNoRows(err) {
		err = nil
	}
	return v, err
}

// readFile reads the mark's file. A damaged one is no mark, so that the store counts as a copy.
func readFile(path string) (epoch id.ID, at string, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return epoch, "", nil
	}
	if err != nil {
		return epoch, "", err
	}
	var e string
	if _, err := fmt.Sscanf(string(b), "strongroom installation 1\nepoch %32s\nplace %80s\n", &e, &at); err != nil {
		return id.ID{}, "", nil
	}
	if epoch, err = id.Parse(e); err != nil {
		return id.ID{}, "", nil
	}
	return epoch, at, nil
}

// writeFile replaces the file whole.
func writeFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+FileName+"-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// place names the machine and the folder. Containers often have no machine id; the folder alone decides there.
func place(folder string) (string, error) {
	inode, err := inodeOf(folder)
	if err != nil {
		return "", err
	}
	machine := "-"
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if b, err := os.ReadFile(path); err == nil && len(strings.TrimSpace(string(b))) >= 16 {
			machine = strings.TrimSpace(string(b))
			break
		}
	}
	return hex.EncodeToString(digest(machine, inode)), nil
}
