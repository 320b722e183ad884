//go:build browser

package journey

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"

	"strongroom/tools/journey/tour"
)

// member signs up with a passkey on a device that is part of the machine.
func member(t *testing.T, g *tour.Guide) (who tour.Person) {
	t.Helper()
	who = tour.Somebody()
	signUp(t, g, who.Email)
	g.Press("account.passkey_make")
	g.Must("/account")
	g.Say(g.T("account.begun"))
	return who
}

// A passkey is made, signs in by its button, a second one joins it under its name, is renamed and removed; without the
// user being verified none signs in.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	for _, w := range ways[:2] {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			turn(t)
			g := guide(t, "en", w.o)
			phone := g.Authenticator(true)
			member(t, g)
			same(t, "passkeys on the phone", len(phone.Credentials()), 1)
			phone.Present(false) // or the browser's own list would answer for the button
			signOut(g)
			phone.Verifies(false)
			phone.Present(true)
			g.Click("form[data-passkey] button")
			g.Wait("the refusal", `!document.querySelector("[data-said]").hidden`)
			phone.Verifies(true)
			g.Press("account.passkey_go")
			g.Must("/account")
			secondPasskey(t, g)
		})
	}
}

func secondPasskey(t *testing.T, g *tour.Guide) {
	t.Helper()
	g.Goto(g.To("/account/passkeys"))
	key := g.Authenticator(false)
	g.Fill("#f-name", "Key on the key ring")
	g.Press("account.passkey_make")
	g.Must("/account/passkeys")
	g.Say("Key on the key ring")
	same(t, "passkeys on the key", len(key.Credentials()), 1)
	same(t, "passkeys in the list", len(g.Texts(".things > li")), 2)
	g.Click(`.things > li:has(input[value="Key on the key ring"]) summary`)
	g.Fill(`input[value="Key on the key ring"]`, "Blue key")
	g.Follow(`.things > li:has(input[value="Key on the key ring"]) details button`)
	g.Say(g.T("account.said_passkeys_renamed"))
	g.Say("Blue key")
	g.Press("account.passkey_remove", "name", "Blue key")
	g.Say(g.T("account.said_passkeys_removed"))
	same(t, "passkeys in the list", len(g.Texts(".things > li")), 1)
	g.Press("account.passkey_remove", "name", g.T("account.passkey_unnamed"))
	g.Say(g.T("identity.last_factor"))
}

// The browser offers the passkey by itself, in its own list for the address field: nothing is typed or pressed.
func TestPasskeyFromTheBrowsersList(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[0].o)
	phone := g.Authenticator(true)
	member(t, g)
	phone.Present(false)
	signOut(g)
	g.Goto(g.To("/account/recover")) // a page that asks no device: nothing waits for an answer any more
	phone.Present(true)
	g.Goto(g.To("/account/sign-in?to=devices"))
	g.Wait("the page behind the door", `location.pathname.endsWith("/account/devices")`)
	g.Goto(g.To("/account/devices"))
	g.Say(g.T("account.device_here"))
}

// A copied passkey is found by its counter, refused, and stopped for its owner too, who is told (V6.7).
func TestCopiedPasskey(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[0].o)
	key := g.Authenticator(true)
	who := member(t, g)
	copied := key.Credentials()[0]
	key.Present(false)
	signOut(g)
	g.Goto(g.To("/account/recover"))
	key.Present(true) // the browser's own list uses it at once
	g.Goto(g.To("/account/sign-in"))
	g.Wait("the page behind the door", `location.pathname.endsWith("/account")`)
	key.Present(false)
	g.Goto(g.To("/account"))
	signOut(g)
	key.Unplug()
	g.Goto(g.To("/account/recover"))
	thief := g.Authenticator(true)
	thief.Put(copied) // its counter stands where it stood before the last sign-in
	g.Goto(g.To("/account/sign-in"))
	g.Wait("an answer", `document.querySelector(".problem") !== null`)
	g.Must("/account/passkey")
	g.Say(g.T("identity.refused"))
	if m := g.Mail(who.Email, "letters.identity.changed.subject"); !strings.Contains(strings.Join(strings.Fields(m.Text), " "), g.T("letters.identity.changed.clone_seen")) {
		t.Errorf("the owner is not told: %s", m.Text)
	}
}

// ask asks the shop for a challenge, as its script does.
func ask(g *tour.Guide) (ceremony string, options json.RawMessage) {
	g.Fail.Helper()
	var c struct {
		Ceremony string          `json:"ceremony"`
		Options  json.RawMessage `json:"options"`
	}
	g.Eval(`fetch(document.querySelector("form[data-passkey]").dataset.options, {method: "POST",
	  body: new URLSearchParams(new FormData(document.querySelector("form[data-passkey]")))}).then(r => r.json())`, &c)
	return c.Ceremony, c.Options
}

// answer sends what was signed, as the script does.
func answer(g *tour.Guide, ceremony, response string) {
	g.Fail.Helper()
	b, _ := json.Marshal(response)
	g.Eval(`(() => { const f = document.querySelector("form[data-passkey]"); f.elements.ceremony.value = "`+ceremony+`";
	  f.elements.response.value = `+string(b)+`; setTimeout(() => f.submit()); })()`, nil)
	g.Loaded()
}

// signed is what the device answers to the page's question, or how it refuses.
func signed(g *tour.Guide, options string) (answer string) {
	g.Fail.Helper()
	g.Eval(strings.Replace(sign, "%s", options, 1), &answer)
	return answer
}

const sign = `navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(%s)}).then(c => JSON.stringify(c.toJSON()), e => "refused: " + e.name)`

// A page that asks its visitor for a passkey without verifying her gets an answer that the shop does not take.
func TestUnverifiedPasskeyIsRefused(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[0].o)
	phone := g.Authenticator(true)
	member(t, g)
	phone.Present(false)
	signOut(g)
	ceremony, options := ask(g)
	phone.Verifies(false)
	phone.Present(true)
	g.Goto(g.To("/account/recover")) // where no other question to the device is open
	lax := strings.Replace(string(options), `"required"`, `"discouraged"`, 1)
	if lax == string(options) {
		t.Fatalf("the shop does not require that the user is verified: %s", options)
	}
	response := signed(g, lax)
	if strings.HasPrefix(response, "refused") {
		t.Fatalf("the device gave no answer: %s", response)
	}
	phone.Present(false)
	g.Goto(g.To("/account/sign-in"))
	answer(g, ceremony, response)
	g.Must("/account/passkey")
	g.Say(g.T("identity.refused"))
}

// A page of another origin cannot have the shop's passkey sign: the browser refuses. What a passkey of its own signs for
// the shop's challenge is refused by the shop.
func TestPasskeyOfAnotherOrigin(t *testing.T) {
	t.Parallel()
	turn(t)
	g := guide(t, "en", ways[0].o)
	phone := g.Authenticator(true)
	member(t, g)
	phone.Present(false)
	signOut(g)
	ceremony, options := ask(g)
	var challenge struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
	}
	if err := json.Unmarshal(options, &challenge); err != nil {
		t.Fatal(err)
	}
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Evil</title><link rel=icon href='data:,'><main>Evil</main>"))
	}))
	defer evil.Close()
	real := phone.Credentials()[0]
	phone.Present(true)
	g.Goto(strings.Replace(evil.URL, "127.0.0.1", "localhost", 1))
	if said := signed(g, string(options)); said != "refused: SecurityError" {
		t.Fatalf("the browser signed for a foreign page: %s", said)
	}
	phone.Put(&webauthn.Credential{CredentialID: "cGhpc2hlcjA=", IsResidentCredential: true, RpID: "localhost", PrivateKey: real.PrivateKey,
		UserHandle: real.UserHandle, SignCount: 100})
	own, _ := json.Marshal(map[string]any{"challenge": challenge.Challenge, "rpId": "localhost", "userVerification": "required"})
	response := signed(g, string(own))
	if strings.HasPrefix(response, "refused") {
		t.Fatalf("the device gave no answer: %s", response)
	}
	var posed map[string]any
	if err := json.Unmarshal([]byte(response), &posed); err != nil {
		t.Fatal(err)
	}
	posed["id"], posed["rawId"] = real.CredentialID, real.CredentialID // passes for the shop's own
	forged, _ := json.Marshal(posed)
	phone.Present(false)
	g.Goto(g.To("/account/sign-in"))
	answer(g, ceremony, string(forged))
	g.Must("/account/passkey")
	g.Say(g.T("identity.refused"))
}
