package attack

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
)

// people is a store's accounts under attack: the service with its databases, and a clock that the attack moves on.
func people(t *testing.T, s *site, edit ...func(*identity.Deps)) *identitytest.Kit {
	t.Helper()
	return identitytest.New(t, dbtest.Open(t, s.Engine), edit...)
}

// pumping is row 24: the requests of many accounts and networks for messages to one range.
func pumping(t *testing.T, s *site) string {
	r := identitytest.Pump(t, dbtest.Open(t, s.Engine), size(300, 10_000))
	if r.Sent > r.Cap || r.Sent == 0 || r.Premium != 0 || r.Alarms == 0 {
		t.Errorf("%+v", r)
	}
	return fmt.Sprintf("%d requests in an hour: %d messages, budget %d, none premium, %d alarms", r.Asked, r.Sent, r.Cap, r.Alarms)
}

// simSwap is row 25: who holds a stolen session changes the number and begins a recovery with it.
func simSwap(t *testing.T, s *site) string {
	const victim = "victim@buyer.example"
	k := people(t, s)
	v, key := k.Browser(), k.Device()
	sess := k.Session(identity.Shopper, k.SignUpWithPasskey(v, victim, key), v)
	k.Session(identity.Shopper, k.EnrolPhone(sess, "0170 1234567", v), v)
	k.Clock.Advance(100 * time.Hour)
	step, err := k.SignIn(identity.Shopper, v, key)
	fatal(t, err)
	sess = k.Session(identity.Shopper, step, v)
	told := len(k.Messages())
	k.EnrolPhone(sess, "+43 664 1234567", v)
	if list := k.Messages()[told:]; !toldOf(list, "+491701234567", "phone_added") {
		t.Error("the old number was not told")
	}
	tried := 0
	for _, wait := range []time.Duration{0, 24 * time.Hour, 47 * time.Hour} {
		k.Clock.Advance(wait)
		thief := k.Browser()
		_, err := k.StartRecovery(k.Ctx, vault.Typed(victim), thief)
		fatal(t, err)
		step, err := k.SpendLink(k.Ctx, k.Mail(identity.LetterRecovery).Link, "", thief)
		fatal(t, err)
		for _, m := range step.Choices {
			if m == identity.PhoneMethod {
				t.Errorf("the new number is offered %s after the change", wait)
			}
		}
		if _, err := k.SendPhoneCode(k.Ctx, step.Attempt, thief); err == nil {
			t.Error("and a code is sent to it")
		}
		tried++
	}
	return fmt.Sprintf("number changed, %d recoveries within 72 h: never offered, no code sent; the old number and the mailbox were told", tried)
}

func toldOf(list []identity.SMSContent, number, what string) bool {
	for _, m := range list {
		if m.To == number && m.What == what && m.Code == "" {
			return true
		}
	}
	return false
}

// hijack makes accounts for somebody else's address before she comes: by a guest order's passkey and by sign-up. What
// the thief left there opens nothing once she has her account.
func hijack(t *testing.T, s *site) string {
	const victim = "victim@buyer.example"
	k := people(t, s)
	var thieves []*identitytest.Authenticator
	for range 3 {
		v, key := k.Browser(), k.Device()
		c, err := k.BeginGuestPasskey(k.Ctx, vault.Typed(victim), v)
		fatal(t, err)
		answer, err := key.Create(c.Options)
		fatal(t, err)
		step, err := k.FinishGuestPasskey(k.Ctx, c.Token, answer, v)
		fatal(t, err)
		if step.Session != "" {
			t.Error("a pending passkey opened a session")
		}
		_, err = k.Service.SignUp(k.Ctx, vault.Typed(victim), v)
		fatal(t, err)
		thieves = append(thieves, key)
	}
	k.Run()
	k.Clock.Advance(2 * time.Hour) // the mails to one address in an hour are counted
	home, own := k.Browser(), k.Device()
	sess := k.Session(identity.Shopper, k.SignUpWithPasskey(home, victim, own), home)
	if e, err := k.Methods(k.Ctx, sess.Account); err != nil || e.Passkeys != 1 {
		t.Errorf("her account has %+v %v", e, err)
	}
	for _, key := range thieves {
		if step, err := k.SignIn(identity.Shopper, k.Browser(), key); err == nil && step.Session != "" {
			t.Error("the thief's passkey opens an account")
		}
	}
	if _, err := k.SignIn(identity.Shopper, k.Browser(), own); err != nil {
		t.Errorf("her own: %v", err)
	}
	return fmt.Sprintf("%d pending accounts with passkeys for her address before she came: none of them opens anything", len(thieves))
}

// enumeration is row 23: answers for known and unknown names cannot be told apart by text, state or time. Hashes are
// cheap here, so that they hide nothing of what differs beside them.
func enumeration(t *testing.T, s *site) string {
	samples := size(120, 10_000)
	k := people(t, s, func(d *identity.Deps) { d.Even = 25 * time.Millisecond })
	var known []string
	for i := range 20 {
		known = append(known, fmt.Sprintf("known%d@buyer.example", i))
		k.SignUpWithPassword(k.Browser(), known[i], identitytest.Password)
	}
	var texts sync.Map
	n := 0
	ask := func(name string) {
		n++
		k.Clock.Advance(3 * time.Hour) // beyond every delay: what is measured is the answer, not the wait
		_, err := k.Pass(identitytest.Elsewhere(netip.AddrFrom4([4]byte{41, byte(n >> 8), byte(n), 5})), name, "a wrong guess, as it happens")
		text := "nothing"
		if f := fault.As(err); f != nil {
			text = strings.Join([]string{f.Key, fmt.Sprint(f.Kind), fmt.Sprint(len(f.Params), len(f.Fields))}, " ")
		}
		texts.Store(text, true)
	}
	for i := range 20 {
		ask(known[i])
		ask(fmt.Sprintf("warm%d@buyer.example", i))
	}
	i, j := 0, 0
	got := identitytest.Compare(samples, func() { i++; ask(known[i%20]) }, func() { j++; ask(fmt.Sprintf("nobody%d@buyer.example", j%20)) })
	count := 0
	texts.Range(func(_, _ any) bool { count++; return true })
	if got.Apart() || count > 2 {
		t.Errorf("%+v, %d different answers", got, count)
	}
	return fmt.Sprintf("%d samples each: a guess by time is right in %.1f of 100 cases (50 is chance); medians %s and %s",
		samples, 100*max(got.Better, 1-got.Better), got.MedianA.Round(time.Microsecond), got.MedianB.Round(time.Microsecond))
}
