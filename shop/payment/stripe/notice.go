package stripe

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"strongroom/shop/payment"
	"strongroom/shop/payment/signed"
)

// scheme is how Stripe signs.
var scheme = signed.Scheme{Header: "Stripe-Signature", MaxHeader: 2048, MaxSignatures: 6, Tolerance: Tolerance}

// readable are the versions of events that are read: ours, and those of earlier releases of the store until their
// subscription has been renewed. What is read of an event has had the same shape in all of them.
var readable = map[string]bool{Version: true}

// event is what is read of an event: what it is about, and no more, because the rest is asked for.
type event struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Type     string `json:"type"`
	Account  string `json:"account"`
	Version  string `json:"api_version"`
	Created  int64  `json:"created"`
	Livemode *bool  `json:"livemode"`
	Data     struct {
		Object struct {
			ID           string            `json:"id"`
			Object       string            `json:"object"`
			Reference    string            `json:"client_reference_id"`
			Charge       reference         `json:"charge"`
			LatestCharge reference         `json:"latest_charge"`
			Metadata     map[string]string `json:"metadata"`
		} `json:"object"`
	} `json:"data"`
}

// reference is a name, whether it stands alone or in what it names.
type reference string

// UnmarshalJSON reads either.
func (r *reference) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var o struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(b, &o)
		*r = reference(o.ID)
		return err
	}
	return json.Unmarshal(b, (*string)(r))
}

// readEvent reads a body that is known to be genuine; odd ones are refused all the same.
func readEvent(body []byte) (e event, ok bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&e); err != nil || d.More() {
		return e, false
	}
	o := e.Data.Object
	for _, s := range []string{e.ID, e.Type, o.Object} {
		if s == "" {
			return e, false
		}
	}
	for _, s := range []string{e.ID, e.Type, e.Account, o.Object, o.ID, o.Reference, string(o.Charge), string(o.LatestCharge), o.Metadata[metaReference]} {
		if len(s) > 200 || !signed.Printable(s) {
			return e, false
		}
	}
	return e, e.Object == "event" && e.Livemode != nil && e.Created >= 0 && e.Created < 1<<40
}

// ParseNotice believes a notice if exactly one header carries one time, within the tolerance, and a signature over that
// time and the raw body, and if it is about our account in our mode, in a version that we read. A genuine notice of
// another kind than those we subscribe to is believed and leads nowhere: refusing it would have Stripe repeat it for
// days, and the alarm would be false.
func (g *Gateway) ParseNotice(_ context.Context, now time.Time, header http.Header, body []byte) (payment.Notice, error) {
	if !scheme.Genuine(now, header, body, g.o.Secrets) {
		return payment.Notice{}, payment.ErrNotice
	}
	e, ok := readEvent(body)
	account := g.accountID()
	// An event of a connected account names it; one of our own does not.
	if !ok || account == "" || e.Account != "" && e.Account != account || *e.Livemode != g.live() || !readable[e.Version] {
		return payment.Notice{}, payment.ErrNotice
	}
	return e.notice(account), nil
}

// notice says what an event is about.
func (e event) notice(account string) payment.Notice {
	o := e.Data.Object
	n := payment.Notice{ID: e.ID, Kind: e.Type, Account: account, Mode: modeOf(*e.Livemode), At: time.Unix(e.Created, 0).UTC()}
	switch o.Object {
	case "checkout.session":
		n.Ref, n.Reference = o.ID, o.Reference
	case "charge":
		n.Charge, n.Reference = o.ID, o.Metadata[metaReference]
	case "refund":
		n.Charge, n.Reference = string(o.Charge), o.Metadata[metaReference]
	case "dispute":
		n.Dispute, n.Charge = o.ID, string(o.Charge)
	case "payment_intent":
		n.Charge, n.Reference = string(o.LatestCharge), o.Metadata[metaReference]
	}
	return n
}
