package storefront

import (
	"context"
	"net/http"

	"strongroom/base/id"
	"strongroom/shop/catalog"
)

// Catalogue is what pages read.
type Catalogue interface {
	Version() int64
	Product(ctx context.Context, lang, handle string) (catalog.Product, error)
	Category(ctx context.Context, lang, slug string) (catalog.Category, error)
	Categories(ctx context.Context, lang string) ([]catalog.Category, error)
	List(ctx context.Context, q catalog.Query) (catalog.Page, error)
	Search(ctx context.Context, q catalog.Query) (catalog.Page, error)
	Filters(ctx context.Context, q catalog.Query) (catalog.Filters, error)
	Suggest(ctx context.Context, lang, text string, limit int) ([]catalog.Suggestion, error)
	Items(ctx context.Context, lang string, variants []id.ID) (map[id.ID]catalog.Item, error)
	ServePicture(w http.ResponseWriter, r *http.Request, file string) error
}
