package paypal

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

// mark is what the store writes into an order's custom_id, which PayPal hands back with everything that comes of it:
// reference, how it is to be paid, until when, and once it is closed how that came.
type mark struct {
	reference string
	held      bool // hold first: intent AUTHORIZE
	expires   time.Time
	closed    payment.Status
}

var (
	markForm      = regexp.MustCompile(`^([A-Za-z0-9]{1,64})\.(sale|hold)\.([0-9]{1,12})(?:\.(expired|declined|voided))?$`)
	referenceForm = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)
	orderForm     = regexp.MustCompile(`^[A-Z0-9]{1,36}$`)
)

func (m mark) String() string {
	s := m.reference + ".sale."
	if m.held {
		s = m.reference + ".hold."
	}
	s += strconv.FormatInt(m.expires.Unix(), 10)
	if m.closed != "" {
		s += "." + string(m.closed)
	}
	return s
}

// intent is PayPal's word for how an order is paid. A closed one has the other word.
func (m mark) intent() string {
	if m.held != (m.closed != "") {
		return "AUTHORIZE"
	}
	return "CAPTURE"
}

// readMark reads a custom_id. What is not of our making is its own reference, which then is nobody's.
func readMark(custom string) mark {
	f := markForm.FindStringSubmatch(custom)
	if f == nil {
		return mark{reference: custom}
	}
	s, err := strconv.ParseInt(f[3], 10, 64)
	if err != nil {
		return mark{reference: custom}
	}
	return mark{f[1], f[2] == "hold", time.Unix(s, 0).UTC(), payment.Status(f[4])}
}

// lifetime is how long PayPal lets an order wait for its shopper.
const lifetime = 3 * time.Hour

// standing is an order in the seam's words.
type standing struct {
	payment.Session
	mark mark
	hold *hold // the authorisation that counts
}

// stand reads an order. It must be whole, one purchase, and paid on PayPal's own page.
func (g *Gateway) stand(o order, ref string) (s standing, err error) {
	if !orderForm.MatchString(o.ID) || ref != "" && o.ID != ref || len(o.Units) != 1 {
		return s, fmt.Errorf("%w: another order, or not one purchase", payment.ErrMismatch)
	}
	u := o.Units[0]
	amount, currency, err := u.Amount.read()
	if err != nil {
		return s, err
	}
	s.mark = readMark(u.Custom)
	if s.mark.closed == "" && s.mark.intent() != o.Intent {
		s.mark.closed = payment.StatusExpired
	}
	s.Session = payment.Session{Ref: o.ID, Amount: amount, Currency: currency, Reference: s.mark.reference,
		Account: u.Payee.Merchant, Mode: g.o.Mode, Expires: s.mark.expires}
	if end := o.Created.Add(lifetime); !o.Created.IsZero() && end.Before(s.Expires) {
		s.Expires = end
	}
	if err = s.money(u, g.o.Clock.Now()); err != nil {
		return s, err
	}
	if s.Status == "" {
		s.Status = s.waiting(o.Status)
	}
	s.signals(o)
	if s.Status == payment.StatusOpen {
		s.URL, err = g.page(o)
	}
	return s, err
}

// waiting is the state of an order in which there is no money yet.
func (s *standing) waiting(status string) payment.Status {
	switch {
	case s.mark.closed != "":
		return s.mark.closed
	case status == "APPROVED":
		return payment.StatusAuthorised
	case status == "VOIDED":
		return payment.StatusExpired
	case status == "COMPLETED":
		return payment.StatusPending // the money will be listed in a moment
	}
	return payment.StatusOpen
}

// money reads what was held, captured and refunded. Captures come before holds: they are the later step.
func (s *standing) money(u unit, now time.Time) error {
	for i, h := range u.Payments.Holds {
		s.hold, s.Charge = &u.Payments.Holds[i], h.ID
		switch {
		case h.Status == "VOIDED", h.Status == "CREATED" && !h.Expires.IsZero() && now.After(h.Expires):
			s.Status = payment.StatusVoided
		case h.Status == "DENIED":
			s.Status = payment.StatusDeclined
		case h.Status == "CREATED":
			s.Status = payment.StatusAuthorised
			if !h.Created.IsZero() {
				s.HeldUntil = h.Created.Add(honoured)
			}
		default:
			s.Status = payment.StatusPending
		}
	}
	for _, c := range u.Payments.Captures {
		if err := s.captured(c); err != nil {
			return err
		}
	}
	refunds := slices.Clone(u.Payments.Refunds)
	slices.SortStableFunc(refunds, func(a, b refund) int { return a.Created.Compare(b.Created) })
	for _, r := range refunds {
		a, err := r.answer(s.Currency)
		if err != nil {
			return err
		}
		if a.Status == payment.RefundDone {
			s.Refunded += a.Amount
		}
		if len(s.Refunds) < payment.MaxRefunds {
			s.Refunds = append(s.Refunds, a)
		}
	}
	return nil
}

func (s *standing) captured(c capture) error {
	a, err := c.Amount.in(s.Currency)
	switch {
	case err != nil:
		return err
	case slices.Contains([]string{"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}, c.Status):
		s.Captured += a
		s.Status, s.Charge = payment.StatusPaid, c.ID
	case s.Captured > 0:
	case c.Status == "PENDING":
		s.Status, s.Charge = payment.StatusPending, c.ID
	default:
		s.Signals.Declines++
		if s.Status != payment.StatusPending {
			s.Status, s.Charge = payment.StatusDeclined, c.ID
		}
	}
	return nil
}

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

// signals are the few things that PayPal says about who paid.
func (s *standing) signals(o order) {
	if s.mark.closed == payment.StatusDeclined {
		s.Signals.Declines++
	}
	for _, c := range []string{o.Source.PayPal.Address.Country, o.Payer.Address.Country} {
		if countryForm.MatchString(c) {
			s.Signals.Country = c
			return
		}
	}
}

// page is where the shopper approves. She is never sent to another host than PayPal's.
func (g *Gateway) page(o order) (string, error) {
	for _, l := range o.Links {
		if l.Rel != "approve" && l.Rel != "payer-action" {
			continue
		}
		u, err := url.Parse(l.Href)
		if err != nil || u.User != nil || !strings.EqualFold(u.Scheme+"://"+u.Host, g.o.PageURL) {
			return "", fmt.Errorf("%w: the page lies elsewhere", payment.ErrMismatch)
		}
		return l.Href, nil
	}
	return g.o.PageURL + "/checkoutnow?token=" + url.QueryEscape(o.ID), nil
}

var refundStates = map[string]payment.RefundStatus{"COMPLETED": payment.RefundDone, "PENDING": payment.RefundPending,
	"FAILED": payment.RefundFailed, "CANCELLED": payment.RefundFailed}

// answer is a refund in the seam's words. What it was asked with stands in its custom_id.
func (r refund) answer(c money.Currency) (payment.RefundAnswer, error) {
	a, err := r.Amount.in(c)
	status, ok := refundStates[r.Status]
	if err == nil && (!ok || r.ID == "" || len(r.ID) > 200) {
		err = fmt.Errorf("%w: a refund that cannot be read", payment.ErrMismatch)
	}
	return payment.RefundAnswer{Ref: r.ID, Key: r.Custom, Status: status, Amount: a}, err
}
