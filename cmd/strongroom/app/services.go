package app

import (
	"context"
	"errors"
	"time"

	"strongroom/base/config"
	"strongroom/base/job"
	"strongroom/front/letters"
	"strongroom/front/storefront"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/pagewatch"
	"strongroom/guard/privacy"
	"strongroom/guard/safety"
	"strongroom/guard/staff"
	"strongroom/shop/cart"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/export"
	"strongroom/shop/fraud"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
	"strongroom/shop/payment/setup"
	"strongroom/shop/person"
	"strongroom/shop/post"
	"strongroom/shop/price"
	"strongroom/shop/shopper"
	"strongroom/shop/stock"
)

// services is what the store does, in the order in which one stands on another.
type services struct {
	Audit    *audit.Log
	Identity *identity.Service
	Staff    *staff.Service
	Stock    *stock.Service
	Catalog  *catalog.Service
	Taxes    *price.Taxes
	Price    *price.Service
	Delivery *delivery.Service
	Cart     *cart.Service
	Payment  *payment.Service
	Fraud    *fraud.Service
	Setup    *setup.Service
	Order    *order.Service
	Export   *export.Service
	Person   *person.Service
	Shopper  *shopper.Service
	Pages    *storefront.Pages
	Post     *post.Service
	Letters  *letters.Writer
	Safety   *safety.Service
	Watch    *pagewatch.Service
	Offline  *offline.Service
}

// openServices makes the shop's services.
func (s *Store) openServices(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.openIdentity, s.openStaff, s.openGoods, s.openPrices, s.openPayments, s.openOrders, s.openPhones, s.openOutside, s.openUpkeep} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openGoods makes catalogue and stock, which tell each other what is sold out.
func (s *Store) openGoods(context.Context) error {
	s.Stock = stock.New(stock.Deps{DB: s.Data, Audit: s.Audit})
	s.Catalog = catalog.New(catalog.Deps{DB: s.Data, Stock: s.Stock, Blobs: s.Blobs, Currency: s.c.Shop.Currency,
		Languages: s.c.Shop.Languages, Audit: s.Audit})
	return s.Catalog.Register(s.Jobs)
}

// openPrices makes what a basket costs: taxes, codes, delivery, and the basket itself.
func (s *Store) openPrices(ctx context.Context) (err error) {
	shop := s.c.Shop
	rules := s.c.Taxes
	if rules.Home == "" {
		rules = price.DefaultRules(shop.Country)
	}
	if s.Taxes, err = price.LoadTaxes(rules); err != nil {
		return &Error{Kind: BadConfig, Cause: err, What: "the rules of tax cannot be used: " + err.Error(), Do: "Correct [tax]."}
	}
	mode := price.Inclusive
	if shop.PriceMode == config.Exclusive {
		mode = price.Exclusive
	}
	s.Price = price.New(price.Deps{DB: s.Data, Audit: s.Audit, Hash: s.Vault.MAC})
	s.Delivery = delivery.New(delivery.Deps{DB: s.Data, Audit: s.Audit, Zone: shop.TimeZone})
	s.Cart = cart.New(cart.Deps{DB: s.Data, Catalog: s.Catalog, Stock: s.Stock, Price: s.Price, Taxes: s.Taxes,
		Delivery: s.Delivery, Mode: mode, Home: shop.Country, Language: shop.DefaultLanguage, Zone: shop.TimeZone, MAC: s.Vault.MAC})
	return errors.Join(s.Delivery.Seed(ctx, shop), s.Price.Register(s.Jobs), s.Cart.Register(s.Jobs))
}

// openOrders makes the orders, whom payments answer, and the letters about them.
func (s *Store) openOrders(context.Context) (err error) {
	if s.Fraud, err = fraud.New(fraud.Deps{DB: s.Data, Audit: s.Audit, Jobs: s.Jobs, MAC: s.Vault.MAC, Sign: s.Vault.Sign, Crowd: s.crowd(), Log: s.c.Log}); err != nil {
		return err
	}
	s.Order, err = order.New(order.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Jobs: s.Jobs, Events: s.Bus, Shop: s.c.Shop,
		Catalog: s.Catalog, Stock: s.Stock, Price: s.Price, Taxes: s.Taxes, Delivery: s.Delivery, Cart: s.Cart,
		Payment: s.Payment, AtShipment: s.c.Payment.AtShipment, Fraud: s.Fraud, Second: s.Staff, Alone: s.c.Staff.RefundAlone, PlaceLimit: 60 * s.crowd(), Log: s.c.Log})
	if err != nil {
		return err
	}
	s.Shopper = shopper.New(shopper.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Identity: s.Identity})
	if err := errors.Join(s.employ(), s.reunite(), s.joinOffline()); err != nil {
		return err
	}
	if s.Pages, err = storefront.LoadPages(s.own(), &s.c.Shop, s.Texts); err != nil {
		return err
	}
	if err = s.openPost(); err != nil {
		return err
	}
	s.Letters, err = letters.New(letters.Deps{Orders: s.Order, Identity: s.Identity, Staff: s.Staff, Texts: s.Texts, Pages: s.Pages, Mail: s.Mail, Jobs: s.Jobs, Post: s.Post, Words: ownWords{s.Identity}, Transfer: s.instructions, Money: s.Payment,
		Shop: s.c.Shop, Log: s.c.Log})
	return err
}

// logKeyLife is how long one key seals the origins in the audit log, so that old ones can be forgotten together.
const logKeyLife = 30 * 24 * time.Hour

// originsUntil is the moment before which the origins and reasons in the audit log are no longer to be read. One key seals
// a month of them, so that it goes when its last entry is as old as the declared term less that month: the first entry
// has reached the term then.
func originsUntil(now time.Time) time.Time {
	return now.Add(logKeyLife).AddDate(0, 0, -privacy.AuditOrigin.Keep.Days)
}

// openUpkeep registers what keeps the vault in order: subjects that a crash left between the databases, erasures that
// were written down, and the keys of the audit log.
func (s *Store) openUpkeep(context.Context) error {
	return errors.Join(
		job.Every(s.Jobs, "vault.sweep", 10*time.Minute, func(ctx context.Context) error {
			_, err := s.Vault.Sweep(ctx, s.Order, s.Identity, s.Staff, s.Export)
			return err
		}),
		job.Every(s.Jobs, "vault.erase", time.Minute, func(ctx context.Context) error {
			_, err := s.Vault.EraseIntended(ctx, s.Data)
			return err
		}),
		job.Every(s.Jobs, "vault.log_key", 24*time.Hour, func(ctx context.Context) error {
			return errors.Join(s.Vault.FreshLogKey(ctx, logKeyLife), s.Vault.DropLogKeys(ctx, originsUntil(s.c.Clock.Now())))
		}))
}
