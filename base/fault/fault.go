// Package fault is the store's one error type for what people are told.
//
// A fault has a kind (which decides the HTTP status), a message key with parameters (rendered in the reader's
// language by lang), messages for single fields of a form, a hint for the operator, and a cause that only the log
// sees. Errors that are not faults are internal: the reader learns that nothing was lost and whom to ask.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of trouble it is.
type Kind uint8

// The kinds, with the HTTP status that each becomes.
const (
	Internal    Kind = iota // 500
	Invalid                 // 422: the input must be changed
	Malformed               // 400: no form of ours sends this
	NotFound                // 404
	Gone                    // 410
	Forbidden               // 403
	Conflict                // 409: the state moved on
	TooMany                 // 429
	TooLarge                // 413
	Unavailable             // 503: try again
	Misdirected             // 421: a host that is not ours
	Method                  // 405
	Unsupported             // 415
	Timeout                 // 408: the request did not arrive in time
)

var status = [...]int{500, 422, 400, 404, 410, 403, 409, 429, 413, 503, 421, 405, 415, 408}

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return status[k] }

// Params are the parameters of a message; values are numbers, amounts or texts that hold nothing personal.
type Params map[string]any

// Field is a message that stands beside one field of a form.
type Field struct {
	Name   string // the field's name in the form
	Key    string // message key
	Params Params
}

// Error is a fault. Make one with New and add to it with the With methods.
type Error struct {
	Kind   Kind
	Key    string // message key, such as "order.gone"
	Params Params
	Fields []Field
	Hint   string // for the operator: what to look at or do
	cause  error
}

// New makes a fault of a kind with a message key.
func New(k Kind, key string) *Error { return &Error{Kind: k, Key: key} }

// With sets one parameter of the message.
func (e *Error) With(name string, value any) *Error {
	if e.Params == nil {
		e.Params = Params{}
	}
	e.Params[name] = value
	return e
}

// WithField adds a message for one field.
func (e *Error) WithField(name, key string, p Params) *Error {
	e.Fields = append(e.Fields, Field{name, key, p})
	return e
}

// WithHint says to the operator what to do.
func (e *Error) WithHint(h string) *Error { e.Hint = h; return e }

// Because keeps the cause for the log.
func (e *Error) Because(err error) *Error { e.cause = err; return e }

// Error is for logs; readers get the rendered message.
func (e *Error) Error() string {
	s := e.Key
	for _, f := range e.Fields {
		s += " " + f.Name + "=" + f.Key
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// As finds the fault in err's chain; nil if there is none.
func As(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// KindOf is the kind of err: Internal for what is no fault.
func KindOf(err error) Kind {
	if f := As(err); f != nil {
		return f.Kind
	}
	return Internal
}

// Is says whether err is a fault of the kind.
func Is(err error, k Kind) bool { f := As(err); return f != nil && f.Kind == k }

// Wrap adds context to *err once, at a function's edge: defer fault.Wrap(&err, "order: place %s", id).
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}
