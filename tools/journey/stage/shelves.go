package stage

import (
	"context"
	"fmt"

	"strongroom/base/db"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/schema"
	"strongroom/shop/catalog"
	"strongroom/shop/stock"
)

const (
	fewer = 10     // what the sample has less of stays scarce: its pages say so
	plus  = 10_000 // more pieces than any number of walks can buy
)

// Restock takes a delivery of goods: everything that the sample has plenty of gets so many pieces more that no walk, in
// whatever order and however often, finds a shelf that another one has emptied. What is sold out or scarce stays so.
func (d *Demo) Restock(ctx context.Context) error {
	dsn := d.dsn
	if dsn == "" {
		dsn = app.InFolder(d.Data).Data
	}
	data, err := db.Open(ctx, db.Options{DSN: dsn, Migrations: schema.Data()})
	if err != nil {
		return fmt.Errorf("restock: %w", err)
	}
	defer func() { _ = data.Close() }()
	pieces := stock.New(stock.Deps{DB: data})
	goods := catalog.New(catalog.Deps{DB: data, Stock: pieces, Currency: "EUR", Languages: []string{"en", "de"}})
	list, err := goods.Handles(ctx, "", 1000)
	if err != nil {
		return fmt.Errorf("restock: %w", err)
	}
	for _, h := range list {
		p, err := goods.Product(ctx, "en", h.Handle)
		if err != nil {
			return fmt.Errorf("restock %s: %w", h.Handle, err)
		}
		for _, v := range p.Variants {
			if v.Available < fewer {
				continue
			}
			if err := pieces.Receive(ctx, stock.Change{Variant: v.ID, Pieces: plus, Reason: "received", Actor: access.Console()}); err != nil {
				return fmt.Errorf("restock %s: %w", v.SKU, err)
			}
		}
	}
	return nil
}
