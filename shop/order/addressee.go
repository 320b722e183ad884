package order

import (
	"context"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Addressee is whom a letter about an order or a withdrawal was written to.
type Addressee struct {
	Order   id.ID // zero for a withdrawal that belongs to no known order
	Number  string
	Subject id.ID
	Email   string // as it is now; empty when it was erased
}

// Addressee finds whom letters about an object go to, in the name of the post. An object that is gone has none.
func (s *Service) Addressee(ctx context.Context, object id.ID) (a Addressee, err error) {
	defer fault.Wrap(&err, "order: addressee")
	var email vault.Personal
	err = s.read(ctx, func(tx *db.Tx) error {
		o, err := byID(tx, object)
		if err == nil {
			a = Addressee{Order: o.ID, Number: o.Number, Subject: o.Subject}
			return nil
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		w, err := withdrawalOf(tx, object)
		if err != nil {
			return err
		}
		a = Addressee{Order: w.order, Subject: w.subject}
		email = s.withdrawalFields(w)[1]
		return nil
	})
	if fault.Is(err, fault.NotFound) || db.IsNoRows(err) {
		return Addressee{}, nil
	}
	if err != nil {
		return a, err
	}
	if email.IsZero() {
		d, err := s.reveal(ctx, a.Order, a.Subject, access.System("post"))
		if vault.Erased(err) || fault.Is(err, fault.Gone) {
			return a, nil
		}
		a.Email = d.Email
		return a, err
	}
	texts, err := s.d.Vault.Reveal(ctx, vault.Look{Actor: access.System("post"), Purpose: privacy.WithdrawalEmail.Field.Purpose,
		Reason: "bounce", Object: "withdrawal", ObjectID: object}, email)
	if vault.Erased(err) {
		return a, nil
	}
	if err == nil {
		a.Email = texts[0]
	}
	return a, err
}
