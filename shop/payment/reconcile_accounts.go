package payment

import (
	"context"
	"slices"

	"strongroom/base/db"
)

// compared are the accounts that are compared, those that are on first: what is switched off as well, as long as its keys
// are there, because refunds, disputes, fees and the last payout come after the last payment. An account that no order was
// ever paid at is left alone until it is on: what moves there is not the store's.
func (s *Service) compared(ctx context.Context) (list []till, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		list = list[:0]
		for _, on := range []bool{true, false} {
			for _, o := range s.offers() {
				at := o.Describe().till()
				if o.On != on || slices.Contains(list, at) {
					continue
				}
				used, err := wasUsed(tx, at)
				if err != nil {
					return err
				}
				if o.On || used {
					list = append(list, at)
				}
			}
		}
		return nil
	})
	return list, err
}

// wasUsed says whether an account was compared before, or an order was paid there.
func wasUsed(tx *db.Tx, at till) (bool, error) {
	_, known, err := readRun(tx, at)
	if err == nil && !known {
		_, known, err = firstPayment(tx, at)
	}
	return known, err
}

// Compared names the providers that are compared, on or off, each once.
func (s *Service) Compared(ctx context.Context) (names []string, err error) {
	list, err := s.compared(ctx)
	for _, at := range list {
		if !slices.Contains(names, at.Provider) {
			names = append(names, at.Provider)
		}
	}
	return names, err
}
