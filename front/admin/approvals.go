package admin

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/money"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/staff"
)

// approvalsPage is what waits for a second person, and what came of it.
type approvalsPage struct {
	*page
	Open []approvalRow
	Past []approvalRow
}

type approvalRow struct {
	ID, Seal, What, State, StateText string
	Asked, By, Ends, Ready           string
	Decided                          string // who decided, and when
	Facts                            []detail
	Own                              bool // the reader's own wish: she can take it back, and not agree to it
	Alone                            bool // there was nobody to ask
	CanReason                        bool
	Reason                           string // in clear, after a look
	MayDecide                        bool
}

// detail is one detail of an act in words, with the page that it is about.
type detail struct{ Name, Text, Href string }

func (a *Admin) approvalsShow(c *call) error { return a.showApprovals(c, http.StatusOK, nil, nil) }

// approvalReason shows the asker's words to who may decide. It is a look, and stands in the log.
func (a *Admin) approvalReason(c *call) error {
	request, err := c.form.ID("request")
	if err != nil {
		return err
	}
	reason, err := a.Staff.ReasonOf(c.r.Context(), c.who(), request)
	if err != nil {
		return err
	}
	return a.showApprovals(c, http.StatusOK, nil, map[id.ID]string{request: reason})
}

// showApprovals lists what was asked for, with reasons in clear that were just looked at.
func (a *Admin) showApprovals(c *call, status int, wrong error, reasons map[id.ID]string) error {
	list, err := a.Staff.Approvals(c.r.Context(), c.who(), 0)
	if err != nil {
		return err
	}
	p := &approvalsPage{page: a.page(c, c.site.T("admin.approvals"))}
	p.Notice = done(c)
	if wrong != nil {
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	}
	for _, x := range list {
		row, err := a.approvalRow(c, x)
		if err != nil {
			return err
		}
		if row.Reason = reasons[x.ID]; row.Reason != "" {
			row.CanReason = false
		}
		if x.State == staff.Waiting {
			p.Open = append(p.Open, row)
		} else {
			p.Past = append(p.Past, row)
		}
	}
	p.Past = p.Past[:min(len(p.Past), 20)]
	return a.show(c, status, approvalsView(p))
}

func (a *Admin) approvalRow(c *call, x staff.Approval) (row approvalRow, err error) {
	ctx, t := c.r.Context(), c.site.T
	row = approvalRow{ID: x.ID.String(), Seal: x.Seal, What: t(x.Key()), State: x.State.String(), StateText: t("staff.approval_" + x.State.String()),
		Asked: a.when(c, x.Asked), Ends: a.when(c, x.Ends), Ready: a.when(c, x.Ready), Own: x.AskedBy == c.who().ID, Alone: x.Alone,
		MayDecide: c.who().May(access.ApproveDecide)}
	row.CanReason = row.MayDecide && !x.Reason.IsZero()
	if row.By, err = a.Staff.Called(ctx, x.AskedBy); err != nil {
		return row, err
	}
	if !x.DecidedBy.IsZero() {
		name, err := a.Staff.Called(ctx, x.DecidedBy)
		if err != nil {
			return row, err
		}
		row.Decided = t("admin.decided_by", "name", name, "time", a.when(c, x.Decided))
	}
	row.Facts = factsOf(c.site, x)
	if x.Object == "staff" {
		name, err := a.Staff.Called(ctx, x.ObjectID)
		if err != nil {
			return row, err
		}
		row.Facts = append(row.Facts, detail{t("admin.ask_name"), name, "/staff/" + x.ObjectID.String()})
	}
	return row, nil
}

// factsOf says in words what an act is about: the order with the way to it, the sum as money.
func factsOf(s *parts.Site, x staff.Approval) (out []detail) {
	for _, k := range slices.Sorted(maps.Keys(x.Facts)) {
		v := x.Facts[k]
		switch k {
		case "currency": // stands with its amount
		case "number":
			out = append(out, detail{s.T("admin.ask_number"), v, "/orders/" + v})
		case "amount":
			currency := money.Currency(x.Facts["currency"])
			if n, err := money.Parse(v, currency); err == nil {
				v = s.P.Money(n, currency)
			}
			out = append(out, detail{s.T("admin.ask_amount"), v, ""})
		case "format":
			if s.P.Has("admin.form_" + v) {
				v = s.T("admin.form_" + v)
			}
			out = append(out, detail{s.T("admin.ask_format"), v, ""})
		default:
			if day, err := time.Parse(time.DateOnly, v); err == nil {
				v = s.P.Date(day)
			}
			if s.P.Has("admin.ask_" + k) {
				k = s.T("admin.ask_" + k)
			}
			out = append(out, detail{k, v, ""})
		}
	}
	return out
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
	if fault.Is(err, fault.Conflict) || isKey(err, "staff.own_request") || isKey(err, "staff.not_decider") {
		return a.showApprovals(c, http.StatusConflict, err, nil)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/approvals?done=decided")
}
