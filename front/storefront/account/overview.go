package account

import (
	"net/http"

	"strongroom/front/parts"
	"strongroom/guard/identity"
	"strongroom/shop/order"
)

// overview is the first page of an account: who, how safe, and the way to everything else.
func (x *visit) overview() error {
	if x.sess.Level == identity.Enrolling {
		return x.redirect("/account/begin")
	}
	head, err := x.page("account.overview", "/account")
	if err != nil {
		return err
	}
	t := head.T
	if x.r.URL.Query().Get("done") == "begun" {
		head.Notice = t("account.begun")
	}
	if x.r.URL.Query().Get("only") == "look" {
		head.Notice = t("identity.limited")
	}
	p := &overviewPage{page: head, Who: x.acc.Email.Mask(), Lead: t("account.overview_lead"), Limited: x.sess.Level == identity.Limited}
	if p.Limited {
		return x.send(http.StatusOK, overviewView(p))
	}
	found, err := x.Identity.CheckUp(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	p.Grade, p.Sentence = sentence(head, found)
	running, err := x.Identity.Recovery(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	if running.Running {
		p.Alarm = parts.Link{Text: t("account.recovery_banner_go"), Href: head.To("/account/recovery")}
	}
	if err := x.cards(p); err != nil {
		return err
	}
	return x.send(http.StatusOK, overviewView(p))
}

// sentence is the one that stands on top of the check-up.
func sentence(p *page, found []identity.Finding) (grade, text string) {
	missing, advice := 0, 0
	for _, f := range found {
		switch f.State {
		case identity.Missing:
			missing++
		case identity.Advice:
			advice++
		}
	}
	switch {
	case missing > 0:
		return "missing", p.T("account.sentence_missing", "n", missing)
	case advice > 0:
		return "advice", p.T("account.sentence_advice", "n", advice)
	}
	return "good", p.T("account.sentence_good")
}

// cards are the rooms, each with a line about what is in it.
func (x *visit) cards(p *overviewPage) error {
	line := map[string]string{}
	list, err := x.Order.Own(x.r.Context(), x.actor(), order.Place{})
	if err != nil {
		return err
	}
	if len(list.Orders) > 0 {
		o := list.Orders[0]
		line["orders"] = p.T("account.card_orders_last", "number", o.Number, "date", p.P.Date(x.local(o.PlacedAt)), "state", standing(p.page, o))
	}
	book, err := x.Shopper.Addresses(x.r.Context(), x.owner())
	if err != nil {
		return err
	}
	if len(book) > 0 {
		line["addresses"] = p.T("account.card_addresses_n", "n", len(book))
	}
	for _, g := range menu {
		group := cardGroup{Heading: p.T(g.heading)}
		for _, room := range g.rooms {
			text := line[room]
			if text == "" {
				text = p.T("account.card_" + room)
			}
			group.Cards = append(group.Cards, card{p.T("account." + room), text, p.To("/account/" + room)})
		}
		p.Groups = append(p.Groups, group)
	}
	return nil
}
