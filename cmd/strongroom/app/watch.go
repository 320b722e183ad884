package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"strongroom/base/fault"
	"strongroom/front/admin"
	"strongroom/front/look"
	"strongroom/front/storefront"
	"strongroom/guard/access"
	"strongroom/guard/pagewatch"
	"strongroom/guard/safety"
)

// Watching says how the pages around payment are looked at from outside.
type Watching struct {
	CA  string // PEM file of an authority to believe for the shop's own address; "" for the system's
	Off bool   // nobody looks by itself
}

// watching says whether the store looks by itself.
func (s *Store) watching() bool { return s.c.Watching != nil && !s.c.Watching.Off }

// openFront makes the storefront once, and the watch that compares its pages with its inventory.
func (s *Store) openFront(context.Context) (err error) {
	if s.front != nil {
		return nil
	}
	if s.assets, err = look.New(look.Colours{}); err != nil {
		return err
	}
	s.front, err = storefront.New(storefront.Deps{Shop: &s.c.Shop, Texts: s.Texts, Assets: s.assets, Catalog: s.Catalog, Cart: s.Cart,
		Delivery: s.Delivery, Order: s.Order, Providers: s.Payment.Providers, Transfer: s.instructions, Pages: s.Pages, Own: s.own(), Clock: s.c.Clock, Log: s.c.Log, CacheBytes: s.c.PageCache,
		MAC: func(b []byte) []byte { return s.Vault.Sign("storefront.form", b) }})
	if err != nil {
		return err
	}
	s.openSafety()
	return s.openWatch()
}

// openWatch makes the watch. It is registered to look by itself where the configuration wants it.
func (s *Store) openWatch() (err error) {
	way := http.RoundTripper(nil)
	if s.c.Watching != nil {
		way = trusting(s.c.Watching.CA)
	}
	s.Watch, err = pagewatch.New(pagewatch.Deps{DB: s.Data, Audit: s.Audit, Jobs: s.Jobs, Public: s.c.Shop.PublicURL, Way: way, Source: s.front.Around,
		Languages: s.c.Shop.Languages, Accepted: s.acceptedUntil, Held: s.held, Log: s.c.Log})
	if err == nil {
		err = errors.Join(s.Watch.Register(s.watching()), s.Letters.TellOwnerOfPages(s.Watch.Standing))
	}
	return err
}

// acceptedUntil are the ends of what somebody lives with.
func (s *Store) acceptedUntil(ctx context.Context) (map[string]time.Time, error) {
	all, err := s.Safety.Acceptances(ctx)
	out := make(map[string]time.Time, len(all))
	for subject, a := range all {
		out[subject] = a.Until
	}
	return out, err
}

// takers are the payment providers that are switched on, as the desk names them. A method of the shop's own has nobody
// who could attest anything.
func (s *Store) takers(ctx context.Context) (out []admin.Taker, err error) {
	known, err := s.Setup.List(ctx, access.Console())
	for _, p := range s.Payment.Providers() {
		if p.Offline {
			continue
		}
		t := admin.Taker{Name: p.Name, Label: p.Label, Origin: p.Origin}
		for _, k := range known {
			if k.Name == p.Name && k.Account == p.Account {
				t.ProofLink = k.ProofLink
				t.Proof, _ = time.Parse(time.DateOnly, k.ProofDay) // empty before it is written down
			}
		}
		out = append(out, t)
	}
	return out, err
}

// checkPages says what the watch over the pages around payment found.
func (s *Store) checkPages(ctx context.Context) (safety.Finding, error) {
	here := at("/safety/pages")
	if !s.watching() {
		return here(advice("off", "", nil))
	}
	st, err := s.Watch.Standing(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	differ, err := s.differing(ctx, st)
	if err != nil {
		return safety.Finding{}, err
	}
	switch {
	case differ > 0:
		return here(bad("differ", "", fault.Params{"n": differ}))
	case st.Blind >= pagewatch.Blind:
		return here(bad("unseen", "", fault.Params{"n": st.Blind}))
	case st.Last.ID.IsZero():
		return here(advice("never", "", nil))
	case s.c.Clock.Now().Sub(st.Last.At) > 3*pagewatch.Often:
		return here(bad("late", "", fault.Params{"day": st.Last.At.In(s.c.Shop.TimeZone).Format("2006-01-02 15:04")}))
	case st.Blind > 0:
		return here(advice("unseen", "", fault.Params{"n": st.Blind}))
	case st.Last.Short:
		return here(advice("short", "", nil))
	}
	return here(good("same", fault.Params{"n": st.Seen.Things}))
}

// differing counts what differs and nobody lives with.
func (s *Store) differing(ctx context.Context, st pagewatch.Standing) (n int, err error) {
	accepted, err := s.acceptedUntil(ctx)
	for _, d := range st.Open {
		if !s.c.Clock.Now().Before(accepted[pagewatch.Subject(d.Mark)]) {
			n++
		}
	}
	return n, err
}

// checkScan says when the shop was last scanned from outside by somebody else.
func (s *Store) checkScan(ctx context.Context) (safety.Finding, error) {
	here := at("/safety/questionnaire")
	list, err := s.Watch.Records(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	for _, r := range list {
		if r.Sort != pagewatch.Scan {
			continue
		}
		p := fault.Params{"day": r.Day.Format(time.DateOnly)}
		switch {
		case !r.Passed:
			return here(bad("failed", "", p))
		case r.Old(s.c.Clock.Now()):
			return here(advice("old", "", p))
		}
		return here(good("passed", p))
	}
	return here(advice("none", "", nil))
}

// checkAttestations says whether the attestation of every provider that is switched on was read within a year.
func (s *Store) checkAttestations(ctx context.Context) (safety.Finding, error) {
	here := at("/safety/questionnaire")
	list, err := s.Watch.Records(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	newest := map[string]pagewatch.Record{}
	for _, r := range list { // the newest first
		if _, known := newest[strings.ToLower(r.Subject)]; !known && r.Sort == pagewatch.Attestation {
			newest[strings.ToLower(r.Subject)] = r
		}
	}
	takers, err := s.takers(ctx)
	if err != nil {
		return safety.Finding{}, err
	}
	real, none, old := 0, 0, 0
	for _, p := range takers {
		if p.Name == "sandbox" || strings.HasPrefix(p.Name, "dune_") { // take no real money and attest nothing
			continue
		}
		real++
		r := newest[strings.ToLower(p.Name)]
		if p.Proof.After(r.Day) {
			r = pagewatch.Record{Sort: pagewatch.Attestation, Day: p.Proof}
		}
		switch {
		case r.Day.IsZero():
			none++
		case r.Old(s.c.Clock.Now()):
			old++
		}
	}
	switch {
	case real == 0 && len(takers) > 0:
		return here(good("sandbox", nil))
	case real == 0:
		return here(good("nobody", nil))
	case none > 0:
		return here(advice("none", "", fault.Params{"n": none}))
	case old > 0:
		return here(advice("old", "", fault.Params{"n": old}))
	}
	return here(good("kept", nil))
}

// LookAtPages looks at once, writes down what was found and tells the owner, as the regular look does.
func (s *Store) LookAtPages(ctx context.Context) (pagewatch.Result, error) {
	if s.c.Watching == nil {
		s.c.Watching = &Watching{}
	}
	if err := s.openFront(ctx); err != nil {
		return pagewatch.Result{}, err
	}
	return s.Watch.Look(ctx)
}

// SurveyPages looks at a shop's pages from a machine that has nothing of it.
func SurveyPages(ctx context.Context, shop storefront.Outline, ca string) (pagewatch.Result, error) {
	assets, err := look.New(look.Colours{})
	if err != nil {
		return pagewatch.Result{}, err
	}
	source, err := storefront.InventoryOf(shop, assets)
	if err != nil {
		return pagewatch.Result{}, err
	}
	return pagewatch.Survey(ctx, strings.TrimSuffix(shop.PublicURL, "/"), trusting(ca), source, []string{cmp.Or(shop.Language, "en")})
}
