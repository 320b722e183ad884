package app

import (
	"net/http/httptest"
	"testing"

	"strongroom/guard/shield"
)

// Where somebody can guess, or have mails sent, requests queue apart; passkeys do not queue with them.
func TestGuessesAreAClassOfTheirOwn(t *testing.T) {
	for path, want := range map[string]shield.Class{"/en/account/sign-in": shield.SignIn, "/de/account/factor": shield.SignIn, "/en/account/recover": shield.SignIn,
		"/en/account/sign-up": shield.SignIn, "/en/account/link": shield.SignIn, "/en/account/passkey": shield.Form, "/en/account/passkey/options": shield.Form,
		"/en/account/email": shield.Form, "/en/checkout": shield.Checkout} {
		if got := shopClass(httptest.NewRequest("POST", "https://shop.example"+path, nil)); got != want {
			t.Errorf("%s is of class %s", path, got)
		}
	}
	if got := shopClass(httptest.NewRequest("GET", "https://shop.example/en/account/sign-in", nil)); got != shield.Page {
		t.Errorf("the page is of class %s", got)
	}
}
