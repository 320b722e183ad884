package admin

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
	"strongroom/shop/price"
	"strongroom/shop/stock"
)

// variantPage is one thing that can be bought: what it is, what it costs, how many there are.
type variantPage struct {
	*page
	Product  string // its name
	Up       string // the product's page
	Path     string // empty for a new variant
	Seen     string
	Dirty    bool
	Open     string // the form that was sent
	SKU      parts.Field
	Facts    []parts.Field
	Price    []parts.Field
	Stock    []parts.Field
	Row      variantRow
	History  []pair // day and price, the newest first
	Moves    []moveRow
	ByHand   int64 // changes of the stock by hand until now
	Only     bool  // the only variant of its product: it cannot be withdrawn
	CanEdit  bool
	CanPrice bool
	CanStock bool
}

type moveRow struct{ When, Text, Pieces, By string }

func (a *Admin) variantShow(c *call) error { return a.showVariant(c, http.StatusOK, "", nil) }

// showVariant shows a variant, or one of its forms again with what was typed and what is wrong with it.
func (a *Admin) showVariant(c *call, status int, open string, wrong error) error {
	e, i, err := a.variantOf(c)
	if err != nil {
		return err
	}
	v := e.Input.Variants[i]
	p := &variantPage{page: a.page(c, v.SKU), Product: a.titleOf(c, e), Up: productPath(e.Input.Handle), Seen: seenText(e.Updated),
		Path: productPath(e.Input.Handle, "variants", v.SKU), Open: open, Dirty: open == "facts", Row: a.variantRow(c, e, i, v),
		Only: len(e.Input.Variants) == 1, CanEdit: c.who().May(access.ProductEdit), CanPrice: c.who().May(access.PriceEdit),
		CanStock: c.who().May(access.StockEdit)}
	if p.Row.Options != "" {
		p.Title = p.Row.Options
	}
	clash := clashed(wrong)
	switch {
	case clash || fault.Is(wrong, fault.Conflict):
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	case wrong != nil && !p.wrong(wrong):
		return wrong
	case wrong == nil:
		p.Notice = done(c)
	}
	sent := func(name string) sheet { // only the form that was sent comes back as it was typed
		if open != name {
			return sheet{p: p.page}
		}
		return sheet{p: p.page, typed: c.form, clash: clash}
	}
	p.Facts = a.variantFacts(c, e, v, sent("facts"))
	p.Price = a.priceFields(c, v, sent("price"))
	p.Stock = stockFields(c.site, sent("stock"))
	if err := a.variantPast(c, p, e, i); err != nil {
		return err
	}
	return a.show(c, status, variantView(p))
}

// variantOf finds the variant of an address.
func (a *Admin) variantOf(c *call) (e catalog.Editing, i int, err error) {
	if e, err = a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle")); err != nil {
		return e, 0, err
	}
	i = slices.IndexFunc(e.Input.Variants, func(v catalog.VariantInput) bool { return v.SKU == c.r.PathValue("sku") })
	if i < 0 {
		return e, 0, fault.New(fault.NotFound, "catalog.product_gone")
	}
	return e, i, nil
}

// variantFacts are the fields of what a variant is.
func (a *Admin) variantFacts(c *call, e catalog.Editing, v catalog.VariantInput, s sheet) (out []parts.Field) {
	t := c.site.T
	for n, o := range e.Input.Options {
		for _, l := range a.tongues() {
			stored := ""
			if n < len(v.Values) {
				stored = v.Values[n][l.Code]
			}
			f := s.field(valueField(n, l.Code), a.inTongue(c, o)+" ("+l.Name+")", stored, catalog.MaxLine)
			if f.Wrong == "" {
				f.Wrong = s.p.Wrong("value" + itoa(n+1))
			}
			out = append(out, spare(f))
		}
	}
	units := []parts.Option{{Text: "–"}}
	for _, u := range price.UnitBases() {
		units = append(units, parts.Option{Value: u, Text: t("admin.unit_" + u)})
	}
	return append(out, counted(s.field("weight_g", t("admin.weight"), strconv.FormatInt(v.WeightGrams, 10), 10)),
		withHint(counted(s.field("max_per_order", t("admin.max_per_order"), strconv.FormatInt(v.MaxPerOrder, 10), 10)), t("admin.max_per_order_hint")),
		withHint(spare(counted(s.field("unit_amount", t("admin.unit_amount"), digits(v.UnitAmount), 12))), t("admin.unit_amount_hint")),
		spare(s.choice("unit_base", t("admin.unit_base"), v.UnitBase, units)))
}

// valueField is the name of the field of an option's value.
func valueField(n int, lang string) string { return "value" + itoa(n+1) + ":" + lang }

// digits is a number that is left empty when it is zero.
func digits(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (a *Admin) priceFields(c *call, v catalog.VariantInput, s sheet) []parts.Field {
	t, was := c.site.T, ""
	if v.WasPrice > 0 {
		was = c.site.P.Decimal(v.WasPrice, a.Shop.Currency)
	}
	return []parts.Field{priced(s.field("price", t("admin.price"), c.site.P.Decimal(v.Price, a.Shop.Currency), 20)),
		withHint(spare(priced(s.field("was_price", t("admin.price_was"), was, 20))), t("admin.price_was_hint")),
		s.choice("reason", t("admin.why"), "", reasons(c.site, "catalog.because_", catalog.PriceReasons()))}
}

func stockFields(site *parts.Site, s sheet) []parts.Field {
	t := site.T
	return []parts.Field{
		s.choice("how", t("admin.stock_how"), "received", []parts.Option{{Value: "received", Text: t("admin.stock_add")}, {Value: "gone", Text: t("admin.stock_take")},
			{Value: "counted", Text: t("admin.stock_count")}}),
		counted(s.field("pieces", t("admin.pieces"), "", 10)),
		s.choice("why", t("admin.why"), "", reasons(site, "stock.because_", stock.Reasons())),
		spare(s.field("note", t("admin.note"), "", 300))}
}

// reasons are the words of a list with an empty one before them, so that nobody gives one by accident.
func reasons(s *parts.Site, prefix string, words []string) []parts.Option {
	out := []parts.Option{{Text: s.T("admin.choose")}}
	for _, w := range words {
		out = append(out, parts.Option{Value: w, Text: s.T(prefix + w)})
	}
	return out
}

// variantPast is what happened to price and stock.
func (a *Admin) variantPast(c *call, p *variantPage, e catalog.Editing, i int) error {
	history, err := a.Catalog.History(c.r.Context(), c.who(), e.IDs[i])
	if err != nil {
		return err
	}
	for _, h := range slices.Backward(history) {
		p.History = append(p.History, pair{a.when(c, h.At), c.site.Money(h.Price)})
	}
	p.History = p.History[:min(len(p.History), 10)]
	if p.ByHand, err = a.Stock.ByHand(c.r.Context(), e.IDs[i]); err != nil {
		return err
	}
	moves, err := a.Stock.Moves(c.r.Context(), e.IDs[i], 10)
	for _, m := range moves {
		text := c.site.T("admin.move_" + m.Kind)
		if m.Reason != "" {
			text = c.site.T("stock.because_" + m.Reason)
		}
		n := m.OnHand
		if n == 0 {
			n = -m.Reserved
		}
		p.Moves = append(p.Moves, moveRow{a.when(c, m.At), text, signed(c.site, n), actorText(c.site, m.Actor)})
	}
	return err
}

func signed(s *parts.Site, n int64) string {
	if n > 0 {
		return "+" + s.P.Number(n)
	}
	return s.P.Number(n)
}

// variantSave keeps what a variant is.
func (a *Admin) variantSave(c *call) error {
	e, i, err := a.variantOf(c)
	if err != nil {
		return err
	}
	in := e.Input
	in.Variants = slices.Clone(in.Variants)
	in.Variants[i] = a.readVariant(c, in.Options, in.Variants[i])
	if err = c.form.Err(); err == nil {
		err = plainFields(a.put(c, in))
	}
	return a.afterVariant(c, "facts", "saved", err)
}

// readVariant takes what the form says over into the variant.
func (a *Admin) readVariant(c *call, options []catalog.Text, v catalog.VariantInput) catalog.VariantInput {
	f := c.form
	values := make([]catalog.Text, len(options))
	for n := range options {
		values[n] = catalog.Text{}
		if n < len(v.Values) {
			values[n] = maps.Clone(v.Values[n])
		}
		for _, l := range a.Shop.Languages {
			values[n][l] = f.Text(valueField(n, l), catalog.MaxLine)
		}
	}
	v.Values = values
	v.WeightGrams, v.MaxPerOrder = f.IntOr("weight_g", 0, 0, 1e9), f.IntOr("max_per_order", 0, 0, 1e9)
	v.UnitAmount, v.UnitBase = f.IntOr("unit_amount", 0, 0, 1e12), f.Typed("unit_base")
	return v
}

// afterVariant leads back to the variant, or shows the form again with what was typed.
func (a *Admin) afterVariant(c *call, open, word string, err error) error {
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return a.showVariant(c, http.StatusUnprocessableEntity, open, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, productPath(c.r.PathValue("handle"), "variants", c.r.PathValue("sku"))+"?done="+word)
}

func (a *Admin) variantPrice(c *call) error {
	n := catalog.NewPrice{SKU: c.r.PathValue("sku"), Price: amountOf(c.form, "price", a.Shop.Currency), Reason: c.form.Text("reason", 20)}
	if c.form.Text("was_price", 20) != "" {
		n.Was = amountOf(c.form, "was_price", a.Shop.Currency)
	}
	var err error
	if n.Seen, err = seenTime(c.form.Typed("seen")); err != nil {
		return err
	}
	if err = c.form.Err(); err == nil {
		err = plainFields(a.Catalog.SetPrice(c.r.Context(), c.who(), c.r.PathValue("handle"), n))
	}
	return a.afterVariant(c, "price", "priced", err)
}

// variantStock counts pieces, or adds and takes away.
func (a *Admin) variantStock(c *call) error {
	e, i, err := a.variantOf(c)
	if err != nil {
		return err
	}
	ch := stock.Change{Variant: e.IDs[i], Pieces: c.form.Int("pieces", 0, stock.Max), Reason: c.form.Text("why", 20), Note: c.form.Text("note", 300), Actor: c.who()}
	seen := c.form.Int("by_hand", 0, stock.Max)
	ch.Seen = &seen
	how := c.form.Choice("how", "received", "gone", "counted")
	if err = c.form.Err(); err == nil {
		switch how {
		case "counted":
			err = a.Stock.Set(c.r.Context(), ch)
		case "gone":
			ch.Pieces = -ch.Pieces
			fallthrough
		default:
			err = a.Stock.Receive(c.r.Context(), ch)
		}
	}
	return a.afterVariant(c, "stock", "counted", renamed(err, "reason", "why"))
}

// variantWithdraw takes a variant from sale. What was sold of it stays in its orders.
func (a *Admin) variantWithdraw(c *call) error {
	e, i, err := a.variantOf(c)
	if err != nil {
		return err
	}
	in := e.Input
	in.Variants = slices.Delete(slices.Clone(in.Variants), i, i+1)
	if err := a.put(c, in); err != nil {
		return a.afterVariant(c, "", "", err)
	}
	return web.Redirect(c.w, productPath(in.Handle)+"?done=withdrawn")
}

func (a *Admin) variantNewShow(c *call) error { return a.showNewVariant(c, http.StatusOK, nil) }

func (a *Admin) showNewVariant(c *call, status int, wrong error) error {
	if err := access.Require(c.who(), access.ProductEdit); err != nil {
		return err
	}
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	t := c.site.T
	p := &variantPage{page: a.page(c, t("admin.variant_new")), Product: a.titleOf(c, e), Up: productPath(e.Input.Handle), Seen: seenText(e.Updated), Dirty: wrong != nil}
	s := sheet{p: p.page, typed: c.form}
	if s.clash = clashed(wrong); s.clash {
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	} else if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	like := catalog.VariantInput{}
	if n := len(e.Input.Variants); n > 0 {
		like.WeightGrams = e.Input.Variants[n-1].WeightGrams
	}
	p.SKU = s.field("sku", t("admin.sku"), "", 64)
	p.Facts = a.variantFacts(c, e, like, s)
	p.Price = []parts.Field{priced(s.field("price", t("admin.price"), "", 20)), counted(s.field("stock", t("admin.on_hand"), "0", 10))}
	return a.show(c, status, variantNewView(p))
}

func (a *Admin) variantNew(c *call) error {
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	in := e.Input
	v := a.readVariant(c, in.Options, catalog.VariantInput{SKU: c.form.Text("sku", 64), Stock: c.form.IntOr("stock", 0, 0, 1e9)})
	v.Price = amountOf(c.form, "price", a.Shop.Currency)
	if slices.ContainsFunc(in.Variants, func(x catalog.VariantInput) bool { return x.SKU == v.SKU }) {
		c.form.Fail("sku", "catalog.sku_twice", nil)
	}
	in.Variants = append(slices.Clone(in.Variants), v)
	if err = c.form.Err(); err == nil {
		err = plainFields(a.put(c, in))
	}
	if fault.Is(err, fault.Invalid) || clashed(err) {
		return a.showNewVariant(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, productPath(in.Handle)+"?done=variant")
}
