package setup

import (
	"context"
	"fmt"
	"strings"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// keptSecrets is how many notice secrets are believed: the new one, and the old one while the provider changes over.
const keptSecrets = 2

// Subscribe has the store register its notice address at the provider.
func (s *Service) Subscribe(ctx context.Context, who access.Actor, v id.ID) (p Provider, err error) {
	defer fault.Wrap(&err, "payment: register notices")
	if err := s.allow(ctx, who, "payment.notices", v); err != nil {
		return p, err
	}
	if p, err = s.get(ctx, v); err != nil {
		return p, err
	}
	g, _, err := s.build(p)
	if err != nil {
		return p, fault.New(fault.Conflict, "provider.problem_form").Because(err)
	}
	sub, ok := g.(payment.Subscriber)
	if !ok || p.State == Draft {
		return p, fault.New(fault.Conflict, "provider.notice_by_hand")
	}
	if s.d.Held(ctx) {
		return p, fault.New(fault.Conflict, "provider.problem_held")
	}
	cctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	got, err := sub.Subscribe(cctx, fmt.Sprintf("%s-notices-%d", p.ID, p.changes), s.NoticeAddress(p.Name))
	switch {
	case err != nil && payment.Final(err):
		return p, fault.New(fault.Conflict, "provider.notice_refused").Because(err)
	case err != nil:
		return p, fault.New(fault.Unavailable, "provider.problem_away").Because(err)
	}
	p.Notice, p.NoticeRef = NoticeRegistered, got.Ref
	return s.putNotice(ctx, who, p, got.Secret)
}

// PutNotice takes the secret that the provider's own desk shows after the address was entered there by hand, and where
// the provider wants it the name of the address.
func (s *Service) PutNotice(ctx context.Context, who access.Actor, v id.ID, secret, ref string) (p Provider, err error) {
	defer fault.Wrap(&err, "payment: notice secret")
	if err := s.allow(ctx, who, "payment.notices", v); err != nil {
		return p, err
	}
	if p, err = s.get(ctx, v); err != nil {
		return p, err
	}
	secret, ref = strings.Join(strings.Fields(secret), ""), strings.TrimSpace(ref)
	switch {
	case secret == "" && ref == "":
		err = fault.New(fault.Invalid, "provider.keys_invalid").WithField("secret", "provider.field_missing", nil)
	case len(secret) > maxField || !printable(secret, true) || secret != "" && len(secret) < 16:
		err = fault.New(fault.Invalid, "provider.keys_invalid").WithField("secret", "provider.field_form", nil)
	case len(ref) > maxField || !printable(ref, true):
		err = fault.New(fault.Invalid, "provider.keys_invalid").WithField("ref", "provider.field_form", nil)
	}
	if err != nil {
		return p, err
	}
	p.Notice = NoticePasted
	if ref != "" {
		p.NoticeRef = ref
	}
	return s.putNotice(ctx, who, p, secret)
}

// putNotice keeps a new secret before the old ones.
func (s *Service) putNotice(ctx context.Context, who access.Actor, p Provider, secret string) (Provider, error) {
	old, err := s.secrets(p)
	if err != nil {
		return p, err
	}
	if secret != "" && (len(old) == 0 || old[0] != secret) {
		old = append([]string{secret}, old...)
	}
	if p.notice, err = s.seal(p.Name, "notices", old[:min(len(old), keptSecrets)]); err != nil {
		return p, err
	}
	if _, _, err := s.build(p); err != nil { // the engine knows what its secrets look like
		field := "secret"
		if s.d.Makers[p.Name].NoticeByRef {
			field = "ref"
		}
		return p, fault.New(fault.Invalid, "provider.keys_invalid").WithField(field, "provider.field_form", nil).Because(err)
	}
	return s.change(ctx, p, func(tx *db.Tx, q *Provider) error {
		q.Notice, q.NoticeRef, q.notice, q.NoticeAt = p.Notice, p.NoticeRef, p.notice, tx.Now()
		return s.record(tx, who, "payment.notices", *q, audit.Fact{Key: "how", Text: q.Notice})
	})
}

func (s *Service) secrets(p Provider) (list []string, err error) {
	err = s.open(p.Name, "notices", p.notice, &list)
	return list, err
}

// change makes one guarded change of a provider and has all processes see it.
func (s *Service) change(ctx context.Context, p Provider, how func(tx *db.Tx, q *Provider) error) (Provider, error) {
	err := s.d.DB.Write(ctx, func(tx *db.Tx) error {
		q, err := byID(tx, p.ID)
		if err == nil && q.changes != p.changes {
			err = errChanged()
		}
		if err == nil {
			err = how(tx, &q)
		}
		if err != nil {
			return err
		}
		p, err = update(tx, q)
		return err
	})
	if err != nil {
		return p, err
	}
	return s.shown(p), s.Refresh(ctx)
}
