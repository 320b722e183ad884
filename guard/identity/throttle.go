package identity

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/vault"
)

// The ladder of delays: so many tries are free, then each further one waits twice as long, from 30 seconds to an hour.
// After a hundred without a success the way stays shut until its owner signs in by another one.
const (
	freeTries  = 5
	firstPause = 30 * time.Second
	mostPause  = time.Hour
	shutAfter  = 100
)

// The counts in a window of time, for tries by password from browsers that the account does not know.
const (
	networkTries  = 30
	networkWindow = 10 * time.Minute
	globalTries   = 30
	globalWindow  = 6 * time.Second // short, so that what was tried in one breath does not queue up for its hashes
	mailTries     = 5               // to one address in an hour, beyond which nothing is sent and nothing else is said
	askTries      = 40
	askWindow     = time.Hour
)

// pause is how long the try after the n-th waits.
func pause(n int64) time.Duration {
	if n < freeTries {
		return 0
	}
	return min(firstPause<<min(n-freeTries, 10), mostPause)
}

// take counts a try under a key before it is looked at, and refuses one that comes too early. Two at the same moment
// are one try too many: the second waits.
func take(tx *db.Tx, key []byte) error {
	row, found, err := throttleOf(tx, key)
	if err != nil {
		return err
	}
	now := tx.Now()
	if row.fails >= shutAfter {
		return slow(mostPause)
	}
	if wait := row.next.Sub(now); found && wait > 0 {
		return slow(wait)
	}
	ok, err := countTry(tx, key, row.fails, now.Add(pause(row.fails+1)))
	if err == nil && !ok {
		err = slow(time.Second)
	}
	return err
}

// within counts one more in a window of time and refuses when there were too many. n is how many there are now.
func within(tx *db.Tx, key []byte, window time.Duration, most int64) (n int64, err error) {
	if n, err = count(tx, key, window); err != nil {
		return n, err
	}
	if n > most {
		end := tx.Now().Truncate(window).Add(window)
		return n, slow(end.Sub(tx.Now()))
	}
	return n, nil
}

// nameKey is what tries for an account by name are counted under: for everybody together, or for a browser that the
// account knows, so that nobody can shut its owner out by trying. Unknown names are counted like known ones.
func (s *Service) nameKey(address []byte, acc Account, known bool, v Visitor) []byte {
	if known {
		return s.mac("try.browser", acc.ID[:], []byte(v.Browser))
	}
	return s.mac("try.name", address)
}

// takePassword counts a try with a password, before any hash is computed. The counts of the network and of the whole
// store do not hold up browsers that the account knows.
func (s *Service) takePassword(ctx context.Context, realm Realm, email vault.Personal, acc Account, v Visitor) error {
	if v.Browser == "" {
		return errBrowser
	}
	address, err := s.address(ctx, realm, email)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		var tries int64
		known, err := knows(tx, acc.ID, v.Browser)
		if err != nil {
			return err
		}
		if !known {
			if tries, err = within(tx, s.mac("try.store"), globalWindow, globalTries); err != nil {
				return err
			}
			if _, err := within(tx, s.mac("try.network", network(v.Origin)), networkWindow, networkTries*s.d.Crowd); err != nil {
				return err
			}
		}
		if err := take(tx, s.nameKey(address, acc, known, v)); err != nil || tries != globalTries {
			return err
		}
		return s.alarm(tx, AlarmStuffing) // from now on the store makes people wait
	})
	return s.slowed(ctx, err, acc, PasswordMethod, v)
}

// slowed writes down that somebody was told to wait.
func (s *Service) slowed(ctx context.Context, err error, acc Account, m Method, v Visitor) error {
	if fault.Is(err, fault.TooMany) {
		_ = s.refuse(ctx, refusal{act: "sign_in", acc: acc, method: m, reason: "slow"}, v)
	}
	return err
}

// factorKey is what the codes for an account are counted under, over all its attempts.
func (s *Service) factorKey(account id.ID) []byte { return s.mac("try.factor", account[:]) }

// forgive clears the counts of an account after a whole success from this browser.
func (s *Service) forgive(tx *db.Tx, acc Account, address []byte, v Visitor) error {
	for _, key := range [][]byte{s.nameKey(address, acc, true, v), s.nameKey(address, acc, false, v), s.factorKey(acc.ID)} {
		if err := dropThrottle(tx, key); err != nil {
			return err
		}
	}
	return nil
}

// addressOf is the keyed hash of an account's own address.
func (s *Service) addressOf(ctx context.Context, acc Account) ([]byte, error) {
	return s.address(ctx, acc.Realm, acc.Email)
}

// takeAsk counts a request for a mail. The count of a network is told; that of an address is not: beyond it nothing is
// sent, and the page is the same.
func (s *Service) takeAsk(tx *db.Tx, address []byte, v Visitor) (send bool, err error) {
	if _, err := within(tx, s.mac("ask.network", network(v.Origin)), askWindow, askTries*s.d.Crowd); err != nil {
		return false, err
	}
	_, err = within(tx, s.mac("ask.address", address), askWindow, mailTries)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.TooMany {
		return false, nil
	}
	return err == nil, err
}
