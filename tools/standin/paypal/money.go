package paypal

import "time"

// pays takes the money of an approved order in the way that the shopper chose, or says why not.
func (s *Server) pays(o *order, sum cash, final bool) (*capture, string) {
	if o.funding == "declined" {
		return nil, "INSTRUMENT_DECLINED"
	}
	if s.o.BlockDuplicates && o.invoice != "" && s.paid(o) {
		return nil, "DUPLICATE_INVOICE_ID"
	}
	c := &capture{id: name(17), status: "COMPLETED", sum: sum, fee: sum.n*249/10_000 + 35, final: final, created: s.now()}
	c.fee = min(c.fee, sum.n)
	o.captures, o.changed = append(o.captures, c), s.now()
	switch o.funding {
	case "echeck", "bounces":
		c.status = "PENDING"
		s.event(o, "PAYMENT.CAPTURE.PENDING", "capture", s.resource(o, c))
		good := o.funding == "echeck"
		s.after(s.o.Settle, func() { s.cleared(o, c, good) })
	default:
		s.cleared(o, c, true)
	}
	return c, ""
}

// cleared is how a payment ends that is on its way.
func (s *Server) cleared(o *order, c *capture, good bool) {
	if !good {
		c.status = "DECLINED"
		s.event(o, "PAYMENT.CAPTURE.DECLINED", "capture", s.resource(o, c))
		return
	}
	c.status = "COMPLETED"
	s.book(line{code: "T0006", id: c.id, sum: c.sum, fee: -c.fee, custom: o.custom, invoice: o.invoice, app: o.app})
	s.event(o, "PAYMENT.CAPTURE.COMPLETED", "capture", s.resource(o, c))
}

// paid says whether the order's invoice number was paid in another order of the merchant.
func (s *Server) paid(o *order) bool {
	for _, other := range s.orders {
		if other != o && other.invoice == o.invoice && other.app.Merchant == o.app.Merchant && len(other.captures) > 0 {
			return true
		}
	}
	return false
}

// resource is a capture as it stands alone.
func (s *Server) resource(o *order, c *capture) object {
	d := s.describeCapture(o, c)
	related := object{"order_id": o.id, "capture_id": c.id}
	if o.hold != nil {
		related["authorization_id"] = o.hold.id
	}
	d["supplementary_data"] = object{"related_ids": related}
	d["payee"] = object{"merchant_id": o.app.Merchant, "email_address": o.app.Email}
	return d
}

func (s *Server) captureOrder(c call) (int, any) {
	o := s.order(c)
	switch {
	case o == nil:
		return missing()
	case o.intent != "CAPTURE":
		return unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
	case o.status == "COMPLETED":
		return unprocessable("ORDER_ALREADY_CAPTURED")
	case o.status != "APPROVED":
		return unprocessable("ORDER_NOT_APPROVED")
	}
	if _, issue := s.pays(o, o.sum, true); issue != "" {
		return unprocessable(issue)
	}
	o.status = "COMPLETED"
	return 201, s.describe(o)
}

func (s *Server) authorize(c call) (int, any) {
	o := s.order(c)
	switch {
	case o == nil:
		return missing()
	case o.intent != "AUTHORIZE":
		return unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
	case o.hold != nil:
		return unprocessable("ORDER_ALREADY_AUTHORIZED")
	case o.status != "APPROVED":
		return unprocessable("ORDER_NOT_APPROVED")
	case o.funding == "declined":
		return unprocessable("PAYER_CANNOT_PAY")
	}
	o.hold = &hold{id: name(17), status: "CREATED", created: s.now(), ends: s.now().Add(29 * 24 * time.Hour)}
	o.status, o.changed = "COMPLETED", s.now()
	s.event(o, "PAYMENT.AUTHORIZATION.CREATED", "authorization", s.held(o))
	return 201, s.describe(o)
}

func (s *Server) held(o *order) object {
	d := s.describeHold(o)
	d["supplementary_data"] = object{"related_ids": object{"order_id": o.id}}
	d["payee"] = object{"merchant_id": o.app.Merchant, "email_address": o.app.Email}
	return d
}

// ofHold finds the order of an authorisation.
func (s *Server) ofHold(c call) *order {
	for _, o := range s.orders {
		if o.hold != nil && o.hold.id == c.id && o.app.Merchant == c.app.Merchant {
			return o
		}
	}
	return nil
}

func (s *Server) captureHold(c call) (int, any) {
	var in struct {
		Amount *amount `json:"amount"`
		Final  bool    `json:"final_capture"`
	}
	o := s.ofHold(c)
	switch {
	case o == nil:
		return missing()
	case !c.read(&in):
		return malformed("INVALID_PARAMETER_SYNTAX")
	case o.hold.status == "VOIDED":
		return unprocessable("AUTHORIZATION_VOIDED")
	case o.hold.status != "CREATED":
		return unprocessable("AUTHORIZATION_ALREADY_CAPTURED")
	case s.now().After(o.hold.ends):
		return unprocessable("AUTHORIZATION_EXPIRED")
	}
	sum, issue := o.sum, ""
	if in.Amount != nil {
		sum, issue = in.Amount.read()
	}
	if issue != "" {
		return unprocessable(issue)
	}
	if sum.currency != o.sum.currency {
		return unprocessable("AUTH_CAPTURE_CURRENCY_MISMATCH")
	}
	if sum.n > o.sum.n*115/100 { // PayPal lets a merchant take 15 % more than was held
		return unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED")
	}
	taken, issue := s.pays(o, sum, in.Final)
	if issue != "" {
		return unprocessable("PAYER_CANNOT_PAY")
	}
	o.hold.status = "CAPTURED"
	if sum.n < o.sum.n {
		o.hold.status = "PARTIALLY_CAPTURED"
	}
	return 201, s.resource(o, taken)
}

func (s *Server) void(c call) (int, any) {
	o := s.ofHold(c)
	switch {
	case o == nil:
		return missing()
	case o.hold.status == "VOIDED":
		return unprocessable("PREVIOUSLY_VOIDED")
	case o.hold.status != "CREATED":
		return unprocessable("PREVIOUSLY_CAPTURED")
	}
	o.hold.status, o.changed = "VOIDED", s.now()
	s.event(o, "PAYMENT.AUTHORIZATION.VOIDED", "authorization", s.held(o))
	return 200, s.held(o)
}

// ofCapture finds a capture and its order.
func (s *Server) ofCapture(merchant, id string) (*order, *capture) {
	for _, o := range s.orders {
		for _, c := range o.captures {
			if c.id == id && o.app.Merchant == merchant {
				return o, c
			}
		}
	}
	return nil, nil
}

func (s *Server) showCapture(c call) (int, any) {
	o, taken := s.ofCapture(c.app.Merchant, c.id)
	if o == nil {
		return missing()
	}
	return 200, s.resource(o, taken)
}

func (s *Server) refund(c call) (int, any) {
	var in struct {
		Amount *amount `json:"amount"`
		Custom string  `json:"custom_id"`
	}
	o, taken := s.ofCapture(c.app.Merchant, c.id)
	if o == nil {
		return missing()
	}
	if len(c.body) > 0 && !c.read(&in) {
		return malformed("INVALID_PARAMETER_SYNTAX")
	}
	left := taken.sum.n
	for _, r := range o.refunds {
		if r.of == taken && r.status != "FAILED" {
			left -= r.sum.n
		}
	}
	sum, issue := cash{left, taken.sum.currency}, ""
	if in.Amount != nil {
		sum, issue = in.Amount.read()
	}
	switch {
	case issue != "":
		return unprocessable(issue)
	case taken.status == "PENDING":
		return unprocessable("PENDING_CAPTURE")
	case taken.status == "DECLINED":
		return unprocessable("REFUND_NOT_ALLOWED")
	case left == 0:
		return unprocessable("CAPTURE_FULLY_REFUNDED")
	case sum.n > left:
		return unprocessable("REFUND_AMOUNT_EXCEEDED")
	}
	r := &refund{id: name(17), status: "COMPLETED", custom: in.Custom, of: taken, sum: sum, created: s.now()}
	o.refunds, o.changed = append(o.refunds, r), s.now()
	taken.status = "PARTIALLY_REFUNDED"
	if sum.n == left {
		taken.status = "REFUNDED"
	}
	s.book(line{code: "T1107", id: r.id, above: taken.id, sum: cash{-sum.n, sum.currency}, custom: r.custom, invoice: o.invoice, app: o.app})
	d := s.describeRefund(o, r)
	s.event(o, "PAYMENT.CAPTURE.REFUNDED", "refund", d)
	return 201, d
}
