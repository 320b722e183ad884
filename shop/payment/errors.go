package payment

import (
	"context"
	"errors"

	"strongroom/base/fault"
)

// What a gateway's call can end in. Engines wrap one of these; errors.Is tells them apart.
var (
	// ErrDeclined says that the provider or a bank refuses this very thing for good: a refund beyond what is left, a
	// capture of a sum that is not held.
	ErrDeclined = errors.New("payment: declined by the provider")
	// ErrTemporary says that the answer is unknown and the call is to be repeated with the same key.
	ErrTemporary = errors.New("payment: the provider did not answer")
	// ErrRejected says that the provider does not accept the request or our keys: a person must look.
	ErrRejected = errors.New("payment: the provider rejects the request")
	// ErrMismatch says that the provider's answer is about something else than what was asked.
	ErrMismatch = errors.New("payment: the provider's answer does not match")
	// ErrNotFound says that the provider does not know the session.
	ErrNotFound = errors.New("payment: unknown to the provider")
	// ErrNotice says that a notice is not to be believed.
	ErrNotice = errors.New("payment: the notice is not genuine")
)

// kinds are the errors that a repetition cannot mend.
var final = []error{ErrDeclined, ErrRejected, ErrMismatch, ErrNotFound}

// Final says whether repeating the call is useless. Everything unknown is worth a repetition.
func Final(err error) bool {
	for _, f := range final {
		if errors.Is(err, f) {
			return true
		}
	}
	return false
}

// word is a gateway error in one word, for logs, audit facts and metrics.
func word(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrDeclined):
		return "declined"
	case errors.Is(err, ErrRejected):
		return "rejected"
	case errors.Is(err, ErrMismatch):
		return "mismatch"
	case errors.Is(err, ErrNotFound):
		return "not_found"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "temporary"
}

// told turns a gateway error into what a shopper or the desk reads.
func told(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrDeclined):
		return fault.New(fault.Conflict, "payment.declined_by_provider").Because(err)
	case errors.Is(err, ErrMismatch):
		return fault.New(fault.Conflict, "payment.mismatch").Because(err).
			WithHint("the provider's answer differs from the payment; see the audit entry payment.mismatch")
	case errors.Is(err, ErrRejected), errors.Is(err, ErrNotFound):
		return fault.New(fault.Unavailable, "payment.provider_refuses").Because(err).
			WithHint("check the provider's keys, account and mode in the configuration")
	}
	return fault.New(fault.Unavailable, "payment.provider_away").Because(err)
}
