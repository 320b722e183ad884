package gatewaytest

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"

	"strongroom/shop/payment"
)

const keyFull = "payment.key_full"

func report(t *testing.T, g payment.Gateway) payment.KeyReport {
	t.Helper()
	r, err := g.(payment.Inspector).Inspect(context.Background())
	must(t, err)
	if d := g.Describe(); r.Account != d.Account || r.Mode != d.Mode {
		t.Errorf("the keys are of %q, %s; the engine works for %q, %s", r.Account, r.Mode, d.Account, d.Mode)
	}
	return r
}

// inspect: a key with what the store needs and no more has all its scopes and no warning, and looking moves nothing.
func inspect(t *testing.T, b *Beyond) {
	s := b.paid(t, "a")
	before := len(b.Notices())
	r := report(t, b.Gateway)
	seen := map[string]bool{}
	for _, c := range r.Scopes {
		if c.Name == "" || seen[c.Name] || !c.Granted {
			t.Errorf("the scope %+v", c)
		}
		seen[c.Name] = true
	}
	if len(r.Scopes) == 0 || slices.Contains(r.Warnings, keyFull) {
		t.Errorf("the report on a good key is %+v", r)
	}
	if f := b.fetch(t, s); f.Status != s.Status || f.Refunded != 0 || f.Captured != s.Captured || len(b.Notices()) != before {
		t.Errorf("the inspection moved something: %+v", f)
	}
	if other := report(t, b.OtherMode); other.Mode == r.Mode {
		t.Error("both modes report the same mode")
	}
}

func inspectFull(t *testing.T, b *Beyond) {
	if b.Full == nil {
		t.Log("this provider has no keys that may do anything")
		return
	}
	if r := report(t, b.Full); !slices.Contains(r.Warnings, keyFull) {
		t.Errorf("a key that may do anything is not warned about: %+v", r)
	}
}

func inspectWeak(t *testing.T, b *Beyond) {
	if b.Weak == nil {
		t.Log("this provider has no keys of fewer rights")
		return
	}
	found := false
	for _, c := range report(t, b.Weak).Scopes {
		found = found || c.Name == b.Lacks
		if c.Granted == (c.Name == b.Lacks) {
			t.Errorf("the scope %+v; the key lacks %q only", c, b.Lacks)
		}
	}
	if !found {
		t.Errorf("%q is not in the report", b.Lacks)
	}
}

func inspectAway(t *testing.T, b *Beyond) {
	if _, err := b.WrongKey.(payment.Inspector).Inspect(context.Background()); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("a wrong key: %v; want ErrRejected", err)
	}
	b.Trouble("fail", 1000)
	defer b.Trouble("fail", 0)
	if _, err := b.Gateway.(payment.Inspector).Inspect(context.Background()); !errors.Is(err, payment.ErrTemporary) {
		t.Errorf("a provider in trouble: %v; want ErrTemporary", err)
	}
}

func (b *Beyond) subscribe(t *testing.T, key, address string) payment.Subscription {
	t.Helper()
	s, err := b.Gateway.(payment.Subscriber).Subscribe(context.Background(), key, address)
	must(t, err)
	if s.Ref == "" {
		t.Fatal("a subscription without a name")
	}
	return s
}

// subscribe: one address is subscribed once, whatever happened before, and each answer can be worked with.
func subscribe(t *testing.T, b *Beyond) {
	first := b.subscribe(t, "s1", b.Address)
	if again := b.subscribe(t, "s1", b.Address); again != first {
		t.Error("one key made two subscriptions")
	}
	next := b.subscribe(t, "s2", b.Address)
	if n := b.Subscribed(b.Address); n != 1 {
		t.Errorf("the address is subscribed %d times", n)
	}
	if (first.Secret == "") != (next.Secret == "") {
		t.Error("one of two subscriptions has no secret")
	}
}

func subscribeLost(t *testing.T, b *Beyond) {
	b.Trouble("lose", 1000)
	if _, err := b.Gateway.(payment.Subscriber).Subscribe(context.Background(), "s1", b.Address); !errors.Is(err, payment.ErrTemporary) {
		t.Fatalf("%v; want ErrTemporary", err)
	}
	b.Trouble("lose", 0)
	b.subscribe(t, "s1", b.Address)
	if n := b.Subscribed(b.Address); n != 1 {
		t.Errorf("the address is subscribed %d times", n)
	}
}

func subscribeElsewhere(t *testing.T, b *Beyond) {
	b.subscribe(t, "s1", b.Address)
	u, err := url.Parse(b.Address)
	must(t, err)
	u.Host = "other." + u.Host
	b.subscribe(t, "s2", u.String())
	if b.Subscribed(b.Address) != 1 || b.Subscribed(u.String()) != 1 {
		t.Error("a second address took the place of the first")
	}
	for _, bad := range []string{"", "shop.example/notices", "ftp://shop.example/notices", "javascript:alert(1)"} {
		if _, err := b.Gateway.(payment.Subscriber).Subscribe(context.Background(), "s3", bad); !payment.Final(err) {
			t.Errorf("%q: %v; want a refusal", bad, err)
		}
	}
}
