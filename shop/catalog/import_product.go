package catalog

import (
	"regexp"
	"strconv"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/money"
)

// product reads the rows of one product. What cannot be read is noted.
func (im *importer) product(t *table, p rows) (in Input, pictures []string) {
	first := p.row[0]
	in = Input{Handle: t.get(first, "handle"), State: t.get(first, "state"), TaxClass: t.get(first, "tax_class"),
		Producer: t.get(first, "producer"), EUContact: t.get(first, "eu_contact"), Texts: map[string]Texts{},
		Popularity: im.number(t, first, p.line[0], "popularity")}
	if in.State == "" {
		in.State = Published
	}
	if in.TaxClass == "" {
		in.TaxClass = "standard"
	}
	in.Categories = list(t.get(first, "category"))
	for _, field := range []string{"title", "summary", "description", "facts"} {
		for tag, s := range t.texts(first, field) {
			x := in.Texts[tag]
			*map[string]*string{"title": &x.Title, "summary": &x.Summary, "description": &x.Description, "facts": &x.Facts}[field] = clean(s)
			in.Texts[tag] = x
		}
	}
	for n := 1; n <= MaxOptions; n++ {
		if o := t.texts(first, "option"+strconv.Itoa(n)); len(o) > 0 {
			in.Options = append(in.Options, o)
		}
	}
	in.Images, pictures = im.images(t, first, p.line[0])
	for i, row := range p.row {
		im.onlyFirst(t, p, i)
		in.Variants = append(in.Variants, im.variant(t, row, p.line[i], len(in.Options)))
	}
	return in, pictures
}

// clean gives line ends one form.
func clean(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// onlyFirst notes what a further row says otherwise about the product than its first.
func (im *importer) onlyFirst(t *table, p rows, i int) {
	if i == 0 {
		return
	}
	for k, name := range t.columns {
		base, _, _ := strings.Cut(name, ":")
		switch base {
		case "handle", "category", "state", "title", "summary", "description", "facts", "tax_class", "producer", "eu_contact",
			"option1", "option2", "option3", "images", "image_alt", "popularity":
			if s := strings.TrimSpace(p.row[i][k]); s != "" && s != strings.TrimSpace(p.row[0][k]) {
				t.findAt(p.line[i], k+1, name, "catalog.csv.first_row", nil)
			}
		}
	}
}

func (im *importer) variant(t *table, row []string, line, options int) VariantInput {
	v := VariantInput{SKU: t.get(row, "sku"), Price: im.amount(t, row, line, "price", true), WasPrice: im.amount(t, row, line, "was_price", false),
		WeightGrams: im.number(t, row, line, "weight_g"), Stock: im.number(t, row, line, "stock"),
		MaxPerOrder: im.number(t, row, line, "max_per_order"), UnitBase: t.get(row, "unit_base")}
	if s := t.get(row, "unit_amount"); s != "" {
		n, ok := contents(s, v.UnitBase)
		if !ok {
			t.findAt(line, t.at("unit_amount"), "unit_amount", "catalog.unit", nil)
			v.UnitBase = ""
		}
		v.UnitAmount = n
	}
	for n := 1; n <= options; n++ {
		v.Values = append(v.Values, t.texts(row, "value"+strconv.Itoa(n)))
	}
	return v
}

func (im *importer) amount(t *table, row []string, line int, column string, must bool) money.Amount {
	s := t.get(row, column)
	if s == "" && !must {
		return 0
	}
	a, err := money.Parse(s, im.s.currency)
	if err != nil {
		t.findAt(line, t.at(column), column, "catalog.csv.amount", nil)
	}
	return a
}

func (im *importer) number(t *table, row []string, line int, column string) int64 {
	s := t.get(row, column)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		t.findAt(line, t.at(column), column, "catalog.number", nil)
		return 0
	}
	return n
}

// nameless stands for the name of a picture until it has been taken in.
var nameless = strings.Repeat("0", imageNameLen)

// images reads what the pictures show and, beside it and in the same order, their names in the file.
func (im *importer) images(t *table, row []string, line int) (out []Picture, names []string) {
	alts := t.texts(row, "image_alt")
	for i, name := range list(t.get(row, "images")) {
		p := Picture{Name: nameless, Alt: Text{}}
		for tag, all := range alts {
			if parts := list(all); i < len(parts) {
				p.Alt[tag] = parts[i]
			}
		}
		if !im.pics.has(name) && !imageName(name) {
			t.findAt(line, t.at("images"), "images", "catalog.csv.image_missing", fault.Params{"name": shown(name)})
		}
		out, names = append(out, p), append(names, name)
	}
	return out, names
}

// list splits a field at its semicolons.
func list(s string) (out []string) {
	if s == "" {
		return nil
	}
	for f := range strings.SplitSeq(s, ";") {
		out = append(out, strings.TrimSpace(f))
	}
	return out
}

var contentsForm = regexp.MustCompile(`^([0-9]{1,12})(?:\.([0-9]{1,3}))? ?([a-z]+[2²]?)?$`)

// contents reads what is in a pack, "750 ml" or "0.75 l" or "750", in the small unit of the base: g, ml, mm, cm² or
// pieces.
func contents(s, base string) (int64, bool) {
	units := map[string]map[string]int64{
		"kg": {"": 1, "g": 1, "kg": 1000}, "100g": {"": 1, "g": 1, "kg": 1000},
		"l": {"": 1, "ml": 1, "cl": 10, "l": 1000}, "100ml": {"": 1, "ml": 1, "cl": 10, "l": 1000},
		"m": {"": 1, "mm": 1, "cm": 10, "m": 1000}, "m2": {"": 1, "cm2": 1, "m2": 10_000}, "piece": {"": 1},
	}[base]
	m := contentsForm.FindStringSubmatch(strings.ToLower(s))
	if m == nil {
		return 0, false
	}
	factor, ok := units[strings.ReplaceAll(m[3], "²", "2")]
	n, err := strconv.ParseInt(m[1], 10, 48)
	if !ok || err != nil {
		return 0, false
	}
	frac := m[2]
	n *= factor
	for i, scale := 0, factor; i < len(frac); i++ {
		if scale%10 != 0 {
			return 0, false
		}
		scale /= 10
		n += int64(frac[i]-'0') * scale
	}
	return n, n > 0
}
