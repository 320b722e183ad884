// Package smtp sends mail through a real mail server.
//
// The connection is encrypted (implicit TLS or STARTTLS, which is then required); a plain connection is allowed to a
// loopback address only. One sending takes at most Config.Timeout. A permanent refusal (a 5xx answer) is told apart
// from a passing one, which the job tries again.
//
// A connection is kept for a few seconds after a mail, so that a burst of mails does not pay for greeting, TLS and
// sign-in each time (see lines.go).
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"time"

	gomail "github.com/wneessen/go-mail"

	"strongroom/base/clock"
	"strongroom/base/mail"
)

// Encryption says how the connection is protected.
type Encryption string

// The ways to protect the connection.
const (
	Implicit Encryption = "tls"      // TLS from the first byte, usually port 465
	StartTLS Encryption = "starttls" // required, usually port 587
	Plain    Encryption = "none"     // loopback only
)

// Config names the server and the sender.
type Config struct {
	Host       string
	Port       int
	Encryption Encryption
	User       string // empty for no sign-in
	Password   string
	From       string // address
	FromName   string
	Timeout    time.Duration // default 15 s
	TLS        *tls.Config   // nil for the system's authorities
	Clock      clock.Clock   // dates the mails; nil for the system's
}

// Signer gives the headers that sign a message, to stand before it; none while there is nothing to sign with.
type Signer func(message []byte) (headers []byte, err error)

// Sender sends through the configured server.
type Sender struct {
	c      Config
	client *gomail.Client
	lines  lines
	sign   Signer
}

// New checks the configuration.
func New(c Config) (*Sender, error) {
	if c.Timeout <= 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	switch {
	case c.Host == "" || c.Port <= 0 || c.Port > 65535:
		return nil, errors.New("mail: the server's host and port are needed")
	case !mail.Address(c.From):
		return nil, errors.New("mail: the sender's address is malformed")
	case c.Encryption == Plain && !loopback(c.Host):
		return nil, errors.New("mail: without encryption only a server on this machine is allowed")
	case c.Encryption != Plain && c.Encryption != Implicit && c.Encryption != StartTLS:
		return nil, fmt.Errorf("mail: encryption must be %q, %q or %q", Implicit, StartTLS, Plain)
	}
	s := &Sender{c: c}
	var err error
	if s.client, err = newClient(c); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	s.lines.quit = s.client.CloseWithSMTPClient
	return s, nil
}

// SignWith has every mail signed from now on. It is called before the first mail.
func (s *Sender) SignWith(f Signer) { s.sign = f }

// Compose writes a message as it would be sent now, with its signatures.
func (s *Sender) Compose(m mail.Message) ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	out := s.compose(m, s.c.Clock.Now())
	if s.sign == nil {
		return out, nil
	}
	head, err := s.sign(out)
	if err != nil {
		return nil, fmt.Errorf("mail: sign: %w", err)
	}
	return append(head, out...), nil
}

// Close hangs up. The sender may still be used.
func (s *Sender) Close() error {
	s.lines.clear()
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Send delivers the message to the server.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	out, err := s.Compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.c.Timeout)
	defer cancel()
	if l := s.lines.take(); l != nil {
		if begun, err := s.over(l, m, out); begun || !stale(err) {
			return outcome(err)
		}
		s.lines.clear() // the server has hung up, on the others too: once more over a new line
	}
	l, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return away(err)
	}
	_, err = s.over(&line{conn: l}, m, out)
	return outcome(err)
}

// over sends the message over a line and keeps the line if all went well. It also says whether the server has heard of
// the mail. One line carries one mail at a time, so that its text connection is ours.
func (s *Sender) over(l *line, m mail.Message, out []byte) (begun bool, err error) {
	defer func() {
		if err != nil {
			l.hangUp()
		}
	}()
	if err = l.conn.UpdateDeadline(s.c.Timeout); err != nil {
		return false, err
	}
	from := m.Return
	if from == "" {
		from = s.c.From
	}
	if err = l.conn.Mail("<" + from + ">"); err != nil {
		return false, stage{"from", err}
	}
	if err = l.conn.Rcpt("<" + m.To + ">"); err != nil {
		return true, stage{"to", err}
	}
	t := l.conn.Text
	if err = t.PrintfLine("DATA"); err != nil {
		return true, err
	}
	if _, _, err = t.ReadResponse(354); err != nil {
		return true, stage{"text", err}
	}
	if _, err = t.W.Write(append(out, ".\r\n"...)); err == nil {
		err = t.W.Flush()
	}
	if err != nil {
		return true, err
	}
	if _, _, err = t.ReadResponse(250); err != nil {
		return true, stage{"text", err}
	}
	s.lines.give(l)
	return true, nil
}

// stale says whether a kept line failed because the server had left it.
func stale(err error) bool {
	var said *textproto.Error
	return !errors.As(err, &said) || said.Code == 421
}

// Probe connects, signs in and hangs up: for the doctor.
func (s *Sender) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.c.Timeout)
	defer cancel()
	l, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	return s.client.CloseWithSMTPClient(l)
}

func newClient(c Config) (*gomail.Client, error) {
	// MAIL FROM begins a mail anew, so that neither RSET nor NOOP is needed between two.
	opts := []gomail.Option{gomail.WithPort(c.Port), gomail.WithTimeout(c.Timeout), gomail.WithoutNoop(), gomail.WithoutRset()}
	switch c.Encryption {
	case Implicit:
		opts = append(opts, gomail.WithSSL())
	case StartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Plain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if c.TLS != nil {
		opts = append(opts, gomail.WithTLSConfig(c.TLS))
	}
	if c.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	return gomail.NewClient(c.Host, opts...)
}

func domain(address string) string {
	for i := range len(address) {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return "localhost"
}

// stage is an answer with what it was about.
type stage struct {
	name string
	error
}

// Unwrap is the answer.
func (s stage) Unwrap() error { return s.error }

// enhanced is the status at the beginning of an answer (RFC 3463).
var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// outcome tells final refusals apart and keeps server texts, which may repeat the address, out of the error.
func outcome(err error) error {
	if err == nil {
		return nil
	}
	var said *textproto.Error
	if !errors.As(err, &said) {
		return away(err)
	}
	if said.Code >= 500 {
		r := &mail.Refusal{Stage: "text", Code: said.Code, Said: said.Msg}
		var at stage
		if errors.As(err, &at) {
			r.Stage = at.name
		}
		if m := enhanced.FindString(said.Msg); m != "" {
			r.Status = m
		}
		return mail.Refused(r)
	}
	return fmt.Errorf("mail: the server answered %d and may take it later", said.Code)
}

func away(err error) error {
	return fmt.Errorf("mail: the server was not reached or hung up: %w", err)
}
