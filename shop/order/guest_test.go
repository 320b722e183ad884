package order_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// paidAndMailed is an order with its confirmation in the postbox.
func paidAndMailed(s *store) (order.Placed, id.Token) {
	s.t.Helper()
	placed := s.began(s.goods("Bowl", 2400, 5), 1)
	s.says(placed.Order, payment.StatusPaid)
	s.work()
	m := s.box.of(order.LetterConfirmation)
	return placed, linkIn(s.t, m[len(m)-1])
}

// Attack row 19 (V8.2.2, V8.3.1): a token opens the order it was made for and nothing else, and what opens nothing is
// told nothing.
func TestATokenOpensItsOwnOrderOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		a, linkA := paidAndMailed(s)
		b, linkB := paidAndMailed(s)
		visit, err := s.orders.Enter(s.ctx, linkA)
		s.must(err)
		for token, want := range map[id.Token]string{a.Browser: a.Number, b.Browser: b.Number, visit: a.Number} {
			v, err := s.orders.Open(s.ctx, token)
			s.must(err)
			if v.Number != want {
				t.Fatalf("a token of %s opened %s", want, v.Number)
			}
		}
		cart := s.fill(s.goods("Jug", 100, 1), 1)
		for name, token := range map[string]id.Token{"none": "", "random": id.NewToken(), "the link itself": linkB, "a cart's": cart,
			"the number": id.Token(a.Number)} {
			if _, err := s.orders.Open(s.ctx, token); !fault.Is(err, fault.NotFound) || fault.As(err).Key != "order.not_found" {
				t.Errorf("%s opened an order: %v", name, err)
			}
			if _, err := s.orders.Pay(s.ctx, token); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s pays an order: %v", name, err)
			}
			if err := s.orders.CorrectEmail(s.ctx, token, "thief@mail.example"); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s corrects an order: %v", name, err)
			}
		}
		for name, token := range map[string]id.Token{"browser": a.Browser, "visit": visit, "random": id.NewToken()} {
			if _, err := s.orders.Enter(s.ctx, token); !fault.Is(err, fault.NotFound) {
				t.Errorf("a %s token was taken for a link: %v", name, err)
			}
		}
	})
}

// The mailed link lives on, its visits end, and a newer link replaces it with all its visits.
func TestLinksAndVisitsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed, link := paidAndMailed(s)
		visit, err := s.orders.Enter(s.ctx, link)
		s.must(err)
		s.Clock.Advance(13 * time.Hour)
		if _, err := s.orders.Open(s.ctx, visit); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a visit of 13 hours: %v", err)
		}
		visit, err = s.orders.Enter(s.ctx, link)
		s.must(err)
		s.must(s.orders.Renew(s.ctx, strings.ToLower(placed.Number), " planted.person@MAIL.example ", origin))
		s.work()
		m := s.box.of(order.LetterLink)
		if len(m) != 1 || m[0].To != plantedEmail {
			t.Fatalf("%d new links", len(m))
		}
		for _, old := range []id.Token{link} {
			if _, err := s.orders.Enter(s.ctx, old); !fault.Is(err, fault.NotFound) {
				t.Fatalf("the old link still works: %v", err)
			}
		}
		if _, err := s.orders.Open(s.ctx, visit); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a visit through the old link still works: %v", err)
		}
		next := linkIn(t, m[0])
		if _, err := s.orders.Enter(s.ctx, next); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(401 * 24 * time.Hour)
		if _, err := s.orders.Enter(s.ctx, next); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a link lives for ever: %v", err)
		}
		s.must(s.orders.Sweep(s.ctx))
		if n := s.number(`SELECT COUNT(*) FROM order_access WHERE kind <> 2`); n != 0 {
			t.Fatalf("%d ended visits are kept", n)
		}
	})
}

// Attack row 20: number and address open nothing, tell nothing, and mail at most the address on the order, a few times.
func TestNumberAndAddressOpenNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed, link := paidAndMailed(s)
		for _, q := range [][2]string{{placed.Number, "thief@mail.example"}, {"ZZZZ-ZZZZ", plantedEmail}, {"ZZZZ-ZZZZ", "x@y.example"}} {
			if err := s.orders.Renew(s.ctx, q[0], q[1], origin); err != nil {
				t.Fatalf("%v has another answer: %v", q, err)
			}
		}
		s.work()
		if len(s.box.of(order.LetterLink)) != 0 || s.events.count("order.link_refused") != 3 {
			t.Fatalf("%d mails, %d refusals", len(s.box.of(order.LetterLink)), s.events.count("order.link_refused"))
		}
		if _, err := s.orders.Enter(s.ctx, link); err != nil {
			t.Fatalf("a stranger ended the link: %v", err)
		}
		for i := range 8 {
			s.must(s.orders.Renew(s.ctx, placed.Number, plantedEmail, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})))
			s.work()
		}
		if n := len(s.box.of(order.LetterLink)); n != 5 {
			t.Fatalf("%d new links in a day", n)
		}
		if n := s.number(`SELECT COUNT(*) FROM order_renewal`); n != 0 {
			t.Fatalf("%d requests are kept", n)
		}
	})
}

// V2.4.1: one network cannot ask for ever; what it gets then is a plain refusal that says nothing of any order.
func TestRenewalsOfOneNetworkAreCounted(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	var err error
	n := 0
	for ; n < 100 && err == nil; n++ {
		err = s.orders.Renew(s.ctx, "ZZZZ-ZZZZ", "x@y.example", netip.MustParseAddr("2001:db8:1:2ff::"+string(rune('1'+n%9))))
	}
	if !fault.Is(err, fault.TooMany) || n != 21 {
		t.Fatalf("after %d requests: %v", n, err)
	}
	s.must(s.orders.Renew(s.ctx, "ZZZZ-ZZZZ", "x@y.example", netip.MustParseAddr("2001:db8:9::1")))
	s.Clock.Advance(time.Hour)
	s.must(s.orders.Renew(s.ctx, "ZZZZ-ZZZZ", "x@y.example", netip.MustParseAddr("2001:db8:1:2ff::1")))
}

// A mistyped address is corrected from the browser that ordered, a few times and for a while; old links end.
func TestCorrectingTheAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed, link := paidAndMailed(s)
		visit, err := s.orders.Enter(s.ctx, link)
		s.must(err)
		if err := s.orders.CorrectEmail(s.ctx, visit, "other@mail.example"); !fault.Is(err, fault.Gone) {
			t.Fatalf("corrected through the link: %v", err)
		}
		for _, bad := range []string{"", "nobody", plantedEmail, "a@b\r\nBcc: all@x.example"} {
			if err := s.orders.CorrectEmail(s.ctx, placed.Browser, bad); !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", bad, err)
			}
		}
		s.must(s.orders.CorrectEmail(s.ctx, placed.Browser, "right@mail.example"))
		s.work()
		m := s.box.of(order.LetterCorrected)
		if len(m) != 1 || m[0].To != "right@mail.example" || !strings.Contains(m[0].Text, placed.Number) {
			t.Fatalf("%d mails to the corrected address", len(m))
		}
		if _, err := s.orders.Enter(s.ctx, link); !fault.Is(err, fault.NotFound) {
			t.Fatalf("the link in the wrong mailbox still works: %v", err)
		}
		if _, err := s.orders.Open(s.ctx, visit); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a visit from the wrong mailbox still works: %v", err)
		}
		if v := s.view(placed); v.Details.Email != "right@mail.example" || v.Corrections != 2 || !v.CanCorrect {
			t.Fatalf("the page shows %d corrections left", v.Corrections)
		}
		s.must(s.orders.CorrectEmail(s.ctx, placed.Browser, "b@mail.example"))
		s.must(s.orders.CorrectEmail(s.ctx, placed.Browser, "c@mail.example"))
		if err := s.orders.CorrectEmail(s.ctx, placed.Browser, "d@mail.example"); !fault.Is(err, fault.Gone) {
			t.Fatalf("a fourth correction: %v", err)
		}
		other, _ := paidAndMailed(s)
		s.Clock.Advance(3 * time.Hour)
		if err := s.orders.CorrectEmail(s.ctx, other.Browser, "d@mail.example"); !fault.Is(err, fault.Gone) {
			t.Fatalf("a correction after three hours: %v", err)
		}
	})
}

// Two corrections before the mailer runs: only the newest mail goes out.
func TestAnOvertakenMailIsNotSent(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	placed, _ := paidAndMailed(s)
	s.must(s.orders.CorrectEmail(s.ctx, placed.Browser, "b@mail.example"))
	s.must(s.orders.CorrectEmail(s.ctx, placed.Browser, "c@mail.example"))
	s.work()
	m := s.box.of(order.LetterCorrected)
	if len(m) != 1 || m[0].To != "c@mail.example" {
		t.Fatalf("%d mails", len(m))
	}
}

// Withdrawal: taken for every number alike, once for each statement, with a receipt; the owner learns what matches.
func TestWithdrawal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed, link := paidAndMailed(s)
		declare := func(visit id.Token, w order.Withdrawal) order.Receipt {
			t.Helper()
			w, err := s.orders.Statement(s.ctx, visit, w)
			s.must(err)
			r, err := s.orders.Withdraw(s.ctx, visit, w, origin)
			s.must(err)
			again, err := s.orders.Withdraw(s.ctx, visit, w, origin)
			s.must(err)
			if !again.Again || again.At != r.At || r.Again {
				t.Fatalf("a second click is another statement: %+v %+v", r, again)
			}
			return r
		}
		unknown := declare("", order.Withdrawal{Name: "Plantedwithdraw Er", Number: "order 12345/b", Email: "w1@mail.example", Lines: "the blue one 4111-1111-1111-1111"})
		match := declare("", order.Withdrawal{Name: "Plantedwithdraw Er", Number: placed.Number, Email: strings.ToUpper(plantedEmail), Language: "de"})
		wrong := declare("", order.Withdrawal{Name: "Plantedwithdraw Er", Number: placed.Number, Email: "w3@mail.example"})
		if unknown.At.IsZero() || match.At.IsZero() || match.Number != wrong.Number {
			t.Fatalf("%+v %+v %+v", unknown, match, wrong)
		}
		s.work()
		receipts, told := s.box.of(order.LetterReceipt), s.box.of(order.LetterOwnerWithdrawal)
		if len(receipts) != 3 || len(told) != 3 {
			t.Fatalf("%d receipts, %d to the owner", len(receipts), len(told))
		}
		for _, m := range receipts {
			if m.To == "w1@mail.example" && (!strings.Contains(m.Text, "order 12345/b") || !strings.Contains(m.Text, "the blue one") ||
				strings.Contains(m.Text, "4111-1111") || !strings.Contains(m.Text, "2 November 2026, 10:00:00 CET")) {
				t.Fatalf("the receipt says\n%s", m.Text)
			}
			if m.Language == "de" && !strings.Contains(m.Text, "alles aus dieser Bestellung") {
				t.Fatalf("the German receipt says\n%s", m.Text)
			}
		}
		if n := s.number(`SELECT COUNT(*) FROM order_withdrawal WHERE known = 2`); n != 1 {
			t.Fatalf("%d matched", n)
		}
		if s.view(placed).Withdrawn.IsZero() {
			t.Fatal("the order is not marked")
		}
		visit, err := s.orders.Enter(s.ctx, link)
		s.must(err)
		w, err := s.orders.Statement(s.ctx, visit, order.Withdrawal{})
		s.must(err)
		if w.Number != placed.Number || w.Email != plantedEmail || w.Name != "Plantedname Zimmermann" {
			t.Fatal("the link does not fill in the form")
		}
		declare(visit, order.Withdrawal{})
		if n := s.number(`SELECT COUNT(*) FROM order_withdrawal WHERE known = 1`); n != 1 {
			t.Fatalf("%d through the link", n)
		}
	})
}

// A statement needs a name, a number and an address for the receipt, each with its message, and nothing more.
func TestAStatementIsCheckedBesideItsFields(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	_, err := s.orders.Statement(s.ctx, "", order.Withdrawal{})
	f := fault.As(err)
	if f == nil || len(f.Fields) != 3 {
		t.Fatalf("an empty statement: %v", err)
	}
	w := order.Withdrawal{Name: "A B", Number: "1", Email: "a@b.example"}
	if _, err := s.orders.Withdraw(s.ctx, "", w, origin); !fault.Is(err, fault.Conflict) {
		t.Fatalf("without an attempt: %v", err)
	}
}
