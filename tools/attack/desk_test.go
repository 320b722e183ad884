package attack

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// office is a store with a desk, for the attacks on who sits there.
type office struct {
	*site
	t    *testing.T
	desk *shopper.Network
}

// openOffice starts a store of its own: what is done to its desk concerns no other row.
func openOffice(t *testing.T, s *site) *office {
	t.Helper()
	r := rig.New(t, s.Engine, "STRONGROOM_LIMITS_SCALE=1000", rig.WithDesk)
	o := &office{site: &site{Rig: r}, t: t}
	r.Import("handle,category,title:en,title:de,summary:en,description:en,tax_class,sku,price,weight_g,stock\n" +
		"bowl,tableware,Moss bowl,Moosschale,A bowl,Made by hand.,standard,BOWL-1,34.00,500,1000000\n")
	r.Start()
	o.desk = r.DeskNetwork()
	return o
}

// visitor is a browser without cookies.
func (o *office) visitor() *shopper.Shopper { return o.desk.New("198.51.100.77") }

func (o *office) get(v *shopper.Shopper, path string) *shopper.Page {
	o.t.Helper()
	p, err := v.Get(o.t.Context(), o.Admin+path)
	fatal(o.t, err)
	return p
}

// send sends a form of a page with some fields typed.
func (o *office) send(v *shopper.Shopper, p *shopper.Page, action string, typed url.Values) *shopper.Page {
	o.t.Helper()
	f, err := p.Form(action)
	if err != nil {
		o.t.Fatalf("%v: %s", err, p.Body[:min(len(p.Body), 2000)])
	}
	next, err := v.Submit(o.t.Context(), f, typed)
	fatal(o.t, err)
	return next
}

// in says whether a browser holds a session of the desk.
func (o *office) in(v *shopper.Shopper) bool { return v.Cookie(o.Admin, identity.CookieAdmin) != "" }

var optionsOf = regexp.MustCompile(`data-options="([^"]*)"`)

// enrol adds a passkey and returns the page that follows.
func (o *office) enrol(v *shopper.Shopper) *shopper.Page {
	o.t.Helper()
	p := o.get(v, "/ways/passkey")
	m := optionsOf.FindSubmatch(p.Body)
	if m == nil {
		o.t.Fatalf("no ceremony at %s", p.URL)
	}
	answer, err := identitytest.NewAuthenticator(o.Admin).Create([]byte(html.UnescapeString(string(m[1]))))
	fatal(o.t, err)
	return o.send(v, p, "/ways/passkey", url.Values{"response": {string(answer)}})
}

// come uses a set-up link and enrols n passkeys.
func (o *office) come(link, name string, n int) *shopper.Shopper {
	o.t.Helper()
	v := o.visitor()
	p, err := v.Get(o.t.Context(), link)
	fatal(o.t, err)
	o.send(v, p, "/enter", url.Values{"name": {name}, "email": {strings.ToLower(name) + "@shop.example"}})
	for range n {
		o.enrol(v)
	}
	return v
}

// setUpOnTheWire is the takeover of the set-up against the real program: without the link, with a guessed one, with one
// of an earlier start, with one that was used. Whoever came in with too little is nobody.
func setUpOnTheWire(t *testing.T, s *site) string {
	o := openOffice(t, s)
	stranger, tries := o.visitor(), 0
	for _, path := range []string{"/", "/orders", "/ways", "/staff", "/sign-in", "/confirm", "/enter/" + strings.Repeat("A", 43)} {
		if o.get(stranger, path); o.in(stranger) {
			t.Errorf("%s gives a session to somebody without a link", path)
		}
		tries++
	}
	first := o.SetUpLink()
	refused := func(name, link string) {
		t.Helper()
		v := o.visitor()
		tries++
		p, err := v.Get(t.Context(), link)
		fatal(t, err)
		form := url.Values{"link": {link[strings.LastIndexByte(link, '/')+1:]}, "name": {"Eve"}, "email": {"eve@shop.example"}}
		if page, err := v.Get(t.Context(), first); err == nil { // a form token of this browser's own
			if f, err := page.Form("/enter"); err == nil {
				form.Set("form_token", f.Values.Get("form_token"))
			}
		}
		next, err := v.Post(t.Context(), o.Admin+"/enter", form, p.URL)
		fatal(t, err)
		if p.Status != 410 || next.Status < 400 || o.in(v) {
			t.Errorf("%s: shown with %d, used with %d, session %v", name, p.Status, next.Status, o.in(v))
		}
	}
	refused("a guess", o.Admin+"/enter/"+strings.Repeat("A", 43))
	fatal(t, o.Stop())
	o.Start()
	second := o.SetUpLink(first)
	refused("after a restart", first)
	for range 3 { // a scanner of links does not use it up
		if p := o.get(o.visitor(), strings.TrimPrefix(second, o.Admin)); p.Status != 200 {
			t.Errorf("looking at the link: %d", p.Status)
		}
	}
	half := o.come(second, "Ida", 1)
	if p := o.get(half, "/orders"); p.URL.Path != "/ways" {
		t.Errorf("with one way of signing in she is at %s", p.URL.Path)
	}
	refused("used a second time", second)
	fatal(t, o.Stop())
	o.Start()
	third := o.SetUpLink(first, second)
	owner := o.come(third, "Olga", 2)
	if p := o.get(owner, "/staff"); p.Status != 200 || p.URL.Path != "/staff" {
		t.Errorf("the owner is at %s with %d", p.URL.Path, p.Status)
	}
	if p := o.enrol(half); p.Status < 400 {
		t.Errorf("a second owner came in by an older link: %s %d", p.URL.Path, p.Status)
	}
	before := len(o.Log.String())
	fatal(t, o.Stop())
	o.Start()
	if strings.Contains(o.Log.String()[before:], "/enter/") {
		t.Error("a link was printed beside an owner")
	}
	if n := o.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'staff.link' AND outcome = 2`); n < 3 {
		t.Errorf("%d entries of refused links", n)
	}
	return fmt.Sprintf("%d visits on the wire: none in without the printed link of this start; one factor is not enough", tries)
}
