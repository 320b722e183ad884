package person_test

import (
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/privacy"
	"strongroom/guard/staff"
	"strongroom/guard/staff/stafftest"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/order/ordertest"
	"strongroom/shop/person"
)

type shop struct {
	*stafftest.House
	orders *order.Service
	person *person.Service
}

func open(t *testing.T, p dbtest.Pair) *shop {
	t.Helper()
	s := &shop{House: stafftest.New(t, p)}
	s.orders = ordertest.Service(s.House)
	var err error
	s.person, err = person.New(person.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Orders: s.orders, Identity: s.House.Service, Second: s.Desk})
	s.Must(err)
	s.Must(s.Desk.On(access.ErasePerson, s.person.Approved))
	return s
}

func (s *shop) put(number, email string, age time.Duration, state order.State) (v, subject id.ID) {
	return ordertest.Put(s.House, ordertest.Placed{Number: number, Email: email, Name: "Planted Ada", Street: "Plantedstreet 7", Product: "Bowl",
		At: s.Clock.Now().Add(-age), State: state})
}

// readable says whether a field of an order still opens.
func (s *shop) readable(d *privacy.Declaration, v, subject id.ID) bool {
	s.T.Helper()
	sealed, err := s.Vault.Seal(s.Ctx, d.Field, subject, v, vault.Typed("x"))
	return err == nil && sealed != nil
}

const year = 365 * 24 * time.Hour

// Article 17: a plan changes nothing and shows nobody; what was agreed on goes with its keys, what the law keeps stays
// under a key of its own, and the log's tree stays whole.
func TestAPersonIsErasedByTwoPeople_V2_3_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		b := s.Browser()
		step := s.SignUpWithPasskey(b, "planted.ada@example.org", identitytest.NewAuthenticator(identitytest.ShopOrigin))
		if step.Session == "" {
			t.Fatal("no account")
		}
		first, firstSubject := s.put("AAAA-0001", "planted.ada@example.org", year, order.Paid)
		second, secondSubject := s.put("AAAA-0002", "Planted.Ada@example.org", 2*year, order.Expired)
		// Placed with an address that the account had before.
		third, thirdSubject := s.put("AAAA-0004", "planted.former@example.org", year, order.Paid)
		sess, _, err := s.Check(s.Ctx, identity.Shopper, step.Session, b)
		s.Must(err)
		s.Must(s.orders.Attach(s.Ctx, sess.Account, vault.Typed("planted.former@example.org")))
		other, otherSubject := s.put("AAAA-0003", "planted.eva@example.org", year, order.Paid)
		plan, err := s.person.Plan(s.Ctx, max.Seat(), order.Whom{Number: "AAAA-0001"})
		s.Must(err)
		if len(plan.Orders) != 3 || plan.Account.IsZero() || plan.Kept().Year() != s.Clock.Now().Add(-year).Year()+10 || len(plan.Hindered(false)) != 0 {
			t.Fatalf("%+v", plan)
		}
		same, err := s.person.Plan(s.Ctx, max.Seat(), order.Whom{Email: vault.Typed("planted.ada@example.org")})
		s.Must(err)
		if len(same.Orders) != 3 || same.Account != plan.Account {
			t.Errorf("by address: %+v", same)
		}
		if !s.readable(privacy.OrderEmail, first, firstSubject) {
			t.Fatal("a plan erased somebody")
		}
		request, err := s.person.Ask(s.Ctx, max.Seat(), order.Whom{Number: "AAAA-0001"}, false, "asked for it by mail of Planted Ada")
		s.Must(err)
		a, err := s.Desk.Approval(s.Ctx, ida.Seat(), request)
		s.Must(err)
		if a.Facts["orders"] != "3" || a.Facts["accounts"] != "1" || strings.Contains(a.Facts["numbers"], "AAAA-0003") || !strings.Contains(a.Facts["numbers"], "AAAA-0002") {
			t.Errorf("the second person is shown %v", a.Facts)
		}
		if _, err := s.Desk.Decide(s.Ctx, max.Seat(), request, a.Seal, true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("agreed to her own: %v", err)
		}
		state, err := s.Desk.Decide(s.Ctx, ida.Seat(), request, a.Seal, true)
		s.Must(err)
		if state != staff.Carried {
			t.Fatalf("the act is %s", state)
		}
		s.gone(t, first, firstSubject, true)
		s.gone(t, second, secondSubject, false)
		s.gone(t, third, thirdSubject, true)
		if byFormer, err := s.person.Plan(s.Ctx, max.Seat(), order.Whom{Number: "AAAA-0004"}); err != nil || !byFormer.Nothing() {
			t.Errorf("by the order of the former address: %+v %v", byFormer, err)
		}
		if !s.readable(privacy.OrderEmail, other, otherSubject) {
			t.Error("somebody else was erased")
		}
		if again, err := s.person.Plan(s.Ctx, max.Seat(), order.Whom{Number: "AAAA-0001"}); err != nil || !again.Nothing() {
			t.Errorf("afterwards: %+v %v", again, err)
		}
		if account, err := s.ShopperAt(s.Ctx, vault.Typed("planted.ada@example.org")); err != nil || !account.IsZero() {
			t.Errorf("the account is there: %v", err)
		}
		s.Must(s.Audit.Flush(s.Ctx))
		_, unplaced := s.Audit.Sequence(s.Ctx)
		s.Must(unplaced)
		if r, err := s.Audit.Verify(s.Ctx, nil); err != nil || len(r.Findings) > 0 {
			t.Errorf("the tree: %+v %v", r, err)
		}
	})
}

// gone checks what is left of an order's person.
func (s *shop) gone(t *testing.T, v, subject id.ID, paid bool) {
	t.Helper()
	if s.readable(privacy.OrderEmail, v, subject) || s.readable(privacy.OrderBillingName, v, subject) != paid {
		t.Errorf("keys of %s: delivery %v, billing %v", v, s.readable(privacy.OrderEmail, v, subject), s.readable(privacy.OrderBillingName, v, subject))
	}
	if n := s.Number(`SELECT COUNT(*) FROM order_personal WHERE order_id = $1 AND email IS NOT NULL`, v); n != 0 {
		t.Error("the sealed bytes are left")
	}
	if n := s.Number(`SELECT COUNT(*) FROM vault_erasure WHERE subject = $1 AND done_at > 0`, subject); n == 0 {
		t.Error("it stands in no ledger")
	}
}

// What waits for its money is not erased, and what can still come back only for who insists; all of a person, or nothing.
func TestWhatStandsInTheWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		v, subject := s.put("AAAA-0001", "planted.ada@example.org", year, order.Paid)
		s.put("AAAA-0002", "planted.ada@example.org", time.Hour, order.Paid)
		ask := func(evenSo bool) (id.ID, error) {
			return s.person.Ask(s.Ctx, max.Seat(), order.Whom{Number: "AAAA-0001"}, evenSo, "asked for it")
		}
		if _, err := ask(false); !fault.Is(err, fault.Conflict) {
			t.Errorf("an order that can come back: %v", err)
		}
		request, err := ask(true)
		s.Must(err)
		// Meanwhile one of the orders waits for money: nothing at all is erased.
		s.Must(s.Data.Write(s.Ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE order_head SET state = 1 WHERE number = 'AAAA-0002'`)
			return err
		}))
		a, err := s.Desk.Approval(s.Ctx, ida.Seat(), request)
		s.Must(err)
		state, err := s.Desk.Decide(s.Ctx, ida.Seat(), request, a.Seal, true)
		s.Must(err)
		if state != staff.Failed || !s.readable(privacy.OrderEmail, v, subject) {
			t.Errorf("%s, and half a person is erased", state)
		}
		if _, err := ask(true); !fault.Is(err, fault.Conflict) {
			t.Errorf("an order that waits for its money: %v", err)
		}
		if _, err := s.person.Ask(s.Ctx, max.Seat(), order.Whom{Number: "AAAA-0001"}, true, "  "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := s.person.Plan(s.Ctx, max.Seat(), order.Whom{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("nobody: %v", err)
		}
	})
}

// V8.2.1: who may ask, and that nobody does it without an approval of exactly this kind.
func TestWhoErases_V8_2_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v, subject := s.put("AAAA-0001", "planted.ada@example.org", year, order.Paid)
		for name, who := range accesstest.Actors() {
			_, err := s.person.Plan(s.Ctx, who, order.Whom{Number: "AAAA-0001"})
			if may := who.May(access.OrderErase); may != (err == nil) {
				t.Errorf("%s planned: %v", name, err)
			}
			if _, err := s.person.Ask(s.Ctx, who, order.Whom{Number: "AAAA-0001"}, true, "asked"); !who.May(access.OrderErase) && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s asked: %v", name, err)
			}
		}
		for _, by := range []access.Approved{{}, access.Approve(access.BigRefund, id.ID{1}, id.ID{2}, id.ID{3}), {Request: id.ID{1}}} {
			if err := s.person.Approved(s.Ctx, []byte(`{"Orders":["`+v.String()+`"]}`), by); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%+v erased: %v", by, err)
			}
		}
		if !s.readable(privacy.OrderEmail, v, subject) {
			t.Error("erased")
		}
	})
}
