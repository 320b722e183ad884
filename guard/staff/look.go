package staff

import (
	"context"
	"slices"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
)

// spans are the stretches of time in which looks are counted.
var spans = [...]struct {
	name   string
	length time.Duration
}{{"hour", time.Hour}, {"day", 24 * time.Hour}}

// errQuota stops looks. It says when the next ones are possible.
func errQuota() *fault.Error { return fault.New(fault.TooMany, "staff.quota") }

// RecordLook is asked by the vault before staff or the console see personal data in clear; an error keeps it closed. It
// refuses masked roles, counts whom a member sees beside the orders that she works on, stops at the quota, and has the
// log write the look down.
func (s *Service) RecordLook(ctx context.Context, seen vault.Seen) error {
	if who := seen.Look.Actor; who.Kind == access.KindStaff && !seen.Subject.IsZero() {
		if err := s.mayLook(ctx, who, seen); err != nil {
			return err
		}
	}
	if err := s.sing(ctx, seen); err != nil {
		return err
	}
	return s.d.Audit.RecordLook(ctx, seen)
}

func (s *Service) mayLook(ctx context.Context, who access.Actor, seen vault.Seen) error {
	if who.Masked {
		return s.refuse(ctx, who, "vault.look", seen.Look.ObjectID, "masked", fault.New(fault.Forbidden, "staff.masked"))
	}
	open := 0
	if s.work != nil {
		working, err := s.work.Working(ctx, who.ID, seen.Look.ObjectID)
		if err != nil || working {
			return err
		}
		if open, err = s.work.OpenWork(ctx, who.ID); err != nil {
			return err
		}
	}
	over := ""
	err := s.write(ctx, func(tx *db.Tx) (err error) {
		over, err = s.count(tx, who.ID, seen.Subject, open)
		return err
	})
	if over != "" {
		return s.stopLooking(ctx, who, seen, over)
	}
	return err
}

// count counts a person whom the member has not seen today, and says which span is full.
func (s *Service) count(tx *db.Tx, member, subject id.ID, open int) (over string, err error) {
	fresh, err := insertLook(tx, member, slotOf(tx.Now(), 24*time.Hour), subject)
	if err != nil || !fresh {
		return "", err
	}
	for _, sp := range spans {
		limit := s.d.Quota.Hour + open
		if sp.name == "day" {
			limit = s.d.Quota.Day + 3*open
		}
		ok, err := countLook(tx, member, sp.name, slotOf(tx.Now(), sp.length), limit)
		if err != nil {
			return "", err
		}
		if !ok {
			return sp.name, errQuota()
		}
	}
	return "", nil
}

func slotOf(now time.Time, length time.Duration) int64 { return clock.Micros(now.Truncate(length)) }

// stopLooking refuses a look past the quota, and raises the alarm once for the member and span.
func (s *Service) stopLooking(ctx context.Context, who access.Actor, seen vault.Seen, span string) error {
	s.d.Audit.Refuse(ctx, audit.Entry{Actor: who, Action: "vault.look", Object: seen.Look.Object, ObjectID: seen.Look.ObjectID,
		Person: seen.Handle, Reason: "quota", Facts: []audit.Fact{{Key: "span", Text: span}}})
	err := s.write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		i := slices.IndexFunc(spans[:], func(sp struct {
			name   string
			length time.Duration
		}) bool {
			return sp.name == span
		})
		first, err := tellQuota(tx, who.ID, span, slotOf(tx.Now(), spans[i].length))
		if err != nil || !first {
			return err
		}
		if err := s.toOwners(tx, Letter{Kind: LetterQuota, About: who.ID}); err != nil {
			return err
		}
		return tx.Emit(QuotaReached{Member: who.ID, Span: span})
	})
	if err != nil {
		s.log.ErrorContext(ctx, "a reached quota could not be told", "error", err)
	}
	return errQuota()
}

// Left is how many further people a member may look at in this hour, for the page that asks for a reason.
func (s *Service) Left(ctx context.Context, who access.Actor) (n int, err error) {
	defer fault.Wrap(&err, "staff: looks that are left")
	open := 0
	if s.work != nil {
		if open, err = s.work.OpenWork(ctx, who.ID); err != nil {
			return 0, err
		}
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		hour, err := looksIn(tx, who.ID, "hour", slotOf(tx.Now(), time.Hour))
		if err != nil {
			return err
		}
		day, err := looksIn(tx, who.ID, "day", slotOf(tx.Now(), 24*time.Hour))
		n = max(0, min(s.d.Quota.Hour+open-hour, s.d.Quota.Day+3*open-day))
		return err
	})
	return n, err
}

func (s *Service) forgetLooks(ctx context.Context) error {
	return s.write(ctx, func(tx *db.Tx) error {
		if err := dropOldLooks(tx, tx.Now().Add(-48*time.Hour)); err != nil {
			return err
		}
		return dropOldLinks(tx, tx.Now().Add(-30*24*time.Hour))
	})
}

// LookedAt is a look at somebody's data as the shop tells her of it.
type LookedAt struct {
	At     time.Time
	Role   string // message key of the kind of staff who looked
	Reason string // message key
	Times  int    // how often on that day, for that reason
}

// LooksAt says which kinds of staff looked at somebody's data and why, newest day first: for her own account page. Who
// exactly it was, she is not told. handle is her audit handle (vault.AuditHandle).
func (s *Service) LooksAt(ctx context.Context, handle id.ID, zone *time.Location) (out []LookedAt, err error) {
	defer fault.Wrap(&err, "staff: looks at somebody")
	if handle.IsZero() {
		return nil, nil
	}
	page, err := s.d.Audit.List(ctx, audit.Filter{Person: handle, Action: "vault.look", Outcome: audit.Done, OldestLast: true, Limit: 200})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Rows {
		l := LookedAt{At: day(r.At, zone), Role: roleKey(r.Actor), Reason: reasonKey(r.Word), Times: 1}
		same := slices.IndexFunc(out, func(o LookedAt) bool { return o.At.Equal(l.At) && o.Role == l.Role && o.Reason == l.Reason })
		if same >= 0 {
			out[same].Times++
			continue
		}
		out = append(out, l)
	}
	return out, nil
}

func day(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func roleKey(a access.Actor) string {
	if r, ok := access.BuiltInRole(a.Name); ok && a.Kind == access.KindStaff {
		return r.Key
	}
	switch {
	case a.Kind == access.KindConsole:
		return "staff.role_console"
	case a.Name == access.BrokenGlass:
		return "access.role_break_glass"
	}
	return "access.role_own"
}

// reasonKey is the text of a reason. Words that nobody could choose, and sentences, are "another reason".
func reasonKey(word string) string {
	if slices.Contains(append(access.LookReasons(), access.OwnReasons()...), word) {
		return "access.why_" + word
	}
	return "access.why_other"
}

var _ vault.Recorder = (*Service)(nil)
