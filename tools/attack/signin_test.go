package attack

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
)

// people is a store's accounts under attack: the service with its databases, and a clock that the attack moves on.
func people(t *testing.T, s *site, edit ...func(*identity.Deps)) *identitytest.Kit {
	t.Helper()
	return identitytest.New(t, dbtest.Open(t, s.Engine), edit...)
}

// enumeration is row 23: answers for known and unknown names cannot be told apart by text, state or time. Hashes are
// cheap where the time is measured, so that they hide nothing of what differs beside them; and a name is asked for less
// often than the hundred times after which it is no longer looked at.
func enumeration(t *testing.T, s *site) string {
	const lanes = 4 // most of the time is spent waiting for the beat of the answers
	samples, names := size(120, 10_000), size(20, 200)
	k := people(t, s, func(d *identity.Deps) { d.Even = 25 * time.Millisecond })
	name := func(known bool, i int64) string {
		return fmt.Sprintf("%s%d@buyer.example", map[bool]string{true: "known", false: "other"}[known], i%int64(names))
	}
	for i := range names {
		if k.SignUpWithPassword(k.Browser(), name(true, int64(i)), identitytest.Password); i%20 == 19 {
			k.Clock.Advance(time.Hour) // sign-ups of one network are counted too
		}
	}
	var texts sync.Map
	var asked, i, j atomic.Int64
	ask := func(name string) {
		n := asked.Add(1)
		k.Clock.Advance(3 * time.Hour) // beyond every delay: what is measured is the answer, not the wait
		_, err := k.Pass(identitytest.Elsewhere(netip.AddrFrom4([4]byte{41, byte(n >> 8), byte(n), 5})), name, "a wrong guess, as it happens")
		text := "nothing"
		if f := fault.As(err); f != nil {
			text = strings.Join([]string{f.Key, fmt.Sprint(f.Kind), fmt.Sprint(len(f.Params), len(f.Fields))}, " ")
		}
		texts.Store(text, true)
	}
	for n := range int64(20) {
		ask(name(true, n))
		ask(name(false, n))
	}
	got := identitytest.CompareLanes(samples, lanes, func() { ask(name(true, i.Add(1))) }, func() { ask(name(false, j.Add(1))) })
	var answers []string
	texts.Range(func(text, _ any) bool { answers = append(answers, text.(string)); return true })
	if got.Apart() || len(answers) != 1 {
		t.Errorf("%+v, %d different answers: %q", got, len(answers), answers)
	}
	return fmt.Sprintf("%d samples each: a guess by time is right in %.1f of 100 cases (50 is chance); medians %s and %s; %s",
		samples, 100*max(got.Better, 1-got.Better), got.MedianA.Round(time.Microsecond), got.MedianB.Round(time.Microsecond), sameOnTheWire(t, s))
}

// sameOnTheWire asks the real program for a known and an unknown name, by every form that takes one, and compares all of
// what comes back but what is random and as long each time.
func sameOnTheWire(t *testing.T, s *site) string {
	const known, other = "known23@buyer.example", "other23@buyer.example" // equally long
	s.newcomer(t, known, "198.23.5.1").withPassword(leaked(23))
	forms := []struct {
		page, action string
		typed        url.Values
	}{
		{"/sign-in", "/account/sign-in", url.Values{"password": {"a wrong guess, as it happens"}}},
		{"/sign-in", "/account/sign-in", url.Values{"link": {"1"}}},
		{"/sign-up", "/account/sign-up", url.Values{}},
		{"/recover", "/account/recover", url.Values{}},
	}
	answer := func(i int, email string) string {
		m := s.newcomer(t, email, fmt.Sprintf("198.23.6.%d", i+1))
		v := url.Values{"email": {email}}
		for name, list := range forms[i].typed {
			v[name] = list
		}
		first := m.send(m.get(forms[i].page), strings.TrimPrefix(forms[i].action, "/account"), v)
		out := fmt.Sprintf("%d %q %d bytes, headers", first.Status, first.Header.Get("Location"), len(first.Body))
		names := slices.Sorted(maps.Keys(first.Header))
		for _, h := range names {
			if h != "Server-Timing" && h != "X-Request-Id" && h != "Date" {
				out += fmt.Sprintf(" %s:%d", h, len(strings.Join(first.Header[h], ",")))
			}
		}
		if to := first.Header.Get("Location"); to != "" {
			next, err := m.Get(t.Context(), s.Shop+to)
			fatal(t, err)
			out += fmt.Sprintf("; %s %d, %d bytes", next.URL.Path, next.Status, len(next.Body))
		}
		return out
	}
	for i := range forms {
		if a, b := answer(i, known), answer(i, other); a != b {
			t.Errorf("%s: a known name is answered with\n%s\nand another one with\n%s", forms[i].page, a, b)
		}
	}
	return fmt.Sprintf("%d forms of the real program answer alike", len(forms))
}
