package main

import (
	"io"
	"net"

	gosmtp "github.com/emersion/go-smtp"
)

// takeMail starts a mail server that takes everything and keeps nothing, and returns its port.
func takeMail() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	srv := gosmtp.NewServer(sink{})
	srv.Domain = "localhost"
	go func() { _ = srv.Serve(l) }() // ends with the program
	return l.Addr().(*net.TCPAddr).Port, nil
}

type sink struct{}

// NewSession begins one mail.
func (sink) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return sink{}, nil }

// Mail takes any sender.
func (sink) Mail(string, *gosmtp.MailOptions) error { return nil }

// Rcpt takes any recipient.
func (sink) Rcpt(string, *gosmtp.RcptOptions) error { return nil }

// Data reads the message and forgets it.
func (sink) Data(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }

// Reset forgets nothing.
func (sink) Reset() {}

// Logout ends the session.
func (sink) Logout() error { return nil }
