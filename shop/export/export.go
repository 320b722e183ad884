// Package export takes orders out of the store: with their personal data, which two people agree on, or as numbers for
// the bookkeeping.
//
// # With personal data
//
// Ask freezes which orders and in which form; what follows is the way of every dangerous act (guard/staff). Once it is
// agreed on, a job writes the file page by page, so that a hundred thousand orders need no more memory than two hundred.
// A page, a look at each person in it in the audit log, and how far the job has come are one transaction: nobody is in
// the file whose look is not in the log, and a job that died goes on where it stood. Shoppers see the look in their
// account.
//
// The file is sealed in pieces under keys of its own. Only the asker fetches it, after a step-up. When it was fetched, a
// day after it was ready, or when somebody stops it by the mailed link, its keys are destroyed, so that it opens nowhere
// any more, in no copy of the database either.
//
// # Numbers only
//
// Nothing in them leads to a person outside this store. They are streamed at once to who may see payments.
//
// # The forms
//
// docs/exports.md describes all columns. In CSV, text that a spreadsheet would take for a formula has an apostrophe
// before it; JSON Lines have text as it is.
package export

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// Format is the form of a file.
type Format string

// The forms.
const (
	CSV   Format = "csv"
	Lines Format = "jsonl"
)

// State is where a file stands. The numbers are stored.
type State uint8

// The states of a file.
const (
	Making   State = 1
	Ready    State = 2
	Fetching State = 3
	Fetched  State = 4
	Erased   State = 5
)

var stateNames = [...]string{"", "making", "ready", "fetching", "fetched", "erased"}

// String is the state's word; message keys are "export.state_" and this.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return ""
}

// The bounds of the package.
const (
	fileLife  = 24 * time.Hour // a file that is ready can be fetched that long
	makeLife  = 72 * time.Hour // a file that is not ready by then is given up
	tryLife   = 15 * time.Minute
	maxTries  = 5 // a connection may break; a file is not fetched all day
	maxOrders = 500_000
	longest   = 11 * 366 * 24 * time.Hour
	pageSize  = 100
	runPages  = 50
)

// Wish says which orders go into a file, and how.
type Wish struct {
	order.Span
	Format Format
	Reason string // with personal data only; sealed in the log
}

// File is a file that was asked for and agreed on.
type File struct {
	ID     id.ID // of the request
	Format Format
	order.Span
	State  State
	Orders int64
	Size   int64
	Made   time.Time
	Ready  time.Time
	Ends   time.Time

	asker, subject id.ID
	role           string
	mark           order.Mark
	pieces         int64
	tries          int64
}

// Name is what the file is called: made of days, never of what somebody typed.
func (f File) Name(zone *time.Location) string { return name("orders", f.Span, f.Format, zone) }

func name(kind string, s order.Span, f Format, zone *time.Location) string {
	return fmt.Sprintf("%s_%s_%s.%s", kind, s.From.In(zone).Format(time.DateOnly), lastDay(s, zone), f)
}

// lastDay is the last day of a span.
func lastDay(s order.Span, zone *time.Location) string {
	return s.Until.Add(-time.Microsecond).In(zone).Format(time.DateOnly)
}

// Second finds a second person, and says later who stood behind an act; staff.Service fulfils it.
type Second interface {
	Ask(ctx context.Context, who access.Actor, w access.Wish) (request id.ID, err error)
	Behind(ctx context.Context, request id.ID, kind access.Danger) (access.Approved, error)
}

// Deps are what the service stands on.
type Deps struct {
	DB     *db.DB
	Vault  *vault.Vault
	Audit  *audit.Log
	Jobs   *job.Queue
	Orders *order.Service
	Second Second
	Shop   config.Shop
	Log    *slog.Logger
}

// Service is the exports of the store.
type Service struct {
	d   Deps
	log *slog.Logger
}

// New makes the service and registers its jobs.
func New(d Deps) (*Service, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Shop.TimeZone == nil || d.Orders == nil {
		return nil, errors.New("export: orders and a time zone are needed")
	}
	s := &Service{d, d.Log}
	return s, errors.Join(
		job.Handle(d.Jobs, "export.make", job.Options{Timeout: 10 * time.Minute}, s.make),
		job.Every(d.Jobs, "export.tend", time.Minute, s.Tend))
}

func (s *Service) read(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Read(ctx, fn)
}

func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Write(ctx, fn)
}

// check says what is wrong with a wish.
func (s *Service) check(w *Wish, people bool) error {
	now := s.d.DB.Clock().Now()
	if w.Until.After(now) {
		w.Until = now // what is frozen does not grow while somebody decides
	}
	f := fault.New(fault.Invalid, "export.invalid")
	if w.From.IsZero() || !w.From.Before(w.Until) || w.Until.Sub(w.From) > longest {
		f.WithField("from", "export.span", nil)
	}
	if w.Format != CSV && w.Format != Lines {
		f.WithField("format", "export.format", nil)
	}
	if people && w.Reason == "" {
		f.WithField("reason", "export.reason", nil)
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// What people are told.
var (
	errUnknown = fault.New(fault.NotFound, "export.unknown")
	errMoved   = fault.New(fault.Conflict, "export.moved_on")
	errOver    = fault.New(fault.Gone, "export.over")
)

// Holds says which of these subjects belong to files, for the vault's sweeper.
func (s *Service) Holds(ctx context.Context, subjects []id.ID) (held []id.ID, err error) {
	defer fault.Wrap(&err, "export: holds")
	err = s.read(ctx, func(tx *db.Tx) error {
		held = nil
		for _, v := range subjects {
			ok, err := hasSubject(tx, v)
			if err != nil {
				return err
			}
			if ok {
				held = append(held, v)
			}
		}
		return nil
	})
	return held, err
}
