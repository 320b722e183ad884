package stage_test

import (
	"context"
	"path/filepath"
	"testing"

	"strongroom/base/db"
	"strongroom/cmd/strongroom/app"
	"strongroom/schema"
	"strongroom/shop/catalog"
	"strongroom/shop/stock"
	"strongroom/tools/journey/stage"
)

// TestShelvesDoNotRunDry: what the journeys buy is there for all of them, and what the sample shows as sold out still is.
func TestShelvesDoNotRunDry(t *testing.T) {
	folder := t.TempDir()
	bin, err := stage.Build(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	d, err := stage.Start(bin, filepath.Join(folder, "demo"))
	if err != nil {
		t.Fatal(err)
	}
	d.Stop()
	data, err := db.Open(context.Background(), db.Options{DSN: app.InFolder(d.Data).Data, Migrations: schema.Data()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = data.Close() })
	goods := catalog.New(catalog.Deps{DB: data, Stock: stock.New(stock.Deps{DB: data}), Currency: "EUR", Languages: []string{"en", "de"}})
	soldOut := 0
	for _, handle := range []string{"olive-oil", "morning-bowl", "dinner-plate"} {
		p, err := goods.Product(context.Background(), "en", handle)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range p.Variants {
			if v.Available == 0 {
				soldOut++
			} else if v.Available < 1000 && (i == 0 || v.Available >= 10) {
				t.Errorf("%s: %d pieces are soon sold", v.SKU, v.Available)
			}
		}
	}
	if soldOut != 1 {
		t.Errorf("%d variants are sold out instead of the one that the walks look for", soldOut)
	}
}
