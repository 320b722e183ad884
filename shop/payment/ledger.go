package payment

import (
	"errors"
	"fmt"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
)

// The chart of accounts. A debit is above zero, a credit below. Receivable is kept for each order: below zero, the
// store owes the shopper. Each provider has a clearing account "provider.<name>": what it holds for the store.
const (
	Receivable = "receivable"
	Sales      = "sales"    // goods, net
	Shipping   = "shipping" // delivery, net
	Tax        = "tax"      // owed to the state
	Returns    = "returns"  // net, lowers sales
	Fees       = "fees"     // what providers keep
	Bank       = "bank"     // what they paid out
	Disputed   = "disputes" // what disputes have taken: a loss, unless it comes back
	Unclear    = "unclear"  // what moved at a provider and belongs to nothing that the store knows
	Kept       = "kept"     // what came by transfer and is no payment: a part, or too much; owed to who sent it
)

const clearing = "provider."

// Line is one entry of a booking.
type Line struct {
	Account string
	Amount  money.Amount // debit above zero, credit below
}

// Booking is one movement. Its key makes it happen once.
type Booking struct {
	Key      string
	Kind     string // sale, reversal, payment, refund, credit, fee, payout, dispute, unclear, kept
	Order    id.ID  // House for what belongs to no order
	Payment  id.ID
	Currency money.Currency
	Lines    []Line
}

var (
	// ErrUnbalanced is a booking whose lines do not sum to zero: an error of the program, and nothing is written.
	ErrUnbalanced = errors.New("payment: the booking does not sum to zero")
	errAccount    = errors.New("payment: no such account")
)

func (b Booking) check() error {
	var sum money.Amount
	for _, l := range b.Lines {
		switch l.Account {
		case Receivable, Sales, Shipping, Tax, Returns, Fees, Bank, Disputed, Unclear, Kept:
		default:
			if name, ok := strings.CutPrefix(l.Account, clearing); !ok || !nameForm.MatchString(name) {
				return fmt.Errorf("%w: %s", errAccount, l.Account)
			}
		}
		var err error
		if sum, err = money.Add(sum, l.Amount); err != nil {
			return err
		}
	}
	if sum != 0 || len(b.Lines) < 2 || b.Key == "" || b.Kind == "" || b.Order.IsZero() || b.Currency == "" {
		return ErrUnbalanced
	}
	return nil
}

// Post books a movement in the caller's transaction, once for its key; it says whether this call did.
func Post(tx *db.Tx, b Booking) (posted bool, err error) {
	defer fault.Wrap(&err, "payment: book %s", b.Key)
	lines := make([]Line, 0, len(b.Lines))
	for _, l := range b.Lines {
		if l.Amount != 0 {
			lines = append(lines, l)
		}
	}
	if b.Lines = lines; len(lines) == 0 {
		return false, nil // an order that costs nothing moves nothing
	}
	if err := b.check(); err != nil {
		return false, err
	}
	return insertBooking(tx, b)
}

// Sale is what an order owes. Turn tells the times apart that the same order is taken up: 1 for the first.
type Sale struct {
	Order    id.ID
	Turn     int64
	Currency money.Currency
	Goods    money.Amount // net, after discount
	Shipping money.Amount // net
	Tax      money.Amount
	Total    money.Amount
}

// BookSale books what an order owes, when it is placed or taken up again.
func BookSale(tx *db.Tx, s Sale) error {
	_, err := Post(tx, Booking{Key: saleKey(s.Order, s.Turn), Kind: "sale", Order: s.Order, Currency: s.Currency, Lines: []Line{
		{Receivable, s.Total}, {Sales, -s.Goods}, {Shipping, -s.Shipping}, {Tax, -s.Tax}}})
	return err
}

// ReverseSale takes back what is left of an order's claim, when the order expires or is cancelled: the sale less what was
// credited for goods that came back. What was not booked, or is taken back already, is not reversed.
func ReverseSale(tx *db.Tx, order id.ID) (err error) {
	defer fault.Wrap(&err, "payment: reverse a sale")
	sale, reversed, err := lastSale(tx, order)
	if err != nil || sale.Turn == 0 || reversed {
		return err
	}
	lines, err := claimOf(tx, order)
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].Amount = -lines[i].Amount
	}
	_, err = Post(tx, Booking{Key: reversalKey(order, sale.Turn), Kind: "reversal", Order: order, Currency: sale.Currency, Lines: lines})
	return err
}

// RenewSale books the claim again of an order that is taken up again, as its first sale was.
func RenewSale(tx *db.Tx, order id.ID) (err error) {
	defer fault.Wrap(&err, "payment: renew a sale")
	sale, reversed, err := lastSale(tx, order)
	if err != nil || sale.Turn == 0 || !reversed {
		return err
	}
	b, _, err := selectBooking(tx, saleKey(order, 1))
	if err != nil {
		return err
	}
	b.Key = saleKey(order, sale.Turn+1)
	_, err = Post(tx, b)
	return err
}

// lastSale is the newest turn of an order's claim, 0 if it has none, and whether that was taken back.
func lastSale(tx *db.Tx, order id.ID) (s Sale, reversed bool, err error) {
	for turn := int64(1); turn <= maxTurns; turn++ {
		b, ok, err := selectBooking(tx, saleKey(order, turn))
		if err != nil {
			return s, false, err
		}
		if !ok {
			break
		}
		s = Sale{Order: order, Turn: turn, Currency: b.Currency}
	}
	if s.Turn == 0 {
		return s, false, nil
	}
	_, reversed, err = selectBooking(tx, reversalKey(order, s.Turn))
	return s, reversed, err
}

// maxTurns bounds how often one order can be taken up again.
const maxTurns = 20

func reversalKey(order id.ID, turn int64) string { return fmt.Sprintf("reversal/%s/%d", order, turn) }

// House stands in the ledger where there is no order: fees of a day, payouts.
func House() id.ID { return id.ID{15: 1} }

func saleKey(order id.ID, turn int64) string { return fmt.Sprintf("sale/%s/%d", order, turn) }

// bookPayment: the provider holds the money, and the order owes that much less.
func bookPayment(tx *db.Tx, p Payment) error {
	_, err := Post(tx, Booking{Key: "payment/" + p.ID.String(), Kind: "payment", Order: p.Order, Payment: p.ID, Currency: p.Currency,
		Lines: []Line{{clearing + p.Provider, p.Captured}, {Receivable, -p.Captured}}})
	return err
}

// BookLetGo lowers what an order owes by what was held for it and not taken: that much less was sold.
func BookLetGo(tx *db.Tx, p Payment, amount, tax money.Amount) error {
	_, err := Post(tx, Booking{Key: "let-go/" + p.ID.String(), Kind: "credit", Order: p.Order, Payment: p.ID, Currency: p.Currency,
		Lines: []Line{{Returns, amount - tax}, {Tax, tax}, {Receivable, -amount}}})
	return err
}

// bookRefund: the provider holds less. A return or a goodwill also lowers what was sold, which is a booking of its own.
func bookRefund(tx *db.Tx, p Payment, f Refund) error {
	_, err := Post(tx, Booking{Key: "refund/" + f.ID.String(), Kind: "refund", Order: p.Order, Payment: p.ID, Currency: p.Currency,
		Lines: []Line{{Receivable, f.Amount}, {clearing + p.Provider, -f.Amount}}})
	if err != nil || (f.Reason != ForReturn && f.Reason != ForGoodwill) {
		return err
	}
	// An order that was cancelled since the refund was asked for has taken back its whole claim: nothing is left to lower.
	if _, reversed, err := lastSale(tx, p.Order); err != nil || reversed {
		return err
	}
	_, err = Post(tx, Booking{Key: "credit/" + f.ID.String(), Kind: "credit", Order: p.Order, Payment: p.ID, Currency: p.Currency,
		Lines: []Line{{Returns, f.Amount - f.Tax}, {Tax, f.Tax}, {Receivable, -f.Amount}}})
	return err
}

// BookKept books money that the store holds beside what orders have paid: a transfer that came in part, or too much of one.
// Above zero it came; below it became a payment, or was sent back. The reference is that of the payment which it came for;
// its own sums stay what they are.
func BookKept(tx *db.Tx, reference, key string, amount money.Amount) error {
	p, err := found(db.One(tx, scanPayment, selectPayment+`WHERE reference = $1`, reference))
	if err != nil {
		return err
	}
	_, err = Post(tx, Booking{Key: "kept/" + key, Kind: "kept", Order: p.Order, Currency: p.Currency,
		Lines: []Line{{clearing + p.Provider, amount}, {Kept, -amount}}})
	return err
}
