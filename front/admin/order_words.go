package admin

import (
	"strings"

	"strongroom/front/parts"
	"strongroom/shop/order"
)

// groupsOf puts the lines of an address together, in the order in which a letter has them: "delivery.city" belongs to
// "delivery".
func groupsOf(s *parts.Site, list []order.MaskedField) (out []fieldGroup) {
	byName := map[string]int{}
	for _, f := range list {
		group, field, both := strings.Cut(f.Name, ".")
		if !both {
			out = append(out, fieldGroup{s.T("order.field_" + f.Name), []string{f.Text}})
			continue
		}
		i, known := byName[group]
		if !known {
			i = len(out)
			byName[group] = i
			out = append(out, fieldGroup{Name: s.T("admin.group_" + group)})
		}
		lines := &out[i].Lines
		if field == "city" && len(*lines) > 0 {
			(*lines)[len(*lines)-1] += " " + f.Text // behind its postcode
			continue
		}
		*lines = append(*lines, f.Text)
	}
	return out
}

// lostOf is what was typed into a form that the order's new state no longer offers.
func lostOf(c *call, p *orderPage) (out []pair) {
	still := map[string]bool{"ship": p.Desk.CanShip, "capture": p.Desk.CanTake, "let_go": p.Desk.CanTake, "refund": p.Desk.CanRefund, "cancel": p.Desk.CanCancel || p.Desk.CanCallOff}
	if p.Open == "" || still[p.Open] {
		return nil
	}
	for name, key := range map[string]string{"tracking": "admin.tracking", "note": "admin.note", "cancel_note": "admin.note", "sum": "admin.refund_sum"} {
		if s := c.form.Typed(name); s != "" {
			out = append(out, pair{c.site.T(key), s})
		}
	}
	return out
}
