package payment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

// markOf and readMark are an order's place in the list by placing.
func markOf(o OrderMoney) string {
	return strconv.FormatInt(clock.Micros(o.Placed), 10) + "_" + o.Order.String()
}

func readMark(s string) (o OrderMoney, err error) {
	at, v, ok := strings.Cut(s, "_")
	if !ok {
		return o, nil
	}
	micros, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return o, fmt.Errorf("payment: a damaged place in the list of orders: %w", err)
	}
	o.Placed = clock.FromMicros(micros)
	o.Order, err = id.Parse(v)
	return o, err
}

// again looks at a page of the differences that are open, whatever their day, and ends those that are not there any more.
func (r *run) again(ctx context.Context) error {
	after, err := parseCursor(r.row.cursor)
	if err != nil {
		return err
	}
	var list []Difference
	if err = r.s.db.Read(ctx, func(tx *db.Tx) (err error) { list, err = openOf(tx, r.provider, after, 50); return err }); err != nil {
		return err
	}
	asked := int64(0)
	var gone []id.ID
	for _, d := range list {
		there, n, err := r.still(ctx, d)
		if err != nil {
			return err
		}
		asked += n
		if !there {
			gone = append(gone, d.ID)
		}
	}
	return r.page(ctx, func(tx *db.Tx) (runRow, error) {
		next := r.row
		next.asked += asked
		if len(list) < 50 {
			next = next.nextStep(stepDone)
		} else {
			next.cursor = list[len(list)-1].ID.String()
		}
		for _, v := range gone {
			if err := settleDifference(tx, v); err != nil {
				return next, err
			}
		}
		return next, nil
	})
}

// still says whether a difference is still there, having asked the provider if that can help.
func (r *run) still(ctx context.Context, d Difference) (there bool, asked int64, err error) {
	switch {
	case !d.Payment.IsZero():
		var list []truth
		err = r.s.db.Read(ctx, func(tx *db.Tx) error {
			t, ok, err := oneTruth(tx, d.Payment)
			if ok {
				list = []truth{t}
			}
			return err
		})
		if err != nil {
			return true, 0, err
		}
		if asked, err = r.ask(ctx, list); err != nil {
			return true, asked, err
		}
		// What is open has had its time: that the payment moved since, for whatever reason, gives it none anew.
		now, err := r.differences(ctx, list, r.s.db.Clock().Now().Add(grace+time.Second))
		for _, x := range now {
			there = there || x.Kind == d.Kind && x.Subject == d.Subject
		}
		return there || err != nil, asked, err
	case d.Kind == OrderUnpaid:
		there, err = r.unpaid(ctx, d)
		return there, 0, err
	case d.Kind == FeeUnbooked || d.Kind == PayoutUnbooked:
		err = r.s.db.Read(ctx, func(tx *db.Tx) (err error) { there, err = isUnbooked(tx, d.Provider, d.Subject); return err })
		return there, 0, err
	}
	return true, 0, nil // it happened; only a person can say that it is all right
}

func (r *run) unpaid(ctx context.Context, d Difference) (bool, error) {
	if r.orders == nil {
		return true, nil
	}
	m, err := r.orders.MoneyOf(ctx, []id.ID{d.Order})
	o, known := m[d.Order]
	if err != nil || !known || !o.Paid {
		return err != nil, err
	}
	var left []OrderMoney
	err = r.s.db.Read(ctx, func(tx *db.Tx) (err error) { left, err = withoutMoney(tx, d.Provider, []OrderMoney{o}); return err })
	return len(left) > 0, err
}

// look does for one difference what a run does for all: it asks, compares, and writes down what came of it.
func (s *Service) look(ctx context.Context, d Difference) error {
	g, err := s.engine(d.Provider)
	if err != nil {
		return err
	}
	r := &run{s: s, g: g, at: g.Describe().till(), provider: d.Provider}
	r.orders, _ = s.payee.(Orders)
	there, _, err := r.still(ctx, d)
	if err != nil || there {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return settleDifference(tx, d.ID) })
}
