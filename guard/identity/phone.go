package identity

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nyaruka/phonenumbers"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// PhoneRisk is the message key of what everybody is told before a phone is enrolled.
const PhoneRisk = "identity.phone_risk"

const (
	phoneCooling = 72 * time.Hour // a number that is new recovers nothing so long
	phoneTries   = 5              // at the codes of one pending number
	phoneSent    = 3              // codes to one pending number
	rangeDigits  = 3              // of the national number, beside the country's code
	longestTyped = 40
)

// PhoneRules say whether and where codes go by SMS, and how many at most: each one costs money, and somebody else
// earns it. The zero value of a number means its default.
type PhoneRules struct {
	On        bool
	Home      string   // country that a number without one belongs to
	Countries []string // the only ones that numbers may be of
	RangeHour int64    // to numbers that begin alike; default 20
	RangeDay  int64    // default 60
	StoreHour int64    // of the whole store; default 200
	StoreDay  int64    // default 1000
}

func (r PhoneRules) filled() PhoneRules {
	for _, x := range []struct {
		n    *int64
		most int64
	}{{&r.RangeHour, 20}, {&r.RangeDay, 60}, {&r.StoreHour, 200}, {&r.StoreDay, 1000}} {
		if *x.n <= 0 {
			*x.n = x.most
		}
	}
	return r
}

// What an account, a number and a network may cause in a day or an hour.
const (
	smsPerAccount = 10
	smsPerNumber  = 6
	smsPerNetwork = 20
)

// The refusals of phones.
var (
	errPhoneOff     = fault.New(fault.Forbidden, "identity.phone_off")
	errPhoneStaff   = fault.New(fault.Forbidden, "identity.phone_staff")
	errPhoneAlone   = fault.New(fault.Conflict, "identity.phone_alone")
	errPhoneWrong   = fault.New(fault.Invalid, "identity.phone_wrong").WithField("phone", "identity.phone_wrong", nil)
	errPhoneCountry = fault.New(fault.Invalid, "identity.phone_country").WithField("phone", "identity.phone_country", nil)
)

// Phone is the mobile phone of an account, for its owner.
type Phone struct {
	Number       vault.Personal
	Since        time.Time
	RecoversFrom time.Time // before that it is no way to recover
	Cooling      bool      // that time has not come yet
}

// typedPhone is a number that passed the rules.
type typedPhone struct {
	e164 string
	area []byte // keyed hash of how it begins
}

// number reads a number as people type it, and refuses what is no mobile phone of an allowed country.
func (s *Service) number(ctx context.Context, p vault.Personal) (t typedPhone, err error) {
	if p.IsZero() {
		return t, errPhoneWrong
	}
	clear, err := s.clear(ctx, p)
	if err != nil {
		return t, err
	}
	if len(clear) > longestTyped {
		return t, errPhoneWrong
	}
	n, err := phonenumbers.Parse(clear, s.d.Phones.Home)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return t, errPhoneWrong
	}
	if !slices.Contains(s.d.Phones.Countries, phonenumbers.GetRegionCodeForNumber(n)) {
		return t, errPhoneCountry
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
	default: // premium and shared-cost numbers among them
		return t, errPhoneWrong
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	begin := fmt.Sprintf("%d %s", n.GetCountryCode(), national[:min(rangeDigits, len(national))])
	return typedPhone{e164: phonenumbers.Format(n, phonenumbers.E164), area: s.mac("sms.range", []byte(begin))}, nil
}

// BeginPhone sends a code to a number, so that its owner can show that it is hers. It needs a fresh proof and something
// better than a phone beside it: a phone is never the only way. A number that was enrolled before goes on working.
func (s *Service) BeginPhone(ctx context.Context, sess Session, number vault.Personal, v Visitor) (p Phone, err error) {
	defer fault.Wrap(&err, "identity: begin phone")
	if err := s.mayPhone(ctx, sess); err != nil {
		return p, err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return p, err
	}
	t, err := s.number(ctx, number)
	if err != nil {
		return p, s.wrongEnrol(ctx, err, acc, PhoneMethod, v)
	}
	row := phoneRow{id: id.New(s.now(), nil), account: acc.ID, area: t.area}
	if row.number, err = s.d.Vault.Seal(ctx, privacy.IdentityPhone.Field, acc.Subject, row.id, vault.Typed(t.e164)); err != nil {
		return p, err
	}
	row.code = s.phoneHash(row.id, s.phoneCode(row.id, 1))
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := s.takeSMS(tx, acc, t.area, s.mac("sms.number", []byte(t.e164)), v); err != nil {
			return err
		}
		if err := putPendingPhone(tx, row, tx.Now().Add(codeLife)); err != nil {
			return err
		}
		return s.sms(tx, SMS{Kind: SMSEnrol, Phone: row.id, N: 1})
	})
	return s.phoneOf(acc, row), s.capped(ctx, err, acc, v)
}

// mayPhone says whether the session may enrol a phone.
func (s *Service) mayPhone(ctx context.Context, sess Session) error {
	if err := s.mayChange(sess); err != nil {
		return err
	}
	switch {
	case !s.d.Phones.On:
		return errPhoneOff
	case sess.Realm != Shopper:
		return errPhoneStaff
	}
	e, err := s.Methods(ctx, sess.Account)
	if err == nil && !e.Beside() {
		err = errPhoneAlone
	}
	return err
}

// ResendPhone sends another code to the pending number. The tries stay counted.
func (s *Service) ResendPhone(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: resend to phone")
	if err := s.mayPhone(ctx, sess); err != nil {
		return err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		row, ok, err := phoneIn(tx, acc.ID, factorPending)
		if err != nil || !ok {
			return orAttempt(err)
		}
		n := row.sent + 1
		if n > phoneSent {
			return slow(attemptLife)
		}
		if err := s.takeSMS(tx, acc, row.area, s.mac("sms.number.row", row.id[:]), v); err != nil {
			return err
		}
		if err := renewPhoneCode(tx, row, s.phoneHash(row.id, s.phoneCode(row.id, n)), tx.Now().Add(codeLife)); err != nil {
			return err
		}
		return s.sms(tx, SMS{Kind: SMSEnrol, Phone: row.id, N: n})
	})
	return s.capped(ctx, err, acc, v)
}

// FinishPhone makes the pending number count, when it shows the right code. The number before it is told, and ends.
func (s *Service) FinishPhone(ctx context.Context, sess Session, code string, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: finish phone")
	if err := s.mayPhone(ctx, sess); err != nil {
		return step, err
	}
	acc, err := s.ownAccount(ctx, sess)
	if err != nil {
		return step, err
	}
	row, err := s.takePhoneTry(ctx, acc, v)
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := lockAccount(tx, acc.ID); err != nil {
			return err
		}
		if ok, err := takePhoneCode(tx, row.id, s.phoneHash(row.id, plainDigits(code))); err != nil || !ok {
			return orCode(err)
		}
		// Told before the number changes: the notice goes to the old one.
		if step, err = s.enrolled(tx, sess, acc, PhoneMethod, "phone_added", v); err != nil {
			return err
		}
		return activatePhone(tx, row, tx.Now().Add(phoneCooling))
	})
	return step, s.wrongEnrol(ctx, err, acc, PhoneMethod, v)
}

// takePhoneTry counts a try at the pending number's code, in a write of its own: a wrong code must not undo it.
func (s *Service) takePhoneTry(ctx context.Context, acc Account, v Visitor) (row phoneRow, err error) {
	if err := s.takeEnrolCode(ctx, acc, PhoneMethod, v); err != nil {
		return row, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		var ok bool
		if row, ok, err = phoneIn(tx, acc.ID, factorPending); err != nil || !ok {
			return orAttempt(err)
		}
		return countPhoneTry(tx, row.id)
	})
	return row, err
}

// RemovePhone takes the phone away. The notice still goes to it.
func (s *Service) RemovePhone(ctx context.Context, sess Session, v Visitor) (err error) {
	defer fault.Wrap(&err, "identity: remove phone")
	return s.removal(ctx, sess, PhoneMethod, "phone_removed", v, func(e *Enrolled) { e.Phone = false }, retirePhone)
}

// PhoneOf is the phone of the session's account; false if it has none.
func (s *Service) PhoneOf(ctx context.Context, sess Session) (p Phone, ok bool, err error) {
	defer fault.Wrap(&err, "identity: phone")
	if sess.ID.IsZero() || sess.Locked || sess.Level < Enrolling {
		return p, false, ErrLimited
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return p, false, err
	}
	var row phoneRow
	err = s.read(ctx, func(tx *db.Tx) error { row, ok, err = phoneIn(tx, acc.ID, factorActive); return err })
	if err != nil || !ok {
		return p, false, err
	}
	return s.phoneOf(acc, row), true, nil
}

// PendingPhone is the number that waits for its code; false if none does.
func (s *Service) PendingPhone(ctx context.Context, sess Session) (p Phone, ok bool, err error) {
	defer fault.Wrap(&err, "identity: pending phone")
	if err := s.mayChange(sess); err != nil {
		return p, false, err
	}
	acc, err := s.Account(ctx, sess.Account)
	if err != nil {
		return p, false, err
	}
	var row phoneRow
	err = s.read(ctx, func(tx *db.Tx) error {
		row, ok, err = phoneIn(tx, acc.ID, factorPending)
		ok = ok && tx.Now().Before(row.codeEnds)
		return err
	})
	if err != nil || !ok {
		return p, false, err
	}
	return s.phoneOf(acc, row), true, nil
}

// PhoneCountries are the countries whose numbers get codes; none where the store sends no short messages.
func (s *Service) PhoneCountries() []string {
	if !s.d.Phones.On {
		return nil
	}
	return slices.Clone(s.d.Phones.Countries)
}

func (s *Service) phoneOf(acc Account, r phoneRow) Phone {
	return Phone{Number: s.d.Vault.Sealed(privacy.IdentityPhone.Field, acc.Subject, r.id, r.number), Since: r.made, RecoversFrom: r.coolUntil, Cooling: s.now().Before(r.coolUntil)}
}

// SendPhoneCode sends a code for an attempt, at most three of them. An older one is worth nothing any more; the tries
// stay counted.
func (s *Service) SendPhoneCode(ctx context.Context, token id.Token, v Visitor) (step Step, err error) {
	defer fault.Wrap(&err, "identity: send code")
	var acc Account
	err = s.read(ctx, func(tx *db.Tx) error { _, acc, err = s.attemptFor(tx, token, v); return err })
	if err == nil && acc.ID.IsZero() {
		err = ErrAttempt
	}
	if err == nil {
		err = s.known(ctx, &acc)
	}
	if err != nil {
		return step, err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		a, acc, err := s.again(tx, token, v, acc)
		if err != nil {
			return err
		}
		if err := s.offers(tx, a, acc, PhoneMethod, v); err != nil {
			return err
		}
		step, err = s.sendCode(tx, token, a, acc, v)
		return err
	})
	return step, s.capped(ctx, err, acc, v)
}

func (s *Service) sendCode(tx *db.Tx, token id.Token, a attempt, acc Account, v Visitor) (Step, error) {
	row, ok, err := phoneIn(tx, acc.ID, factorActive)
	if err != nil || !ok {
		return Step{}, orAttempt(err)
	}
	if err := s.takeSMS(tx, acc, row.area, s.mac("sms.number.row", row.id[:]), v); err != nil {
		return Step{}, err
	}
	n := a.sent + 1
	if err := s.storeCode(tx, &a, PhoneMethod, s.phoneHash(a.id, s.phoneCode(a.id, n))); err != nil {
		return Step{}, err
	}
	if err := s.sms(tx, SMS{Kind: SMSCode, Attempt: a.id, N: n}); err != nil {
		return Step{}, err
	}
	return s.look(tx, token, a, acc, nil, v)
}

// ProvePhone proves the phone in an attempt, by the code that was sent last.
func (s *Service) ProvePhone(ctx context.Context, token id.Token, code string, v Visitor) (Step, error) {
	return s.prove(ctx, token, PhoneMethod, v, func(tx *db.Tx, a *attempt, acc Account) error {
		return s.spendCode(tx, a, PhoneMethod, s.phoneHash(a.id, plainDigits(code)))
	})
}

// phoneCode is the n-th code of an attempt or a pending number: six digits made by a keyed hash whose key nobody else
// has, so that the code need not be kept until it is sent.
func (s *Service) phoneCode(of id.ID, n int64) string {
	sum := s.mac("phone_code", of[:], binary.BigEndian.AppendUint64(nil, uint64(n)))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum)%1_000_000)
}

// phoneHash is what is kept of a code, bound to what it was sent for.
func (s *Service) phoneHash(of id.ID, code string) []byte {
	return s.mac("phone_hash", of[:], []byte(code))
}

// errShared marks a budget of many people that was used up, where that of one person is her own affair.
var errShared = errors.New("a budget that many share")

// takeSMS counts one message against every budget. What is over one rolls all of it back.
func (s *Service) takeSMS(tx *db.Tx, acc Account, area, number []byte, v Visitor) error {
	r := s.d.Phones
	for _, b := range []struct {
		key    []byte
		window time.Duration
		most   int64
		shared bool
	}{
		{s.mac("sms.account", acc.ID[:]), 24 * time.Hour, smsPerAccount, false},
		{s.mac("sms.number.day", number), 24 * time.Hour, smsPerNumber, false},
		{s.mac("sms.network", network(v.Origin)), time.Hour, smsPerNetwork * s.d.Crowd, false},
		{s.mac("sms.range.hour", area), time.Hour, r.RangeHour, true},
		{s.mac("sms.range.day", area), 24 * time.Hour, r.RangeDay, true},
		{s.mac("sms.store.hour"), time.Hour, r.StoreHour, true},
		{s.mac("sms.store.day"), 24 * time.Hour, r.StoreDay, true},
	} {
		if _, err := within(tx, b.key, b.window, b.most); err != nil {
			if b.shared {
				err = fmt.Errorf("%w: %w", errShared, err)
			}
			return err
		}
	}
	return nil
}
