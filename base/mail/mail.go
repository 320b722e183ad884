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
	Return   string // envelope sender, where bounces go; "" is the sender's address
}

// Sender hands a message on. An error that trying again cannot mend is wrapped by Refused.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused is in the chain of errors that trying again cannot mend: the receiving server said no for good.
var ErrRefused = errors.New("mail: refused for good")

// Refusal is what a server said when it refused a mail for good. It prints without the server's words.
type Refusal struct {
	Stage  string // what it refused: "from", "to" or "text"
	Code   int    // such as 550
	Status string // enhanced status, such as "5.1.1"; "" when it gave none
	Said   string // the server's words, which may repeat the address: they are for sealing only
}

// Error tells code and status.
func (r *Refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server answered %d %s", r.Code, r.Status))
}

// Nobody says whether the address is the trouble, so that writing to it again makes no sense: no such mailbox, domain or
// person. A full mailbox, a policy or a filter may think otherwise tomorrow.
func (r *Refusal) Nobody() bool { return r.Stage == "to" && Nobody(r.Code, r.Status) }

// Nobody says whether a code or, better, an enhanced status means that there is nobody at the address.
func Nobody(code int, status string) bool {
	switch status {
	case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	case "":
		return code == 550 || code == 551 || code == 553
	}
	return false
}

// Refused marks err as final.
func Refused(err error) error { return fmt.Errorf("%w: %w", ErrRefused, err) }

const (
	maxBody    = 1 << 20
	maxSubject = 250
)

// Check says whether the message may be sent. Its errors never hold the address.
func (m Message) Check() error {
	if !Address(m.To) || m.ReplyTo != "" && !Address(m.ReplyTo) || m.Return != "" && !Address(m.Return) {
		return Refused(errors.New("the address is malformed"))
	}
	for _, s := range []string{m.ID, m.To, m.ToName, m.ReplyTo, m.Subject, m.Language, m.Kind, m.Return} {
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
