// Package sms sends short messages to mobile phones through one of its engines: sms/twilio for a real provider,
// sms/captured for the demo.
//
// A message is checked once, here. Its id is its idempotency key as far as the provider knows such a thing: the same
// id comes with the same text, so that an engine can look whether it was sent already. Texts carry no link, so that
// nobody learns to follow links in short messages.
package sms

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Message is one short message to one phone.
type Message struct {
	ID    string // unique; the same id always has the same text
	To    string // E.164: "+491701234567"
	Text  string
	Kind  string // what it is, such as "code"; for the outbox list and metrics
	Link  string // the one address that the text may hold: the store's own, to stop something with; "" for none
	Again bool   // an earlier try of the same id may have gone out
}

// Sender hands a message on. An error that trying again cannot mend is wrapped by Refused.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused is in the chain of errors that trying again cannot mend.
var ErrRefused = errors.New("sms: refused for good")

// Refused marks err as final.
func Refused(err error) error { return fmt.Errorf("%w: %w", ErrRefused, err) }

// maxText bounds a message to two parts in the alphabet of phones, and thereby what it costs.
const maxText = 300

// Check says whether the message may be sent. Its errors never hold number or text.
func (m Message) Check() error {
	switch {
	case m.ID == "" || strings.ContainsAny(m.ID+m.Kind, "\r\n\x00 "):
		return Refused(errors.New("the message has no usable id"))
	case !Number(m.To):
		return Refused(errors.New("the number is malformed"))
	case !utf8.ValidString(m.Text) || strings.TrimSpace(m.Text) == "" || utf8.RuneCountInString(m.Text) > maxText:
		return Refused(errors.New("the message has no text, or too much"))
	case strings.ContainsFunc(m.Text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return Refused(errors.New("the message holds control signs"))
	case strings.Contains(m.Text, "://") && (m.Link == "" || strings.Contains(strings.Replace(m.Text, m.Link, "", 1), "://")):
		return Refused(errors.New("the message holds a link"))
	}
	return nil
}

// Number says whether s is a number in E.164: a plus and 7 to 15 digits, the first not zero.
func Number(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	if !ok || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return false
	}
	return !strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}
