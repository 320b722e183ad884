package catalog

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/base/money"
	"strongroom/shop/price"
)

// Texts are the texts of a product in one language.
type Texts struct {
	Title       string `json:"title,omitempty"`
	Summary     string `json:"summary,omitempty"`
	Description string `json:"description,omitempty"` // Markdown
	Facts       string `json:"facts,omitempty"`       // one "Label: value" a line
}

// Picture is a picture of a product: a name that AddImage or AddRendered returned, and what it shows.
type Picture struct {
	Name string `json:"name"`
	Alt  Text   `json:"alt,omitempty"`
}

// VariantInput is a variant to be kept.
type VariantInput struct {
	SKU         string
	Values      []Text // one for each option, by language
	Price       money.Amount
	WasPrice    money.Amount // 0, or what the reduction is held against
	UnitAmount  int64
	UnitBase    string
	WeightGrams int64
	MaxPerOrder int64
	Stock       int64 // pieces of a new variant; see PutOptions.Recount for those that are there already
}

// Input is a product to be kept, whole. Variants that it does not name are withdrawn from sale.
type Input struct {
	Handle     string
	State      string   // Draft or Published
	Categories []string // slugs; the first is the product's home
	Texts      map[string]Texts
	Options    []Text
	Variants   []VariantInput
	Images     []Picture
	TaxClass   string
	Producer   string
	EUContact  string
	Popularity int64
}

// maxPopularity leaves room beside the weight in a search rank.
const maxPopularity = 1<<40 - 1

// Check says what is wrong with the input, one field of the fault for each finding; nil if nothing is. Field names are
// those of the CSV columns; the number after a "#" counts the variants from 0.
func (in Input) Check() *fault.Error {
	f := fault.New(fault.Invalid, "catalog.invalid")
	if !Slug(in.Handle) {
		f.WithField("handle", "catalog.handle", nil)
	}
	if in.State != Draft && in.State != Published {
		f.WithField("state", "catalog.state", nil)
	}
	in.checkTexts(f)
	line(f, "producer", in.Producer)
	line(f, "eu_contact", in.EUContact)
	if !word(in.TaxClass) {
		f.WithField("tax_class", "catalog.tax_class", nil)
	}
	if in.Popularity < 0 || in.Popularity > maxPopularity {
		f.WithField("popularity", "catalog.number", nil)
	}
	if len(in.Categories) == 0 || len(in.Categories) > 20 {
		f.WithField("category", "catalog.category_missing", nil)
	}
	in.checkImages(f)
	in.checkOptions(f)
	in.checkVariants(f)
	if len(f.Fields) == 0 {
		return nil
	}
	return f
}

func (in Input) checkTexts(f *fault.Error) {
	titled := false
	for tag, t := range in.Texts {
		line(f, "title:"+tag, t.Title)
		line(f, "summary:"+tag, t.Summary)
		text(f, "description:"+tag, t.Description)
		text(f, "facts:"+tag, t.Facts)
		titled = titled || strings.TrimSpace(t.Title) != ""
	}
	if !titled {
		f.WithField("title", "catalog.title_missing", nil)
	}
}

func (in Input) checkImages(f *fault.Error) {
	if len(in.Images) > MaxImages {
		f.WithField("images", "catalog.too_many", fault.Params{"max": MaxImages})
	}
	for _, p := range in.Images {
		if !imageName(p.Name) {
			f.WithField("images", "catalog.image_unknown", nil)
		}
		for tag, alt := range p.Alt {
			line(f, "image_alt:"+tag, alt)
		}
	}
}

func (in Input) checkOptions(f *fault.Error) {
	if len(in.Options) > MaxOptions {
		f.WithField("option", "catalog.too_many", fault.Params{"max": MaxOptions})
	}
	seen := map[string]bool{}
	for i, o := range in.Options {
		name := fmt.Sprintf("option%d", i+1)
		for tag, s := range o {
			line(f, name+":"+tag, s)
		}
		key := keyOf(o.in("", nil))
		if key == "" || seen[key] {
			f.WithField(name, "catalog.option_name", nil)
		}
		seen[key] = true
	}
}

func (in Input) checkVariants(f *fault.Error) {
	if len(in.Variants) == 0 || len(in.Variants) > MaxVariants {
		f.WithField("sku", "catalog.variants", fault.Params{"max": MaxVariants})
	}
	skus, sets := map[string]bool{}, map[string]bool{}
	for i, v := range in.Variants {
		at := func(column string) string { return fmt.Sprintf("%s#%d", column, i) }
		v.check(f, at)
		if skus[v.SKU] {
			f.WithField(at("sku"), "catalog.sku_twice", nil)
		}
		skus[v.SKU] = true
		var set strings.Builder
		for n := range in.Options {
			if n >= len(v.Values) || keyOf(v.Values[n].in("", nil)) == "" {
				f.WithField(at(fmt.Sprintf("value%d", n+1)), "catalog.value_missing", nil)
				continue
			}
			set.WriteString(keyOf(v.Values[n].in("", nil)) + "\x1f")
		}
		if sets[set.String()] {
			f.WithField(at("value1"), "catalog.values_twice", nil)
		}
		sets[set.String()] = true
	}
}

func (v VariantInput) check(f *fault.Error, at func(string) string) {
	if v.SKU == "" || len(v.SKU) > 64 || strings.TrimSpace(v.SKU) != v.SKU || !printable(v.SKU, false) {
		f.WithField(at("sku"), "catalog.sku", nil)
	}
	if v.Price < 0 || v.Price > money.Max {
		f.WithField(at("price"), "catalog.price", nil)
	}
	if v.WasPrice != 0 && (v.WasPrice <= v.Price || v.WasPrice > money.Max) {
		f.WithField(at("was_price"), "catalog.was_price", nil)
	}
	if (v.UnitAmount != 0 || v.UnitBase != "") && (v.UnitAmount <= 0 || v.UnitAmount > 1e12 || !slices.Contains(price.UnitBases(), v.UnitBase)) {
		f.WithField(at("unit_amount"), "catalog.unit", nil)
	}
	for column, n := range map[string]int64{"weight_g": v.WeightGrams, "max_per_order": v.MaxPerOrder, "stock": v.Stock} {
		if n < 0 || n > 1e9 {
			f.WithField(at(column), "catalog.number", nil)
		}
	}
	for n, t := range v.Values {
		for tag, s := range t {
			line(f, at(fmt.Sprintf("value%d:%s", n+1, tag)), s)
		}
	}
}

// line notes a text that is longer than a line may be, or holds what no line may.
func line(f *fault.Error, field, s string) {
	if len(s) > MaxLine {
		f.WithField(field, "catalog.too_long", fault.Params{"max": MaxLine})
	} else if !printable(s, false) {
		f.WithField(field, "catalog.characters", nil)
	}
}

func text(f *fault.Error, field, s string) {
	if len(s) > MaxText {
		f.WithField(field, "catalog.too_long", fault.Params{"max": MaxText})
	} else if !printable(s, true) {
		f.WithField(field, "catalog.characters", nil)
	}
}

// printable refuses broken UTF-8 and control characters; line ends and tabs pass where lines do.
func printable(s string, lines bool) bool {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return false
			}
		}
		if unicode.IsControl(r) && (!lines || (r != '\n' && r != '\r' && r != '\t')) {
			return false
		}
	}
	return true
}

// Slug says whether s can stand in an address: small letters, digits and single hyphens, at most 100.
func Slug(s string) bool {
	return len(s) <= 100 && s != "" && s == slugOf(s)
}

func slugOf(s string) string {
	var b strings.Builder
	gap := false
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteByte(c)
	}
	return b.String()
}

func word(s string) bool { return Slug(s) && len(s) <= 40 }

// keyOf makes the key of an option or value of its name: folded words joined by hyphens, "Größe" becomes "grosse".
func keyOf(name string) string {
	words := lang.Words(name)
	if len(words) > 8 {
		words = words[:8]
	}
	return strings.Join(words, "-")
}

// imageName says whether s has the form of a picture's name.
func imageName(s string) bool {
	if len(s) != imageNameLen {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

// imageNameLen is 128 bits in hexadecimal digits.
const imageNameLen = 32
