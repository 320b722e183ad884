package letters

import (
	"context"
	"errors"

	"strongroom/base/clock"
	"strongroom/base/job"
	"strongroom/base/mail"
	"strongroom/shop/fraud"
)

// sendStrict is the handler of the mails that tell the owner that strict times began or ended.
func (l *Writer) sendStrict(ctx context.Context, r job.Run, a fraud.AlarmLetter) error {
	m, err := l.Strict(a)
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), "fraud_alarm"
	if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
		return job.Permanent(err)
	}
	return err
}

// Strict is the mail about card testing: what happened, what the store did by itself, what there is to do.
func (l *Writer) Strict(a fraud.AlarmLetter) (mail.Message, error) {
	key := "fraud.calm"
	if a.Strict {
		key = "fraud.strict"
	}
	t, p := l.begin(l.d.Shop.DefaultLanguage, key)
	t.Preview = p.T("letters."+key+".intro", "date", p.DateTime(clock.FromMicros(a.At).In(l.d.Shop.TimeZone)), "n", p.Number(a.Bad))
	t.para(t.Preview)
	t.para(p.T("letters." + key + ".done"))
	t.para(p.T("letters." + key + ".do"))
	return l.message(t, l.d.Shop.OwnerEmail, "")
}
