package paypal

import (
	"html/template"
	"net/http"
	"net/url"
	"time"
)

// shown is the hosted page. It has no field for a card, and names what each button will do.
var shown = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pay with PayPal (stand-in)</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}button{display:block;width:100%;margin:.5rem 0;padding:.75rem;font:inherit}</style>
<main><h1>Stand-in for PayPal</h1>
{{if .Open}}<p>{{.Email}} asks for <strong>{{.Value}} {{.Currency}}</strong>{{with .Invoice}} for order {{.}}{{end}}.</p>
<form method="post">
<button name="funding" value="balance">Pay now</button>
<button name="funding" value="declined">Pay with a card that will be declined</button>
<button name="funding" value="echeck">Pay by bank, which takes a while</button>
<button name="funding" value="bounces">Pay by bank, which will not come</button>
<button name="funding" value="cancel">Cancel and return</button>
</form>{{else}}<p>There is nothing to pay here any more.</p>{{end}}</main></html>
`))

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due()
	o := s.orders[r.URL.Query().Get("token")]
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if o == nil {
		w.WriteHeader(http.StatusNotFound)
		_ = shown.Execute(w, object{"Open": false})
		return
	}
	_ = shown.Execute(w, object{"Open": s.open(o), "Email": o.app.Email, "Value": o.sum.json()["value"], "Currency": o.sum.currency,
		"Invoice": o.invoice})
}

func (s *Server) open(o *order) bool { return o.status == "CREATED" && !s.now().After(o.expires) }

// decide is a button of the page.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("token")
	if id == "" {
		id = r.FormValue("token")
	}
	to := s.Approve(id, r.FormValue("funding"))
	if to == "" {
		w.WriteHeader(http.StatusConflict)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// Approve is the shopper on the hosted page: "balance" can be paid at once, "declined" will be refused when it is
// captured, "echeck" takes a while, "bounces" as well and then does not come, "later" approves after five minutes,
// "cancel" goes back. It returns where her browser is sent, or nothing if there was nothing to approve.
func (s *Server) Approve(id, funding string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due()
	o := s.orders[id]
	switch {
	case o == nil || !s.open(o):
		return ""
	case funding == "cancel":
		return back(o.cancelURL, o, "")
	case funding == "later":
		s.after(5*time.Minute, func() {
			if s.open(o) {
				s.approved(o, "balance")
			}
		})
		return back(o.returnURL, o, "QYR5Z8XDVJNXQ")
	}
	s.approved(o, funding)
	return back(o.returnURL, o, "QYR5Z8XDVJNXQ")
}

func (s *Server) approved(o *order, funding string) {
	o.status, o.funding, o.changed, o.expires = "APPROVED", funding, s.now(), s.now().Add(3*time.Hour)
	s.event(o, "CHECKOUT.ORDER.APPROVED", "checkout-order", s.describe(o))
}

func back(address string, o *order, payer string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("token", o.id)
	if payer != "" {
		q.Set("PayerID", payer)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Expose is an order as the interface shows it, for a test that plays PayPal's own desk.
func (s *Server) Expose(id string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[id]; o != nil {
		return s.describe(o)
	}
	return nil
}
