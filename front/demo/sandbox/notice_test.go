package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"strongroom/front/demo/sandbox"
	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
	engine "strongroom/shop/payment/sandbox"
)

func (g *rig) after(d time.Duration) {
	g.clock.Advance(d)
	g.server.Step(context.Background())
}

func kinds(t *testing.T, sent []gatewaytest.Sent) (out []string) {
	t.Helper()
	for _, s := range sent {
		var b struct{ Type string }
		if err := json.Unmarshal(s.Body, &b); err != nil {
			t.Fatal(err)
		}
		out = append(out, b.Type)
	}
	return out
}

// How notices travel, by the choice on the page and by the switch for all.
func TestNoticesTravel(t *testing.T) {
	for _, c := range []struct {
		way          string
		now, in, all int
	}{{"once", 1, 1, 1}, {"twice", 3, 3, 3}, {"late", 0, 1, 1}, {"never", 0, 0, 0}, {"reversed", 0, 0, 1}} {
		for _, global := range []bool{false, true} {
			g := newRig(t)
			s := g.started("a")
			form := "outcome=paid"
			if global {
				g.server.Switch(sandbox.Switches{Notices: c.way})
			} else {
				form += "&notices=" + c.way
			}
			g.browse("POST", "/pay/"+s.Ref, form)
			for i, want := range []int{c.now, c.in, c.all} {
				g.after([]time.Duration{0, 21 * time.Second, time.Minute}[i])
				if got := len(g.box.all()); got != want {
					t.Errorf("%s (all: %v): %d arrived at %d; want %d", c.way, global, got, i, want)
				}
			}
		}
	}
}

func TestReversedNotices(t *testing.T) {
	g := newRig(t)
	s := g.started("a")
	g.browse("POST", "/pay/"+s.Ref, "outcome=pending&notices=reversed")
	g.after(31 * time.Second)
	g.after(30 * time.Second)
	if k := kinds(t, g.box.all()); len(k) != 2 || k[0] != "session.paid" || k[1] != "session.pending" {
		t.Fatalf("arrived as %v", k)
	}
}

// A receiver that does not answer with a 2xx hears again, with growing pauses, each time freshly signed, and in the
// end no more.
func TestNoticesAreRepeated(t *testing.T) {
	g := newRig(t)
	gw := g.gateway(testKey, payment.Test)
	g.box.answer(http.StatusServiceUnavailable)
	s := g.started("a")
	g.visit(s, "paid")
	g.after(0)
	g.after(500 * time.Millisecond)
	if n := len(g.box.all()); n != 1 {
		t.Fatalf("%d sent before the pause was over", n)
	}
	for range 4 {
		g.after(10 * time.Minute)
		sent := g.box.all()
		if _, err := gw.ParseNotice(context.Background(), g.clock.Now(), sent[len(sent)-1].Header, sent[len(sent)-1].Body); err != nil {
			t.Fatalf("a repeated notice is not believed: %v", err)
		}
	}
	if n := len(g.box.all()); n != 5 {
		t.Fatalf("%d sent", n)
	}
	for range 40 {
		g.after(2 * time.Hour)
	}
	if n := len(g.box.all()); n != 12 {
		t.Fatalf("%d sent in the end; want 12", n)
	}
	if l := g.server.Witness()[0]; l.Notices != 0 {
		t.Error("a notice is still waiting")
	}
}

// While a secret is being changed both are valid; then the old one is not. Two signatures in one header are fine.
func TestSecretIsChanged(t *testing.T) {
	g := newRig(t, func(c *sandbox.Config) { c.Accounts[0].NoticeSecrets = []string{oldOne, secret} })
	s := g.started("a")
	g.visit(s, "paid")
	g.after(0)
	sent := g.box.all()[0]
	for _, c := range []struct {
		secrets []string
		ok      bool
	}{{[]string{oldOne}, true}, {[]string{secret}, true}, {[]string{secret, oldOne}, true}, {[]string{"whsec_a third one entirely"}, false}} {
		gw := g.gateway(testKey, payment.Test, func(e *engine.Config) { e.Secrets = c.secrets })
		if _, err := gw.ParseNotice(context.Background(), g.clock.Now(), sent.Header, sent.Body); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.secrets, err)
		}
	}
}

func byReference(g *rig) map[string]sandbox.WitnessLine {
	out := map[string]sandbox.WitnessLine{}
	for _, l := range g.server.Witness() {
		out[l.Reference] = l
	}
	return out
}

// Killed between a payment and its notice: the next process knows the payment and sends the notice.
func TestFileSurvives(t *testing.T) {
	file := t.TempDir() + "/sandbox.db"
	with := func(c *sandbox.Config) { c.File = file }
	g := newRig(t, with)
	s := g.started("a")
	g.visit(s, "paid")
	open, late := g.started("b"), g.started("c")
	g.visit(late, "late")
	if _, err := g.gateway(testKey, payment.Test).Refund(context.Background(), "k", s.Ref, 456); err != nil {
		t.Fatal(err)
	}
	before := byReference(g)
	_ = g.server.Close() // without a Step: nothing was sent

	h := newRig(t, with)
	if after := byReference(h); !maps.Equal(before, after) || len(after) != 3 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	again := h.started("b")
	if again.Ref != open.Ref {
		t.Error("an old key makes a new session after a restart")
	}
	r, err := h.gateway(testKey, payment.Test).Refund(context.Background(), "k", s.Ref, 456)
	if err != nil || byReference(h)["refa"].Refunded != 456 || r.Amount != 456 {
		t.Errorf("the refund's key was forgotten: %v", err)
	}
	h.after(0)
	if k := kinds(t, h.box.all()); len(k) != 2 {
		t.Errorf("sent after the restart: %v", k)
	}
	h.after(36 * time.Minute)
	h.after(time.Minute)
	if h.state(open) != "expired" || h.state(late) != "paid" {
		t.Errorf("%s, %s", h.state(open), h.state(late))
	}
}

// The witness's list is paged and needs a key.
func TestWitness(t *testing.T) {
	g := newRig(t)
	for i := range 3 {
		g.started(string(rune('a' + i)))
	}
	get := func(key string) (int, sandbox.WitnessPage) {
		r, _ := http.NewRequest("GET", origin+"/v1/witness", bytes.NewReader(nil))
		r.Header.Set("Authorization", "Bearer "+key)
		a, err := sandbox.Transport(g.server).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		var page sandbox.WitnessPage
		_ = json.NewDecoder(a.Body).Decode(&page)
		return a.StatusCode, page
	}
	if status, _ := get("sk_test_wrong"); status != http.StatusUnauthorized {
		t.Errorf("a wrong key: %d", status)
	}
	if status, page := get(testKey); status != 200 || len(page.Sessions) != 3 || page.Total != 3 || page.Next != 0 {
		t.Errorf("%d %+v", status, page)
	}
}

// Old sessions that are over make room; those that are not, stay.
func TestMemoryIsBounded(t *testing.T) {
	g := newRig(t, func(c *sandbox.Config) { c.Keep = 10 })
	for i := range 30 {
		s := g.started(fmt.Sprint(i))
		g.visit(s, "paid")
		g.after(0)
	}
	if n := len(g.server.Witness()); n > 10 {
		t.Errorf("%d sessions are kept; want at most 10", n)
	}
}
