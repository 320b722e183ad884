package order

import (
	"context"
	"encoding/base64"
	"net/netip"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/shop/fraud"
	"strongroom/shop/payment"
)

// Limits of what may be asked for. They are counted in the database, over all processes.
const (
	linkUses        = 200 // visits through one mailed link
	maxCorrections  = 3
	correctLife     = 2 * time.Hour // from placing
	renewPerNumber  = 5             // in a day, beyond which nothing is sent and nothing else is said
	renewPerNetwork = 20            // in an hour
)

var errCorrectOver = fault.New(fault.Gone, "order.correct_over")

// tokenOf writes 32 bytes in the form of a token.
func tokenOf(b []byte) id.Token { return id.Token(base64.RawURLEncoding.EncodeToString(b)) }

// through finds the order that a token opens. There is one answer for unknown, ended and replaced tokens, and the look
// for the order is part of the look for the token: a token never opens an order that it was not made for.
func (s *Service) through(ctx context.Context, visit id.Token) (o Order, p pass, err error) {
	err = s.read(ctx, func(tx *db.Tx) (err error) { o, p, err = s.throughTx(tx, visit); return err })
	return o, p, err
}

func (s *Service) throughTx(tx *db.Tx, visit id.Token) (o Order, p pass, err error) {
	p, ok, err := passOf(tx, visit.Hash())
	if err != nil || !ok || p.kind == linkAccess || !tx.Now().Before(p.ends) {
		return o, p, orNotFound(err)
	}
	if o, err = byID(tx, p.order); err != nil {
		return o, p, err
	}
	if (p.kind == visitAccess || p.kind == ownAccess) && (p.generation != o.generation || tx.Now().After(s.linkUntil(o))) {
		return Order{}, p, errNotFound
	}
	return o, p, nil
}

func orNotFound(err error) error {
	if err == nil {
		return errNotFound
	}
	return err
}

// Enter swaps the token of a mailed link for the token of a visit (POST; a GET shows only the button). The link goes on
// living until its end or until a newer one replaces it; the visit ends after half a day.
func (s *Service) Enter(ctx context.Context, link id.Token) (visit id.Token, err error) {
	defer fault.Wrap(&err, "order: enter")
	visit = id.NewToken()
	err = s.write(ctx, func(tx *db.Tx) error {
		p, ok, err := passOf(tx, link.Hash())
		if err != nil || !ok || p.kind != linkAccess {
			return orNotFound(err)
		}
		o, err := byID(tx, p.order)
		if err != nil {
			return err
		}
		if p.generation != o.generation || tx.Now().After(s.linkUntil(o)) {
			return errNotFound
		}
		if err := usePass(tx, link.Hash(), linkUses); err != nil {
			return err
		}
		return insertPass(tx, visit.Hash(), pass{order: o.ID, kind: visitAccess, generation: o.generation,
			ends: tx.Now().Add(visitLife)})
	})
	if err != nil {
		return "", err
	}
	return visit, nil
}

// Open shows the one order that the token opens; NotFound "order.not_found" for every other token.
func (s *Service) Open(ctx context.Context, visit id.Token) (v View, err error) {
	defer fault.Wrap(&err, "order: open")
	var p pass
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if v.Order, p, err = s.throughTx(tx, visit); err != nil {
			return err
		}
		return s.view(tx, &v, p)
	})
	if err != nil {
		return View{}, err
	}
	return s.complete(ctx, v)
}

// view reads what belongs to an order whose head is there.
func (s *Service) view(tx *db.Tx, v *View, p pass) (err error) {
	if v.Lines, err = linesOf(tx, v.ID); err != nil {
		return err
	}
	if v.Taxes, err = taxesOf(tx, v.ID); err != nil {
		return err
	}
	if v.Moves, err = movesOf(tx, v.ID); err != nil {
		return err
	}
	if v.shipped, err = shipmentsOf(tx, v.ID); err != nil {
		return err
	}
	if v.Steps, err = parcelMovesOf(tx, v.ID); err != nil {
		return err
	}
	if v.Stop, err = s.stopOf(tx, v.Order); err != nil {
		return err
	}
	v.CanPay = v.State == AwaitingPayment && tx.Now().Before(v.PayUntil) && v.Stop != fraud.Held && v.Stop != fraud.Refused
	if n := len(v.Moves); n > 0 && v.State == AwaitingPayment {
		v.Released = v.Moves[n-1].Reason == BecauseHoldEnded || v.Moves[n-1].Reason == BecauseReleased
	}
	v.Corrections = int(maxCorrections - v.corrections)
	v.CanCorrect = p.kind == browserAccess && v.Corrections > 0 && tx.Now().Before(v.PlacedAt.Add(correctLife))
	return nil
}

// complete adds dates, how the payment went, and what the guest typed.
func (s *Service) complete(ctx context.Context, v View) (_ View, err error) {
	v.WithdrawUntil = WithdrawUntil(v.Delivered, s.d.Shop.WithdrawalDays, s.d.Shop.TimeZone)
	v.LinkUntil = s.linkUntil(v.Order)
	if v.Failed, v.Provider, err = s.failed(ctx, v.Order); err != nil {
		return View{}, err
	}
	if v.Provider == "" && v.State == AwaitingPayment { // withheld so far, or left
		v.Provider = v.method
	}
	if v.Parcels, err = s.ownParcels(ctx, v); err != nil {
		return View{}, err
	}
	v.Details, err = s.reveal(ctx, v.ID, v.Subject, access.Guest(v.ID, noOrigin))
	return v, err
}

// ownParcels opens the numbers of an order's parcels for its buyer.
func (s *Service) ownParcels(ctx context.Context, v View) (out []OwnParcel, err error) {
	for _, r := range v.shipped {
		clear, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.Guest(v.ID, noOrigin), Purpose: vault.Fulfilment, Reason: "order",
			Object: "order", ObjectID: v.ID}, s.unsealedShipment(v.Order, r).Tracking)
		if err != nil {
			return nil, err
		}
		out = append(out, OwnParcel{Carrier: r.Carrier, Tracking: strings.TrimSpace(clear[0]), Lines: r.Lines, SentAt: r.SentAt, Delivered: r.Delivered})
	}
	return out, nil
}

// failed says whether the payment that counts was tried and came to nothing while the order still waits for its money,
// and with whom.
func (s *Service) failed(ctx context.Context, o Order) (failed bool, provider string, err error) {
	if o.State != AwaitingPayment || o.Payment.IsZero() {
		return false, "", nil
	}
	p, err := s.d.Payment.Get(ctx, o.Payment)
	return p.State == payment.Declined, p.Provider, err
}

// CorrectEmail replaces the e-mail address, from the browser that placed the order only, a few times and for a while.
// The new address is sealed under the same keys; links and visits of the old one end; the confirmation goes out again.
func (s *Service) CorrectEmail(ctx context.Context, browser id.Token, email string) (err error) {
	defer fault.Wrap(&err, "order: correct the address")
	email, key, _ := cleanEmail(email)
	if key != "" {
		return fault.New(fault.Invalid, "order.details_invalid").WithField("email", key, nil)
	}
	o, p, err := s.through(ctx, browser)
	if err != nil {
		return err
	}
	who := access.Guest(o.ID, noOrigin)
	if p.kind != browserAccess || s.d.DB.Clock().Now().After(o.PlacedAt.Add(correctLife)) {
		s.d.Audit.Refuse(ctx, audit.Entry{Actor: who, Action: "order.correct_email", Object: "order", ObjectID: o.ID,
			Outcome: audit.Refused})
		return errCorrectOver
	}
	now, err := s.reveal(ctx, o.ID, o.Subject, who)
	if err != nil {
		return err
	}
	if now.Email == email {
		return fault.New(fault.Invalid, "order.details_invalid").WithField("email", "order.correct_same", nil)
	}
	sealed, err := s.d.Vault.Seal(ctx, privacy.OrderEmail.Field, o.Subject, o.ID, vault.Typed(email))
	if err != nil {
		return err
	}
	if o.Code != "" { // uses of its code are counted for the person
		if err := s.d.Vault.SetIndex(ctx, privacy.OrderEmail.Field, o.Subject, vault.Typed(email)); err != nil {
			return err
		}
	}
	if err := s.unlist(ctx, o, now.Email); err != nil {
		return err
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		if err := s.correct(tx, o, sealed, who); err != nil {
			return err
		}
		return s.readdressed(tx, o.ID, email)
	})
	if err != nil {
		return err
	}
	return s.unlist(ctx, o, now.Email) // MakeFindable may have read it just before
}

// unlist takes a mistyped address out of the index. It may be somebody's: it must not find this order, neither for
// staff nor for an account.
func (s *Service) unlist(ctx context.Context, o Order, email string) error {
	return s.d.Vault.DropIndex(ctx, privacy.OrderEmail.Field, o.Subject, vault.Typed(email))
}

func (s *Service) correct(tx *db.Tx, o Order, email []byte, who access.Actor) error {
	if err := countCorrection(tx, o.ID, maxCorrections); err != nil {
		return err
	}
	if err := setEmail(tx, o.ID, email); err != nil {
		return err
	}
	if err := nextGeneration(tx, o.ID); err != nil {
		return err
	}
	if err := untie(tx, o.ID); err != nil { // it joined the account of an address that was a mistake
		return err
	}
	err := s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.correct_email", Object: "order", ObjectID: o.ID,
		Outcome: audit.Done})
	if err != nil {
		return err
	}
	// An order that nobody was told of yet gets its first confirmation in its own time, at the new address.
	if now, err := byID(tx, o.ID); err != nil {
		return err
	} else if now.told {
		if err := toList(tx, o.ID); err != nil {
			return err
		}
		if err := s.letter(tx, Letter{Kind: LetterCorrected, Order: o.ID, Generation: now.generation}); err != nil {
			return err
		}
	}
	return tx.Emit(EmailCorrected{Order: o.ID})
}

// Renew has a new link sent to the address that is on the order, if number and address belong together. The answer is
// the same in every case; TooMany only for one network that asks too often. Nothing is compared here: the request is
// written down, with a keyed hash in place of the address, and a job looks at it. So there is no time to measure either.
func (s *Service) Renew(ctx context.Context, number, email string, from netip.Addr) (err error) {
	defer fault.Wrap(&err, "order: renew")
	bad := fault.New(fault.Invalid, "order.details_invalid")
	mail := field(bad, "email", email, cleanEmail)
	num := id.ParseNumber(number)
	if num == "" {
		bad.WithField("number", "order.number_missing", nil)
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	var refusal error
	err = s.write(ctx, func(tx *db.Tx) error {
		refusal = nil
		n, err := count(tx, s.proof("renew network", network(from)), time.Hour)
		if err != nil {
			return err
		}
		if n > renewPerNetwork {
			refusal = fault.New(fault.TooMany, "order.renew_too_many")
			return nil // the count stands
		}
		v := tx.NewID()
		if err := insertRenewal(tx, v, renewal{number: num, proof: s.emailProof(num, mail)}); err != nil {
			return err
		}
		_, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: "order.renew", Args: renewArgs{v}})
		return err
	})
	if err == nil && refusal != nil {
		s.d.Audit.Refuse(ctx, audit.Entry{Actor: access.Guest(id.ID{}, from), Action: "order.renew", Object: "order",
			Outcome: audit.Refused, Facts: []audit.Fact{{Key: "reason", Text: "network"}}})
		err = refusal
	}
	return err
}

// emailProof is a keyed hash of an address beside a number, for one comparison.
func (s *Service) emailProof(number, email string) []byte {
	return s.proof("email", []byte(number+"\x00"+foldEmail(email)))
}

type renewArgs struct{ Request id.ID }

// renew looks at a request for a new link and mails it, to the address on the order and to no other.
func (s *Service) renew(ctx context.Context, a renewArgs) (err error) {
	defer fault.Wrap(&err, "order: renew")
	var r renewal
	var o Order
	var asked, known bool
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if r, asked, err = renewalOf(tx, a.Request); err != nil || !asked {
			return err
		}
		o, known, err = byNumber(tx, r.number)
		return err
	})
	if err != nil || !asked {
		return err // looked at before
	}
	if known {
		if known, err = s.belongs(ctx, o, r); err != nil {
			return err
		}
	}
	return s.write(ctx, func(tx *db.Tx) error { return s.renewed(tx, a.Request, o, known) })
}

// belongs says whether the address of the request is the one on the order, and the order's link can still be of use.
func (s *Service) belongs(ctx context.Context, o Order, r renewal) (bool, error) {
	d, err := s.reveal(ctx, o.ID, o.Subject, access.System("order"))
	if fault.Is(err, fault.NotFound) || vault.Erased(err) {
		return false, nil
	}
	return err == nil && equal(r.proof, s.emailProof(o.Number, d.Email)) &&
		s.d.DB.Clock().Now().Before(s.linkUntil(o)), err
}

func (s *Service) renewed(tx *db.Tx, request id.ID, o Order, belongs bool) error {
	if err := dropRenewal(tx, request); err != nil {
		return err
	}
	e := audit.Entry{Actor: access.System("order"), Action: "order.renew", Object: "order", ObjectID: o.ID, Outcome: audit.Done}
	if belongs {
		n, err := count(tx, s.proof("renew order", o.ID.Bytes()), 24*time.Hour)
		if err != nil {
			return err
		}
		belongs = n <= renewPerNumber
	}
	if !belongs {
		e.Outcome = audit.Refused
		if err := s.d.Audit.Record(tx, e); err != nil {
			return err
		}
		return tx.Emit(LinkRefused{Request: request})
	}
	if err := nextGeneration(tx, o.ID); err != nil {
		return err
	}
	if err := s.d.Audit.Record(tx, e); err != nil {
		return err
	}
	if err := s.letter(tx, Letter{Kind: LetterLink, Order: o.ID, Generation: o.generation + 1}); err != nil {
		return err
	}
	return tx.Emit(LinkRenewed{Order: o.ID})
}
