package admin

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/money"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
	"strongroom/shop/price"
)

// productPage is one product: its variants, its pictures, its words.
type productPage struct {
	*page
	E         catalog.Editing
	Path      string
	State     string
	StateText string
	InShop    string // address in the shop; empty while it is hidden
	Seen      string
	Dirty     bool // what was typed is not saved
	Tongues   []tongueFields
	Handle    parts.Field
	Home      parts.Field
	Others    []place
	Tax       parts.Field
	Producer  parts.Field
	Contact   parts.Field
	Options   []string
	Variants  []variantRow
	Pictures  []parts.Picture
	Waiting   int // pictures that are still being drawn
	First     []parts.Field
	CanEdit   bool
}

// tongueFields are the texts of a product in one language.
type tongueFields struct {
	tongue
	Fields []parts.Field
}

type variantRow struct {
	Href, SKU, Options, Price, Was, Weight string
	OnHand, Promised, Left                 string
	None                                   bool
}

func (a *Admin) productShow(c *call) error { return a.showProduct(c, http.StatusOK, nil) }

// showProduct shows a product, or its form again with what was typed and what is wrong with it.
func (a *Admin) showProduct(c *call, status int, wrong error) error {
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	p := &productPage{page: a.page(c, a.titleOf(c, e)), E: e, Path: productPath(e.Input.Handle), State: e.Input.State,
		StateText: stateText(c.site, e.Input.State), Seen: seenText(e.Updated), Dirty: wrong != nil, CanEdit: c.who().May(access.ProductEdit)}
	if e.Input.State == catalog.Published {
		p.InShop = a.Shop.PublicURL + "/" + c.site.Lang + "/p/" + e.Input.Handle
	}
	s := sheet{p: p.page, typed: c.form, clash: clashed(wrong)}
	switch {
	case s.clash:
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	case wrong != nil && !p.wrong(wrong):
		return wrong
	case wrong == nil:
		p.Notice = done(c)
	}
	if err := a.productFields(c, p, s); err != nil {
		return err
	}
	for i, v := range e.Input.Variants {
		p.Variants = append(p.Variants, a.variantRow(c, e, i, v))
	}
	for _, o := range e.Input.Options {
		p.Options = append(p.Options, a.inTongue(c, o))
	}
	for _, i := range e.Images {
		if i.State == "waiting" {
			p.Waiting++
		} else if i.State == "ready" {
			p.Pictures = append(p.Pictures, picture(i.Image, ""))
		}
	}
	return a.show(c, status, productView(p))
}

// titleOf is the product's name as the reader knows it.
func (a *Admin) titleOf(c *call, e catalog.Editing) string {
	names := catalog.Text{}
	for tag, t := range e.Input.Texts {
		names[tag] = t.Title
	}
	if s := a.inTongue(c, names); s != "" {
		return s
	}
	return e.Input.Handle
}

// inTongue is a text in the reader's language, or in the first one of the shop that has it.
func (a *Admin) inTongue(c *call, t catalog.Text) string {
	for _, tag := range append([]string{c.site.Lang}, a.Shop.Languages...) {
		if t[tag] != "" {
			return t[tag]
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		if t[tag] != "" {
			return t[tag]
		}
	}
	return ""
}

func (a *Admin) variantRow(c *call, e catalog.Editing, i int, v catalog.VariantInput) variantRow {
	n := c.site.P.Number
	l := e.Levels[i]
	row := variantRow{Href: productPath(e.Input.Handle, "variants", v.SKU), SKU: v.SKU, Options: a.valuesOf(c, v), Price: c.site.Money(v.Price),
		Weight: c.site.P.Weight(v.WeightGrams), OnHand: n(l.OnHand), Promised: n(l.Reserved), Left: n(l.Available()), None: l.Available() <= 0}
	if v.WasPrice > 0 {
		row.Was = c.site.Money(v.WasPrice)
	}
	return row
}

// valuesOf are the values of a variant as one text: "Moss, large".
func (a *Admin) valuesOf(c *call, v catalog.VariantInput) (out string) {
	for i, t := range v.Values {
		if i > 0 {
			out += ", "
		}
		out += a.inTongue(c, t)
	}
	return out
}

// productFields are the form of words and places.
func (a *Admin) productFields(c *call, p *productPage, s sheet) error {
	t, in := c.site.T, p.E.Input
	for _, l := range a.tongues() {
		x := in.Texts[l.Code]
		p.Tongues = append(p.Tongues, tongueFields{l, []parts.Field{
			spare(s.field("title:"+l.Code, t("admin.product_title"), x.Title, catalog.MaxLine)),
			s.area("summary:"+l.Code, t("admin.product_summary"), x.Summary, 2, catalog.MaxLine),
			withHint(s.area("description:"+l.Code, t("admin.product_description"), x.Description, 9, maxDescription), t("admin.product_markdown")),
			withHint(s.area("facts:"+l.Code, t("admin.product_facts"), x.Facts, 5, maxFacts), t("admin.product_facts_hint"))}})
	}
	list, err := a.Catalog.Categories(c.r.Context(), c.site.Lang)
	if err != nil {
		return err
	}
	home := ""
	if len(in.Categories) > 0 {
		home = in.Categories[0]
	}
	p.Home = s.choice("category", t("admin.product_home"), home, categoryOptions(list, ""))
	p.Others = otherCategories(list, in.Categories, c.form)
	p.Tax = s.choice("tax_class", t("admin.tax_class"), in.TaxClass, taxOptions(c.site))
	p.Producer = withHint(spare(s.field("producer", t("admin.producer"), in.Producer, catalog.MaxLine)), t("admin.producer_hint"))
	p.Contact = spare(s.field("eu_contact", t("admin.eu_contact"), in.EUContact, catalog.MaxLine))
	return nil
}

// What fits into a form of the desk. Longer texts come by import.
const (
	maxDescription = 12_000
	maxFacts       = 4_000
)

func withHint(f parts.Field, hint string) parts.Field {
	if f.Hint == "" {
		f.Hint = hint
	}
	return f
}

func categoryOptions(list []catalog.Category, indent string) (out []parts.Option) {
	for _, k := range list {
		out = append(out, parts.Option{Value: k.Slug, Text: indent + k.Title})
		out = append(out, categoryOptions(k.Children, indent+"– ")...)
	}
	return out
}

// maxBoxes is how many categories are offered as boxes to tick beside the home category.
const maxBoxes = 60

// otherCategories are the boxes of the categories that a product is in besides its home. Kind says "on" for a ticked one.
func otherCategories(list []catalog.Category, in []string, typed *web.Form) (out []place) {
	all := categoryOptions(list, "")
	if len(all) > maxBoxes {
		return nil
	}
	for _, o := range all {
		x := place{Text: o.Text, Href: o.Value}
		if typed == nil && slices.Contains(in[min(1, len(in)):], o.Value) || typed.Bool("in."+o.Value) {
			x.Kind = "on"
		}
		out = append(out, x)
	}
	return out
}

func taxOptions(s *parts.Site) (out []parts.Option) {
	for _, class := range price.Classes() {
		out = append(out, parts.Option{Value: class, Text: s.T("admin.tax_" + class)})
	}
	return out
}

// productSave keeps words and places of a product. Variants and pictures have forms of their own.
func (a *Admin) productSave(c *call) error {
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	in := e.Input
	a.readWords(c, &in)
	err = a.put(c, in)
	if fault.Is(err, fault.Invalid) || clashed(err) {
		return a.showProduct(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, productPath(in.Handle)+"?done=saved")
}

// put keeps a product as it was changed here, unless somebody else has saved since the form was shown.
func (a *Admin) put(c *call, in catalog.Input) error {
	seen, err := seenTime(c.form.Typed("seen"))
	if err == nil {
		_, err = a.Catalog.Put(c.r.Context(), in, catalog.PutOptions{Actor: c.who(), Seen: seen})
	}
	return err
}

// readWords takes what the form says over into the product.
func (a *Admin) readWords(c *call, in *catalog.Input) {
	f := c.form
	texts := maps.Clone(in.Texts)
	for _, l := range a.Shop.Languages {
		if !f.Has("title:" + l) {
			continue
		}
		if texts == nil {
			texts = map[string]catalog.Texts{}
		}
		texts[l] = catalog.Texts{Title: f.Text("title:"+l, catalog.MaxLine), Summary: f.Text("summary:"+l, catalog.MaxLine),
			Description: f.Lines("description:"+l, maxDescription), Facts: f.Lines("facts:"+l, maxFacts)}
	}
	in.Texts = texts
	in.TaxClass, in.Producer, in.EUContact = f.Typed("tax_class"), f.Text("producer", catalog.MaxLine), f.Text("eu_contact", catalog.MaxLine)
	others := in.Categories[min(1, len(in.Categories)):]
	if f.Has("boxes") {
		others = nil
		for _, name := range f.Names() {
			if len(name) > 3 && name[:3] == "in." && f.Bool(name) {
				others = append(others, name[3:])
			}
		}
	}
	home := f.Typed("category")
	in.Categories = append([]string{home}, slices.DeleteFunc(slices.Clone(others), func(s string) bool { return s == home })...)
}

// productState hides a product or shows it.
func (a *Admin) productState(c *call) error {
	state := c.form.Choice("state", catalog.Draft, catalog.Published)
	if err := c.form.Err(); err != nil {
		return err
	}
	handle := c.r.PathValue("handle")
	if err := a.Catalog.SetState(c.r.Context(), c.who(), handle, state); err != nil {
		return err
	}
	word := map[string]string{catalog.Draft: "hidden", catalog.Published: "shown"}[state]
	return web.Redirect(c.w, productPath(handle)+"?done="+word)
}

func (a *Admin) productNewShow(c *call) error { return a.showNewProduct(c, http.StatusOK, nil) }

// showNewProduct is the form of a new product: the little that one needs to begin. It begins hidden.
func (a *Admin) showNewProduct(c *call, status int, wrong error) error {
	if err := access.Require(c.who(), access.ProductEdit); err != nil {
		return err
	}
	t := c.site.T
	p := &productPage{page: a.page(c, t("admin.product_new")), Dirty: wrong != nil}
	if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	s := sheet{p: p.page, typed: c.form}
	for _, l := range a.tongues() {
		p.Tongues = append(p.Tongues, tongueFields{l, []parts.Field{spare(s.field("title:"+l.Code, t("admin.product_title")+" ("+l.Name+")", "", catalog.MaxLine))}})
	}
	list, err := a.Catalog.Categories(c.r.Context(), c.site.Lang)
	if err != nil {
		return err
	}
	p.Handle = withHint(s.field("handle", t("admin.product_handle"), "", 100), t("admin.product_handle_hint", "address", a.Shop.PublicURL+"/"+c.site.Lang+"/p/"))
	p.Home = s.choice("category", t("admin.product_home"), "", categoryOptions(list, ""))
	p.Tax = s.choice("tax_class", t("admin.tax_class"), price.Standard, taxOptions(c.site))
	p.First = []parts.Field{s.field("sku", t("admin.sku"), "", 64), priced(s.field("price", t("admin.price"), "", 20)),
		counted(s.field("stock", t("admin.on_hand"), "0", 10)), counted(s.field("weight_g", t("admin.weight"), "", 10))}
	return a.show(c, status, productNewView(p))
}

func (a *Admin) productNew(c *call) error {
	f := c.form
	in := catalog.Input{Handle: f.Text("handle", 100), State: catalog.Draft, Categories: []string{f.Typed("category")}, TaxClass: f.Typed("tax_class"),
		Texts: map[string]catalog.Texts{}}
	for _, l := range a.Shop.Languages {
		if title := f.Text("title:"+l, catalog.MaxLine); title != "" {
			in.Texts[l] = catalog.Texts{Title: title}
		}
	}
	v := catalog.VariantInput{SKU: f.Text("sku", 64), Stock: f.IntOr("stock", 0, 0, 1e9), WeightGrams: f.IntOr("weight_g", 0, 0, 1e9)}
	v.Price = amountOf(f, "price", a.Shop.Currency)
	in.Variants = []catalog.VariantInput{v}
	err := also(f.Err(), in.Check())
	if err == nil {
		_, err = a.Catalog.Put(c.r.Context(), in, catalog.PutOptions{Actor: c.who(), Fresh: true})
	}
	err = plainFields(err)
	if fault.Is(err, fault.Invalid) {
		return a.showNewProduct(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, productPath(in.Handle)+"?done=added")
}

// amountOf reads an amount of money.
func amountOf(f *web.Form, name string, currency money.Currency) money.Amount {
	n, err := money.Parse(localAmount(f.Text(name, 20)), currency)
	if err != nil || n < 0 {
		f.Fail(name, "admin.amount", nil)
		return 0
	}
	return n
}

// localAmount writes an amount with a point, whichever way it was typed: "1.234,50" and "1,234.50" are both 1234.50.
func localAmount(s string) string {
	s = strings.ReplaceAll(s, " ", "")
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case comma > point: // the comma is the later one
		return strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	case comma >= 0:
		return strings.ReplaceAll(s, ",", "")
	}
	return s
}
