package identity_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
)

// tries makes wrong guesses for an address, each from a network of its own, and counts how many were looked at.
func tries(k *Kit, email string, n int) (looked int) {
	k.T.Helper()
	for i := range n {
		v := Elsewhere(netip.AddrFrom4([4]byte{byte(20 + i/65536), byte(i / 256), byte(i), 1}))
		switch _, err := k.Pass(v, email, fmt.Sprintf("a wrong guess number %d", i)); {
		case fault.Is(err, fault.Forbidden):
			looked++
		case !fault.Is(err, fault.TooMany):
			k.T.Fatal(err)
		}
	}
	return looked
}

// Guesses from many networks at one name are slowed down, for a name that exists as for one that does not, and a restart
// forgets none of them (V6.1.1, V6.3.1).
func TestGuessesFromManyNetworks(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUpWithPassword(b, "ada@example.com", Password)
		if n := tries(k, "ada@example.com", 50); n != 5 {
			t.Errorf("%d guesses at a known name were looked at", n)
		}
		if n := tries(k, "nobody@example.com", 50); n != 5 {
			t.Errorf("%d guesses at an unknown name were looked at", n)
		}
		k.Restart()
		_, err := k.Pass(k.Browser(), "ada@example.com", Password)
		if !fault.Is(err, fault.TooMany) {
			t.Errorf("after a restart: %v", err)
		}
		k.Clock.Advance(31 * time.Second)
		if n := tries(k, "ada@example.com", 10); n != 1 {
			t.Errorf("%d guesses after the pause", n)
		}
		in, err := k.Pass(b, "ada@example.com", Password) // nobody can shut the owner out of her own browser (V6.1.1)
		k.Must(err)
		if in.Need != identity.Done {
			t.Errorf("from the known browser: %+v", in)
		}
	})
}

// The right password is refused like a wrong one while the way is slowed: nothing tells a guesser that it was right.
func TestARightGuessThatComesTooEarly(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		k.SignUpWithPassword(k.Browser(), "ada@example.com", Password)
		tries(k, "ada@example.com", 6)
		_, right := k.Pass(k.Browser(), "ada@example.com", Password)
		_, wrong := k.Pass(k.Browser(), "ada@example.com", "certainly not this one")
		if right == nil || wrong == nil || right.Error() != wrong.Error() {
			t.Errorf("%v and %v", right, wrong)
		}
	})
}

// One network guesses at many names: after thirty in ten minutes it waits, and its neighbours in the same /24 or /64 with
// it; others do not.
func TestGuessesFromOneNetwork(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		looked := 0
		for i := range 60 {
			v := Elsewhere(netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%x", i+1)))
			k.Clock.Advance(250 * time.Millisecond) // slower than what the whole store takes
			if _, err := k.Pass(v, fmt.Sprintf("p%d@example.com", i), "a guess like any other"); fault.Is(err, fault.Forbidden) {
				looked++
			}
		}
		if looked != 30 {
			t.Errorf("%d guesses of one /64 were looked at", looked)
		}
		if _, err := k.Pass(Elsewhere(netip.MustParseAddr("2001:db8:1:3::1")), "q@example.com", "a guess like any other"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another network: %v", err)
		}
	})
}

// A flood from everywhere at every name is bounded for the whole store; passkeys and known browsers pass it.
func TestAFloodFromEverywhere(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPassword(b, "ada@example.com", Password)
		k.Enrol(k.Session(identity.Shopper, step, b), b, a)
		looked := 0
		for i := range 100 {
			v := Elsewhere(netip.AddrFrom4([4]byte{30, byte(i / 256), byte(i), 1}))
			if _, err := k.Pass(v, fmt.Sprintf("p%d@example.com", i), "a guess like any other"); fault.Is(err, fault.Forbidden) {
				looked++
			}
		}
		if looked != 30 {
			t.Errorf("%d guesses in six seconds were looked at", looked)
		}
		if a := k.Alarms(); len(a) != 1 || a[0] != identity.AlarmStuffing {
			t.Errorf("the owner was told of %v", a)
		}
		_, err := k.SignIn(identity.Shopper, k.Browser(), a)
		k.Must(err)
		in, err := k.Pass(b, "ada@example.com", Password)
		k.Must(err)
		if in.Need != identity.Done {
			t.Errorf("from the known browser: %+v", in)
		}
	})
}

// Parallel guesses at one name are counted before they are looked at: no more pass than one after the other.
func TestParallelGuesses(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		k.SignUpWithPassword(k.Browser(), "ada@example.com", Password)
		looked := make(chan bool, 40)
		parallel(40, func() error {
			_, err := k.Pass(Elsewhere(netip.MustParseAddr("192.0.2.1")), "ada@example.com", "a wrong guess, as it happens")
			looked <- fault.Is(err, fault.Forbidden)
			return err
		})
		n := 0
		for range 40 {
			if <-looked {
				n++
			}
		}
		if n > 5 {
			t.Errorf("%d of 40 parallel guesses were looked at", n)
		}
	})
}

// A whole sign-in forgives what was mistyped before.
func TestSuccessForgives(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUpWithPassword(b, "ada@example.com", Password)
		for range 4 {
			for range 4 {
				_, err := k.Pass(b, "ada@example.com", "mistyped, as happens to people")
				wantFault(t, err, identity.ErrRefused)
			}
			_, err := k.Pass(b, "ada@example.com", Password)
			k.Must(err)
		}
	})
}

// The shop's owner is told of a flood of guesses once in an hour, and not of what a busy shop sees every day. What the
// store writes and enqueues for those that it refuses is bounded.
func TestTheOwnerIsToldOfAFlood(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		flood := func(n, seconds int) {
			k.Clock.Advance(time.Minute)
			for i := range n {
				if i%(n/seconds) == 0 {
					k.Clock.Advance(time.Second)
				}
				v := Elsewhere(netip.AddrFrom4([4]byte{31, byte(i / 256), byte(i), 1}))
				_, _ = k.Pass(v, fmt.Sprintf("p%d@example.com", i), "a guess like any other")
			}
		}
		flood(240, 80) // three in a second
		if n := len(k.Alarms()); n != 0 {
			t.Errorf("%d alarms of busy minutes", n)
		}
		before := k.Heard("identity.sign_in_refused")
		flood(1800, 20)
		if n := len(k.Alarms()); n != 1 || k.Heard("identity.alarm") != 1 {
			t.Errorf("%d alarms", n)
		}
		if n := k.Heard("identity.sign_in_refused") - before; n == 0 || n > 1200 { // at most 600 in each of two minutes
			t.Errorf("%d events of 1,800 refused tries", n)
		}
		flood(300, 10)
		if n := len(k.Alarms()); n != 1 {
			t.Errorf("%d alarms within the hour", n)
		}
		k.Clock.Advance(time.Hour)
		flood(300, 10)
		if n := len(k.Alarms()); n != 2 {
			t.Errorf("%d alarms after an hour", n)
		}
	})
}
