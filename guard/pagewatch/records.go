package pagewatch

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Sort is a sort of record.
type Sort string

// The sorts.
const (
	Scan        Sort = "scan"        // a scan of the shop from outside by somebody who is approved for that
	Attestation Sort = "attestation" // a provider's attestation of compliance
)

// Record is a document of somebody else's that the shopkeeper has read: when it was made, what it says, where it lies.
type Record struct {
	ID      id.ID
	Sort    Sort
	Subject string    // who scanned; which provider
	Day     time.Time // of the scan, or of the attestation
	Passed  bool      // of a scan
	Place   string    // where the document lies
	Member  id.ID     // who wrote it down; zero for the console
	Made    time.Time
}

// The bounds of what is typed.
const (
	mostSubject = 80
	mostPlace   = 300
)

// Fresh is how long a document says something: a quarter for a scan, a year for an attestation.
func (s Sort) Fresh() time.Duration {
	if s == Scan {
		return 92 * 24 * time.Hour
	}
	return 366 * 24 * time.Hour
}

// Old says whether a record is too old to say something.
func (r Record) Old(now time.Time) bool { return now.Sub(r.Day) > r.Sort.Fresh() }

// Note writes a record down.
func (s *Service) Note(ctx context.Context, who access.Actor, r Record) (err error) {
	defer fault.Wrap(&err, "pagewatch: note")
	act := audit.Act{Action: "pagewatch.note", Object: "record"}
	if err := s.d.Audit.Allow(ctx, who, access.SafetyManage, act); err != nil {
		return err
	}
	r.Subject, r.Place = strings.Join(strings.Fields(r.Subject), " "), strings.Join(strings.Fields(r.Place), " ")
	if err := r.check(s.d.DB.Clock().Now()); err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		r.ID, r.Member, r.Made = tx.NewID(), who.ID, tx.Now()
		if err := putRecord(tx, r); err != nil {
			return err
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: act.Action, Object: act.Object, ObjectID: r.ID, Outcome: audit.Done,
			Facts: []audit.Fact{{Key: "sort", Text: string(r.Sort)}, {Key: "day", Text: r.Day.Format(time.DateOnly)}}})
	})
}

func (r Record) check(now time.Time) error {
	wrong := func(field string) error {
		key := "pagewatch." + field + "_wrong"
		return fault.New(fault.Invalid, key).WithField(field, key, nil)
	}
	switch n := utf8.RuneCountInString(r.Subject); {
	case r.Sort != Scan && r.Sort != Attestation:
		return wrong("sort")
	case n < 2 || n > mostSubject:
		return wrong("subject")
	case r.Day.After(now.Add(24*time.Hour)) || now.Sub(r.Day) > 10*366*24*time.Hour:
		return wrong("day")
	case utf8.RuneCountInString(r.Place) > mostPlace:
		return wrong("place")
	}
	return nil
}

func putRecord(tx *db.Tx, r Record) error {
	result := ""
	if r.Sort == Scan {
		result = "failed"
		if r.Passed {
			result = "passed"
		}
	}
	_, err := tx.Exec(`INSERT INTO pagewatch_record (id, sort, subject, day, result, place, member, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, string(r.Sort), r.Subject, r.Day.Format(time.DateOnly), result, r.Place, r.Member, clock.Micros(r.Made))
	return err
}

func scanRecord(row db.Scanner) (r Record, err error) {
	var sort, day, result string
	var made int64
	if err = row.Scan(&r.ID, &sort, &r.Subject, &day, &result, &r.Place, &r.Member, &made); err != nil {
		return r, err
	}
	r.Sort, r.Passed, r.Made = Sort(sort), result == "passed", clock.FromMicros(made)
	r.Day, err = time.Parse(time.DateOnly, day)
	return r, err
}

// Records are all records, the newest documents first.
func (s *Service) Records(ctx context.Context) (list []Record, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = db.All(tx, scanRecord, `SELECT id, sort, subject, day, result, place, member, made_at FROM pagewatch_record ORDER BY day DESC, id DESC LIMIT 500`)
		return err
	})
	return list, err
}

// Overview is what the pages of the desk show.
type Overview struct {
	Standing
	Inventory Inventory
	Records   []Record
}

// Show is everything about the watch, for who may see how the store stands.
func (s *Service) Show(ctx context.Context, who access.Actor, lang string) (o Overview, err error) {
	defer fault.Wrap(&err, "pagewatch: show")
	if err := s.d.Audit.Allow(ctx, who, access.SafetyView, audit.Act{Action: "pagewatch.show", Object: "page"}); err != nil {
		return o, err
	}
	if o.Standing, err = s.Standing(ctx); err != nil {
		return o, err
	}
	if o.Inventory, err = s.d.Source(ctx, lang); err != nil {
		return o, err
	}
	o.Records, err = s.Records(ctx)
	return o, err
}
