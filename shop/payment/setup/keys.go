package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/shop/payment"
)

// PutKeys takes what was pasted for a provider, seals it and tests it. Keys of an account that is there already take the
// place of the old ones if they pass the test. What could not be tested is kept as a draft, so that nobody pastes twice
// because a provider was slow. The returned provider says in Problem how the test went.
func (s *Service) PutKeys(ctx context.Context, who access.Actor, name string, typed map[string]string) (p Provider, err error) {
	defer fault.Wrap(&err, "payment: keys")
	if err := s.allow(ctx, who, "payment.keys", id.ID{}); err != nil {
		return p, err
	}
	m, ok := s.d.Makers[name]
	if !ok {
		return p, fault.New(fault.NotFound, "provider.unknown")
	}
	settings, err := read(m, typed, s.mode())
	if err == nil {
		err = s.form(m, settings)
	}
	if err != nil {
		return p, err
	}
	now := s.d.DB.Clock().Now()
	p = Provider{ID: id.New(now, nil), Name: name, Mode: s.mode(), State: Draft, Keys: shownOf(m, settings), Problem: ProblemAway, Made: now, Since: now}
	if p.settings, err = s.seal(name, "keys", settings); err != nil {
		return p, err
	}
	if p.notice, err = s.seal(name, "notices", []string{}); err != nil {
		return p, err
	}
	err = s.d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := dropDraft(tx, name); err != nil {
			return err
		}
		if err := insert(tx, p); err != nil {
			return err
		}
		return s.record(tx, who, "payment.keys", p)
	})
	if err != nil {
		return p, err
	}
	return s.test(ctx, who, p)
}

// read cleans what was typed. Spaces and line breaks come along with copying and are never part of a key.
func read(m payment.Maker, typed map[string]string, store payment.Mode) (map[string]string, error) {
	out := map[string]string{}
	bad := fault.New(fault.Invalid, "provider.keys_invalid")
	for _, f := range m.Fields {
		v := typed[f.Name]
		if f.Secret {
			v = strings.Join(strings.Fields(v), "")
		}
		v = strings.TrimSpace(v)
		longest := f.Max
		if longest == 0 {
			longest = maxField
		}
		if f.Choices != nil {
			v = strings.Join(strings.Fields(v), " ")
		}
		switch {
		case f.Choices != nil && !chosen(f, v):
			bad.WithField(f.Name, "provider.field_choice", nil)
		case v == "" && !f.Optional:
			bad.WithField(f.Name, "provider.field_missing", nil)
		case len(v) > longest || !printable(v, f.Secret):
			bad.WithField(f.Name, "provider.field_form", nil)
		}
		if v != "" {
			out[f.Name] = v
		}
	}
	if len(bad.Fields) == 0 && m.Check != nil {
		if field, key := m.Check(out, store); key != "" {
			bad.WithField(field, key, nil)
		}
	}
	if len(bad.Fields) > 0 {
		return nil, bad
	}
	return out, nil
}

// chosen says whether every word is one of the choices, once.
func chosen(f payment.Field, v string) bool {
	words := strings.Fields(v)
	for i, w := range words {
		if !slices.Contains(f.Choices, w) || slices.Contains(words[:i], w) {
			return false
		}
	}
	return true
}

// form has the engine look at the settings. What its makers found words for, who pasted reads.
func (s *Service) form(m payment.Maker, settings map[string]string) error {
	_, err := m.New(settings, payment.Env{Mode: s.mode(), Log: s.log})
	if err == nil || fault.Is(err, fault.Invalid) && len(fault.As(err).Fields) > 0 {
		return err
	}
	s.log.Info("pasted keys are of no form that the engine takes", "error", err)
	return fault.New(fault.Invalid, "provider.keys_invalid").WithField(m.Fields[0].Name, "provider.field_form", nil).Because(err)
}

// printable says whether a text is one that people see. Keys are plain ASCII.
func printable(v string, secret bool) bool {
	for _, c := range v {
		if c < 0x20 || c == 0x7f || secret && (c <= 0x20 || c > 0x7e) {
			return false
		}
	}
	return true
}

// shownOf is what may be shown of settings.
func shownOf(m payment.Maker, settings map[string]string) map[string]string {
	out := map[string]string{}
	for _, f := range m.Fields {
		if v := settings[f.Name]; v != "" && f.Secret {
			out[f.Name] = Tail(v)
		} else if v != "" {
			out[f.Name] = v
		}
	}
	return out
}

// TestKeys tests the keys of a provider once more.
func (s *Service) TestKeys(ctx context.Context, who access.Actor, v id.ID) (p Provider, err error) {
	defer fault.Wrap(&err, "payment: test keys")
	if err := s.allow(ctx, who, "payment.keys_test", v); err != nil {
		return p, err
	}
	if p, err = s.get(ctx, v); err != nil {
		return p, err
	}
	return s.test(ctx, who, p)
}

// found is what a test of keys found.
type found struct {
	report  payment.KeyReport
	known   bool // they are the keys of the account that the report names, and not only said to be
	skew    time.Duration
	problem string
}

// test asks the provider about the keys and writes down what it says.
func (s *Service) test(ctx context.Context, who access.Actor, p Provider) (Provider, error) {
	f := s.inspect(ctx, p)
	err := s.d.DB.Write(ctx, func(tx *db.Tx) error {
		q, err := byID(tx, p.ID)
		if err != nil {
			return err
		}
		if q.changes != p.changes {
			return errChanged()
		}
		q.Tested, q.Problem, q.Skew = tx.Now(), f.problem, f.skew
		if f.problem != ProblemAway && f.problem != ProblemHeld {
			q.Report = Report{Scopes: f.report.Scopes, Warnings: f.report.Warnings}
		}
		if q.State == Draft {
			q, err = s.adopt(tx, q, f)
		} else {
			q, err = update(tx, q)
		}
		if err != nil {
			return err
		}
		p = q
		return s.record(tx, who, "payment.keys_test", q, audit.Fact{Key: "problem", Text: q.Problem})
	})
	if err != nil {
		return p, err
	}
	return s.shown(p), s.Refresh(ctx)
}

// adopt makes a provider of a draft whose keys work: a new one, or the keys take the place of those of the same account.
// Keys that lack a right never replace keys that work, and keys of which nobody but who pasted them says whose they are
// replace none: the money would go to somebody else's account, and one person is enough for new keys.
func (s *Service) adopt(tx *db.Tx, q Provider, f found) (Provider, error) {
	works := f.problem == "" || f.problem == ProblemClock
	if !works && f.problem != ProblemScopes {
		return update(tx, q)
	}
	old, there, err := byAccount(tx, q.Name, q.Mode, f.report.Account)
	switch {
	case err != nil:
		return q, err
	case there && !works:
		return update(tx, q)
	case there && !f.known:
		q.Problem = ProblemWhose
		return update(tx, q)
	case there:
		old.settings, old.Keys, old.Report, old.Problem, old.Tested, old.Skew = q.settings, q.Keys, q.Report, q.Problem, q.Tested, q.Skew
		old.Title = f.report.Name
		if err := drop(tx, q.ID); err != nil {
			return q, err
		}
		if old.State == On {
			if err := s.tell(tx, "keys", old); err != nil {
				return q, err
			}
		}
		return update(tx, old)
	}
	q.Account, q.Title, q.State, q.Since = f.report.Account, f.report.Name, Testing, tx.Now()
	return update(tx, q)
}

// inspect asks the provider who it takes us for and what the keys may.
func (s *Service) inspect(ctx context.Context, p Provider) (f found) {
	if s.d.Held(ctx) {
		return found{problem: ProblemHeld}
	}
	g, w, err := s.build(p)
	if err != nil {
		s.log.Warn("a payment provider cannot be used as it is set up", "provider", p.Name, "error", err)
		return found{problem: ProblemForm}
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	if f.report, err = ask(ctx, g); err != nil {
		s.log.Info("the keys of a payment provider did not pass their test", "provider", p.Name, "error", err)
	}
	f.skew = w.skew()
	f.problem = judge(p, f, err)
	f.known = !f.report.Typed || p.State == Draft && s.recognises(ctx, g, p, f.report.Account)
	return f
}

// recognises says whether keys find what only those of an account can find: the last payment that came to it.
func (s *Service) recognises(ctx context.Context, g payment.Gateway, p Provider, account string) bool {
	ref, err := s.payments.LastRef(ctx, p.Name, account, p.Mode)
	if err != nil || ref == "" {
		return false
	}
	ses, err := g.Fetch(ctx, ref)
	return err == nil && ses.Ref == ref
}

// ask is Inspect, or what comes near it with an engine that cannot: asking for a session that does not exist.
func ask(ctx context.Context, g payment.Gateway) (payment.KeyReport, error) {
	if x, ok := g.(payment.Inspector); ok {
		return x.Inspect(ctx)
	}
	d := g.Describe()
	_, err := g.Fetch(ctx, "cs_none")
	if errors.Is(err, payment.ErrNotFound) {
		err = nil
	}
	return payment.KeyReport{Account: d.Account, Mode: d.Mode, Typed: true}, err
}

// judge puts a test into one word.
func judge(p Provider, f found, err error) string {
	switch {
	case errors.Is(err, payment.ErrMismatch):
		return ProblemMode
	case err != nil && payment.Final(err):
		return ProblemRejected
	case err != nil:
		return ProblemAway
	case f.report.Mode != p.Mode:
		return ProblemMode
	case f.report.Account == "" || len(f.report.Account) > 200:
		return ProblemRejected
	case p.Account != "" && f.report.Account != p.Account:
		return ProblemAccount
	case Report{Scopes: f.report.Scopes}.Lacks():
		return ProblemScopes
	case f.skew.Abs() > tooSkew:
		return ProblemClock
	}
	return ""
}

// InspectAll tests the keys of everything that is on. The owner is told when some stopped working: a key that was
// revoked at the provider shows before a shopper meets it. It is a daily job.
func (s *Service) InspectAll(ctx context.Context) error {
	var list []Provider
	if err := s.d.DB.Read(ctx, func(tx *db.Tx) (err error) { list, err = providers(tx); return err }); err != nil {
		return err
	}
	var errs []error
	for _, p := range list {
		if p.State != On || s.d.Makers[p.Name].Inside {
			continue
		}
		f := s.inspect(ctx, p)
		if f.problem == ProblemAway || f.problem == ProblemHeld {
			continue // says nothing about the keys
		}
		errs = append(errs, s.d.DB.Write(ctx, func(tx *db.Tx) error { return s.noted(tx, p, f) }))
	}
	return errors.Join(append(errs, s.Refresh(ctx))...)
}

func (s *Service) noted(tx *db.Tx, p Provider, f found) error {
	q, err := byID(tx, p.ID)
	if err != nil || q.changes != p.changes {
		return err // somebody is at it
	}
	before := q.Problem
	q.Tested, q.Problem, q.Skew = tx.Now(), f.problem, f.skew
	q.Report = Report{Scopes: f.report.Scopes, Warnings: f.report.Warnings}
	if q, err = update(tx, q); err != nil || f.problem == "" || f.problem == before {
		return err
	}
	if err := s.record(tx, access.System("payment"), "payment.keys_test", q, audit.Fact{Key: "problem", Text: f.problem}); err != nil {
		return err
	}
	return s.tell(tx, "broken", q)
}

// seal seals something of a provider. The label holds its maker's name, so that keys of one provider are never handed to
// another.
func (s *Service) seal(name, what string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.d.Vault.SealSecret("payment.provider."+name+"."+what, b)
}

func (s *Service) open(name, what string, sealed []byte, v any) error {
	b, err := s.d.Vault.OpenSecret("payment.provider."+name+"."+what, sealed)
	if err != nil {
		return fmt.Errorf("payment: the %s of %s cannot be opened: %w", what, name, err)
	}
	return json.Unmarshal(b, v)
}

// errChanged says that somebody else changed the provider meanwhile.
func errChanged() error { return fault.New(fault.Conflict, "provider.changed") }
