package order_test

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/price"
	"strongroom/shop/stock"
)

// The main way: details, check, order, pay, paid, mail, link.
func TestFromCartToMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 10)
		cart := s.fill(v, 2)
		s.must(s.orders.Draft(s.ctx, cart, "en", details()))
		r, err := s.orders.Review(s.ctx, cart, "en")
		s.must(err)
		if r.Goods != 4800 || r.Total != r.Goods+r.Shipping || r.Details.Email != "Planted.Person@mail.example" {
			t.Fatalf("the review shows goods %d, shipping %d, total %d", r.Goods, r.Shipping, r.Total)
		}
		placed, err := s.orders.Place(s.ctx, cart, r.Attempt, origin)
		s.must(err)
		if id.ParseNumber(placed.Number) != placed.Number || placed.Again {
			t.Fatalf("placed %+v", placed)
		}
		s.level(v, 10, 2)
		url, err := s.orders.Pay(s.ctx, placed.Browser)
		s.must(err)
		if !strings.HasPrefix(url, "https://pay.example/") {
			t.Fatalf("the payment page is at %q", url)
		}
		s.state(placed, order.AwaitingPayment)
		s.says(placed.Order, payment.StatusPaid)
		s.state(placed, order.Paid)
		s.level(v, 8, 0)
		s.work()
		m := s.box.of(order.LetterConfirmation)
		if len(m) != 1 || m[0].To != "Planted.Person@mail.example" || !strings.Contains(m[0].Text, placed.Number) {
			t.Fatalf("%d confirmations", len(m))
		}
		if len(s.box.of(order.LetterOwnerOrder)) != 1 {
			t.Fatal("the owner was not told")
		}
		visit, err := s.orders.Enter(s.ctx, linkIn(t, m[0]))
		s.must(err)
		seen, err := s.orders.Open(s.ctx, visit)
		s.must(err)
		if seen.Number != placed.Number || seen.Details.Delivery.Street != "Plantedstreet 7" || len(seen.Moves) != 2 {
			t.Fatalf("the link shows order %s with %d moves", seen.Number, len(seen.Moves))
		}
		if got, err := s.cart.Get(s.ctx, cart); err != nil || len(got.Lines) != 0 {
			t.Fatalf("the cart of a paid order still holds %d lines (%v)", len(got.Lines), err)
		}
		s.ledger()
	})
}

// V2.3.4, V2.3.1: twenty clicks at once, then a reload and the back button, are one order.
func TestTheSameAttemptIsOneOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 100)
		cart := s.fill(v, 1)
		s.must(s.orders.Draft(s.ctx, cart, "en", details()))
		r, err := s.orders.Review(s.ctx, cart, "en")
		s.must(err)
		got := make([]order.Placed, 20)
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i], errs[i] = s.orders.Place(s.ctx, cart, r.Attempt, origin) })
		}
		wg.Wait()
		fresh := 0
		for i := range got {
			if errs[i] != nil {
				t.Fatalf("click %d: %v", i, errs[i])
			}
			if got[i].Order != got[0].Order || got[i].Number != got[0].Number || got[i].Browser != got[0].Browser {
				t.Fatal("two clicks gave two orders")
			}
			if !got[i].Again {
				fresh++
			}
		}
		if n := s.number(`SELECT COUNT(*) FROM order_head`); n != 1 || fresh != 1 {
			t.Fatalf("%d orders, %d of them new", n, fresh)
		}
		s.level(v, 100, 1)
		again, err := s.orders.Place(s.ctx, cart, r.Attempt, origin)
		s.must(err)
		if again.Order != got[0].Order || !again.Again {
			t.Fatal("a reload made another order")
		}
		if n := len(mustList(t, s, got[0].Order)); n != 1 {
			t.Fatalf("%d payments", n)
		}
	})
}

func mustList(t *testing.T, s *store, order id.ID) []payment.Payment {
	t.Helper()
	list, err := s.pay.OfOrder(s.ctx, order)
	s.must(err)
	return list
}

// What changes between the page and the click is shown and not ordered (attack row 11, V2.3.2).
func TestWhatChangedIsShownAndNotOrdered(t *testing.T) {
	changes := []struct {
		name string
		do   func(s *store, cart id.Token, v id.ID)
		want []string
	}{
		{"price", func(s *store, _ id.Token, v id.ID) {
			s.shelf.set(v, func(it *catalog.Item) { it.Price = 1 })
		}, []string{"order.change_price", "order.change_total"}},
		{"quantity", func(s *store, cart id.Token, v id.ID) {
			_, err := s.cart.Set(s.ctx, cart, v, 2)
			s.must(err)
		}, []string{"order.change_quantity", "order.change_total"}},
		{"another article", func(s *store, cart id.Token, _ id.ID) {
			_, _, err := s.cart.Add(s.ctx, cart, s.goods("Jug", 1000, 5), 1)
			s.must(err)
		}, []string{"order.change_added", "order.change_total"}},
		{"address", func(s *store, cart id.Token, _ id.ID) {
			d := details()
			d.Delivery.Street = "Elsewhere 9"
			s.must(s.orders.Draft(s.ctx, cart, "en", d))
		}, []string{"order.change_details"}},
		{"country", func(s *store, cart id.Token, _ id.ID) {
			d := details()
			d.Delivery.Country, d.Delivery.Postcode, d.Delivery.City = "FR", "75001", "Paris"
			s.must(s.orders.Draft(s.ctx, cart, "en", d))
		}, []string{"order.change_details", "order.change_shipping", "order.change_total"}},
	}
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		for _, c := range changes {
			v := s.goods("Bowl", 2400, 100)
			cart := s.fill(v, 1)
			s.must(s.orders.Draft(s.ctx, cart, "en", details()))
			r, err := s.orders.Review(s.ctx, cart, "en")
			s.must(err)
			c.do(s, cart, v)
			_, err = s.orders.Place(s.ctx, cart, r.Attempt, origin)
			var got []string
			for _, x := range order.Changes(err) {
				got = append(got, x.Key)
			}
			if !fault.Is(err, fault.Conflict) || strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Fatalf("%s: %v, changes %v", c.name, err, got)
			}
			if n := s.number(`SELECT COUNT(*) FROM order_head`); n != 0 {
				t.Fatalf("%s: something was ordered", c.name)
			}
			s.level(v, 100, 0)
		}
	})
}

// The same attempt with other content after it was ordered shows the difference from the order, and orders nothing.
func TestAnOrderedAttemptWithOtherContent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 100)
		cart := s.fill(v, 1)
		s.must(s.orders.Draft(s.ctx, cart, "en", details()))
		old, err := s.orders.Review(s.ctx, cart, "en")
		s.must(err)
		s.shelf.set(v, func(it *catalog.Item) { it.Price = 2500 })
		now, err := s.orders.Review(s.ctx, cart, "en")
		s.must(err)
		_, err = s.orders.Place(s.ctx, cart, now.Attempt, origin)
		s.must(err)
		_, err = s.orders.Place(s.ctx, cart, old.Attempt, origin)
		ch := order.Changes(err)
		if f := fault.As(err); f == nil || f.Key != "order.changed_placed" || len(ch) == 0 || ch[0].From != 2400 || ch[0].To != 2500 {
			t.Fatalf("%v, changes %+v", err, ch)
		}
		if n := s.number(`SELECT COUNT(*) FROM order_head`); n != 1 {
			t.Fatalf("%d orders", n)
		}
	})
}

// An attempt is of one browser, and nobody writes one but the store (V2.2.2, attack row 11).
func TestAnAttemptIsSignedAndBoundToItsCart(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := s.goods("Bowl", 2400, 100)
	cart, other := s.fill(v, 1), s.fill(v, 1)
	for _, c := range []id.Token{cart, other} {
		s.must(s.orders.Draft(s.ctx, c, "en", details()))
	}
	r, err := s.orders.Review(s.ctx, cart, "en")
	s.must(err)
	body, sum, _ := strings.Cut(r.Attempt, ".")
	for name, forged := range map[string]string{"empty": "", "no seal": body, "altered": body[:len(body)-2] + "AA." + sum,
		"other seal": body + "." + strings.Repeat("A", len(sum)), "huge": strings.Repeat("A", 1<<20), "junk": "a.b.c"} {
		if _, err := s.orders.Place(s.ctx, cart, forged, origin); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.orders.Place(s.ctx, other, r.Attempt, origin); fault.As(err) == nil || fault.As(err).Key != "order.attempt_unknown" {
		t.Errorf("the attempt of another cart: %v", err)
	}
	if n := s.number(`SELECT COUNT(*) FROM order_head`); n != 0 {
		t.Fatalf("%d orders", n)
	}
}

// V2.3.4: buyers racing for the last pieces sell exactly what is there, and nobody's money is asked for more.
func TestTheLastPiecesAreSoldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		buyers, pieces := 1000, int64(100)
		if p.Engine != "sqlite" {
			buyers, pieces = 120, 30
		}
		v := s.goods("Bowl", 2400, pieces)
		carts, attempts := make([]id.Token, buyers), make([]string, buyers)
		for i := range carts { // everybody stands before the button
			carts[i] = s.fill(v, 1)
			s.must(s.orders.Draft(s.ctx, carts[i], "en", details()))
			r, err := s.orders.Review(s.ctx, carts[i], "en")
			s.must(err)
			attempts[i] = r.Attempt
		}
		var mu sync.Mutex
		sold, short := 0, 0
		var wg sync.WaitGroup
		slots := make(chan struct{}, 32)
		for i := range carts {
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				_, err := s.orders.Place(s.ctx, carts[i], attempts[i], network(i))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					sold++
				case stock.Short(err) != nil:
					short++
				default:
					t.Errorf("a buyer got %v", err)
				}
			})
		}
		wg.Wait()
		if sold != int(pieces) || short != buyers-int(pieces) {
			t.Fatalf("%d sold and %d refused of %d buyers for %d pieces", sold, short, buyers, pieces)
		}
		s.level(v, pieces, pieces)
		if n := s.number(`SELECT COUNT(*) FROM order_head`); n != pieces {
			t.Fatalf("%d orders", n)
		}
		if n := s.number(`SELECT COUNT(DISTINCT number) FROM order_head`); n != pieces {
			t.Fatalf("%d order numbers for %d orders", n, pieces)
		}
	})
}

// network is one of many client addresses.
func network(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}) }

// V2.4.1: one network places so many orders in an hour and no more; nothing of the refused one is left.
func TestOrdersOfOneNetworkAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 100)
		for range 60 {
			s.place(s.fill(v, 1), details())
		}
		cart := s.fill(v, 1)
		s.must(s.orders.Draft(s.ctx, cart, "en", details()))
		r, err := s.orders.Review(s.ctx, cart, "en")
		s.must(err)
		if _, err := s.orders.Place(s.ctx, cart, r.Attempt, origin); !fault.Is(err, fault.TooMany) {
			t.Fatalf("the 61st order of an hour: %v", err)
		}
		s.level(v, 100, 60)
		if _, err := s.orders.Place(s.ctx, cart, r.Attempt, network(1)); err != nil {
			t.Fatalf("another network: %v", err)
		}
	})
}

// An order number that is taken is drawn again, and nobody notices.
func TestATakenNumberIsDrawnAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		v := s.goods("Bowl", 2400, 10)
		draws := []string{"AAAA-AAAA", "AAAA-AAAA", "AAAA-AAAA", "BBBB-BBBB"}
		s.orders.DrawNumbers(func() string { n := draws[0]; draws = draws[1:]; return n })
		a, b := s.place(s.fill(v, 1), details()), s.place(s.fill(v, 1), details())
		if a.Number != "AAAA-AAAA" || b.Number != "BBBB-BBBB" || len(draws) != 0 {
			t.Fatalf("numbers %s and %s", a.Number, b.Number)
		}
		s.level(v, 10, 2)
	})
}

// Lines, taxes and head of an order agree to the cent, whatever is in the cart, wherever it goes, whatever code is used.
func TestSumsOfAnOrderAgree(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	_, code, err := s.price.Create(s.ctx, access.Console(), price.Code{Discount: price.Discount{Kind: price.Percent, PPM: 333_333},
		Label: "odd", Active: true}, "")
	s.must(err)
	places := []order.Recipient{details().Delivery, {Name: "B", Street: "Rue 1", Postcode: "75001", City: "Paris", Country: "FR"},
		{Name: "C", Street: "Gasse 1", Postcode: "1010", City: "Wien", Country: "AT"}}
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		cart := id.Token("")
		for range rapid.IntRange(1, 5).Draw(r, "lines") {
			v := s.goods("A", money.Amount(rapid.Int64Range(1, 1_000_000).Draw(r, "cents")), 100)
			class := rapid.SampledFrom([]string{"standard", "reduced"}).Draw(r, "class")
			s.shelf.set(v, func(it *catalog.Item) { it.TaxClass = class })
			var err error
			cart, _, err = s.cart.Add(s.ctx, cart, v, rapid.Int64Range(1, 9).Draw(r, "pieces"))
			s.must(err)
		}
		if rapid.Bool().Draw(r, "code") {
			_, err := s.cart.ApplyCode(s.ctx, cart, access.Guest(id.ID{}, origin), code)
			s.must(err)
		}
		d := details()
		d.Delivery = rapid.SampledFrom(places).Draw(r, "place")
		s.must(s.orders.Draft(s.ctx, cart, "en", d))
		review, err := s.orders.Review(s.ctx, cart, "en")
		s.must(err)
		n++
		placed, err := s.orders.Place(s.ctx, cart, review.Attempt, network(n))
		s.must(err)
		agree(r, s.view(placed), review)
	})
	s.ledger()
}

func agree(r *rapid.T, v order.View, shown order.Review) {
	var gross, off, net, tax, total money.Amount
	for _, l := range v.Lines {
		if l.Gross != l.Unit*money.Amount(l.Quantity) || l.Net+l.Tax != l.Total || l.Total != l.Gross-l.Discount {
			r.Fatalf("a line does not agree: %+v", l)
		}
		gross, off, total = gross+l.Gross, off+l.Discount, total+l.Total
	}
	for _, x := range v.Taxes {
		net, tax = net+x.Net, tax+x.Tax
	}
	if gross != v.Goods || off != v.Discount || total+v.Shipping != v.Total || net != v.Net || tax != v.Order.Tax || net+tax != v.Total {
		r.Fatalf("lines %d off %d total %d, taxes %d + %d, head %d", gross, off, total, net, tax, v.Total)
	}
	if shown.Total != v.Total || shown.Tax != v.Order.Tax || shown.Goods != v.Goods {
		r.Fatalf("shown %d, ordered %d", shown.Total, v.Total)
	}
}

// An order keeps what it copied, whatever becomes of the catalogue.
func TestAnOrderDoesNotReadTheCatalogue(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := s.goods("Bowl", 2400, 10)
	placed := s.place(s.fill(v, 1), details())
	s.shelf.set(v, func(it *catalog.Item) { *it = catalog.Item{Variant: v, Name: "Renamed"} })
	l := s.view(placed).Lines[0]
	if l.Name != "Bowl" || l.SKU != "SKU-Bowl" || l.Options != "blue" || l.Producer != "Maker Ltd, Bath" || l.Unit != 2400 || l.Rate != 190_000 {
		t.Fatalf("the line is %+v", l)
	}
}

// What is typed is checked beside its field, and card numbers never get in (V1.2.10 free text, design 4.10).
func TestDetailsAreCheckedBesideTheirFields(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	cart := s.fill(s.goods("Bowl", 2400, 10), 1)
	d := details()
	d.Email, d.Phone, d.Note = "no address", "call me", "my card is 4111 1111 1111 1111, thanks"
	d.Delivery.Postcode, d.Delivery.Name, d.BillingDiffers, d.Offer = "1", "", true, ""
	f := fault.As(s.orders.Draft(s.ctx, cart, "en", d))
	if f == nil {
		t.Fatal("everything was accepted")
	}
	got := map[string]bool{}
	for _, x := range f.Fields {
		got[x.Name] = true
	}
	for _, want := range []string{"email", "phone", "note", "delivery.postcode", "delivery.name", "billing.name", "billing.city"} {
		if !got[want] {
			t.Errorf("no message beside %s: %v", want, f.Fields)
		}
	}
	d = details()
	d.Offer = "teleport"
	if f := fault.As(s.orders.Draft(s.ctx, cart, "en", d)); f == nil || f.Fields[0].Name != "offer" {
		t.Errorf("an unknown delivery: %v", f)
	}
	d.Offer, d.Delivery.Country, d.Delivery.Postcode = "", "KP", ""
	if f := fault.As(s.orders.Draft(s.ctx, cart, "en", d)); f == nil || !strings.HasPrefix(f.Fields[0].Name, "delivery.") {
		t.Errorf("a place that is not delivered to: %v", f)
	}
	if _, err := s.orders.Review(s.ctx, cart, "en"); !errors.Is(err, fault.As(err)) || fault.As(err).Key != "order.no_draft" {
		t.Errorf("a review without details: %v", err)
	}
}
