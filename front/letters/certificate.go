package letters

import (
	"context"
	"errors"
	"strconv"

	"strongroom/base/clock"
	"strongroom/base/job"
	"strongroom/base/mail"
	"strongroom/guard/certificate"
)

// Certificates tells how the certificate of one side of the store stands.
type Certificates func(ctx context.Context, face string) (certificate.Standing, certificate.Expiry)

// TellOwnerOfCertificates has the owner told when a certificate comes to its end.
func (l *Writer) TellOwnerOfCertificates(of Certificates) error {
	return job.HandleRun(l.d.Jobs, certificate.LetterKind, job.Options{Outside: true},
		func(ctx context.Context, r job.Run, a certificate.Letter) error {
			st, e := of(ctx, a.Face)
			if e.Ends.UnixMicro() != a.Ends {
				return nil // overtaken: another certificate is in use
			}
			m, err := l.Certificate(a, st)
			if err != nil {
				return err
			}
			m.ID, m.Kind = r.ID.String(), "certificate"
			if err = l.d.Mail.Send(ctx, m); errors.Is(err, mail.ErrRefused) {
				return job.Permanent(err)
			}
			return err
		})
}

// Certificate is the mail about a certificate that comes to its end: what happens, what the store did, what to do.
func (l *Writer) Certificate(a certificate.Letter, st certificate.Standing) (mail.Message, error) {
	code := l.d.Shop.DefaultLanguage
	ends := clock.FromMicros(a.Ends).In(l.d.Shop.TimeZone)
	t, p := l.begin(code, "certificate", "host", st.Host, "n", strconv.Itoa(a.Days), "date", l.d.Texts.For(code).Date(ends))
	t.Preview = p.T("letters.certificate.intro", "host", st.Host, "date", p.DateTime(ends))
	t.para(t.Preview)
	switch {
	case st.Failure != nil:
		t.para(p.T("letters.certificate.tried", "date", p.DateTime(st.Failure.At.In(l.d.Shop.TimeZone))))
		t.add(block{Kind: quote, Text: st.Failure.Words})
		t.para(p.T("letters.certificate.next", "date", p.DateTime(st.Next.In(l.d.Shop.TimeZone))))
	case st.Authority != "":
		t.para(p.T("letters.certificate.silent"))
	default:
		t.para(p.T("letters.certificate.files"))
	}
	t.para(p.T("letters.certificate.do"))
	return l.message(t, l.d.Shop.OwnerEmail, "")
}
