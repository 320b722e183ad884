package letters

import (
	"context"
	"errors"

	"strongroom/base/clock"
	"strongroom/base/job"
	"strongroom/base/mail"
	"strongroom/shop/payment/setup"
)

// sendProvider is the handler of the mails that tell the owner of a change of whom the money goes to.
func (l *Writer) sendProvider(ctx context.Context, r job.Run, a setup.Letter) error {
	m, err := l.Provider(a)
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), "provider"
	if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
		return job.Permanent(err)
	}
	return err
}

// Provider is the mail about a payment provider: what was changed, when, and what to do if that was nobody of the shop.
func (l *Writer) Provider(a setup.Letter) (mail.Message, error) {
	key := "provider." + a.Kind
	t, p := l.begin(l.d.Shop.DefaultLanguage, key, "name", a.Label)
	t.Preview = p.T("letters."+key+".intro", "name", a.Label)
	t.para(t.Preview)
	rows := []row{{Label: p.T("letters.provider.mode"), Value: p.T("provider.mode_is_" + a.Mode)}}
	if a.Account != "" {
		rows = append(rows, row{Label: p.T("provider.account"), Value: a.Account})
	}
	t.facts(append(rows, row{Label: p.T("letters.provider.when"), Value: p.DateTime(clock.FromMicros(a.At).In(l.d.Shop.TimeZone))})...)
	if a.Problem != "" {
		t.para(p.T("provider.problem_"+a.Problem, "name", a.Label))
	}
	t.para(p.T("letters." + key + ".do"))
	if l.d.Shop.AdminURL != "" {
		t.button(p.T("letters.provider.go"), l.d.Shop.AdminURL+"/providers")
	}
	return l.message(t, l.d.Shop.OwnerEmail, "")
}
