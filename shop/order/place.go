package order

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/shop/delivery"
	"strongroom/shop/fraud"
	"strongroom/shop/payment"
	"strongroom/shop/price"
)

// errTaken undoes a transaction in which another order had been quicker: with the attempt, the cart or the number.
var errTaken = errors.New("order: a unique key is taken")

// draws bounds how often an order number is drawn again.
const draws = 5

// Place makes the order. The same attempt gives the same order. When what was shown is no longer true the fault is a
// Conflict "order.changed"; Changes(err) lists the differences and nothing was placed.
func (s *Service) Place(ctx context.Context, cart id.Token, attempt string, from netip.Addr) (p Placed, err error) {
	return s.PlaceBy(ctx, cart, attempt, Buyer{From: from})
}

// PlaceBy is Place for a buyer of whom more is known than where the request came from.
func (s *Service) PlaceBy(ctx context.Context, cart id.Token, attempt string, by Buyer) (p Placed, err error) {
	defer fault.Wrap(&err, "order: place")
	was, err := unpack(attempt, s.d.Vault.Sign)
	if err != nil {
		return p, err
	}
	if !bytes.Equal(was.Cart, s.proof("cart", []byte(cart.Clear()))) {
		return p, errAttempt // a form of another browser
	}
	for range draws {
		if p, done, err := s.placed(ctx, was); done || err != nil {
			return p, err
		}
		if p, err = s.placeOnce(ctx, cart, was, by); err == nil {
			return p, nil
		}
		// The same attempt may have been quicker in another request: then its order is the answer, whatever failed here.
		if p, done, err := s.placed(ctx, was); done || err != nil {
			return p, err
		}
		if !again(err) {
			return p, s.refused(ctx, was, by.From, err)
		}
	}
	return p, fault.New(fault.Unavailable, "order.unavailable").Because(errTaken)
}

// again says whether placing failed because something moved between reading and writing: then it is computed anew.
func again(err error) bool {
	f := fault.As(err)
	return errors.Is(err, errTaken) || errors.Is(err, errMoved) || (f != nil && f.Key == "cart.changed")
}

// placed answers for an attempt that has made its order already: with that order, or with the differences.
func (s *Service) placed(ctx context.Context, was shown) (p Placed, done bool, err error) {
	var o Order
	var lines []Line
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if o, done, err = byAttempt(tx, was.Attempt); err != nil || !done || bytes.Equal(o.shown, was.digest()) {
			return err
		}
		lines, err = linesOf(tx, o.ID)
		return err
	})
	if err != nil || !done {
		return p, false, err
	}
	if lines != nil {
		return p, true, o.differs(was, lines)
	}
	return s.answer(o, true), true, nil
}

func (s *Service) answer(o Order, again bool) Placed {
	return Placed{Order: o.ID, Number: o.Number, Browser: s.browserToken(o), Again: again}
}

// browserToken is the token of the browser that placed the order. It follows from the order and the cart's token, so
// that a repeated request gets the same one although the store keeps only its hash.
func (s *Service) browserToken(o Order) id.Token {
	return tokenOf(s.proof("browser", append(o.ID.Bytes(), o.cartProof...)))
}

// differs compares an order with what a page of the same attempt showed.
func (o Order) differs(was shown, lines []Line) error {
	is := shown{Draft: o.ID, Version: was.Version, Offer: o.Offer, Codes: was.Codes, Discount: o.Discount,
		Shipping: o.Shipping, Tax: o.Tax, Total: o.Total}
	names := map[id.ID]string{}
	for _, l := range lines {
		is.Lines = append(is.Lines, shownLine{l.Variant, l.Quantity, l.Unit, l.Total})
		names[l.Variant] = l.Name
	}
	changes := differences(was, is, names)
	if len(changes) == 0 { // another version of the same details was ordered
		changes = []Change{{Key: "order.change_details"}}
	}
	return newChanged("order.changed_placed", changes)
}

// placeOnce computes everything afresh, compares it with what was shown, and writes it.
func (s *Service) placeOnce(ctx context.Context, token id.Token, was shown, by Buyer) (p Placed, err error) {
	lang, err := s.languageOf(ctx, was)
	if err != nil {
		return p, err
	}
	c, err := s.content(ctx, token, lang)
	if err != nil {
		return p, err
	}
	if changes := differences(was, c.shown, c.basket.names()); len(changes) > 0 {
		return p, newChanged("order.changed", changes)
	}
	v, err := s.assess(ctx, c, by)
	if err != nil {
		return p, err
	}
	if len(c.basket.discounts) > 0 { // the index keeps the person's handle alive, by which uses of codes are counted
		if err = s.d.Vault.SetIndex(ctx, privacy.OrderEmail.Field, c.draft.subject, vault.Typed(c.details.Email)); err != nil {
			return p, err
		}
	}
	o := s.head(c)
	if o.Total > 0 {
		if o.method = by.Method; o.method != "" {
			if err := s.chosen(o); err != nil {
				return p, err
			}
		}
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		o := o // the function is repeatable
		o.PlacedAt, o.PayUntil = tx.Now(), tx.Now().Add(s.d.Session+reserveMargin)
		return s.placeTx(tx, o, c, v, access.Guest(c.basket.cart.ID, by.From))
	})
	if err != nil {
		return p, err
	}
	return s.answer(o, false), nil
}

// place is where an order is to be picked up, and when that is open: an address of the shop, copied.
func place(o delivery.Offer, lang string) string {
	if o.Point == nil {
		return ""
	}
	lines := []string{o.Point.Street, o.Point.Postcode + " " + o.Point.City}
	if open := o.Point.Open(lang); open != "" {
		lines = append(lines, open)
	}
	return strings.Join(lines, "\n")
}

// languageOf is the language in which the draft was typed: the order keeps it for its mails.
func (s *Service) languageOf(ctx context.Context, was shown) (lang string, err error) {
	lang = s.d.Shop.DefaultLanguage
	err = s.read(ctx, func(tx *db.Tx) error {
		l, ok, err := draftLanguage(tx, was.Draft)
		if ok {
			lang = l
		}
		return err
	})
	return lang, err
}

// head is the order as it will stand, but for its times and payment.
func (s *Service) head(c content) Order {
	t, of := c.totals, c.offer
	return Order{ID: c.draft.id, Number: s.number(), State: AwaitingPayment, Language: c.draft.language,
		Country: c.details.Delivery.Country, Currency: s.d.Shop.Currency, Mode: s.d.Shop.PriceMode, Goods: t.Goods,
		Discount: t.Discount, Shipping: t.Shipping, Net: t.Net, Tax: t.Tax, Total: t.Total, Code: c.codes(), Offer: of.Key,
		OfferName: of.Name(c.draft.language), PickUp: of.PickUp, Place: place(of, c.draft.language), DaysMin: of.DaysMin, DaysMax: of.DaysMax,
		Subject: c.draft.subject, cart: c.basket.cart.ID, cartProof: c.basket.proof, attempt: c.draft.attempt,
		shown: c.shown.digest(), generation: 1}
}

// placeTx is the one transaction of an order. Whatever fails in it, nothing has happened.
func (s *Service) placeTx(tx *db.Tx, o Order, c content, v fraud.Verdict, who access.Actor) error {
	if _, taken, err := byAttempt(tx, o.attempt); err != nil || taken {
		return errors.Join(err, takenIf(taken))
	}
	if o.Total > 0 && v.May() {
		w := s.want(o, who)
		w.Secure = v.Secure()
		p, err := s.d.Payment.Prepare(tx, w)
		if err != nil {
			return err
		}
		o.Payment = p.ID
	}
	fresh, err := insertHead(tx, o)
	if err != nil || !fresh {
		return errors.Join(err, takenIf(!fresh))
	}
	for _, step := range []func() error{
		func() error { return takeDraft(tx, c.draft) },
		func() error { return insertLines(tx, o.ID, c.lines()) },
		func() error { return insertTaxes(tx, o.ID, c.taxes()) },
		func() error { return payment.BookSale(tx, c.sale(o)) },
		func() error { return s.d.Stock.Reserve(tx, o.ID, c.basket.wants(), o.PayUntil) },
		func() error { return s.redeem(tx, o.ID, c.basket.discounts, c.basket.contact) },
		func() error { return s.d.Cart.Close(tx, c.basket.cart, o.ID) },
		func() error {
			return insertMove(tx, o.ID, Move{To: AwaitingPayment, Reason: BecausePlaced, Actor: actorName(who), At: tx.Now()})
		},
		func() error {
			return insertPass(tx, s.browserToken(o).Hash(), pass{order: o.ID, kind: browserAccess, ends: tx.Now().Add(browserLife)})
		},
		func() error { return insertPass(tx, s.linkToken(o).Hash(), o.linkPass()) },
		func() error {
			return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "order.place", Object: "order", ObjectID: o.ID,
				Outcome: audit.Done, Facts: []audit.Fact{{Key: "total", Int: int64(o.Total)}, {Key: "number", Text: o.Number}}})
		},
		func() error { return tx.Emit(OrderPlaced{Order: o.ID, Total: int64(o.Total)}) },
		func() error { return s.settleFree(tx, o, who) },
		func() error { return s.guarded(tx, o, v, who) },
		func() error { return s.unpaid(tx, o, o.Payment) },
		func() error { return s.countPlaced(tx, who.Origin, v.Proven) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// sale is what the order owes, as the ledger books it.
func (c content) sale(o Order) payment.Sale {
	shipping := c.totals.Delivery.Net
	return payment.Sale{Order: o.ID, Turn: 1, Currency: o.Currency, Goods: o.Net - shipping, Shipping: shipping, Tax: o.Tax, Total: o.Total}
}

// settleFree settles an order that costs nothing at once: there is no payment that could.
func (s *Service) settleFree(tx *db.Tx, o Order, who access.Actor) error {
	if o.Total > 0 {
		return nil
	}
	return s.settle(tx, o, BecauseFree, who)
}

// countPlaced counts the orders of one network. Each order can start payment sessions, and those are what card testers
// are after; a network from which people pay may place more. It comes last, because everybody of the same network waits for the counter's row.
func (s *Service) countPlaced(tx *db.Tx, from netip.Addr, proven int64) error {
	if !from.IsValid() {
		return nil
	}
	n, err := count(tx, s.proof("place network", network(from)), time.Hour)
	if err == nil && n > s.d.PlaceLimit+3*proven {
		return fault.New(fault.TooMany, "order.too_many")
	}
	return err
}

func takenIf(b bool) error {
	if b {
		return errTaken
	}
	return nil
}

// want is what the order asks of payment.
func (s *Service) want(o Order, who access.Actor) payment.Want {
	lang := func(path string) string { return s.d.Shop.URL(strings.ReplaceAll(path, "{lang}", o.Language)) }
	return payment.Want{Order: o.ID, Number: o.Number, Amount: o.Total, Currency: o.Currency, Provider: o.method,
		Expires: o.PayUntil.Add(-reserveMargin), ReturnURL: lang(s.d.ReturnPath), CancelURL: lang(s.d.CancelPath),
		Language: o.Language, Manual: s.d.AtShipment, PickUp: o.PickUp, Actor: who}
}

func (s *Service) redeem(tx *db.Tx, order id.ID, ds []price.Discount, contact id.ID) error {
	for _, d := range ds { // in the order of their ids, in which their rows are always taken
		if err := s.d.Price.Redeem(tx, d.Code, order, contact); err != nil {
			return err
		}
	}
	return nil
}

// refused leaves a trace of an attempt that the store refused, and turns a lost race into the answer to it.
func (s *Service) refused(ctx context.Context, was shown, from netip.Addr, err error) error {
	if err == nil {
		return nil
	}
	f := fault.As(err)
	if f == nil {
		return err
	}
	s.d.Audit.Refuse(ctx, audit.Entry{Actor: access.Guest(was.Draft, from), Action: "order.place", Object: "order",
		ObjectID: was.Draft, Outcome: audit.Refused, Facts: []audit.Fact{{Key: "reason", Text: f.Key}}})
	return err
}

// actorName is who moved an order, without anything about a person.
func actorName(a access.Actor) string {
	if a.Name == "" {
		return a.Kind.String()
	}
	return a.Kind.String() + ":" + a.Name
}
