package stripe_test

import (
	"slices"
	"strings"
	"testing"

	api "github.com/stripe/stripe-go/v85"

	"strongroom/shop/payment"
	"strongroom/shop/payment/stripe"
	standin "strongroom/tools/standin/stripe"
)

// The version that is pinned is the one that the library speaks and that the stand-in answers in. When the library
// moves, somebody reads what changed and moves the pin.
func TestTheVersionIsPinned(t *testing.T) {
	if stripe.Version != api.APIVersion || standin.Version != stripe.Version {
		t.Errorf("pinned is %s, the library speaks %s, the stand-in %s", stripe.Version, api.APIVersion, standin.Version)
	}
}

// The page where a restricted key is made is opened with the rights that are then looked for, and without any more.
func TestTheKeyPageNamesTheScopes(t *testing.T) {
	for mode, start := range map[payment.Mode]string{payment.Test: "https://dashboard.stripe.com/test/apikeys/create?", payment.Live: "https://dashboard.stripe.com/apikeys/create?"} {
		page := stripe.KeyPage(mode)
		if !strings.HasPrefix(page, start) || strings.Count(page, "permissions%5B%5D=rak_") != len(stripe.Scopes()) {
			t.Errorf("%s: %s", mode, page)
		}
	}
	if !slices.Contains(stripe.Scopes(), "Checkout Sessions: Write") {
		t.Errorf("the scopes are %v", stripe.Scopes())
	}
}
