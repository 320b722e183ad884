package order

import (
	"time"

	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/shop/fraud"
)

// Review is what the second page of the checkout shows: everything computed just now by the server.
type Review struct {
	Lines    []Line
	Taxes    []Tax
	Currency money.Currency
	Mode     string

	Goods, Discount, Shipping, Net, Tax, Total money.Amount

	Code      string
	Offer     string
	OfferName string
	PickUp    bool
	DaysMin   int
	DaysMax   int
	From      time.Time // the days on which the delivery is expected, if it were ordered now; zero if unknown
	Until     time.Time
	Details   Details
	// Attempt goes into a hidden field of the form and comes back in Place: the attempt's id and what is shown here,
	// signed. It holds nothing personal.
	Attempt string
	// Changes are what differs from an earlier review, when Place refused it.
	Changes []Change
}

// Placed is the answer of Place.
type Placed struct {
	Order   id.ID
	Number  string
	Browser id.Token // goes into a cookie of the browser that placed the order; opens this order only
	Again   bool     // the attempt had placed this order before
}

// View is what somebody with a token for one order sees of it.
type View struct {
	Order
	Lines   []Line
	Taxes   []Tax
	Moves   []Move
	Details Details // in clear
	// CanPay says that the payment can be tried (again) now.
	CanPay bool
	// Stop says what the defence against fraud wants before the order can be paid.
	Stop fraud.State
	// Failed says that the last try to pay came to nothing: it was declined, or it did not arrive.
	Failed bool
	// Released says that a sum was held for the order and is held no more, so that it waits for its money again.
	Released bool
	// Provider is who the last try to pay was with, while the order waits for its money.
	Provider string
	// CanCorrect says that this browser may still correct the e-mail address, and Corrections how often.
	CanCorrect  bool
	Corrections int
	// WithdrawUntil is the last moment of the withdrawal period; zero while the goods are not delivered.
	WithdrawUntil time.Time
	// LinkUntil is when the mailed link ends.
	LinkUntil time.Time
	// Parcels are what has left, the oldest first, and Steps how far the goods came when.
	Parcels []OwnParcel
	Steps   []ParcelMove

	shipped []shipmentRow
}

// OwnParcel is a parcel as its buyer sees it.
type OwnParcel struct {
	Carrier, Tracking string // in clear
	Lines             []Pieces
	SentAt, Delivered time.Time // Delivered is zero until it is known
}

// Receipt is the answer to a withdrawal: the shop has it since then.
type Receipt struct {
	Number string // as understood, or empty
	At     time.Time
	Again  bool // the same statement had been sent before
}

// Withdrawal is the statement of somebody who withdraws from a contract, in clear, as its form has it.
type Withdrawal struct {
	Name, Number, Email string
	Lines               string // which goods, in the person's words; empty means everything
	Attempt             string // unique id from the form
	Language            string // of the page, for the receipt
}
