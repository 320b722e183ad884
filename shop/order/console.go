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
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Filter chooses orders for List: newest first, keyset paged.
type Filter struct {
	State  State   // 0 for every state
	Parcel *Parcel // nil for every step of the goods; NothingToSend only together with a State
	After  string  // Page.Next of the page before; empty for the first
	Limit  int     // at most 200; 50 when 0
	Since  time.Time
	Until  time.Time
}

// Page is a part of the list.
type Page struct {
	Orders []Order
	Next   string // empty on the last page
}

// Masked is an order for staff and scripts: personal fields are masks unless a reason was given.
type Masked struct {
	Order
	Lines  []Line
	Taxes  []Tax
	Moves  []Move
	Fields []MaskedField
}

// MaskedField is one personal field by name ("email", "delivery.name", ...): its mask, or its text after a reveal.
type MaskedField struct{ Name, Text string }

// List returns a page of orders for staff and the command line. Heads hold nothing personal.
func (s *Service) List(ctx context.Context, who access.Actor, f Filter) (p Page, err error) {
	defer fault.Wrap(&err, "order: list")
	if err := s.d.Audit.Allow(ctx, who, access.OrderView, audit.Act{Action: "order.list", Object: "order"}); err != nil {
		return p, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = min(max(f.Limit, 50), 200)
	}
	before, last := f.Until, id.ID{}
	if before.IsZero() {
		before = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	for i := range last {
		last[i] = 0xff
	}
	if f.After != "" {
		if before, last, err = parseCursor(f.After); err != nil {
			return p, err
		}
	}
	err = s.read(ctx, func(tx *db.Tx) (err error) {
		if f.Parcel != nil {
			p.Orders, err = deskList(tx, f, before, last)
		} else {
			p.Orders, err = list(tx, f, before, last)
		}
		return err
	})
	if len(p.Orders) > f.Limit {
		p.Orders = p.Orders[:f.Limit]
		o := p.Orders[f.Limit-1]
		p.Next = strconv.FormatInt(clock.Micros(o.PlacedAt), 36) + "." + o.ID.String()
	}
	return p, err
}

func parseCursor(s string) (time.Time, id.ID, error) {
	at, v, _ := strings.Cut(s, ".")
	us, err1 := strconv.ParseInt(at, 36, 64)
	last, err2 := id.Parse(v)
	if err1 != nil || err2 != nil {
		return time.Time{}, last, fault.New(fault.Malformed, "order.not_found")
	}
	return clock.FromMicros(us), last, nil
}

// Show returns an order by its number, with masks in place of personal data.
func (s *Service) Show(ctx context.Context, who access.Actor, number string) (m Masked, err error) {
	defer fault.Wrap(&err, "order: show")
	if m, err = s.show(ctx, who, access.OrderView, "order.show", number); err != nil {
		return m, err
	}
	m.Fields, err = s.masks(ctx, m.Order)
	return m, err
}

// Reveal is Show with the personal data in clear. It wants a reason, and the look is an audit entry.
func (s *Service) Reveal(ctx context.Context, number string, who access.Actor, reason string) (m Masked, err error) {
	defer fault.Wrap(&err, "order: reveal")
	if m, err = s.show(ctx, who, access.OrderReveal, "order.reveal", number); err != nil {
		return m, err
	}
	if reason = oneLine(reason); reason == "" {
		return m, fault.New(fault.Invalid, "order.reason_missing").WithField("reason", "order.reason_missing", nil)
	}
	sealed, _, err := s.personal(ctx, m.ID)
	if err != nil {
		return m, err
	}
	texts, err := s.open(ctx, sealed, m.Subject, m.ID, vault.Look{Actor: who, Reason: reason, Object: "order", ObjectID: m.ID})
	for i, f := range fields() {
		if texts[i] != "" {
			m.Fields = append(m.Fields, MaskedField{f.name, texts[i]})
		}
	}
	return m, err
}

func (s *Service) show(ctx context.Context, who access.Actor, p access.Permission, action, number string) (m Masked, err error) {
	if m.Order, err = s.forStaff(ctx, who, p, action, number); err != nil {
		return m, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		if m.Lines, err = linesOf(tx, m.ID); err != nil {
			return err
		}
		if m.Taxes, err = taxesOf(tx, m.ID); err != nil {
			return err
		}
		m.Moves, err = movesOf(tx, m.ID)
		return err
	})
	return m, err
}

// masks are the personal fields of an order without a look at them: the vault makes masks without opening anything.
func (s *Service) masks(ctx context.Context, o Order) ([]MaskedField, error) {
	sealed, _, err := s.personal(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	var out []MaskedField
	for i, f := range fields() {
		if len(sealed[i]) > 0 {
			out = append(out, MaskedField{f.name, s.d.Vault.Sealed(f.field, o.Subject, o.ID, sealed[i]).Mask()})
		}
	}
	return out, nil
}

func (s *Service) personal(ctx context.Context, order id.ID) (r sealedRow, m meta, err error) {
	err = s.read(ctx, func(tx *db.Tx) (err error) { r, m, err = personalOf(tx, order); return err })
	return r, m, err
}

// DeclaredMasked is a withdrawal for staff and scripts.
type DeclaredMasked struct {
	ID     id.ID
	Number string // as understood, or empty
	Order  id.ID  // zero when it matches none
	Known  int64  // KnownNot, KnownByLink, KnownByMatch
	At     time.Time
	Fields []MaskedField
}

// Withdrawals lists the withdrawals that were declared since then, newest first, with masks; at most 200.
func (s *Service) Withdrawals(ctx context.Context, who access.Actor, since time.Time) (out []DeclaredMasked, err error) {
	defer fault.Wrap(&err, "order: withdrawals")
	if err := s.d.Audit.Allow(ctx, who, access.OrderView, audit.Act{Action: "order.withdrawals", Object: "withdrawal"}); err != nil {
		return nil, err
	}
	var rows []withdrawalRow
	err = s.read(ctx, func(tx *db.Tx) (err error) { rows, err = withdrawalsSince(tx, since, 200); return err })
	for _, w := range rows {
		d := w.head()
		for i, p := range s.withdrawalFields(w) {
			d.Fields = append(d.Fields, MaskedField{withdrawalNames[i], p.Mask()})
		}
		out = append(out, d)
	}
	return out, err
}

// RevealWithdrawal shows one withdrawal in clear. It wants a reason, and the look is an audit entry.
func (s *Service) RevealWithdrawal(ctx context.Context, v id.ID, who access.Actor, reason string) (d DeclaredMasked, err error) {
	defer fault.Wrap(&err, "order: reveal a withdrawal")
	if err := s.d.Audit.Allow(ctx, who, access.OrderReveal, audit.Act{Action: "order.reveal_withdrawal", Object: "withdrawal", ObjectID: v}); err != nil {
		return d, err
	}
	if reason = oneLine(reason); reason == "" {
		return d, fault.New(fault.Invalid, "order.reason_missing").WithField("reason", "order.reason_missing", nil)
	}
	var w withdrawalRow
	if err = s.read(ctx, func(tx *db.Tx) (err error) { w, err = withdrawalOf(tx, v); return err }); err != nil {
		return d, err
	}
	texts, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: who, Purpose: privacy.WithdrawalName.Field.Purpose, Reason: reason,
		Object: "withdrawal", ObjectID: w.id}, s.withdrawalFields(w)...)
	if err != nil {
		return d, err
	}
	d = w.head()
	for i, t := range texts {
		d.Fields = append(d.Fields, MaskedField{withdrawalNames[i], t})
	}
	return d, nil
}
