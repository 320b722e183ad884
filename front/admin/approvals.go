package admin

import (
	"maps"
	"net/http"
	"slices"

	"strongroom/base/web"
	"strongroom/guard/staff"
)

// approvalsPage is what waits for a second person.
type approvalsPage struct {
	*page
	Rows []approvalRow
}

type approvalRow struct {
	ID, Seal, What, State, Asked, By, Ends string
	Facts                                  []pair
	Open, Own                              bool
}

func (a *Admin) approvalsShow(c *call) error {
	ctx, t := c.r.Context(), c.site.T
	list, err := a.Staff.Approvals(ctx, c.who(), 0)
	if err != nil {
		return err
	}
	p := &approvalsPage{page: a.page(c, t("admin.approvals"))}
	p.Notice = done(c)
	for _, x := range list {
		row := approvalRow{ID: x.ID.String(), Seal: x.Seal, What: t(x.Key()), State: t("staff.approval_" + x.State.String()),
			Asked: c.site.P.DateTime(x.Asked), Ends: c.site.P.DateTime(x.Ends), Open: x.State == staff.Waiting && !x.Alone, Own: x.AskedBy == c.who().ID}
		if row.By, err = a.Staff.Called(ctx, x.AskedBy); err != nil {
			return err
		}
		for _, k := range slices.Sorted(maps.Keys(x.Facts)) {
			row.Facts = append(row.Facts, pair{k, x.Facts[k]})
		}
		p.Rows = append(p.Rows, row)
	}
	return a.show(c, http.StatusOK, approvalsView(p))
}

// approvalDecide agrees or refuses. The form carries the seal of what was shown.
func (a *Admin) approvalDecide(c *call) error {
	request, err := c.form.ID("request")
	if err != nil {
		return err
	}
	if c.form.Typed("decision") == "cancel" {
		err = a.Staff.Cancel(c.r.Context(), c.who(), request)
	} else {
		_, err = a.Staff.Decide(c.r.Context(), c.who(), request, c.form.Typed("seal"), c.form.Typed("decision") == "yes")
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/approvals?done=decided")
}
