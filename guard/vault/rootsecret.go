package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
)

// What a root key wrapped is a version byte, the key's id, a nonce of 12 bytes, AES-256-GCM ciphertext and its tag.
const (
	rootSize    = 32
	adRoot      = "strongroom root 1"
	wrapVersion = 1
	keyIDSize   = 8
	wrapHead    = 1 + keyIDSize
)

// rootSecret is the key itself. It has no exported form and prints as hidden.
type rootSecret struct{ key [rootSize]byte }

func (rootSecret) String() string   { return "root key (hidden)" }
func (rootSecret) GoString() string { return "root key (hidden)" }

func (r rootSecret) id() []byte {
	h := sha256.New()
	h.Write([]byte("strongroom root id 1"))
	h.Write(r.key[:])
	return h.Sum(nil)[:keyIDSize]
}

// wrap seals a store key.
func (r rootSecret) wrap(plain []byte) ([]byte, error) {
	aead, err := newGCM(r.key[:])
	if err != nil {
		return nil, err
	}
	out := append([]byte{wrapVersion}, r.id()...)
	nonce := make([]byte, nonceSize)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(append(out, nonce...), nonce, plain, []byte(adRoot)), nil
}

// wrappedBy is the id of the root key that wrapped this.
func wrappedBy(wrapped []byte) ([]byte, error) {
	if len(wrapped) < wrapHead+nonceSize+tagSize || wrapped[0] != wrapVersion {
		return nil, errFormat
	}
	return wrapped[1:wrapHead], nil
}

// unwrap opens what wrap sealed; the form was looked at by wrappedBy.
func (r rootSecret) unwrap(wrapped []byte) ([]byte, error) {
	aead, err := newGCM(r.key[:])
	if err != nil {
		return nil, err
	}
	nonce, ct := wrapped[wrapHead:wrapHead+nonceSize], wrapped[wrapHead+nonceSize:]
	plain, err := aead.Open(nil, nonce, ct, []byte(adRoot))
	if err != nil {
		return nil, errOpen
	}
	return plain, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}
