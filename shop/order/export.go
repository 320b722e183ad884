package order

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/vault"
)

// Mark is how far somebody has read through the orders, by when they were placed. The zero value is the beginning.
type Mark struct {
	At time.Time
	ID id.ID
}

// Span is a stretch of time in which orders were placed: From until just before Until.
type Span struct{ From, Until time.Time }

// Record is an order as an export has it.
type Record struct {
	Order
	Lines []Line
	Taxes []Tax
	// Of an export with personal data only.
	Details Details
	Handle  id.ID // the person's name in the audit log; zero once her keys are gone
	Fields  int   // how many personal fields were opened
	Erased  bool  // the person was erased, wholly or but for what tax law keeps
}

// mostRecords bounds a page of records, and with it the memory of an export.
const mostRecords = 200

// Numbers reads a page of orders without anything personal, the oldest first, for who may see payments.
func (s *Service) Numbers(ctx context.Context, who access.Actor, span Span, after Mark, limit int) (page []Record, err error) {
	defer fault.Wrap(&err, "order: numbers")
	if err := access.Require(who, access.PaymentView); err != nil {
		return nil, err
	}
	return s.records(ctx, span, after, limit)
}

// People reads a page of orders with their personal data in clear, the oldest first. It is a part of an export that two
// people stand behind; who calls it writes down a look at each person before anybody gets the page.
func (s *Service) People(ctx context.Context, by access.Approved, span Span, after Mark, limit int) (page []Record, err error) {
	defer fault.Wrap(&err, "order: people")
	if err := by.For(access.MassExport); err != nil {
		return nil, err
	}
	if page, err = s.records(ctx, span, after, limit); err != nil || len(page) == 0 {
		return nil, err
	}
	var sealed map[id.ID]sealedPerson
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		sealed, err = peopleBetween(tx, page[0].Order, page[len(page)-1].Order)
		return err
	})
	for i := range page {
		if err != nil {
			return nil, err
		}
		err = s.unseal(ctx, &page[i], sealed[page[i].ID])
	}
	return page, err
}

func (s *Service) records(ctx context.Context, span Span, after Mark, limit int) (page []Record, err error) {
	limit = min(max(limit, 1), mostRecords)
	err = s.read(ctx, func(tx *db.Tx) error {
		list, err := placedBetween(tx, span, after, limit)
		if err != nil || len(list) == 0 {
			return err
		}
		first, last := list[0], list[len(list)-1]
		lines, err := linesBetween(tx, first, last)
		if err != nil {
			return err
		}
		taxes, err := taxesBetween(tx, first, last)
		page = make([]Record, len(list))
		for i, o := range list {
			page[i] = Record{Order: o, Lines: lines[o.ID], Taxes: taxes[o.ID]}
		}
		return err
	})
	return page, err
}

// CountPlaced is how many orders were placed in a span.
func (s *Service) CountPlaced(ctx context.Context, who access.Actor, span Span) (n int64, err error) {
	defer fault.Wrap(&err, "order: count")
	if err := access.Require(who, access.OrderView); err != nil {
		return 0, err
	}
	err = s.read(ctx, func(tx *db.Tx) error { n, err = countBetween(tx, span); return err })
	return n, err
}

// unseal opens what can still be opened of an order's person.
func (s *Service) unseal(ctx context.Context, r *Record, p sealedPerson) (err error) {
	if r.Handle, err = s.d.Vault.AuditHandle(ctx, r.Subject); err != nil && !vault.Erased(err) {
		return err
	}
	var texts [fieldCount]string
	for _, part := range []sealedRow{p.row.withoutBilling(), p.row.billing()} {
		opened, err := s.open(ctx, part, r.Subject, r.ID, vault.Look{Actor: access.System("export"), Object: "order", ObjectID: r.ID, Reason: "export"})
		if vault.Erased(err) {
			r.Erased = true
			continue
		}
		if err != nil {
			return err
		}
		for i, text := range opened {
			if text != "" {
				texts[i] = text
				r.Fields++
			}
		}
	}
	r.Erased = r.Erased || len(p.row[0]) == 0
	p.differs = true // billing is sealed in any case
	r.Details = detailsOf(texts, p.meta)
	return nil
}

// billing is the part of a row that tax law keeps.
func (r sealedRow) billing() sealedRow {
	for i := range firstBilling {
		r[i] = nil
	}
	return r
}
