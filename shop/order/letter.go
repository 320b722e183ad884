package order

import (
	"context"
	"strconv"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/shop/fraud"
)

// LetterKind names a mail. Its job's kind is "letter." and this; front/letters handles them.
type LetterKind string

// The mails about orders.
const (
	LetterConfirmation    LetterKind = "confirmation"
	LetterCorrected       LetterKind = "corrected" // the confirmation, once more, to a corrected address
	LetterPending         LetterKind = "pending"
	LetterReceived        LetterKind = "received"
	LetterFailed          LetterKind = "failed"
	LetterExpired         LetterKind = "expired"
	LetterTransferDue     LetterKind = "transfer_due" // a transfer, or the rest of one, is still waited for
	LetterCollect         LetterKind = "collect"      // an order that is paid at pick-up ends soon
	LetterCancelled       LetterKind = "cancelled"
	LetterLateRefund      LetterKind = "late_refund"
	LetterDoubleRefund    LetterKind = "double_refund"
	LetterLink            LetterKind = "link"
	LetterReceipt         LetterKind = "receipt" // of a withdrawal
	LetterOwnerOrder      LetterKind = "owner_order"
	LetterOwnerWithdrawal LetterKind = "owner_withdrawal"
	LetterSent            LetterKind = "sent"       // goods left, or lie ready
	LetterBack            LetterKind = "back"       // the shop gives money back
	LetterCalledOff       LetterKind = "called_off" // the shop cancels an order that was paid
	LetterFreed           LetterKind = "freed"      // an order that was held can be paid
	LetterHeld            LetterKind = "held"       // the sum is held; the order was told of before
	LetterTaken           LetterKind = "taken"      // the held sum was taken, or a part of it
	LetterHoldEnded       LetterKind = "hold_ended" // the sum is held no more, and the order can be paid again
	LetterOwnerHold       LetterKind = "owner_hold" // a hold ends soon
	LetterReturned        LetterKind = "returned"   // money was given back at the provider's own desk
)

// LetterKinds lists all mails.
func LetterKinds() []LetterKind {
	return []LetterKind{LetterConfirmation, LetterCorrected, LetterPending, LetterReceived, LetterFailed, LetterExpired, LetterTransferDue, LetterCollect, LetterCancelled,
		LetterLateRefund, LetterDoubleRefund, LetterLink, LetterReceipt, LetterOwnerOrder, LetterOwnerWithdrawal,
		LetterSent, LetterBack, LetterCalledOff, LetterReturned, LetterFreed, LetterHeld, LetterTaken, LetterHoldEnded, LetterOwnerHold}
}

// Letter is what the job of a mail carries: ids. What the mail says is read, and its link made, when it is sent.
type Letter struct {
	Kind       LetterKind
	Order      id.ID
	Payment    id.ID
	Withdrawal id.ID
	Shipment   id.ID // that the mail tells of
	Refund     id.ID // of order_refund
	Returned   id.ID // a refund of the payment
	Generation int64 // of the link; a mail whose link was replaced before it was sent is not sent
}

// letter enqueues a mail, once for what it is about.
func (s *Service) letter(tx *db.Tx, l Letter) error {
	about := l.Order
	switch {
	case !l.Withdrawal.IsZero():
		about = l.Withdrawal
	case !l.Shipment.IsZero():
		about = l.Shipment
	case !l.Refund.IsZero():
		about = l.Refund
	case !l.Returned.IsZero():
		about = l.Returned
	case !l.Payment.IsZero():
		about = l.Payment
	}
	key := about.String()
	if l.Generation > 0 {
		key += "." + strconv.FormatInt(l.Generation, 10)
	}
	_, err := s.d.Jobs.Enqueue(tx, job.Job{Kind: "letter." + string(l.Kind), Key: key, Args: l})
	return err
}

// tell writes to the buyer, and the first time to the owner, that an order was placed, is pending or is paid.
func (s *Service) tell(tx *db.Tx, o Order, payment id.ID) error {
	first, err := setTold(tx, o.ID)
	if err != nil {
		return err
	}
	if o.State.Sendable() || o.State == PaymentPending {
		if err := s.letter(tx, Letter{Kind: LetterOwnerOrder, Order: o.ID}); err != nil {
			return err
		}
	}
	switch {
	case first && (o.State.Open() || o.State.Sendable()):
		if err := toList(tx, o.ID); err != nil {
			return err
		}
		return s.letter(tx, Letter{Kind: LetterConfirmation, Order: o.ID})
	case o.State == Paid:
		return s.letter(tx, Letter{Kind: LetterReceived, Order: o.ID, Payment: payment})
	case o.State == Authorised:
		return s.letter(tx, Letter{Kind: LetterHeld, Order: o.ID, Payment: payment})
	case o.State == PaymentPending:
		return s.letter(tx, Letter{Kind: LetterPending, Order: o.ID, Payment: payment})
	}
	return nil
}

// Content is everything that a mail about an order may say.
type Content struct {
	Order
	Lines   []Line
	Taxes   []Tax
	Details Details       // in clear; zero where only masks were asked for
	Masks   []MaskedField // what the owner's mail shows
	Amount  money.Amount  // of the payment or refund that the mail is about
	Sent    Leaving       // what left; zero in other mails
	Link    id.Token
	Until   time.Time // end of the link
	Held    bool      // a person looks at the order before it can be paid
	Less    bool      // goods were left out of it, and their price was not taken
}

// ForLetter reads what a mail says, in the name of the job that sends it, and makes its link. Gone means that the mail
// has nothing to say any more: the order is erased, or a newer link has replaced the one that it was to carry.
func (s *Service) ForLetter(ctx context.Context, l Letter) (c Content, err error) {
	defer fault.Wrap(&err, "order: letter")
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if c.Order, err = byID(tx, l.Order); err != nil {
			return err
		}
		if c.Lines, err = linesOf(tx, l.Order); err != nil {
			return err
		}
		if c.Taxes, err = taxesOf(tx, l.Order); err != nil {
			return err
		}
		stop, err := s.stopOf(tx, c.Order)
		c.Held = c.State == AwaitingPayment && (stop == fraud.Held || stop == fraud.Waiting)
		return err
	})
	if err != nil {
		return c, err
	}
	if l.Generation > 0 && l.Generation != c.generation {
		return c, fault.New(fault.Gone, "order.not_found")
	}
	c.Amount = c.Total
	if !l.Payment.IsZero() {
		p, err := s.d.Payment.Get(ctx, l.Payment)
		if err != nil {
			return c, err
		}
		if c.Amount = p.Amount; l.Kind == LetterTaken {
			if c.Amount = p.Captured; c.LetGo > 0 {
				err = s.read(ctx, func(tx *db.Tx) error {
					pl, _, err := s.carried(tx, p)
					c.Less = len(pl.rest) > 0
					return err
				})
			}
			if err != nil {
				return c, err
			}
		}
	}
	if !l.Returned.IsZero() {
		if c.Amount, err = s.returned(ctx, l); err != nil {
			return c, err
		}
	}
	if err := s.deskLetter(ctx, l, &c); err != nil {
		return c, err
	}
	if l.Kind == LetterOwnerHold && (c.State != Authorised || c.Order.Payment != l.Payment) {
		return c, fault.New(fault.Gone, "order.not_found") // taken, or held no more
	}
	if l.Kind == LetterOwnerOrder || l.Kind == LetterOwnerHold {
		c.Masks, err = s.masks(ctx, c.Order)
		return c, err
	}
	if c.Details, err = s.reveal(ctx, c.ID, c.Subject, access.System("letters")); err != nil {
		return c, err
	}
	c.Link, c.Until, err = s.link(ctx, c.Order)
	return c, err
}

// link makes the token of the order's mailed link. All mails of one generation carry the same one: it follows from the
// order and its generation under a key of the vault, and the database holds its hash only. The first hash is written
// when the order is placed; later generations, and a token under a rotated key, write theirs here.
func (s *Service) link(ctx context.Context, o Order) (id.Token, time.Time, error) {
	t, until := s.linkToken(o), s.linkUntil(o)
	var there bool
	err := s.read(ctx, func(tx *db.Tx) (err error) { _, there, err = passOf(tx, t.Hash()); return err })
	if err != nil || there {
		return t, until, err
	}
	err = s.write(ctx, func(tx *db.Tx) error { return insertPass(tx, t.Hash(), o.linkPass()) })
	return t, until, err
}

func (o Order) linkPass() pass { return pass{order: o.ID, kind: linkAccess, generation: o.generation} }

func (s *Service) linkToken(o Order) id.Token {
	return tokenOf(s.d.Vault.Sign("order.link", strconv.AppendInt(o.ID.Bytes(), o.generation, 10)))
}

func (s *Service) linkUntil(o Order) time.Time {
	return LinkUntil(o, s.d.Shop.WithdrawalDays, s.d.Shop.ReturnDays, s.d.Shop.TimeZone)
}

// Declared is a withdrawal as its mails show it.
type Declared struct {
	Withdrawal
	Subject  id.ID
	Order    Order // zero when it matches none
	Known    int64 // how the order was found: 0 not, 1 by its link, 2 by number and address
	Language string
	At       time.Time
}

// WithdrawalForLetter reads a withdrawal for its receipt, and for the owner's mail with masks.
func (s *Service) WithdrawalForLetter(ctx context.Context, l Letter) (d Declared, err error) {
	defer fault.Wrap(&err, "order: letter of a withdrawal")
	var w withdrawalRow
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if w, err = withdrawalOf(tx, l.Withdrawal); err != nil || w.order.IsZero() {
			return err
		}
		d.Order, err = byID(tx, w.order)
		return err
	})
	if err != nil {
		return d, err
	}
	d.Subject, d.Number, d.Known, d.Language, d.At = w.subject, w.number, w.known, w.language, clock.FromMicros(w.received)
	ps := s.withdrawalFields(w)
	if l.Kind == LetterOwnerWithdrawal {
		d.Name, d.Email = ps[0].Mask(), ps[1].Mask()
		return d, nil
	}
	texts, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("letters"), Purpose: privacy.WithdrawalName.Field.Purpose,
		Reason: "receipt", Object: "withdrawal", ObjectID: w.id}, ps...)
	if err != nil {
		return d, err
	}
	d.Name, d.Email = texts[0], texts[1]
	d.Number, d.Lines, _ = strings.Cut(texts[2], "\n")
	return d, nil
}
