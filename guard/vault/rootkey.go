package vault

import "context"

// RootKey wraps the store keys. It is called at start, at rotation and at recovery, never for a request. KeyFile is
// the engine for one machine; a key service is another.
type RootKey interface {
	Wrap(ctx context.Context, plain []byte) (wrapped []byte, err error)
	Unwrap(ctx context.Context, wrapped []byte) (plain []byte, err error)
}

// renewer is a root key that the store replaces itself. A key service replaces its own: there Wrap uses the new one
// without being told.
type renewer interface {
	RootKey
	// keyID names the key that Wrap uses.
	keyID() ([]byte, error)
	// secret is what a recovery kit needs to make the key again.
	secret() ([]byte, error)
	// renew makes the next key, durably, or returns the one that an interrupted rotation made.
	renew() (renewer, error)
	// promote makes the key with that id the only one. It is idempotent.
	promote(keyID []byte) error
}
