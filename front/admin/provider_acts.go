package admin

import (
	"context"
	"net/http"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/guard/access"
	"strongroom/shop/payment/setup"
)

// providerID is the provider of the address.
func providerID(c *call) (id.ID, error) {
	v, err := id.Parse(c.r.PathValue("provider"))
	if err != nil {
		return v, fault.New(fault.NotFound, "provider.unknown")
	}
	return v, nil
}

// onProvider carries an act out and goes back to the page, which says what came of it. What the services refuse with a
// reason stands on the page.
func (a *Admin) onProvider(c *call, word string, act func(ctx context.Context, who access.Actor, v id.ID) error) error {
	v, err := providerID(c)
	if err != nil {
		return err
	}
	err = act(c.r.Context(), c.who(), v)
	switch f := fault.As(err); {
	case err == nil:
		return web.Redirect(c.w, "/providers/"+v.String()+"?done="+word)
	case f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Unavailable):
		return a.showProvider(c, f.Kind.Status(), err)
	}
	return err
}

// keysTest asks the provider once more. A draft whose keys work by now has become another row.
func (a *Admin) keysTest(c *call) error {
	v, err := providerID(c)
	if err != nil {
		return err
	}
	x, err := a.Setup.TestKeys(c.r.Context(), c.who(), v)
	if fault.Is(err, fault.Conflict) {
		return a.showProvider(c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/providers/"+x.ID.String()+"?done=provider_tested")
}

func (a *Admin) noticesRegister(c *call) error {
	return a.onProvider(c, "provider_notices", func(ctx context.Context, who access.Actor, v id.ID) error {
		_, err := a.Setup.Subscribe(ctx, who, v)
		return err
	})
}

func (a *Admin) noticesPut(c *call) error {
	return a.onProvider(c, "provider_notices", func(ctx context.Context, who access.Actor, v id.ID) error {
		_, err := a.Setup.PutNotice(ctx, who, v, c.form.Typed(pasted+"secret"), c.form.Typed("ref"))
		return err
	})
}

// trialStart begins a test payment. The page then shows the way to the provider's page: a link, so that the desk's forms
// lead nowhere else.
func (a *Admin) trialStart(c *call) error {
	return a.onProvider(c, "provider_trial", func(ctx context.Context, who access.Actor, v id.ID) error {
		_, err := a.Setup.StartTrial(ctx, who, v, c.site.Lang, a.Shop.AdminURL+"/providers/"+v.String()+"?back=1")
		return err
	})
}

func (a *Admin) providerOn(c *call) error {
	word := "provider_on"
	v, err := providerID(c)
	if err != nil {
		return err
	}
	waiting, err := a.Setup.SwitchOn(c.r.Context(), c.who(), v, c.form.Bool("anyway"))
	if fault.Is(err, fault.Conflict) {
		return a.showProvider(c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	if waiting {
		word = "provider_asked"
	}
	return web.Redirect(c.w, "/providers/"+v.String()+"?done="+word)
}

func (a *Admin) providerOff(c *call) error { return a.onProvider(c, "provider_off", a.Setup.SwitchOff) }

func (a *Admin) providerUp(c *call) error { return a.moveProvider(c, true) }

func (a *Admin) providerDown(c *call) error { return a.moveProvider(c, false) }

// moveProvider moves a way to pay by one place, and comes back to where it stands now.
func (a *Admin) moveProvider(c *call, up bool) error {
	v, err := providerID(c)
	if err != nil {
		return err
	}
	err = a.Setup.Move(c.r.Context(), c.who(), v, up)
	if fault.Is(err, fault.Conflict) { // somebody else was there first: the list says how it stands
		return web.Redirect(c.w, "/providers")
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, "/providers?done=provider_moved#p-"+v.String())
}

func (a *Admin) proofPut(c *call) error {
	return a.onProvider(c, "provider_proof", func(ctx context.Context, who access.Actor, v id.ID) error {
		return a.Setup.PutProof(ctx, who, v, c.form.Text("link", 500), c.form.Text("day", 10))
	})
}

func (a *Admin) providerForget(c *call) error {
	v, err := providerID(c)
	if err != nil {
		return err
	}
	if err := a.Setup.Forget(c.r.Context(), c.who(), v); fault.Is(err, fault.Conflict) {
		return a.showProvider(c, http.StatusConflict, err)
	} else if err != nil {
		return err
	}
	return web.Redirect(c.w, "/providers?done=provider_forgotten")
}

// drafted says whether nothing can be done with the provider but testing its keys.
func (p *providerPage) drafted() bool { return p.X.State == setup.Draft }

// arranged says whether the order of the list is the order at checkout, and more than one stands in it.
func (p *providersPage) arranged() bool {
	for _, r := range p.Rows {
		if r.Up || r.Down {
			return true
		}
	}
	return false
}
