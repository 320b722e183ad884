package gatewaytest

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

func describe(t *testing.T, b *Bench) {
	d := b.Gateway.Describe()
	u, err := url.Parse(d.Origin)
	if d.Name == "" || d.Label == "" || d.Account == "" || len(d.Methods) == 0 || (d.Mode != payment.Test && d.Mode != payment.Live) {
		t.Errorf("the description is incomplete: %+v", d)
	}
	if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" {
		t.Errorf("%q is no exact origin", d.Origin)
	}
}

func startAndFetch(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	d := b.Gateway.Describe()
	if s.Status != b.begins() || s.Amount != sum || s.Currency != "EUR" || s.Reference != "refa" || s.Account != d.Account ||
		s.Mode != d.Mode || s.Captured != 0 || s.Refunded != 0 || s.Ref == "" {
		t.Fatalf("the session is not what was asked for: %+v", s)
	}
	if d.Offline {
		if s.URL != "" || d.Hold == 0 || !s.Expires.Equal(b.Now().Add(d.Hold)) {
			t.Errorf("without a page it leads to %q and waits until %s", s.URL, s.Expires)
		}
	} else {
		atItsOrigin(t, b, s)
	}
	if f := b.fetch(t, s); f.Ref != s.Ref || f.Status != b.begins() || f.URL != s.URL {
		t.Errorf("fetched another session: %+v", f)
	}
}

func atItsOrigin(t *testing.T, b *Bench, s payment.Session) {
	t.Helper()
	u, err := url.Parse(s.URL)
	if origin := b.Gateway.Describe().Origin; err != nil || u.Scheme+"://"+u.Host != origin {
		t.Fatalf("the page %q is not at the origin %q", s.URL, origin)
	}
	if !s.Expires.Equal(b.request("a").Expires) {
		t.Errorf("it expires at %s; want %s", s.Expires, b.request("a").Expires)
	}
}

// V2.3.4, V11: the same key makes one session, also side by side; another request under the key is refused.
func startTwice(t *testing.T, b *Bench) {
	refs := make([]string, 8)
	var all sync.WaitGroup
	for i := range refs {
		all.Go(func() {
			if s, err := b.Gateway.Start(context.Background(), b.request("a")); err == nil {
				refs[i] = s.Ref
			}
		})
	}
	all.Wait()
	for _, r := range refs {
		if r == "" || r != refs[0] {
			t.Fatalf("one key made several sessions, or none: %q", refs)
		}
	}
	if other := b.start(t, "b"); other.Ref == refs[0] {
		t.Fatal("two keys made one session")
	}
	r := b.request("a")
	r.Amount++
	if _, err := b.Gateway.Start(context.Background(), r); !errors.Is(err, payment.ErrRejected) {
		t.Fatalf("another amount under an old key: %v; want ErrRejected", err)
	}
}

func bounded(t *testing.T, b *Bench) {
	edits := map[string]func(*payment.StartRequest){
		"no amount":       func(r *payment.StartRequest) { r.Amount = 0 },
		"negative amount": func(r *payment.StartRequest) { r.Amount = -1 },
		"huge amount":     func(r *payment.StartRequest) { r.Amount = money.Max + 1 },
		"overflow":        func(r *payment.StartRequest) { r.Amount = -1 << 63 },
		"currency":        func(r *payment.StartRequest) { r.Currency = "euro" },
		"no return":       func(r *payment.StartRequest) { r.ReturnURL = "" },
		"script return":   func(r *payment.StartRequest) { r.ReturnURL = "javascript:alert(1)" },
		"past":            func(r *payment.StartRequest) { r.Expires = b.Now().Add(-time.Hour) },
	}
	if b.Gateway.Describe().Offline { // nobody is sent anywhere, and how long it waits is a setting
		delete(edits, "no return")
		delete(edits, "script return")
		delete(edits, "past")
	}
	for name, edit := range edits {
		r := b.request("bad" + name[:1])
		edit(&r)
		if _, err := b.Gateway.Start(context.Background(), r); !errors.Is(err, payment.ErrRejected) {
			t.Errorf("%s: %v; want ErrRejected", name, err)
		}
	}
}

// A decline ends the session, or leaves it open for another try; then it is counted.
func declined(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	b.Visit(s, "declined")
	if !b.Retries {
		wantStatus(t, b.fetch(t, s), payment.StatusDeclined)
		return
	}
	b.Visit(s, "declined")
	f := b.fetch(t, s)
	wantStatus(t, f, payment.StatusOpen)
	if f.Signals.Declines != 2 {
		t.Errorf("%d declines are told; want 2", f.Signals.Declines)
	}
	b.Visit(s, "paid")
	f = b.fetch(t, s)
	wantStatus(t, f, payment.StatusPaid)
	if f.Signals.Declines != 2 {
		t.Errorf("%d declines are told after the payment; want 2", f.Signals.Declines)
	}
}

// secured: the extra step is taken when it is asked for, and not claimed when it is not.
func secured(t *testing.T, b *Bench) {
	if b.paid(t, "a").Signals.Secured && b.Secures {
		t.Error("a plain payment claims the extra step")
	}
	s := b.start(t, "b", func(r *payment.StartRequest) { r.Secure = true })
	b.Visit(s, "paid")
	f := b.fetch(t, s)
	wantStatus(t, f, payment.StatusPaid)
	if f.Signals.Secured != b.Secures {
		t.Errorf("secured: %v", f.Signals.Secured)
	}
}

func pendingSettles(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	b.Visit(s, "pending")
	wantStatus(t, b.fetch(t, s), payment.StatusPending)
	b.Advance(b.Settle)
	wantStatus(t, b.fetch(t, s), payment.StatusPaid)
}

func pendingFails(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	b.Visit(s, "fails")
	b.Advance(b.Settle)
	wantStatus(t, b.fetch(t, s), payment.StatusDeclined)
}

func expire(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	if !b.closes() {
		e, err := b.Gateway.Expire(context.Background(), "x0", s.Ref)
		must(t, err)
		wantStatus(t, e, payment.StatusPending)
		b.Advance(b.Gateway.Describe().Hold)
	}
	for range 2 {
		e, err := b.Gateway.Expire(context.Background(), "x1", s.Ref)
		must(t, err)
		wantStatus(t, e, payment.StatusExpired)
		if e.URL != "" {
			t.Error("an expired session still has a page")
		}
	}
	if b.closes() { // what comes to an account later is late money
		b.Visit(s, "paid")
	}
	wantStatus(t, b.fetch(t, s), payment.StatusExpired)
}

// race: whoever is first, the answer of Expire and every later answer say the same.
func race(t *testing.T, b *Bench) {
	for i := range 12 {
		s := b.start(t, "race"+string(rune('a'+i)))
		var e payment.Session
		var err error
		var all sync.WaitGroup
		all.Go(func() { b.Visit(s, "paid") })
		all.Go(func() { e, err = b.Gateway.Expire(context.Background(), "x"+s.Ref, s.Ref) })
		all.Wait()
		must(t, err)
		if b.Approves && e.Status == payment.StatusAuthorised {
			e = b.fetch(t, s) // she was first, and what she approved has been captured meanwhile
		}
		switch {
		case !b.closes() && e.Status == payment.StatusPending: // asked before the money was written down
			wantStatus(t, b.fetch(t, s), payment.StatusPaid)
			continue
		case e.Status != payment.StatusPaid && (e.Status != payment.StatusExpired || !b.closes()):
			t.Fatalf("Expire answers %s", e.Status)
		}
		wantStatus(t, b.fetch(t, s), e.Status)
	}
	s := b.paid(t, "first")
	e, err := b.Gateway.Expire(context.Background(), "x", s.Ref)
	must(t, err)
	wantStatus(t, e, payment.StatusPaid)
}

func expiresItself(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	b.Advance(36 * time.Minute)
	wantStatus(t, b.fetch(t, s), payment.StatusExpired)
	b.Visit(s, "paid")
	wantStatus(t, b.fetch(t, s), payment.StatusExpired)
}

func lateMoney(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	b.Visit(s, "late")
	wantStatus(t, b.fetch(t, s), b.begins())
	if !b.closes() {
		b.Advance(b.Gateway.Describe().Hold)
	}
	e, err := b.Gateway.Expire(context.Background(), "x", s.Ref)
	must(t, err)
	wantStatus(t, e, payment.StatusExpired)
	if b.Late == 0 {
		b.Advance(time.Hour)
		wantStatus(t, b.fetch(t, s), payment.StatusExpired)
		return
	}
	b.Advance(b.Late)
	wantStatus(t, b.fetch(t, s), payment.StatusPaid)
}

func unknown(t *testing.T, b *Bench) {
	ctx := context.Background()
	for _, ref := range []string{"", "ses_00000000000000000000000000000000", "../witness", "a/b?c#d", string(make([]byte, 300))} {
		if _, err := b.Gateway.Fetch(ctx, ref); !errors.Is(err, payment.ErrNotFound) && !errors.Is(err, payment.ErrRejected) {
			t.Errorf("fetch %.20q: %v", ref, err)
		}
		if _, err := b.Gateway.Expire(ctx, "k", ref); !payment.Final(err) {
			t.Errorf("expire %.20q: %v", ref, err)
		}
		if _, err := b.Gateway.Refund(ctx, "k", ref, 1); !payment.Final(err) {
			t.Errorf("refund %.20q: %v", ref, err)
		}
	}
}

func wrongKey(t *testing.T, b *Bench) {
	s := b.start(t, "a")
	ctx := context.Background()
	if _, err := b.WrongKey.Start(ctx, b.request("b")); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("start: %v; want ErrRejected", err)
	}
	if _, err := b.WrongKey.Fetch(ctx, s.Ref); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("fetch: %v; want ErrRejected", err)
	}
}

// A test session is unknown to live keys and the other way round (row 12: a test-mode id in live mode).
func otherMode(t *testing.T, b *Bench) {
	if b.OtherMode.Describe().Mode == b.Gateway.Describe().Mode {
		t.Fatal("the bench's other mode is the same mode")
	}
	s := b.paid(t, "a")
	if _, err := b.OtherMode.Fetch(context.Background(), s.Ref); !errors.Is(err, payment.ErrNotFound) {
		t.Fatalf("%v; want ErrNotFound", err)
	}
	if _, err := b.OtherMode.Refund(context.Background(), "k", s.Ref, 1); !errors.Is(err, payment.ErrNotFound) {
		t.Fatalf("%v; want ErrNotFound", err)
	}
}
