package smtp_test

import (
	"errors"
	"strings"
	"testing"

	"strongroom/base/mail"
	"strongroom/base/mail/dkim"
)

// What a real server took is verified by an outside reader, both signatures, dots and long lines included, and the
// envelope names the address for bounces (V11.1.1).
func TestSignedMailsAreVerified_V11_1_1(t *testing.T) {
	box, s := open(t)
	var keys []*dkim.Key
	dns := map[string]string{}
	for _, a := range []dkim.Algorithm{dkim.Ed25519, dkim.RSA} {
		private, public, err := dkim.Make(a)
		if err != nil {
			t.Fatal(err)
		}
		k, err := dkim.Open("example.org", string(a), private)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
		dns[string(a)+"._domainkey.example.org"] = dkim.Record(a, public)
	}
	s.SignWith(func(m []byte) ([]byte, error) { return dkim.Sign(keys, m) })
	m := letter("m1", "ada@example.org")
	m.Text += "\n.. two dots\n" + strings.Repeat("a long line with ümläuts ", 80) + "\n \nend \n"
	m.Return = "bounces+token@example.org"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if box.from[0] != m.Return {
		t.Errorf("the envelope's sender is %q", box.from[0])
	}
	vs, err := dkim.Verify([]byte(box.took[0]), func(name string) ([]string, error) { return []string{dns[name]}, nil })
	if err != nil || len(vs) != 2 || vs[0].Err != nil || vs[1].Err != nil {
		t.Fatalf("verified %+v, %v", vs, err)
	}
	m.ID, m.Return = "m2", ""
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if box.from[1] != "shop@example.org" {
		t.Errorf("without a bounce address the envelope's sender is %q", box.from[1])
	}
	s.SignWith(func([]byte) ([]byte, error) { return nil, errors.New("the keys are away") })
	if err := s.Send(t.Context(), m); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Errorf("a mail that cannot be signed: %v, want another try", err)
	}
}

// A refusal says what was refused and how, and its words are kept apart from the error.
func TestRefusalsAreTold(t *testing.T) {
	_, s := open(t)
	for to, want := range map[string]mail.Refusal{"nobody@example.org": {Stage: "to", Code: 550, Status: "5.1.1", Said: "5.1.1 no such person"},
		"filtered@example.org": {Stage: "text", Code: 554, Status: "5.7.1", Said: "5.7.1 not that"}} {
		err := s.Send(t.Context(), letter("m1", to))
		var r *mail.Refusal
		if !errors.As(err, &r) || *r != want || !errors.Is(err, mail.ErrRefused) || strings.Contains(err.Error(), "person") {
			t.Errorf("%s: %+v, %v", to, r, err)
		}
		if r != nil && r.Nobody() != (want.Stage == "to") {
			t.Errorf("%s: nobody there: %v", to, r.Nobody())
		}
	}
	for status, want := range map[string]bool{"5.1.1": true, "5.1.2": true, "5.2.1": true, "5.2.2": false, "5.7.1": false, "5.3.4": false, "4.1.1": false} {
		if mail.Nobody(550, status) != want {
			t.Errorf("%s: %v", status, !want)
		}
	}
	if mail.Nobody(554, "") || !mail.Nobody(550, "") || mail.Nobody(0, "") {
		t.Error("answers without a status are taken wrongly")
	}
}
