package order

import (
	"context"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Limits of a withdrawal's form.
const (
	maxStatement         = 2000 // characters
	maxTypedNumber       = 40
	withdrawalPerNetwork = 20 // in an hour
)

// How a withdrawal's order was found.
const (
	KnownNot     int64 = 0
	KnownByLink  int64 = 1
	KnownByMatch int64 = 2
)

var errStatement = fault.New(fault.Conflict, "withdrawal.attempt_unknown")

// withdrawalRow is a withdrawal as it is stored.
type withdrawalRow struct {
	id, subject, order     id.ID
	attempt                []byte
	known                  int64
	number, language       string
	name, email, statement []byte
	received               int64
}

// Statement checks the first step of a withdrawal and gives it back tidied up, with its Attempt set, for the page that
// asks to confirm. visit may be "" or the token of an order, which then fills in what is missing.
func (s *Service) Statement(ctx context.Context, visit id.Token, w Withdrawal) (_ Withdrawal, err error) {
	defer fault.Wrap(&err, "order: statement of withdrawal")
	w, err = s.prefill(ctx, visit, w)
	if err != nil {
		return w, err
	}
	w, err = cleanWithdrawal(w, s.d.Shop.DefaultLanguage)
	if _, bad := id.ParseToken(w.Attempt); bad != nil {
		w.Attempt = id.NewToken().Clear()
	}
	return w, err
}

// Prefill fills in what the order of the visit knows, for the empty form of the first step.
func (s *Service) Prefill(ctx context.Context, visit id.Token) (Withdrawal, error) {
	return s.prefill(ctx, visit, Withdrawal{})
}

func (s *Service) prefill(ctx context.Context, visit id.Token, w Withdrawal) (Withdrawal, error) {
	if visit == "" {
		return w, nil
	}
	o, _, err := s.through(ctx, visit)
	if fault.Is(err, fault.NotFound) {
		return w, nil // an old cookie: the statement is taken all the same
	}
	if err != nil {
		return w, err
	}
	d, err := s.reveal(ctx, o.ID, o.Subject, access.Guest(o.ID, noOrigin))
	if err != nil {
		return w, err
	}
	for into, text := range map[*string]string{&w.Number: o.Number, &w.Email: d.Email, &w.Name: d.Delivery.Name} {
		if strings.TrimSpace(*into) == "" {
			*into = text
		}
	}
	return w, nil
}

// cleanWithdrawal checks no more than what the receipt needs: a statement must not fail because of its form.
func cleanWithdrawal(w Withdrawal, fallback string) (Withdrawal, error) {
	bad := fault.New(fault.Invalid, "withdrawal.invalid")
	if w.Language == "" {
		w.Language = fallback
	}
	w.Name, w.Number = MaskCards(oneLine(w.Name)), oneLine(w.Number)
	w.Lines = MaskCards(paragraphs(w.Lines))
	switch {
	case w.Name == "":
		bad.WithField("name", "withdrawal.name_missing", nil)
	case utf8.RuneCountInString(w.Name) > maxName:
		bad.WithField("name", "withdrawal.name_long", fault.Params{"max": maxName})
	}
	switch n := id.ParseNumber(w.Number); {
	case w.Number == "":
		bad.WithField("number", "withdrawal.number_missing", nil)
	case n != "":
		w.Number = n
	case utf8.RuneCountInString(w.Number) > maxTypedNumber:
		bad.WithField("number", "withdrawal.number_long", nil)
	default:
		w.Number = MaskCards(w.Number)
	}
	if email, key, _ := cleanEmail(w.Email); key == "order.email_missing" {
		bad.WithField("email", "withdrawal.email_missing", nil)
	} else if key != "" {
		bad.WithField("email", key, nil)
	} else {
		w.Email = email
	}
	if utf8.RuneCountInString(w.Lines) > maxStatement {
		bad.WithField("lines", "withdrawal.lines_long", fault.Params{"max": maxStatement})
	}
	if len(bad.Fields) > 0 {
		return w, bad
	}
	return w, nil
}

// Withdraw takes a confirmed withdrawal. It is accepted for receipt whatever number it names, and the answer is the
// same for all numbers: whether such an order exists is looked at by a job. The receipt goes to the given address with
// the time and the content; the owner is told.
func (s *Service) Withdraw(ctx context.Context, visit id.Token, w Withdrawal, from netip.Addr) (r Receipt, err error) {
	defer fault.Wrap(&err, "order: withdraw")
	if w, err = cleanWithdrawal(w, s.d.Shop.DefaultLanguage); err != nil {
		return r, err
	}
	attempt, err := id.ParseToken(w.Attempt)
	if err != nil {
		return r, errStatement
	}
	if r, again, err := s.received(ctx, attempt.Hash()); again || err != nil {
		return r, err
	}
	if err := s.mayWithdraw(ctx, from); err != nil {
		return r, err
	}
	row, err := s.sealWithdrawal(ctx, w, attempt)
	if err != nil {
		return r, err
	}
	who := access.Guest(row.id, from)
	fresh := false
	err = s.write(ctx, func(tx *db.Tx) (err error) {
		row := row
		row.received = clock.Micros(tx.Now())
		fresh, err = s.withdrawTx(tx, visit, row, who)
		return err
	})
	if err != nil {
		return r, err
	}
	if fresh {
		err = s.d.Vault.Confirm(ctx, row.subject)
	}
	r, _, err2 := s.received(ctx, attempt.Hash())
	r.Again = !fresh
	if err == nil {
		err = err2
	}
	return r, err
}

// received finds the receipt of a statement that was sent before.
func (s *Service) received(ctx context.Context, attempt []byte) (r Receipt, ok bool, err error) {
	err = s.read(ctx, func(tx *db.Tx) error {
		var at int64
		err := tx.QueryRow(`SELECT number, received_at FROM order_withdrawal WHERE attempt = $1`, attempt).Scan(&r.Number, &at)
		if db.IsNoRows(err) {
			return nil
		}
		r.At, r.Again, ok = clock.FromMicros(at).In(s.d.Shop.TimeZone), true, err == nil
		return err
	})
	return r, ok, err
}

// mayWithdraw counts the statements of one network.
func (s *Service) mayWithdraw(ctx context.Context, from netip.Addr) error {
	var n int64
	err := s.write(ctx, func(tx *db.Tx) (err error) {
		n, err = count(tx, s.proof("withdraw network", network(from)), time.Hour)
		return err
	})
	if err == nil && n > withdrawalPerNetwork {
		s.d.Audit.Refuse(ctx, audit.Entry{Actor: access.Guest(id.ID{}, from), Action: "order.withdraw",
			Object: "withdrawal", Outcome: audit.Refused, Facts: []audit.Fact{{Key: "reason", Text: "network"}}})
		return fault.New(fault.TooMany, "withdrawal.too_many")
	}
	return err
}

// sealWithdrawal makes the row: a subject of its own, because a typed address never writes into somebody's record.
func (s *Service) sealWithdrawal(ctx context.Context, w Withdrawal, attempt id.Token) (r withdrawalRow, err error) {
	fields := []vault.Field{privacy.WithdrawalName.Field, privacy.WithdrawalEmail.Field, privacy.WithdrawalStatement.Field}
	subject, err := s.d.Vault.NewSubject(ctx, fields[0].Purpose)
	if err != nil {
		return r, err
	}
	r = withdrawalRow{id: id.New(s.d.DB.Clock().Now(), nil), subject: subject, attempt: attempt.Hash(),
		number: id.ParseNumber(w.Number), language: w.Language}
	// The number stands in the sealed text too, as it was typed: the receipt repeats what was declared.
	texts := []string{w.Name, w.Email, w.Number + "\n" + w.Lines}
	for i, into := range []*[]byte{&r.name, &r.email, &r.statement} {
		if *into, err = s.d.Vault.Seal(ctx, fields[i], subject, r.id, vault.Typed(texts[i])); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (s *Service) withdrawTx(tx *db.Tx, visit id.Token, r withdrawalRow, who access.Actor) (fresh bool, err error) {
	if visit != "" {
		o, _, err := s.throughTx(tx, visit)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return false, err
		}
		if err == nil && o.Number == r.number {
			r.order, r.known = o.ID, KnownByLink
			if err := setWithdrawn(tx, o.ID, tx.Now()); err != nil {
				return false, err
			}
		}
	}
	if fresh, err = insertWithdrawal(tx, r); err != nil || !fresh {
		return false, err
	}
	err = s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.withdraw", Object: "withdrawal", ObjectID: r.id,
		Outcome: audit.Done, Facts: []audit.Fact{{Key: "known", Int: r.known}}})
	if err != nil {
		return false, err
	}
	if err := s.letter(tx, Letter{Kind: LetterReceipt, Withdrawal: r.id}); err != nil {
		return false, err
	}
	if _, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "order.match", Key: r.id.String(), Args: matchArgs{r.id}}); err != nil {
		return false, err
	}
	return true, tx.Emit(Withdrawn{Withdrawal: r.id, Order: r.order})
}

type matchArgs struct{ Withdrawal id.ID }

// match finds the order of a withdrawal that came without its link, by number and address, and tells the owner.
func (s *Service) match(ctx context.Context, a matchArgs) (err error) {
	defer fault.Wrap(&err, "order: match a withdrawal")
	var w withdrawalRow
	var o Order
	known := false
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if w, err = withdrawalOf(tx, a.Withdrawal); err != nil || !w.order.IsZero() || w.number == "" {
			return err
		}
		o, known, err = byNumber(tx, w.number)
		return err
	})
	if err != nil {
		return err
	}
	if known {
		if known, err = s.sameEmail(ctx, w, o); err != nil {
			return err
		}
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if known {
			if err := setWithdrawalOrder(tx, w.id, o.ID); err != nil {
				return err
			}
			if err := setWithdrawn(tx, o.ID, clock.FromMicros(w.received)); err != nil {
				return err
			}
		}
		return s.letter(tx, Letter{Kind: LetterOwnerWithdrawal, Withdrawal: w.id})
	})
}

func (s *Service) sameEmail(ctx context.Context, w withdrawalRow, o Order) (bool, error) {
	f := privacy.WithdrawalEmail.Field
	texts, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("order"), Purpose: f.Purpose, Reason: "match",
		Object: "withdrawal", ObjectID: w.id}, s.d.Vault.Sealed(f, w.subject, w.id, w.email))
	if err != nil {
		return false, err
	}
	return s.belongs(ctx, o, renewal{number: o.Number, proof: s.emailProof(o.Number, texts[0])})
}

// withdrawalNames name the sealed fields of a withdrawal in their order.
var withdrawalNames = [...]string{"name", "email", "statement"}

// withdrawalFields are the sealed fields of a withdrawal, unopened.
func (s *Service) withdrawalFields(w withdrawalRow) []vault.Personal {
	return []vault.Personal{s.d.Vault.Sealed(privacy.WithdrawalName.Field, w.subject, w.id, w.name),
		s.d.Vault.Sealed(privacy.WithdrawalEmail.Field, w.subject, w.id, w.email),
		s.d.Vault.Sealed(privacy.WithdrawalStatement.Field, w.subject, w.id, w.statement)}
}

func (w withdrawalRow) head() DeclaredMasked {
	return DeclaredMasked{ID: w.id, Number: w.number, Order: w.order, Known: w.known, At: clock.FromMicros(w.received)}
}
