package vault

import (
	"context"
	"crypto/rand"
)

// RootKey wraps the store keys. It is called at start, at rotation and at recovery, never for a request. KeyFile is
// the engine for one machine; a key service is another.
type RootKey interface {
	Wrap(ctx context.Context, plain []byte) (wrapped []byte, err error)
	Unwrap(ctx context.Context, wrapped []byte) (plain []byte, err error)
}

// Service is a key service on another machine. It wraps the root key itself, which stands in the key database then and
// is opened once, at start: so a running store needs the service for nothing, and a recovery kit holds the root key as
// it does with a key file. guard/vault/openbao is an engine.
type Service interface {
	RootKey
	// Rotate has the service make a new version of its own key, which Wrap uses from then on. A service that does not
	// let us says so with fault.Forbidden.
	Rotate(ctx context.Context) error
}

// Place is where the root key lives.
type Place string

// The places.
const (
	InFile    Place = "file"
	InService Place = "service"
)

// renewer is a root key that the store replaces itself.
type renewer interface {
	RootKey
	// keyID names the key that Wrap uses.
	keyID() ([]byte, error)
	// secret is what a recovery kit needs to make the key again.
	secret() ([]byte, error)
	// renew makes the next key, durably where it lies in a file, or returns the one that an interrupted rotation made.
	renew(ctx context.Context) (renewer, error)
	// promote makes the key with that id the only one. It is idempotent.
	promote(keyID []byte) error
	// lies says where the key is, and what the key database keeps of it: nothing for a file.
	lies() (Place, []byte)
}

// serviceRoot is a root key that a key service wrapped. It stays in memory, beside the store keys that it wraps.
type serviceRoot struct {
	service Service
	key     rootSecret
	wrapped []byte
}

// newServiceRoot makes a root key and has the service wrap it.
func newServiceRoot(ctx context.Context, s Service) (*serviceRoot, error) {
	r := &serviceRoot{service: s}
	if _, err := rand.Read(r.key.key[:]); err != nil {
		return nil, err
	}
	var err error
	r.wrapped, err = s.Wrap(ctx, r.key.key[:])
	return r, err
}

// openServiceRoot has the service open the root key of that name.
func openServiceRoot(ctx context.Context, s Service, row rootRow) (*serviceRoot, error) {
	plain, err := s.Unwrap(ctx, row.wrapped)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	r := &serviceRoot{service: s, wrapped: row.wrapped}
	if copy(r.key.key[:], plain) != rootSize || len(plain) != rootSize || string(r.key.id()) != string(row.keyID) {
		return nil, errServiceForeign
	}
	return r, nil
}

// Wrap seals without asking the service.
func (r *serviceRoot) Wrap(_ context.Context, plain []byte) ([]byte, error) { return r.key.wrap(plain) }

// Unwrap opens without asking the service.
func (r *serviceRoot) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	keyID, err := wrappedBy(wrapped)
	if err != nil {
		return nil, err
	}
	if string(keyID) != string(r.key.id()) {
		return nil, errServiceForeign
	}
	return r.key.unwrap(wrapped)
}

func (r *serviceRoot) keyID() ([]byte, error)  { return r.key.id(), nil }
func (r *serviceRoot) secret() ([]byte, error) { return append([]byte(nil), r.key.key[:]...), nil }
func (r *serviceRoot) promote([]byte) error    { return nil }
func (r *serviceRoot) lies() (Place, []byte)   { return InService, r.wrapped }
