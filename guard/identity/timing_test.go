package identity_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
)

// The judge sees a difference of a tenth, and none where there is none.
func TestTheJudge(t *testing.T) {
	var a, b, c []time.Duration
	for i := range 2000 {
		noise := time.Duration(i*7919%1000) * time.Microsecond
		a, c = append(a, 5*time.Millisecond+noise), append(c, 5*time.Millisecond+100*time.Microsecond+noise)
		b = append(b, 5*time.Millisecond+time.Duration(i*104729%1000)*time.Microsecond)
	}
	if got := Judge(a, b); got.Apart() {
		t.Errorf("equal times are told apart: %+v", got)
	}
	if got := Judge(a, c); !got.Apart() || got.Better > 0.5 {
		t.Errorf("different times are not told apart: %+v", got)
	}
}

// A wrong password takes the same time for a known and an unknown name, and so does asking for a link (V6.3.8). The
// samples are few and the times small here; the attack suite takes ten thousand over the real server.
func TestTimeDoesNotTell(t *testing.T) {
	k := New(t, dbtest.Open(t, db.SQLite), func(d *identity.Deps) { d.Even = 4 * time.Millisecond })
	var known []string
	for i := range 5 {
		known = append(known, fmt.Sprintf("known%d@example.com", i))
		k.SignUpWithPassword(k.Browser(), known[i], Password)
	}
	n := 0
	fresh := func() identity.Visitor {
		n++
		if n%500 == 0 {
			k.Clock.Advance(time.Hour)
		}
		return Elsewhere(netip.AddrFrom4([4]byte{40, byte(n / 256), byte(n), 1}))
	}
	for name, ask := range map[string]func(email string){
		"password": func(e string) {
			k.Clock.Advance(61 * time.Second)
			_, _ = k.Pass(fresh(), e, "a wrong guess, as it happens")
		},
		"link": func(e string) { k.Clock.Advance(time.Hour); _, _ = k.AskLink(k.Ctx, vault.Typed(e), fresh()) },
	} {
		for i := range 40 { // both warm
			ask(known[i%5])
			ask(fmt.Sprintf("warm%d@example.com", i%5))
		}
		i, j := 0, 0
		got := Compare(250, func() { i++; ask(known[i%5]) }, func() { j++; ask(fmt.Sprintf("nobody%d@example.com", j%5)) })
		if got.Apart() {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
