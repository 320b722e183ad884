package pagewatch

import (
	"context"
	"net/url"
	"strings"
)

// Kind is a sort of thing that a page may hold and that could carry a payment away.
type Kind string

// The kinds.
const (
	Status     Kind = "status"     // of the answer
	Header     Kind = "header"     // a line before the page
	Script     Kind = "script"     // code that a browser would run
	Data       Kind = "data"       // a script element that browsers do not run
	Style      Kind = "style"      // a style sheet
	Form       Kind = "form"       // where typed things go
	Field      Kind = "field"      // what can be typed
	Connection Kind = "connection" // what a browser fetches or opens by itself
	Element    Kind = "element"    // something that can hold a page of its own
	Way        Kind = "way"        // a link that leaves the shop
	Text       Kind = "text"       // text that would be code, had it not been made harmless
)

// Rule is one line of the inventory: a thing that may stand on a page, and why it does.
type Rule struct {
	Kind  Kind
	Name  string // which: a header's name, an address, "POST /en/checkout"; a star stands for anything
	Value string // what it says, word for word, or the hash of what it holds; a star stands for anything
	Must  bool   // a page without it is another page
	Why   string // the reason's word: texts are "pagewatch.why_" and this
}

// Page is one page of the inventory.
type Page struct {
	Name  string // "check": texts are "pagewatch.page_" and this
	Rules []Rule
}

// Inventory is what the pages around payment may hold, in one language. It is written down apart from the pages, by
// hand, so that a changed page does not change what it is compared with.
type Inventory struct {
	Pages []Page
	Route Route
}

// Page is the page of that name.
func (i Inventory) Page(name string) (Page, bool) {
	for _, p := range i.Pages {
		if p.Name == name {
			return p, true
		}
	}
	return Page{}, false
}

// Route is the way that the stranger takes: paths of the shop.
type Route struct {
	Home    string // its links lead to products
	Product string // the beginning of a product's path
	Add     string // where the form leads that puts it into the cart
	Remove  string // where the form leads that takes it out again
	Cart    string
	Details string
	Check   string
	Others  []Stop // pages that are looked at by their address alone
	// Fill says what a stranger types into the details page, by the names of its fields.
	Fill func(values url.Values) url.Values
}

// Stop is a page that is looked at by its address.
type Stop struct{ Page, Path, Cookie, Value string }

// Source makes the inventory, in the language, as the shop is set up now.
type Source func(ctx context.Context, lang string) (Inventory, error)

// like says whether a text fits a pattern in which a star stands for anything.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}
