package catalog_test

import (
	"fmt"
	"sync"
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// Readers go on while products, categories, options and stock change under them, and see each product whole.
func TestReadersWhileTheCatalogueChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := furnished(t, p)
		done := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-done:
						return
					default:
					}
					var err error
					switch (i + n) % 4 {
					case 0:
						_, err = s.Search(ctx, catalog.Query{Lang: "en", Text: fmt.Sprintf("bowl glaze%d", n%20)})
					case 1:
						_, err = s.Filters(ctx, "de", "table")
					case 2:
						var d catalog.Product
						if d, err = s.Product(ctx, "en", "bowl"); err == nil && len(d.Variants) != 2 {
							t.Errorf("%d variants", len(d.Variants))
						}
					case 3:
						_, err = s.Categories(ctx, "en")
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for n := range 20 {
			in := bowl()
			in.Variants[0].Values[0] = catalog.Text{"en": fmt.Sprintf("Glaze%d", n)}
			in.Variants[0].Stock = int64(n % 2)
			_, err := s.Put(ctx, in, catalog.PutOptions{Recount: true, Actor: access.Console()})
			must(t, err)
			s.category(t, fmt.Sprintf("c-%d", n), "table")
		}
		close(done)
		wg.Wait()
		f, err := s.Filters(ctx, "en", "")
		must(t, err)
		if len(f.Facets) != 1 || len(f.Facets[0].Values) != 2 || f.Total != 1 {
			t.Errorf("%+v", f)
		}
	})
}
