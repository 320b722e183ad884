package identity

import (
	"context"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/guard/audit"
)

// Act is something that was done in, or tried at, somebody's account, as she is told of it.
type Act struct {
	At      time.Time
	What    string // a word: "sign_in", "password_set", ...
	Method  Method // that was used; 0 if none
	Refused bool
}

// Activity is what the log holds about the session's own account, newest first: sign-ins, refusals and changes, whichever
// part of the store wrote them.
func (s *Service) Activity(ctx context.Context, sess Session, most int) (out []Act, err error) {
	defer fault.Wrap(&err, "identity: activity")
	if err := sess.RequireFull(); err != nil {
		return nil, err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil || acc.person.IsZero() {
		return nil, err
	}
	page, err := s.d.Audit.List(ctx, audit.Filter{Person: acc.person, Object: "account", ObjectID: acc.ID, OldestLast: true, Limit: most})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Rows {
		_, what, _ := strings.Cut(r.Action, ".")
		a := Act{At: r.At, What: what, Refused: r.Outcome != audit.Done}
		for _, f := range r.Facts {
			if f.Key == "method" {
				a.Method = Method(f.Int)
			}
		}
		out = append(out, a)
	}
	return out, nil
}
