package smtp_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"strongroom/base/mail"
	"strongroom/base/mail/smtp"
)

// server counts connections and keeps what it takes; it refuses anybody called "nobody".
type server struct {
	mu    sync.Mutex
	conns []net.Conn
	took  []string
	from  []string // envelope senders
}

func (s *server) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, c.Conn())
	return &session{s: s, c: c}, nil
}

func (s *server) counts() (conns, mails int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns), len(s.took)
}

// hangUp ends all connections, as a server does that has waited long enough.
func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
}

type session struct {
	s  *server
	c  *gosmtp.Conn
	to string
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.from = append(s.s.from, from)
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.to = to
	switch {
	case strings.HasPrefix(to, "nobody@"):
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such person"}
	case strings.HasPrefix(to, "later@"):
		return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 2, 0}, Message: "come back"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if strings.HasPrefix(s.to, "filtered@") {
		return &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: "not that"}
	}
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.took = append(s.s.took, string(b))
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func open(t *testing.T) (*server, *smtp.Sender) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &server{}
	srv := gosmtp.NewServer(box)
	srv.Domain = "localhost"
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	s, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: smtp.Plain,
		From: "shop@example.org", FromName: "Shop", Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return box, s
}

func letter(id, to string) mail.Message {
	return mail.Message{ID: id, To: to, ToName: "Ada", Subject: "Grüße " + id, Text: "Hello.\n.\nA dot alone.", HTML: "<p>Hello</p>", Language: "en"}
}

// A burst of mails goes over one connection, each mail whole and with its own id.
func TestBurst(t *testing.T) {
	box, s := open(t)
	for _, id := range []string{"m1", "m2", "m3"} {
		if err := s.Send(t.Context(), letter(id, "ada@example.org")); err != nil {
			t.Fatal(err)
		}
	}
	conns, mails := box.counts()
	if conns != 1 || mails != 3 {
		t.Fatalf("%d mails over %d connections, want 3 over 1", mails, conns)
	}
	for i, id := range []string{"m1", "m2", "m3"} {
		if !strings.Contains(box.took[i], "<"+id+"@example.org>") || !strings.Contains(box.took[i], "A dot alone.") {
			t.Errorf("mail %d is not whole:\n%s", i, box.took[i])
		}
	}
}

// Many at once use no more than they need and lose none.
func TestManyAtOnce(t *testing.T) {
	box, s := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if err := s.Send(t.Context(), letter("m", "ada@example.org")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if conns, mails := box.counts(); mails != 160 || conns > 100 {
		t.Fatalf("%d mails over %d connections", mails, conns)
	}
}

// A server that has hung up in between costs nothing: the mail goes over a new connection, once.
func TestHungUp(t *testing.T) {
	box, s := open(t)
	for _, id := range []string{"m1", "m2"} {
		if err := s.Send(t.Context(), letter(id, "ada@example.org")); err != nil {
			t.Fatal(err)
		}
		box.hangUp()
	}
	if conns, mails := box.counts(); conns != 2 || mails != 2 {
		t.Fatalf("%d mails over %d connections, want 2 over 2", mails, conns)
	}
}

// A refusal is final or passing as the server says, names nobody, and leaves the next mail alone.
func TestRefusals(t *testing.T) {
	box, s := open(t)
	for to, final := range map[string]bool{"nobody@example.org": true, "later@example.org": false} {
		err := s.Send(t.Context(), letter("m1", to))
		if err == nil || errors.Is(err, mail.ErrRefused) != final || strings.Contains(err.Error(), to) {
			t.Errorf("%s: %v, want final %v and no address", to, err, final)
		}
		if err := s.Send(t.Context(), letter("m2", "ada@example.org")); err != nil {
			t.Error(err)
		}
	}
	if _, mails := box.counts(); mails != 2 {
		t.Errorf("%d mails, want 2", mails)
	}
}

// A server that is not there is a passing failure.
func TestAway(t *testing.T) {
	s, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: 1, Encryption: smtp.Plain, From: "shop@example.org", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), letter("m", "ada@example.org")); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Fatalf("got %v, want a passing failure", err)
	}
	if err := s.Probe(t.Context()); err == nil {
		t.Fatal("nobody is there, and the probe passes")
	}
}
