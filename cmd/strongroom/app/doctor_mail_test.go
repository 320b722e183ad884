package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"strongroom/base/config"
	"strongroom/base/mail/align"
	"strongroom/base/mail/dkim"
	"strongroom/base/mail/smtp"
)

// inbox is a mail server in the world that takes everything.
type inbox struct {
	mu       sync.Mutex
	from, to string
	text     []byte
}

func (b *inbox) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return b, nil }
func (b *inbox) Mail(from string, _ *gosmtp.MailOptions) error   { b.from = from; return nil }
func (b *inbox) Rcpt(to string, _ *gosmtp.RcptOptions) error     { b.to = to; return nil }
func (b *inbox) Reset()                                          {}
func (b *inbox) Logout() error                                   { return nil }
func (b *inbox) Data(r io.Reader) (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text, err = io.ReadAll(r)
	return err
}

// records is a DNS whose TXT records the test publishes.
type records map[string]string

func (n records) LookupTXT(_ context.Context, name string) ([]string, error) {
	if v, ok := n[name]; ok {
		return []string{v}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n records) LookupMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: "mail.shop.example."}}, nil
}

func (n records) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

// "doctor mail" shows what to paste, finds it once it is pasted, has mails signed from then on, and the test mail that
// a real server takes is verified by an outside reader.
func TestDoctorMail(t *testing.T) {
	box, dns := &inbox{}, records{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := gosmtp.NewServer(box)
	go func() { _ = srv.Serve(ln) }()
	defer func() { _ = srv.Close() }()
	sender, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, Encryption: smtp.Plain, From: "hello@shop.example", FromName: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	shop := config.Shop{Name: "Shop", LegalName: "Shop GmbH", Address: []string{"Weg 1"}, Country: "DE", Currency: "EUR", PriceMode: config.Inclusive,
		Languages: []string{"en"}, DefaultLanguage: "en", TimeZone: zone, Email: "hello@shop.example", OwnerEmail: "owner@shop.example",
		PublicURL: "https://shop.example", TestMode: true, WithdrawalDays: 14, ReturnDays: 30}
	log := &bytes.Buffer{}
	s, err := Open(t.Context(), Config{Shop: shop, Place: InFolder(t.TempDir()), Mail: sender, Log: slog.New(slog.NewTextHandler(log, nil)),
		Payment: Payment{SandboxURL: "https://pay.example.org", Account: "test", APIKey: "sk_test_0123456789abcdef", NoticeSecret: "whsec_0123456789abcdef"},
		Post:    Post{Host: "mail.shop.example", Bounces: "bounces@shop.example", Resolver: dns}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	look := func(to string) (MailReport, map[string]Finding) {
		t.Helper()
		r, err := s.DiagnoseMail(t.Context(), MailTest{To: to}, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]Finding{}
		for _, f := range r.Findings {
			if m[f.Name] = f; f.State != Fine && f.Do == "" {
				t.Errorf("%s says nothing to do: %s", f.Name, f.Found)
			}
		}
		return r, m
	}
	r, m := look("")
	if len(r.Lines) != 4 || m["alignment"].State != Wrong || m["signature"].State != Warn || r.Sent != "" || box.to != "" {
		t.Fatalf("before anything is published: %+v", r)
	}
	s.Post.Warn(t.Context())
	if !strings.Contains(log.String(), "mails may not arrive") {
		t.Errorf("the log does not warn: %s", log)
	}
	for _, l := range r.Lines {
		dns[l.Name] = strings.Join(align.Split(l.Value), "")
	}
	look("") // DNS shows the keys: they sign from now on
	r, m = look("me@elsewhere.example")
	for name, f := range m {
		if f.State != Fine {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if r.Sent != "me@elsewhere.example" || box.to != r.Sent || !strings.HasPrefix(box.from, "bounces+") {
		t.Errorf("sent to %q from %q: %+v", box.to, box.from, r.Sent)
	}
	vs, err := dkim.Verify(box.text, func(n string) ([]string, error) { return dns.LookupTXT(t.Context(), n) })
	if err != nil || len(vs) != 2 || vs[0].Err != nil || vs[1].Err != nil {
		t.Errorf("the test mail: %+v, %v\n%s", vs, err, box.text)
	}
	delete(dns, "_dmarc.shop.example")
	if _, m = look(""); m["DMARC"].State != Wrong || !strings.Contains(m["DMARC"].Do, "v=DMARC1; p=quarantine") {
		t.Errorf("DMARC: %+v", m["DMARC"])
	}
}
