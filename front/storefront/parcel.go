package storefront

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"strongroom/base/lang"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/order"
)

// history is what has happened to the money and to the goods, in one row of time.
func (s *Storefront) history(p *parts.Page, v order.View) []fact {
	type moment struct {
		at   time.Time
		text string
	}
	var all []moment
	for _, m := range v.Moves {
		all = append(all, moment{m.At, p.T("order.reason_" + string(m.Reason))})
	}
	for _, m := range v.Steps {
		if m.Reason == order.BecauseSent || m.Reason == order.BecauseArrived { // the rest follows from the money
			all = append(all, moment{m.At, p.T(v.StepKey(m.To))})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	out := make([]fact, len(all))
	for i, m := range all {
		out[i] = fact{m.text, p.P.DateTime(s.local(m.at))}
	}
	return out
}

// parcels are what has left: who brings it, under which number, and what is in it.
func (s *Storefront) parcels(p *parts.Page, v order.View) (out []parcelView) {
	if v.Parcel == order.NothingToSend {
		return nil // what lay ready and was not picked up
	}
	for _, x := range v.Parcels {
		row := parcelView{Heading: p.T("shop.parcel_ready"), Text: p.T("shop.parcel_since", "date", p.P.Date(s.local(x.SentAt))), Tracking: x.Tracking}
		if !v.PickUp {
			row.Heading = p.T("order.carrier_" + x.Carrier)
			row.Text = p.T("shop.parcel_sent", "date", p.P.Date(s.local(x.SentAt)))
		}
		if !x.Delivered.IsZero() {
			row.Text, row.Class = p.T("shop.parcel_arrived", "date", p.P.Date(s.local(x.Delivered))), "done"
		}
		row.Goods = goodsIn(p.P, v.Lines, x.Lines)
		out = append(out, row)
	}
	return out
}

// goodsIn are the goods of a parcel in one line.
func goodsIn(p *lang.Printer, lines []order.Line, pieces []order.Pieces) string {
	var out []string
	for _, x := range pieces {
		if i := slices.IndexFunc(lines, func(l order.Line) bool { return l.Position == x.Position }); i >= 0 {
			out = append(out, p.T("shop.n_times", "n", x.Quantity)+" "+lines[i].Name)
		}
	}
	return strings.Join(out, ", ")
}

// orderOwn adds what is there for who is signed in: the way back to all orders, and her address to keep.
func (s *Storefront) orderOwn(r *http.Request, p *orderPage, v order.View) error {
	who := whoOf(r)
	if who == nil {
		return nil
	}
	p.Account = p.To("/account/orders")
	if p.CanCorrect {
		known, err := s.shopper.Known(r.Context(), who)
		if err != nil {
			return err
		}
		p.CanCorrect = known.Email != v.Details.Email // a confirmed address needs no correction
	}
	if !p.Done || v.PickUp {
		return nil
	}
	token, offer, err := s.shopper.Offer(r.Context(), who, v.Details.Delivery)
	if err == nil && offer {
		p.Keep = &pair{web.TokenField, token}
	}
	return err
}
