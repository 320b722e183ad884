package letters

import (
	"context"
	"strconv"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/shop/order"
	"strongroom/shop/post"
)

// sendBounce tells the owner of a mail that did not arrive. It names the order, and the buyer by a mask only.
func (l *Writer) sendBounce(ctx context.Context, r job.Run, a post.Told) error {
	b, err := l.d.Post.Get(ctx, a.Bounce)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := l.d.Orders.ForLetter(ctx, order.Letter{Kind: order.LetterOwnerOrder, Order: b.Order})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := l.message(l.ownerBounce(b, c), l.d.Shop.OwnerEmail, "")
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), "owner_bounce"
	return l.post(ctx, m, about{})
}

func (l *Writer) ownerBounce(b post.Bounce, c order.Content) letter {
	code := l.d.Shop.DefaultLanguage
	t, p := l.begin(code, "owner_bounce", "number", c.Number)
	key := "letters.owner_bounce.other"
	if b.Nobody {
		key = "letters.owner_bounce.nobody"
	}
	t.Preview = p.T(key, "number", c.Number)
	t.para(t.Preview)
	said := b.Status
	if b.Code > 0 {
		said = strings.TrimSpace(strconv.Itoa(b.Code) + " " + said)
	}
	rows := []row{{Label: p.T("letters.number"), Value: c.Number}, {Label: p.T("letters.owner_bounce.said"), Value: said},
		{Label: p.T("letters.owner_bounce.at"), Value: p.DateTime(b.At.In(l.d.Shop.TimeZone))}}
	for _, f := range c.Masks {
		if f.Name == "email" {
			rows = append(rows, row{Label: p.T("letters.owner_bounce.to"), Value: f.Text})
		}
	}
	t.facts(rows...)
	t.para(p.T("letters.owner_bounce.do", "number", c.Number))
	return t
}
