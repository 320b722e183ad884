package export

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// frozen is what a second person agrees to.
type frozen struct {
	From, Until time.Time
	Format      Format
	Role        string // the asker's, as shoppers will be told
}

// Ask asks for a file with the personal data of all orders that were placed in a span.
func (s *Service) Ask(ctx context.Context, who access.Actor, w Wish) (request id.ID, err error) {
	defer fault.Wrap(&err, "export: ask")
	if err := s.d.Audit.AllowFresh(ctx, who, access.DataExport, audit.Act{Action: "export.ask", Object: "order"}); err != nil {
		return request, err
	}
	w.Reason = strings.TrimSpace(w.Reason)
	if err := s.check(&w, true); err != nil {
		return request, err
	}
	n, err := s.count(ctx, who, w.Span)
	if err != nil {
		return request, err
	}
	params, err := json.Marshal(frozen{w.From.UTC(), w.Until.UTC(), w.Format, who.Name})
	if err != nil {
		return request, err
	}
	zone := s.d.Shop.TimeZone
	return s.d.Second.Ask(ctx, who, access.Wish{Kind: access.MassExport, Params: params, Object: "order", Reason: w.Reason,
		Facts: map[string]string{"from": w.From.In(zone).Format(time.DateOnly), "until": lastDay(w.Span, zone),
			"orders": strconv.FormatInt(n, 10), "format": string(w.Format)}})
}

// count is how many orders a span has, if there are any and not too many.
func (s *Service) count(ctx context.Context, who access.Actor, span order.Span) (int64, error) {
	n, err := s.d.Orders.CountPlaced(ctx, who, span)
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, fault.New(fault.Invalid, "export.invalid").WithField("from", "export.nothing", nil)
	case n > maxOrders:
		return 0, fault.New(fault.Invalid, "export.invalid").WithField("from", "export.too_many", fault.Params{"max": maxOrders})
	}
	return n, nil
}

// Approved begins a file that two people agreed on. A job makes it.
func (s *Service) Approved(ctx context.Context, params []byte, by access.Approved) (err error) {
	defer fault.Wrap(&err, "export: approved")
	if err := by.For(access.MassExport); err != nil {
		return err
	}
	var p frozen
	if err := json.Unmarshal(params, &p); err != nil {
		return err
	}
	subject, err := s.d.Vault.NewSubject(ctx, vault.Fulfilment)
	if err != nil {
		return err
	}
	f := File{ID: by.Request, Format: p.Format, Span: order.Span{From: p.From, Until: p.Until}, asker: by.AskedBy, role: p.Role, subject: subject}
	if f.ID.IsZero() {
		return fault.New(fault.Forbidden, "access.not_approved") // the console streams, and makes no file here
	}
	err = s.write(ctx, func(tx *db.Tx) error {
		fresh, err := insertFile(tx, f)
		if err == nil && !fresh {
			err = errMoved
		}
		if err != nil {
			return err
		}
		_, err = s.d.Jobs.Enqueue(tx, job.Job{Kind: "export.make", Key: f.ID.String(), Args: makeArgs{f.ID}})
		return err
	})
	if err != nil {
		return err
	}
	return s.d.Vault.Confirm(ctx, subject)
}

// Undo takes a file back that nobody has fetched, for who stops the act by the mailed link.
func (s *Service) Undo(tx *db.Tx, request id.ID) (bool, error) {
	f, err := fileByID(tx, request)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.end(tx, f, Erased, access.System("export"), "stopped")
}

// end ends a file, and has its keys destroyed: it opens in no copy any more.
func (s *Service) end(tx *db.Tx, f File, to State, who access.Actor, why string) (bool, error) {
	ok, err := end(tx, f, to)
	if err != nil || !ok {
		return ok, err
	}
	if err := s.d.Vault.Intend(tx, f.subject, vault.Fulfilment); err != nil {
		return false, err
	}
	return true, s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: "export.end", Object: "export", ObjectID: f.ID, Outcome: audit.Done,
		Reason: why, Facts: []audit.Fact{{Key: "orders", Int: f.Orders}}})
}

// Tend erases the files whose day is over.
func (s *Service) Tend(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "export: tend")
	var list []File
	err = s.read(ctx, func(tx *db.Tx) error { list, err = overdue(tx); return err })
	for _, f := range list {
		if err != nil {
			return err
		}
		err = s.write(ctx, func(tx *db.Tx) error { _, err := s.end(tx, f, Erased, access.System("export"), "over"); return err })
	}
	return err
}
