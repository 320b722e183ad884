package account

import (
	"net/http"
	"strings"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// checkShow is the security check-up: one sentence on top, then each finding with how it is known and its fix beside it.
func (x *visit) checkShow() error {
	p, _, err := x.room("check", nil)
	if err != nil {
		return err
	}
	found, err := x.Identity.CheckUp(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	p.Grade, p.Lead = sentence(p.page, found)
	var s section
	for _, f := range found {
		class := map[identity.FindingState]string{identity.Good: "good", identity.Advice: "advice", identity.Missing: "missing"}[f.State]
		row := finding{Class: class, Name: p.T("identity.check_" + f.Key), How: p.T("account.state_"+class) + " " + p.T("identity.how_"+f.How)}
		if f.State != identity.Good && isTo(f.Fix) {
			row.Fix = parts.Link{Text: p.T("account." + f.Fix), Href: p.To(pathOf(f.Fix))}
		}
		s.Findings = append(s.Findings, row)
	}
	p.Sections = []section{s}
	return x.send(http.StatusOK, roomView(p))
}

// devicesShow lists the browsers that are signed in.
func (x *visit) devicesShow() error { return x.devicesPage(nil) }

func (x *visit) devicesPage(wrong error) error {
	p, status, err := x.room("devices", wrong)
	if err != nil {
		return err
	}
	devices, err := x.Identity.Devices(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	t := p.T
	var s section
	for _, d := range devices {
		row := thing{Name: p.device(d.Label), Text: t("account.device_seen", "first", p.P.Date(x.local(d.FirstAt)), "last", p.P.DateTime(x.local(d.LastAt)))}
		switch {
		case d.Current:
			row.Mark = t("account.device_here")
		default:
			row.Acts = []form{{Action: "/account/devices/out", Button: t("account.device_out", "name", row.Name), Quiet: true, Hidden: []pair{{"device", d.ID.String()}}}}
		}
		s.Things = append(s.Things, row)
	}
	p.Sections = []section{s, {Heading: t("account.everywhere"), Text: t("account.everywhere_text"),
		Form: &form{Action: "/account/devices/everywhere", Button: t("account.everywhere_go"), Plain: true}}}
	return x.send(status, roomView(p))
}

func (x *visit) deviceOut() error {
	return x.change(x.devicesPage, "/account/devices?done=out", func(f *web.Form) error {
		device, err := f.ID("device")
		if err != nil {
			return err
		}
		return x.Identity.SignOutDevice(x.r.Context(), x.sess, device, x.v)
	})
}

func (x *visit) outEverywhere() error {
	return x.change(x.devicesPage, "/account/devices?done=everywhere", func(*web.Form) error {
		token, err := x.Identity.SignOutEverywhere(x.r.Context(), x.sess, x.v)
		if err == nil {
			sessionCookie.Set(x.w, token.Clear())
		}
		return err
	})
}

// wordsShow is the page of the words that stand in every mail.
func (x *visit) wordsShow() error { return x.wordsPage("", nil) }

func (x *visit) wordsPage(typed string, wrong error) error {
	p, status, err := x.room("words", wrong)
	if err != nil {
		return err
	}
	words, has, err := x.Identity.Words(x.r.Context(), x.acc.Subject)
	if err != nil {
		return err
	}
	if wrong == nil {
		typed = words
	}
	t := p.T
	field := p.field(parts.Field{Name: "words", Label: t("account.words_label"), Hint: t("account.words_hint"), Max: 60, Fill: "off", Optional: true, Value: typed})
	s := section{Form: &form{Action: "/account/words", Button: t("account.words_set"), Fields: []parts.Field{field}}}
	example := section{Heading: t("account.words_example"), Text: t("account.words_example_text"), Mail: &mailTop{Shop: x.Shop.Name, Title: t("account.words_mail"), Text: t("account.words_mail_text"),
		Words: t("letters.words", "words", words)}}
	if !has {
		example.Mail.Words = t("letters.words", "words", t("account.words_sample"))
	}
	p.Sections = []section{example, s}
	return x.send(status, roomView(p))
}

func (x *visit) wordsSet() error {
	typed := ""
	show := func(wrong error) error { return x.wordsPage(typed, wrong) }
	return x.change(show, "/account/words?done=set", func(f *web.Form) error {
		typed = f.Typed("words")
		words := f.Text("words", 60)
		if err := f.Err(); err != nil {
			return err
		}
		return x.Identity.SetWords(x.r.Context(), x.sess, words, x.v)
	})
}

// emailShow is the page of the address: a new one counts once both mailboxes have agreed.
func (x *visit) emailShow() error { return x.emailPage("", "", nil) }

func (x *visit) emailPage(typed, code string, wrong error) error {
	p, status, err := x.room("email", wrong)
	if err != nil {
		return err
	}
	next, waits, err := x.Identity.PendingEmail(x.r.Context(), x.sess)
	if err != nil {
		return err
	}
	t := p.T
	p.Lead = t("account.email_lead", "email", x.acc.Email.Mask())
	if waits || code != "" {
		p.Alone = p.Alone || code != ""
		p.Sections = append(p.Sections, section{Heading: t("account.email_waits"), Text: t("account.email_waits_text", "email", next.Mask()), Code: code,
			Form: &form{Action: "/account/email/cancel", Button: t("account.email_cancel"), Plain: true}})
	}
	field := p.field(parts.Field{Name: "email", Label: t("account.email_new"), Type: "email", Fill: "email", Max: 254, Value: typed})
	p.Sections = append(p.Sections, section{Form: &form{Action: "/account/email", Button: t("account.email_change"), Fields: []parts.Field{field}, Plain: waits}})
	return x.send(status, roomView(p))
}

func (x *visit) emailSet() error {
	f, err := x.form()
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(f.Typed("email"))
	step, err := x.Identity.ChangeEmail(x.r.Context(), x.sess, vault.Typed(typed), x.v)
	if err != nil {
		return x.emailPage(typed, "", err)
	}
	return x.emailPage("", step.Code, nil)
}

func (x *visit) emailCancel() error {
	show := func(wrong error) error { return x.emailPage("", "", wrong) }
	return x.change(show, "/account/email?done=cancelled", func(*web.Form) error {
		return x.Identity.CancelEmail(x.r.Context(), x.sess, x.v)
	})
}
