package letters

import (
	"context"
	"errors"

	"strongroom/base/clock"
	"strongroom/base/job"
	"strongroom/base/mail"
	"strongroom/guard/identity"
)

// sendAlarm is the handler of the mails that tell the owner of an attack.
func (l *Writer) sendAlarm(ctx context.Context, r job.Run, a identity.AlarmLetter) error {
	m, err := l.Alarm(a)
	if err != nil {
		return err
	}
	m.ID, m.Kind = r.ID.String(), "alarm"
	if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
		return job.Permanent(err)
	}
	return err
}

// Alarm is the mail about an attack on the accounts: what happens, what the store does by itself, what its owner can do.
func (l *Writer) Alarm(a identity.AlarmLetter) (mail.Message, error) {
	key := "alarm." + string(a.Alarm)
	t, p := l.begin(l.d.Shop.DefaultLanguage, key)
	t.Preview = p.T("letters."+key+".intro", "date", p.DateTime(clock.FromMicros(a.At).In(l.d.Shop.TimeZone)))
	t.para(t.Preview)
	t.para(p.T("letters." + key + ".done"))
	t.para(p.T("letters." + key + ".do"))
	return l.message(t, l.d.Shop.OwnerEmail, "")
}
