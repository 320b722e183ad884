// Package pagewatch looks at the pages around payment from the outside, as a stranger does, and compares what is really
// served with an inventory in code: every script, style sheet, form, field, connection and header, each with its reason.
//
// # One look
//
// Every 50 minutes (so that a change is seen within the hour) one of all processes walks from the home page over a
// product, the cart and the details to the page with the button, over the public address and HTTPS, with bounds on time,
// bytes and questions. It never presses the button: the order's own pages are looked at with a sample order that a signed
// cookie opens, and nothing is reserved, mailed or started. It goes twice: once under its own name, once in the words of
// an ordinary browser, because who plants something may spare whoever says that it looks.
//
// # A difference
//
// is an audit entry, a mail to the owner (again each day while it stands), a metric, and a wrong check of the safety
// page, until the page is as declared again or somebody accepts it with reason, name and expiry. A look that reached
// nobody is no good news either: after three in a row the owner is told that nobody looks.
//
// # What it cannot see
//
// Who rules the machine can serve the stranger other pages than shoppers, or change this program. The look from the same
// machine also never sees what happens to a shopper's own browser or network. So it can be run from another machine, too:
// "strongroom pages --shop https://shop.example.org" needs no database.
package pagewatch

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Often is how often it is looked.
const Often = 50 * time.Minute

// Again is after how long the owner is told again of what still stands.
const Again = 24 * time.Hour

// Blind is after how many looks in a row that reached nobody the owner is told.
const Blind = 3

// keepLooks is how long looks are kept: a year and a month, for who must show a year.
const keepLooks = 396 * 24 * time.Hour

// agents are the names under which it walks.
var agents = [...]string{"Strongroom-PageWatch/1 (this shop looks at its own pages)",
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}

// Deps are what the watch stands on.
type Deps struct {
	DB        *db.DB
	Audit     *audit.Log
	Jobs      *job.Queue
	Public    string            // https origin of the shop as strangers know it
	Way       http.RoundTripper // how it goes out
	Source    Source            // the inventory
	Languages []string          // of the shop; each walk takes the next
	// Accepted says until when which differences are accepted, by "page/" and their mark.
	Accepted func(ctx context.Context) (map[string]time.Time, error)
	// Held says whether this store is a copy that nobody visits: then nobody looks.
	Held func(ctx context.Context) bool
	Log  *slog.Logger
}

// Service is the watch.
type Service struct {
	d   Deps
	own *url.URL
}

// LetterKind is the job that tells the owner; its arguments are a Letter.
const LetterKind = "letter.pages"

// Letter is what the owner is told about: what stands at the moment of sending is read then.
type Letter struct {
	Look  id.ID
	Blind bool // nobody could look
}

// New makes the watch.
func New(d Deps) (*Service, error) {
	own, err := url.Parse(d.Public)
	if err != nil {
		return nil, err
	}
	return &Service{d: d, own: own}, nil
}

// Register registers the look that is asked for, and the regular one where it is wanted.
func (s *Service) Register(regular bool) error {
	look := func(ctx context.Context) error {
		if s.d.Held != nil && s.d.Held(ctx) {
			return nil
		}
		_, err := s.Look(ctx)
		return err
	}
	if regular {
		if err := job.Every(s.d.Jobs, "pagewatch.look", Often, look); err != nil {
			return err
		}
	}
	return job.Handle(s.d.Jobs, nowKind, job.Options{Attempts: 2, Timeout: 5 * time.Minute, Outside: true}, func(ctx context.Context, _ struct{}) error { return look(ctx) })
}

// nowKind is the job of a look that somebody asked for.
const nowKind = "pagewatch.now"

// LookNow has it looked at once, in the background: a walk takes longer than a page is waited for.
func (s *Service) LookNow(ctx context.Context, who access.Actor) (err error) {
	defer fault.Wrap(&err, "pagewatch: look now")
	act := audit.Act{Action: "pagewatch.look", Object: "page"}
	if err := s.d.Audit.Allow(ctx, who, access.SafetyManage, act); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		minute := tx.Now().Truncate(time.Minute).Format(time.RFC3339)
		if _, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: nowKind, Key: minute, Args: struct{}{}}); err != nil {
			return err
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, Outcome: audit.Done})
	})
}
