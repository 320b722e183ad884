package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/identity/hash"
	"strongroom/guard/identity/strength"
	"strongroom/guard/vault"
)

// Deps are what the service stands on.
type Deps struct {
	DB     *db.DB // the data database
	Vault  *vault.Vault
	Audit  *audit.Log
	Jobs   *job.Queue
	Events *event.Bus
	Shop   config.Shop // PublicURL and AdminURL decide where passkeys work
	Log    *slog.Logger
	// Even is what the time of an answer is rounded up to that must not tell whether an address is known; 0 means 25 ms,
	// below 0 not at all.
	Even time.Duration
	// Crowd multiplies what one network may try and ask for; 0 means 1. Where visitors share few addresses it is more.
	Crowd int64

	Hash     *hash.Pool
	Strength *strength.Checker
	Phones   PhoneRules
}

// Service is the accounts of the store.
type Service struct {
	d       Deps
	log     *slog.Logger
	parties map[Realm]*party
}

// New makes the service and registers its jobs.
func New(d Deps) (*Service, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Hash == nil || d.Strength == nil {
		return nil, errors.New("identity: the pool of hashes and the rules of passwords are needed")
	}
	if d.Even == 0 {
		d.Even = 25 * time.Millisecond
	}
	d.Crowd = max(d.Crowd, 1)
	d.Phones = d.Phones.filled()
	s := &Service{d: d, log: d.Log, parties: map[Realm]*party{}}
	for realm, origin := range map[Realm]string{Shopper: d.Shop.PublicURL, Staff: d.Shop.AdminURL} {
		if origin == "" {
			continue // a store without an admin host has no staff sign-in
		}
		p, err := newParty(d.Shop.Name, origin)
		if err != nil {
			return nil, fmt.Errorf("identity: %s: %w", realm, err)
		}
		s.parties[realm] = p
	}
	if s.parties[Shopper] == nil {
		return nil, errors.New("identity: the shop has no address")
	}
	return s, s.register()
}

func (s *Service) register() error {
	q := s.d.Jobs
	return errors.Join(
		job.Every(q, "identity.sweep", 10*time.Minute, s.Sweep),
		job.Every(q, "identity.factors", time.Hour, func(ctx context.Context) error {
			return s.write(ctx, func(tx *db.Tx) error { return dropOldFactors(tx, tx.Now().Add(-24*time.Hour)) })
		}),
		job.Every(q, "identity.recover", time.Minute, s.TellReady),
		job.Handle(q, "identity.index", job.Options{}, s.reindex),
		job.Handle(q, "identity.unindex", job.Options{}, s.unindex),
		job.Handle(q, "identity.erase", job.Options{}, s.erase),
	)
}

func (s *Service) read(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Read(ctx, fn)
}

func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Write(ctx, fn)
}

// now is the store's time, for what happens outside a transaction.
func (s *Service) now() time.Time { return s.d.DB.Clock().Now() }

// even is called when an answer begins and gives what is called when it is ready: that waits until a multiple of Even has
// passed since the beginning, so that small differences in the work for known and unknown addresses do not show.
func (s *Service) even(ctx context.Context) func() {
	if s.d.Even < 0 {
		return func() {}
	}
	beat := time.NewTicker(s.d.Even)
	return func() {
		defer beat.Stop()
		select {
		case <-beat.C: // one that has passed
		default:
		}
		select {
		case <-beat.C:
		case <-ctx.Done():
		}
	}
}

// mac is a keyed hash of something that is looked up or compared and must not be kept.
func (s *Service) mac(label string, parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, byte(len(p)>>8), byte(len(p)))
		b = append(b, p...)
	}
	return s.d.Vault.MAC("identity."+label, b)
}

// clear is the clear text of an address, for hashing and for letters. It is the system's own look.
func (s *Service) clear(ctx context.Context, p vault.Personal) (string, error) {
	var err error
	for _, purpose := range []vault.Purpose{vault.Profile, vault.Fulfilment} {
		var out []string
		if out, err = s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("identity"), Purpose: purpose, Reason: "sign_in"}, p); err == nil {
			return out[0], nil
		}
	}
	return "", err
}

// level brings spellings of an address to one form, as the vault's look-up does.
func level(address string) string {
	return strings.ToLower(strings.Join(strings.Fields(address), " "))
}

// plausible says whether a mail could be sent to the address at all.
func plausible(address string) bool {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at > 64 || len(address) > 254 || strings.ContainsAny(address, " \t\r\n<>,;:\"()[]\\") {
		return false
	}
	host := address[at+1:]
	dot := strings.IndexByte(host, '.')
	return dot > 0 && !strings.HasSuffix(host, ".") && !strings.HasPrefix(host, "-") && !strings.Contains(host, "..")
}

// address checks what somebody typed and gives its keyed hash.
func (s *Service) address(ctx context.Context, realm Realm, email vault.Personal) ([]byte, error) {
	if email.IsZero() {
		return nil, ErrEmail
	}
	clear, err := s.clear(ctx, email)
	if err != nil {
		return nil, err
	}
	if clear = level(clear); !plausible(clear) {
		return nil, ErrEmail
	}
	return s.mac("address", []byte{byte(realm)}, []byte(clear)), nil
}

// Holds says which of the subjects are accounts, for the vault's sweeper.
func (s *Service) Holds(ctx context.Context, subjects []id.ID) (held []id.ID, err error) {
	err = s.read(ctx, func(tx *db.Tx) error {
		for _, v := range subjects {
			if ok, err := hasSubject(tx, v); err != nil {
				return err
			} else if ok {
				held = append(held, v)
			}
		}
		return nil
	})
	return held, err
}
