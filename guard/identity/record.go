package identity

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
)

// actor is who acts in an account's name.
func actor(acc Account, v Visitor) access.Actor {
	a := access.Actor{Kind: access.KindGuest, ID: acc.ID, Origin: v.Origin}
	switch {
	case acc.ID.IsZero():
	case acc.Realm == Staff:
		a.Kind = access.KindStaff
	case acc.Realm == Shopper:
		a.Kind = access.KindShopper
	}
	return a
}

// known reads the handle by which the audit log knows the account's person. It asks the key database and therefore
// comes before a transaction.
func (s *Service) known(ctx context.Context, acc *Account) error {
	if acc.Subject.IsZero() || !acc.person.IsZero() {
		return nil
	}
	h, err := s.d.Vault.AuditHandle(ctx, acc.Subject)
	if err != nil && !vault.Erased(err) {
		return err
	}
	acc.person = h
	return nil
}

// about is what an event says.
func about(acc Account, m Method, reason string) About {
	return About{Account: acc.ID, Realm: acc.Realm.String(), Method: m.String(), Reason: reason}
}

// record writes what happened into the audit log and tells the store, in the act's transaction. The act is the last
// part of "identity.sign_in".
func (s *Service) record(tx *db.Tx, act string, acc Account, m Method, v Visitor, e event.Event) error {
	entry := audit.Entry{Actor: actor(acc, v), Action: "identity." + act, Object: "account", ObjectID: acc.ID,
		Person: acc.person, Outcome: audit.Done, Facts: facts(acc.Realm, m)}
	if err := s.d.Audit.Record(tx, entry); err != nil {
		return err
	}
	if e == nil {
		return nil
	}
	return tx.Emit(e)
}

func facts(r Realm, m Method) []audit.Fact {
	out := []audit.Fact{{Key: "realm", Int: int64(r), Text: r.String()}}
	if m != 0 {
		out = append(out, audit.Fact{Key: "method", Int: int64(m), Text: m.String()})
	}
	return out
}

// refusal is what was refused, and why.
type refusal struct {
	act    string // "sign_in"
	acc    Account
	method Method
	reason string
	event  event.Event // nil: SignInRefused
}

// refuse writes a refusal down and tells the store, in a write of its own, and returns ErrRefused. What cannot be written
// never lets anybody in, and never tells anything either. Of a flood, entries and events are bounded: the log counts the
// rest (audit.Log.RefuseWith).
func (s *Service) refuse(ctx context.Context, r refusal, v Visitor) error {
	if err := s.known(ctx, &r.acc); err != nil {
		s.log.ErrorContext(ctx, "the audit handle of an account cannot be read", "error", err)
	}
	e := r.event
	if e == nil {
		e = SignInRefused{about(r.acc, r.method, r.reason)}
	}
	s.d.Audit.RefuseWith(ctx, audit.Entry{Actor: actor(r.acc, v), Action: "identity." + r.act, Object: "account",
		ObjectID: r.acc.ID, Person: r.acc.person, Reason: r.reason, Outcome: audit.Refused, Facts: facts(r.acc.Realm, r.method)},
		func(tx *db.Tx) error { return tx.Emit(e) })
	return ErrRefused
}
