package order

import (
	"context"
	"encoding/json"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
	"strongroom/shop/stock"
)

// SecondPerson finds a second person for what one must not do alone; staff.Service fulfils it.
type SecondPerson interface {
	Ask(ctx context.Context, who access.Actor, w access.Wish) (request id.ID, err error)
}

// GiveBack says what goes back to the buyer.
type GiveBack struct {
	Number   string
	Lines    []Pieces     // pieces whose price goes back
	Shipping bool         // what is left of the delivery charge too
	Sum      money.Amount // a sum beside lines and delivery, as goodwill
	Reason   Reason       // BecauseReturned or BecauseGoodwill
	Restock  bool         // the pieces of Lines go back on the shelf
	Note     string       // why, in the person's words; sealed in the audit log
	Attempt  string       // unique id from the form
	Seen     *int64       `json:"-"` // Desk.Version of the page; nil does not ask
}

// GivenBack is the answer: the sum is on its way, or a second person is asked.
type GivenBack struct {
	Amount  money.Amount
	Waiting id.ID // the request to a second person; zero when the money is on its way
	Again   bool  // the same attempt had been sent before
}

// quote is what a GiveBack comes to.
type quote struct {
	Amount, Tax, Shipping money.Amount
	Lines                 []quoteLine
}

type quoteLine struct {
	Pieces
	Amount money.Amount
}

const maxStaffNote = 500

func (g GiveBack) check() error {
	f := fault.New(fault.Invalid, "order.refund_invalid")
	if g.Reason != BecauseReturned && g.Reason != BecauseGoodwill {
		f.WithField("reason", "order.refund_reason", nil)
	}
	if g.Sum < 0 || money.Check(g.Sum) != nil {
		f.WithField("sum", "order.refund_sum", nil)
	}
	if len(g.Note) > maxStaffNote {
		f.WithField("note", "order.note_long", fault.Params{"max": maxStaffNote})
	}
	if len(g.Lines) == 0 && !g.Shipping && g.Sum == 0 {
		f.WithField("lines", "order.refund_nothing", nil)
	}
	for _, l := range g.Lines {
		if l.Quantity <= 0 {
			f.WithField("lines", "order.pieces_invalid", nil)
		}
	}
	if g.Attempt == "" || len(g.Attempt) > 64 {
		return fault.New(fault.Malformed, "order.attempt_unknown")
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// Refund gives money back for pieces, for the delivery, or as a sum, through the provider and the ledger. What exceeds
// the limit of one person becomes a request to a second one, with what it would do frozen.
func (s *Service) Refund(ctx context.Context, who access.Actor, g GiveBack) (r GivenBack, err error) {
	defer fault.Wrap(&err, "order: refund")
	o, err := s.forStaff(ctx, who, access.OrderRefund, "order.refund", g.Number)
	if err != nil {
		return r, err
	}
	if err := g.check(); err != nil {
		return r, err
	}
	ask := false
	err = s.write(ctx, func(tx *db.Tx) error {
		if r.Again, err = refundKnown(tx, o.ID, s.proof("refund", []byte(g.Attempt))); err != nil || r.Again {
			return err
		}
		if err := sameSince(tx, o.ID, g.Seen, 0); err != nil {
			return err
		}
		q, err := s.quote(tx, o.ID, g)
		if err != nil {
			return err
		}
		r.Amount = q.Amount
		alone, err := s.alone(tx, o.ID, who, q.Amount)
		if ask = !alone; err != nil || ask {
			return err
		}
		return s.giveBack(tx, o.ID, g, q, who, access.Approved{})
	})
	if err == nil && ask {
		r.Waiting, err = s.askSecond(ctx, who, o, access.BigRefund, frozen{g.bare(), r.Amount}, r.Amount, g.Note)
	}
	return r, err
}

// bare is the wish without what a person wrote; that travels sealed.
func (g GiveBack) bare() GiveBack { g.Note = ""; return g }

// frozen is what a second person agrees to.
type frozen struct {
	GiveBack GiveBack
	Amount   money.Amount
}

// alone says whether who may give so much back by herself: the console may, and staff up to the limit for the order and
// five times that in a day, so that many small sums are not a way around it.
func (s *Service) alone(tx *db.Tx, order id.ID, who access.Actor, amount money.Amount) (bool, error) {
	if who.Kind != access.KindStaff {
		return true, nil
	}
	ofOrder, ofMember, err := aloneSums(tx, order, who.ID, tx.Now().Add(-24*time.Hour))
	return ofOrder+amount <= *s.d.Alone && ofMember+amount <= 5**s.d.Alone, err
}

// askSecond freezes the wish and hands it to whoever finds a second person.
func (s *Service) askSecond(ctx context.Context, who access.Actor, o Order, kind access.Danger, what frozen, amount money.Amount, note string) (id.ID, error) {
	if s.d.Second == nil {
		return id.ID{}, fault.New(fault.Forbidden, "order.needs_second")
	}
	params, err := json.Marshal(what)
	if err != nil {
		return id.ID{}, err
	}
	return s.d.Second.Ask(ctx, who, access.Wish{Kind: kind, Params: params, Object: "order", ObjectID: o.ID,
		Facts: map[string]string{"number": o.Number, "amount": money.Decimal(amount, o.Currency), "currency": string(o.Currency)}, Reason: note})
}

// RefundApproved carries out a refund that two people stand behind. If the order has changed so that the frozen wish
// would come to another sum, nothing is done.
func (s *Service) RefundApproved(ctx context.Context, params []byte, by access.Approved) (err error) {
	defer fault.Wrap(&err, "order: approved refund")
	if err := by.For(access.BigRefund); err != nil {
		return err
	}
	var f frozen
	if err := json.Unmarshal(params, &f); err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		o, ok, err := byNumber(tx, id.ParseNumber(f.GiveBack.Number))
		if err != nil || !ok {
			return orNotFound(err)
		}
		q, err := s.quote(tx, o.ID, f.GiveBack)
		if err == nil && q.Amount != f.Amount {
			err = fault.New(fault.Conflict, "order.refund_changed")
		}
		if err != nil {
			return err
		}
		return s.giveBack(tx, o.ID, f.GiveBack, q, access.System("staff"), by)
	})
}

// quote computes what a wish comes to. Parts of a line are cut so that all its parts together are its whole.
func (s *Service) quote(tx *db.Tx, order id.ID, g GiveBack) (q quote, err error) {
	o, err := byID(tx, order)
	if err != nil {
		return q, err
	}
	if o.Payment.IsZero() || !o.State.Settled() {
		return q, fault.New(fault.Conflict, "order.not_refundable")
	}
	lines, err := linesOf(tx, order)
	if err != nil {
		return q, err
	}
	before, err := progress(tx, order)
	if err != nil {
		return q, err
	}
	sum, tax := o.Total, o.Tax
	for _, l := range lines {
		sum, tax = sum-l.Total, tax-l.Tax
		for _, w := range g.Lines {
			if w.Position == l.Position {
				if err := q.add(l, w, before[l.Position].Refunded); err != nil {
					return q, err
				}
			}
		}
	}
	if len(q.Lines) != len(g.Lines) {
		return q, fault.New(fault.Malformed, "order.pieces_invalid")
	}
	if g.Shipping {
		_, gone, err := refundedSums(tx, order)
		if err != nil {
			return q, err
		}
		if gone == 0 {
			q.Shipping = sum
			q.Amount, q.Tax = q.Amount+sum, q.Tax+tax
		}
	}
	if g.Sum > 0 && o.Total > 0 {
		q.Amount, q.Tax = q.Amount+g.Sum, q.Tax+shareOfTax(g.Sum, o)
	}
	if q.Amount <= 0 {
		return q, fault.New(fault.Invalid, "order.refund_nothing").WithField("lines", "order.refund_nothing", nil)
	}
	return q, nil
}

// shareOfTax is the tax within a sum that is given back beside lines: in the mix of the whole order.
func shareOfTax(sum money.Amount, o Order) money.Amount {
	share, err := money.MulDiv(sum, int64(o.Tax), int64(o.Total))
	if err != nil {
		return 0 // the payment refuses such a sum
	}
	return share
}

// add counts pieces of a line in.
func (q *quote) add(l Line, w Pieces, refunded int64) error {
	if w.Quantity > l.Quantity-refunded {
		return fault.New(fault.Conflict, "order.too_many_pieces").WithField("lines", "order.too_many_pieces", nil)
	}
	part := func(a money.Amount) money.Amount {
		upTo := func(n int64) int64 { return int64(a)/l.Quantity*n + int64(a)%l.Quantity*n/l.Quantity }
		return money.Amount(upTo(refunded+w.Quantity) - upTo(refunded))
	}
	q.Lines = append(q.Lines, quoteLine{w, part(l.Total)})
	q.Amount, q.Tax = q.Amount+part(l.Total), q.Tax+part(l.Tax)
	return nil
}

// giveBack writes the refund and hands it to the payment. The same attempt a second time is a conflict.
func (s *Service) giveBack(tx *db.Tx, order id.ID, g GiveBack, q quote, who access.Actor, by access.Approved) error {
	o, err := byID(tx, order)
	if err != nil {
		return err
	}
	row := refundRow{id: tx.NewID(), order: o.ID, payment: o.Payment, amount: q.Amount, tax: q.Tax, shipping: q.Shipping,
		reason: g.Reason, restock: g.Restock, at: tx.Now()}
	if who.Kind == access.KindStaff {
		row.member = who.ID
	}
	fresh, err := insertRefund(tx, row, s.proof("refund", []byte(g.Attempt)))
	if err == nil && !fresh {
		err = fault.New(fault.Conflict, "order.refund_changed")
	}
	if err != nil {
		return err
	}
	if err := s.refundLines(tx, o, row.id, q.Lines, g.Restock); err != nil {
		return err
	}
	reason := payment.ForGoodwill
	if g.Reason == BecauseReturned {
		reason = payment.ForReturn
	}
	if _, err := s.d.Payment.RefundTx(tx, payment.Ask{Payment: o.Payment, Key: "desk." + row.id.String(), Amount: q.Amount, Tax: q.Tax,
		Reason: reason, Actor: who}); err != nil {
		return err
	}
	facts := append(bothFacts(by), audit.Fact{Key: "amount", Int: int64(q.Amount)}, audit.Fact{Key: "why", Text: string(g.Reason)})
	if err := s.entry(tx, who, "order.refund", o, oneLine(g.Note), facts...); err != nil {
		return err
	}
	if err := s.closeUnsent(tx, &o, who); err != nil {
		return err
	}
	return s.letter(tx, Letter{Kind: LetterBack, Order: o.ID, Refund: row.id})
}

// bothFacts names both people behind an act.
func bothFacts(by access.Approved) []audit.Fact {
	if by.Request.IsZero() { // one person alone, or the console
		return nil
	}
	facts := []audit.Fact{{Key: "request", Text: by.Request.String()}, {Key: "asked_by", Text: by.AskedBy.String()}}
	if by.DecidedBy.IsZero() {
		return append(facts, audit.Fact{Key: "waited", Text: "a_day"})
	}
	return append(facts, audit.Fact{Key: "decided_by", Text: by.DecidedBy.String()})
}

// refundLines counts the pieces, and puts them back on the shelf if they are there.
func (s *Service) refundLines(tx *db.Tx, o Order, refund id.ID, lines []quoteLine, restock bool) error {
	all, err := linesOf(tx, o.ID)
	if err != nil {
		return err
	}
	variant := map[int]id.ID{}
	for _, l := range all {
		variant[l.Position] = l.Variant
	}
	var back []stock.Want
	for _, l := range lines {
		ok, err := refundPieces(tx, o.ID, l.Pieces)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "order.too_many_pieces")
		}
		if err == nil {
			err = insertRefundLine(tx, refund, l.Pieces, l.Amount)
		}
		if err != nil {
			return err
		}
		back = append(back, stock.Want{Variant: variant[l.Position], Quantity: l.Quantity})
	}
	if !restock || len(back) == 0 {
		return nil
	}
	return s.d.Stock.Restock(tx, o.ID, back)
}

// closeUnsent ends the sending when nothing is left to send.
func (s *Service) closeUnsent(tx *db.Tx, o *Order, who access.Actor) error {
	if o.Parcel != ToSend && o.Parcel != PartlySent {
		return nil
	}
	left, err := piecesLeft(tx, o.ID)
	if err != nil || left > 0 {
		return err
	}
	if err := endAssignment(tx, o.ID, "taken_away"); err != nil {
		return err
	}
	to := NothingToSend
	if o.Parcel == PartlySent {
		to = Sent
	}
	return s.moveParcel(tx, o, to, BecauseRestGone, who, id.ID{})
}
