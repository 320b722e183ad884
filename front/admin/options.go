package admin

import (
	"net/http"
	"slices"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// optionsPage says what the variants of a product differ by, with the value of each.
type optionsPage struct {
	*page
	Product, Up, Path, Seen string
	Dirty                   bool
	Options                 []optionFields
	Rows                    []optionRow
	Many                    bool // more variants than a form holds: their values come by import
}

type optionFields struct{ Fields []parts.Field }

type optionRow struct {
	SKU    string
	Fields []parts.Field
}

// formVariants is how many variants fit into the form of options beside their names.
const formVariants = 12

func (a *Admin) optionsShow(c *call) error { return a.showOptions(c, http.StatusOK, nil) }

func (a *Admin) showOptions(c *call, status int, wrong error) error {
	if err := access.Require(c.who(), access.ProductEdit); err != nil {
		return err
	}
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	p := &optionsPage{page: a.page(c, c.site.T("admin.options")), Product: a.titleOf(c, e), Up: productPath(e.Input.Handle),
		Path: productPath(e.Input.Handle, "options"), Seen: seenText(e.Updated), Dirty: wrong != nil, Many: len(e.Input.Variants) > formVariants}
	s := sheet{p: p.page, typed: c.form}
	if s.clash = clashed(wrong); s.clash {
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	} else if wrong != nil && !p.wrong(wrong) {
		return wrong
	}
	slots := min(len(e.Input.Options)+1, catalog.MaxOptions)
	for n := range slots {
		p.Options = append(p.Options, optionFields{a.optionNames(c, e, n, s)})
	}
	for i, v := range e.Input.Variants {
		row := optionRow{SKU: v.SKU}
		for n := range slots {
			row.Fields = append(row.Fields, a.optionValues(c, v, i, n, s)...)
		}
		p.Rows = append(p.Rows, row)
	}
	return a.show(c, status, optionsView(p))
}

func (a *Admin) optionNames(c *call, e catalog.Editing, n int, s sheet) (out []parts.Field) {
	for _, l := range a.tongues() {
		stored := ""
		if n < len(e.Input.Options) {
			stored = e.Input.Options[n][l.Code]
		}
		f := s.field(optionField(n, l.Code), c.site.T("admin.option", "n", n+1)+" ("+l.Name+")", stored, catalog.MaxLine)
		if f.Wrong == "" && l.Code == a.Shop.Languages[0] {
			f.Wrong = s.p.Wrong("option" + itoa(n+1))
		}
		out = append(out, spare(f))
	}
	return out
}

func (a *Admin) optionValues(c *call, v catalog.VariantInput, i, n int, s sheet) (out []parts.Field) {
	for _, l := range a.tongues() {
		stored := ""
		if n < len(v.Values) {
			stored = v.Values[n][l.Code]
		}
		f := s.field("v"+itoa(i)+"."+valueField(n, l.Code), c.site.T("admin.option", "n", n+1)+", "+l.Name, stored, catalog.MaxLine)
		if f.Wrong == "" && l.Code == a.Shop.Languages[0] {
			f.Wrong = s.p.Wrong("value" + itoa(n+1) + "#" + itoa(i))
		}
		out = append(out, spare(f))
	}
	return out
}

func optionField(n int, lang string) string { return "option" + itoa(n+1) + ":" + lang }

// optionsSave keeps the options and the values of all variants. An option without any name goes.
func (a *Admin) optionsSave(c *call) error {
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	in := e.Input
	if len(in.Variants) > formVariants {
		return fault.New(fault.Conflict, "admin.options_many")
	}
	in.Options, in.Variants = nil, slices.Clone(in.Variants)
	for i := range in.Variants {
		in.Variants[i].Values = nil
	}
	for n := range catalog.MaxOptions {
		name, named := a.textOf(c, func(l string) string { return optionField(n, l) })
		if !named {
			continue
		}
		in.Options = append(in.Options, name)
		for i := range in.Variants {
			value, _ := a.textOf(c, func(l string) string { return "v" + itoa(i) + "." + valueField(n, l) })
			in.Variants[i].Values = append(in.Variants[i].Values, value)
		}
	}
	if err = c.form.Err(); err == nil {
		err = a.put(c, in)
	}
	if fault.Is(err, fault.Invalid) || clashed(err) {
		return a.showOptions(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, productPath(in.Handle)+"?done=saved")
}

// textOf reads a text in all languages of the shop, and says whether there is any.
func (a *Admin) textOf(c *call, field func(lang string) string) (t catalog.Text, any bool) {
	t = catalog.Text{}
	for _, l := range a.Shop.Languages {
		if s := c.form.Text(field(l), catalog.MaxLine); s != "" {
			t[l], any = s, true
		}
	}
	return t, any
}
