// Package parts holds the template parts that pages share: the frame of a page, prices, pictures, cards, fields,
// notices, the pager. A part takes a small typed struct and knows no service; handlers fill the structs.
//
// Every text comes from the reader's Printer. A test in front/storefront reads all templates and fails on a key that
// a language lacks.
package parts

import (
	"strconv"
	"strings"

	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/base/money"
)

// Link is an entry of a list of ways.
type Link struct {
	Text    string
	Href    string
	Current bool
}

// Group is a list of links under a heading.
type Group struct {
	Heading string
	Links   []Link
}

// Site is what all pages of one language share.
type Site struct {
	P         *lang.Printer
	Shop      *config.Shop
	Lang      string
	Languages []Language
	Nav       []Link
	Foot      []Group
	CSS       string
	Icon      string
	TouchIcon string
	Fonts     []string // preloaded
	Bag       string   // address of bag.js
	Find      string   // address of find.js
}

// Language is one language of the shop, for the switch and for search engines.
type Language struct{ Code, Name string }

// Page is one page on its way out. Pages embed it.
type Page struct {
	*Site
	Title       string
	Description string
	Path        string // below the language, such as "/p/bowl"; "/" for home
	Query       string // what the language switch keeps, without the question mark
	Canonical   string // path and query below the language that search engines shall know; "" keeps them away
	Picture     string // absolute address for previews
	Kind        string // Open Graph's type; "website" if empty
	Data        []string
	Scripts     []string
	Quiet       bool // a page of the checkout: no ways out to the side
	NoScript    bool // a page of checkout or order: no script at all
	Alone       bool // no other language has this page at this address (an answer to a POST)
	Problems    []Problem
	Section     string // handle of the category in the navigation that this page belongs to
}

// Problem is one message of a form, with the field it belongs to.
type Problem struct{ Field, Text string }

// T renders a text in the page's language.
func (s *Site) T(key string, params ...any) string { return s.P.T(key, params...) }

// Money writes an amount in the shop's currency.
func (s *Site) Money(a money.Amount) string { return s.P.Money(a, s.Shop.Currency) }

// To is the address of a path below the page's language.
func (s *Site) To(path string) string { return "/" + s.Lang + path }

// In is the address of this page in another language.
func (p *Page) In(code string) string {
	if p.Alone {
		return "/" + code + "/"
	}
	if p.Query != "" {
		return "/" + code + p.Path + "?" + p.Query
	}
	return "/" + code + p.Path
}

// FullTitle is what the window shows: the trouble first, then the page, then the shop.
func (p *Page) FullTitle() string {
	t := p.Title
	if p.Path == "/" {
		t = p.Shop.Name + " – " + p.Title
	} else {
		t += " – " + p.Shop.Name
	}
	if len(p.Problems) > 0 {
		return p.T("shop.error_title") + " " + t
	}
	return t
}

// Wrong is the message beside a field; empty if there is none.
func (p *Page) Wrong(field string) string {
	for _, m := range p.Problems {
		if m.Field == field {
			return m.Text
		}
	}
	return ""
}

// Tell turns the faults of a form into messages in the page's language.
func (p *Page) Tell(faults []fault.Field) {
	for _, f := range faults {
		p.Problems = append(p.Problems, Problem{f.Name, p.P.Message(f.Key, f.Params)})
	}
}

// FieldID is the id of the element of a field: dots and brackets would need escaping in style sheets and links.
func FieldID(name string) string {
	return "f-" + idSigns.Replace(name)
}

var idSigns = strings.NewReplacer(".", "-", "[", "-", "]", "", ":", "-", "_", "-")

func itoa(n int) string { return strconv.Itoa(n) }
