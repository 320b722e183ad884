package admin

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// place is one answer of the palette.
type place struct {
	Text string `json:"text"`
	Kind string `json:"kind"`
	Href string `json:"href"`
}

// most is how many answers of one kind the palette gives.
const most = 6

// places are what the palette knows to what was typed: pages of the rail, an order by its number, goods, people. Each
// kind is asked of its service, which gives what the reader may see.
func (a *Admin) places(ctx context.Context, c *call, q string) (out []place, err error) {
	want := strings.ToLower(strings.TrimSpace(q))
	if utf8.RuneCountInString(want) > 60 {
		return nil, nil
	}
	for _, s := range sections {
		text := c.site.T(s.key)
		if (s.may == "" || c.who().May(s.may)) && strings.Contains(strings.ToLower(text), want) {
			out = append(out, place{text, c.site.T("admin.kind_page"), s.path})
		}
	}
	for _, ask := range []func(context.Context, *call, string) ([]place, error){a.orderPlaces, a.productPlaces, a.staffPlaces} {
		list, err := ask(ctx, c, want)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// orderPlaces is an order by its whole number.
func (a *Admin) orderPlaces(ctx context.Context, c *call, want string) ([]place, error) {
	if len(want) < 8 || !c.who().May(access.OrderView) {
		return nil, nil
	}
	o, err := a.Order.Show(ctx, c.who(), strings.ToUpper(want))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Malformed) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []place{{o.Number, c.site.T("admin.kind_order"), "/orders/" + o.Number}}, nil
}

func (a *Admin) productPlaces(ctx context.Context, c *call, want string) (out []place, err error) {
	if utf8.RuneCountInString(want) < 2 || !c.who().May(access.ProductView) {
		return nil, nil
	}
	rows, _, err := a.Catalog.Shelf(ctx, c.who(), catalog.ShelfQuery{Lang: c.site.Lang, Find: want, Limit: most})
	for _, r := range rows {
		out = append(out, place{r.Title, c.site.T("admin.kind_product"), productPath(r.Handle)})
	}
	return out, err
}

func (a *Admin) staffPlaces(ctx context.Context, c *call, want string) (out []place, err error) {
	if utf8.RuneCountInString(want) < 2 || !c.who().May(access.StaffView) {
		return nil, nil
	}
	list, err := a.Staff.Members(ctx, c.who(), false)
	for _, m := range list {
		if strings.Contains(strings.ToLower(m.Called), want) && len(out) < most {
			out = append(out, place{m.Called, c.site.T("admin.kind_colleague"), "/staff/" + m.ID.String()})
		}
	}
	return out, err
}

// findPage is the palette without script.
type findPage struct {
	*page
	Q      string
	Places []place
}

func (a *Admin) findShow(c *call) error {
	q, err := web.ReadQuery(c.r)
	if err != nil {
		return err
	}
	p := &findPage{page: a.page(c, c.site.T("admin.find")), Q: q.Typed("q")}
	if p.Places, err = a.places(c.r.Context(), c, p.Q); err != nil {
		return err
	}
	return a.show(c, http.StatusOK, findView(p))
}

func (a *Admin) findList(c *call) error {
	q, err := web.ReadQuery(c.r)
	if err != nil {
		return err
	}
	list, err := a.places(c.r.Context(), c, q.Typed("q"))
	if err != nil {
		return err
	}
	return sendJSON(c.w, list)
}
