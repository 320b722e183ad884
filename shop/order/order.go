// Package order turns a cart into an order and takes it through its life.
//
// # The way of an order
//
// Draft seals what a guest typed, under keys of its own. Review computes the totals afresh and signs what it shows.
// Place makes the order in one transaction, once for each attempt. Pay opens the provider's page. What the provider
// says arrives through PaymentMoved, inside the payment's transaction. Whatever was not paid in time is closed by
// ExpireDue, and only after the provider has confirmed that nobody can pay any more.
//
// # Who may look
//
// The browser that placed the order carries a token for that one order. Everybody else comes through the link in the
// mail: Enter swaps it for a visit. A number and an e-mail address open nothing; all they can do is have a new link
// sent to the address that stands on the order (Renew).
//
// # What an order holds
//
// An order copies what it needs of the catalogue: names, numbers, prices, rates, the language. Names and addresses are
// sealed under the keys of the order's own subject; the draft is made with the order's later id, so that nothing has
// to be sealed again when it is placed.
package order

import (
	"time"

	"strongroom/base/id"
	"strongroom/base/money"
)

// State is where an order stands. The numbers are stored and never change their meaning.
type State uint8

// The states. Delivery adds its own later.
const (
	AwaitingPayment State = 1 // placed; goods are reserved
	PaymentPending  State = 2 // the provider has accepted a payment that takes days
	Paid            State = 3
	Expired         State = 4 // not paid in time; goods are free again
	Cancelled       State = 5
	PartlyRefunded  State = 6
	Refunded        State = 7
	Authorised      State = 8 // the sum is held by the provider and taken when the goods leave: not paid
)

const lastState = Authorised

var stateNames = [...]string{"", "awaiting_payment", "payment_pending", "paid", "expired", "cancelled",
	"partly_refunded", "refunded", "authorised"}

// String is the state's name for machines; message keys are "order.state_" and this.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return ""
}

// ParseState reads what String writes.
func ParseState(name string) (State, bool) {
	for i, n := range stateNames {
		if n == name && i > 0 {
			return State(i), true
		}
	}
	return 0, false
}

// Open says whether the order still waits for its money.
func (s State) Open() bool { return s == AwaitingPayment || s == PaymentPending }

// Settled says whether the order was paid at some time and not wholly refunded.
func (s State) Settled() bool { return s == Paid || s == PartlyRefunded }

// Sendable says whether goods may be made ready to leave: the money is there, or held for them.
func (s State) Sendable() bool { return s.Settled() || s == Authorised }

// Reason says why a move happened.
type Reason string

// The reasons. They are stored with each move.
const (
	BecausePlaced   Reason = "placed"
	BecausePaid     Reason = "paid"
	BecauseFree     Reason = "nothing_to_pay"
	BecausePending  Reason = "payment_pending"
	BecauseFailed   Reason = "payment_failed"
	BecauseExpired  Reason = "not_paid_in_time"
	BecauseLate     Reason = "late_money_reserved_again"
	BecauseSentBack Reason = "late_money_sent_back"
	BecauseRefunded Reason = "refunded"
	BecauseStaff    Reason = "cancelled_by_shop"

	BecauseHeld      Reason = "sum_held"
	BecauseTaken     Reason = "held_sum_taken"
	BecauseHoldEnded Reason = "held_sum_gone"     // at the provider: its time was over, or somebody let it go there
	BecauseReleased  Reason = "held_sum_released" // by the shop
)

// move is one allowed step of an order.
type move struct{ from, to State }

// moves is the table of what may happen to an order, and why. What is not listed does not happen.
var moves = map[move][]Reason{
	{0, AwaitingPayment}:              {BecausePlaced},
	{AwaitingPayment, PaymentPending}: {BecausePending, BecauseCounter},
	{AwaitingPayment, Paid}:           {BecausePaid, BecauseFree},
	{AwaitingPayment, Expired}:        {BecauseExpired},
	{AwaitingPayment, Cancelled}:      {BecauseStaff},
	{PaymentPending, AwaitingPayment}: {BecauseFailed, BecauseNotCollected},
	{PaymentPending, Paid}:            {BecausePaid, BecauseHandedOver},
	{PaymentPending, Expired}:         {BecauseExpired, BecauseFailed},
	{PaymentPending, Cancelled}:       {BecauseStaff},
	{Expired, Paid}:                   {BecauseLate},
	{Expired, Refunded}:               {BecauseSentBack},
	{Cancelled, Refunded}:             {BecauseSentBack},
	{Paid, PartlyRefunded}:            {BecauseRefunded},
	{Paid, Refunded}:                  {BecauseRefunded},
	{PartlyRefunded, Refunded}:        {BecauseRefunded},
	{Paid, Cancelled}:                 {BecauseStaffPaid},
	{PartlyRefunded, Cancelled}:       {BecauseStaffPaid},
	{AwaitingPayment, Authorised}:     {BecauseHeld},
	{PaymentPending, Authorised}:      {BecauseHeld},
	{Authorised, Paid}:                {BecauseTaken},
	{Authorised, AwaitingPayment}:     {BecauseHoldEnded, BecauseReleased},
	{Authorised, Cancelled}:           {BecauseStaff},
}

// allowed says whether an order may move so, for that reason.
func allowed(from, to State, why Reason) bool {
	for _, r := range moves[move{from, to}] {
		if r == why {
			return true
		}
	}
	return false
}

// Order is the head of an order: ids, numbers and enum words, nothing personal.
type Order struct {
	ID       id.ID
	Number   string
	State    State
	Parcel   Parcel // how far the goods are
	Language string
	Country  string // of delivery
	Currency money.Currency
	Mode     string // "inclusive" or "exclusive"

	Goods, Discount, Shipping, Net, Tax, Total money.Amount

	Code      string // the discount code, if one was used
	Offer     string // key of the delivery offer
	OfferName string // in the order's language
	PickUp    bool
	Place     string // where to pick up: lines of an address of the shop
	DaysMin   int
	DaysMax   int
	Payment   id.ID // the payment that counts or is under way
	Subject   id.ID
	PlacedAt  time.Time
	PayUntil  time.Time // goods are reserved until then; of a held sum: until when the provider answers for it
	PaidAt    time.Time
	Delivered time.Time // zero until delivery is known
	ClosedAt  time.Time // expired, cancelled or wholly refunded
	Withdrawn time.Time // when a withdrawal was declared that belongs to it
	Refunded  money.Amount
	LetGo     money.Amount // of a held sum: what was never taken

	cart        id.ID
	cartProof   []byte // keyed hash of the cart's token
	attempt     []byte
	shown       []byte // digest of what the shopper agreed to
	generation  int64  // of the mailed link; a newer one replaces the older
	corrections int64  // of the e-mail address
	told        bool   // the confirmation was handed to the mailer
	method      string // the provider that the shopper chose last; empty: the first one
}

// Line is what was bought, copied from the catalogue when the order was placed.
type Line struct {
	Position  int
	Variant   id.ID
	Product   id.ID
	Handle    string
	SKU       string
	Name      string
	Options   string
	Image     string // reference of the picture
	Producer  string
	EUContact string
	TaxClass  string
	Quantity  int64
	Unit      money.Amount
	Gross     money.Amount // Unit times Quantity
	Discount  money.Amount
	Rate      int64 // parts per million
	Net, Tax  money.Amount
	Total     money.Amount // what is paid for the line
}

// Tax is the sum of one rate.
type Tax struct {
	Rate     int64 // parts per million
	Net, Tax money.Amount
}

// Change is one difference between what was shown and what is true now. The storefront renders it from its Key.
type Change struct {
	Key      string // "order.change_price", "order.change_quantity", ...
	Name     string // of the line, when it is about one
	From, To money.Amount
	FromN    int64
	ToN      int64
}

// Move is one row of an order's history.
type Move struct {
	From, To State
	Reason   Reason
	Actor    string
	At       time.Time
}
