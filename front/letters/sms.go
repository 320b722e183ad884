package letters

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/base/sms"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// SMSDeps are what short messages stand on.
type SMSDeps struct {
	Identity *identity.Service
	Texts    *lang.Catalog
	SMS      sms.Sender // nil: nothing is sent, and the log says so
	Jobs     *job.Queue
	Shop     config.Shop
	Log      *slog.Logger // nil for silence
}

// SMSWriter writes short messages at the moment they are sent.
type SMSWriter struct{ d SMSDeps }

// NewSMS makes the writer and registers its job. A message is tried again for some minutes only: codes are void then.
func NewSMS(d SMSDeps) (*SMSWriter, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	w := &SMSWriter{d}
	err := job.HandleRun(d.Jobs, identity.SMSJob, job.Options{Outside: true, Attempts: 6}, w.send)
	if err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	return w, nil
}

func (w *SMSWriter) send(ctx context.Context, r job.Run, a identity.SMS) error {
	m, err := w.Write(ctx, a)
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound) || vault.Erased(err) {
		return nil // overtaken, or too late
	}
	if err != nil {
		return err
	}
	if w.d.SMS == nil {
		w.d.Log.WarnContext(ctx, "a short message is not sent: no provider is configured", "kind", m.Kind)
		return nil
	}
	m.ID, m.Again = r.ID.String(), r.Attempt > 1
	if err := w.d.SMS.Send(ctx, m); err != nil {
		if errors.Is(err, sms.ErrRefused) {
			return job.Permanent(err)
		}
		return err
	}
	return nil
}

// Write makes the message as it would be sent now.
func (w *SMSWriter) Write(ctx context.Context, a identity.SMS) (m sms.Message, err error) {
	defer fault.Wrap(&err, "letters: sms %s", a.Kind)
	c, err := w.d.Identity.ForSMS(ctx, a)
	if err != nil {
		return m, err
	}
	p := w.d.Texts.For(c.Language)
	shop := oneLine(w.d.Shop.Name, 30) // what a message costs grows with its length
	m = sms.Message{To: c.To, Kind: a.Kind.String()}
	switch a.Kind {
	case identity.SMSCode:
		m.Text = p.T("identity.sms_code", "code", c.Code, "shop", shop)
	case identity.SMSEnrol:
		m.Text = p.T("identity.sms_enrol", "code", c.Code, "shop", shop)
	default:
		what := "identity.sms_" + c.What
		if !p.Has(what) {
			what = "identity.sms_other"
		}
		m.Text = p.T("identity.sms_notice", "shop", shop, "what", p.T(what))
		if c.Link != "" {
			m.Link = c.Base + "/" + p.Code() + "/account/link/" + c.Link.Clear()
			m.Text = p.T("identity.sms_stop", "shop", shop, "what", p.T(what), "link", m.Link)
		}
	}
	return m, nil
}
