package identity

import (
	"context"
	"errors"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// SMSJob is the kind of the jobs whose handler sends the messages; their arguments are SMS.
const SMSJob = "letter.identity_sms"

// SMSKind is what a message says. The numbers are stored.
type SMSKind uint8

// The kinds of messages.
const (
	SMSCode   SMSKind = 1 // a code for an attempt
	SMSEnrol  SMSKind = 2 // a code that shows whose number it is
	SMSNotice SMSKind = 3 // something changed
)

// String is the kind's word.
func (k SMSKind) String() string { return word(k, "", "code", "enrol", "notice") }

// SMS is a message that is to be sent: ids and words only.
type SMS struct {
	Kind    SMSKind
	Attempt id.ID
	Phone   id.ID
	Change  id.ID  // makes a notice unique
	N       int64  // which code
	What    string // of a notice: as in Letter
	Link    id.ID  // of a notice that something can be stopped with
}

// key makes the same message one job.
func (m SMS) key() string {
	return m.Kind.String() + "." + m.Attempt.String() + m.Phone.String() + m.Change.String() + "." + string(rune('0'+m.N))
}

// SMSContent is what a message is made of at the moment of sending.
type SMSContent struct {
	To       string // E.164
	Code     string // "" for notices
	What     string
	Language string
	Realm    Realm
	Link     id.Token // what stops it; "" if nothing does
	Base     string   // origin for the link
}

// errStale says that a message has nothing to say any more: a newer code was asked for, or ten minutes are over.
var errStale = fault.New(fault.Gone, "identity.sms_over")

// ForSMS gives the content of a message. Gone means that it is not to be sent any more.
func (s *Service) ForSMS(ctx context.Context, m SMS) (c SMSContent, err error) {
	defer fault.Wrap(&err, "identity: for sms")
	var row phoneRow
	var acc Account
	err = s.read(ctx, func(tx *db.Tx) error {
		if row, err = s.receiver(tx, m); err != nil {
			return err
		}
		acc, err = s.mustAccount(tx, row.account)
		return err
	})
	if err != nil {
		return c, err
	}
	c = SMSContent{What: m.What, Language: acc.Language, Realm: acc.Realm}
	switch m.Kind {
	case SMSCode:
		c.Code = s.phoneCode(m.Attempt, m.N)
	case SMSEnrol:
		c.Code = s.phoneCode(row.id, m.N)
	}
	number := s.d.Vault.Sealed(privacy.IdentityPhone.Field, acc.Subject, row.id, row.number)
	c.To, err = s.clear(ctx, number)
	if vault.Erased(err) {
		err = errStale
	}
	if err == nil && !m.Link.IsZero() {
		c.Link, err = s.mintSMS(ctx, m)
		c.Base = s.parties[Shopper].origin
	}
	return c, err
}

// mintSMS gives the link of a message its token, which stands in this one message. A link that is over takes the message
// along: there is nothing left to stop.
func (s *Service) mintSMS(ctx context.Context, m SMS) (id.Token, error) {
	token := id.NewToken()
	return token, s.write(ctx, func(tx *db.Tx) error {
		ok, err := mintLink(tx, m.Link, token.Hash())
		if err != nil || !ok {
			return orStale(err)
		}
		return nil
	})
}

// receiver is the phone that a message goes to, if it still has something to say.
func (s *Service) receiver(tx *db.Tx, m SMS) (row phoneRow, err error) {
	var ok bool
	switch m.Kind {
	case SMSCode:
		a, found, err := attemptByID(tx, m.Attempt)
		if err != nil || !found || a.codeFor != PhoneMethod || a.sent != m.N || !tx.Now().Before(a.codeEnds) {
			return row, orStale(err)
		}
		row, ok, err = phoneIn(tx, a.account, factorActive)
		if err != nil || !ok {
			return row, orStale(err)
		}
	case SMSEnrol:
		row, ok, err = phoneBy(tx, m.Phone)
		if err != nil || !ok || row.sent != m.N || len(row.code) == 0 || !tx.Now().Before(row.codeEnds) {
			return row, orStale(err)
		}
	default:
		if row, ok, err = phoneBy(tx, m.Phone); err != nil || !ok {
			return row, orStale(err)
		}
	}
	return row, nil
}

func orStale(err error) error {
	if err == nil {
		return errStale
	}
	return err
}

// SMSAsked says that a message is on its way.
type SMSAsked struct{ About }

// SMSRefused says that none was sent because a budget was used up. Many of them are an alarm.
type SMSRefused struct{ About }

// EventName names the event.
func (SMSAsked) EventName() string { return "identity.sms_asked" }

// EventName names the event.
func (SMSRefused) EventName() string { return "identity.sms_refused" }

// capped tells of a message that was not sent because a budget was used up, and the shop's owner if many share it.
func (s *Service) capped(ctx context.Context, err error, acc Account, v Visitor) error {
	if !fault.Is(err, fault.TooMany) {
		return err
	}
	_ = s.refuse(ctx, refusal{act: "sms", acc: acc, method: PhoneMethod, reason: "budget", event: SMSRefused{about(acc, PhoneMethod, "budget")}}, v)
	if !errors.Is(err, errShared) {
		return err
	}
	if werr := s.write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return s.alarm(tx, AlarmPumping) }); werr != nil {
		s.log.ErrorContext(ctx, "an alarm could not be told", "alarm", string(AlarmPumping), "error", werr)
	}
	return err
}

// sms has a message sent after the commit, and says so.
func (s *Service) sms(tx *db.Tx, m SMS) error {
	if _, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: SMSJob, Key: m.key(), Args: m}); err != nil {
		return err
	}
	return tx.Emit(SMSAsked{About{Method: PhoneMethod.String(), Reason: m.Kind.String()}})
}

// smsNotice has the account's phone told what happened, if it has one. A notice that the budget has no room for is left
// out: the mail goes in any case.
func (s *Service) smsNotice(tx *db.Tx, acc Account, what string) error {
	return s.smsWithLink(tx, acc, what, id.ID{})
}

func (s *Service) smsWithLink(tx *db.Tx, acc Account, what string, l id.ID) error {
	row, ok, err := phoneIn(tx, acc.ID, factorActive)
	if err != nil || !ok {
		return err
	}
	if _, err := within(tx, s.mac("sms.notice", acc.ID[:]), 24*time.Hour, smsPerAccount); err != nil {
		if fault.Is(err, fault.TooMany) {
			return nil
		}
		return err
	}
	return s.sms(tx, SMS{Kind: SMSNotice, Phone: row.id, Change: tx.NewID(), What: what, Link: l})
}
