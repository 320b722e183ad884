//go:build browser

package journey

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// A stranger comes in at the front door, looks around, buys, gets the mail, and opens the order in another browser.
func TestNewcomerBuysAsAGuest(t *testing.T) {
	everyWay(t, func(t *testing.T, g *tour.Guide) {
		browse(t, g)
		option(t, g)
		g.AddHere()
		cart(t, g)
		g.Checkout()
		empty(t, g)
		who := tour.Somebody()
		g.Details(who)
		change(t, g, who)
		g.Oblige()
		g.Choose("paid")
		g.State("order.state_paid")
		letter(t, g, who, g.Number())
	})
}

// browse goes from the home page through a category to a product, and narrows and sorts on the way.
func browse(t *testing.T, g *tour.Guide) {
	g.Goto(g.Demo.Shop + "/")
	g.Must("/")
	if link := `#menu a[href="/en/c/tableware"]`; g.Bool(`document.querySelector(".menu-button").getClientRects().length`) {
		g.Click(".menu-button")
		g.Follow(link)
	} else {
		g.Follow(link)
	}
	g.Must("/c/tableware")
	all := len(g.Texts(".card-name"))
	if !g.Bool(`document.querySelector("details.sift").open`) {
		g.Click("details.sift summary")
	}
	g.Click(`label[for="facet-0-0"]`)
	g.Press("shop.filters_go")
	if n := len(g.Texts(".card-name")); n == 0 || n >= all || len(g.Texts(".on .chip")) != 1 {
		t.Errorf("the filter shows %d of %d products and %d marks", n, all, len(g.Texts(".on .chip")))
	}
	before := g.Texts(".card-name")
	sort(g, "price")
	if len(g.Texts(".on .chip")) != 1 || len(g.Texts(".card-name")) != len(before) {
		t.Error("sorting lost the filter")
	}
	if p := prices(t, g); !slices.IsSorted(p) {
		t.Errorf("not sorted by price: %v", p)
	}
	pages(t, g)
	g.Follow(`.card-name a[href*="/p/"]`)
}

// sort chooses from the list; with script that is all, without a button sends it.
func sort(g *tour.Guide, value string) {
	button := g.Bool(`document.querySelector(".sort button").getClientRects().length`)
	g.Select("#sort", value)
	if button {
		g.Press("shop.sort_go")
	} else {
		g.Loaded()
	}
}

// prices are the first price of every card.
func prices(t *testing.T, g *tour.Guide) (out []float64) {
	for _, s := range g.Texts(".card-price .price") {
		v, err := strconv.ParseFloat(strings.Trim(s, "€ \u00a0"), 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// pages turns to the second page of everything and back.
func pages(t *testing.T, g *tour.Guide) {
	g.Goto(g.To("/search?sort=newest"))
	first := g.Texts(".card-name")
	g.Press("shop.page_next")
	for _, name := range g.Texts(".card-name") {
		if slices.Contains(first, name) {
			t.Errorf("%q is on the first and on the second page", name)
		}
	}
	g.Press("shop.page_first")
	same(t, "first page again", strings.Join(g.Texts(".card-name"), ","), strings.Join(first, ","))
}

// option chooses another option than the one that is shown.
func option(t *testing.T, g *tour.Guide) {
	g.Goto(g.To(tour.WithOptions))
	before := g.Value(`input[name=variant]`)
	other := strings.Fields(g.Text(`.opt-link:not([aria-current]):not(.out)`))[0]
	g.Follow(`.opt-link:not([aria-current]):not(.out)`)
	if g.Value(`input[name=variant]`) == before || !strings.HasPrefix(strings.TrimSpace(g.Text(".opt-link[aria-current]")), other) {
		t.Errorf("choosing %q changed nothing", other)
	}
}

// cart changes the quantity and tries a code that does not exist.
func cart(t *testing.T, g *tour.Guide) {
	one := amount(t, g.Text(".lines .price"))
	g.Fill(`input[name=quantity]`, "3")
	g.Follow(".line-act button.plain")
	g.Must("/cart")
	same(t, "quantity", g.Value(`input[name=quantity]`), "3")
	same(t, "line total in cents", amount(t, g.Text(".lines .price")), 3*one)
	g.Fill("#f-code", "NO-SUCH-CODE")
	g.Press("shop.code_go")
	same(t, "typed code", g.Value("#f-code"), "NO-SUCH-CODE")
	same(t, "marked as wrong", g.Attr("#f-code", "aria-invalid"), "true")
	if id := g.Attr("#f-code", "aria-describedby"); strings.TrimSpace(g.Text("#"+id)) == "" {
		t.Error("no message beside the code")
	}
	g.Goto(g.To("/cart"))
}

// amount reads a price in cents.
func amount(t *testing.T, s string) int64 {
	t.Helper()
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.Trim(s, "−€ \u00a0\n"), ",", ""), 64)
	if err != nil {
		t.Fatalf("%q is no price", s)
	}
	return int64(v*100 + 0.5)
}

// empty sends the details with next to nothing in them: a summary takes the focus, and what was typed is kept.
func empty(t *testing.T, g *tour.Guide) {
	g.Fill("#f-delivery-city", "Hamburg")
	g.Press("shop.to_check")
	g.Must("/checkout")
	if want := g.T("shop.error_title") + " "; !strings.HasPrefix(g.Title(), want) {
		t.Errorf("title %q does not begin with %q", g.Title(), want)
	}
	g.Wait("the summary to take the focus", `document.activeElement === document.querySelector("#problem")`)
	same(t, "kept city", g.Value("#f-delivery-city"), "Hamburg")
	links := g.Texts("#problem li")
	for _, f := range []string{"email", "delivery-name", "delivery-street", "delivery-postcode"} {
		wrong := strings.TrimSpace(g.Text("#f-" + f + "-wrong"))
		said := strings.TrimSpace(strings.TrimPrefix(wrong, g.T("shop.error_title")))
		if said == "" || !slices.Contains(links, said) {
			t.Errorf("beside %s stands %q, the summary says %q", f, wrong, links)
		}
		if !g.Has(`#problem a[href="#f-` + f + `"]`) {
			t.Errorf("the summary has no link to %s", f)
		}
		same(t, f+" marked", g.Attr("#f-"+f, "aria-invalid"), "true")
	}
	if g.Has("#f-delivery-city-wrong") {
		t.Error("the city was right and is marked as wrong")
	}
	g.Click(`#problem a[href="#f-email"]`)
	g.Wait("the focus in the field", `document.activeElement.id === "f-email"`)
}

// change follows a Change link of the check page: everything is still there, and the way leads back.
func change(t *testing.T, g *tour.Guide, who tour.Person) {
	if n := len(g.Texts(".answers a")); n < 3 {
		t.Errorf("only %d answers can be changed", n)
	}
	g.Follow(".answers a")
	g.Must("/checkout")
	same(t, "e-mail", g.Value("#f-email"), who.Email)
	same(t, "name", g.Value("#f-delivery-name"), who.Name)
	same(t, "street", g.Value("#f-delivery-street"), who.Street)
	g.Fill("#f-delivery-street", "Deichstraße 7")
	g.Press("shop.to_check")
	g.Must("/checkout/pay")
	g.Say("Deichstraße 7")
	for _, text := range []string{who.Email, who.Name, who.Postcode} {
		g.Say(text)
	}
	obliges := `document.querySelector(".check-page .sums").nextElementSibling.contains(document.querySelector(".oblige button"))`
	if !g.Bool(obliges) {
		t.Error("the button that obliges does not stand directly below the summary")
	}
}

// letter reads the confirmation and opens the order by its link in a browser that knows nothing.
func letter(t *testing.T, g *tour.Guide, who tour.Person, number string) {
	m := g.Mail(who.Email, "letters.confirmation.subject")
	for _, part := range []string{number, g.T("letters.terms"), g.T("letters.withdrawal"), g.T("letters.guarantee"), who.Name, "Deichstraße 7"} {
		if !strings.Contains(m.Subject+m.Text, part) {
			t.Errorf("the confirmation lacks %q:\n%s", part, m.Text)
		}
	}
	links := m.Links("/order/open/")
	if len(links) != 1 {
		t.Fatalf("the confirmation has the private links %v", links)
	}
	fresh := guide(t, "en", chrome.Options{Width: 1280, NoScript: true})
	opened(t, fresh, links[0], number)
}

// opened follows a private link: looking at it does nothing, the button swaps it for a cookie and a clean address.
func opened(t *testing.T, g *tour.Guide, link, number string) {
	t.Helper()
	for range 2 { // mail programs look at links too
		if status := g.Goto(link); status != 200 {
			t.Fatalf("the link answers with status %d: %s", status, g.Text("main"))
		}
	}
	same(t, "cookies before the button", len(g.Cookies()), 0)
	if g.Sees(number) {
		t.Error("the page with the button shows the order already")
	}
	g.Press("shop.link_go")
	g.Must("/order")
	same(t, "address", g.Path(), "/en/order")
	g.Say(number)
	same(t, "number", g.Number(), number)
}
