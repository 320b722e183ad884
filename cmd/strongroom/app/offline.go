package app

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/shop/delivery"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
)

// openOffline makes the payments that come by another way than a provider's page. What came is told to payments, which
// then ask as they ask any provider.
func (s *Store) openOffline() {
	s.Offline = offline.New(offline.Deps{DB: s.Data, Audit: s.Audit, Kept: payment.BookKept})
}

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
	if err != nil || p.Provider != string(offline.Transfer) && p.Provider != string(offline.PickUp) {
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
			if _, ok := holdOf(v["days"], weekOf); !ok {
				return "days", "provider.transfer_days_wrong"
			}
			return "", ""
		},
		New: func(v map[string]string, e payment.Env) (payment.Gateway, error) {
			hold, _ := holdOf(v["days"], weekOf)
			return s.Offline.Gateway(offline.Settings{Method: offline.Transfer, Mode: e.Mode, Origin: s.c.Shop.PublicURL, Hold: hold,
				Bank: offline.Bank{Holder: v["holder"], IBAN: v["iban"], BIC: v["bic"], Name: v["bank"]}})
		}}
}

// counterMaker takes for how long goods are kept that are paid when they are picked up, and up to which sum.
func (s *Store) counterMaker() payment.Maker {
	return payment.Maker{Label: s.Texts.For(s.c.Shop.DefaultLanguage).T("payment.method_pickup"), Inside: true, Lacks: s.noPickUp,
		Fields: []payment.Field{{Name: "days", Max: 2, Optional: true}, {Name: "most", Max: 20, Optional: true}},
		Check: func(v map[string]string, _ payment.Mode) (field, key string) {
			if _, ok := holdOf(v["days"], counterDays); !ok {
				return "days", "provider.transfer_days_wrong"
			}
			if _, ok := s.mostOf(v["most"]); !ok {
				return "most", "provider.pickup_most_wrong"
			}
			return "", ""
		},
		New: func(v map[string]string, e payment.Env) (payment.Gateway, error) {
			hold, _ := holdOf(v["days"], counterDays)
			most, _ := s.mostOf(v["most"])
			return s.Offline.Gateway(offline.Settings{Method: offline.PickUp, Mode: e.Mode, Origin: s.c.Shop.PublicURL, Hold: hold, Most: most})
		}}
}

// noPickUp says that nothing can be picked up in this shop.
func (s *Store) noPickUp(ctx context.Context) (string, error) {
	list, err := s.Delivery.Methods(ctx)
	for _, m := range list {
		if m.Active && m.Kind == delivery.PickUp {
			return "", err
		}
	}
	return "place", err
}

// mostOf is the greatest sum that may be paid at pick-up: 200 units of the shop's currency if nobody says, and 20,000 of one
// that has no smaller coin.
func (s *Store) mostOf(typed string) (money.Amount, bool) {
	if typed == "" {
		if typed = "200"; s.c.Shop.Currency.Digits() == 0 {
			typed = "20000"
		}
	}
	most, err := money.Parse(strings.ReplaceAll(typed, ",", "."), s.c.Shop.Currency)
	return most, err == nil && most > 0
}

// For how many days goods are held if nobody says.
const (
	weekOf      = 7
	counterDays = 5
)

// holdOf is for how many days goods are held.
func holdOf(days string, usual int) (time.Duration, bool) {
	if days == "" {
		days = strconv.Itoa(usual)
	}
	n, err := strconv.Atoi(days)
	d := time.Duration(n) * 24 * time.Hour
	return d, err == nil && d >= offline.MinHold && d <= offline.MaxHold
}
