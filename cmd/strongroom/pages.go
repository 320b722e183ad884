package main

import (
	"context"
	"strings"

	"strongroom/cmd/strongroom/app"
	"strongroom/front/storefront"
	"strongroom/guard/pagewatch"
)

type pagesCommand struct {
	configFlag
	Shop     string   `placeholder:"URL" help:"Look at this shop, of which this machine has nothing."`
	Language string   `default:"en" placeholder:"CODE" help:"With --shop: a language that it speaks."`
	Pay      []string `placeholder:"URL" help:"With --shop: origin of a payment provider that is on; may be given again."`
	Email    string   `placeholder:"ADDRESS" help:"With --shop: an address of yours, typed where a shopper would type hers."`
	CA       string   `type:"path" placeholder:"FILE" help:"With --shop: the authority of its certificate, if the system does not know it."`
	JSON     bool     `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (pagesCommand) Help() string {
	return `Walks through the shop over its public address as a stranger, up to the button that orders, and compares
what is served with the inventory in this program: every script, form, field, connection and header.
With --config it is the look that the store takes every hour: what differs is kept, and the owner is told.
With --shop it runs on another machine, keeps nothing and cannot see the pages of orders; use the release
that the shop runs. Ends with 1 if something differs or nobody could look.

Examples:
  strongroom pages --config /srv/shop/strongroom.toml
  strongroom pages --shop https://shop.example.org --pay https://checkout.stripe.com --email you@example.org`
}

// pagesReport is what --json prints.
type pagesReport struct {
	Outcome     string                 `json:"outcome"`
	Pages       int                    `json:"pages"`
	Things      int                    `json:"things"`
	Short       bool                   `json:"short,omitempty"`
	Trouble     string                 `json:"trouble,omitempty"`
	Differences []pagewatch.Difference `json:"differences"`
}

// Run looks once.
func (c pagesCommand) Run(ctx context.Context, t *terminal) error {
	r, err := c.look(ctx, t)
	if err != nil {
		return err
	}
	if c.JSON {
		err = t.json(pagesReport{string(r.Outcome), r.Pages, r.Things, r.Short, r.Trouble, r.Differences})
	} else {
		tellPages(t, r)
	}
	if err == nil && r.Outcome != pagewatch.Same {
		return quiet{exitFailed}
	}
	return err
}

func (c pagesCommand) look(ctx context.Context, t *terminal) (r pagewatch.Result, err error) {
	if c.Shop != "" {
		host := strings.TrimPrefix(c.Shop, "https://")
		name, _, _ := strings.Cut(host, ":")
		return app.SurveyPages(ctx, storefront.Outline{PublicURL: strings.TrimSuffix(c.Shop, "/"), Language: c.Language, Email: c.Email, PayOrigins: c.Pay,
			Local: name == "localhost" || strings.HasSuffix(name, ".localhost")}, c.CA)
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return r, err
	}
	defer s.Close()
	return s.LookAtPages(ctx)
}

func tellPages(t *terminal, r pagewatch.Result) {
	switch {
	case r.Outcome == pagewatch.Unseen:
		t.printf("The shop could not be seen: %s\n", r.Trouble)
	case r.Outcome == pagewatch.Same:
		t.printf("%d pages are as declared, in all %d things that were compared.\n", r.Pages, r.Things)
	}
	for _, d := range r.Differences {
		t.printf("%s  %-8s %-10s %-8s %s\n", t.paint(t.out, "31", d.Mark), d.Page, d.Kind, d.What, d.Name)
		if d.Expected != "" {
			t.printf("%22sdeclared: %s\n", "", d.Expected)
		}
		if d.Found != "" {
			t.printf("%22sserved:   %s\n", "", d.Found)
		}
	}
	if r.Short {
		t.printf("Nothing could be bought, so that cart and checkout were not seen.\n")
	}
}
