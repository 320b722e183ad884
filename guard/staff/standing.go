package staff

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
)

// Standing is how the staff stand, in numbers, for the checks of the store. Who it is, the list of members says to
// whoever may see it.
type Standing struct {
	Owners    int // who count
	Weak      int // owners with too few ways of signing in
	MustEnrol int // members who have too few
	Dormant   int
	Glass     int // emergencies that are open now
}

// Standing counts.
func (s *Service) Standing(ctx context.Context) (out Standing, err error) {
	defer fault.Wrap(&err, "staff: standing")
	var list []Member
	err = s.read(ctx, func(tx *db.Tx) error {
		if list, err = members(tx, s.d.Vault, false); err != nil {
			return err
		}
		out.Glass = 0
		for _, m := range list {
			until, err := glassUntil(tx, m.ID, tx.Now())
			if err != nil {
				return err
			}
			if !until.IsZero() {
				out.Glass++
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	for _, m := range list {
		if err := s.stands(ctx, m, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *Service) stands(ctx context.Context, m Member, out *Standing) error {
	if m.State == MustEnrol {
		out.MustEnrol++
	}
	if m.State != Active {
		return nil
	}
	seen, err := s.d.Identity.LastSeen(ctx, ids(m))
	if err != nil {
		return err
	}
	if s.dormant(m, seen[m.ID]) {
		out.Dormant++
	}
	if !m.owner() {
		return nil
	}
	out.Owners++
	enrolled, err := s.d.Identity.Methods(ctx, m.ID)
	if err == nil && len(Enough(enrolled, m.Role)) > 0 {
		out.Weak++
	}
	return err
}

// dormant says whether an active member was not seen for a long time.
func (s *Service) dormant(m Member, seen time.Time) bool {
	return m.State == Active && s.now().Sub(later(seen, m.Began)) > dormantAfter
}
