package admin

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"strongroom/front/parts"
	"strongroom/shop/order"
)

func itoa(n int) string { return strconv.Itoa(n) }

// current marks the place where the reader is.
func current(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func kindOf(f parts.Field) string {
	if f.Type != "" {
		return f.Type
	}
	return "text"
}

// addressOf are the lines of an address that say something.
func addressOf(r order.Recipient) (out []string) {
	for _, l := range []string{r.Name, r.Company, r.Street, r.Line2, strings.TrimSpace(r.Postcode + " " + r.City), r.Region, r.Country} {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

func carrierOf(p *orderPage, word string) string {
	if word == "" {
		return p.T("admin.picked_up")
	}
	return p.T("order.carrier_" + word)
}

// piecesOf is what stands in a field of pieces: what was typed, or what is left to send.
func (p *orderPage) piecesOf(form string, l order.Line) string {
	if p.Open == form {
		return p.Typed.Typed("n." + itoa(l.Position))
	}
	if form != "ship" {
		return "0"
	}
	done := p.Desk.Progress[l.Position]
	return strconv.FormatInt(max(l.Quantity-max(done.Sent, done.Refunded), 0), 10)
}

// actorText says who did something, without saying which person: "staff, fulfilment".
func actorText(s *parts.Site, actor string) string {
	kind, name, _ := strings.Cut(actor, ":")
	if !s.P.Has("admin.by_" + kind) {
		return ""
	}
	text := s.T("admin.by_" + kind)
	if role, _, _ := strings.Cut(name, ":"); kind == "staff" && s.P.Has("access.role_"+role) {
		text = s.T("access.role_" + role)
	}
	return text
}

// OptionNames are the names of what the variants of a product differ by, as one text.
func (p *productPage) OptionNames() string { return strings.Join(p.Options, ", ") }

// linesID is the id of the pieces of a form: the one that is folded out is what the summary of problems leads to.
func (p *orderPage) linesID(form string) string {
	if p.Open == form || p.Open == "" && form == "ship" {
		return "f-lines"
	}
	return "f-lines-" + form
}
