package payment

import (
	"context"
	"errors"
	"net/http"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/audit"
)

// Notice takes in a provider's message. When it returns nil the message is durably known: it has been acted upon, or a
// job will. It is a hint only: what counts is what the provider says when it is asked in return.
func (s *Service) Notice(ctx context.Context, provider string, header http.Header, body []byte) (err error) {
	defer fault.Wrap(&err, "payment: notice")
	list := s.called(provider)
	if len(list) == 0 {
		return fault.New(fault.NotFound, "payment.provider_unknown")
	}
	n, err := s.genuine(ctx, list, header, body)
	if err != nil && !errors.Is(err, ErrNotice) {
		return told(err) // the provider that was to say whether it is genuine did not: it comes again
	}
	if err != nil {
		s.audit.Refuse(ctx, audit.Entry{Actor: access.Provider(provider), Action: "payment.notice", Object: "provider",
			Reason: "not_genuine", Outcome: audit.Refused})
		return fault.New(fault.Malformed, "payment.notice_refused").Because(ErrNotice)
	}
	return s.heard(ctx, provider, n)
}

// genuine has the gateways of a name verify a notice. Where a provider is there with two accounts, each believes its own
// notices only.
func (s *Service) genuine(ctx context.Context, list []Gateway, header http.Header, body []byte) (Notice, error) {
	refusal := ErrNotice
	for _, g := range list {
		n, err := g.ParseNotice(ctx, s.db.Clock().Now(), header, body)
		if d := g.Describe(); err == nil && n.Account == d.Account && n.Mode == d.Mode && n.ID != "" && len(n.ID) <= 200 {
			return n, nil
		}
		if err != nil && !errors.Is(err, ErrNotice) {
			refusal = err // it may be genuine, and cannot be verified now
		}
	}
	return Notice{}, refusal
}

// heard deals with a genuine notice: once, whatever its order among others.
func (s *Service) heard(ctx context.Context, provider string, n Notice) error {
	var p Payment
	var ours, known bool
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if known, _, err = noticeState(tx, provider, n.ID); err != nil || known {
			return err
		}
		if p, ours, err = byNotice(tx, provider, n); err != nil || ours {
			return err
		}
		if v, ok := s.openingAs(n.Ref); ok {
			p, err = s.GetTx(tx, v)
			ours = err == nil && p.Provider == provider
		}
		return err
	})
	if err != nil || known {
		return err
	}
	if n.Dispute != "" {
		return s.heardDispute(ctx, provider, n, p)
	}
	if !ours || !askable(p) {
		return s.keepNotice(ctx, provider, n, p.ID)
	}
	return s.follow(ctx, p, n)
}

func (s *Service) keepNotice(ctx context.Context, provider string, n Notice, payment id.ID) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := insertNotice(tx, provider, n, payment, true)
		return err
	})
}

// follow asks the provider and settles its answer in the transaction that also marks the notice. If the provider does
// not answer in time, the notice is kept with a job.
func (s *Service) follow(ctx context.Context, p Payment, n Notice) error {
	ses, err := s.sessionOf(ctx, p)
	if err != nil {
		return s.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
			fresh, err := insertNotice(tx, p.Provider, n, p.ID, false)
			if err != nil || !fresh {
				return err
			}
			_, err = s.jobs.Enqueue(tx, job.Job{Kind: "payment.notice", Key: p.Provider + "/" + n.ID,
				Args: noticeArgs{p.ID, p.Provider, n.ID}})
			return err
		})
	}
	q, err := s.write(ctx, func(tx *db.Tx) (Payment, error) {
		fresh, err := insertNotice(tx, p.Provider, n, p.ID, true)
		if err != nil || !fresh {
			return p, err
		}
		return s.apply(tx, p, ses, "notice")
	})
	if err != nil || q.State != Open {
		return err
	}
	return s.watch(ctx, q, ses)
}

// sessionOf asks for the payment's session by the name that we know it by, never by the name in a notice. A provider
// answers a repeated start with what it said the first time, so that the session is then asked for once more.
func (s *Service) sessionOf(ctx context.Context, p Payment) (ses Session, err error) {
	if p = s.current(p); p.Ref == "" {
		if ses, err = s.askStart(ctx, p, callLimit); err != nil || disagree(p, ses) != "" || ses.Status != StatusOpen {
			return ses, err
		}
		p.Ref = ses.Ref
	}
	return s.fetch(ctx, p, callLimit)
}

type noticeArgs struct {
	Payment  id.ID
	Provider string
	Event    string
}

// lateNotice is the job of a notice whose question was not answered in time.
func (s *Service) lateNotice(ctx context.Context, a noticeArgs) error {
	p, err := s.Get(ctx, a.Payment)
	if err == nil && askable(p) {
		_, err = s.ask(ctx, p, "notice", jobLimit)
	}
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return finishNotice(tx, a.Provider, a.Event) })
}
