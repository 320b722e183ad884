package account

import (
	"net/http"

	"strongroom/front/parts"
	"strongroom/guard/identity"
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
		p.Lead = t("account.limited_lead")
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
	for _, c := range [...]struct{ key, path string }{{"orders", "/account/orders"}, {"check", "/account/check"}, {"methods", "/account/methods"},
		{"devices", "/account/devices"}, {"activity", "/account/activity"}, {"email", "/account/email"}, {"words", "/account/words"}} {
		p.Cards = append(p.Cards, card{t("account." + c.key), t("account.card_" + c.key), head.To(c.path)})
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
