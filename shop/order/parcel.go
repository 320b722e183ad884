package order

import (
	"fmt"
	"slices"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
)

// Parcel is how far the goods of an order are. It stands beside State, which is about the money: an order can be partly
// refunded and delivered. The numbers are stored and never change their meaning.
type Parcel uint8

// The steps of the goods.
const (
	NothingToSend Parcel = 0 // not paid (but for orders that are paid where they are picked up), cancelled, or all of it refunded before it left
	ToSend        Parcel = 1
	PartlySent    Parcel = 2
	Sent          Parcel = 3 // for picking up: ready
	Delivered     Parcel = 4
)

var parcelNames = [...]string{"nothing", "to_send", "partly_sent", "sent", "delivered"}

// String is the step's name for machines; message keys are "order.parcel_" and this.
func (p Parcel) String() string {
	if int(p) < len(parcelNames) {
		return parcelNames[p]
	}
	return ""
}

// ParseParcel reads what String writes.
func ParseParcel(name string) (Parcel, bool) {
	i := slices.Index(parcelNames[:], name)
	return Parcel(max(i, 0)), i >= 0
}

// Reasons of the goods' moves that no move of the money has.
const (
	BecauseSent      Reason = "sent"
	BecauseArrived   Reason = "arrived"
	BecauseRestGone  Reason = "rest_refunded" // what was not sent yet was refunded
	BecauseReturned  Reason = "returned"      // of a refund: goods came back
	BecauseGoodwill  Reason = "goodwill"      // of a refund: nothing comes back
	BecauseStaffPaid Reason = "cancelled_paid_by_shop"
)

type step struct{ from, to Parcel }

// parcelMoves is the table of what may happen to an order's goods, and why.
var parcelMoves = map[step][]Reason{
	{NothingToSend, ToSend}:     {BecausePaid, BecauseFree, BecauseLate, BecauseHeld, BecauseCounter},
	{ToSend, PartlySent}:        {BecauseSent},
	{ToSend, Sent}:              {BecauseSent},
	{PartlySent, PartlySent}:    {BecauseSent},
	{PartlySent, Sent}:          {BecauseSent, BecauseRestGone},
	{Sent, Delivered}:           {BecauseArrived, BecauseHandedOver},
	{ToSend, Delivered}:         {BecauseHandedOver},
	{PartlySent, Delivered}:     {BecauseHandedOver},
	{ToSend, NothingToSend}:     {BecauseStaff, BecauseStaffPaid, BecauseRefunded, BecauseRestGone, BecauseHoldEnded, BecauseReleased, BecauseNotCollected},
	{PartlySent, NothingToSend}: {BecauseNotCollected},
	{Sent, NothingToSend}:       {BecauseNotCollected},
}

// ParcelMove is one row of the goods' history.
type ParcelMove struct {
	From, To Parcel
	Reason   Reason
	Actor    string
	Shipment id.ID
	At       time.Time
}

// moveParcel takes the goods from one step to another, if the table allows it for that reason, and leaves a row and an
// event. It is the only way to another step. The act's audit entry is the caller's.
func (s *Service) moveParcel(tx *db.Tx, o *Order, to Parcel, why Reason, who access.Actor, shipment id.ID) error {
	if !slices.Contains(parcelMoves[step{o.Parcel, to}], why) {
		return fmt.Errorf("order: goods that are %s may not become %s because of %s", o.Parcel, to, why)
	}
	if err := setParcel(tx, *o, to); err != nil {
		return err
	}
	m := ParcelMove{From: o.Parcel, To: to, Reason: why, Actor: actorName(who), Shipment: shipment, At: tx.Now()}
	if err := insertParcelMove(tx, o.ID, m); err != nil {
		return err
	}
	from := o.Parcel
	o.Parcel = to
	return tx.Emit(ParcelMoved{Order: o.ID, From: from.String(), To: to.String(), Reason: string(why)})
}

// ParcelMoved says that the goods of an order went from one step to another.
type ParcelMoved struct {
	Order    id.ID
	From, To string
	Reason   string
}

// EventName names the event.
func (ParcelMoved) EventName() string { return "order.parcel_moved" }
