package rig

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"strongroom/guard/identity/identitytest"
	"strongroom/tools/shopper"
)

// Clerk is a browser at the desk.
type Clerk struct {
	*shopper.Shopper
	t    testing.TB
	desk string // origin
}

// Owner uses the set-up link that the program has printed, enrols two passkeys and is in. The store has a desk (WithDesk).
func (r *Rig) Owner(name string) *Clerk {
	r.t.Helper()
	c := r.Visitor()
	c.Come(r.SetUpLink(), name, 2)
	return c
}

// Visitor is a browser without cookies, before the desk.
func (r *Rig) Visitor() *Clerk {
	r.t.Helper()
	return &Clerk{Shopper: r.DeskNetwork().New("198.51.100.77"), t: r.t, desk: r.Admin}
}

// Come uses a set-up link and enrols so many passkeys.
func (c *Clerk) Come(link, name string, passkeys int) {
	c.t.Helper()
	p, err := c.Shopper.Get(c.t.Context(), link)
	c.must(err)
	c.Send(p, "/enter", url.Values{"name": {name}, "email": {strings.ToLower(name) + "@shop.example"}})
	for range passkeys {
		c.Enrol()
	}
}

var optionsOf = regexp.MustCompile(`data-options="([^"]*)"`)

// Enrol adds a passkey and returns the page that follows.
func (c *Clerk) Enrol() *shopper.Page {
	c.t.Helper()
	p := c.Page("/ways/passkey")
	m := optionsOf.FindSubmatch(p.Body)
	if m == nil {
		c.t.Fatalf("no ceremony at %s", p.URL)
	}
	answer, err := identitytest.NewAuthenticator(c.desk).Create([]byte(html.UnescapeString(string(m[1]))))
	c.must(err)
	return c.Send(p, "/ways/passkey", url.Values{"response": {string(answer)}})
}

// Page fetches a page of the desk.
func (c *Clerk) Page(path string) *shopper.Page {
	c.t.Helper()
	p, err := c.Shopper.Get(c.t.Context(), c.desk+path)
	c.must(err)
	return p
}

// Send sends a form of a page with some fields typed.
func (c *Clerk) Send(p *shopper.Page, action string, typed url.Values) *shopper.Page {
	c.t.Helper()
	next, err := c.Try(p, action, typed)
	c.must(err)
	return next
}

// Try is Send for when the program may die over it.
func (c *Clerk) Try(p *shopper.Page, action string, typed url.Values) (*shopper.Page, error) {
	f, err := p.Form(action)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, p.Body[:min(len(p.Body), 2000)])
	}
	return c.Submit(c.t.Context(), f, typed)
}

func (c *Clerk) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}
