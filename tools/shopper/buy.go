package shopper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Person is what a shopper types into the details page. Fields that the form does not have are left out.
type Person map[string]string

// Somebody is a person in Germany with an address that passes.
func Somebody(mail string) Person {
	return Person{"email": mail, "name": "Ada Löwenherz", "street": "Hafenstraße 12", "line1": "Hafenstraße 12", "postcode": "20359",
		"city": "Hamburg", "phone": ""}
}

// Outcome is what the shopper chooses on the hosted page.
type Outcome string

// Outcomes of the sandbox.
const (
	Paid     Outcome = "paid"
	Declined Outcome = "declined"
	Pending  Outcome = "pending"
	Late     Outcome = "late"
	Cancel   Outcome = "cancel"
)

// Order is what came of buying.
type Order struct {
	Number string // as the order page shows it
	Last   *Page
}

// ErrSoldOut says that the store had too few of the product.
var ErrSoldOut = errors.New("sold out")

// Buy takes one piece of the product at the address through cart and checkout to the hosted page and chooses there.
func (s *Shopper) Buy(ctx context.Context, shop, product string, who Person, how Outcome) (o Order, err error) {
	hosted, err := s.ToPayment(ctx, shop, product, who)
	if err != nil {
		return o, err
	}
	o.Last, err = s.Pay(ctx, hosted, how)
	if err != nil {
		return o, err
	}
	o.Number = o.Last.Number()
	return o, nil
}

// ToPayment goes as far as the hosted page.
func (s *Shopper) ToPayment(ctx context.Context, shop, product string, who Person) (*Page, error) {
	p, err := s.ToDetails(ctx, shop, product)
	if err != nil {
		return nil, err
	}
	return s.Checkout(ctx, p, who)
}

// ToDetails puts one piece of the product into the cart and goes to the first page of the checkout.
func (s *Shopper) ToDetails(ctx context.Context, shop, product string) (*Page, error) {
	p, err := s.Get(ctx, shop+product)
	if err != nil {
		return nil, err
	}
	add, err := p.Form("/cart/add")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSoldOut, err)
	}
	if p, err = s.Submit(ctx, add, nil); err != nil {
		return nil, err
	}
	if p.Status == http.StatusUnprocessableEntity || p.Status == http.StatusConflict { // bought up since the page was made
		return nil, fmt.Errorf("%w: %q", ErrSoldOut, p.Problems())
	}
	lang, _, _ := strings.Cut(strings.TrimPrefix(product, "/"), "/")
	return s.Get(ctx, shop+"/"+lang+"/checkout")
}

// Checkout fills the details page, obliges to pay and wants to be led to the hosted page.
func (s *Shopper) Checkout(ctx context.Context, details *Page, who Person) (*Page, error) {
	p, err := s.Oblige(ctx, details, who)
	if err != nil {
		return nil, err
	}
	if _, err := p.Form("/pay/"); err != nil {
		return nil, s.explain(err, p)
	}
	return p, nil
}

// Oblige fills the details page and obliges to pay; what comes then is the store's to say.
func (s *Shopper) Oblige(ctx context.Context, details *Page, who Person) (*Page, error) {
	form, err := details.Form("/checkout")
	if err != nil {
		return nil, s.explain(err, details)
	}
	p, err := s.Submit(ctx, form, who.Fill(form))
	if err != nil {
		return nil, err
	}
	pay, err := p.Form("/checkout/pay")
	if err != nil {
		return nil, s.explain(err, p)
	}
	return s.Submit(ctx, pay, nil)
}

// Pay chooses on the hosted page and returns to the store.
func (s *Shopper) Pay(ctx context.Context, hosted *Page, how Outcome) (*Page, error) {
	form, err := hosted.Form("/pay/")
	if err != nil {
		return nil, s.explain(err, hosted)
	}
	return s.Submit(ctx, form, url.Values{"outcome": {string(how)}})
}

// Fill is what the person types into a form.
func (w Person) Fill(f Form) url.Values {
	v := url.Values{}
	for _, name := range f.Names {
		text, ok := w[name]
		if !ok {
			text, ok = w[strings.TrimPrefix(name, "delivery.")]
		}
		if ok {
			v.Set(name, text)
		}
	}
	return v
}

// explain adds what the page says is wrong, so that a failed run can be understood.
func (s *Shopper) explain(err error, p *Page) error {
	if bytes.Contains(p.Body, []byte("sold out")) || p.Status == 409 {
		err = fmt.Errorf("%w: %w", ErrSoldOut, err)
	}
	visited := s.Visited[max(0, len(s.Visited)-6):]
	return fmt.Errorf("%w; problems %q after %s", err, p.Problems(), strings.Join(visited, ", "))
}

// Problems are the messages that stand beside fields and in notices.
func (p *Page) Problems() []string {
	var out []string
	for _, class := range []string{`class="wrong"`, `class="problems"`, `role="alert"`} {
		for rest := p.Body; ; {
			_, after, ok := bytes.Cut(rest, []byte(class))
			if !ok || len(out) > 8 {
				break
			}
			text := plain(after[:min(len(after), 600)])
			out = append(out, text[:min(len(text), 160)])
			rest = after
		}
	}
	return out
}

func plain(b []byte) string {
	var s strings.Builder
	in := true
	for _, c := range b {
		switch {
		case c == '<':
			in = true
		case c == '>':
			in = false
		case !in:
			s.WriteByte(c)
		}
	}
	return strings.Join(strings.Fields(s.String()), " ")
}

// Number is the order number on an order page, or empty.
func (p *Page) Number() string {
	_, after, ok := bytes.Cut(p.Body, []byte(`class="number">`))
	if !ok {
		return ""
	}
	n, _, _ := bytes.Cut(after, []byte("<"))
	return strings.TrimSpace(string(n))
}
