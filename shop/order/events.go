package order

import "strongroom/base/id"

// OrderPlaced says that an order was placed.
type OrderPlaced struct {
	Order id.ID
	Total int64
}

// EventName names the event.
func (OrderPlaced) EventName() string { return "order.placed" }

// OrderRefused says that placing was refused, because something had changed or was gone.
type OrderRefused struct {
	Cart   id.ID
	Reason string
}

// EventName names the event.
func (OrderRefused) EventName() string { return "order.refused" }

// OrderMoved says that an order went from one state to another.
type OrderMoved struct {
	Order    id.ID
	From, To string
	Reason   string
}

// EventName names the event.
func (OrderMoved) EventName() string { return "order.moved" }

// LateMoney says that money came for an order that was closed or paid already. Outcome is "reserved_again" or
// "sent_back"; both are worth an alarm.
type LateMoney struct {
	Order, Payment id.ID
	Outcome        string
}

// EventName names the event.
func (LateMoney) EventName() string { return "order.late_money" }

// EmailCorrected says that the browser that placed an order corrected its e-mail address.
type EmailCorrected struct{ Order id.ID }

// EventName names the event.
func (EmailCorrected) EventName() string { return "order.email_corrected" }

// LinkRenewed says that a new link is on its way to the address on the order.
type LinkRenewed struct{ Order id.ID }

// EventName names the event.
func (LinkRenewed) EventName() string { return "order.link_renewed" }

// LinkRefused says that somebody asked for a link with a number and an address that do not belong together.
type LinkRefused struct{ Request id.ID }

// EventName names the event.
func (LinkRefused) EventName() string { return "order.link_refused" }

// Withdrawn says that a withdrawal was declared. Order is zero while it is not known which order it is about.
type Withdrawn struct{ Withdrawal, Order id.ID }

// EventName names the event.
func (Withdrawn) EventName() string { return "order.withdrawn" }

// OrderErased says that the person of an order cannot be read any more.
type OrderErased struct{ Order id.ID }

// EventName names the event.
func (OrderErased) EventName() string { return "order.erased" }
