package paypal

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"strongroom/shop/payment"
)

const (
	maxNotice = 64 << 10
	verifying = 4 * time.Second // the door waits for 8
	verifiers = 4               // notices that PayPal is asked about at the same time
)

// transmission is what the headers of a notice say.
type transmission struct {
	Algorithm string          `json:"auth_algo"`
	Cert      string          `json:"cert_url"`
	ID        string          `json:"transmission_id"`
	Signature string          `json:"transmission_sig"`
	Time      string          `json:"transmission_time"`
	Webhook   string          `json:"webhook_id"`
	Event     json.RawMessage `json:"webhook_event,omitempty"`
}

var (
	transmissionForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{7,49}$|^[0-9]+[A-Za-z-][A-Za-z0-9-]{7,48}$`)
	certForm         = regexp.MustCompile(`^/v1/notifications/certs/CERT-[A-Za-z0-9-]{1,100}$`)
)

// readTransmission reads the five headers, each of which must be there once. Only what PayPal may have sent costs a
// question: a certificate of another host is nobody's.
func (g *Gateway) readTransmission(h http.Header) (t transmission, ok bool) {
	for name, to := range map[string]*string{"Paypal-Auth-Algo": &t.Algorithm, "Paypal-Cert-Url": &t.Cert,
		"Paypal-Transmission-Id": &t.ID, "Paypal-Transmission-Sig": &t.Signature, "Paypal-Transmission-Time": &t.Time} {
		values := h.Values(name)
		if len(values) != 1 || values[0] == "" || len(values[0]) > 500 || !printable(values[0]) {
			return t, false
		}
		*to = values[0]
	}
	t.Webhook = g.o.WebhookID
	_, terr := time.Parse(time.RFC3339, t.Time)
	_, serr := base64.StdEncoding.Strict().DecodeString(t.Signature)
	u, uerr := url.Parse(t.Cert)
	if terr != nil || serr != nil || uerr != nil || t.Webhook == "" || t.Algorithm != "SHA256withRSA" || !transmissionForm.MatchString(t.ID) {
		return t, false
	}
	secure := u.Scheme == "https" || strings.HasPrefix(g.o.BaseURL, u.Scheme+"://")
	return t, secure && slices.Contains(g.certs, u.Host) && certForm.MatchString(u.Path) && u.RawQuery == "" && u.User == nil && u.Fragment == ""
}

// ParseNotice has PayPal itself say whether it sent the notice, over the raw bytes. There is no window of time: PayPal
// repeats a notice for three days, and the service takes each event once and asks for what it claims. An error other
// than ErrNotice says that nobody could be asked.
func (g *Gateway) ParseNotice(ctx context.Context, _ time.Time, header http.Header, body []byte) (payment.Notice, error) {
	t, ok := g.readTransmission(header)
	if !ok || len(body) > maxNotice || !bytes.HasPrefix(body, []byte("{")) || !bytes.HasSuffix(body, []byte("}")) || !json.Valid(body) {
		return payment.Notice{}, payment.ErrNotice
	}
	if err := g.verify(ctx, t, body); err != nil {
		return payment.Notice{}, err
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil || !g.mine(e) {
		return payment.Notice{}, payment.ErrNotice
	}
	n := e.notice()
	n.Account, n.Mode = g.o.Account, g.o.Mode
	return n, nil
}

// verify asks PayPal, once: a notice costs whoever sends it nothing, and us a question with the shop's own keys. Of more
// at the same time than a shop gets, the rest waits for its turn, and comes again if that is not soon. The event goes back
// byte for byte as it came: the signature is over a sum of these bytes, which no library may put into another order or
// another spelling.
func (g *Gateway) verify(ctx context.Context, t transmission, body []byte) error {
	ctx, done := context.WithTimeout(ctx, verifying)
	defer done()
	select {
	case g.verifying <- struct{}{}:
		defer func() { <-g.verifying }()
	case <-ctx.Done():
		return fmt.Errorf("%w: too many notices at the same time", payment.ErrTemporary)
	}
	in, err := json.Marshal(t)
	if err != nil {
		return payment.ErrNotice
	}
	in = slices.Concat(in[:len(in)-1], []byte(`,"webhook_event":`), body, []byte("}"))
	var a struct {
		Status string `json:"verification_status"`
	}
	err = g.call(ctx, ask{method: http.MethodPost, path: "/v1/notifications/verify-webhook-signature", body: in, form: "application/json", once: true}, &a)
	var r *refusal
	switch {
	case errors.As(err, &r) && (r.status == http.StatusBadRequest || r.status == http.StatusNotFound || r.status == http.StatusUnprocessableEntity):
		return payment.ErrNotice // PayPal does not take it for one of its own
	case err != nil:
		return err
	case a.Status != "SUCCESS":
		return payment.ErrNotice
	}
	return nil
}

// event is a notice. Of what it tells about money nothing is read.
type event struct {
	ID       string    `json:"id"`
	Type     string    `json:"event_type"`
	Created  time.Time `json:"create_time"`
	Resource resource  `json:"resource"`
	Links    []link    `json:"links"`
}

// resource is an order, an authorisation, a capture, a refund or a dispute.
type resource struct {
	ID     string `json:"id"`
	Order  string `json:"order_id"`
	Custom string `json:"custom_id"`
	Units  []unit `json:"purchase_units"`
	Payee  struct {
		Merchant string `json:"merchant_id"`
	} `json:"payee"`
	Also struct {
		Related related `json:"related_ids"`
	} `json:"supplementary_data"`
	Links    []link     `json:"links"`
	Dispute  string     `json:"dispute_id"`
	Disputed []disputed `json:"disputed_transactions"`
}

// mine says whether a genuine notice is of our mode and, as far as it names one, of our account.
func (g *Gateway) mine(e event) bool {
	if e.ID == "" || len(e.ID) > 200 || len(e.Type) > 200 || !printable(e.ID+e.Type) {
		return false
	}
	for _, l := range e.Links {
		if u, err := url.Parse(l.Href); err != nil || !slices.Contains(g.certs, u.Host) {
			return false
		}
	}
	accounts := []string{e.Resource.Payee.Merchant}
	for _, u := range e.Resource.Units {
		accounts = append(accounts, u.Payee.Merchant)
	}
	for _, d := range e.Resource.Disputed {
		accounts = append(accounts, d.Seller.Merchant)
	}
	return !slices.ContainsFunc(accounts, func(a string) bool { return a != "" && a != g.o.Account })
}

// notice says whom the event is about. An event of a kind that we do not know is about nobody, and is known from now on.
func (e event) notice() payment.Notice {
	n := payment.Notice{ID: e.ID, Kind: e.Type, At: e.Created.UTC()}
	r := e.Resource
	switch {
	case strings.HasPrefix(e.Type, "CHECKOUT."):
		n.Ref = r.ID
		if r.Order != "" {
			n.Ref = r.Order
		}
		if len(r.Units) > 0 {
			n.Reference = ours(r.Units[0].Custom)
		}
	case strings.HasPrefix(e.Type, "PAYMENT.REFUND."), e.Type == "PAYMENT.CAPTURE.REFUNDED", e.Type == "PAYMENT.CAPTURE.REVERSED":
		n.Charge, n.Reference = above(r), ours(r.Custom)
	case strings.HasPrefix(e.Type, "PAYMENT.CAPTURE."), strings.HasPrefix(e.Type, "PAYMENT.AUTHORIZATION."):
		n.Ref, n.Charge, n.Reference = r.Also.Related.Order, r.ID, ours(r.Custom)
	case strings.HasPrefix(e.Type, "CUSTOMER.DISPUTE."):
		n.Dispute = r.Dispute
		if len(r.Disputed) > 0 {
			n.Charge, n.Reference = r.Disputed[0].Charge, ours(r.Disputed[0].Custom)
		}
	}
	for _, s := range []*string{&n.Ref, &n.Charge, &n.Dispute} {
		if !idForm.MatchString(*s) {
			*s = ""
		}
	}
	return n
}

// ours is the reference in a custom_id: of an order and its money, or the key of a refund, which begins with it.
func ours(custom string) string {
	if m := readMark(custom); m.reference != custom {
		return m.reference
	}
	if ref, _, _ := strings.Cut(custom, "-"); referenceForm.MatchString(ref) {
		return ref
	}
	return ""
}

// above is the capture that a refund is of, which only its links name.
func above(r resource) string {
	for _, l := range r.Links {
		if u, err := url.Parse(l.Href); err == nil && l.Rel == "up" && strings.Contains(u.Path, "/captures/") {
			return path.Base(u.Path)
		}
	}
	return ""
}
