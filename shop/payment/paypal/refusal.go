package paypal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"strongroom/shop/payment"
)

// refusal is an answer other than success.
type refusal struct {
	status int
	issue  string // PayPal's finest word for it
	debug  string
	kind   error // one of the seam's
}

// Error is the refusal for logs.
func (r *refusal) Error() string { return fmt.Sprintf("%v: %d %s", r.kind, r.status, r.issue) }

// Unwrap leads to the seam's error.
func (r *refusal) Unwrap() error { return r.kind }

// refused reads an error answer. A proxy's page has no words; then the status says enough.
func refused(status int, raw []byte) *refusal {
	var b struct {
		Name    string `json:"name"`
		Debug   string `json:"debug_id"`
		Details []struct {
			Issue string `json:"issue"`
		} `json:"details"`
	}
	_ = json.Unmarshal(raw, &b)
	r := &refusal{status: status, issue: word(b.Name), debug: word(b.Debug)}
	for _, d := range b.Details {
		if w := word(d.Issue); w != "" {
			r.issue = w
			break
		}
	}
	r.kind = kind(status, r.issue)
	return r
}

// word bounds what goes into logs.
func word(s string) string {
	if len(s) > 80 || !printable(s) {
		return ""
	}
	return s
}

// The words of PayPal that decide. What is not listed of 422 is for a person to look at.
var (
	// unpayable: this shopper cannot pay this order in this way. The order is of no use any more.
	unpayable = []string{"INSTRUMENT_DECLINED", "PAYER_CANNOT_PAY", "PAYER_ACCOUNT_LOCKED_OR_CLOSED", "PAYER_ACCOUNT_RESTRICTED",
		"PAYER_ACTION_REQUIRED", "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING", "TRANSACTION_REFUSED", "TRANSACTION_LIMIT_EXCEEDED",
		"TRANSACTION_BLOCKED_BY_PAYEE", "PAYEE_BLOCKED_TRANSACTION", "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED",
		"COMPLIANCE_VIOLATION", "DECLINED_DUE_TO_RELATED_TXN", "DOMESTIC_TRANSACTION_REQUIRED", "AGREEMENT_ALREADY_CANCELLED",
		"DUPLICATE_INVOICE_ID", "ORDER_EXPIRED", "TOKEN_EXPIRED", "AUTHORIZATION_DENIED", "AUTHORIZATION_EXPIRED",
		"MAX_AUTHORIZATION_COUNT_EXCEEDED"}
	// elsewhere: the order or the money in it has moved on, or was never there. Asking how it stands tells the rest.
	elsewhere = []string{"ORDER_NOT_APPROVED", "ORDER_IS_PENDING_APPROVAL", "ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED",
		"ORDER_ALREADY_COMPLETED", "ORDER_COMPLETED_OR_VOIDED", "ACTION_DOES_NOT_MATCH_INTENT", "NOT_PATCHABLE",
		"AUTHORIZATION_ALREADY_CAPTURED", "AUTHORIZATION_VOIDED", "PREVIOUSLY_CAPTURED", "PREVIOUSLY_VOIDED", "CANNOT_BE_VOIDED",
		"MAX_CAPTURE_AMOUNT_EXCEEDED", "MAX_CAPTURE_COUNT_EXCEEDED"}
	// kept: a refund that will never be, so that a person sends the money in another way.
	kept = []string{"CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED", "REFUND_AMOUNT_TOO_LOW", "PARTIAL_REFUND_NOT_ALLOWED",
		"REFUND_TIME_LIMIT_EXCEEDED", "REFUND_NOT_ALLOWED", "REFUND_IS_RESTRICTED", "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK",
		"MAX_NUMBER_OF_REFUNDS_EXCEEDED", "TRANSACTION_DISPUTED", "REFUND_FAILED_INSUFFICIENT_FUNDS", "PENDING_CAPTURE"}
	// busy: PayPal is still at it.
	busy = []string{"ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS"}
	// nowhere: PayPal does not know what was named.
	nowhere = []string{"INVALID_RESOURCE_ID", "RESOURCE_NOT_FOUND"}
)

// kind says what a refusal means for the seam. Only answers that prove that nothing happened end a question.
func kind(status int, issue string) error {
	switch {
	case status == http.StatusTooManyRequests || status >= 500 || status == http.StatusConflict ||
		status == http.StatusRequestTimeout || slices.Contains(busy, issue):
		return payment.ErrTemporary
	case status == http.StatusNotFound || slices.Contains(nowhere, issue):
		return payment.ErrNotFound
	case status == http.StatusUnprocessableEntity && (slices.Contains(unpayable, issue) || slices.Contains(elsewhere, issue) || slices.Contains(kept, issue)):
		return payment.ErrDeclined
	}
	return payment.ErrRejected
}

// says reports whether an error is a refusal with one of these words.
func says(err error, words []string) bool {
	var r *refusal
	return errors.As(err, &r) && slices.Contains(words, r.issue)
}
