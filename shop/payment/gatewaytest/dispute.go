package gatewaytest

import (
	"context"
	"errors"
	"testing"
	"time"

	"strongroom/shop/payment"
)

func (b *Beyond) disputer() payment.Disputer { return b.Gateway.(payment.Disputer) }

func (b *Beyond) dispute(t *testing.T, ref string) payment.DisputeAnswer {
	t.Helper()
	d, err := b.disputer().Dispute(context.Background(), ref)
	must(t, err)
	return d
}

func disputeOpen(t *testing.T, b *Beyond) {
	s := b.paid(t, "a")
	ref := b.Dispute(s, false)
	d := b.dispute(t, ref)
	g := b.Gateway.Describe()
	if d.Ref != ref || d.Status != payment.DisputeOpen || d.Amount != sum || d.Currency != "EUR" || d.Account != g.Account || d.Mode != g.Mode {
		t.Fatalf("the dispute is %+v", d)
	}
	if d.Session != s.Ref && d.Charge != s.Charge {
		t.Errorf("the dispute leads to session %q, charge %q", d.Session, d.Charge)
	}
	if d.Reason == "" || d.Opened.IsZero() || !d.Due.After(b.Now()) || d.Taken != sum || d.Fee < 0 {
		t.Errorf("the dispute is %+v", d)
	}
	if f := b.fetch(t, s); f.Signals.Dispute != ref && !b.Untold {
		t.Errorf("the session tells of the dispute %q; want %q", f.Signals.Dispute, ref)
	}
}

func disputeInquiry(t *testing.T, b *Beyond) {
	d := b.dispute(t, b.Dispute(b.paid(t, "a"), true))
	if d.Status != payment.DisputeInquiry || d.Taken != 0 {
		t.Errorf("the inquiry is %+v", d)
	}
}

func evidence(submit bool) payment.Evidence {
	return payment.Evidence{Product: "Stoneware bowl, two", Buyer: "Ada Lovelace", Email: "ada@example.org",
		Address: "12 Mill Lane, 1010 Wien", Carrier: "Post", Tracking: "JD014600", ShippedAt: time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC),
		Policy: "30 days", Text: "It was signed for.", Submit: submit}
}

// disputeAnswer: a draft leaves the dispute as it is, and what was sent goes to the bank, once.
func disputeAnswer(t *testing.T, b *Beyond) {
	ctx := context.Background()
	ref := b.Dispute(b.paid(t, "a"), false)
	d, err := b.disputer().Answer(ctx, "draft", ref, evidence(false))
	must(t, err)
	if d.Status != payment.DisputeOpen {
		t.Errorf("after a draft the dispute is %s", d.Status)
	}
	for range 2 {
		d, err = b.disputer().Answer(ctx, "send", ref, evidence(true))
		must(t, err)
		if d.Ref != ref || d.Status != payment.DisputeReview {
			t.Fatalf("after the answer the dispute is %+v", d)
		}
	}
	if d := b.dispute(t, ref); d.Status != payment.DisputeReview || !d.Due.IsZero() {
		t.Errorf("later the dispute is %+v", d)
	}
}

func disputeDecided(t *testing.T, b *Beyond) {
	for _, won := range []bool{true, false} {
		s := b.paid(t, map[bool]string{true: "a", false: "b"}[won])
		ref := b.Dispute(s, false)
		_, err := b.disputer().Answer(context.Background(), "send"+ref, ref, evidence(true))
		must(t, err)
		b.Decide(ref, won)
		d := b.dispute(t, ref)
		if won && (d.Status != payment.DisputeWon || d.Taken != 0) || !won && (d.Status != payment.DisputeLost || d.Taken != sum) {
			t.Errorf("won %v: %+v", won, d)
		}
		if _, err := b.disputer().Answer(context.Background(), "late"+ref, ref, evidence(true)); !payment.Final(err) {
			t.Errorf("answered after the end: %v", err)
		}
		b.inStatement(t, s, won)
	}
}

// inStatement looks for the dispute's money where the engine has a statement.
func (b *Beyond) inStatement(t *testing.T, s payment.Session, won bool) {
	t.Helper()
	if _, ok := b.Gateway.(payment.Statement); !ok {
		return
	}
	list := b.all(t, b.Now().Add(-24*time.Hour), b.Now().Add(time.Hour))
	if taken := find(list, payment.MovedDispute, s); len(taken) != 1 || taken[0].Amount != -sum || taken[0].Dispute == "" {
		t.Errorf("the dispute stands in the statement as %+v", taken)
	}
	if back := find(list, payment.MovedWon, s); won != (len(back) == 1) || won && back[0].Amount != sum {
		t.Errorf("won %v: given back as %+v", won, back)
	}
}

func disputeAccept(t *testing.T, b *Beyond) {
	ref := b.Dispute(b.paid(t, "a"), false)
	for range 2 {
		d, err := b.disputer().Accept(context.Background(), "give up", ref)
		must(t, err)
		if d.Status != payment.DisputeAccepted && d.Status != payment.DisputeLost {
			t.Fatalf("after giving up the dispute is %+v", d)
		}
	}
	if d := b.dispute(t, ref); d.Taken != sum || !d.Due.IsZero() {
		t.Errorf("later the dispute is %+v", d)
	}
}

// disputesListed: a dispute whose notice was lost is found, old ones that changed as well.
func disputesListed(t *testing.T, b *Beyond) {
	old := b.Dispute(b.paid(t, "a"), false)
	b.Advance(3 * time.Hour)
	since := b.Now()
	fresh := b.Dispute(b.paid(t, "b"), false)
	b.Decide(old, false)
	found := map[string]payment.DisputeStatus{}
	for cursor, page := "", 0; ; page++ {
		some, next, err := b.disputer().Disputes(context.Background(), since, cursor)
		must(t, err)
		for _, d := range some {
			found[d.Ref] = d.Status
		}
		if next == "" {
			break
		}
		if cursor = next; page > 100 {
			t.Fatal("the list does not end")
		}
	}
	if found[old] != payment.DisputeLost || found[fresh] != payment.DisputeOpen {
		t.Errorf("listed are %v; want %s lost and %s open", found, old, fresh)
	}
}

func disputeUnknown(t *testing.T, b *Beyond) {
	ctx := context.Background()
	for _, ref := range []string{"", "dp_000000000000000000000000", "../charges", "a/b?c#d", string(make([]byte, 300))} {
		if _, err := b.disputer().Dispute(ctx, ref); !errors.Is(err, payment.ErrNotFound) && !errors.Is(err, payment.ErrRejected) {
			t.Errorf("dispute %.20q: %v", ref, err)
		}
		if _, err := b.disputer().Accept(ctx, "k", ref); !payment.Final(err) {
			t.Errorf("accept %.20q: %v", ref, err)
		}
		if _, err := b.disputer().Answer(ctx, "k", ref, evidence(false)); !payment.Final(err) {
			t.Errorf("answer %.20q: %v", ref, err)
		}
	}
}
