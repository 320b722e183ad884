// Package mail sends letters through one of its engines: mail/smtp for a real server, mail/captured for the demo.
//
// A message is checked once, here, before an engine sees it: no line breaks in what becomes a header, one recipient,
// addresses that are addresses. The id of a message is its idempotency key: the same job sends the same Message-ID, so
// that a mail that went out twice because a process died in between is shown once by most mail programs.
package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode/utf8"
)

// Message is one mail to one person.
type Message struct {
	ID       string // unique, such as a job's id; becomes the Message-ID's left part
	To       string // address only
	ToName   string
	ReplyTo  string // address only, may be empty
	Subject  string
	Text     string
	HTML     string // may be empty
	Language string // BCP 47 tag, becomes Content-Language
	Kind     string // what it is, such as "confirmation"; for the outbox list and metrics
}

// Sender hands a message on. An error that trying again cannot mend is wrapped by Refused.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused is in the chain of errors that trying again cannot mend: the receiving server said no for good.
var ErrRefused = errors.New("mail: refused for good")

// Refused marks err as final.
func Refused(err error) error { return fmt.Errorf("%w: %w", ErrRefused, err) }

const (
	maxBody    = 1 << 20
	maxSubject = 250
)

// Check says whether the message may be sent. Its errors never hold the address.
func (m Message) Check() error {
	if !Address(m.To) || (m.ReplyTo != "" && !Address(m.ReplyTo)) {
		return Refused(errors.New("the address is malformed"))
	}
	for _, s := range []string{m.ID, m.To, m.ToName, m.ReplyTo, m.Subject, m.Language, m.Kind} {
		if strings.ContainsAny(s, "\r\n\x00") || !utf8.ValidString(s) {
			return Refused(errors.New("a header holds a line break"))
		}
	}
	switch {
	case m.ID == "" || strings.ContainsAny(m.ID, " <>@"):
		return Refused(errors.New("the message has no usable id"))
	case len(m.Subject) > maxSubject || len(m.Text) > maxBody || len(m.HTML) > maxBody:
		return Refused(errors.New("the message is too large"))
	case strings.TrimSpace(m.Text) == "":
		return Refused(errors.New("the message has no text"))
	}
	return nil
}

// Address says whether s is a bare e-mail address that the store accepts: one @, a dotted domain, no display name, no
// comments, quotes or spaces, at most 254 bytes.
func Address(s string) bool {
	if len(s) > 254 || strings.ContainsAny(s, " \t\r\n\"(),:;<>[]\\\x00") || !utf8.ValidString(s) {
		return false
	}
	a, err := netmail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return false
	}
	local, domain, _ := strings.Cut(s, "@")
	return len(local) <= 64 && strings.Contains(domain, ".") && !strings.HasPrefix(domain, ".") &&
		!strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..") && !strings.Contains(domain, "@")
}
