package order

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"strings"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// noOrigin is the origin of an act for which the address of the client does not matter.
var noOrigin netip.Addr

// fieldCount is the number of sealed columns of an order.
const fieldCount = 17

// sealedRow are the sealed columns of one order, in the order of fields.
type sealedRow [fieldCount][]byte

// fields lists the sealed columns: the name under which people meet them, and the declaration that they are sealed
// with. Its order is that of personalColumns.
func fields() [fieldCount]struct {
	name  string
	field vault.Field
} {
	return [fieldCount]struct {
		name  string
		field vault.Field
	}{
		{"email", privacy.OrderEmail.Field}, {"phone", privacy.OrderPhone.Field}, {"note", privacy.OrderNote.Field},
		{"delivery.name", privacy.OrderDeliveryName.Field}, {"delivery.company", privacy.OrderDeliveryCompany.Field},
		{"delivery.street", privacy.OrderDeliveryStreet.Field}, {"delivery.line2", privacy.OrderDeliveryLine2.Field},
		{"delivery.postcode", privacy.OrderDeliveryPostcode.Field}, {"delivery.city", privacy.OrderDeliveryCity.Field},
		{"delivery.region", privacy.OrderDeliveryRegion.Field},
		{"billing.name", privacy.OrderBillingName.Field}, {"billing.company", privacy.OrderBillingCompany.Field},
		{"billing.street", privacy.OrderBillingStreet.Field}, {"billing.line2", privacy.OrderBillingLine2.Field},
		{"billing.postcode", privacy.OrderBillingPostcode.Field}, {"billing.city", privacy.OrderBillingCity.Field},
		{"billing.region", privacy.OrderBillingRegion.Field},
	}
}

const personalColumns = `email, phone, note, delivery_name, delivery_company, delivery_street, delivery_line2,
	delivery_postcode, delivery_city, delivery_region, billing_name, billing_company, billing_street, billing_line2,
	billing_postcode, billing_city, billing_region`

// texts are the clear texts of the sealed columns. Billing is kept in any case: it stays under the fiscal key.
func (d Details) texts() [fieldCount]string {
	l, b := d.Delivery, d.Billing
	if !d.BillingDiffers {
		b = l
	}
	return [fieldCount]string{d.Email, d.Phone, d.Note, l.Name, l.Company, l.Street, l.Line2, l.Postcode, l.City, l.Region,
		b.Name, b.Company, b.Street, b.Line2, b.Postcode, b.City, b.Region}
}

// firstBilling is the position of the first column of the billing address.
const firstBilling = 10

func (r sealedRow) withoutBilling() sealedRow {
	for i := firstBilling; i < fieldCount; i++ {
		r[i] = nil
	}
	return r
}

func detailsOf(t [fieldCount]string, m meta) Details {
	d := Details{Email: t[0], Phone: t[1], Note: t[2], BillingDiffers: m.differs,
		Delivery: Recipient{Name: t[3], Company: t[4], Street: t[5], Line2: t[6], Postcode: t[7], City: t[8], Region: t[9],
			Country: m.delivery},
		Billing: Recipient{Name: t[10], Company: t[11], Street: t[12], Line2: t[13], Postcode: t[14], City: t[15],
			Region: t[16], Country: m.billing}}
	if !m.differs {
		d.Billing = d.Delivery
	}
	return d
}

// meta is what stands in clear beside the sealed columns.
type meta struct {
	subject           id.ID
	delivery, billing string // countries
	differs           bool
}

// seal seals the details for a row. It comes before the transaction that writes them.
func (s *Service) seal(ctx context.Context, subject, row id.ID, d Details) (r sealedRow, err error) {
	all, texts := fields(), d.texts()
	for i, f := range all {
		if texts[i] == "" {
			continue
		}
		if r[i], err = s.d.Vault.Seal(ctx, f.field, subject, row, vault.Typed(texts[i])); err != nil {
			return r, err
		}
	}
	return r, nil
}

// reveal gives the details of an order or draft in clear, to the person whose they are or to a job of the store.
func (s *Service) reveal(ctx context.Context, row, subject id.ID, who access.Actor) (Details, error) {
	var sealed sealedRow
	var m meta
	err := s.read(ctx, func(tx *db.Tx) (err error) { sealed, m, err = personalOf(tx, row); return err })
	if err != nil {
		return Details{}, err
	}
	if !m.differs {
		sealed = sealed.withoutBilling() // it equals delivery: no need to open the fiscal key
	}
	texts, err := s.open(ctx, sealed, subject, row, vault.Look{Actor: who, Purpose: vault.Fulfilment, Object: "order",
		ObjectID: row, Reason: "order"})
	return detailsOf(texts, m), err
}

// open reveals a row's columns. Each column is asked for with the purpose that it is sealed for.
func (s *Service) open(ctx context.Context, r sealedRow, subject, row id.ID, l vault.Look) (texts [fieldCount]string, err error) {
	byPurpose := map[vault.Purpose][]int{}
	for i, f := range fields() {
		if len(r[i]) > 0 {
			byPurpose[f.field.Purpose] = append(byPurpose[f.field.Purpose], i)
		}
	}
	for purpose, columns := range byPurpose {
		l.Purpose = purpose
		list := make([]vault.Personal, len(columns))
		for k, i := range columns {
			list[k] = s.d.Vault.Sealed(fields()[i].field, subject, row, r[i])
		}
		clear, err := s.d.Vault.Reveal(ctx, l, list...)
		if err != nil {
			return texts, err
		}
		for k, i := range columns {
			texts[i] = clear[k]
		}
	}
	return texts, nil
}

func personalOf(tx *db.Tx, row id.ID) (r sealedRow, m meta, err error) {
	var differs int64
	into := []any{&m.subject, &m.delivery, &m.billing, &differs}
	for i := range r {
		into = append(into, &r[i])
	}
	err = tx.QueryRow(`SELECT subject, delivery_country, billing_country, billing_differs, `+personalColumns+`
		FROM order_personal WHERE order_id = $1`, row).Scan(into...)
	m.differs = differs != 0
	if db.IsNoRows(err) {
		err = errNotFound
	}
	return r, m, err
}

func (d Details) billingCountry() string {
	if d.BillingDiffers {
		return d.Billing.Country
	}
	return d.Delivery.Country
}

func insertPersonal(tx *db.Tx, row, subject id.ID, r sealedRow, d Details) error {
	args := []any{row, subject, d.Delivery.Country, d.billingCountry(), db.Bool(d.BillingDiffers)}
	for _, b := range r {
		args = append(args, b)
	}
	_, err := tx.Exec(`INSERT INTO order_personal (order_id, subject, delivery_country, billing_country, billing_differs, `+
		personalColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
		$20, $21, $22)`, args...)
	return err
}

// updatePersonal replaces all columns of a row.
func updatePersonal(tx *db.Tx, row id.ID, r sealedRow, d Details) error {
	args := []any{d.Delivery.Country, d.billingCountry(), db.Bool(d.BillingDiffers)}
	for _, b := range r {
		args = append(args, b)
	}
	_, err := tx.Exec(`UPDATE order_personal SET delivery_country = $1, billing_country = $2, billing_differs = $3,
		email = $4, phone = $5, note = $6, delivery_name = $7, delivery_company = $8, delivery_street = $9,
		delivery_line2 = $10, delivery_postcode = $11, delivery_city = $12, delivery_region = $13, billing_name = $14,
		billing_company = $15, billing_street = $16, billing_line2 = $17, billing_postcode = $18, billing_city = $19,
		billing_region = $20 WHERE order_id = $21`, append(args, row)...)
	return err
}

func setEmail(tx *db.Tx, row id.ID, sealed []byte) error {
	_, err := tx.Exec(`UPDATE order_personal SET email = $1 WHERE order_id = $2`, sealed, row)
	return err
}

// dropFulfilment forgets all but the billing address.
func dropFulfilment(tx *db.Tx, row id.ID) error {
	_, err := tx.Exec(`UPDATE order_personal SET email = NULL, phone = NULL, note = NULL, delivery_name = NULL,
		delivery_company = NULL, delivery_street = NULL, delivery_line2 = NULL, delivery_postcode = NULL,
		delivery_city = NULL, delivery_region = NULL WHERE order_id = $1`, row)
	if err == nil {
		_, err = tx.Exec(`DELETE FROM order_unlisted WHERE order_id = $1`, row)
	}
	return err
}

// dropPersonal forgets a row.
func dropPersonal(tx *db.Tx, row id.ID) error {
	_, err := tx.Exec(`DELETE FROM order_personal WHERE order_id = $1`, row)
	return err
}

// foldEmail is the form in which two addresses are compared: the case of letters does not matter.
func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// equal compares two keyed hashes without telling how much of them agrees.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
