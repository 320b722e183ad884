package post

import (
	"context"
	"slices"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/mail/dkim"
)

// Key is a signing key without its private half.
type Key struct {
	Selector  string
	Domain    string
	Algorithm dkim.Algorithm
	Public    string
	Made      time.Time
	Seen      time.Time // when DNS showed it first: it signs since then
	Ended     time.Time // when its successor began to sign
	sealed    []byte
}

// State says in a word where the key stands.
func (k Key) State() string {
	switch {
	case !k.Ended.IsZero():
		return "ended"
	case k.Seen.IsZero():
		return "waits for DNS"
	}
	return "signs"
}

// sealLabel says what the vault sealed.
func sealLabel(selector string) string { return "post.dkim " + selector }

// Keys lists the keys, the oldest first.
func (s *Service) Keys(ctx context.Context) (out []Key, err error) {
	err = s.d.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = keysOf(tx, domain(s.d.From))
		return err
	})
	return out, err
}

// RotateKeys makes the next pair of keys. The present ones go on signing until DNS shows the next. A pair that waits
// already is not followed by another one: it is returned.
func (s *Service) RotateKeys(ctx context.Context) (made []Key, err error) {
	defer fault.Wrap(&err, "post: make keys")
	all, err := s.Keys(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.State() == "waits for DNS" {
			made = append(made, k)
		}
	}
	if len(made) > 0 {
		return made, nil
	}
	now := s.d.DB.Clock().Now()
	for _, a := range []dkim.Algorithm{dkim.Ed25519, dkim.RSA} {
		k := Key{Domain: domain(s.d.From), Algorithm: a, Made: now, Selector: free(all, now, a)}
		private, public, err := dkim.Make(a)
		if err != nil {
			return nil, err
		}
		k.Public = public
		k.sealed, err = s.d.Vault.SealSecret(sealLabel(k.Selector), private)
		clear(private)
		if err != nil {
			return nil, err
		}
		made = append(made, k)
	}
	return made, s.d.DB.Write(ctx, func(tx *db.Tx) error {
		for _, k := range made {
			if err := insertKey(tx, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// free is a selector that tells its day and that no key had: "sr20261122r", then "sr20261122br".
func free(all []Key, now time.Time, a dkim.Algorithm) string {
	for _, more := range []string{"", "b", "c", "d", "e", "f", "g", "h"} {
		name := "sr" + now.UTC().Format("20060102") + more + string(a[0])
		if !slices.ContainsFunc(all, func(k Key) bool { return k.Selector == name }) {
			return name
		}
	}
	return "sr" + now.UTC().Format("20060102150405") + string(a[0])
}

// live are the keys that DNS should show: those that sign and those that shall.
func live(all []Key) (out []Key) {
	for _, k := range all {
		if k.Ended.IsZero() {
			out = append(out, k)
		}
	}
	return out
}

// seen notes which keys DNS shows. What it shows for the first time signs from now on, and the key before it of the
// same kind ends: its private half is forgotten, its record may leave DNS a week later.
func (s *Service) seen(ctx context.Context, selectors map[string]bool) error {
	all, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	for _, k := range live(all) {
		if !k.Seen.IsZero() || !selectors[k.Selector] {
			continue
		}
		err := s.d.DB.Write(ctx, func(tx *db.Tx) error { return beginKey(tx, k) })
		if err != nil {
			return err
		}
		s.keys.Store(nil)
	}
	return nil
}

// signing are the opened keys, for a while.
type signing struct {
	keys  []*dkim.Key
	until time.Time
}

// openFor is how long opened keys are used without a look into the database, where another process may have rotated.
const openFor = time.Minute

// Sign gives the signatures of a message, one for each key that DNS shows; none before it shows one.
func (s *Service) Sign(message []byte) ([]byte, error) {
	now := s.d.DB.Clock().Now()
	k := s.keys.Load()
	if k == nil || now.After(k.until) {
		fresh, err := s.open(context.Background())
		if err != nil {
			return nil, err
		}
		k = &signing{fresh, now.Add(openFor)}
		s.keys.Store(k)
	}
	return dkim.Sign(k.keys, message)
}

func (s *Service) open(ctx context.Context) (out []*dkim.Key, err error) {
	defer fault.Wrap(&err, "post: open the signing keys")
	all, err := s.Keys(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.State() != "signs" {
			continue
		}
		private, err := s.d.Vault.OpenSecret(sealLabel(k.Selector), k.sealed)
		if err != nil {
			return nil, err
		}
		opened, err := dkim.Open(k.Domain, k.Selector, private)
		clear(private)
		if err != nil {
			return nil, err
		}
		out = append(out, opened)
	}
	return out, nil
}

func keysOf(tx *db.Tx, domain string) ([]Key, error) {
	return db.All(tx, func(s db.Scanner) (k Key, err error) {
		var made, seen, ended int64
		err = s.Scan(&k.Selector, &k.Domain, &k.Algorithm, &k.Public, &k.sealed, &made, &seen, &ended)
		k.Made, k.Seen, k.Ended = clock.FromMicros(made), clock.FromMicros(seen), clock.FromMicros(ended)
		return k, err
	}, "SELECT selector, domain, algorithm, public, sealed, made_at, seen_at, ended_at FROM post_key WHERE domain = $1 ORDER BY made_at, selector", domain)
}

func insertKey(tx *db.Tx, k Key) error {
	_, err := tx.Exec("INSERT INTO post_key (selector, domain, algorithm, public, sealed, made_at, seen_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)",
		k.Selector, k.Domain, k.Algorithm, k.Public, k.sealed, clock.Micros(tx.Now()))
	return err
}

func beginKey(tx *db.Tx, k Key) error {
	now := clock.Micros(tx.Now())
	if _, err := tx.Exec("UPDATE post_key SET ended_at = $1, sealed = NULL WHERE domain = $2 AND algorithm = $3 AND seen_at > 0 AND ended_at = 0",
		now, k.Domain, k.Algorithm); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE post_key SET seen_at = $1 WHERE selector = $2 AND seen_at = 0", now, k.Selector)
	return err
}
