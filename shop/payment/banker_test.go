package payment_test

import (
	"context"
	"fmt"
	"sort"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/shop/payment"
)

// banker is the provider with an account of its own: what moved on it, and what buyers dispute.
type banker struct {
	*provider
	clock    func() time.Time
	lines    []payment.Movement
	disputes map[string]*payment.DisputeAnswer
	answers  map[string]payment.Evidence // by key
	page     int                         // lines in an answer
	fetched  int                         // how many pages were asked for
	broken   error                       // what Movements answers
}

func newBanker(s *shop) *banker {
	b := &banker{provider: s.gateway, clock: s.p.Clock.Now, disputes: map[string]*payment.DisputeAnswer{}, answers: map[string]payment.Evidence{}, page: 2}
	s.engine = b
	s.restart()
	return b
}

// replace has another account of the same provider take the place of the first, which stays and is off.
func (s *shop) replace(old *banker) *banker {
	s.t.Helper()
	b := &banker{provider: newProvider(), clock: old.clock, disputes: map[string]*payment.DisputeAnswer{}, answers: map[string]payment.Evidence{}, page: 2}
	b.account = "acct_2"
	s.offers = []payment.Offer{{Gateway: b, On: true}, {Gateway: old}}
	s.restart()
	return b
}

const testFee = 95

// line writes a movement down.
func (b *banker) line(m payment.Movement) {
	m.Ref, m.At = fmt.Sprintf("mov_%s_%04d", b.account, len(b.lines)), b.clock()
	if m.Currency == "" {
		m.Currency = "EUR"
	}
	b.lines = append(b.lines, m)
}

// take is a payment that arrives in the account.
func (b *banker) take(p payment.Payment) {
	b.provider.pay(p.Ref)
	b.line(payment.Movement{Kind: payment.MovedPayment, Session: p.Ref, Reference: p.Reference, Amount: p.Amount, Fee: testFee})
}

// Movements lists the account in pages.
func (b *banker) Movements(_ context.Context, from, to time.Time, cursor string) (page []payment.Movement, next string, err error) {
	if err := b.at("before movements"); err != nil {
		return nil, "", err
	}
	b.fetched++
	if b.broken != nil {
		return nil, "", b.broken
	}
	for _, m := range b.lines {
		if m.At.Before(from) || !m.At.Before(to) || m.Ref <= cursor {
			continue
		}
		if len(page) == b.page {
			return page, page[len(page)-1].Ref, nil
		}
		page = append(page, m)
	}
	return page, "", nil
}

// dispute opens one about a payment.
func (b *banker) dispute(p payment.Payment, ref string) *payment.DisputeAnswer {
	d := &payment.DisputeAnswer{Ref: ref, Session: p.Ref, Status: payment.DisputeOpen, Reason: "fraudulent", Amount: p.Captured, Currency: p.Currency,
		Account: b.account, Mode: b.mode, Opened: b.clock(), Due: b.clock().Add(7 * 24 * time.Hour).Truncate(time.Second), Taken: p.Captured, Fee: 1500}
	b.disputes[ref] = d
	b.line(payment.Movement{Kind: payment.MovedDispute, Session: p.Ref, Dispute: ref, Amount: -p.Captured, Fee: 1500})
	return d
}

// end closes a dispute.
func (b *banker) end(d *payment.DisputeAnswer, how payment.DisputeStatus) {
	d.Status, d.Due = how, time.Time{}
	if how == payment.DisputeWon {
		b.line(payment.Movement{Kind: payment.MovedWon, Session: d.Session, Dispute: d.Ref, Amount: d.Taken})
		d.Taken = 0
	}
}

func (b *banker) Dispute(_ context.Context, ref string) (payment.DisputeAnswer, error) {
	if err := b.at("before dispute"); err != nil {
		return payment.DisputeAnswer{}, err
	}
	d := b.disputes[ref]
	if d == nil {
		return payment.DisputeAnswer{}, payment.ErrNotFound
	}
	return *d, b.at("after dispute")
}

func (b *banker) Disputes(_ context.Context, since time.Time, _ string) (out []payment.DisputeAnswer, _ string, err error) {
	for _, d := range b.disputes {
		if !d.Opened.Before(since) {
			out = append(out, *d)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Ref < out[j].Ref })
	return out, "", nil
}

func (b *banker) Answer(_ context.Context, key, ref string, e payment.Evidence) (a payment.DisputeAnswer, err error) {
	if err := b.at("before answer"); err != nil {
		return a, err
	}
	d := b.disputes[ref]
	if _, again := b.answers[key]; !again {
		if d.Status != payment.DisputeOpen && d.Status != payment.DisputeInquiry {
			return a, payment.ErrDeclined
		}
		b.answers[key] = e
		if e.Submit {
			d.Status, d.Due = payment.DisputeReview, time.Time{}
		}
	}
	return *d, b.at("after answer")
}

func (b *banker) Accept(_ context.Context, _, ref string) (a payment.DisputeAnswer, err error) {
	if err := b.at("before accept"); err != nil {
		return a, err
	}
	b.end(b.disputes[ref], payment.DisputeAccepted)
	return *b.disputes[ref], b.at("after accept")
}

// book is a payee that also knows orders.
type book struct {
	*shop
	orders []payment.OrderMoney
}

func (b *book) PaymentMoved(tx *db.Tx, p payment.Payment) error { return b.shop.PaymentMoved(tx, p) }

func (b *book) MoneyOf(_ context.Context, orders []id.ID) (map[id.ID]payment.OrderMoney, error) {
	out := map[id.ID]payment.OrderMoney{}
	for _, o := range b.orders {
		for _, v := range orders {
			if o.Order == v {
				out[v] = o
			}
		}
	}
	return out, nil
}

func (b *book) PaidOrders(_ context.Context, from, to time.Time, after payment.OrderMoney, limit int) (out []payment.OrderMoney, _ error) {
	for _, o := range b.orders {
		if o.Paid && !o.Placed.Before(from) && o.Placed.Before(to) && o.Placed.After(after.Placed) && len(out) < limit {
			out = append(out, o)
		}
	}
	return out, nil
}

func orderOf(p payment.Payment, total money.Amount, paid bool) payment.OrderMoney {
	return payment.OrderMoney{Order: p.Order, Number: p.Number, Payment: p.ID, Paid: paid, Total: total, Currency: p.Currency, Placed: p.Made}
}
