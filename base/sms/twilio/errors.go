package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"strongroom/base/sms"
)

// Error is a refusal with Twilio's own code, which its documentation explains. Its text may repeat the number and is
// left out.
type Error struct {
	Status int // of HTTP
	Code   int // of Twilio, 0 if it said none
}

// Error says status and code.
func (e *Error) Error() string {
	s := fmt.Sprintf("status %d, code %d", e.Status, e.Code)
	if why := whys[e.Code]; why != "" {
		s += " (" + why + ")"
	}
	return s
}

// The codes that an operator meets, in words.
var whys = map[int]string{
	20003: "account, key or secret is wrong, or the account is suspended",
	20404: "no such account",
	20429: "too many requests at once",
	21211: "the number is not valid",
	21212: "the sending number is not valid",
	21408: "the country is switched off in the account",
	21606: "the sending number cannot send to this one",
	21608: "a trial account sends to verified numbers only",
	21610: "the receiver answered STOP",
	21611: "the sending number's queue is full",
	21612: "there is no way to this number",
	21614: "the number is no mobile phone",
	21617: "the text is too long",
	21703: "the messaging service has no sender",
	30001: "the queue is full",
	30450: "blocked by the protection against pumping",
}

// passing are codes that look like refusals by their status and pass.
var passing = map[int]bool{20429: true, 21611: true, 30001: true}

// Keyless says whether err means that account or key are wrong: nothing will be sent until somebody mends that.
func Keyless(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// refusal sorts an answer that is no success. A wrong key is to be tried again: the operator will mend it.
func refusal(status int, body []byte) error {
	var said struct {
		Code int `json:"code"`
	}
	_ = json.Unmarshal(body, &said) // a proxy's page has none
	e := &Error{Status: status, Code: said.Code}
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable || passing[e.Code],
		status == http.StatusUnauthorized, status == http.StatusForbidden:
		return e
	case status >= 500:
		return fmt.Errorf("%w: %w", errUnclear, e)
	}
	return sms.Refused(e)
}
