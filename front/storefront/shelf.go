package storefront

import (
	"context"

	"strongroom/base/id"
	"strongroom/shop/catalog"
)

// Catalogue is what pages read of it: *catalog.Service, and a stand of their own in tests.
type Catalogue interface {
	Version() int64
	Product(ctx context.Context, lang, handle string) (catalog.Product, error)
	Category(ctx context.Context, lang, slug string) (catalog.Category, error)
	Categories(ctx context.Context, lang string) ([]catalog.Category, error)
	List(ctx context.Context, q catalog.Query) (catalog.Page, error)
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
	Filters(ctx context.Context, lang, category string) (catalog.Filters, error)
	Suggest(ctx context.Context, lang, text string) ([]catalog.Suggestion, error)
	Items(ctx context.Context, lang string, variants []id.ID) (map[id.ID]catalog.Item, error)
	Handles(ctx context.Context, after string, limit int) ([]catalog.Handle, error)
	Marks(ctx context.Context, n int) ([]string, error)
	Open(ctx context.Context, name string, width int) (catalog.File, error)
}

var _ Catalogue = (*catalog.Service)(nil)
