package post_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/mail/align"
	"strongroom/base/mail/dkim"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/order"
	"strongroom/shop/post"
)

// names is a DNS whose records tests publish.
type names map[string]string

func (n names) LookupTXT(_ context.Context, name string) ([]string, error) {
	if v, ok := n[name]; ok {
		return []string{v}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n names) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return []*net.MX{{Host: "mail.shop.example."}}, nil
}

func (n names) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

// publish puts everything that the store asks for into DNS.
func (n names) publish(t *testing.T, h *house) {
	t.Helper()
	s, err := h.Sender(h.ctx)
	h.must(err)
	for _, l := range s.Lines() {
		n[l.Name] = strings.Join(align.Split(l.Value), "")
	}
}

// book knows one order.
type book struct{ a order.Addressee }

func (b *book) Addressee(_ context.Context, object id.ID) (order.Addressee, error) {
	if object == b.a.Order {
		return b.a, nil
	}
	return order.Addressee{}, nil
}

type house struct {
	*post.Service
	dbtest.Pair
	t     *testing.T
	ctx   context.Context
	vault *vault.Vault
	jobs  *job.Queue
	dns   names
	book  *book
	log   *bytes.Buffer
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func open(t *testing.T, p dbtest.Pair) *house {
	t.Helper()
	h := &house{Pair: p, t: t, ctx: context.Background(), vault: vaulttest.New(t, p), dns: names{}, book: &book{}, log: &bytes.Buffer{}}
	h.jobs = job.New(p.Data, nil, 1)
	h.must(job.HandleRun(h.jobs, post.OwnerLetter, job.Options{}, func(context.Context, job.Run, post.Told) error { return nil }))
	log := audit.New(audit.Deps{DB: p.Data, Vault: h.vault})
	t.Cleanup(func() { h.must(log.Close()) })
	subject, err := h.vault.NewSubject(h.ctx, vault.Fulfilment, vault.Fiscal)
	h.must(err)
	h.book.a = order.Addressee{Order: id.New(p.Clock.Now(), nil), Number: "K7Q2-M9XD", Subject: subject, Email: "planted@mail.example"}
	h.Service, err = post.New(post.Deps{DB: p.Data, Vault: h.vault, Audit: log, Jobs: h.jobs, Orders: h.book, Resolver: h.dns,
		Log: slog.New(slog.NewTextHandler(h.log, nil)), From: "shop@shop.example", Bounces: "bounces@shop.example", Host: "mail.shop.example", Owner: "owner@shop.example"})
	h.must(err)
	return h
}

const message = "From: shop@shop.example\r\nTo: a@b.example\r\nSubject: x\r\n\r\nHello.\r\n"

// signatures are how many signatures a reader verifies, and whether any fails.
func (h *house) signatures() int {
	h.t.Helper()
	head, err := h.Sign([]byte(message))
	h.must(err)
	vs, err := dkim.Verify(append(head, message...), func(n string) ([]string, error) { return h.dns.LookupTXT(h.ctx, n) })
	h.must(err)
	for _, v := range vs {
		if v.Err != nil {
			h.t.Errorf("a signature fails: %v", v.Err)
		}
	}
	return len(vs)
}

// Keys sign once DNS shows them; a rotation has two selectors live until the next one is seen, and at no moment does a
// mail carry a signature that nobody can verify (V11.1.1, V11.2.2).
func TestKeysAreRotated_V11_1_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		first, err := h.RotateKeys(h.ctx)
		h.must(err)
		day := p.Clock.Now().UTC().Format("20060102")
		if len(first) != 2 || first[0].Selector != "sr"+day+"e" || first[1].Selector != "sr"+day+"r" {
			t.Fatalf("made %+v", first)
		}
		if again, err := h.RotateKeys(h.ctx); err != nil || len(again) != 2 || again[0].Selector != first[0].Selector {
			t.Errorf("a pair that waits was followed by another: %v", err)
		}
		if n := h.signatures(); n != 0 {
			t.Errorf("%d signatures before DNS shows a key", n)
		}
		h.look(false)
		h.dns.publish(t, h)
		h.look(true)
		if n := h.signatures(); n != 2 {
			t.Errorf("%d signatures, want 2", n)
		}
		p.Clock.Advance(400 * 24 * time.Hour)
		next, err := h.RotateKeys(h.ctx)
		h.must(err)
		if next[0].Selector == first[0].Selector || h.signatures() != 2 {
			t.Error("the next pair disturbs the first")
		}
		found := h.look(false) // the next pair is not there yet: said, and the first signs on
		if found["DKIM "+next[0].Selector].State != align.Wrong || found["DKIM "+first[0].Selector].State != align.Fine || h.signatures() != 2 {
			t.Errorf("while two selectors are expected: %+v", found)
		}
		h.dns.publish(t, h)
		h.look(true)
		for _, k := range first {
			delete(h.dns, k.Selector+"._domainkey.shop.example")
		}
		p.Clock.Advance(2 * time.Minute)
		if n := h.signatures(); n != 2 {
			t.Errorf("%d signatures after the rotation, want 2", n)
		}
		h.look(true)
		keys, err := h.Service.Keys(h.ctx)
		h.must(err)
		if len(keys) != 4 || keys[0].State() != "ended" || keys[3].State() != "signs" {
			t.Errorf("keys: %+v", keys)
		}
	})
}

// look checks DNS and what the store remembers and logs of it.
func (h *house) look(aligned bool) map[string]align.Finding {
	h.t.Helper()
	list, err := h.Check(h.ctx)
	h.must(err)
	out := map[string]align.Finding{}
	for _, f := range list {
		out[f.Name] = f
	}
	c, err := h.Checked(h.ctx)
	h.must(err)
	h.log.Reset()
	h.Warn(h.ctx)
	if c.Aligned != aligned || c.At.IsZero() || strings.Contains(h.log.String(), "strongroom doctor mail") == aligned {
		h.t.Errorf("aligned %v, want %v: %s; the log says %q", c.Aligned, aligned, c.Summary, h.log)
	}
	return out
}

// The private halves stand sealed, and are gone once their successors sign (V13.3.1).
func TestPrivateHalvesAreSealed_V13_3_1(t *testing.T) {
	p := dbtest.Open(t, dbtest.Engines()[0])
	h := open(t, p)
	for range 2 {
		_, err := h.RotateKeys(h.ctx)
		h.must(err)
		h.dns.publish(t, h)
		_, err = h.Check(h.ctx)
		h.must(err)
	}
	sealed, gone := post.SealedForTest(h.ctx, p.Data)
	if len(sealed) != 2 || gone != 2 {
		t.Fatalf("%d sealed keys, %d gone", len(sealed), gone)
	}
	for selector, b := range sealed {
		if _, err := dkim.Open("shop.example", selector, b); err == nil {
			t.Errorf("%s stands in clear", selector)
		}
	}
}

// The envelope's token names a letter, and nobody but the store can make one (V11.3.3, V9.1.1).
func TestEnvelopes_V11_3_3(t *testing.T) {
	h := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	for _, kind := range []string{"confirmation", "receipt", "link", "mail"} {
		l := post.Letter{Object: id.New(h.Clock.Now(), nil), Kind: kind}
		a := h.Return(l)
		local, _, _ := strings.Cut(a, "@")
		if got, ok := h.Letter("<" + strings.ToUpper(a) + ">"); !ok || got != l || len(local) > 64 {
			t.Errorf("%s: %+v, %v from %s", kind, got, ok, a)
		}
		for i := len("bounces+"); i < len(local); i++ {
			forged := []byte(a)
			forged[i] = map[bool]byte{true: 'b', false: 'a'}[forged[i] == 'a']
			if got, ok := h.Letter(string(forged)); ok && got != l { // the last letter of base32 has spare bits
				t.Fatalf("a forged address is believed: %s", forged)
			}
		}
	}
	if l, ok := h.Letter(h.Return(post.Letter{Object: id.New(h.Clock.Now(), nil), Kind: "of tomorrow"})); !ok || l.Kind != "mail" {
		t.Errorf("a kind without number: %+v, %v", l, ok)
	}
	if a := h.Return(post.Letter{}); a != "" {
		t.Errorf("a letter about nothing comes back to %s", a)
	}
}

// The receiver takes reports for its own addresses by SMTP, from anybody, and is no relay.
func TestReceiver(t *testing.T) {
	h := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	r := h.Receive(ln, &tls.Config{MinVersion: tls.VersionTLS12})
	defer func() { h.must(r.Close()) }()
	to := h.Return(post.Letter{Object: h.book.a.Order, Kind: "confirmation"})
	h.must(h.deliver(ln.Addr().String(), to, report))
	list, err := h.About(h.ctx, h.book.a.Order)
	if err != nil || len(list) != 1 || !list[0].Nobody || list[0].Status != "5.1.1" {
		t.Fatalf("bounces: %+v, %v", list, err)
	}
	if stopped, err := h.Stopped(h.ctx, h.book.a.Subject, "planted@mail.example"); err != nil || !stopped {
		t.Errorf("stopped %v, %v", stopped, err)
	}
	for _, other := range []string{"bounces@shop.example", "shop@shop.example", "somebody@elsewhere.example", strings.Replace(to, "+", "+x", 1)} {
		if err := h.deliver(ln.Addr().String(), other, report); err == nil || !strings.Contains(err.Error(), "550") {
			t.Errorf("%s: %v, want 550", other, err)
		}
	}
	if err := h.deliver(ln.Addr().String(), to, strings.Repeat("x", 70)+"\r\n"+strings.Repeat(strings.Repeat("y", 70)+"\r\n", post.MaxReport/70)); err == nil {
		t.Error("a message beyond the bound was taken")
	}
	if list, _ := h.About(h.ctx, h.book.a.Order); len(list) != 1 {
		t.Errorf("%d bounces", len(list))
	}
}

func (h *house) deliver(address, to, text string) error {
	c, err := smtp.Dial(address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := errors.Join(c.Mail(""), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err = fmt.Fprint(w, text); err != nil {
		return err
	}
	return w.Close()
}

var report = strings.ReplaceAll(`From: MAILER-DAEMON@mx.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

No.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; planted@mail.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 planted unknown

--b--
`, "\n", "\r\n")

// Bounces are forgotten after half a year, and stops that were released with them; what holds stays.
func TestBouncesAreForgotten(t *testing.T) {
	h := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	_, err := h.Report(h.ctx, h.Return(post.Letter{Object: h.book.a.Order, Kind: "confirmation"}), []byte(report))
	h.must(err)
	h.Clock.Advance(181 * 24 * time.Hour)
	h.must(h.ForgetForTest(h.ctx))
	if c, err := h.Counts(h.ctx); err != nil || c != (post.Counts{Stopped: 1}) {
		t.Errorf("%+v, %v", c, err)
	}
}
