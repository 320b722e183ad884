package parts

import (
	"strconv"
	"strings"
)

// Picture is an image in its sizes. Width and height are always known, so that nothing jumps.
type Picture struct {
	Alt           string
	Width, Height int
	Sources       []Source // by width, smallest first
}

// Source is one size of a picture.
type Source struct {
	URL   string
	Width int
}

// Empty says whether there is no picture.
func (p Picture) Empty() bool { return len(p.Sources) == 0 }

// Src is the size for browsers that choose none: the middle one.
func (p Picture) Src() string {
	if p.Empty() {
		return ""
	}
	return p.Sources[len(p.Sources)/2].URL
}

// Largest is the largest size.
func (p Picture) Largest() string {
	if p.Empty() {
		return ""
	}
	return p.Sources[len(p.Sources)-1].URL
}

// Smallest is the smallest size, for rows of a cart.
func (p Picture) Smallest() string {
	if p.Empty() {
		return ""
	}
	return p.Sources[0].URL
}

// SrcSet is the ladder of sizes.
func (p Picture) SrcSet() string {
	var b strings.Builder
	for i, s := range p.Sources {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.URL)
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(s.Width))
		b.WriteByte('w')
	}
	return b.String()
}

// Price is what something costs, and what it cost.
type Price struct {
	Now    string
	Was    string // before a reduction; empty if there is none
	Lowest string // of the last 30 days, beside a reduction
	From   bool   // the variants differ, this is the lowest
	Unit   string // per kilogram, litre or metre, whole text
}

// Card is a product in a row of products.
type Card struct {
	Name    string
	Href    string
	Picture Picture
	Price   Price
	Tag     string // one short word above the picture
	Sizes   string // of the picture, for srcset; the shelf's own if empty
	Eager   bool   // is seen without scrolling
}

// SizesOr gives the card's sizes.
func (c Card) SizesOr() string {
	if c.Sizes != "" {
		return c.Sizes
	}
	return "(min-width: 80rem) 20vw, (min-width: 64rem) 26vw, (min-width: 48rem) 30vw, 46vw"
}
