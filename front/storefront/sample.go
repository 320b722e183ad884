package storefront

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"time"

	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/shop/order"
)

// The sample order is an order of nobody's. Whoever has its token, which only the watch over these pages gets, sees the
// pages of an order as a shopper would, though nothing was ordered; every form on them leads to an order that is not there.

// sampleVisit is the token of the sample order in the hour of a moment.
func (s *Storefront) sampleVisit(at time.Time) id.Token {
	sum := sha256.Sum256(s.MAC([]byte("sample order " + strconv.FormatInt(at.Unix()/3600, 10))))
	return id.Token(base64.RawURLEncoding.EncodeToString(sum[:]))
}

// isSample says whether a token opens the sample order: that of this hour, or of the last one.
func (s *Storefront) isSample(visit id.Token) bool {
	now, ok := s.Clock.Now(), 0
	for _, at := range [...]time.Time{now, now.Add(-time.Hour)} {
		ok |= subtle.ConstantTimeCompare([]byte(visit.Clear()), []byte(s.sampleVisit(at).Clear()))
	}
	return ok == 1
}

// opened is the order that a token opens.
func (s *Storefront) opened(ctx context.Context, visit id.Token) (order.View, error) {
	if visit != "" && s.isSample(visit) {
		return s.sample(true), nil
	}
	return s.Order.Open(ctx, visit)
}

// returned is the order of somebody who comes back from the provider.
func (s *Storefront) returned(ctx context.Context, visit id.Token) (order.View, error) {
	if visit != "" && s.isSample(visit) {
		return s.sample(false), nil
	}
	return s.Order.Returned(ctx, visit)
}

// sample is an order that waits for its payment. Its addresses are the shop's own.
func (s *Storefront) sample(canPay bool) order.View {
	now := s.Clock.Now()
	price := money.Amount(1000)
	return order.View{
		Order: order.Order{Number: "0000-0000", State: order.AwaitingPayment, Language: s.Shop.DefaultLanguage, Country: s.Shop.Country, Currency: s.Shop.Currency,
			Mode: s.Shop.PriceMode, Goods: price, Net: price, Total: price, OfferName: "–", PlacedAt: now, PayUntil: now.Add(30 * time.Minute)},
		Lines:      []order.Line{{Position: 1, Name: "–", Quantity: 1, Unit: price, Gross: price, Net: price, Total: price}},
		Details:    order.Details{Email: s.Shop.Email, Delivery: order.Recipient{Name: s.Shop.LegalName, Country: s.Shop.Country}},
		CanPay:     canPay,
		CanCorrect: true,
		LinkUntil:  now.Add(24 * time.Hour),
	}
}
