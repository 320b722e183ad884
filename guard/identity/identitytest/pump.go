package identitytest

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/guard/identity"
	"strongroom/guard/vault"
)

// Pumped is what an attack on the costs of short messages came to.
type Pumped struct {
	Asked   int // requests
	Sent    int // messages
	Cap     int // the budget of one range for an hour
	Premium int // messages to numbers that cost more
	Alarms  int // mails to the shop's owner
}

// Pump has many accounts from many networks ask for messages to numbers of one range, some of them premium, within one
// hour. It is row 24 of the attacks.
func Pump(t testing.TB, p dbtest.Pair, requests int) Pumped {
	t.Helper()
	const budget = 20
	k := New(t, p, func(d *identity.Deps) { d.Phones.RangeHour = budget })
	r := Pumped{Cap: budget}
	accounts := max(4, requests/500)
	var sessions []identity.Session
	var visitors []identity.Visitor
	for i := range accounts {
		v := k.Browser()
		sess := k.Session(identity.Shopper, k.SignUpWithPasskey(v, fmt.Sprintf("pump%d@buyer.example", i), k.Device()), v)
		sessions, visitors = append(sessions, sess), append(visitors, v)
	}
	step := min(time.Second, identity.StepUpFor/time.Duration(requests+1))
	for n := range requests {
		i := n % accounts
		v := visitors[i]
		v.Origin = netip.AddrFrom4([4]byte{100, byte(64 + n>>16), byte(n >> 8), byte(n)})
		number := fmt.Sprintf("+49 170 %07d", 1_000_000+n)
		if n%3 == 0 {
			number = fmt.Sprintf("+49 900 %07d", 1_000_000+n)
		}
		if _, err := k.BeginPhone(k.Ctx, sessions[i], vault.Typed(number), v); err == nil {
			k.Run() // before another number takes its place
		}
		r.Asked++
		k.Clock.Advance(step)
	}
	for _, m := range k.Messages() {
		if m.Code == "" {
			continue
		}
		r.Sent++
		if strings.HasPrefix(m.To, "+49900") {
			r.Premium++
		}
	}
	if k.Heard("identity.sms_refused") > 0 {
		r.Alarms = len(k.Alarms())
	}
	return r
}
