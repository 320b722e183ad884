package identity

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
)

// FindingState says how a check of the security check-up ended.
type FindingState uint8

// The states of a finding.
const (
	Good    FindingState = 1
	Advice  FindingState = 2 // could be better
	Missing FindingState = 3 // should be mended
)

// Finding is one check of the security check-up. Key, How and Fix are words: "identity.check_" and Key name what was
// checked, "identity.how_" and How say how the store knows, Fix names the page that mends it.
type Finding struct {
	Key   string
	State FindingState
	How   string
	Fix   string
	N     int
}

// CheckUp looks over the session's account: what is good, what is missing, and how it is known.
func (s *Service) CheckUp(ctx context.Context, sess Session) (out []Finding, err error) {
	defer fault.Wrap(&err, "identity: check-up")
	if err := sess.RequireFull(); err != nil {
		return nil, err
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return nil, err
	}
	var e Enrolled
	var devices []deviceRow
	var running, words bool
	err = s.read(ctx, func(tx *db.Tx) error {
		if e, err = s.enrolledIn(tx, acc.ID); err != nil {
			return err
		}
		if devices, err = devicesOf(tx, acc.ID); err != nil {
			return err
		}
		if _, running, err = openRecovery(tx, acc.ID); err != nil {
			return err
		}
		_, sealed, err := wordsOf(tx, acc.Subject)
		words = len(sealed) > 0
		return err
	})
	return findings(acc, e, inUse(devices), running, words), err
}

func inUse(devices []deviceRow) (n int) {
	for _, d := range devices {
		if d.sessions > 0 {
			n++
		}
	}
	return n
}

// findings is the check-up's rule: a pure function of what is known.
func findings(acc Account, e Enrolled, devices int, running, words bool) []Finding {
	pick := func(key, how, fix string, n int, state FindingState) Finding {
		return Finding{Key: key, State: state, How: how, Fix: fix, N: n}
	}
	graded := func(good, advice bool) FindingState {
		switch {
		case good:
			return Good
		case advice:
			return Advice
		}
		return Missing
	}
	out := []Finding{
		pick("alarm", "alarms", "devices", 0, graded(!acc.Compromised, false)),
		pick("recovery_running", "recovery", "recovery", 0, graded(!running, true)),
		pick("passkey", "methods", "passkeys", e.Passkeys, graded(e.Passkeys > 0, e.second())),
		pick("spare", "methods", "passkeys", e.Passkeys, graded(e.Passkeys > 1 || e.Codes > 0 || e.Passkeys > 0 && e.second(), e.Passkeys > 0 || e.second())),
		pick("codes", "codes", "codes", e.Codes, graded(e.Codes > 2, true)),
		pick("devices", "sessions", "devices", devices, graded(devices <= 5, true)),
		pick("words", "words", "words", 0, graded(words, true)),
	}
	if e.Password {
		out = append(out, pick("password", "methods", "app", 0, graded(e.second(), e.LongPassword)))
	}
	if e.Phone && !e.App && e.Passkeys == 0 {
		out = append(out, pick("phone_only", "methods", "app", 0, Advice))
	}
	return out
}
