package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Receiver is a small SMTP server for bounces. It takes mail for addresses that the store made and for nobody else,
// relays nothing, and keeps nothing but what the report says.
type Receiver struct{ server *smtp.Server }

// Receive answers on a listener until Close. t is for STARTTLS; nil for none.
func (s *Service) Receive(ln net.Listener, t *tls.Config) *Receiver {
	srv := smtp.NewServer(backend{s})
	srv.Domain = domain(s.d.Bounces)
	srv.TLSConfig = t
	srv.MaxMessageBytes, srv.MaxRecipients, srv.MaxLineLength = MaxReport, 1, 2000
	srv.ReadTimeout, srv.WriteTimeout = 30*time.Second, 30*time.Second
	srv.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	go func() { _ = srv.Serve(&bounded{ln, make(chan struct{}, mostLines)}) }() // ends with Close
	return &Receiver{srv}
}

// Close hangs up.
func (r *Receiver) Close() error { return r.server.Close() }

// mostLines bounds the connections at one time; whoever comes beyond waits.
const mostLines = 20

// longest is how long one connection may last.
const longest = 2 * time.Minute

type bounded struct {
	net.Listener
	free chan struct{}
}

// Accept waits for a free place.
func (b *bounded) Accept() (net.Conn, error) {
	b.free <- struct{}{}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	k := &counted{Conn: c, free: b.free}
	k.most = time.AfterFunc(longest, func() { _ = k.Close() }) // whatever it sends, and however slowly
	return k, nil
}

type counted struct {
	net.Conn
	free chan struct{}
	most *time.Timer
	once sync.Once
}

// Close gives the place back.
func (c *counted) Close() error {
	c.once.Do(func() { <-c.free })
	return c.Conn.Close()
}

type backend struct{ s *Service }

// NewSession begins a conversation.
func (b backend) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s: b.s}, nil }

type session struct {
	s  *Service
	to string
}

// Mail takes every sender: reports have none, and nothing is believed of it.
func (x *session) Mail(string, *smtp.MailOptions) error {
	x.to = ""
	return nil
}

// Rcpt takes addresses that the store made.
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, ok := x.s.Letter(to); !ok {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "Only bounces are taken here."}
	}
	x.to = to
	return nil
}

// Data reads the report.
func (x *session) Data(r io.Reader) error {
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(r, MaxReport+1)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := x.s.Report(ctx, x.to, b.Bytes()); err != nil {
		x.s.d.Log.Warn("a bounce could not be taken down", "error", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Please try again later."}
	}
	return nil
}

// Reset begins anew.
func (x *session) Reset() { x.to = "" }

// Logout ends the conversation.
func (x *session) Logout() error { return nil }
