// Package tour knows its way around the shop: a guide that fills forms and buys in either language, and a walk that stops
// at every page and state that a shopper can get to see.
package tour

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"strongroom/base/lang"
	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
)

// Guide is somebody with a browser in one language of the shop.
type Guide struct {
	*chrome.Page
	Demo *stage.Demo
	P    *lang.Printer
	Lang string
}

// Person is what somebody types into the details page.
type Person struct{ Email, Name, Street, Postcode, City string }

// Somebody is a person with an e-mail address that nobody else has.
func Somebody() Person {
	return Person{Email: strings.ToLower(rand.Text()[:12]) + "@buyer.example", Name: "Ada Löwenherz", Street: "Hafenstraße 12",
		Postcode: "20359", City: "Hamburg"}
}

// T is a text in the guide's language.
func (g *Guide) T(key string, params ...any) string { return g.P.T(key, params...) }

// To is the address of a path below the guide's language.
func (g *Guide) To(path string) string { return g.Demo.Shop + "/" + g.Lang + path }

// At is whether the page is at a path below the guide's language.
func (g *Guide) At(path string) bool {
	g.Fail.Helper()
	got, _, _ := strings.Cut(g.Path(), "?")
	return got == "/"+g.Lang+path
}

// Must stops when the page is not at the path.
func (g *Guide) Must(path string) {
	g.Fail.Helper()
	if !g.At(path) {
		g.Fail.Fatalf("at %s (%s) instead of %s: %s", g.Path(), g.Title(), path, g.Text("main"))
	}
}

// Say stops when the text is not to be seen.
func (g *Guide) Say(text string) {
	g.Fail.Helper()
	if !g.Sees(text) {
		g.Fail.Fatalf("%s does not say %q but: %s", g.Path(), text, g.Text("main"))
	}
}

// Press follows the button or link with the text of a key.
func (g *Guide) Press(key string, params ...any) { g.Fail.Helper(); g.FollowText(g.T(key, params...)) }

// Add puts the product at a path into the cart and goes there.
func (g *Guide) Add(path string) {
	g.Fail.Helper()
	g.Goto(g.To(path))
	g.AddHere()
}

// AddHere puts what the present page offers into the cart and goes there. With script the page stays and says so;
// without, the cart answers.
func (g *Guide) AddHere() {
	g.Fail.Helper()
	g.ClickText(g.T("shop.add"))
	g.Wait("the word that it was added", `document.querySelector("[data-added]:not([hidden])") || location.pathname.endsWith("/cart")`)
	if g.At("/cart") {
		g.Loaded()
		return
	}
	g.Press("shop.to_cart")
	g.Must("/cart")
}

// Checkout goes from the cart to the details page.
func (g *Guide) Checkout() {
	g.Fail.Helper()
	g.Press("shop.checkout_go")
	g.Must("/checkout")
}

// Details fills the details page and goes on to the check page.
func (g *Guide) Details(p Person) {
	g.Fail.Helper()
	for _, f := range [...][2]string{{"#f-email", p.Email}, {"#f-delivery-name", p.Name}, {"#f-delivery-street", p.Street},
		{"#f-delivery-postcode", p.Postcode}, {"#f-delivery-city", p.City}} {
		g.Fill(f[0], f[1])
	}
	g.Press("shop.to_check")
	g.Must("/checkout/pay")
}

// Oblige presses the button that obliges to pay and waits for the hosted page.
func (g *Guide) Oblige() {
	g.Fail.Helper()
	g.Press("shop.oblige")
	g.Hosted()
}

// Hosted stops when this is not the provider's page.
func (g *Guide) Hosted() {
	g.Fail.Helper()
	if !strings.HasPrefix(g.URL(), g.Demo.Sandbox+"/pay/") {
		g.Fail.Fatalf("at %s instead of the hosted page: %s", g.URL(), g.Text("main"))
	}
}

// Choose presses an ending on the hosted page and waits for the page that it leads to.
func (g *Guide) Choose(outcome string) {
	g.Fail.Helper()
	g.Follow(`button[name=outcome][value="` + outcome + `"]`)
}

// State waits until the order page shows a state, by the key of its word.
func (g *Guide) State(key string) {
	g.Fail.Helper()
	word := g.T(key)
	g.Wait("the state "+word, `(document.querySelector("p.state") || {innerText: ""}).innerText.trim() === `+quoted(word))
}

// Number is the order number that the page shows.
func (g *Guide) Number() string {
	g.Fail.Helper()
	n := strings.TrimSpace(g.Text(".number"))
	if n == "" {
		g.Fail.Fatalf("%s shows no order number: %s", g.Path(), g.Text("main"))
	}
	return n
}

// Buy takes one piece of a product through the checkout and chooses an ending.
func (g *Guide) Buy(product string, p Person, outcome string) {
	g.Fail.Helper()
	g.Add(product)
	g.Checkout()
	g.Details(p)
	g.Oblige()
	g.Choose(outcome)
}

// Mail waits for a mail to the person whose subject is the text of a key, whatever stands in its parameters.
func (g *Guide) Mail(to, key string) stage.Mail {
	g.Fail.Helper()
	words := g.T(key, "number", "\x00", "shop", "\x00")
	first, _, _ := strings.Cut(words, "\x00")
	m, err := g.Demo.Mail(context.Background(), to, first, time.Minute)
	if err != nil {
		g.Fail.Fatalf("%v", err)
	}
	return m
}

// ShopName is the name of the demo's shop.
func (g *Guide) ShopName() string { return "Kiln & Orchard" }

// MailSaying waits for a mail to the person that says the text of a key.
func (g *Guide) MailSaying(to, key string) stage.Mail {
	g.Fail.Helper()
	m, err := g.Demo.MailSaying(context.Background(), to, g.T(key), time.Minute)
	if err != nil {
		g.Fail.Fatalf("%v", err)
	}
	return m
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
