package account

import (
	"net/http"
	"testing"

	"strongroom/base/id"
)

// The cookie of a sign-in on its way is read as it was written, or not at all; what it says never leads elsewhere.
func FuzzPending(f *testing.F) {
	f.Add(pending{aim: aimSignIn, attempt: id.NewToken(), code: "ABCD-EFGH", to: "orders"}.String())
	for _, s := range []string{"", "...", "sign-in..//evil.example.", "prove.x.<b>.", "sign-in...https://evil.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := &http.Request{Header: http.Header{"Cookie": {pendingCookie.Name + "=" + s}}}
		p := readPending(r)
		if p == (pending{}) {
			return
		}
		if !knownAim(p.aim) || !isTo(p.to) || pathOf(p.to) != "/account" && pathOf(p.to) != "/account/"+p.to {
			t.Errorf("%q is read as %+v", s, p)
		}
		r.Header.Set("Cookie", pendingCookie.Name+"="+p.String())
		if readPending(r) != p {
			t.Errorf("%q does not come back", s)
		}
	})
}
