package gatewaytest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"strongroom/shop/payment"
)

func (b *Bench) parse(s Sent) (payment.Notice, error) {
	return b.Gateway.ParseNotice(context.Background(), b.Now(), s.Header, s.Body)
}

func (b *Bench) refused(t *testing.T, what string, s Sent) {
	t.Helper()
	n, err := b.parse(s)
	if !errors.Is(err, payment.ErrNotice) {
		t.Errorf("%s: %v; want ErrNotice", what, err)
	}
	if n != (payment.Notice{}) {
		t.Errorf("%s: a refused notice still says something: %+v", what, n)
	}
}

// V4.1.5: what the provider really sends is believed, and leads to the session.
func noticesGenuine(t *testing.T, b *Bench) {
	s := b.paid(t, "a")
	b.Advance(0)
	sent := b.Notices()
	if len(sent) == 0 {
		t.Fatal("nothing was sent about a paid session")
	}
	ids := map[string]bool{}
	for _, m := range sent {
		n, err := b.parse(m)
		must(t, err)
		if n.ID == "" || (n.Ref != s.Ref && n.Reference != s.Reference && n.Charge != b.fetch(t, s).Charge) {
			t.Errorf("the notice leads nowhere: %+v", n)
		}
		if d := b.Gateway.Describe(); n.Account != d.Account || n.Mode != d.Mode {
			t.Errorf("the notice is of %s, %s", n.Account, n.Mode)
		}
		ids[n.ID] = true
		again, err := b.parse(m)
		must(t, err)
		if again.ID != n.ID {
			t.Error("the same notice has two ids")
		}
	}
	if len(ids) != len(sent) {
		t.Error("two notices share an id")
	}
}

// Row 13: wrong key, old and future time, altered body and header.
func noticesForged(t *testing.T, b *Bench) {
	now := b.Now()
	good := b.Sign(now, "", nil)
	if _, err := b.parse(good); err != nil {
		t.Fatalf("the bench's own notice is refused: %v", err)
	}
	b.refused(t, "wrong secret", b.Sign(now, "another secret of enough length", nil))
	old, future := b.Sign(now.Add(-301*time.Second), "", nil), b.Sign(now.Add(301*time.Second), "", nil)
	if b.Ageless {
		_, err := b.parse(old)
		must(t, err)
	} else {
		b.refused(t, "old", old)
		b.refused(t, "future", future)
	}
	b.refused(t, "no header", Sent{http.Header{}, good.Body})
	b.refused(t, "no body", Sent{good.Header, nil})
	b.refused(t, "longer body", Sent{good.Header, append(bytes.Clone(good.Body), ' ')})
	for i := range good.Body {
		altered := bytes.Clone(good.Body)
		altered[i] ^= 1
		b.refused(t, "altered body", Sent{good.Header, altered})
	}
	for name, values := range good.Header {
		for i := range values[0] {
			v := []byte(values[0])
			v[i] ^= 1
			if bytes.EqualFold(v, []byte(values[0])) {
				continue // the case of a hexadecimal digit means nothing
			}
			h := good.Header.Clone()
			h.Set(name, string(v))
			b.refused(t, "altered header "+name, Sent{h, good.Body})
		}
	}
}

// Row 13: a second header, or a second time within it, makes everything doubtful.
func noticesDoubled(t *testing.T, b *Bench) {
	good := b.Sign(b.Now(), "", nil)
	old := b.Sign(b.Now().Add(-time.Hour), "", nil)
	forged := b.Sign(b.Now(), "another secret of enough length", nil)
	for name := range good.Header {
		for _, second := range []string{good.Header.Get(name), old.Header.Get(name), forged.Header.Get(name), ""} {
			for _, values := range [][]string{{good.Header.Get(name), second}, {second, good.Header.Get(name)}} {
				h := good.Header.Clone()
				h[name] = values
				b.refused(t, "double header", Sent{h, good.Body})
			}
		}
		h := good.Header.Clone()
		h.Set(name, old.Header.Get(name)+","+good.Header.Get(name))
		b.refused(t, "two times in one header", Sent{h, good.Body})
	}
}

// Row 13: an event of the other mode, though its signature be right.
func noticesOtherMode(t *testing.T, b *Bench) {
	b.refused(t, "other mode", b.Sign(b.Now(), "", func(body map[string]any) {
		body["mode"] = string(b.OtherMode.Describe().Mode)
	}))
	b.refused(t, "other account", b.Sign(b.Now(), "", func(body map[string]any) { body["account"] = "acct_other" }))
}

// noticesNone: who has nobody to send notices believes none.
func noticesNone(t *testing.T, b *Bench) {
	s := b.paid(t, "a")
	for _, body := range []string{"", "{}", `{"ref":"` + s.Ref + `","status":"paid"}`} {
		b.refused(t, "a notice", Sent{http.Header{"Content-Type": {"application/json"}}, []byte(body)})
	}
}
