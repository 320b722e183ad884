package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"strongroom/base/event"
	"strongroom/base/sms"
	"strongroom/guard/identity"
	"strongroom/guard/identity/hash"
	"strongroom/guard/identity/strength"
	"strongroom/guard/vault"
)

// Identity is how people prove who they are: what passwords are held against, what they cost, and who sends codes to
// phones. The zero value works: the shipped list, hashes at their default cost, and no phones.
type Identity struct {
	Hash         hash.Params
	HashParallel int    // at once; 0: half of the processors
	LeakService  string // origin of the public service that knows leaked passwords; "" asks nobody
	LeakList     string // file of a filter that was built from the public list; "" for none
	Phones       identity.PhoneRules
	SMS          sms.Sender // nil: captured in the data folder
}

// openIdentity makes the accounts of shoppers and staff.
func (s *Store) openIdentity(context.Context) (err error) {
	c := s.c.Identity
	pool, err := hash.NewPool(hash.Options{Params: c.Hash, Parallel: c.HashParallel, Pepper: s.pepper})
	if err != nil {
		return err
	}
	rules, err := s.passwordRules()
	if err != nil {
		return err
	}
	s.Identity, err = identity.New(identity.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Jobs: s.Jobs, Events: s.Bus, Shop: s.c.Shop,
		Log: s.c.Log, Hash: pool, Strength: rules, Phones: c.Phones, Crowd: s.crowd()})
	return err
}

// crowd is by how much more one network may ask for than usual.
func (s *Store) crowd() int64 {
	if s.c.Demo { // all of its visitors sit at one machine
		return max(int64(s.c.Scale), 20)
	}
	return max(int64(s.c.Scale), 1)
}

// pepper is the key under which passwords are hashed. It stands in the key database, apart from the hashes.
func (s *Store) pepper(version uint8, password []byte) []byte {
	return s.Vault.MAC(fmt.Sprintf("identity.pepper.%d", version), password)
}

// passwordRules are the words and lists that a new password is held against.
func (s *Store) passwordRules() (*strength.Checker, error) {
	c, shop := s.c.Identity, s.c.Shop
	o := strength.Options{Words: []string{shop.Name, shop.LegalName, shop.PublicURL, shop.AdminURL, shop.Email, "strongroom"}, Log: s.c.Log}
	if c.LeakService != "" {
		o.Service = strength.NewService(c.LeakService, s.c.Clock, nil)
	}
	if c.LeakList != "" {
		list, err := strength.OpenFilter(c.LeakList)
		if err != nil {
			return nil, &Error{Kind: BadConfig, Cause: err, What: "the list of leaked passwords cannot be used: " + err.Error(),
				Do: "Build it with \"strongroom password-list build\", or take password.leak_list out."}
		}
		if c, ok := any(list).(io.Closer); ok {
			s.onClose(c.Close)
		}
		o.List = list
	}
	return strength.New(o)
}

// reunite ties guest orders to the account that has confirmed their address, and never before it has; an account that
// is closed leaves them.
func (s *Store) reunite() error {
	return errors.Join(
		event.On(s.Bus, "order.attach", func(ctx context.Context, e identity.Confirmed) error {
			email, err := s.Identity.EmailOf(ctx, e.Account)
			if err != nil {
				return err
			}
			return s.Order.Attach(ctx, e.Account, email)
		}),
		event.On(s.Bus, "order.detach", func(ctx context.Context, e identity.AccountClosed) error {
			return errors.Join(s.Shopper.Forget(ctx, e.Account), s.Order.Detach(ctx, e.Account))
		}),
		// Orders that were opened from an account close in every browser when sessions end: those that go on open them anew.
		event.On(s.Bus, "order.leave", func(ctx context.Context, e identity.SessionEnded) error {
			return s.Order.LeaveOwn(ctx, e.Account)
		}))
}

// ownWords hands people's own words to the letters about their orders. A mail goes out without them rather than not.
type ownWords struct{ identity *identity.Service }

// Words are those of the account whose confirmed address it is, if there is one and some were chosen.
func (w ownWords) Words(ctx context.Context, to string) (string, bool) {
	words, ok, err := w.identity.WordsAt(ctx, identity.Shopper, vault.Typed(to))
	return words, ok && err == nil
}
