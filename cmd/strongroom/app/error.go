package app

import (
	"errors"
	"fmt"
	"io/fs"

	"strongroom/base/db"
)

// Kind sorts the errors of starting, for the exit code.
type Kind uint8

// The kinds.
const (
	Failed    Kind = iota
	BadConfig      // the configuration does not work here
	BadStore       // a database or the keys cannot be opened
	InUse          // another process has the folder or the address
)

// Error says what is wrong and what to do. Its cause is for the log.
type Error struct {
	Kind  Kind
	What  string
	Do    string
	Cause error
}

// Error is what is wrong, in one sentence.
func (e *Error) Error() string { return e.What }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// explainDB says what to do about a database that does not open.
func explainDB(name, where string, err error) error {
	e := &Error{Kind: BadStore, Cause: err}
	switch {
	case errors.Is(err, db.ErrNewer):
		e.What = fmt.Sprintf("the %s (%s) was written by a newer version of strongroom; nothing was changed", name, where)
		e.Do = "Start the newer version again, or restore a backup from before it was used."
	case errors.Is(err, db.ErrCorrupt):
		e.What = fmt.Sprintf("the %s (%s) is damaged or no database; nothing was changed", name, where)
		e.Do = "Put a backup in its place. Keep the damaged file: more may be saved from it."
	case errors.Is(err, db.ErrFull):
		e.What = fmt.Sprintf("the disk below the %s (%s) is full; nothing was written", name, where)
		e.Do = "Make room, then start again."
	case errors.Is(err, db.ErrNotWritable), errors.Is(err, fs.ErrPermission):
		e.What = fmt.Sprintf("the %s (%s) cannot be opened or written", name, where)
		e.Do = "Let the user that runs strongroom own the folder and its files."
	case errors.Is(err, db.ErrBusy):
		e.Kind = InUse
		e.What = fmt.Sprintf("the %s (%s) is held by another process", name, where)
		e.Do = "Stop the other process, or wait until it is done."
	case errors.Is(err, db.ErrUnavailable) && where != "PostgreSQL":
		e.What = fmt.Sprintf("the disk does not read or write the %s (%s): %v", name, where, err)
		e.Do = "Look whether the disk is full or failing (strongroom doctor, dmesg)."
	case errors.Is(err, db.ErrUnavailable):
		e.What = fmt.Sprintf("the %s (%s) does not answer", name, where)
		e.Do = "Look whether PostgreSQL runs and whether address, user and password are right."
	default:
		e.What = fmt.Sprintf("the %s (%s) cannot be opened: %v", name, where, err)
		e.Do = "\"strongroom doctor\" looks closer."
	}
	return e
}
