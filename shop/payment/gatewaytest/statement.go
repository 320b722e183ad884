package gatewaytest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// all reads the statement to its end.
func (b *Beyond) all(t *testing.T, from, to time.Time) (list []payment.Movement) {
	t.Helper()
	for cursor, page := "", 0; ; page++ {
		some, next, err := b.Gateway.(payment.Statement).Movements(context.Background(), from, to, cursor)
		must(t, err)
		list = append(list, some...)
		if next == "" {
			return list
		}
		if next == cursor || page > 100 || len(some) > 1000 {
			t.Fatalf("the statement does not end: page %d from %q to %q", page, cursor, next)
		}
		cursor = next
	}
}

func about(m payment.Movement, s payment.Session) bool {
	return m.Reference == s.Reference || m.Session == s.Ref || m.Charge != "" && m.Charge == s.Charge
}

func find(list []payment.Movement, kind payment.MovementKind, s payment.Session) (found []payment.Movement) {
	for _, m := range list {
		if m.Kind == kind && (about(m, s) || kind == payment.MovedPayout) {
			found = append(found, m)
		}
	}
	return found
}

// movements: what was paid, given back and paid out stands in the statement once, with its sums.
func movements(t *testing.T, b *Beyond) {
	s, other := b.paid(t, "a"), b.paid(t, "b")
	r, err := b.Gateway.Refund(context.Background(), "k1", s.Ref, 1000)
	must(t, err)
	b.Advance(b.Settle)
	if b.PayOut != nil {
		b.PayOut()
	}
	list := b.all(t, b.Now().Add(-24*time.Hour), b.Now().Add(time.Hour))
	refs := map[string]bool{}
	for _, m := range list {
		if m.Ref == "" || refs[m.Ref] || m.Kind == "" || m.At.IsZero() || m.Currency != "EUR" {
			t.Errorf("a line of the statement: %+v", m)
		}
		refs[m.Ref] = true
	}
	for _, p := range []payment.Session{s, other} {
		if in := find(list, payment.MovedPayment, p); len(in) != 1 || in[0].Amount != sum || in[0].Fee < 0 || in[0].Fee > sum/2 {
			t.Errorf("the payment stands there as %+v", in)
		}
	}
	if out := find(list, payment.MovedRefund, s); len(out) != 1 || out[0].Amount != -1000 || out[0].Refund != r.Ref {
		t.Errorf("the refund %s stands there as %+v", r.Ref, out)
	}
	if b.PayOut == nil {
		t.Log("this provider's statement knows no payouts")
		return
	}
	if away := find(list, payment.MovedPayout, s); len(away) != 1 || away[0].Amount >= 0 || away[0].Payout == "" {
		t.Errorf("the payout stands there as %+v", away)
	}
}

// movementsBounds: from is inclusive and to is exclusive, so that days join without a gap and without a double.
func movementsBounds(t *testing.T, b *Beyond) {
	s := b.paid(t, "a")
	in := find(b.all(t, b.Now().Add(-24*time.Hour), b.Now().Add(time.Hour)), payment.MovedPayment, s)
	if len(in) != 1 {
		t.Fatalf("the payment stands there as %+v", in)
	}
	at := in[0].At
	for _, c := range []struct {
		from, to time.Time
		n        int
	}{
		{at, at.Add(time.Second), 1}, {at.Add(-time.Hour), at, 0}, {at.Add(time.Second), at.Add(time.Hour), 0},
		{at.Add(-time.Hour), at.Add(time.Hour), 1}, {at.Add(-200 * 24 * time.Hour), at.Add(-199 * 24 * time.Hour), 0},
	} {
		if got := find(b.all(t, c.from, c.to), payment.MovedPayment, s); len(got) != c.n {
			t.Errorf("from %s to %s: %d lines; want %d", c.from.Sub(at), c.to.Sub(at), len(got), c.n)
		}
	}
}

// movementsPages: many lines come in pages, each line once, in the same order every time.
func movementsPages(t *testing.T, b *Beyond) {
	const many = 120
	for i := range many {
		b.paid(t, fmt.Sprint("p", i))
	}
	from, to := b.Now().Add(-24*time.Hour), b.Now().Add(time.Hour)
	refs := func() (refs []string) {
		total := money.Amount(0)
		for _, m := range b.all(t, from, to) {
			refs = append(refs, m.Ref)
			if m.Kind == payment.MovedPayment {
				total += m.Amount
			}
		}
		if total != many*sum {
			t.Errorf("the payments of the statement are %d; want %d", total, many*sum)
		}
		return refs
	}
	first := refs()
	if !slices.Equal(first, refs()) {
		t.Error("the order changes")
	}
	slices.Sort(first)
	if len(slices.Compact(first)) < many {
		t.Error("a line stands there twice, or is missing")
	}
}
