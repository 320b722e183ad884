// Package catalog is what the store has to sell: products with their variants, categories, texts, pictures and prices.
//
// # Documents and what is derived from them
//
// A product is put in whole (Put) and kept as one document with its variants beside it. Everything that pages read is
// derived from it in the same transaction: a page and a card for each language, its place in each list, its words in
// the search index. A page therefore reads one or two rows, whatever the product looks like. What cannot be derived at
// once (a category with 100,000 products gets another name) is marked stale in that transaction and made anew in
// batches (Refresh); Rebuild makes everything anew.
//
// # Versions
//
// Every write raises one number in its own transaction. Version says it, looks at the database at most every 200
// milliseconds, and is what page caches go by.
//
// # Lists
//
// List and Search return at most Query.Limit cards and an opaque cursor for the next ones (keyset paging: the next page
// costs what the first did). Every list has an index; every loop has a bound.
//
// # Prices
//
// Every change of a price is a row that stays. A variant with a WasPrice is reduced, and LowestPrice is the lowest that
// it cost in the 30 days before the reduction began (directive 98/6/EC, article 6a).
package catalog

import (
	"strconv"
	"strings"
	"time"

	"strongroom/base/id"
	"strongroom/base/money"
)

// The states of a product.
const (
	Draft     = "draft"
	Published = "published"
)

// Bounds of the catalogue.
const (
	MaxVariants   = 200    // of a product
	MaxOptions    = 3      // of a product
	MaxImages     = 24     // of a product
	MaxCategories = 5000   // of the store
	MaxDepth      = 8      // of the category tree
	MaxText       = 50_000 // bytes of a description
	MaxLine       = 300    // bytes of a title, an option value and the like
	MaxPage       = 100    // cards of a page
)

// Image is a picture with its words, in the reader's language. Its address is made of File.
type Image struct {
	Name   string // hash of what was handed in; empty if there is no picture
	Alt    string
	Width  int   // of the largest rendition
	Height int   // of the largest rendition
	Widths []int // in which it is there, ascending
}

// IsZero says that there is no picture.
func (i Image) IsZero() bool { return i.Name == "" }

// File is the file name of the rendition nearest to the width, from above if there is one: "NAME-640".
func (i Image) File(width int) string {
	if i.Name == "" || len(i.Widths) == 0 {
		return ""
	}
	best := i.Widths[len(i.Widths)-1]
	for _, w := range i.Widths {
		if w >= width {
			best = w
			break
		}
	}
	return i.Name + "-" + strconv.Itoa(best)
}

// ParseFile reads what File made. It accepts nothing else.
func ParseFile(s string) (name string, width int, ok bool) {
	name, w, found := strings.Cut(s, "-")
	width, err := strconv.Atoi(w)
	if !found || err != nil || !imageName(name) || width < 1 || width > 100_000 || strconv.Itoa(width) != w {
		return "", 0, false
	}
	return name, width, true
}

// HeightAt is the height of the picture at a width.
func (i Image) HeightAt(width int) int {
	if i.Width == 0 {
		return 0
	}
	return (i.Height*width + i.Width/2) / i.Width
}

// Fact is one line of a product's table of facts.
type Fact struct{ Label, Value string }

// Value is one value of an option: "Moss" of "Glaze".
type Value struct {
	Key  string // as it stands in filters
	Name string
}

// Option is what the variants of a product differ by.
type Option struct {
	Key    string
	Name   string
	Values []Value
}

// Crumb is a step on the way to a category.
type Crumb struct{ Slug, Title string }

// Variant is one thing that can be bought.
type Variant struct {
	ID          id.ID
	SKU         string
	Values      []Value // one for each option of the product
	Options     string  // the values as one text: "Moss, large"
	Price       money.Amount
	WasPrice    money.Amount // 0 unless reduced
	LowestPrice money.Amount // lowest of the 30 days before the reduction; 0 unless reduced
	UnitAmount  int64        // content of the pack in the small unit of UnitBase (g, ml, mm); 0 if none is to be shown
	UnitBase    string       // one of price.UnitBases; price.PerUnit makes the unit price of the two
	WeightGrams int64
	MaxPerOrder int64 // 0 for the store's own bound
	Available   int64 // pieces
}

// Product is what a product page shows.
type Product struct {
	ID          id.ID
	Handle      string
	Title       string
	Summary     string
	Description string // Markdown
	Facts       []Fact
	Options     []Option
	Variants    []Variant
	Images      []Image
	Path        []Crumb // from the top to the product's home category
	TaxClass    string
	Producer    string // name and address: EU 2023/988, article 19
	EUContact   string // filled where the producer sits outside the European Union
	Popularity  int64
	PublishedAt time.Time
	UpdatedAt   time.Time
}

// Available says whether any variant can be bought.
func (p Product) Available() bool {
	for _, v := range p.Variants {
		if v.Available > 0 {
			return true
		}
	}
	return false
}

// Card is what a list shows of a product.
type Card struct {
	Product     id.ID
	Handle      string
	Title       string
	Summary     string
	Price       money.Amount // of the cheapest variant
	From        bool         // variants have different prices
	WasPrice    money.Amount // of that variant; 0 unless reduced
	LowestPrice money.Amount
	UnitAmount  int64
	UnitBase    string
	Image       Image
	Available   bool
	Choices     int // number of variants
}

// Item is what cart, order and letters need to know of a variant.
type Item struct {
	Variant     id.ID
	Product     id.ID
	Handle      string
	SKU         string
	Name        string // of the product
	Options     string // of the variant
	Price       money.Amount
	WasPrice    money.Amount // 0 unless reduced
	LowestPrice money.Amount // lowest of the 30 days before the reduction; 0 unless reduced
	TaxClass    string
	WeightGrams int64
	UnitAmount  int64
	UnitBase    string
	Image       Image
	Producer    string
	EUContact   string
	Sellable    bool // published and not withdrawn; pieces are stock's business
	MaxPerOrder int64
}

// Category is what a category page shows above its list.
type Category struct {
	ID       id.ID
	Slug     string
	Title    string
	Intro    string
	Image    Image
	Path     []Crumb    // from the top to this one
	Children []Category // their Path and Children are empty in Category, filled in Categories
	Products int64      // published, with those of its descendants
}

// The orders of a list.
const (
	ByPopularity = "popular"
	ByNewest     = "newest"
	ByPriceUp    = "price"
	ByPriceDown  = "price-down"
	ByName       = "name"
	ByRelevance  = "relevance" // search only, and its default
)

// Query asks for a page of a list. Its zero value, with a Lang, is everything by popularity.
type Query struct {
	Lang     string
	Text     string              // search words; only Search looks at them
	Category string              // slug; its descendants are in it too
	Values   map[string][]string // option key -> value keys; one value of each option must match
	PriceMin money.Amount        // 0 for no bound
	PriceMax money.Amount        // 0 for no bound
	InStock  bool
	Sort     string // one of the orders; empty for ByPopularity (List) or ByRelevance (Search)
	Cursor   string // Page.Next of the page before; empty for the first
	Limit    int    // cards of a page; 0 means 24
}

// Page is a page of a list.
type Page struct {
	Cards []Card
	Next  string // cursor of the next page; empty on the last
	Total int64  // how many there are in all, or -1 if that is not known
	// Corrected is what Search looked for when what was typed was found nowhere; empty otherwise.
	Corrected string
}

// Facet is an option by which a list can be filtered.
type Facet struct {
	Key    string
	Name   string
	Values []FacetValue
}

// FacetValue is one value and how many products of the category have it.
type FacetValue struct {
	Key      string
	Name     string
	Products int64
}

// Filters are what the filter form of a list offers.
type Filters struct {
	Facets   []Facet
	PriceMin money.Amount
	PriceMax money.Amount
	Total    int64
}

// Suggestion is a line under the search field: a product if Handle is filled, otherwise a word to search for.
type Suggestion struct {
	Text   string
	Handle string
	Image  Image
}
