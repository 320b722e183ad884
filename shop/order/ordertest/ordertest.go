// Package ordertest gives tests a service of orders over a house with a staff, and orders that were placed long ago,
// without baskets and payments.
package ordertest

import (
	"fmt"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/privacy"
	"strongroom/guard/staff/stafftest"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

// Service is the orders of a house.
func Service(h *stafftest.House) *order.Service {
	h.T.Helper()
	s, err := order.New(order.Deps{DB: h.Data, Vault: h.Vault, Audit: h.Audit, Jobs: h.Jobs, Events: h.Events(), Shop: h.Shop, Second: h.Desk})
	h.Must(err)
	return s
}

// Placed is an order for Put.
type Placed struct {
	Number, Email, Name, Street, Note string
	Product                           string
	At                                time.Time
	State                             order.State // Paid if zero
	Lines                             int         // one if zero
}

// Put writes an order of 12.00 that arrived when it was paid, with its person, and gives the person's subject.
func Put(h *stafftest.House, p Placed) (v, subject id.ID) {
	h.T.Helper()
	subject, err := h.Vault.NewSubject(h.Ctx, vault.Fulfilment, vault.Fiscal)
	h.Must(err)
	v = id.New(p.At, nil)
	seal := func(d *privacy.Declaration, text string) []byte {
		b, err := h.Vault.Seal(h.Ctx, d.Field, subject, v, vault.Typed(text))
		h.Must(err)
		return b
	}
	if p.State == 0 {
		p.State = order.Paid
	}
	if p.Email != "" {
		h.Must(h.Vault.SetIndex(h.Ctx, privacy.OrderEmail.Field, subject, vault.Typed(p.Email)))
	}
	at := clock.Micros(p.At)
	paid, closed := at, int64(0)
	switch {
	case p.State.Open():
		paid = 0
	case !p.State.Settled():
		paid, closed = 0, at
	}
	h.Must(h.Data.Write(h.Ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO order_head (id, number, state, cart, cart_proof, attempt, shown, subject, language, country, currency, mode,
			goods, discount, shipping, net, tax, total, code, offer, offer_name, pick_up, place, days_min, days_max, payment, generation,
			corrections, told, placed_at, pay_until, paid_at, delivered_at, closed_at, withdrawn_at, refunded)
			VALUES ($1, $2, $3, $1, $1, $1, $1, $4, 'en', 'DE', 'EUR', 'inclusive', 1200, 0, 0, 1008, 192, 1200, '', 'post', 'Post', 0, '', 1, 2, NULL,
			1, 0, 1, $5, $5, $6, $6, $7, 0, 0)`, v, p.Number, int64(p.State), subject, at, paid, closed)
		if err != nil {
			return err
		}
		for i := range max(p.Lines, 1) {
			if _, err := tx.Exec(`INSERT INTO order_line (order_id, position, variant, product, handle, sku, name, options, image, producer, eu_contact,
				tax_class, quantity, unit, gross, discount, rate, net, tax, total)
				VALUES ($1, $2, $1, $1, 'bowl', $3, $4, '', '', '', '', 'standard', 1, 1200, 1200, 0, 190000, 1008, 192, 1200)`,
				v, i+1, fmt.Sprintf("SKU-%d", i+1), p.Product); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO order_tax (order_id, rate, net, tax) VALUES ($1, 190000, 1008, 192)`, v); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO order_personal (order_id, subject, email, note, delivery_name, delivery_street, billing_name, billing_street,
			delivery_country, billing_country, billing_differs) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'DE', 'DE', 0)`, v, subject,
			seal(privacy.OrderEmail, p.Email), seal(privacy.OrderNote, p.Note), seal(privacy.OrderDeliveryName, p.Name),
			seal(privacy.OrderDeliveryStreet, p.Street), seal(privacy.OrderBillingName, p.Name), seal(privacy.OrderBillingStreet, p.Street))
		return err
	}))
	h.Must(h.Vault.Confirm(h.Ctx, subject))
	return v, subject
}
