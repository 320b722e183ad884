package mail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"strongroom/base/mail"
	"strongroom/base/mail/smtp"
)

// server is a real SMTP server on loopback.
type server struct {
	mu     sync.Mutex
	got    []string
	answer error
}

func (s *server) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &session{s}, nil }

type session struct{ s *server }

func (x *session) Mail(string, *gosmtp.MailOptions) error { return nil }
func (x *session) Rcpt(string, *gosmtp.RcptOptions) error { return x.s.answer }
func (x *session) Reset()                                 {}
func (x *session) Logout() error                          { return nil }
func (x *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.got = append(x.s.got, string(b))
	return err
}

func start(t *testing.T, s *server) *smtp.Sender {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := gosmtp.NewServer(s)
	srv.Domain = "localhost"
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	out, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: smtp.Plain,
		From: "shop@kiln.example", FromName: "Kiln & Orchard"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func message() mail.Message {
	return mail.Message{ID: "0192", To: "ada@buyer.example", ToName: "Ada Löß", Subject: "Ihre Bestellung – danke", Text: "Grüße\n",
		HTML: "<p>Grüße</p>", Language: "de", Kind: "confirmation"}
}

func TestARealServerReceivesTheMessage(t *testing.T) {
	s := &server{}
	if err := start(t, s).Send(context.Background(), message()); err != nil {
		t.Fatal(err)
	}
	if len(s.got) != 1 {
		t.Fatalf("%d mails", len(s.got))
	}
	for _, want := range []string{"Message-ID: <0192@kiln.example>", "To: =?utf-8?q?Ada_L=C3=B6=C3=9F?= <ada@buyer.example>",
		"Content-Language: de", "Auto-Submitted: auto-generated", "multipart/alternative", "Gr=C3=BC=C3=9Fe"} {
		if !strings.Contains(s.got[0], want) {
			t.Errorf("%q is not in\n%s", want, s.got[0])
		}
	}
}

func TestFinalRefusalsAreToldApart(t *testing.T) {
	s := &server{answer: &gosmtp.SMTPError{Code: 550, Message: "no such user ada@buyer.example"}}
	out := start(t, s)
	err := out.Send(context.Background(), message())
	if !errors.Is(err, mail.ErrRefused) || strings.Contains(err.Error(), "ada@") {
		t.Fatalf("got %v", err)
	}
	s.answer = &gosmtp.SMTPError{Code: 451, Message: "later ada@buyer.example"}
	err = out.Send(context.Background(), message())
	if err == nil || errors.Is(err, mail.ErrRefused) || strings.Contains(err.Error(), "ada@") {
		t.Fatalf("got %v", err)
	}
}

// What is typed cannot become a header or a second recipient (V1.3.11).
func TestHeadersCannotBeInjected(t *testing.T) {
	for name, spoil := range map[string]func(*mail.Message){
		"subject":       func(m *mail.Message) { m.Subject = "a\r\nBcc: eve@evil.example" },
		"name":          func(m *mail.Message) { m.ToName = "a\nBcc: eve@evil.example" },
		"to":            func(m *mail.Message) { m.To = "ada@buyer.example, eve@evil.example" },
		"to, named":     func(m *mail.Message) { m.To = "Ada <ada@buyer.example>" },
		"to, no domain": func(m *mail.Message) { m.To = "ada@localhost" },
		"reply":         func(m *mail.Message) { m.ReplyTo = "x y@z.example" },
		"id":            func(m *mail.Message) { m.ID = "1> <2" },
		"no text":       func(m *mail.Message) { m.Text = " \n" },
	} {
		m := message()
		spoil(&m)
		s := &server{}
		if err := start(t, s).Send(context.Background(), m); !errors.Is(err, mail.ErrRefused) || len(s.got) != 0 {
			t.Errorf("%s: %v, %d mails", name, err, len(s.got))
		}
	}
}

// V12.3.1: an unencrypted connection leaves this machine nowhere.
func TestPlainIsForLoopbackOnly(t *testing.T) {
	c := smtp.Config{Host: "mail.example", Port: 25, Encryption: smtp.Plain, From: "a@b.example"}
	if _, err := smtp.New(c); err == nil {
		t.Fatal("a plain connection to another machine was accepted")
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("ada@buyer.example")
	f.Add("a\"b@c.d")
	f.Fuzz(func(t *testing.T, s string) {
		if mail.Address(s) && (strings.ContainsAny(s, " \r\n,;<>\x00") || strings.Count(s, "@") != 1) {
			t.Fatalf("%q was accepted", s)
		}
	})
}
