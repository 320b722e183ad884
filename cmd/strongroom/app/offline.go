package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
)

// openOffline makes the payments that come by another way than a provider's page. What came is told to payments, which
// then ask as they ask any provider.
func (s *Store) openOffline() { s.Offline = offline.New(offline.Deps{DB: s.Data, Audit: s.Audit}) }

// joinOffline ties them to payments and orders, once all three are there.
func (s *Store) joinOffline() error {
	s.Offline.SetPaid(func(ctx context.Context, reference string) error {
		p, err := s.Payment.ByReference(ctx, reference)
		if err == nil {
			_, err = s.Payment.Refresh(ctx, p.ID)
		}
		return err
	}, s.Order.AskForTransfer)
	return errors.Join(job.Every(s.Jobs, "payment.remind", time.Hour, func(ctx context.Context) error {
		return s.Offline.Remind(ctx, s.Order.AskForTransfer)
	}))
}

// instructions are what the shopper of a payment must know, if it comes by another way.
func (s *Store) instructions(ctx context.Context, v id.ID) (i offline.Instructions, ok bool, err error) {
	if v.IsZero() {
		return i, false, nil
	}
	p, err := s.Payment.Get(ctx, v)
	if err != nil || p.Provider != string(offline.Transfer) {
		return i, false, err
	}
	return s.Offline.Of(ctx, p.Reference)
}

// transferMaker takes the account that transfers go to.
func (s *Store) transferMaker() payment.Maker {
	return payment.Maker{Label: s.Texts.For(s.c.Shop.DefaultLanguage).T("payment.method_transfer"), Inside: true,
		Fields: []payment.Field{{Name: "holder", Max: 70}, {Name: "iban", Max: 42}, {Name: "bic", Max: 11, Optional: true}, {Name: "bank", Max: 70, Optional: true}, {Name: "days", Max: 2, Optional: true}},
		Check: func(v map[string]string, _ payment.Mode) (field, key string) {
			if _, err := offline.CheckIBAN(v["iban"]); err != nil {
				return "iban", fault.As(err).Key
			}
			if _, ok := holdOf(v["days"]); !ok {
				return "days", "provider.transfer_days_wrong"
			}
			return "", ""
		},
		New: func(v map[string]string, e payment.Env) (payment.Gateway, error) {
			hold, _ := holdOf(v["days"])
			return s.Offline.Gateway(offline.Settings{Method: offline.Transfer, Mode: e.Mode, Origin: s.c.Shop.PublicURL, Hold: hold,
				Bank: offline.Bank{Holder: v["holder"], IBAN: v["iban"], BIC: v["bic"], Name: v["bank"]}})
		}}
}

// holdOf is for how many days goods are held for a transfer: a week if nobody says.
func holdOf(days string) (time.Duration, bool) {
	if days == "" {
		days = "7"
	}
	n, err := strconv.Atoi(days)
	d := time.Duration(n) * 24 * time.Hour
	return d, err == nil && d >= offline.MinHold && d <= offline.MaxHold
}
