package dkim_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"strongroom/base/mail/dkim"
)

const mail = "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nFrom: \"Shop\" <shop@example.org>\r\nTo: ada@example.com\r\nSubject: Gr=FC=DFe\r\n" +
	"Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nHello.  \r\n\r\nBye.\r\n\r\n"

// pair makes both keys, as the store does, and the DNS that shows them.
func pair(t *testing.T) ([]*dkim.Key, map[string]string) {
	t.Helper()
	var keys []*dkim.Key
	dns := map[string]string{}
	for _, a := range []dkim.Algorithm{dkim.Ed25519, dkim.RSA} {
		private, public, err := dkim.Make(a)
		if err != nil {
			t.Fatal(err)
		}
		k, err := dkim.Open("example.org", "s"+string(a), private)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
		dns["s"+string(a)+"._domainkey.example.org"] = dkim.Record(a, public)
		if shown := fmt.Sprintf("%v %+v %#v", k, *k, k); strings.Contains(shown, base64.StdEncoding.EncodeToString(private)[40:60]) {
			t.Error("a key is printed")
		}
	}
	return keys, dns
}

func verdicts(t *testing.T, message []byte, dns map[string]string) (good, bad int) {
	t.Helper()
	vs, err := dkim.Verify(message, func(name string) ([]string, error) {
		if r, ok := dns[name]; ok {
			return []string{r}, nil
		}
		return nil, errors.New("no such name")
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vs {
		if v.Err == nil && v.Domain == "example.org" {
			good++
		} else {
			bad++
		}
	}
	return good, bad
}

// An outside reader verifies both signatures, and neither once something that a reader believes was changed or added
// (V11.1.1, V11.3.4: authenticity with approved algorithms).
func TestBothSignatures_V11_1_1(t *testing.T) {
	keys, dns := pair(t)
	head, err := dkim.Sign(keys, []byte(mail))
	if err != nil {
		t.Fatal(err)
	}
	whole := append(bytes.Clone(head), mail...)
	if good, bad := verdicts(t, whole, dns); good != 2 || bad != 0 {
		t.Fatalf("%d good and %d bad signatures, want 2 and 0:\n%s", good, bad, head)
	}
	for _, a := range []string{"a=ed25519-sha256", "a=rsa-sha256", "d=example.org"} {
		if !strings.Contains(string(head), a) {
			t.Errorf("the signatures lack %s", a)
		}
	}
	for name, c := range map[string][2]string{"body": {"Hello.", "Hallo."}, "subject": {"Subject: Gr", "Subject: gr"}, "to": {"ada@", "eve@"},
		"second from": {"From: ", "From: evil@example.net\r\nFrom: "}, "second subject": {"Subject: ", "Subject: x\r\nSubject: "},
		"more text": {"Bye.\r\n", "Bye.\r\nPay here.\r\n"}, "reply-to": {"Subject: ", "Reply-To: evil@example.net\r\nSubject: "},
		"kind": {"text/plain", "text/html"}} {
		if good, _ := verdicts(t, bytes.Replace(whole, []byte(c[0]), []byte(c[1]), 1), dns); good != 0 {
			t.Errorf("%s: changed, and %d signatures hold", name, good)
		}
	}
	// What servers on the way may do: white space at the ends of lines, more headers on top.
	travelled := append([]byte("Received: by mx.example\r\n"), bytes.Replace(whole, []byte("Hello.  "), []byte("Hello."), 1)...)
	if good, _ := verdicts(t, travelled, dns); good != 2 {
		t.Errorf("after travelling %d signatures hold", good)
	}
	delete(dns, "srsa._domainkey.example.org")
	if good, bad := verdicts(t, whole, dns); good != 1 || bad != 1 {
		t.Errorf("with one record gone: %d good, %d bad", good, bad)
	}
}

// The keys are of the sizes that readers want: 2048 bits of RSA, 32 bytes of Ed25519 (RFC 8463: the bare bytes).
func TestPublicHalves(t *testing.T) {
	_, dns := pair(t)
	for name, want := range map[string]int{"sed25519": ed25519.PublicKeySize, "srsa": 294} {
		_, p, _ := strings.Cut(dns[name+"._domainkey.example.org"], "p=")
		b, err := base64.StdEncoding.DecodeString(p)
		if err != nil || len(b) != want {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(b), err, want)
		}
		if name == "srsa" {
			if _, err := x509.ParsePKIXPublicKey(b); err != nil {
				t.Error(err)
			}
		}
	}
	if out, err := dkim.Sign(nil, []byte(mail)); err != nil || len(out) != 0 {
		t.Errorf("signed without keys: %q, %v", out, err)
	}
	if _, err := dkim.Open("example.org", "s", []byte("no key")); err == nil {
		t.Error("opened no key")
	}
	if _, _, err := dkim.Make("dsa"); err == nil {
		t.Error("made a key of another kind")
	}
}

// What two signatures of a mail of a confirmation's size cost.
func BenchmarkSign(b *testing.B) {
	var keys []*dkim.Key
	for _, a := range []dkim.Algorithm{dkim.Ed25519, dkim.RSA} {
		private, _, err := dkim.Make(a)
		if err != nil {
			b.Fatal(err)
		}
		k, err := dkim.Open("example.org", string(a), private)
		if err != nil {
			b.Fatal(err)
		}
		keys = append(keys, k)
	}
	text := []byte(mail + strings.Repeat("a line of a letter, quoted as mails are, of some length =\r\n", 700))
	for _, c := range []struct {
		name string
		keys []*dkim.Key
	}{{"ed25519", keys[:1]}, {"rsa", keys[1:]}, {"both", keys}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := dkim.Sign(c.keys, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
