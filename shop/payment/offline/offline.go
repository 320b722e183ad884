// Package offline takes money that comes by another way than a provider's page: by bank transfer, or at the counter when
// the goods are picked up. It fulfils payment.Gateway over tables of its own, so that orders, the ledger, refunds and late
// money work as with any provider; what the provider says elsewhere, staff say here.
//
// # The way of a transfer
//
// Start writes down what is owed and until when the goods are held; the payment is pending from then on and the order with
// it. The shopper is told account, sum and purpose (Instructions). Staff write down what came (Receive): all of it makes
// the payment paid; less leaves it pending, and the rest is asked for; more is put on the list of what is to be sent back.
// When nothing has come by the end, the payment expires, and what had come by then goes back, too. Money that comes after
// the end is late money like any other.
//
// # The way of a payment at pick-up
//
// The payment is pending while the goods are prepared and lie ready. Who hands them over writes down the whole sum and how it
// was paid (HandOver); another sum is refused. The order ends the wait, because it knows when the goods came to lie ready:
// Expire is the truth at once, since nothing can be on its way.
//
// # What is held beside the orders
//
// A part of a transfer, and what came too much, is in the ledger from the day on which it was written down (account
// "kept"), until it becomes a payment or somebody says that it was sent back.
//
// # Sending back
//
// A refund is a row that waits until somebody says that it was sent (Sent). Nothing leaves by itself.
package offline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/money"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// Method is a way in which money comes.
type Method string

// The methods. Their words are names of gateways.
const (
	Transfer Method = "transfer"
	PickUp   Method = "pickup"
)

// account is whose money it is: the number that transfers go to, so that another number is another account, and nobody
// puts hers in its place without what the store wants for that. What comes at the counter comes to the shop itself.
func (b Bank) account() string {
	if b.IBAN == "" {
		return "own"
	}
	return b.IBAN
}

// Bank is where transfers go.
type Bank struct {
	Holder string
	IBAN   string // as CheckIBAN writes it
	BIC    string // may be empty within the European Economic Area
	Name   string // of the bank, for people
}

// Deps are what both methods stand on.
type Deps struct {
	DB    *db.DB
	Audit *audit.Log
	// Paid is told that a payment may have moved, by its reference: it has the payments ask this package.
	Paid func(ctx context.Context, reference string) error
	// Kept books what is held beside what orders have paid, inside the transaction, by the payment's reference. Nil: nobody
	// keeps books.
	Kept func(tx *db.Tx, reference, key string, amount money.Amount) error
	// Short is told, inside the transaction, that less came than is owed.
	Short func(tx *db.Tx, number string) error
}

// Service is what both methods share: the tables, and the desk's work.
type Service struct{ d Deps }

// New makes it.
func New(d Deps) *Service { return &Service{d} }

// SetPaid says who is told. It is called once, while the program is wired.
func (s *Service) SetPaid(paid func(ctx context.Context, reference string) error, short func(tx *db.Tx, number string) error) {
	s.d.Paid, s.d.Short = paid, short
}

// Settings are one method, switched on.
type Settings struct {
	Method Method
	Mode   payment.Mode
	Origin string        // the shop's own
	Hold   time.Duration // how long the goods are held for it
	Bank   Bank          // of Transfer
	Most   money.Amount  // the greatest sum; 0 for any
}

// The bounds of a hold: money over a weekend and a holiday, and no shelf that is empty for a month.
const (
	MinHold = 24 * time.Hour
	MaxHold = 30 * 24 * time.Hour
)

// Gateway is one method as payments see it.
type Gateway struct {
	s *Service
	c Settings
}

var _ payment.Gateway = (*Gateway)(nil)

// Gateway switches a method on.
func (s *Service) Gateway(c Settings) (*Gateway, error) {
	switch {
	case c.Method != Transfer && c.Method != PickUp:
		return nil, fmt.Errorf("offline: %q is no method", c.Method)
	case c.Hold < MinHold || c.Hold > MaxHold:
		return nil, errors.New("offline: goods are held for 1 to 30 days")
	case c.Most < 0 || money.Check(c.Most) != nil:
		return nil, errors.New("offline: the greatest sum makes no sense")
	case c.Method == Transfer && c.Bank.Holder == "":
		return nil, errors.New("offline: transfers need the name of the account's holder")
	}
	if c.Method == Transfer {
		iban, err := CheckIBAN(c.Bank.IBAN)
		if err != nil {
			return nil, err
		}
		c.Bank.IBAN = iban
	} else {
		c.Bank = Bank{}
	}
	return &Gateway{s, c}, nil
}

// Describe says who it is.
func (g *Gateway) Describe() payment.Description {
	return payment.Description{Name: string(g.c.Method), Label: string(g.c.Method), Account: g.c.Bank.account(), Mode: g.c.Mode, Origin: g.c.Origin,
		Methods: []string{string(g.c.Method)}, Late: true, Hold: g.c.Hold, Offline: true, Counter: g.c.Method == PickUp, Most: g.c.Most}
}

// Inspect says whose account it is: there are no keys to test.
func (g *Gateway) Inspect(context.Context) (payment.KeyReport, error) {
	return payment.KeyReport{Account: g.c.Bank.account(), Name: g.c.Bank.Holder, Mode: g.c.Mode}, nil
}

// Start writes down what is owed.
func (g *Gateway) Start(ctx context.Context, r payment.StartRequest) (ses payment.Session, err error) {
	if r.Key == "" || r.Reference == "" || r.Amount <= 0 || money.Check(r.Amount) != nil || !r.Currency.Known() {
		return ses, fmt.Errorf("%w: what is owed makes no sense", payment.ErrRejected)
	}
	err = g.s.d.DB.Write(ctx, func(tx *db.Tx) error {
		w := row{Ref: "off_" + r.Reference, Key: r.Key, Method: g.c.Method, Mode: g.c.Mode, Reference: r.Reference, Number: r.Order, Amount: r.Amount,
			Currency: r.Currency, Bank: g.c.Bank, Status: payment.StatusPending, Until: tx.Now().Add(g.c.Hold), Made: tx.Now()}
		if err := insertRow(tx, w); err != nil {
			return err
		}
		is, ok, err := byKey(tx, r.Key)
		if err != nil {
			return err
		}
		if !ok || is.Reference != w.Reference || is.Amount != w.Amount || is.Currency != w.Currency || is.Mode != w.Mode || is.Method != w.Method {
			return fmt.Errorf("%w: the key belongs to another payment", payment.ErrRejected)
		}
		ses, err = session(tx, is)
		return err
	})
	return ses, err
}

// Fetch says how it stands.
func (g *Gateway) Fetch(ctx context.Context, ref string) (ses payment.Session, err error) {
	err = g.s.d.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := g.row(tx, ref)
		if err == nil {
			ses, err = session(tx, r)
		}
		return err
	})
	return ses, err
}

// Expire ends the wait: for a transfer when its time is over, because before that the money may be on its way; at pick-up at
// once, because nothing is.
func (g *Gateway) Expire(ctx context.Context, _, ref string) (ses payment.Session, err error) {
	err = g.s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := g.row(tx, ref); err != nil {
			return err
		}
		if err := lockRow(tx, ref); err != nil { // who writes money down at the same moment was first, or comes after
			return err
		}
		r, err := g.row(tx, ref)
		if err != nil {
			return err
		}
		if r.Status == payment.StatusPending && (r.Method == PickUp || !tx.Now().Before(r.Until)) {
			r.Status = payment.StatusExpired
			if err := moveRow(tx, r, payment.StatusPending); err != nil {
				return err
			}
			if err := sendBackRest(tx, r); err != nil {
				return err
			}
		}
		ses, err = session(tx, r)
		return err
	})
	return ses, err
}

// Capture never happens: nothing is held here before it is there.
func (g *Gateway) Capture(ctx context.Context, _, ref string, _ money.Amount) (payment.Session, error) {
	return payment.Session{}, g.declined(ctx, ref)
}

// Void never happens, either.
func (g *Gateway) Void(ctx context.Context, _, ref string) (payment.Session, error) {
	return payment.Session{}, g.declined(ctx, ref)
}

func (g *Gateway) declined(ctx context.Context, ref string) error {
	if _, err := g.Fetch(ctx, ref); err != nil {
		return err
	}
	return fmt.Errorf("%w: no sum is held", payment.ErrDeclined)
}

// Refund puts a sum on the list of what is to be sent by hand. The same key is one refund.
func (g *Gateway) Refund(ctx context.Context, key, ref string, amount money.Amount) (a payment.RefundAnswer, err error) {
	err = g.s.d.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := g.row(tx, ref)
		if err != nil {
			return err
		}
		if err := lockRow(tx, ref); err != nil {
			return err
		}
		is, ok, err := returnByKey(tx, ref, key)
		switch {
		case err != nil:
			return err
		case ok && is.Amount != amount:
			return fmt.Errorf("%w: the key belongs to another refund", payment.ErrRejected)
		case ok:
			a = is.answer()
			return nil
		}
		given, err := returned(tx, ref, kindRefund)
		if err != nil {
			return err
		}
		if r.Status != payment.StatusPaid || amount <= 0 || amount > r.Amount-given {
			return fmt.Errorf("%w: more than what came", payment.ErrDeclined)
		}
		is = Return{ID: tx.NewID(), Ref: ref, Key: key, Kind: kindRefund, Amount: amount, Made: tx.Now()}
		a = is.answer()
		return insertReturn(tx, is)
	})
	return a, err
}

// ParseNotice believes nobody: nobody sends notices here.
func (g *Gateway) ParseNotice(context.Context, time.Time, http.Header, []byte) (payment.Notice, error) {
	return payment.Notice{}, payment.ErrNotice
}

// refForm is what sessions are called here. Databases differ in what they make of other texts.
var refForm = regexp.MustCompile(`^off_[A-Za-z0-9]{1,64}$`)

// row is the row of a session of this method and mode.
func (g *Gateway) row(tx *db.Tx, ref string) (row, error) {
	if !refForm.MatchString(ref) {
		return row{}, payment.ErrNotFound
	}
	r, ok, err := byRef(tx, ref)
	if err == nil && (!ok || r.Method != g.c.Method || r.Mode != g.c.Mode) {
		err = payment.ErrNotFound
	}
	return r, err
}

// session is a row as payments read it.
func session(tx *db.Tx, r row) (payment.Session, error) {
	ses := payment.Session{Ref: r.Ref, Charge: r.Ref, Status: r.Status, Amount: r.Amount, Currency: r.Currency, Reference: r.Reference, Account: r.Bank.account(), Mode: r.Mode,
		Expires: r.Until}
	if r.Status != payment.StatusPaid {
		return ses, nil
	}
	ses.Captured = r.Amount
	list, err := returnsOf(tx, r.Ref)
	for _, x := range list {
		if x.Kind != kindRefund {
			continue
		}
		ses.Refunds = append(ses.Refunds, x.answer())
		if x.Sent {
			ses.Refunded += x.Amount
		}
	}
	return ses, err
}

// Micros of the clock are what tables hold.
func micros(t time.Time) int64 { return clock.Micros(t) }
