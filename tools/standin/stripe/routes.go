package stripe

import (
	"slices"
	"strings"
)

// route is one operation: the right that a restricted key needs for it, and the parameters that it takes.
type route struct {
	method, path, right string
	params              []string
	do                  func(q *request) (any, *problem)
}

// find looks for the route of a request. "{id}" takes one part of the path.
func find(method, path string) (route, string, *problem) {
	for _, rt := range routes() {
		if id, ok := fits(rt.path, path); ok && rt.method == method {
			return rt, id, nil
		}
	}
	return route{}, "", &problem{status: 404, kind: "invalid_request_error", text: "Unrecognized request URL (" + method + ": " + path + ")"}
}

func fits(pattern, path string) (id string, ok bool) {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return "", false
	}
	for i := range a {
		if a[i] == "{id}" && b[i] != "" {
			id = b[i]
		} else if a[i] != b[i] {
			return "", false
		}
	}
	return id, true
}

func routes() []route {
	return []route{
		{"POST", "/v1/checkout/sessions", "checkout_session_write", sessionParams, createSession},
		{"GET", "/v1/checkout/sessions", "checkout_session_read", slices.Concat(paging, []string{"payment_intent", "status"}), listSessions},
		{"GET", "/v1/checkout/sessions/{id}", "checkout_session_read", nil, getSession},
		{"POST", "/v1/checkout/sessions/{id}/expire", "checkout_session_write", nil, expireSession},
		{"GET", "/v1/payment_intents/{id}", "payment_intent_read", nil, getIntent},
		{"POST", "/v1/payment_intents/{id}/capture", "payment_intent_write", []string{"amount_to_capture", "final_capture", "metadata[*]"}, captureIntent},
		{"POST", "/v1/payment_intents/{id}/cancel", "payment_intent_write", []string{"cancellation_reason"}, cancelIntent},
		{"GET", "/v1/charges", "charge_read", slices.Concat(paging, []string{"payment_intent", "customer"}), listCharges},
		{"POST", "/v1/refunds", "charge_write", []string{"payment_intent", "charge", "amount", "reason", "metadata[*]"}, createRefund},
		{"GET", "/v1/refunds", "charge_read", slices.Concat(paging, []string{"payment_intent", "charge"}), listRefunds},
		{"POST", "/v1/refunds/{id}/cancel", "charge_write", nil, cancelRefund},
		{"GET", "/v1/disputes", "dispute_read", slices.Concat(paging, []string{"payment_intent", "charge"}), listDisputes},
		{"GET", "/v1/disputes/{id}", "dispute_read", nil, getDispute},
		{"POST", "/v1/disputes/{id}", "dispute_write", disputeParams(), updateDispute},
		{"POST", "/v1/disputes/{id}/close", "dispute_write", nil, closeDispute},
		{"GET", "/v1/balance", "balance_read", nil, getBalance},
		{"GET", "/v1/balance_transactions", "balance_transaction_source_read", slices.Concat(paging, []string{"payout", "source", "type", "currency"}), listLines},
		{"GET", "/v1/account", "accounts_kyc_basic_read", nil, getAccount},
		{"POST", "/v1/webhook_endpoints", "webhook_write", []string{"url", "enabled_events[]", "api_version", "description", "metadata[*]", "connect"}, createEndpoint},
		{"GET", "/v1/webhook_endpoints", "webhook_read", paging, listEndpoints},
		{"POST", "/v1/webhook_endpoints/{id}", "webhook_write", []string{"url", "enabled_events[]", "description", "disabled", "metadata[*]"}, getEndpoint},
		{"DELETE", "/v1/webhook_endpoints/{id}", "webhook_write", nil, deleteEndpoint},
		{"POST", "/v1/payouts/{id}/cancel", "payout_write", nil, absent("payout")},
		{"GET", "/v1/customers/{id}", "customer_read", nil, absent("customer")},
	}
}

// absent is what there is nothing of.
func absent(what string) func(q *request) (any, *problem) {
	return func(q *request) (any, *problem) { return nil, missing(what, q.id) }
}

// Rights are all that a restricted key needs for a store.
func Rights() []string {
	return []string{"checkout_session_write", "payment_intent_write", "charge_write", "dispute_write", "balance_read",
		"balance_transaction_source_read", "webhook_write", "accounts_kyc_basic_read"}
}

// asList is Stripe's form of a list.
func asList(path string, data []any, more bool) any {
	if data == nil {
		data = []any{}
	}
	return map[string]any{"object": "list", "data": data, "has_more": more, "url": path}
}
