package order

import (
	"context"
	"strconv"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/payment"
)

// Evidence collects what answers a dispute: what was bought, by whom, and where it went. It is a look at the person of
// the order, with its reason, and stands in the log as one. Policy and the store's own words are the caller's.
func (s *Service) Evidence(ctx context.Context, who access.Actor, number, reason string) (e payment.Evidence, err error) {
	defer fault.Wrap(&err, "order: evidence")
	m, err := s.Reveal(ctx, number, who, reason)
	if err != nil {
		return e, err
	}
	field := map[string]string{}
	for _, f := range m.Fields {
		field[f.Name] = f.Text
	}
	e.Email, e.Buyer = field["email"], strings.TrimSpace(field["billing.name"])
	if e.Buyer == "" {
		e.Buyer = field["delivery.name"]
	}
	var lines []string
	for _, name := range []string{"name", "company", "street", "line2", "postcode", "city", "region"} {
		if t := strings.TrimSpace(field["delivery."+name]); t != "" {
			lines = append(lines, t)
		}
	}
	e.Address = strings.Join(append(lines, m.Country), "\n")
	var goods []string
	for _, l := range m.Lines {
		goods = append(goods, strings.TrimSpace(strconv.FormatInt(l.Quantity, 10)+" x "+l.Name+" "+l.Options))
	}
	e.Product = strings.Join(goods, "\n")
	return e, s.parcelEvidence(ctx, who, m.Order, reason, &e)
}

// parcelEvidence adds the first parcel that left, and the numbers of all.
func (s *Service) parcelEvidence(ctx context.Context, who access.Actor, o Order, reason string, e *payment.Evidence) error {
	var rows []shipmentRow
	if err := s.read(ctx, func(tx *db.Tx) (err error) { rows, err = shipmentsOf(tx, o.ID); return err }); err != nil || len(rows) == 0 {
		return err
	}
	var sealed []vault.Personal
	for _, r := range rows {
		sealed = append(sealed, s.unsealedShipment(o, r).Tracking)
	}
	clear, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: who, Purpose: vault.Fulfilment, Reason: oneLine(reason), Object: "order", ObjectID: o.ID}, sealed...)
	if err != nil {
		return err
	}
	var numbers []string
	for _, n := range clear {
		if n = strings.TrimSpace(n); n != "" {
			numbers = append(numbers, n)
		}
	}
	e.Carrier, e.Tracking, e.ShippedAt = rows[0].Carrier, strings.Join(numbers, ", "), rows[0].SentAt
	return nil
}
