package order_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/mail"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/post"
)

// everything takes orders through everything that touches personal data.
func everything(s *store) order.Placed {
	s.t.Helper()
	d := details()
	d.BillingDiffers = true
	d.Billing = order.Recipient{Name: "Plantedbill Weber", Company: "Plantedfirm", Street: "Plantedlane 9", Postcode: "04109",
		City: "Plantedville", Country: "DE"}
	placed := s.place(s.fill(s.goods("Bowl", 2400, 5), 1), d)
	_, err := s.orders.Pay(s.ctx, placed.Browser)
	s.must(err)
	s.says(placed.Order, payment.StatusPaid)
	s.must(s.orders.Renew(s.ctx, placed.Number, plantedEmail, origin))
	s.must(s.orders.CorrectEmail(s.ctx, placed.Browser, "plantedcorrect@mail.example"))
	w, err := s.orders.Statement(s.ctx, "", order.Withdrawal{Name: "Plantedwithdraw", Number: "plantednumber", Email: "plantedw@mail.example", Lines: "plantedlines"})
	s.must(err)
	_, err = s.orders.Withdraw(s.ctx, "", w, origin)
	s.must(err)
	s.must(s.orders.Draft(s.ctx, s.fill(s.goods("Jug", 100, 5), 1), "en", d)) // a draft that stays one
	s.must(s.post.Refused(s.ctx, post.Letter{Object: placed.Order, Kind: "link"}, plantedEmail,
		&mail.Refusal{Stage: "to", Code: 550, Status: "5.1.1", Said: "5.1.1 <" + plantedEmail + "> unknown"}))
	return placed
}

// Attack row 40 (V14.2.4, V11.3): what was typed stands nowhere in the database, jobs that wait included.
func TestPlantedValuesAreNotInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed := everything(s)
		look := func(when string) {
			t.Helper()
			found := false
			for _, b := range content(s, p.Data) {
				found = found || bytes.Contains(b, []byte(placed.Number))
			}
			if !found {
				t.Fatal("not even the order's number was found: the search is broken")
			}
			for _, d := range []*db.DB{p.Data, p.Keys} {
				for name, b := range content(s, d) {
					if i := bytes.Index(bytes.ToLower(b), []byte("planted")); i >= 0 {
						t.Fatalf("%s: %s holds %q", when, name, b[max(0, i-40):min(len(b), i+60)])
					}
					if i := bytes.Index(b, origin.AsSlice()); i >= 0 && strings.HasPrefix(name, "order_") {
						t.Fatalf("%s: %s holds the address of a client", when, name)
					}
				}
			}
		}
		look("while the jobs wait")
		s.work()
		look("after the jobs")
	})
}

// content is the bytes of the files, or of all rows as text where there are no files.
func content(s *store, d *db.DB) map[string][]byte {
	s.t.Helper()
	out := map[string][]byte{}
	if d.Path() != "" {
		for _, suffix := range []string{"", "-wal"} {
			if b, err := os.ReadFile(d.Path() + suffix); err == nil {
				out[suffix] = b
			}
		}
		return out
	}
	s.must(d.Read(s.ctx, func(tx *db.Tx) error {
		tables, err := db.All(tx, func(r db.Scanner) (n string, err error) { err = r.Scan(&n); return n, err },
			`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename LIMIT 500`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			rows, err := db.All(tx, func(r db.Scanner) (n string, err error) { err = r.Scan(&n); return n, err },
				`SELECT convert_from(convert_to(t::text, 'UTF8'), 'UTF8') FROM `+table+` t LIMIT 10000`)
			if err != nil {
				return err
			}
			for _, r := range rows {
				out[table] = append(out[table], unhex(r)...)
			}
		}
		return nil
	}))
	return out
}

// unhex adds the bytes behind PostgreSQL's \x notation to a row's text.
func unhex(row string) []byte {
	b := []byte(row)
	for _, part := range strings.Split(row, `\x`)[1:] {
		var raw []byte
		_, _ = fmt.Sscanf(part, "%x", &raw)
		b = append(append(b, '|'), raw...)
	}
	return b
}

// Details print as nothing, whatever prints them (V16.2.5).
func TestDetailsPrintAsNothing(t *testing.T) {
	d := details()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, x := range []any{d, &d, d.Delivery, struct{ D order.Details }{d}, order.View{Details: d}, order.Review{Details: d}} {
			if got := fmt.Sprintf(verb, x); strings.Contains(strings.ToLower(got), "planted") {
				t.Errorf("%s of %T prints %s", verb, x, got)
			}
		}
	}
}

// Masks by default; a reveal wants a reason and leaves an entry (V8.2.3, V14.2.6).
func TestStaffSeesMasksUnlessThereIsAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed := everything(s)
		m, err := s.orders.Show(s.ctx, access.Console(), placed.Number)
		s.must(err)
		if len(m.Fields) < 10 || len(m.Lines) != 1 || m.Number != placed.Number {
			t.Fatalf("the order shows %d fields", len(m.Fields))
		}
		for _, f := range m.Fields {
			if strings.Contains(strings.ToLower(f.Text), "planted") {
				t.Errorf("%s is shown: %s", f.Name, f.Text)
			}
		}
		if _, err := s.orders.Reveal(s.ctx, placed.Number, access.Console(), " "); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a look without a reason: %v", err)
		}
		before := s.number(`SELECT COUNT(*) FROM audit_entry`)
		m, err = s.orders.Reveal(s.ctx, placed.Number, access.Console(), "parcel came back")
		s.must(err)
		if m.Fields[0].Name != "email" || m.Fields[0].Text != "plantedcorrect@mail.example" {
			t.Fatalf("revealed %v", m.Fields[0].Name)
		}
		if s.number(`SELECT COUNT(*) FROM audit_entry`) == before {
			t.Fatal("the look left no entry")
		}
		if _, err := s.orders.Show(s.ctx, access.Console(), "ZZZZ-ZZZZ"); !fault.Is(err, fault.NotFound) {
			t.Fatalf("an unknown number: %v", err)
		}
	})
}

// Pages of the list follow each other without gaps or repeats.
func TestListPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 50)
		want := map[string]bool{}
		for i := range 7 {
			placed := s.place(s.fill(v, 1), details())
			want[placed.Number] = true
			if i%2 == 0 { // some in the same microsecond
				s.Clock.Advance(1e6)
			}
		}
		f := order.Filter{Limit: 3, State: order.AwaitingPayment}
		seen := 0
		for pages := 0; ; pages++ {
			page, err := s.orders.List(s.ctx, access.Console(), f)
			s.must(err)
			for _, o := range page.Orders {
				if !want[o.Number] {
					t.Fatalf("%s twice", o.Number)
				}
				delete(want, o.Number)
				seen++
			}
			if page.Next == "" {
				break
			}
			f.After = page.Next
		}
		if seen != 7 {
			t.Fatalf("%d of 7 orders listed", seen)
		}
		if page, err := s.orders.List(s.ctx, access.Console(), order.Filter{State: order.Paid}); err != nil || len(page.Orders) != 0 {
			t.Fatalf("%d paid orders (%v)", len(page.Orders), err)
		}
		for _, bad := range []string{"x", "1.2", strings.Repeat("9", 500)} {
			if _, err := s.orders.List(s.ctx, access.Console(), order.Filter{After: bad}); !fault.Is(err, fault.Malformed) {
				t.Errorf("cursor %.10q: %v", bad, err)
			}
		}
	})
}

// What a crash leaves between the two databases is mended: keys without data go, keys with data stay. Erasure makes an
// order unreadable, and its link and renewal say the same as for an unknown one (attack row 41).
func TestKeysAndDataAreMended(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed := everything(s)
		s.work()
		lost, err := s.vault.NewSubject(s.ctx, vault.Fulfilment, vault.Fiscal) // a crash before the data was written
		s.must(err)
		subject := s.view(placed).Subject
		held, err := s.orders.Holds(s.ctx, []id.ID{lost, subject})
		s.must(err)
		if len(held) != 1 || held[0] != subject {
			t.Fatalf("%d subjects are held", len(held))
		}
		s.Clock.Advance(22 * 3600 * 1e9)
		_, err = s.vault.Sweep(s.ctx, s.orders)
		s.must(err)
		s.view(placed)
		s.must(s.Data.Write(s.ctx, func(tx *db.Tx) error { return s.orders.EraseIntent(tx, subject) }))
		_, err = s.vault.EraseIntended(s.ctx, s.Data)
		s.must(err)
		if _, err := s.orders.Open(s.ctx, placed.Browser); !fault.Is(err, fault.Gone) && !vault.Erased(err) {
			t.Fatalf("an erased order: %v", err)
		}
		s.must(s.orders.Renew(s.ctx, placed.Number, "plantedcorrect@mail.example", origin))
		before := len(s.box.of(order.LetterLink))
		s.work()
		if len(s.box.of(order.LetterLink)) != before {
			t.Fatal("an erased order was mailed")
		}
		m, err := s.orders.Show(s.ctx, access.Console(), placed.Number)
		s.must(err)
		for _, f := range m.Fields {
			if f.Text != vault.Hidden {
				t.Fatalf("%s of an erased order shows %q", f.Name, f.Text)
			}
		}
	})
}

// Drafts that nobody touched for a week are gone, with their keys.
func TestOldDraftsAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.must(s.orders.Draft(s.ctx, s.fill(s.goods("Jug", 100, 5), 1), "en", details()))
		s.Clock.Advance(6 * 24 * 3600 * 1e9)
		s.must(s.orders.Sweep(s.ctx))
		if s.number(`SELECT COUNT(*) FROM order_personal`) != 1 {
			t.Fatal("a draft of six days is gone")
		}
		s.Clock.Advance(25 * 3600 * 1e9)
		s.must(s.orders.Sweep(s.ctx))
		n, err := s.vault.EraseIntended(s.ctx, s.Data)
		s.must(err)
		if s.number(`SELECT COUNT(*) FROM order_personal`) != 0 || s.number(`SELECT COUNT(*) FROM order_draft`) != 0 || n != 2 {
			t.Fatalf("the draft is still there, or its %d keys", n)
		}
	})
}

// Erasing an order ends every way to the person and keeps the fiscal record of a paid one (V14.2.7).
func TestErasingAnOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		waiting := s.began(s.goods("Bowl", 2400, 5), 1)
		if _, err := s.orders.Erase(s.ctx, waiting.Number, access.Console(), "asked for", true); !fault.Is(err, fault.Conflict) {
			t.Fatalf("an open order was erased: %v", err)
		}
		placed := everything(s)
		s.work()
		if _, err := s.orders.Erase(s.ctx, placed.Number, access.Console(), "asked for", false); !fault.Is(err, fault.Conflict) {
			t.Fatalf("erased while withdrawal runs: %v", err)
		}
		e, err := s.orders.Erase(s.ctx, placed.Number, access.Console(), "asked for", true)
		s.must(err)
		if e.Number != placed.Number || e.KeptTill.Year() != 2036 || e.KeptTill.Month() != 12 {
			t.Fatalf("%+v", e)
		}
		if _, err := s.orders.Open(s.ctx, placed.Browser); !fault.Is(err, fault.NotFound) {
			t.Fatalf("the browser still opens it: %v", err)
		}
		m, err := s.orders.Reveal(s.ctx, placed.Number, access.Console(), "invoice")
		s.must(err)
		for _, f := range m.Fields {
			if !strings.HasPrefix(f.Name, "billing.") {
				t.Errorf("%s is still there", f.Name)
			}
		}
		if len(m.Fields) == 0 {
			t.Error("the fiscal record is gone")
		}
		list, err := s.orders.Withdrawals(s.ctx, access.Console(), p.Clock.Now().Add(-1e12))
		s.must(err)
		if len(list) != 1 || strings.Contains(strings.ToLower(fmt.Sprint(list[0].Fields)), "planted") {
			t.Fatalf("%d withdrawals, or one in clear", len(list))
		}
		d, err := s.orders.RevealWithdrawal(s.ctx, list[0].ID, access.Console(), "to answer it")
		s.must(err)
		if d.Fields[1].Text != "plantedw@mail.example" {
			t.Fatal("the withdrawal cannot be answered")
		}
	})
}
