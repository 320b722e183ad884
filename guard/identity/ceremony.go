package identity

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"strongroom/base/db"
	"strongroom/base/id"
)

// Ceremony is a challenge for an authenticator. The token goes back with the answer; it is good for one.
type Ceremony struct {
	Token   id.Token
	Options json.RawMessage // for PublicKeyCredential.parseRequestOptionsFromJSON or parseCreationOptionsFromJSON
	Until   time.Time
}

// party is one relying party: a host with passkeys of its own.
type party struct {
	web    *webauthn.WebAuthn
	origin string
}

// newParty makes the relying party of an origin: its host is the id, and no other origin is accepted. User verification
// is always demanded, attestation never: the public may use any authenticator.
func newParty(name, origin string) (*party, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is no origin", origin)
	}
	yes := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &yes, ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
	})
	return &party{w, origin}, err
}

// The kinds of ceremonies. The numbers are stored.
const (
	signInCeremony = 1
	factorCeremony = 2
	enrolCeremony  = 3
	guestCeremony  = 4
)

// ceremony is what a challenge was made for.
type ceremony struct {
	realm                     Realm
	kind                      uint8
	account, session, attempt id.ID
	data                      webauthn.SessionData
	browser                   []byte
	until                     time.Time
}

// openCeremony keeps a challenge and gives it to the browser.
func (s *Service) openCeremony(ctx context.Context, c ceremony, options any, data *webauthn.SessionData, v Visitor) (out Ceremony, err error) {
	if v.Browser == "" {
		return out, errBrowser
	}
	if out.Options, err = json.Marshal(options); err != nil {
		return out, err
	}
	kept, err := json.Marshal(data)
	if err != nil {
		return out, err
	}
	out.Token = id.NewToken()
	err = s.write(ctx, func(tx *db.Tx) error {
		out.Until = tx.Now().Add(ceremonyLife)
		return insertCeremony(tx, out.Token.Hash(), c, v.Browser.Hash(), string(kept), out.Until)
	})
	return out, err
}

// takeCeremony spends a challenge, whatever the answer turns out to be: exactly one caller gets it, from the browser, for
// the realm and the kind that it was made for.
func (s *Service) takeCeremony(ctx context.Context, token id.Token, realm Realm, kind uint8, v Visitor) (c ceremony, err error) {
	if v.Browser == "" {
		return c, errBrowser
	}
	var data string
	var ok bool
	err = s.write(ctx, func(tx *db.Tx) (err error) {
		c, data, ok, err = spendCeremony(tx, token.Hash())
		return err
	})
	if err != nil {
		return c, err
	}
	if !ok || c.kind != kind || realm != 0 && c.realm != realm || !s.now().Before(c.until) ||
		subtle.ConstantTimeCompare(c.browser, v.Browser.Hash()) != 1 {
		return ceremony{}, ErrAttempt
	}
	err = json.Unmarshal([]byte(data), &c.data)
	c.data.Expires = time.Time{} // the store's own time decides, and has
	return c, err
}
