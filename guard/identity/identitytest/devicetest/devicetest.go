// Package devicetest is a passkey device in software, for tests. It knows nothing of the store.
package devicetest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
)

// Authenticator is a passkey device in software: it makes ES256 keys and answers challenges as a browser would hand them
// on. Its fields say how it behaves, so that a test can misbehave in exactly one way.
type Authenticator struct {
	Origin   string // what the browser says the page is
	RPID     string // "" for what the options ask
	Verified bool   // the person was verified
	Synced   bool   // its keys are copied to other devices; their counter stays 0
	keys     []*key
}

type key struct {
	id, handle []byte
	rp         string
	private    *ecdsa.PrivateKey
	counter    uint32
}

// NewAuthenticator is one that behaves, in a browser that shows a page of the origin.
func NewAuthenticator(origin string) *Authenticator {
	return &Authenticator{Origin: origin, Verified: true}
}

// Clone is a copy with the same keys, as a thief would have one.
func (a *Authenticator) Clone() *Authenticator {
	b := *a
	b.keys = nil
	for _, k := range a.keys {
		c := *k
		b.keys = append(b.keys, &c)
	}
	return &b
}

// Pose makes this device present its own newest key under the name and owner of the other's newest one, as somebody would
// who exchanged a public key in the database.
func (a *Authenticator) Pose(as *Authenticator) *Authenticator {
	b, own, other := a.Clone(), a.keys[len(a.keys)-1], as.keys[len(as.keys)-1]
	b.keys = []*key{{id: other.id, handle: other.handle, rp: own.rp, private: own.private, counter: 1000}}
	return b
}

// PoseAsOwner makes this device present its own newest key as one of the other's owner, as somebody would who gave a
// passkey to another account in the database.
func (a *Authenticator) PoseAsOwner(as *Authenticator) *Authenticator {
	b := a.Pose(as)
	b.keys[0].id = a.keys[len(a.keys)-1].id
	return b
}

// Keys is how many keys it holds.
func (a *Authenticator) Keys() int { return len(a.keys) }

type options struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Allow []struct {
		ID string `json:"id"`
	} `json:"allowCredentials"`
}

var b64 = base64.RawURLEncoding

// The flags of authenticator data.
const (
	present  = 1 << 0
	verified = 1 << 2
	eligible = 1 << 3
	backed   = 1 << 4
	attested = 1 << 6
)

// Create answers the options of a registration.
func (a *Authenticator) Create(raw []byte) ([]byte, error) {
	var o options
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, err
	}
	handle, err := b64.DecodeString(o.User.ID)
	if err != nil {
		return nil, err
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	k := &key{id: make([]byte, 32), handle: handle, rp: a.rp(o.RP.ID), private: private}
	_, _ = rand.Read(k.id)
	a.keys = append(a.keys, k)
	data := a.data(k, attested)
	data = append(data, make([]byte, 16)...) // no model
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(data, k.id...)
	data = append(data, cose(&private.PublicKey)...)
	return json.Marshal(map[string]any{"id": b64.EncodeToString(k.id), "rawId": b64.EncodeToString(k.id), "type": "public-key",
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64.EncodeToString(a.client("webauthn.create", o.Challenge)),
			"attestationObject": b64.EncodeToString(attestation(data)), "transports": []string{"internal", "hybrid"}}})
}

// Get answers the options of a sign-in with the newest key that fits.
func (a *Authenticator) Get(raw []byte) ([]byte, error) {
	var o options
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, err
	}
	k := a.pick(o)
	if k == nil {
		return nil, errors.New("no key fits")
	}
	if !a.Synced {
		k.counter++
	}
	data, client := a.data(k, 0), a.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"id": b64.EncodeToString(k.id), "rawId": b64.EncodeToString(k.id), "type": "public-key",
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
			"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(k.handle)}})
}

// pick finds the newest key that the options allow. What relying party a key belongs to is not looked at: a real
// authenticator would refuse, and a test wants to see the store refuse.
func (a *Authenticator) pick(o options) *key {
	for i := len(a.keys) - 1; i >= 0; i-- {
		if len(o.Allow) == 0 {
			return a.keys[i]
		}
		for _, c := range o.Allow {
			if c.ID == b64.EncodeToString(a.keys[i].id) {
				return a.keys[i]
			}
		}
	}
	return nil
}

func (a *Authenticator) rp(asked string) string {
	if a.RPID != "" {
		return a.RPID
	}
	return asked
}

func (a *Authenticator) data(k *key, more byte) []byte {
	flags := present | more
	if a.Verified {
		flags |= verified
	}
	if a.Synced {
		flags |= eligible | backed
	}
	hash := sha256.Sum256([]byte(a.rp(k.rp)))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), k.counter)
}

func (a *Authenticator) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
	if err != nil {
		panic(err)
	}
	return b
}

// cose writes a public key as the map that authenticators send: key type 2, algorithm -7, curve 1, x and y.
func cose(k *ecdsa.PublicKey) []byte {
	point, err := k.Bytes() // a byte 4, then both coordinates, 32 bytes each
	if err != nil {
		panic(err)
	}
	b := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32}
	b = append(b, point[1:33]...)
	b = append(b, 0x22, 0x58, 32)
	return append(b, point[33:]...)
}

// attestation wraps authenticator data as an attestation that says nothing.
func attestation(data []byte) []byte {
	b := []byte{0xa3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e', 0x67, 'a', 't', 't', 'S', 't', 'm', 't', 0xa0,
		0x68, 'a', 'u', 't', 'h', 'D', 'a', 't', 'a', 0x59}
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	return append(b, data...)
}
