package stripe

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// outcomes are what a visitor of the hosted page can have happen.
var outcomes = []string{"paid", "secured", "declined", "pending", "fails", "cancel"}

// hosted is the page. It has no field for a card: whoever looks at it chooses what the bank says.
var hosted = template.Must(template.New("page").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in for Stripe</title>
<h1>{{.Title}}</h1><p>{{.Amount}} {{.Currency}}</p>{{if .Open}}<form method="post">{{range .Outcomes}}
<button name="outcome" value="{{.}}">{{.}}</button>{{end}}</form>{{else}}<p>This page has ended.</p>{{end}}`))

// page is the hosted page, on its own origin.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, "/c/pay/")
	if r.Method == http.MethodPost {
		outcome := r.FormValue("outcome")
		if to := s.Visit(id, outcome); to != "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		if v, ok := lookUp(b.sessions, id); ok {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = hosted.Execute(w, map[string]any{"Title": v.title, "Amount": v.amount, "Currency": v.currency, "Open": v.status == "open", "Outcomes": outcomes})
			return
		}
	}
	http.NotFound(w, r)
}

// Visit plays a shopper on the page and returns where the page then leads, "" if it stays.
func (s *Server) Visit(id, outcome string) (leads string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due()
	for _, b := range s.books {
		v, ok := lookUp(b.sessions, id)
		if !ok || v.status != "open" || !slices.Contains(outcomes, outcome) {
			continue
		}
		return s.visit(b, v, outcome)
	}
	return ""
}

func (s *Server) visit(b *book, v *session, outcome string) string {
	switch outcome {
	case "cancel":
		return v.cancel
	case "declined":
		s.attempt(b, v, "failed", "card")
		return ""
	case "pending", "fails":
		if i := slices.IndexFunc(v.methods, func(m string) bool { return slices.Contains(late, m) }); i >= 0 {
			s.attempt(b, v, "pending", v.methods[i])
			v.plan = &plan{s.now() + 30, outcome == "pending"}
			return v.success
		}
		return "" // none of the methods on this page takes its time
	}
	s.attempt(b, v, "succeeded", "card").secured = v.secure || outcome == "secured"
	return v.success
}

// attempt tries to pay.
func (s *Server) attempt(b *book, v *session, status, method string) *charge {
	i := v.intent
	if i == nil {
		i = &intent{id: "pi_" + random(12), status: "requires_payment_method", currency: v.currency, description: v.description, method: method,
			made: s.now(), amount: v.amount, manual: v.manual, meta: v.intentMeta, session: v}
		v.intent, b.intents[i.id] = i, i
	}
	c := &charge{id: "ch_" + random(12), status: status, currency: i.currency, method: method, country: "AT", postcode: "pass", made: s.now(),
		amount: i.amount, intent: i, description: i.description, meta: i.meta}
	i.latest, i.method = c, method
	b.charges = append(b.charges, c)
	switch status {
	case "failed":
		i.status, i.failed = "requires_payment_method", c
		s.tell(b, "charge.failed", b.charge(c, nil))
	case "pending":
		i.status, i.failed, v.status = "processing", nil, "complete"
		s.tell(b, "charge.pending", b.charge(c, nil))
		s.tell(b, "checkout.session.completed", b.session(v, nil))
	default:
		i.failed, v.status = nil, "complete"
		s.succeed(b, v)
		s.tell(b, "checkout.session.completed", b.session(v, nil))
	}
	return c
}

// succeed holds the sum, or takes it.
func (s *Server) succeed(b *book, v *session) {
	i := v.intent
	c := i.latest
	c.status = "succeeded"
	if v.manual {
		i.status, i.capturable = "requires_capture", i.amount
		s.tell(b, "charge.succeeded", b.charge(c, nil))
		return
	}
	i.status, i.received, c.captured, v.paid = "succeeded", i.amount, i.amount, "paid"
	c.line = s.enter(b, &line{kind: "charge", category: "charge", currency: c.currency, amount: c.amount, fee: feeOf(c.amount), source: c, text: c.description})
	s.tell(b, "charge.succeeded", b.charge(c, nil))
}

// settle is when late money comes, or does not.
func (s *Server) settle(b *book, v *session, done bool) {
	if done {
		s.succeed(b, v)
		s.tell(b, "checkout.session.async_payment_succeeded", b.session(v, nil))
		return
	}
	v.intent.latest.status, v.intent.status, v.intent.failed = "failed", "requires_payment_method", v.intent.latest
	s.tell(b, "charge.failed", b.charge(v.intent.latest, nil))
	s.tell(b, "checkout.session.async_payment_failed", b.session(v, nil))
}
