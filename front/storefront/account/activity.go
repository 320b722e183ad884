package account

import (
	"net/http"
	"slices"
	"time"

	"strongroom/base/id"
	"strongroom/front/parts"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
	"strongroom/shop/order"
)

const (
	mostActs   = 60  // of one's own that are shown
	mostLooked = 100 // orders whose looks one page shows; an older page has the next
)

// activityShow tells what was done in the account, and which kinds of staff looked at what is in it, and why. Who
// exactly it was, nobody is told.
func (x *visit) activityShow() error {
	p, _, err := x.room("activity", nil)
	if err != nil {
		return err
	}
	after := id.ParseNumber(x.r.URL.Query().Get("after"))
	looks, next, err := x.looks(p.page, after)
	if err != nil {
		return err
	}
	t := p.T
	seen := section{Heading: t("account.looks"), Text: t("account.looks_text"), Things: looks}
	if len(looks) == 0 {
		seen.Text = t("account.looks_none")
	}
	if next != "" {
		seen.More = &parts.Link{Text: t("account.looks_older"), Href: p.To("/account/activity?after=" + next)}
	}
	if after != "" { // the rest of this page belongs to the first one
		p.Sections = []section{seen, {Go: &parts.Link{Text: t("account.looks_newest"), Href: p.To("/account/activity")}, GoPlain: true}}
		return x.send(http.StatusOK, roomView(p))
	}
	acts, err := x.Identity.Activity(x.r.Context(), x.sess, mostActs)
	if err != nil {
		return err
	}
	own := section{Heading: t("account.acts"), Text: t("account.acts_text")}
	for _, a := range acts {
		if p.P.Has("account.act_" + a.What) {
			own.Things = append(own.Things, p.act(x, a))
		}
	}
	p.Sections = []section{seen, own}
	return x.send(http.StatusOK, roomView(p))
}

// act is a line about something done in the account.
func (p *page) act(x *visit, a identity.Act) thing {
	row := thing{Name: p.T("account.act_" + a.What), Text: p.P.DateTime(x.local(a.At))}
	if a.Method != 0 {
		row.Text += " · " + p.T("identity.method_"+a.Method.String())
	}
	if a.Refused {
		row.Mark, row.Bad = p.T("account.act_refused"), true
	}
	return row
}

// glance is what staff saw on a day.
type glance struct {
	at    time.Time
	thing thing
}

// looks are those at the account and at its newest orders, or at those that follow the order of a number; the newest
// first. next is the number that the following page begins after, empty at the end.
func (x *visit) looks(p *page, after string) (out []thing, next string, err error) {
	var list []glance
	if after == "" {
		if list, err = x.looksAt(p, x.acc.Subject, p.T("account.look_account"), nil); err != nil {
			return nil, "", err
		}
	}
	at := order.Place{After: after}
	for n := 0; n < mostLooked; {
		orders, err := x.Order.Own(x.r.Context(), x.actor(), at)
		if err != nil {
			return nil, "", err
		}
		for _, o := range orders.Orders {
			if list, err = x.looksAt(p, o.Subject, p.T("account.look_order", "number", o.Number), list); err != nil {
				return nil, "", err
			}
		}
		n += len(orders.Orders)
		if at, next = orders.Next, orders.Next.After; next == "" {
			break
		}
	}
	slices.SortStableFunc(list, func(a, b glance) int { return b.at.Compare(a.at) })
	for _, l := range list {
		out = append(out, l.thing)
	}
	return out, next, nil
}

func (x *visit) looksAt(p *page, subject id.ID, what string, list []glance) ([]glance, error) {
	handle, err := x.Vault.AuditHandle(x.r.Context(), subject)
	if vault.Erased(err) {
		return list, nil // what is gone was seen by nobody that could be told
	}
	if err != nil {
		return nil, err
	}
	zone := x.Shop.TimeZone
	if zone == nil {
		zone = time.UTC
	}
	seen, err := x.Staff.LooksAt(x.r.Context(), handle, zone)
	for _, l := range seen {
		row := thing{Name: p.T("account.look_who", "who", p.T(l.Role), "what", what),
			Text: p.T("account.look_why", "why", p.T(l.Reason), "date", p.P.Date(l.At))}
		if l.Times > 1 {
			row.Text += " · " + p.T("account.look_times", "n", l.Times)
		}
		list = append(list, glance{l.At, row})
	}
	return list, err
}
