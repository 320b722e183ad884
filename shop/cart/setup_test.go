package cart

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/price"
)

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return fmt.Sprint(err)
}

// shelf is a catalogue and a stock whose content a test sets.
type shelf struct {
	mu    sync.Mutex
	items map[id.ID]catalog.Item
	stock map[id.ID]int64
}

func (s *shelf) Items(_ context.Context, _ string, variants []id.ID) (map[id.ID]catalog.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[id.ID]catalog.Item{}
	for _, v := range variants {
		if item, ok := s.items[v]; ok {
			out[v] = item
		}
	}
	return out, nil
}

func (s *shelf) Available(_ context.Context, variants []id.ID) (map[id.ID]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[id.ID]int64{}
	for _, v := range variants {
		out[v] = s.stock[v]
	}
	return out, nil
}

func (s *shelf) put(n byte, item catalog.Item, stock int64) id.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := id.ID{n}
	item.Variant, item.Sellable = v, true
	if item.TaxClass == "" {
		item.TaxClass = price.Standard
	}
	s.items[v], s.stock[v] = item, stock
	return v
}

// world is a shop with a shelf.
type world struct {
	dbtest.Pair
	*Service
	shelf    *shelf
	delivery *delivery.Service
	cup, mug id.ID
}

func open_(t testing.TB, p dbtest.Pair) world {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	x, err := price.LoadTaxes(price.DefaultRules("DE"))
	must(t, err)
	hash := func(label string, data []byte) []byte {
		h := sha256.Sum256(append([]byte(label+"key"), data...))
		return h[:]
	}
	w := world{Pair: p, shelf: &shelf{items: map[id.ID]catalog.Item{}, stock: map[id.ID]int64{}}}
	log := audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)})
	t.Cleanup(func() { must(t, log.Close()) })
	w.delivery = delivery.New(delivery.Deps{DB: p.Data, Audit: log, Zone: zone})
	must(t, w.delivery.Seed(ctx, config.Shop{Country: "DE", Currency: "EUR"}))
	w.Service = New(Deps{DB: p.Data, Catalog: w.shelf, Stock: w.shelf, Price: price.New(price.Deps{DB: p.Data, Audit: log, Hash: hash}),
		Taxes: x, Delivery: w.delivery, Mode: price.Inclusive, Home: "DE", Language: "en", Zone: zone, MAC: hash})
	w.cup = w.shelf.put(1, catalog.Item{Name: "Cup", Price: 1200, WeightGrams: 400}, 10)
	w.mug = w.shelf.put(2, catalog.Item{Name: "Mug", Price: 1550, WeightGrams: 500, MaxPerOrder: 3, UnitAmount: 500, UnitBase: "kg"}, 10)
	return w
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) { test(t, open_(t, p)) })
}

func (w world) add(t *testing.T, token id.Token, v id.ID, n int64) (id.Token, Cart) {
	t.Helper()
	token, c, err := w.Add(ctx, token, v, n)
	must(t, err)
	return token, c
}

func (w world) code(t *testing.T, c price.Code) string {
	t.Helper()
	c.Label = "Test"
	_, clear, err := w.d.Price.Create(ctx, access.Console(), c, "")
	must(t, err)
	return clear
}
