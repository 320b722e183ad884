// Package dkim makes keys that sign the shop's mails (RFC 6376, RFC 8463), and signs with them.
//
// Each mail gets two signatures: Ed25519, which is short and strong, and RSA, because many readers do not know the first
// yet. Who reads the mail finds the public halves in the domain's DNS, at the selector's name (Record says what belongs
// there). A key belongs to one selector and one domain and is replaced together with its selector, never under it.
package dkim

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// Algorithm is one of the two.
type Algorithm string

// The algorithms.
const (
	Ed25519 Algorithm = "ed25519"
	RSA     Algorithm = "rsa"
)

// rsaBits are what every reader verifies and a TXT record holds in two strings.
const rsaBits = 2048

// Key signs for one selector of one domain. It prints as hidden.
type Key struct {
	Domain, Selector string
	signer           crypto.Signer
}

// String hides the key.
func (Key) String() string { return "DKIM key (hidden)" }

// GoString hides the key.
func (Key) GoString() string { return "DKIM key (hidden)" }

// Make makes a key. private is PKCS #8 and is to be sealed; public is what DNS shows in its p tag.
func Make(a Algorithm) (private []byte, public string, err error) {
	var k crypto.Signer
	var shown []byte
	switch a {
	case Ed25519:
		pub, priv, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, "", err
		}
		k, shown = priv, pub
	case RSA:
		priv, err := rsa.GenerateKey(rand.Reader, rsaBits)
		if err != nil {
			return nil, "", err
		}
		if shown, err = x509.MarshalPKIXPublicKey(priv.Public()); err != nil {
			return nil, "", err
		}
		k = priv
	default:
		return nil, "", errors.New("dkim: no such algorithm")
	}
	private, err = x509.MarshalPKCS8PrivateKey(k)
	return private, base64.StdEncoding.EncodeToString(shown), err
}

// Open reads a private key that Make made.
func Open(domain, selector string, private []byte) (*Key, error) {
	v, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, errors.New("dkim: the key cannot be read") // without the cause, which may quote it
	}
	switch k := v.(type) {
	case ed25519.PrivateKey:
		return &Key{domain, selector, k}, nil
	case *rsa.PrivateKey:
		return &Key{domain, selector, k}, nil
	}
	return nil, errors.New("dkim: the key is of another kind")
}

// Record is the TXT record that belongs to a public half.
func Record(a Algorithm, public string) string {
	return "v=DKIM1; k=" + string(a) + "; p=" + public
}

// signed are the headers that a signature covers. Those that a reader believes stand twice, so that nobody can add
// another one of them to a signed mail.
var signed = []string{"From", "From", "To", "To", "Subject", "Subject", "Date", "Date", "Reply-To", "Reply-To", "Message-ID",
	"MIME-Version", "Content-Type", "Content-Type", "Content-Transfer-Encoding", "Content-Language", "Auto-Submitted"}

// Sign gives the headers to be put before a message, one for each key.
func Sign(keys []*Key, message []byte) ([]byte, error) {
	var out []byte
	for _, k := range keys {
		s, err := dkim.NewSigner(&dkim.SignOptions{Domain: k.Domain, Selector: k.Selector, Signer: k.signer, HeaderKeys: signed,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed})
		if err != nil {
			return nil, err
		}
		_, err = s.Write(message)
		if cerr := s.Close(); err != nil || cerr != nil {
			return nil, fmt.Errorf("dkim: %w", errors.Join(err, cerr))
		}
		out = append(out, s.Signature()...)
	}
	return out, nil
}

// Verdict is what a reader makes of one signature.
type Verdict struct {
	Domain string
	Err    error // nil for a good one
}

// Verify reads a message as its receiver does. lookup finds TXT records.
func Verify(message []byte, lookup func(name string) ([]string, error)) ([]Verdict, error) {
	found, err := dkim.VerifyWithOptions(bytes.NewReader(message), &dkim.VerifyOptions{LookupTXT: lookup, MaxVerifications: 8})
	out := make([]Verdict, len(found))
	for i, v := range found {
		out[i] = Verdict{v.Domain, v.Err}
	}
	return out, err
}
