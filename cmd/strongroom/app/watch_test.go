package app

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/front/storefront"
	"strongroom/guard/access"
	"strongroom/guard/pagewatch"
	"strongroom/guard/shield"
	"strongroom/shop/catalog"
)

// within answers requests from a handler as if it were the network.
type within struct{ h http.Handler }

func (w within) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RemoteAddr, r.TLS, r.Host, r.RequestURI = "198.51.100.20:1234", &tls.ConnectionState{ServerName: r.URL.Hostname()}, r.URL.Host, r.URL.RequestURI()
	rec := httptest.NewRecorder()
	asked := r.URL
	r.URL = &url.URL{Path: asked.Path, RawPath: asked.RawPath, RawQuery: asked.RawQuery}
	w.h.ServeHTTP(rec, r)
	resp := rec.Result()
	r.URL = asked
	resp.Request = r
	return resp, nil
}

// The pages around payment hold what the inventory declares and nothing else, in every language. Who changes one on purpose
// writes it into front/storefront/around.go with its reason. From outside, without the shop's keys, the same holds for all
// but the pages of orders.
func TestPagesAreAsDeclared(t *testing.T) {
	s := openShelf(t)
	host, err := s.shopHost(t.Context())
	must(t, err)
	sh, err := shield.New(shield.Options{Hosts: []shield.Host{host}, HSTS: true, Clock: s.c.Clock, Scale: 100})
	must(t, err)
	t.Cleanup(sh.Stop)
	far, err := storefront.InventoryOf(storefront.Outline{PublicURL: origin, Email: "me@elsewhere.example", PayOrigins: []string{"https://pay.localhost:1"}}, s.assets)
	must(t, err)
	for name, c := range map[string]struct {
		source pagewatch.Source
		pages  int
	}{"here": {s.front.Around, 9}, "elsewhere": {far, 7}} {
		for _, langs := range [][]string{{"en", "de"}, {"de", "en"}} {
			r, err := pagewatch.Survey(t.Context(), origin, within{sh}, c.source, langs)
			must(t, err)
			for _, d := range r.Differences {
				t.Errorf("%s, %v: %+v", name, langs, d)
			}
			if r.Outcome != pagewatch.Same || r.Short || r.Trouble != "" || r.Pages != c.pages || r.Things < 300 {
				t.Errorf("%s, %v: %+v", name, langs, r.Looked)
			}
		}
	}
	inv, err := s.front.Around(t.Context(), "en")
	must(t, err)
	for _, code := range s.c.Shop.Languages {
		say := s.Texts.For(code)
		for _, p := range inv.Pages {
			for _, r := range p.Rules {
				if key := "pagewatch.why_" + r.Why; r.Why == "" || strings.HasPrefix(say.T(key), "pagewatch.") || !say.Has("pagewatch.kind_"+string(r.Kind)) {
					t.Errorf("%s: %s %q has no reason in %s", p.Name, r.Kind, r.Name, code)
				}
			}
		}
	}
}

// openShelf is a store with one product.
func openShelf(t *testing.T) *Store {
	t.Helper()
	shop, err := DemoShop(origin)
	must(t, err)
	shop.Demo = false
	cfg := Config{Shop: shop, Place: InFolder(t.TempDir()), Clock: clock.NewManual(noon), Mail: &sent{},
		Payment: Payment{SandboxURL: "https://pay.localhost:1", Account: "a", APIKey: strings.Repeat("k", 24), NoticeSecret: strings.Repeat("s", 24)}}
	s, err := Open(t.Context(), cfg)
	must(t, err)
	t.Cleanup(s.Close)
	if s.Data.Engine() != db.SQLite {
		t.Fatal("another engine than the folder's")
	}
	_, err = s.Catalog.PutCategory(t.Context(), access.Console(), catalog.CategoryInput{Slug: "things", Title: catalog.Text{"en": "Things", "de": "Dinge"}})
	must(t, err)
	_, err = s.Catalog.Put(t.Context(), catalog.Input{Handle: "bowl", State: catalog.Published, Categories: []string{"things"}, TaxClass: "standard",
		Texts: map[string]catalog.Texts{"en": {Title: "Bowl"}, "de": {Title: "Schale"}}, Variants: []catalog.VariantInput{{SKU: "B-1", Price: 2400, Stock: 9}}}, catalog.PutOptions{Actor: access.Console()})
	must(t, err)
	return s
}
