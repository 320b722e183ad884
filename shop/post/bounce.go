package post

import (
	"context"
	"errors"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/mail"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Bounce is a mail that did not arrive.
type Bounce struct {
	ID      id.ID
	Letter  Letter
	Order   id.ID // zero when it was about none
	Subject id.ID // whose keys seal what the server said
	Nobody  bool  // there is nobody at the address: no more mails go there
	Code    int
	Status  string
	Source  string // "refused" at once, or "report" later
	At      time.Time
}

// The sources.
const (
	refused = "refused"
	told    = "report"
)

// Told is what OwnerLetter's job carries.
type Told struct{ Bounce id.ID }

// OwnerLetter is the kind of the job that tells the owner of a bounce; front/letters handles it.
const OwnerLetter = "letter.owner_bounce"

// Refused takes down a mail that a server refused for good. to is its recipient.
func (s *Service) Refused(ctx context.Context, l Letter, to string, r *mail.Refusal) (err error) {
	defer fault.Wrap(&err, "post: a refused mail")
	return s.record(ctx, Bounce{Letter: l, Nobody: r.Nobody(), Code: r.Code, Status: r.Status, Source: refused}, to, clip(r.Said))
}

// Report reads a message that came to a bounce address. It says whether it was a report of a mail that failed; answers
// of holiday programs, news of delays and forged addresses are nothing.
func (s *Service) Report(ctx context.Context, address string, message []byte) (failed bool, err error) {
	defer fault.Wrap(&err, "post: a report")
	l, ok := s.Letter(address)
	if !ok {
		return false, fault.New(fault.Invalid, "post.address_foreign").WithHint("Only addresses that the store made take bounces: the part behind the + is signed.")
	}
	r, err := parseReport(message)
	if errors.Is(err, errNoReport) || err == nil && !r.failed {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.record(ctx, Bounce{Letter: l, Nobody: mail.Nobody(0, r.status), Status: r.status, Source: told}, r.recipient, r.detail)
}

// record writes a bounce, stops the address where nobody is, and has the owner told once for each order.
func (s *Service) record(ctx context.Context, b Bounce, to, said string) error {
	who, err := s.d.Orders.Addressee(ctx, b.Letter.Object)
	if err != nil {
		return err
	}
	b.ID, b.Order, b.Subject = id.New(s.d.DB.Clock().Now(), nil), who.Order, who.Subject
	stop := id.New(s.d.DB.Clock().Now(), nil)
	if to = strings.TrimSpace(to); !mail.Address(to) {
		to = who.Email
	}
	detail, address, err := s.seal(ctx, b, stop, said, to)
	if vault.Erased(err) {
		b.Subject, b.Nobody, detail, address = id.ID{}, false, nil, nil // nobody is left to write to
	} else if err != nil {
		return err
	}
	return s.d.DB.Write(ctx, func(tx *db.Tx) error {
		b.At = tx.Now()
		kept, err := insertBounce(tx, b, detail)
		if err != nil {
			return err
		}
		if b.Nobody && address != nil {
			if err := insertStop(tx, stop, kept, b.Subject, address); err != nil {
				return err
			}
		}
		if b.Order.IsZero() {
			return nil
		}
		_, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: OwnerLetter, Key: b.Order.String(), Args: Told{kept}})
		return err
	})
}

func (s *Service) seal(ctx context.Context, b Bounce, stop id.ID, said, to string) (detail, address []byte, err error) {
	if b.Subject.IsZero() {
		return nil, nil, nil
	}
	if detail, err = s.d.Vault.Seal(ctx, privacy.PostDetail.Field, b.Subject, b.ID, vault.Typed(said)); err != nil {
		return nil, nil, err
	}
	address, err = s.d.Vault.Seal(ctx, privacy.PostAddress.Field, b.Subject, stop, vault.Typed(to))
	return detail, address, err
}

// Stopped says whether mails to an address have come back, so that nothing more goes there for this subject.
func (s *Service) Stopped(ctx context.Context, subject id.ID, address string) (stopped bool, err error) {
	defer fault.Wrap(&err, "post: stopped")
	if subject.IsZero() {
		return false, nil
	}
	var list []stopRow
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = stopsOf(tx, subject)
		return err
	})
	for _, r := range list {
		clear, rerr := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("post"), Purpose: privacy.PostAddress.Field.Purpose, Reason: "bounce",
			Object: "order", ObjectID: subject}, s.d.Vault.Sealed(privacy.PostAddress.Field, subject, r.id, r.address))
		if vault.Erased(rerr) {
			continue
		}
		if rerr != nil {
			return false, rerr
		}
		if strings.EqualFold(clear[0], address) {
			return true, nil
		}
	}
	return false, err
}

// About lists the bounces of an order, the oldest first.
func (s *Service) About(ctx context.Context, order id.ID) (out []Bounce, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = bouncesOf(tx, order)
		return err
	})
	return out, err
}

// Recent lists the newest bounces.
func (s *Service) Recent(ctx context.Context, limit int) (out []Bounce, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = newest(tx, limit)
		return err
	})
	return out, err
}

// Get is one bounce.
func (s *Service) Get(ctx context.Context, bounce id.ID) (b Bounce, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		var ok bool
		if b, ok, err = byID(tx, bounce); err == nil && !ok {
			err = fault.New(fault.NotFound, "post.not_found")
		}
		return err
	})
	return b, err
}

// Release lets mails go out again to an order's addresses. It says whether any were stopped.
func (s *Service) Release(ctx context.Context, order, subject id.ID, who access.Actor) (released bool, err error) {
	defer fault.Wrap(&err, "post: release")
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := releaseStops(tx, subject)
		if released = n > 0; err != nil || !released {
			return err
		}
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "post.release", Object: "order", ObjectID: order, Outcome: audit.Done})
	})
	return released, err
}

// Counts are figures for metrics and the doctor.
type Counts struct {
	Bounces int64 // kept
	Nobody  int64 // of them where nobody is at the address
	Stopped int64 // addresses that get no mail now
}

// Counts counts.
func (s *Service) Counts(ctx context.Context) (c Counts, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error { return counts(tx, &c) })
	return c, err
}
