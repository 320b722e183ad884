package certificate

import (
	"context"
	"log/slog"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/job"
)

// Source knows when certificates end: a Keeper, or the files that the shopkeeper names.
type Source interface {
	Expiries(ctx context.Context) ([]Expiry, error)
}

// thresholds are how many days before the end of a certificate of the usual 90 days somebody is told.
var thresholds = [...]int{21, 7, 2}

// usual is the life that the thresholds are meant for. A shorter one is warned of at the same share of its life.
const usual = 90 * 24 * time.Hour

// Threshold is the narrowest threshold that a certificate has passed; 0 for none.
func Threshold(e Expiry, now time.Time) int {
	passed := 0
	for _, days := range thresholds {
		if before := margin(e, days); !now.Before(e.Ends.Add(-before)) {
			passed = days
		}
	}
	return passed
}

// margin is how long before the end a threshold lies.
func margin(e Expiry, days int) time.Duration {
	m := time.Duration(days) * 24 * time.Hour
	if life := e.Ends.Sub(e.From); life < usual {
		m = time.Duration(float64(m) * float64(life) / float64(usual))
	}
	return m
}

// Watch sees certificates come to their end.
type Watch struct {
	db     *db.DB
	source Source
	log    *slog.Logger
	jobs   *job.Queue
}

// LetterKind is the job that tells the owner; its arguments are a Letter.
const LetterKind = "letter.certificate"

// Letter is what the owner is told about.
type Letter struct {
	Face string
	Days int   // the threshold
	Ends int64 // microseconds
}

// NewWatch makes the watch and registers its hourly job. Of all processes one looks, and each threshold of each
// certificate is told once.
func NewWatch(d *db.DB, jobs *job.Queue, s Source, log *slog.Logger) (*Watch, error) {
	w := &Watch{db: d, source: s, log: log, jobs: jobs}
	return w, job.Every(jobs, "certificate.watch", time.Hour, w.Look)
}

// Look looks once.
func (w *Watch) Look(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "certificate: watch")
	all, err := w.source.Expiries(ctx)
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := w.look(ctx, e); err != nil {
			return err
		}
	}
	return w.db.Write(ctx, func(tx *db.Tx) error { return forgetTold(tx, tx.Now().AddDate(-1, 0, 0)) })
}

func (w *Watch) look(ctx context.Context, e Expiry) error {
	if e.Ends.IsZero() {
		return nil
	}
	now := w.db.Clock().Now()
	days := Threshold(e, now)
	if days == 0 {
		return nil
	}
	w.log.WarnContext(ctx, "a certificate comes to its end", "host", e.Name, "ends", e.Ends, "left", e.Ends.Sub(now).Round(time.Hour))
	return w.db.Write(ctx, func(tx *db.Tx) error {
		first, err := markTold(tx, e.Face, e.Ends, days)
		if err != nil || !first {
			return err
		}
		if err := tx.Emit(Expiring{Face: e.Face, Days: days}); err != nil {
			return err
		}
		_, err = w.jobs.Enqueue(tx, job.Job{Kind: LetterKind, Args: Letter{Face: e.Face, Days: days, Ends: e.Ends.UnixMicro()}})
		return err
	})
}
