package storefront

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/front/look"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/shop/cart"
	"strongroom/shop/catalog"
	"strongroom/shop/delivery"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/payment/sandbox"
	"strongroom/shop/price"
	"strongroom/shop/stock"
)

// stand is a small catalogue in memory: one category of n bowls in two glazes.
type stand struct {
	n       int
	version atomic.Int64
	reads   atomic.Int64
	title   atomic.Pointer[string]
}

func newStand(n int) *stand {
	s := &stand{n: n}
	s.Name("Morning bowl")
	return s
}

// Name changes what every product is called, as a write of the catalogue does.
func (s *stand) Name(title string) { s.title.Store(&title); s.version.Add(1) }

func (s *stand) Version() int64 { return s.version.Load() }

func (s *stand) variants(i int) []catalog.Variant {
	v := func(n byte, key, name string, available int64) catalog.Variant {
		return catalog.Variant{ID: id.ID{1, byte(i >> 8), byte(i), n}, SKU: fmt.Sprintf("BOWL-%d-%s", i, key), Options: name, Price: 2400,
			Values: []catalog.Value{{Key: key, Name: name}}, WeightGrams: 600, Available: available}
	}
	sage := v(1, "sage", "Sage", 3)
	sage.Price, sage.WasPrice, sage.LowestPrice, sage.UnitAmount, sage.UnitBase = 1920, 2400, 1890, 450, "l"
	return []catalog.Variant{sage, v(2, "clay", "Clay", 40), v(3, "night", "Night", 0)}
}

var bowlImage = catalog.Image{Name: strings.Repeat("a1", 16), Alt: "A bowl", Width: 1200, Height: 1500, Widths: []int{320, 640, 1200}}

func (s *stand) Product(_ context.Context, code, handle string) (catalog.Product, error) {
	s.reads.Add(1)
	var i int
	if _, err := fmt.Sscanf(handle, "bowl-%d", &i); err != nil || i < 0 || i >= s.n || handle != fmt.Sprintf("bowl-%d", i) {
		return catalog.Product{}, fault.New(fault.NotFound, "web.not_found")
	}
	return catalog.Product{ID: id.ID{2, byte(i >> 8), byte(i)}, Handle: handle, Title: *s.title.Load(), Summary: "For porridge & soup <b>",
		Description: "Thrown by **hand**.\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))", Variants: s.variants(i), Images: []catalog.Image{bowlImage, bowlImage},
		Facts:   []catalog.Fact{{Label: "Material", Value: "Stoneware"}},
		Options: []catalog.Option{{Key: "glaze", Name: "Glaze", Values: []catalog.Value{{Key: "sage", Name: "Sage"}, {Key: "clay", Name: "Clay"}, {Key: "night", Name: "Night"}}}},
		Path:    []catalog.Crumb{{Slug: "tableware", Title: "Tableware"}}, Producer: "Halder, Kirchzarten"}, nil
}

func (s *stand) category() catalog.Category {
	return catalog.Category{Slug: "tableware", Title: "Tableware", Intro: "For every day.", Image: bowlImage, Path: []catalog.Crumb{{Slug: "tableware", Title: "Tableware"}}, Products: int64(s.n)}
}

func (s *stand) Category(_ context.Context, _, slug string) (catalog.Category, error) {
	if slug != "tableware" {
		return catalog.Category{}, fault.New(fault.NotFound, "web.not_found")
	}
	return s.category(), nil
}

func (s *stand) Categories(context.Context, string) ([]catalog.Category, error) {
	return []catalog.Category{s.category()}, nil
}

func (s *stand) List(_ context.Context, q catalog.Query) (catalog.Page, error) {
	s.reads.Add(1)
	from := 0
	if q.Cursor != "" {
		if _, err := fmt.Sscanf(q.Cursor, "%d", &from); err != nil {
			return catalog.Page{}, fault.New(fault.Malformed, "web.malformed")
		}
	}
	p := catalog.Page{Total: int64(s.n)}
	for i := from; i < min(s.n, from+q.Limit); i++ {
		p.Cards = append(p.Cards, catalog.Card{Product: id.ID{2, byte(i >> 8), byte(i)}, Handle: fmt.Sprintf("bowl-%d", i), Title: *s.title.Load(), Price: 1920,
			WasPrice: 2400, LowestPrice: 1890, From: true, Image: bowlImage, Available: i%5 != 4, Choices: 3})
	}
	if from+q.Limit < s.n {
		p.Next = fmt.Sprint(from + q.Limit)
	}
	return p, nil
}

func (s *stand) Search(ctx context.Context, q catalog.Query) (catalog.Page, error) {
	if strings.Contains(q.Text, "<") || q.Text == "xyzzy" {
		return catalog.Page{}, nil
	}
	p, err := s.List(ctx, q)
	if q.Text == "bwol" {
		p.Corrected = "bowl"
	}
	return p, err
}

func (s *stand) Filters(context.Context, string, string) (catalog.Filters, error) {
	return catalog.Filters{Total: int64(s.n), Facets: []catalog.Facet{{Key: "glaze", Name: "Glaze", Values: []catalog.FacetValue{{Key: "sage", Name: "Sage", Products: 3}, {Key: "clay", Name: "Clay", Products: 2}}}}}, nil
}

func (s *stand) Suggest(_ context.Context, _, text string) ([]catalog.Suggestion, error) {
	return []catalog.Suggestion{{Text: text + "l"}, {Text: "Morning bowl", Handle: "bowl-0"}}, nil
}

func (s *stand) Items(_ context.Context, _ string, variants []id.ID) (map[id.ID]catalog.Item, error) {
	out := map[id.ID]catalog.Item{}
	for i := range s.n {
		for _, v := range s.variants(i) {
			for _, w := range variants {
				if v.ID == w {
					out[w] = catalog.Item{Variant: w, Product: id.ID{2, byte(i >> 8), byte(i)}, Handle: fmt.Sprintf("bowl-%d", i), SKU: v.SKU, Name: *s.title.Load(), Options: v.Options, Price: v.Price, WasPrice: v.WasPrice, LowestPrice: v.LowestPrice,
						TaxClass: price.Standard, WeightGrams: v.WeightGrams, Image: bowlImage, Sellable: true}
				}
			}
		}
	}
	return out, nil
}

func (s *stand) Handles(_ context.Context, after string, limit int) (out []catalog.Handle, err error) {
	for i := range s.n {
		if h := fmt.Sprintf("bowl-%d", i); h > after {
			out = append(out, catalog.Handle{Handle: h})
		}
	}
	slices.SortFunc(out, func(a, b catalog.Handle) int { return strings.Compare(a.Handle, b.Handle) })
	return out[:min(limit, len(out))], nil
}

// Marks divides by a hundred, so that a small stand has several parts.
func (s *stand) Marks(ctx context.Context, _ int) (out []string, err error) {
	all, err := s.Handles(ctx, "", s.n)
	for i := 99; i < len(all)-1; i += 100 {
		out = append(out, all[i].Handle)
	}
	return out, err
}

func (s *stand) Open(context.Context, string, int) (catalog.File, error) {
	return catalog.File{}, fault.New(fault.NotFound, "catalog.image_gone")
}

// testStore is a storefront over the real services on SQLite; only its catalogue is the stand above, and its payment
// provider cannot be reached.
type testStore struct {
	*Storefront
	stand *stand
	pair  dbtest.Pair
}

func newStore(t testing.TB, n int) *testStore {
	t.Helper()
	ctx, pair := context.Background(), dbtest.Open(t, db.SQLite)
	texts, err := lang.Load(lang.Messages())
	must(t, err)
	assets, err := look.New(look.Colours{})
	must(t, err)
	taxes, err := price.LoadTaxes(price.DefaultRules("DE"))
	must(t, err)
	root, err := vault.CreateKeyFile(filepath.Join(t.TempDir(), "root.key"))
	must(t, err)
	v, err := vault.Open(ctx, vault.Options{Keys: pair.Keys, Root: root})
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	log := audit.New(audit.Deps{DB: pair.Data, Vault: v})
	t.Cleanup(func() { must(t, log.Close()) })
	shop, sh, jobs := testShop(), newStand(n), job.New(pair.Data, nil, 1)
	stocks := stock.New(stock.Deps{DB: pair.Data})
	for i := range min(n, 3) {
		for _, x := range sh.variants(i) {
			must(t, stocks.Set(ctx, stock.Change{Variant: x.ID, Pieces: x.Available, Reason: stock.Counted, Actor: access.Console()}))
		}
	}
	ways := delivery.New(delivery.Deps{DB: pair.Data, Zone: shop.TimeZone, Audit: log})
	must(t, ways.Seed(ctx, *shop))
	prices := price.New(price.Deps{DB: pair.Data, Audit: log, Hash: v.MAC})
	carts := cart.New(cart.Deps{DB: pair.Data, Catalog: sh, Stock: stocks, Price: prices, Taxes: taxes, Delivery: ways, Mode: price.Inclusive, Home: "DE", Language: "en", Zone: shop.TimeZone})
	gate, err := sandbox.New(sandbox.Config{API: "http://127.0.0.1:1", Account: "acct_test", Key: "sk_test_0123456789abcdef", Secrets: []string{"whsec_0123456789abcdef0123456789"}, Mode: payment.Test})
	must(t, err)
	pays, err := payment.New(payment.Deps{DB: pair.Data, Audit: log, Jobs: jobs, Gateways: []payment.Gateway{gate}})
	must(t, err)
	orders, err := order.New(order.Deps{DB: pair.Data, Vault: v, Audit: log, Jobs: jobs, Events: event.NewBus(pair.Data, jobs), Shop: *shop,
		Catalog: sh, Stock: stocks, Price: prices, Taxes: taxes, Delivery: ways, Cart: carts, Payment: pays})
	must(t, err)
	pages, err := LoadPages(nil, shop, texts)
	must(t, err)
	s, err := New(Deps{Shop: shop, Texts: texts, Assets: assets, Catalog: sh, Cart: carts, Delivery: ways, Order: orders, Pages: pages, Clock: pair.Clock,
		CacheBytes: 2 << 20, MAC: func(data []byte) []byte { return v.MAC("storefront.form", data) }, Providers: payProviders, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	must(t, err)
	return &testStore{s, sh, pair}
}

// payProviders is the shop's one provider.
func payProviders() []payment.Description {
	return []payment.Description{{Name: "sandbox", Label: "Dune Pay (sandbox)", Origin: "https://pay.localhost:8443", Methods: []string{"sandbox"}}}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get asks for a path as a browser without anything does.
func (s *testStore) get(path string, header ...string) *httptest.ResponseRecorder {
	return s.do("GET", path, "", header...)
}

func (s *testStore) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://shop.localhost:8443"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
