package paypal

import "time"

// What is read of PayPal's answers. Names, addresses and mail addresses of the payer come with an order too and are
// passed over, but for the two letters of a country.

type link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

type order struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Intent  string    `json:"intent"`
	Created time.Time `json:"create_time"`
	Units   []unit    `json:"purchase_units"`
	Payer   party     `json:"payer"`
	Source  struct {
		PayPal party `json:"paypal"`
	} `json:"payment_source"`
	Links []link `json:"links"`
}

type party struct {
	Address struct {
		Country string `json:"country_code"`
	} `json:"address"`
}

type unit struct {
	Amount sum `json:"amount"`
	Payee  struct {
		Merchant string `json:"merchant_id"`
		Email    string `json:"email_address"`
	} `json:"payee"`
	Custom   string `json:"custom_id"`
	Payments struct {
		Holds    []hold    `json:"authorizations"`
		Captures []capture `json:"captures"`
		Refunds  []refund  `json:"refunds"`
	} `json:"payments"`
}

// hold is an authorisation.
type hold struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Amount  sum       `json:"amount"`
	Created time.Time `json:"create_time"`
	Expires time.Time `json:"expiration_time"`
}

type capture struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Amount  sum       `json:"amount"`
	Created time.Time `json:"create_time"`
	Share   struct {
		Fee sum `json:"paypal_fee"`
	} `json:"seller_receivable_breakdown"`
	Also struct {
		Related related `json:"related_ids"`
	} `json:"supplementary_data"`
}

// related names what belongs together.
type related struct {
	Order string `json:"order_id"`
}

type refund struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Amount  sum       `json:"amount"`
	Custom  string    `json:"custom_id"`
	Created time.Time `json:"create_time"`
	Share   struct {
		Fee sum `json:"paypal_fee"`
	} `json:"seller_payable_breakdown"`
	Links []link `json:"links"`
}

type orderRequest struct {
	Intent  string        `json:"intent"`
	Units   []unitRequest `json:"purchase_units"`
	Context orderContext  `json:"application_context"`
}

type unitRequest struct {
	Amount  sum    `json:"amount"`
	Custom  string `json:"custom_id,omitempty"`
	Invoice string `json:"invoice_id,omitempty"`
}

// orderContext says how the hosted page behaves. PayPal calls it deprecated beside payment_source; but an order made
// with the latter waits in a state in which PayPal does not promise that it can be changed, and closing is a change.
type orderContext struct {
	Locale   string        `json:"locale,omitempty"`
	Shipping string        `json:"shipping_preference"`
	Action   string        `json:"user_action"`
	Method   methodRequest `json:"payment_method"`
	Return   string        `json:"return_url"`
	Cancel   string        `json:"cancel_url"`
}

type methodRequest struct {
	Preferred string `json:"payee_preferred"`
}

type patch struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

type captureRequest struct {
	Amount sum  `json:"amount"`
	Final  bool `json:"final_capture"`
}

type refundRequest struct {
	Amount sum    `json:"amount"`
	Custom string `json:"custom_id"`
}
