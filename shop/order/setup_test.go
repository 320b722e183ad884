package order_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/base/money"
	"strongroom/front/letters"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/cart"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/payment/offline"
	"strongroom/shop/post"
	"strongroom/shop/price"
	"strongroom/shop/stock"
)

// store is a whole store but for its pages: the real services over real databases, a payment firm in memory, a
// catalogue of a few goods and a postbox.
type store struct {
	dbtest.Pair
	t       testing.TB
	ctx     context.Context
	vault   *vault.Vault
	jobs    *job.Queue
	stock   *stock.Service
	price   *price.Service
	cart    *cart.Service
	pay     *payment.Service
	more    []payment.Offer  // further ways to pay
	counter *offline.Service // who takes transfers; nil where nobody does
	orders  *order.Service
	letters *letters.Writer
	post    *post.Service
	words   ownWords
	shop    config.Shop
	firm    *provider
	shelf   *shelf
	box     *postbox
	events  *heard
}

// shelf is a catalogue of a few goods.
type shelf struct {
	mu    sync.Mutex
	items map[id.ID]catalog.Item
}

func (s *shelf) Items(_ context.Context, _ string, variants []id.ID) (map[id.ID]catalog.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[id.ID]catalog.Item{}
	for _, v := range variants {
		if it, ok := s.items[v]; ok {
			out[v] = it
		}
	}
	return out, nil
}

func (s *shelf) set(v id.ID, edit func(*catalog.Item)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.items[v]
	edit(&it)
	s.items[v] = it
}

// postbox keeps what was sent.
type postbox struct {
	mu   sync.Mutex
	sent []mail.Message
	fail error
}

func (b *postbox) Send(_ context.Context, m mail.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := m.Check(); err != nil {
		return err
	}
	if b.fail != nil {
		return b.fail
	}
	b.sent = append(b.sent, m)
	return nil
}

// of returns the mails of a kind, the newest last.
func (b *postbox) of(kind order.LetterKind) (out []mail.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.sent {
		if m.Kind == string(kind) {
			out = append(out, m)
		}
	}
	return out
}

// heard counts events.
type heard struct {
	mu    sync.Mutex
	names map[string]int
}

func (h *heard) count(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.names[name]
}

// hear has a subscriber of its own for every event of the orders.
func hear[E event.Event](t testing.TB, b *event.Bus, h *heard) {
	t.Helper()
	err := event.On(b, "test", func(_ context.Context, e E) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.names[e.EventName()]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type pages struct{}

func (pages) Markdown(lang, name string) string {
	return "## " + name + " " + lang + "\n\nFull text of the *" + name + "* page. <script>alert(1)</script>\n"
}

const zone = "Europe/Berlin"

func testShop(t testing.TB) config.Shop {
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return config.Shop{Name: "Kiln & Orchard", LegalName: "Kiln & Orchard GmbH", Address: []string{"Werkhof 3", "04109 Leipzig"},
		Country: "DE", Currency: "EUR", PriceMode: config.Inclusive, Languages: []string{"en", "de"}, DefaultLanguage: "en",
		TimeZone: z, Email: "hello@shop.example", OwnerEmail: "owner@shop.example", Phone: "+49 341 0000", VATID: "DE000000000",
		PublicURL: "https://shop.example", TestMode: true, WithdrawalDays: 14, ReturnDays: 30}
}

// open makes a store. Its jobs run when the test says so (work).
func open(t testing.TB, p dbtest.Pair) *store {
	t.Helper()
	return openWith(t, p, func(*order.Deps) {})
}

// openWith is open with something changed.
func openWith(t testing.TB, p dbtest.Pair, change func(*order.Deps)) *store {
	t.Helper()
	s := &store{Pair: p, t: t, ctx: context.Background(), shop: testShop(t), firm: newProvider(),
		shelf: &shelf{items: map[id.ID]catalog.Item{}}, box: &postbox{}, events: &heard{names: map[string]int{}}}
	root, err := vault.CreateKeyFile(filepath.Join(t.TempDir(), "root.key"))
	s.must(err)
	s.vault, err = vault.Open(s.ctx, vault.Options{Keys: p.Keys, Root: root})
	s.must(err)
	t.Cleanup(func() { s.must(s.vault.Close()) })
	log := audit.New(audit.Deps{DB: p.Data, Vault: s.vault})
	t.Cleanup(func() { s.must(log.Close()) })
	s.jobs = job.New(p.Data, nil, 1)
	bus := event.NewBus(p.Data, s.jobs)
	taxes, err := price.LoadTaxes(price.Rules{Home: "DE"})
	s.must(err)
	s.stock = stock.New(stock.Deps{DB: p.Data})
	s.price = price.New(price.Deps{DB: p.Data, Audit: log, Hash: s.vault.MAC})
	parcels := delivery.New(delivery.Deps{DB: p.Data, Audit: log, Zone: s.shop.TimeZone})
	s.must(parcels.Seed(s.ctx, s.shop))
	s.cart = cart.New(cart.Deps{DB: p.Data, Catalog: s.shelf, Stock: s.stock, Price: s.price, Taxes: taxes, Delivery: parcels,
		Mode: price.Inclusive, Home: "DE", Language: "en", Zone: s.shop.TimeZone})
	s.pay, err = payment.New(payment.Deps{DB: p.Data, Audit: log, Jobs: s.jobs, Gateways: []payment.Gateway{s.firm}, More: func() []payment.Offer { return s.more }})
	s.must(err)
	deps := order.Deps{DB: p.Data, Vault: s.vault, Audit: log, Jobs: s.jobs, Events: bus, Shop: s.shop,
		Catalog: s.shelf, Stock: s.stock, Price: s.price, Taxes: taxes, Delivery: parcels, Cart: s.cart, Payment: s.pay}
	change(&deps)
	s.orders, err = order.New(deps)
	s.must(err)
	texts, err := lang.Load(lang.Messages())
	s.must(err)
	s.post, err = post.New(post.Deps{DB: p.Data, Vault: s.vault, Audit: log, Jobs: s.jobs, Orders: s.orders, From: s.shop.Email, Bounces: "bounces@shop.example"})
	s.must(err)
	s.words = ownWords{}
	s.letters, err = letters.New(letters.Deps{Orders: s.orders, Texts: texts, Pages: pages{}, Mail: s.box, Jobs: s.jobs, Shop: s.shop,
		Post: s.post, Words: s.words, Transfer: func(ctx context.Context, v id.ID) (i offline.Instructions, ok bool, err error) {
			if s.counter == nil {
				return i, false, nil
			}
			p, err := s.pay.Get(ctx, v)
			if err != nil {
				return i, false, err
			}
			return s.counter.Of(ctx, p.Reference)
		}})
	s.must(err)
	hear[order.LateMoney](t, bus, s.events)
	hear[order.OrderPlaced](t, bus, s.events)
	hear[order.LinkRefused](t, bus, s.events)
	return s
}

func (s *store) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// goods puts an article on the shelf.
func (s *store) goods(name string, cents money.Amount, pieces int64) id.ID {
	s.t.Helper()
	v := id.New(s.Clock.Now(), nil)
	s.shelf.set(v, func(it *catalog.Item) {
		*it = catalog.Item{Variant: v, Product: id.New(s.Clock.Now(), nil), Handle: strings.ToLower(name), SKU: "SKU-" + name,
			Name: name, Options: "blue", Price: cents, TaxClass: "standard", WeightGrams: 400, Producer: "Maker Ltd, Bath",
			EUContact: "Maker EU, Lyon", Sellable: true}
	})
	s.must(s.stock.Set(s.ctx, stock.Change{Variant: v, Pieces: pieces, Reason: stock.Counted, Actor: access.Console()}))
	return v
}

// fill puts goods into a new cart.
func (s *store) fill(v id.ID, n int64) id.Token {
	s.t.Helper()
	token, _, err := s.cart.Add(s.ctx, "", v, n)
	s.must(err)
	return token
}

var plantedEmail = "Planted.Person@mail.example"

func details() order.Details {
	return order.Details{Email: plantedEmail, Phone: "+49 (341) 123-4567", Note: "Plantednote: ring twice",
		Delivery: order.Recipient{Name: "Plantedname Zimmermann", Street: "Plantedstreet 7", Postcode: "04109", City: "Plantedtown",
			Country: "DE"}}
}

// origin is a network address like any other.
var origin = netip.MustParseAddr("203.0.113.7")

// place takes a cart to an order.
func (s *store) place(cart id.Token, d order.Details) order.Placed {
	s.t.Helper()
	s.must(s.orders.Draft(s.ctx, cart, "en", d))
	r, err := s.orders.Review(s.ctx, cart, "en")
	s.must(err)
	p, err := s.orders.Place(s.ctx, cart, r.Attempt, origin)
	s.must(err)
	return p
}

// began places an order and opens its payment page.
func (s *store) began(v id.ID, n int64) order.Placed {
	s.t.Helper()
	p := s.place(s.fill(v, n), details())
	_, err := s.orders.Pay(s.ctx, p.Browser)
	s.must(err)
	return p
}

// last is the newest payment of an order.
func (s *store) last(order id.ID) payment.Payment {
	s.t.Helper()
	list, err := s.pay.OfOrder(s.ctx, order)
	s.must(err)
	if len(list) == 0 {
		s.t.Fatal("the order has no payment")
	}
	return list[len(list)-1]
}

// says has the provider say something about the newest payment of the order, and the store ask.
func (s *store) says(order id.ID, to payment.Status) payment.Payment {
	s.t.Helper()
	p := s.last(order)
	s.firm.set(p.Reference, to)
	p, err := s.pay.Refresh(s.ctx, p.ID)
	s.must(err)
	return p
}

// view is the order as its browser sees it.
func (s *store) view(p order.Placed) order.View {
	s.t.Helper()
	v, err := s.orders.Open(s.ctx, p.Browser)
	s.must(err)
	return v
}

func (s *store) state(p order.Placed, want order.State) {
	s.t.Helper()
	if v := s.view(p); v.State != want {
		s.t.Fatalf("the order is %s, want %s", v.State, want)
	}
}

// level checks what is on hand and reserved of an article.
func (s *store) level(v id.ID, onHand, reserved int64) {
	s.t.Helper()
	l, err := s.stock.Level(s.ctx, v)
	s.must(err)
	if l.OnHand != onHand || l.Reserved != reserved {
		s.t.Fatalf("stock is %d on hand, %d reserved; want %d and %d", l.OnHand, l.Reserved, onHand, reserved)
	}
}

// work runs all jobs that are due, until none is left, and fails if one died.
func (s *store) work() {
	s.t.Helper()
	for range 50 {
		due := dueJobs(s)
		if len(due) == 0 {
			return
		}
		for _, v := range due {
			if err := s.jobs.RunNow(s.ctx, v); err != nil {
				s.t.Fatalf("a job failed: %v", err)
			}
		}
	}
	s.t.Fatal("jobs beget jobs without end")
}

// dueJobs are the jobs that could run now.
func dueJobs(s *store) (due []id.ID) {
	s.t.Helper()
	s.must(s.Data.Read(s.ctx, func(tx *db.Tx) (err error) {
		due, err = db.All(tx, func(r db.Scanner) (v id.ID, err error) { err = r.Scan(&v); return v, err },
			`SELECT id FROM job_queue WHERE state = 'ready' AND run_at <= $1 ORDER BY id LIMIT 500`, tx.Now().UnixMicro())
		return err
	}))
	return due
}

// ledger checks that every booking balances.
func (s *store) ledger() {
	s.t.Helper()
	s.balanced()
	s.claims()
}

// balanced says whether the ledger sums to zero and agrees with the payments.
func (s *store) balanced() {
	s.t.Helper()
	r, err := s.pay.CheckLedger(s.ctx)
	s.must(err)
	if !r.OK() {
		s.t.Fatalf("the ledger does not balance: %+v", r)
	}
}

// number counts the rows that a query counts.
func (s *store) number(query string, args ...any) (n int64) {
	s.t.Helper()
	s.must(s.Data.Read(s.ctx, func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

// linkIn finds the token in the link of a mail.
func linkIn(t testing.TB, m mail.Message) id.Token {
	t.Helper()
	const before = "https://shop.example/en/order/open/"
	_, rest, ok := strings.Cut(m.Text, before)
	if !ok {
		t.Fatalf("there is no link in the mail:\n%s", m.Text)
	}
	line, _, _ := strings.Cut(rest, "\n")
	token, err := id.ParseToken(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return token
}
