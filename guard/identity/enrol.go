package identity

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// mostPasskeys is how many an account may have.
const mostPasskeys = 20

// Passkey is one passkey of an account, for its owner.
type Passkey struct {
	ID      id.ID
	Name    vault.Personal
	Synced  bool // copied by its maker to the owner's other devices
	Pending bool // counts when the address is confirmed
	Stopped bool // a copy was seen
	MadeAt  time.Time
	UsedAt  time.Time // zero if never
}

// BeginEnrol makes a challenge for a new passkey.
func (s *Service) BeginEnrol(ctx context.Context, sess Session, v Visitor) (out Ceremony, err error) {
	defer fault.Wrap(&err, "identity: begin enrol")
	if err := s.mayChange(sess); err != nil {
		return out, err
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return out, err
	}
	c := ceremony{realm: acc.Realm, kind: enrolCeremony, account: acc.ID, session: sess.ID}
	return s.beginRegistration(ctx, c, acc, acc.Email, v)
}

// beginRegistration asks an authenticator for a passkey of the account, and not for a second one of the same device.
func (s *Service) beginRegistration(ctx context.Context, c ceremony, acc Account, email vault.Personal, v Visitor) (out Ceremony, err error) {
	p, err := s.partyOf(c.realm)
	if err != nil {
		return out, err
	}
	var h holder
	var have []passkeyRow
	err = s.read(ctx, func(tx *db.Tx) (err error) { h, have, err = s.holderOf(ctx, tx, acc); return err })
	if err != nil {
		return out, err
	}
	if len(have) >= mostPasskeys {
		return out, fault.New(fault.Conflict, "identity.passkeys_full").With("n", mostPasskeys)
	}
	if h.name, err = s.clear(ctx, email); err != nil {
		return out, err
	}
	options, data, err := p.web.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()))
	if err != nil {
		return out, err
	}
	return s.openCeremony(ctx, c, options.Response, data, v)
}

// FinishEnrol adds the passkey that answered, under the name that its owner gave it. The session gets a new token. A
// shopper's session that came to enrol becomes a full one; staff wait for Raise.
func (s *Service) FinishEnrol(ctx context.Context, sess Session, token id.Token, name string, response []byte, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: finish enrol")
	if err := s.mayChange(sess); err != nil {
		return step, err
	}
	c, err := s.takeCeremony(ctx, token, sess.Realm, enrolCeremony, v)
	if err != nil {
		return step, err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return step, err
	}
	if c.session != sess.ID || c.account != acc.ID {
		return step, ErrAttempt
	}
	k, err := s.registered(ctx, c, acc, name, response, v)
	if err != nil {
		return step, err
	}
	k.state = passkeyActive
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := s.addPasskey(tx, acc, k, v); err != nil {
			return err
		}
		step, err = s.afterEnrol(tx, sess, acc, PasskeyMethod, v)
		return err
	})
	return step, err
}

// afterEnrol gives the session of somebody who just added a way of signing in its new token.
func (s *Service) afterEnrol(tx *db.Tx, sess Session, acc Account, m Method, v Visitor) (Step, error) {
	if sess.Level == Enrolling && acc.Realm == Shopper {
		return s.raise(tx, sess, acc, Methods(0).With(m), v)
	}
	token, err := s.turn(tx, sess, v)
	return Step{Need: Done, Session: token, Level: sess.Level, Proven: sess.Methods}, err
}

// registered checks an authenticator's answer and makes the row of its passkey.
func (s *Service) registered(ctx context.Context, c ceremony, acc Account, name string, response []byte, v Visitor) (k passkeyRow, err error) {
	p, err := s.partyOf(c.realm)
	if err != nil {
		return k, err
	}
	no := refusal{act: "enrol", acc: acc, method: PasskeyMethod, reason: "invalid", event: EnrolRefused{about(acc, PasskeyMethod, "invalid")}}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return k, s.refuse(ctx, no, v)
	}
	cred, err := p.web.CreateCredential(holder{handle: acc.handle}, c.data, parsed)
	if err != nil || !cred.Flags.UserVerified {
		return k, s.refuse(ctx, no, v)
	}
	k = passkeyRow{id: id.New(s.now(), nil), account: acc.ID, credential: cred.ID, publicKey: cred.PublicKey, model: cred.Authenticator.AAGUID,
		transports: transports(cred.Transport), eligible: cred.Flags.BackupEligible, backed: cred.Flags.BackupState,
		counter: int64(cred.Authenticator.SignCount)}
	if k.model == nil {
		k.model = []byte{}
	}
	k.proof = s.proofOf(k)
	k.name, err = s.d.Vault.Seal(ctx, privacy.IdentityPasskeyName.Field, acc.Subject, k.id, vault.Typed(tidy(name, 40)))
	return k, err
}

// transports keeps the words that browsers use for how an authenticator is reached, and nothing else.
func transports(list []protocol.AuthenticatorTransport) string {
	var out []string
	for _, t := range list {
		switch t {
		case protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal:
			out = append(out, string(t))
		}
	}
	return strings.Join(out, " ")
}

// tidy makes one short line of what somebody typed as a name.
func tidy(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == utf8.RuneError
	}), " ")
	if r := []rune(text); len(r) > most {
		text = strings.TrimSpace(string(r[:most]))
	}
	return text
}

// addPasskey writes a passkey that counts, and tells its owner.
func (s *Service) addPasskey(tx *db.Tx, acc Account, k passkeyRow, v Visitor) error {
	ok, err := insertPasskey(tx, k)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "identity.passkey_known")
	}
	if err := tx.Emit(MethodEnrolled{about(acc, PasskeyMethod, "")}); err != nil {
		return err
	}
	return s.changed(tx, acc, "passkey_added", v)
}

// Passkeys lists the passkeys of the session's account.
func (s *Service) Passkeys(ctx context.Context, sess Session) (out []Passkey, err error) {
	defer fault.Wrap(&err, "identity: passkeys")
	if sess.Locked || sess.Level < Enrolling {
		return nil, ErrLimited
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		rows, err := passkeysOf(tx, acc.ID)
		for _, k := range rows {
			out = append(out, Passkey{ID: k.id, Synced: k.backed, Pending: k.state == passkeyPending, Stopped: k.state == passkeyStopped,
				Name: s.d.Vault.Sealed(privacy.IdentityPasskeyName.Field, acc.Subject, k.id, k.name), MadeAt: k.made, UsedAt: k.used})
		}
		return err
	})
	return out, err
}

// PasskeyNames are the names of somebody's own passkeys in clear, for the page on which she tells them apart. The keys are
// those that Passkeys gave to her session.
func (s *Service) PasskeyNames(ctx context.Context, keys []Passkey) (names []string, err error) {
	defer fault.Wrap(&err, "identity: passkey names")
	sealed := make([]vault.Personal, len(keys))
	for i, k := range keys {
		sealed[i] = k.Name
	}
	return s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("identity"), Purpose: vault.Profile, Reason: "own"}, sealed...)
}

// RenamePasskey gives a passkey another name.
func (s *Service) RenamePasskey(ctx context.Context, sess Session, passkey id.ID, name string) (err error) {
	defer fault.Wrap(&err, "identity: rename passkey")
	if err := sess.RequireFull(); err != nil {
		return err
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return err
	}
	sealed, err := s.d.Vault.Seal(ctx, privacy.IdentityPasskeyName.Field, acc.Subject, passkey, vault.Typed(tidy(name, 40)))
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		ok, err := namePasskey(tx, acc.ID, passkey, sealed)
		if err == nil && !ok {
			err = ErrMissing
		}
		return err
	})
}

// RemovePasskey takes a passkey away, unless nothing strong would be left, and ends the other sessions.
func (s *Service) RemovePasskey(ctx context.Context, sess Session, passkey id.ID, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: remove passkey")
	if err := s.RequireStepUp(sess, StepUpFor); err != nil {
		return err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := lockAccount(tx, acc.ID); err != nil {
			return err
		}
		if ok, err := dropPasskey(tx, acc.ID, passkey); err != nil || !ok {
			return missing(err)
		}
		if err := s.leaves(tx, acc, func(*Enrolled) {}); err != nil {
			return err
		}
		if err := tx.Emit(MethodRemoved{about(acc, PasskeyMethod, "")}); err != nil {
			return err
		}
		if err := s.endOthers(tx, acc.ID, sess.ID); err != nil {
			return err
		}
		return s.changed(tx, acc, "passkey_removed", v)
	})
	if fault.Is(err, fault.Conflict) {
		_ = s.refuse(ctx, refusal{act: "passkey_removed", acc: acc, method: PasskeyMethod, reason: "last", event: RemoveRefused{about(acc, PasskeyMethod, "last")}}, v)
	}
	return err
}

// leaves refuses a removal after which nothing strong would be left: a passkey or a password of 15 characters must stand
// first. For staff a password alone is not strong. without takes away what the caller is about to remove.
func (s *Service) leaves(tx *db.Tx, acc Account, without func(*Enrolled)) error {
	if err := lockAccount(tx, acc.ID); err != nil {
		return err
	}
	e, err := s.enrolledIn(tx, acc.ID)
	if err != nil {
		return err
	}
	without(&e)
	switch {
	case e.Phone && !e.Beside():
		return ErrLast // messages can be read on the way, and numbers taken over: a phone stands beside something better
	case acc.Realm == Staff && e.Passkeys == 0 && !(e.Password && e.App):
		return ErrLast
	case e.Passkeys == 0 && e.Password && !e.LongPassword && e.second():
		return nil // a shorter password with its factor
	case !e.strong():
		return ErrLast
	case e.Password && !e.LongPassword && !e.second():
		return ErrLast // the shorter password would stand alone
	}
	return nil
}

// changed writes down that a way of signing in changed, and tells the owner on every channel. what is a word such as
// "passkey_added".
func (s *Service) changed(tx *db.Tx, acc Account, what string, v Visitor) error {
	if err := s.record(tx, what, acc, 0, v, nil); err != nil {
		return err
	}
	return s.tellChanged(tx, acc, what)
}

// Tell mails the owner of an account that something in it changed which is no way of signing in: an address to send goods
// to. Whoever changes it writes it down; what is a word of Changes.
func (s *Service) Tell(tx *db.Tx, account id.ID, what string) error {
	return s.letter(tx, Letter{Kind: LetterChanged, Account: account, What: what})
}

func (s *Service) tellChanged(tx *db.Tx, acc Account, what string) error {
	if acc.State == Pending {
		return nil
	}
	if err := s.letter(tx, Letter{Kind: LetterChanged, Account: acc.ID, What: what}); err != nil {
		return err
	}
	return s.smsNotice(tx, acc, what)
}
