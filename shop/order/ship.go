package order

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// Carriers are the words by which the store knows who delivers; "other" is anybody else. Each has a name under
// "order.carrier_" and the word.
func Carriers() []string {
	return []string{"dhl", "dpd", "gls", "hermes", "ups", "fedex", "post", "postnl", "bpost", "laposte", "correos", "own", "other"}
}

// Pieces is a number of pieces of one line of an order.
type Pieces struct {
	Position int
	Quantity int64
}

// Dispatch says what leaves.
type Dispatch struct {
	Number   string
	Carrier  string   // one of Carriers; empty for an order that is picked up
	Tracking string   // number of the parcel, if there is one
	Lines    []Pieces // nil: all that has not left yet
	Attempt  string   // unique id from the form: a second click sends nothing
	Seen     *int64   // Desk.Version of the page; nil does not ask
	LetGo    bool     // of a held sum: what is not among Lines is not sent at all, and its price not taken
}

// Shipment is a parcel that left, or goods that lie ready to be picked up.
type Shipment struct {
	ID        id.ID
	Carrier   string
	Tracking  vault.Personal
	Lines     []Pieces
	SentAt    time.Time
	Delivered time.Time // zero until it is known
}

var (
	errNothingLeft = fault.New(fault.Conflict, "order.nothing_to_send")
	trackingForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ./-]{3,49}$`)
)

func (d Dispatch) check(o Order) error {
	f := fault.New(fault.Invalid, "order.dispatch_invalid")
	if !o.PickUp && !slices.Contains(Carriers(), d.Carrier) {
		f.WithField("carrier", "order.carrier_missing", nil)
	}
	if d.Tracking != "" && !trackingForm.MatchString(d.Tracking) {
		f.WithField("tracking", "order.tracking_invalid", nil)
	}
	for _, l := range d.Lines {
		if l.Quantity <= 0 {
			f.WithField("lines", "order.pieces_invalid", nil)
		}
	}
	if len(d.Attempt) == 0 || len(d.Attempt) > 64 {
		return fault.New(fault.Malformed, "order.attempt_unknown")
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// Ship says that goods of a paid order left, or that they lie ready to be picked up, paid or to be paid then: all that is
// left of it, or some pieces of some lines. The buyer is told by mail. The same attempt is one shipment, however often it is
// sent. A sum that is held is taken first, once; nothing leaves before the provider has said that it is.
func (s *Service) Ship(ctx context.Context, who access.Actor, d Dispatch) (sh Shipment, err error) {
	defer fault.Wrap(&err, "order: ship")
	o, err := s.forStaff(ctx, who, access.OrderShip, "order.ship", d.Number)
	if err != nil {
		return sh, err
	}
	if o.PickUp {
		d.Carrier, d.Tracking = "", ""
	}
	d.Tracking = strings.TrimSpace(d.Tracking)
	if err := d.check(o); err != nil {
		return sh, err
	}
	if o.State == Authorised {
		if err := s.takeFor(ctx, who, o, &d); err != nil {
			return sh, err
		}
	}
	sh = Shipment{ID: id.New(s.d.DB.Clock().Now(), nil), Carrier: d.Carrier}
	sealed, err := s.d.Vault.Seal(ctx, privacy.OrderTracking.Field, o.Subject, sh.ID, vault.Typed(d.Tracking))
	if err != nil {
		return sh, err
	}
	sh.Tracking = s.d.Vault.Sealed(privacy.OrderTracking.Field, o.Subject, sh.ID, sealed)
	err = s.write(ctx, func(tx *db.Tx) error {
		again, err := s.ship(tx, who, o.ID, d, &sh, sealed)
		if again {
			sh, err = s.shipmentByAttempt(tx, o, d.Attempt)
		}
		return err
	})
	return sh, err
}

// ship writes a shipment. Again means that the attempt made it before.
func (s *Service) ship(tx *db.Tx, who access.Actor, order id.ID, d Dispatch, sh *Shipment, tracking []byte) (again bool, err error) {
	o, err := byID(tx, order)
	if err != nil {
		return false, err
	}
	sh.SentAt = tx.Now()
	fresh, err := insertShipment(tx, o.ID, *sh, tracking, s.proof("ship", []byte(d.Attempt)))
	if err != nil || !fresh {
		return err == nil, err
	}
	if err := sameSince(tx, o.ID, d.Seen, 1); err != nil {
		return false, err
	}
	if !o.State.Settled() && !o.AtCounter() || o.Parcel != ToSend && o.Parcel != PartlySent {
		return false, errNothingLeft
	}
	if err := s.looked(tx, o); err != nil {
		return false, err
	}
	if sh.Lines, err = sendLines(tx, o.ID, sh.ID, d.Lines); err != nil {
		return false, err
	}
	left, err := piecesLeft(tx, o.ID)
	if err != nil {
		return false, err
	}
	to := Sent
	if left > 0 {
		to = PartlySent
	}
	if err := s.moveParcel(tx, &o, to, BecauseSent, who, sh.ID); err != nil {
		return false, err
	}
	if to == Sent {
		if err := endAssignment(tx, o.ID, "sent"); err != nil {
			return false, err
		}
		if o.AtCounter() {
			if err := s.keptReady(tx, o); err != nil {
				return false, err
			}
		}
	}
	var n int64
	for _, l := range sh.Lines {
		n += l.Quantity
	}
	if err := s.entry(tx, who, "order.ship", o, "", audit.Fact{Key: "pieces", Int: n}, audit.Fact{Key: "left", Int: left},
		audit.Fact{Key: "carrier", Text: d.Carrier}); err != nil {
		return false, err
	}
	return false, s.letter(tx, Letter{Kind: LetterSent, Order: o.ID, Shipment: sh.ID})
}

// sendLines counts the pieces as sent, with guarded updates; nil wants means all that is left.
func sendLines(tx *db.Tx, order, shipment id.ID, wants []Pieces) ([]Pieces, error) {
	if wants == nil {
		left, err := linesLeft(tx, order)
		if err != nil {
			return nil, err
		}
		wants = left
	}
	if len(wants) == 0 {
		return nil, errNothingLeft
	}
	for _, w := range wants {
		ok, err := sendPieces(tx, order, w)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "order.too_many_pieces").WithField("lines", "order.too_many_pieces", nil)
		}
		if err != nil {
			return nil, err
		}
		if err := insertShipmentLine(tx, shipment, w); err != nil {
			return nil, err
		}
	}
	return wants, nil
}

// Deliver says that everything of an order that left has arrived, or was picked up. The time for withdrawal begins.
// at is when; zero means now, and the future is refused.
func (s *Service) Deliver(ctx context.Context, who access.Actor, number string, at time.Time) (err error) {
	defer fault.Wrap(&err, "order: deliver")
	o, err := s.forStaff(ctx, who, access.OrderShip, "order.deliver", number)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *db.Tx) error {
		if o, err = byID(tx, o.ID); err != nil {
			return err
		}
		if at.IsZero() {
			at = tx.Now()
		}
		if at.After(tx.Now()) || at.Before(o.PlacedAt) {
			return fault.New(fault.Invalid, "order.delivered_when").WithField("at", "order.delivered_when", nil)
		}
		if o.AtCounter() {
			return fault.New(fault.Conflict, "order.counter_unpaid")
		}
		if o.Parcel != Sent {
			return fault.New(fault.Conflict, "order.not_sent")
		}
		if err := s.moveParcel(tx, &o, Delivered, BecauseArrived, who, id.ID{}); err != nil {
			return err
		}
		if err := setDelivered(tx, o.ID, at); err != nil {
			return err
		}
		return s.entry(tx, who, "order.deliver", o, "")
	})
}

// forStaff lets who pass, or writes the refusal down, and finds the order. A refusal comes before the look-up, so that
// it says nothing about which numbers exist.
func (s *Service) forStaff(ctx context.Context, who access.Actor, p access.Permission, action, number string) (o Order, err error) {
	if err := s.d.Audit.Allow(ctx, who, p, audit.Act{Action: action, Object: "order"}); err != nil {
		return o, err
	}
	err = s.read(ctx, func(tx *db.Tx) error {
		var ok bool
		if o, ok, err = byNumber(tx, id.ParseNumber(number)); err != nil || !ok {
			return orNotFound(err)
		}
		return nil
	})
	return o, err
}

// entry writes the audit entry of an act of staff on an order.
func (s *Service) entry(tx *db.Tx, who access.Actor, action string, o Order, reason string, facts ...audit.Fact) error {
	return s.d.Audit.Record(tx, audit.Entry{Actor: who, Action: action, Object: "order", ObjectID: o.ID, Reason: reason,
		Outcome: audit.Done, Facts: facts})
}
