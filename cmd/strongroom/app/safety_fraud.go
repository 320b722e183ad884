package app

import (
	"context"

	"strongroom/base/fault"
	"strongroom/guard/safety"
)

// checkStrict says whether somebody tries out cards, and whether orders wait for a person.
func (s *Store) checkStrict(ctx context.Context) (safety.Finding, error) {
	m, err := s.Fraud.Mode(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	n, err := s.Fraud.Waiting(ctx)
	switch {
	case err != nil:
		return safety.Finding{}, err
	case m.Strict:
		return at("/review")(bad("strict", "", fault.Params{"time": m.Since.In(s.c.Shop.TimeZone).Format("15:04"), "n": n}))
	case n > 0:
		return at("/review")(advice("waiting", "", fault.Params{"n": n}))
	}
	return good("calm", nil)
}
