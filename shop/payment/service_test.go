package payment_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/shop/payment"
)

func TestFromPreparedToPaid(t *testing.T) {
	each(t, func(s *shop) {
		p := s.prepare()
		if s.gateway.count("start") != 0 {
			t.Fatal("the provider was called inside the order's transaction")
		}
		if !strings.HasSuffix(p.ReturnURL, "/en/paid/"+p.Reference) || len(p.Reference) != 32 {
			t.Errorf("the return address is %s", p.ReturnURL)
		}
		p, err := s.svc.Begin(bg, p.ID)
		s.must(err)
		if s.gateway.limit > 2*time.Second {
			t.Errorf("a shopper would wait %s for the provider", s.gateway.limit)
		}
		again, err := s.svc.Begin(bg, p.ID)
		s.must(err)
		if again.URL != p.URL || s.gateway.count("start") != 1 {
			t.Error("beginning twice is not the same session")
		}
		s.gateway.pay(p.Ref)
		s.must(s.notice("evt_1", p))
		p = s.is(p, payment.Paid)
		if p.Captured != total || p.Late || p.Charge == "" || p.URL != "" || !p.Next.IsZero() {
			t.Errorf("paid: %+v", p)
		}
		if s.heard("paid") != 1 || s.emitted("payment.paid") != 1 || s.emitted("payment.started") != 1 {
			t.Errorf("told %v, emitted %v", s.told, s.events)
		}
		s.legal(p)
		r := s.ledger()
		if s.balance(r, "receivable") != 0 || s.balance(r, "provider.fake") != total || s.balance(r, "tax") >= 0 {
			t.Errorf("balances: %+v", r.Balances)
		}
	})
}

// Beginning costs one commit at most, and so does being paid by a notice.
func TestCommitsOfAPayment(t *testing.T) {
	each(t, func(s *shop) {
		p := s.prepare()
		commits := func(what string, want int64, act func()) {
			_, before := s.p.Data.Counts()
			act()
			if _, after := s.p.Data.Counts(); after-before != want {
				t.Errorf("%s took %d commits; want %d", what, after-before, want)
			}
		}
		commits("beginning", 1, func() { q, err := s.svc.Begin(bg, p.ID); s.must(err); p = q })
		commits("asking without news", 0, func() { _, err := s.svc.Refresh(bg, p.ID); s.must(err) })
		s.gateway.pay(p.Ref)
		commits("being paid", 1, func() { s.must(s.notice("evt_1", p)) })
		commits("the same notice again", 0, func() { s.must(s.notice("evt_1", p)) })
		commits("asking again", 0, func() { _, err := s.svc.Refresh(bg, p.ID); s.must(err) })
	})
}

func TestOneActivePaymentForAnOrder(t *testing.T) {
	each(t, func(s *shop) {
		w := s.want()
		prepare := func() (p payment.Payment, err error) {
			err = s.p.Data.Write(bg, func(tx *db.Tx) (err error) { p, err = s.svc.Prepare(tx, w); return err })
			return p, err
		}
		refs := make([]string, 10)
		var all sync.WaitGroup
		for i := range refs {
			all.Go(func() {
				if p, err := prepare(); err == nil {
					refs[i] = p.Reference
				}
			})
		}
		all.Wait()
		for _, r := range refs {
			if r == "" || r != refs[0] {
				t.Fatalf("one order got several payments: %v", refs)
			}
		}
		w.Amount++
		if _, err := prepare(); !fault.Is(err, fault.Conflict) {
			t.Fatalf("another sum beside an open payment: %v", err)
		}
		p, err := s.svc.ByReference(bg, refs[0])
		s.must(err)
		if p, err = s.svc.Expire(bg, p.ID); err != nil || p.State != payment.Expired {
			t.Fatalf("expire: %v, %s", err, p.State)
		}
		second, err := prepare()
		if err != nil || second.ID == p.ID {
			t.Fatalf("no second attempt after the first was closed: %v", err)
		}
	})
}

func TestPrepareRefuses(t *testing.T) {
	each(t, func(s *shop) {
		for name, edit := range map[string]func(*payment.Want){
			"nothing":   func(w *payment.Want) { w.Amount = 0 },
			"negative":  func(w *payment.Want) { w.Amount = -1 },
			"overflow":  func(w *payment.Want) { w.Amount = money.Max + 1 },
			"currency":  func(w *payment.Want) { w.Currency = "XXX" },
			"provider":  func(w *payment.Want) { w.Provider = "other" },
			"past":      func(w *payment.Want) { w.Expires = s.p.Clock.Now() },
			"far":       func(w *payment.Want) { w.Expires = s.p.Clock.Now().Add(72 * time.Hour) },
			"address":   func(w *payment.Want) { w.ReturnURL = "/paid" },
			"script":    func(w *payment.Want) { w.CancelURL = "javascript:alert(1)" },
			"no number": func(w *payment.Want) { w.Number = "" },
		} {
			w := s.want()
			edit(&w)
			err := s.p.Data.Write(bg, func(tx *db.Tx) error { _, err := s.svc.Prepare(tx, w); return err })
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.Malformed {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Row 14 (V2.3.4): each of several events fifty times, shuffled, side by side: one effect.
func TestNoticesFiftyTimesShuffled(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		var deliveries []string
		for _, e := range []string{"evt_open", "evt_pending", "evt_paid", "evt_again"} {
			for range 50 {
				deliveries = append(deliveries, e)
			}
		}
		rand.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
		slots := make(chan struct{}, 12)
		var all sync.WaitGroup
		for i, e := range deliveries {
			switch i {
			case 60:
				s.gateway.set(p.Ref, payment.StatusPending)
			case 120:
				s.gateway.pay(p.Ref)
			}
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				if err := s.notice(e, p); err != nil {
					t.Errorf("a genuine notice was refused: %v", err)
				}
			})
		}
		all.Wait()
		_, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		p = s.is(p, payment.Paid)
		if s.heard("paid") != 1 || s.emitted("payment.paid") != 1 || s.heard("pending") > 1 {
			t.Errorf("told %v", s.told)
		}
		s.legal(p)
		s.ledger()
	})
}

// Return page, notices and sweep meet: one of them moves the payment.
func TestManyAsksOneMove(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.pay(p.Ref)
		s.p.Clock.Advance(2 * time.Minute)
		var all sync.WaitGroup
		for i := range 24 {
			all.Go(func() {
				switch i % 3 {
				case 0:
					_ = s.notice("evt_"+string(rune('a'+i)), p)
				case 1:
					_, _ = s.svc.Refresh(bg, p.ID)
				case 2:
					_ = s.svc.Sweep(bg)
				}
			})
		}
		all.Wait()
		s.is(p, payment.Paid)
		if s.heard("paid") != 1 {
			t.Errorf("told %v", s.told)
		}
		s.ledger()
	})
}

// Row 12: what the provider describes must be what we asked for, in everything. Nothing else is ever marked paid.
func TestOnlyTheRightSessionPays(t *testing.T) {
	lies := map[string]func(*payment.Session){
		"cheaper order":   func(x *payment.Session) { x.Amount, x.Captured = 100, 100 },
		"less captured":   func(x *payment.Session) { x.Captured = x.Amount - 1 },
		"more captured":   func(x *payment.Session) { x.Captured = x.Amount + 1 },
		"negative":        func(x *payment.Session) { x.Captured = -1 },
		"nothing":         func(x *payment.Session) { x.Captured = 0 },
		"currency":        func(x *payment.Session) { x.Currency = "JPY" },
		"reference":       func(x *payment.Session) { x.Reference = "0123456789abcdef0123456789abcdef" },
		"account":         func(x *payment.Session) { x.Account = "acct_2" },
		"test mode":       func(x *payment.Session) { x.Mode = payment.Live },
		"another session": func(x *payment.Session) { x.Ref = "ses_other" },
		"over-refunded":   func(x *payment.Session) { x.Refunded = x.Captured + 1 },
		"odd status":      func(x *payment.Session) { x.Status = "complete" },
	}
	each(t, func(s *shop) {
		for name, lie := range lies {
			p := s.opened()
			s.gateway.pay(p.Ref)
			s.gateway.edit = lie
			before := s.emitted("payment.mismatched")
			s.must(s.notice("evt_"+name, p))
			_, err := s.svc.Refresh(bg, p.ID)
			s.must(err)
			s.is(p, payment.Mismatch)
			if s.heard("paid") != 0 || s.emitted("payment.mismatched") != before+1 {
				t.Errorf("%s: told %v", name, s.told)
			}
			s.gateway.edit = nil
			_, err = s.svc.Refresh(bg, p.ID) // and it stays so until a person has looked
			s.must(err)
			s.is(p, payment.Mismatch)
		}
		if n, err := s.svc.Mismatched(bg); err != nil || n != int64(len(lies)) {
			t.Errorf("%d payments wait for a person: %v", n, err)
		}
		r, err := s.svc.CheckLedger(bg)
		s.must(err)
		if s.balance(r, "provider.fake") != 0 {
			t.Error("money was booked that was never matched")
		}
	})
}

// Row 12: the paid session of another, cheaper order brings nothing to the dearer one, whoever names it.
func TestReplayOfAnotherOrdersSession(t *testing.T) {
	each(t, func(s *shop) {
		cheap := s.opened(func(w *payment.Want) { w.Amount = 100 })
		dear := s.opened()
		s.gateway.pay(cheap.Ref)
		s.must(s.notice("evt_1", dear, func(n *payment.Notice) { n.Ref, n.Reference = cheap.Ref, dear.Reference }))
		s.must(s.notice("evt_2", dear, func(n *payment.Notice) { n.Ref, n.Reference = "", dear.Reference }))
		s.is(dear, payment.Open)
		s.is(cheap, payment.Paid)
		s.ledger()
	})
}

// Row 13: what is not genuine, of another account or another mode is refused; an unknown provider is not there.
func TestNoticesRefused(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.pay(p.Ref)
		body, _ := json.Marshal(payment.Notice{ID: "evt_1", Ref: p.Ref, Account: "acct_1", Mode: payment.Test})
		if err := s.svc.Notice(bg, "fake", http.Header{}, body); !fault.Is(err, fault.Malformed) {
			t.Errorf("unsigned: %v", err)
		}
		if err := s.svc.Notice(bg, "nobody", http.Header{"Signature": {"genuine"}}, body); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown provider: %v", err)
		}
		for name, edit := range map[string]func(*payment.Notice){
			"mode":    func(n *payment.Notice) { n.Mode = payment.Live },
			"account": func(n *payment.Notice) { n.Account = "acct_2" },
			"no id":   func(n *payment.Notice) { n.ID = "" },
			"long id": func(n *payment.Notice) { n.ID = strings.Repeat("x", 201) },
		} {
			if err := s.notice("evt_1", p, edit); !fault.Is(err, fault.Malformed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		s.is(p, payment.Open)
		if s.gateway.count("fetch") != 0 {
			t.Error("a refused notice made the store ask the provider")
		}
		s.must(s.notice("evt_9", p, func(n *payment.Notice) { n.Ref = "ses_unknown" })) // of another shop on the account
		s.is(p, payment.Open)
	})
}

// Keys that the provider refuses: the shopper is told kindly, nothing is lost, and mended keys go on.
func TestRejectedStart(t *testing.T) {
	each(t, func(s *shop) {
		p := s.prepare()
		s.gateway.reject = true
		_, err := s.svc.Begin(bg, p.ID)
		if f := fault.As(err); f == nil || f.Kind != fault.Unavailable || f.Hint == "" || !errors.Is(err, payment.ErrRejected) {
			t.Fatalf("begin: %v", err)
		}
		s.is(p, payment.Prepared)
		s.gateway.reject = false
		s.later(time.Minute)
		s.is(p, payment.Open)

		q := s.prepare()
		s.gateway.reject = true
		s.later(31 * time.Minute)
		s.is(q, payment.Expired)
		s.is(p, payment.Expired)
		s.ledger()
	})
}

// A store that runs on a copy calls nobody.
func TestHeldStoreCallsNobody(t *testing.T) {
	each(t, func(s *shop) {
		svc, err := payment.New(payment.Deps{DB: s.p.Data, Audit: s.audit, Jobs: jobsOf(s), Gateways: []payment.Gateway{s.gateway},
			Held: func(ctxT) bool { return true }})
		s.must(err)
		svc.SetPayee(s)
		p := s.prepare()
		if _, err := svc.Begin(bg, p.ID); !fault.Is(err, fault.Unavailable) {
			t.Errorf("begin: %v", err)
		}
		s.p.Clock.Advance(time.Hour)
		s.must(svc.Sweep(bg))
		if n := s.gateway.count("start") + s.gateway.count("expire"); n != 0 {
			t.Errorf("%d calls from a copy", n)
		}
	})
}

// The keys of another account or mode are not used for a payment that was prepared before.
func TestChangedKeysAreNotUsedForOldPayments(t *testing.T) {
	each(t, func(s *shop) {
		p := s.opened()
		s.gateway.mode = payment.Live
		s.restart()
		asked := s.gateway.count("fetch")
		_, err := s.svc.Refresh(bg, p.ID)
		s.must(err)
		s.is(p, payment.Open)
		if s.gateway.count("fetch") != asked {
			t.Error("a test payment was asked for with live keys")
		}
	})
}
