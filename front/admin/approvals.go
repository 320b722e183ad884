package admin

import (
	"net/http"

	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/guard/access"
	"strongroom/guard/staff"
)

// approvalsPage is what waits for a second person.
type approvalsPage struct {
	*page
	Rows []approvalRow
}

type approvalRow struct {
	ID, Seal, What, State, Asked, By string
	When                             string // until when it can be decided on, or when it happens by itself
	Facts                            []pair
	Open, Own, Alone, CanReason      bool
	Reason                           string // in clear, after a look
}

func (a *Admin) approvalsShow(c *call) error { return a.showApprovals(c, id.ID{}, "") }

// approvalReason shows the asker's words to who may decide. It is a look, and stands in the log.
func (a *Admin) approvalReason(c *call) error {
	request, err := c.form.ID("request")
	if err != nil {
		return err
	}
	x, err := a.Staff.Approval(c.r.Context(), c.who(), request)
	if err != nil {
		return err
	}
	reason, err := a.Staff.ReasonOf(c.r.Context(), c.who(), x)
	if err != nil {
		return err
	}
	return a.showApprovals(c, request, reason)
}

// showApprovals lists what was asked for, with the reason of one of them in clear.
func (a *Admin) showApprovals(c *call, clear id.ID, reason string) error {
	ctx, t := c.r.Context(), c.site.T
	list, err := a.Staff.Approvals(ctx, c.who(), 0)
	if err != nil {
		return err
	}
	p := &approvalsPage{page: a.page(c, t("admin.approvals"))}
	p.Notice = done(c)
	for _, x := range list {
		row, err := a.approvalRow(c, x)
		if err != nil {
			return err
		}
		if x.ID == clear {
			row.Reason, row.CanReason = reason, false
		}
		p.Rows = append(p.Rows, row)
	}
	return a.show(c, http.StatusOK, approvalsView(p))
}

// factOrder is the order in which the facts of an act are read.
var factOrder = []string{"number", "amount", "currency", "orders", "accounts", "from", "until", "format", "kit", "made", "before"}

func (a *Admin) approvalRow(c *call, x staff.Approval) (row approvalRow, err error) {
	t, zone := c.site.T, a.Shop.TimeZone
	row = approvalRow{ID: x.ID.String(), Seal: x.Seal, What: t(x.Key()), State: t("staff.approval_" + x.State.String()),
		Asked: c.site.P.DateTime(x.Asked.In(zone)), Open: x.State == staff.Waiting, Own: x.AskedBy == c.who().ID, Alone: x.Alone,
		CanReason: !x.Reason.IsZero() && c.who().May(access.ApproveDecide)}
	row.When = t("admin.until", "time", c.site.P.DateTime(x.Ends.In(zone)))
	if x.Alone {
		row.When = t("admin.happens", "time", c.site.P.DateTime(x.Ready.In(zone)))
	}
	for _, k := range factOrder {
		if v := x.Facts[k]; v != "" {
			row.Facts = append(row.Facts, pair{t("letters.staff.fact_" + k), v})
		}
	}
	row.By, err = a.Staff.Called(c.r.Context(), x.AskedBy)
	return row, err
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
