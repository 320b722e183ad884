package gatewaytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/money"
	"strongroom/shop/payment"
)

func capture(t *testing.T, b *Bench) {
	ctx := context.Background()
	s := b.start(t, "a", manual)
	if _, err := b.Gateway.Capture(ctx, "early", s.Ref, sum); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("captured what is not held: %v", err)
	}
	b.Visit(s, "paid")
	wantStatus(t, b.fetch(t, s), payment.StatusAuthorised)
	for _, bad := range []money.Amount{0, -1, sum + 1} {
		if _, err := b.Gateway.Capture(ctx, fmt.Sprint("bad", bad), s.Ref, bad); !errors.Is(err, payment.ErrDeclined) && !errors.Is(err, payment.ErrRejected) {
			t.Fatalf("captured %d of %d: %v", bad, sum, err)
		}
	}
	for range 2 {
		c, err := b.Gateway.Capture(ctx, "c1", s.Ref, sum)
		must(t, err)
		wantStatus(t, c, payment.StatusPaid)
	}
	if _, err := b.Gateway.Capture(ctx, "c2", s.Ref, sum); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("captured twice: %v", err)
	}
	if _, err := b.Gateway.Void(ctx, "v1", s.Ref); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("let go what was captured: %v", err)
	}
	wantStatus(t, b.fetch(t, s), payment.StatusPaid)
}

// capturePart: a part of a held sum is taken once, and what is left of it is let go. The engine says how long sums are held.
func capturePart(t *testing.T, b *Bench) {
	ctx := context.Background()
	s := b.start(t, "a", manual)
	b.Visit(s, "paid")
	h := b.fetch(t, s)
	wantStatus(t, h, payment.StatusAuthorised)
	if b.Gateway.Describe().Holds <= 0 {
		t.Error("the engine holds sums and does not say for how long")
	}
	if !h.HeldUntil.IsZero() && !h.HeldUntil.After(s.Expires) {
		t.Errorf("held until %s, which is before the page ends", h.HeldUntil)
	}
	for range 2 {
		c, err := b.Gateway.Capture(ctx, "c1", s.Ref, sum-7)
		must(t, err)
		if c.Status != payment.StatusPaid || c.Captured != sum-7 || c.Amount != sum {
			t.Fatalf("%s, captured %d of %d", c.Status, c.Captured, c.Amount)
		}
	}
	if _, err := b.Gateway.Capture(ctx, "c2", s.Ref, 7); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("captured what was let go: %v", err)
	}
	if c := b.fetch(t, s); c.Captured != sum-7 || c.Refunded != 0 || len(c.Refunds) != 0 {
		t.Fatalf("captured %d, refunded %d: what was let go is no refund", c.Captured, c.Refunded)
	}
	if _, err := b.Gateway.Refund(ctx, "r1", s.Ref, sum); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("refunded more than was captured: %v", err)
	}
	_, err := b.Gateway.Refund(ctx, "r2", s.Ref, sum-7)
	must(t, err)
}

func void(t *testing.T, b *Bench) {
	ctx := context.Background()
	s := b.start(t, "a", manual)
	b.Visit(s, "paid")
	for range 2 {
		v, err := b.Gateway.Void(ctx, "v1", s.Ref)
		must(t, err)
		wantStatus(t, v, payment.StatusVoided)
	}
	if _, err := b.Gateway.Capture(ctx, "c1", s.Ref, sum); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("captured what was let go: %v", err)
	}
}

func refundBounds(t *testing.T, b *Bench) {
	ctx := context.Background()
	open := b.start(t, "open")
	if _, err := b.Gateway.Refund(ctx, "k0", open.Ref, 1); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("refunded what was not paid: %v", err)
	}
	s := b.paid(t, "a")
	for _, bad := range []money.Amount{0, -1, -1 << 63} {
		if _, err := b.Gateway.Refund(ctx, fmt.Sprint("bad", bad), s.Ref, bad); !payment.Final(err) {
			t.Fatalf("refunded %d: %v", bad, err)
		}
	}
	r, err := b.Gateway.Refund(ctx, "k1", s.Ref, 1000)
	must(t, err)
	if r.Amount != 1000 || r.Status == payment.RefundFailed || r.Ref == "" {
		t.Fatalf("the refund is %+v", r)
	}
	if _, err := b.Gateway.Refund(ctx, "k2", s.Ref, sum-999); !errors.Is(err, payment.ErrDeclined) {
		t.Fatalf("refunded more than is left: %v", err)
	}
	_, err = b.Gateway.Refund(ctx, "k3", s.Ref, sum-1000)
	must(t, err)
	b.Advance(b.Settle)
	f := b.fetch(t, s)
	if f.Refunded != sum || f.Captured != sum || len(f.Refunds) != 2 || f.Refunds[0].Key != "k1" || f.Refunds[0].Status != payment.RefundDone {
		t.Fatalf("after refunding all: %+v", f)
	}
}

func refundTwice(t *testing.T, b *Bench) {
	ctx := context.Background()
	s := b.paid(t, "a")
	first, err := b.Gateway.Refund(ctx, "k1", s.Ref, 1000)
	must(t, err)
	again, err := b.Gateway.Refund(ctx, "k1", s.Ref, 1000)
	must(t, err)
	if again.Ref != first.Ref {
		t.Fatal("one key made two refunds")
	}
	if _, err := b.Gateway.Refund(ctx, "k1", s.Ref, 1001); !errors.Is(err, payment.ErrRejected) {
		t.Fatalf("another amount under an old key: %v; want ErrRejected", err)
	}
	b.Advance(b.Settle)
	if f := b.fetch(t, s); f.Refunded != 1000 {
		t.Fatalf("refunded %d; want 1000", f.Refunded)
	}
}

// Row 45: parallel partial refunds never pass what was captured.
func refundParallel(t *testing.T, b *Bench) {
	s := b.paid(t, "a")
	var done atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := b.Gateway.Refund(context.Background(), fmt.Sprint("p", i), s.Ref, 500); err == nil {
				done.Add(1)
			} else if !errors.Is(err, payment.ErrDeclined) {
				t.Errorf("a refund ended in %v", err)
			}
		})
	}
	all.Wait()
	b.Advance(b.Settle)
	if f := b.fetch(t, s); done.Load() != sum/500 || f.Refunded != sum/500*500 {
		t.Fatalf("%d refunds of 500 and %d refunded out of %d", done.Load(), f.Refunded, sum)
	}
}

// One failing answer is hidden by the engine's own repetition; lasting failure is ErrTemporary, and nothing happened.
func fails(t *testing.T, b *Bench) {
	ctx := context.Background()
	b.Trouble("fail", 1)
	s := b.start(t, "a")
	b.Trouble("fail", 1000)
	if _, err := b.Gateway.Start(ctx, b.request("b")); !errors.Is(err, payment.ErrTemporary) {
		t.Fatalf("start: %v; want ErrTemporary", err)
	}
	if _, err := b.Gateway.Fetch(ctx, s.Ref); !errors.Is(err, payment.ErrTemporary) {
		t.Fatalf("fetch: %v; want ErrTemporary", err)
	}
	b.Trouble("fail", 0)
	wantStatus(t, b.fetch(t, s), payment.StatusOpen)
}

// An answer that was lost is found again with the same key, and the effect is one.
func lost(t *testing.T, b *Bench) {
	ctx := context.Background()
	b.Trouble("lose", 1000)
	if _, err := b.Gateway.Start(ctx, b.request("a")); !errors.Is(err, payment.ErrTemporary) {
		t.Fatalf("start: %v; want ErrTemporary", err)
	}
	b.Trouble("lose", 0)
	s := b.start(t, "a")
	b.Visit(s, "paid")
	b.Trouble("lose", 1000)
	if _, err := b.Gateway.Refund(ctx, "k1", s.Ref, 1000); !errors.Is(err, payment.ErrTemporary) {
		t.Fatalf("refund: %v; want ErrTemporary", err)
	}
	b.Trouble("lose", 0)
	_, err := b.Gateway.Refund(ctx, "k1", s.Ref, 1000)
	must(t, err)
	b.Advance(b.Settle)
	if f := b.fetch(t, s); f.Refunded != 1000 {
		t.Fatalf("refunded %d; want 1000 once", f.Refunded)
	}
}

func slow(t *testing.T, b *Bench) {
	b.Trouble("slow", 1)
	defer b.Trouble("slow", 0)
	ctx, cancel := context.WithTimeout(context.Background(), 80*time.Millisecond)
	defer cancel()
	from := time.Now()
	_, err := b.Gateway.Start(ctx, b.request("a"))
	if err == nil || payment.Final(err) {
		t.Fatalf("%v; want a temporary error", err)
	}
	if d := time.Since(from); d > 3*time.Second {
		t.Fatalf("it took %s to give up after 80 ms", d)
	}
	b.Trouble("slow", 0)
	if s := b.start(t, "a"); s.Status != payment.StatusOpen {
		t.Fatalf("afterwards the session is %s", s.Status)
	}
}

// neverHeld: where no sum is held, none is captured or let go, before it is paid and after.
func neverHeld(t *testing.T, b *Bench) {
	ctx := context.Background()
	s := b.start(t, "a", manual)
	for range 2 {
		if _, err := b.Gateway.Capture(ctx, "c", s.Ref, sum); !errors.Is(err, payment.ErrDeclined) {
			t.Errorf("captured what is not held: %v", err)
		}
		if _, err := b.Gateway.Void(ctx, "v", s.Ref); !errors.Is(err, payment.ErrDeclined) {
			t.Errorf("let go what is not held: %v", err)
		}
		b.Visit(s, "paid")
	}
	wantStatus(t, b.fetch(t, s), payment.StatusPaid)
}
