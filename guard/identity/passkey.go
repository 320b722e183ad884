package identity

import (
	"context"
	"crypto/hmac"
	"errors"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// holder is an account as the WebAuthn library wants to see it.
type holder struct {
	handle      []byte
	name        string
	credentials []webauthn.Credential
}

// WebAuthnID is the random handle that passkeys carry.
func (h holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName is what the authenticator lists the passkey under.
func (h holder) WebAuthnName() string { return h.name }

// WebAuthnDisplayName is the same.
func (h holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are the passkeys that count.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

// proofOf is a keyed hash over what must never change in a passkey's row: whose it is, and its key. Who can write the
// table can neither exchange a key nor give it to another account unseen.
func (s *Service) proofOf(k passkeyRow) []byte {
	return s.mac("passkey", k.id[:], k.account[:], k.credential, k.publicKey, k.model, []byte{byte(db.Bool(k.eligible))})
}

var errAltered = errors.New("identity: the row of a passkey was altered")

// credential makes the library's view of a row, and refuses a row that was altered.
func (s *Service) credential(k passkeyRow) (webauthn.Credential, error) {
	if !hmac.Equal(k.proof, s.proofOf(k)) {
		return webauthn.Credential{}, errAltered
	}
	c := webauthn.Credential{ID: k.credential, PublicKey: k.publicKey,
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: k.eligible, BackupState: k.backed},
		Authenticator: webauthn.Authenticator{AAGUID: k.model, SignCount: uint32(k.counter)}} //nolint:gosec // a counter of 32 bits was stored
	for t := range strings.FieldsSeq(k.transports) {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c, nil
}

// holderOf reads an account's passkeys. An altered row counts for nothing and is told to the operator.
func (s *Service) holderOf(ctx context.Context, tx *db.Tx, acc Account) (holder, []passkeyRow, error) {
	h := holder{handle: acc.handle}
	rows, err := passkeysOf(tx, acc.ID)
	if err != nil {
		return h, nil, err
	}
	var good []passkeyRow
	for _, k := range rows {
		c, err := s.credential(k)
		if err != nil {
			s.log.ErrorContext(ctx, "the row of a passkey was altered", "account", acc.ID, "passkey", k.id)
			continue
		}
		if k.state == passkeyActive {
			h.credentials, good = append(h.credentials, c), append(good, k)
		}
	}
	return h, good, nil
}

func (s *Service) partyOf(r Realm) (*party, error) {
	if p := s.parties[r]; p != nil {
		return p, nil
	}
	return nil, fault.New(fault.Unavailable, "identity.no_admin").WithHint("Set server.admin_url in the configuration: staff sign in on a host of their own.")
}

// BeginPasskey makes a challenge for whoever has a passkey of the realm. The same options serve the button and the
// browser's autofill. Nothing is typed, so that nothing can be told about anybody.
func (s *Service) BeginPasskey(ctx context.Context, realm Realm, v Visitor) (out Ceremony, err error) {
	defer fault.Wrap(&err, "identity: begin passkey")
	p, err := s.partyOf(realm)
	if err != nil {
		return out, err
	}
	options, data, err := p.web.BeginDiscoverableLogin()
	if err != nil {
		return out, err
	}
	return s.openCeremony(ctx, ceremony{realm: realm, kind: signInCeremony}, options.Response, data, v)
}

// FinishPasskey signs in with the answer to a challenge. A passkey with user verification is enough by itself, and
// neither tries nor delays of other ways hold it up.
func (s *Service) FinishPasskey(ctx context.Context, realm Realm, token id.Token, response []byte, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: finish passkey")
	p, err := s.partyOf(realm)
	if err != nil {
		return step, err
	}
	c, err := s.takeCeremony(ctx, token, realm, signInCeremony, v)
	if err != nil {
		return step, err
	}
	acc, used, err := s.discover(ctx, p, c, response, v)
	if err != nil {
		return step, err
	}
	address, err := s.ready(ctx, &acc)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := s.use(tx, used); err != nil {
			return err
		}
		now, ok, err := s.accountBy(tx, acc.ID)
		if err != nil || !ok || !now.State.open() {
			return orRefused(err)
		}
		now.person = acc.person
		if err := s.forgive(tx, now, address, v); err != nil {
			return err
		}
		step, err = s.signedIn(tx, now, Full, Methods(0).With(PasskeyMethod), v)
		return err
	})
	return step, err
}

func orRefused(err error) error {
	if err == nil {
		return ErrRefused
	}
	return err
}

// answered is a passkey whose answer was right, and what it said.
type answered struct {
	row     passkeyRow
	counter int64
	backed  bool
}

// use notes the use of a passkey in the transaction that counts on it.
func (s *Service) use(tx *db.Tx, a answered) error {
	ok, err := usePasskey(tx, a.row.id, a.counter, a.backed)
	if err == nil && !ok {
		err = ErrRefused
	}
	return err
}

// discover finds whose passkey answered, and checks the answer.
func (s *Service) discover(ctx context.Context, p *party, c ceremony, response []byte, v Visitor) (acc Account, used answered, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return acc, used, s.refusePasskey(ctx, Account{Realm: c.realm}, "malformed", v)
	}
	var rows []passkeyRow
	var broken error // of the store; everything else is a wrong answer
	find := func(_, handle []byte) (webauthn.User, error) {
		var h holder
		err := s.read(ctx, func(tx *db.Tx) error {
			found, ok, err := s.accountByHandle(tx, handle)
			if err != nil || !ok || found.Realm != c.realm || !found.State.open() {
				return orRefused(err)
			}
			acc = found
			h, rows, err = s.holderOf(ctx, tx, acc)
			return err
		})
		if err != nil && !errors.Is(err, ErrRefused) {
			broken = err
		}
		return h, err
	}
	_, cred, err := p.web.ValidatePasskeyLogin(find, c.data, parsed)
	if acc.ID.IsZero() {
		acc.Realm = c.realm
	}
	if broken != nil {
		return acc, used, broken
	}
	if err != nil {
		return acc, used, s.refusePasskey(ctx, acc, "invalid", v)
	}
	used, err = s.judge(ctx, acc, rows, cred, v)
	return acc, used, err
}

// judge looks at what the library leaves to its caller: user verification for certain, and whether the counter grew.
func (s *Service) judge(ctx context.Context, acc Account, rows []passkeyRow, cred *webauthn.Credential, v Visitor) (answered, error) {
	for _, k := range rows {
		if string(k.credential) != string(cred.ID) {
			continue
		}
		if cred.Authenticator.CloneWarning {
			return answered{}, s.cloned(ctx, acc, k, v)
		}
		if !cred.Flags.UserVerified {
			break
		}
		return answered{row: k, counter: int64(cred.Authenticator.SignCount), backed: cred.Flags.BackupState}, nil
	}
	return answered{}, s.refusePasskey(ctx, acc, "invalid", v)
}

// refusePasskey writes a wrong answer down. The caller learns no reason.
func (s *Service) refusePasskey(ctx context.Context, acc Account, why string, v Visitor) error {
	return s.refuse(ctx, refusal{act: "sign_in", acc: acc, method: PasskeyMethod, reason: why}, v)
}

// cloned stops a passkey whose counter went back: there are two of it, and nobody knows which is its owner's. The owner
// is told, and the store is alarmed.
func (s *Service) cloned(ctx context.Context, acc Account, k passkeyRow, v Visitor) error {
	refused := s.refuse(ctx, refusal{act: "sign_in", acc: acc, method: PasskeyMethod, reason: "clone"}, v)
	err := s.write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		if err := stopPasskey(tx, k.id); err != nil {
			return err
		}
		if err := setCompromised(tx, acc.ID, true); err != nil {
			return err
		}
		if err := tx.Emit(CloneSeen{about(acc, PasskeyMethod, "clone")}); err != nil {
			return err
		}
		return s.tellChanged(tx, acc, "clone_seen")
	})
	if err != nil {
		return err
	}
	return refused
}

// BeginFactorPasskey makes a challenge for a passkey of the account that an attempt is about.
func (s *Service) BeginFactorPasskey(ctx context.Context, attempt id.Token, v Visitor) (out Ceremony, err error) {
	defer fault.Wrap(&err, "identity: begin factor")
	var h holder
	var c ceremony
	err = s.read(ctx, func(tx *db.Tx) error {
		a, acc, err := s.attemptFor(tx, attempt, v)
		if err != nil {
			return err
		}
		if err := s.offers(tx, a, acc, PasskeyMethod, v); err != nil {
			return err
		}
		c = ceremony{realm: acc.Realm, kind: factorCeremony, account: acc.ID, attempt: a.id}
		h, _, err = s.holderOf(ctx, tx, acc)
		return err
	})
	if err != nil {
		return out, err
	}
	p, err := s.partyOf(c.realm)
	if err != nil {
		return out, err
	}
	options, data, err := p.web.BeginLogin(h)
	if err != nil {
		return out, err
	}
	return s.openCeremony(ctx, c, options.Response, data, v)
}

// FinishFactorPasskey takes the answer to BeginFactorPasskey into the attempt that it was made for, and into no other.
func (s *Service) FinishFactorPasskey(ctx context.Context, of, token id.Token, response []byte, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: finish factor")
	c, err := s.takeCeremony(ctx, token, 0, factorCeremony, v)
	if err != nil {
		return step, err
	}
	acc, used, err := s.answerOf(ctx, c, response, v)
	if err != nil {
		return step, err
	}
	return s.prove(ctx, of, PasskeyMethod, v, func(tx *db.Tx, a *attempt, own Account) error {
		if a.id != c.attempt || own.ID != acc.ID {
			return ErrRefused
		}
		return s.use(tx, used)
	})
}

// answerOf checks the answer of one of an account's own passkeys.
func (s *Service) answerOf(ctx context.Context, c ceremony, response []byte, v Visitor) (acc Account, used answered, err error) {
	var h holder
	var rows []passkeyRow
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if acc, err = s.mustAccount(tx, c.account); err != nil {
			return err
		}
		h, rows, err = s.holderOf(ctx, tx, acc)
		return err
	})
	if err != nil {
		return acc, used, err
	}
	p, err := s.partyOf(c.realm)
	if err != nil {
		return acc, used, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return acc, used, s.refusePasskey(ctx, acc, "malformed", v)
	}
	cred, err := p.web.ValidateLogin(h, c.data, parsed)
	if err != nil {
		return acc, used, s.refusePasskey(ctx, acc, "invalid", v)
	}
	used, err = s.judge(ctx, acc, rows, cred, v)
	return acc, used, err
}
