package export

import (
	"context"
	"io"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/order"
)

// Stream is an export that is written at once.
type Stream struct {
	Name   string
	Orders int64

	s    *Service
	w    Wish
	page func(ctx context.Context, after order.Mark) ([]order.Record, error)
	look func(ctx context.Context, page []order.Record) error
	rich bool
}

// Numbers prepares the numbers of all orders that were placed in a span, for who may see payments. The entry in the log is
// written before the first line.
func (s *Service) Numbers(ctx context.Context, who access.Actor, w Wish) (st *Stream, err error) {
	defer fault.Wrap(&err, "export: numbers")
	if err := s.MayNumbers(ctx, who); err != nil {
		return nil, err
	}
	if err := s.check(&w, false); err != nil {
		return nil, err
	}
	n, err := s.count(ctx, who, w.Span)
	if err != nil {
		return nil, err
	}
	zone := s.d.Shop.TimeZone
	err = s.write(ctx, func(tx *db.Tx) error {
		return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "export.numbers", Object: "order", Outcome: audit.Done, Facts: spanFacts(w.Span, zone, n)})
	})
	return &Stream{Name: name("numbers", w.Span, w.Format, zone), Orders: n, s: s, w: w,
		page: func(ctx context.Context, after order.Mark) ([]order.Record, error) {
			return s.d.Orders.Numbers(ctx, who, w.Span, after, pageSize)
		}}, err
}

// MayNumbers lets who pass that may have the numbers: she sees payments and orders.
func (s *Service) MayNumbers(ctx context.Context, who access.Actor) error {
	act := audit.Act{Action: "export.numbers", Object: "order"}
	if err := s.d.Audit.Allow(ctx, who, access.OrderView, act); err != nil {
		return err
	}
	return s.d.Audit.Allow(ctx, who, access.PaymentView, act)
}

func spanFacts(span order.Span, zone *time.Location, n int64) []audit.Fact {
	return []audit.Fact{{Key: "from", Text: span.From.In(zone).Format(time.DateOnly)}, {Key: "until", Text: lastDay(span, zone)}, {Key: "orders", Int: n}}
}

// OnConsole prepares an export with personal data for who has the machine's command line (staff.OnConsole). The look at
// each person is in the log before her line is written.
func (s *Service) OnConsole(ctx context.Context, by access.Approved, w Wish) (st *Stream, err error) {
	defer fault.Wrap(&err, "export: on the console")
	if err := by.For(access.MassExport); err != nil {
		return nil, err
	}
	if err := s.Check(ctx, w); err != nil {
		return nil, err
	}
	if err := s.check(&w, true); err != nil {
		return nil, err
	}
	who := access.Console()
	return &Stream{Name: name("orders", w.Span, w.Format, s.d.Shop.TimeZone), s: s, w: w, rich: true,
		page: func(ctx context.Context, after order.Mark) ([]order.Record, error) {
			return s.d.Orders.People(ctx, by, w.Span, after, pageSize)
		},
		look: func(ctx context.Context, page []order.Record) error {
			return s.write(ctx, func(tx *db.Tx) error { return s.looks(tx, who, page) })
		}}, nil
}

// Check says what is wrong with a wish of the console, before anybody is told of it.
func (s *Service) Check(ctx context.Context, w Wish) (err error) {
	defer fault.Wrap(&err, "export: check")
	if err := s.check(&w, true); err != nil {
		return err
	}
	_, err = s.count(ctx, access.Console(), w.Span)
	return err
}

// Write writes the export page by page, and says how many orders were in it.
func (st *Stream) Write(ctx context.Context, out io.Writer) (n int64, err error) {
	defer fault.Wrap(&err, "export: write")
	w := st.s.writer(out, st.w.Format, st.rich)
	w.head()
	for after := (order.Mark{}); ; {
		page, err := st.page(ctx, after)
		if err != nil || len(page) == 0 {
			return n, err
		}
		if st.look != nil {
			if err := st.look(ctx, page); err != nil {
				return n, err
			}
		}
		for _, r := range page {
			w.record(r)
		}
		if err := w.err(); err != nil {
			return n, err
		}
		last := page[len(page)-1]
		after, n = order.Mark{At: last.PlacedAt, ID: last.ID}, n+int64(len(page))
	}
}
