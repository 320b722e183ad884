package order

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/money"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/cart"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/fraud"
	"strongroom/shop/payment"
	"strongroom/shop/price"
	"strongroom/shop/stock"
)

// Catalogue is what an order asks the catalogue: *catalog.Service, and a shelf of their own in tests.
type Catalogue interface {
	Items(ctx context.Context, lang string, variants []id.ID) (map[id.ID]catalog.Item, error)
}

// Deps are what the service stands on.
type Deps struct {
	DB       *db.DB
	Vault    *vault.Vault
	Audit    *audit.Log
	Jobs     *job.Queue
	Events   *event.Bus
	Shop     config.Shop
	Catalog  Catalogue
	Stock    *stock.Service
	Price    *price.Service
	Taxes    *price.Taxes
	Delivery *delivery.Service
	Cart     *cart.Service
	Payment  *payment.Service
	Fraud    *fraud.Service // nil: nothing is held or refused
	Log      *slog.Logger
	// AtShipment has money held, by the providers that can, and taken when the goods leave.
	AtShipment bool
	// Session is how long the provider's page can be paid on (default 30 minutes).
	Session time.Duration
	// Second is who finds a second person for refunds above Alone; nil refuses them to staff.
	Second SecondPerson
	// Alone is what one member of the staff may give back of an order by herself, in minor units (nil: 20,000), and
	// five times as much in a day.
	Alone *money.Amount
	// PlaceLimit is how many orders one network may place in an hour (default 60).
	PlaceLimit int64
	// ReturnPath and CancelPath are where the provider sends the browser, with {lang} for the order's language and
	// {payment} for the payment's public reference. They hold no secret.
	ReturnPath, CancelPath string
}

// Times and counts of the service.
const (
	reserveMargin = 5 * time.Minute     // goods stay reserved that much longer than the provider's page lives
	pendingLife   = 14 * 24 * time.Hour // how long a payment may be on its way
	retryLife     = 24 * time.Hour      // how long the buyer has when such a payment failed
	askAgain      = 24 * time.Hour      // how long an order stays open past its time while the provider says "pending"
	postponed     = 2 * time.Minute     // until an order is looked at again whose provider did not answer
	draftLife     = 7 * 24 * time.Hour
	renewalLife   = time.Hour
	tellAfter     = 10 * time.Minute // a buyer who has not paid by then gets the confirmation with a button to pay
	sweepBatch    = 100
	maxPayments   = 5 // sessions that one order may start
)

// Service is the orders of the store.
type Service struct {
	d      Deps
	log    *slog.Logger
	number func() string // draws an order number
}

// New makes the service, registers its jobs and makes it the one whom payments tell of their moves.
func New(d Deps) (*Service, error) {
	if d.Session == 0 {
		d.Session = 30 * time.Minute
	}
	if d.PlaceLimit == 0 {
		d.PlaceLimit = 60
	}
	if d.Alone == nil {
		d.Alone = new(money.Amount)
		*d.Alone = 20_000
	}
	if d.ReturnPath == "" {
		d.ReturnPath = "/{lang}/order/return"
	}
	if d.CancelPath == "" {
		d.CancelPath = "/{lang}/order"
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Shop.TimeZone == nil {
		return nil, errors.New("order: the store has no time zone")
	}
	s := &Service{d: d, log: d.Log, number: id.NewNumber}
	if d.Payment != nil {
		d.Payment.SetPayee(s)
	}
	return s, s.register()
}

func (s *Service) register() error {
	q := s.d.Jobs
	for _, err := range []error{
		job.Every(q, "order.expire", time.Minute, s.ExpireDue),
		job.Every(q, "order.tell", time.Minute, s.TellUntold),
		job.Every(q, "order.collect", time.Hour, s.RemindToCollect),
		job.Every(q, "order.list", listEvery, s.MakeFindable),
		job.Every(q, "order.sweep", time.Hour, s.Sweep),
		job.Handle(q, "order.renew", job.Options{}, s.renew),
		job.Handle(q, "order.close_payments", job.Options{Outside: true}, s.closePayments),
		job.Handle(q, "order.match", job.Options{}, s.match),
		event.On(s.d.Events, "order", s.refundConfirmed),
		event.On(s.d.Events, "order", s.freed),
	} {
		if err != nil {
			return fmt.Errorf("order: %w", err)
		}
	}
	return nil
}

func (s *Service) read(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Read(ctx, fn)
}

func (s *Service) write(ctx context.Context, fn func(tx *db.Tx) error) error {
	return s.d.DB.Write(ctx, fn)
}

// proof is a keyed hash of something that is compared or counted and must not be kept.
func (s *Service) proof(label string, data []byte) []byte { return s.d.Vault.MAC("order."+label, data) }

// network is what a request is counted by: a single IPv4 address, and a /56 of IPv6.
func network(a netip.Addr) []byte {
	if a = a.Unmap(); a.Is6() {
		p, err := a.WithZone("").Prefix(56)
		if err != nil {
			return nil
		}
		a = p.Addr()
	}
	return a.AsSlice()
}
