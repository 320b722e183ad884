package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/tools/rig"
	"strongroom/tools/shopper"
)

// rangeHour is what the store sends to numbers that begin alike within an hour, as it is configured by default.
const rangeHour = 20

var codeIn = regexp.MustCompile(`\b\d{6}\b`)

// pumping is row 24: many accounts, each in a network of its own, ask for messages to one range, to premium numbers and
// abroad, as quickly as they can. What is sent stays below the budget, and the owner is told (V2.4.1).
func pumping(t *testing.T, s *site) string {
	requests, accounts := size(300, 10_000), size(4, 24)
	began, told := time.Now(), s.count(t, "SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.alarm'")
	var hands sync.WaitGroup
	var asked, taken, strange atomic.Int64
	for i := range accounts {
		hands.Go(func() {
			m := s.newcomer(t, fmt.Sprintf("pump%d@buyer.example", i), fmt.Sprintf("198.31.%d.7", i)).withPasskey()
			page := m.get("/phone")
			for n := i; n < requests; n += accounts {
				p := m.send(page, "/phone", url.Values{"phone": {pumped(n)}})
				asked.Add(1)
				switch {
				case p.Status == http.StatusSeeOther && p.Header.Get("Location") == "/en/account/phone":
					taken.Add(1)
					wait(t, func() bool { return len(s.phones.Texts(digitsOf(pumped(n)))) > 0 }) // another number takes its place
				case p.Status != http.StatusTooManyRequests && p.Status != http.StatusUnprocessableEntity:
					strange.Add(1)
				}
			}
		})
	}
	hands.Wait()
	most := rangeHour * (time.Since(began.Truncate(time.Hour))/time.Hour + 1) // an hour is one of the clock
	sent, premium, abroad := len(s.phones.Texts("+49170")), len(s.phones.Texts("+49900")), len(s.phones.Texts("+43"))
	if sent < rangeHour || sent > int(most) || int(taken.Load()) != sent || premium != 0 || abroad != 0 || strange.Load() != 0 {
		t.Errorf("%d asked for, %d taken, %d sent of at most %d, %d to premium numbers, %d abroad, %d strange answers",
			asked.Load(), taken.Load(), sent, most, premium, abroad, strange.Load())
	}
	nobody := s.newcomer(t, "nobody24@buyer.example", "198.31.99.7")
	if p := nobody.send(nobody.get("/sign-in"), "/phone", url.Values{"phone": {pumped(1)}}); p.Status == http.StatusSeeOther {
		t.Errorf("who is not signed in is answered with %d to %q", p.Status, p.Header.Get("Location"))
	}
	if _, ok := s.Mail.Wait("shop@rig.example", time.Minute, func(d string) bool { return strings.Contains(d, "budget for short messages is used up") }); !ok {
		t.Error("the owner was not told")
	}
	alarms := s.count(t, "SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.alarm'") - told
	refused := s.count(t, "SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.sms' AND outcome = 2")
	if alarms == 0 || refused == 0 {
		t.Errorf("%d entries of the alarm, %d of what was refused", alarms, refused)
	}
	if said := s.phones.Strange(); len(said) > 0 {
		t.Errorf("the program asked for %q", said)
	}
	return fmt.Sprintf("%d requests by %d accounts and networks in %s: %d messages, budget %d, none premium, none abroad, the owner told",
		asked.Load(), accounts, time.Since(began).Round(time.Second), sent, most)
}

// pumped is the n-th number that is asked for: every third is a premium number, every fourth is abroad.
func pumped(n int) string {
	switch {
	case n%3 == 0:
		return fmt.Sprintf("+49 900 %07d", 1_000_000+n)
	case n%4 == 1:
		return fmt.Sprintf("+43 664 %07d", 1_000_000+n)
	}
	return fmt.Sprintf("+49 170 %07d", 1_000_000+n)
}

// digitsOf is a number as the provider gets it.
func digitsOf(number string) string { return strings.ReplaceAll(number, " ", "") }

// withPhone enrols a number, as its owner does.
func (m *member) withPhone(number string) {
	m.t.Helper()
	digits := digitsOf(number)
	before := len(m.s.phones.Texts(digits))
	p := m.submit(m.get("/phone"), "/account/phone", url.Values{"phone": {number}})
	if p.Status != http.StatusOK {
		m.t.Fatalf("a number is answered with %d: %q", p.Status, p.Problems())
	}
	wait(m.t, func() bool { return len(m.s.phones.Texts(digits)) > before })
	list := m.s.phones.Texts(digits)
	p = m.submit(p, "/account/phone/confirm", url.Values{"code": {codeIn.FindString(list[len(list)-1].Body)}})
	if p.Status != http.StatusOK || len(p.Problems()) > 0 {
		m.t.Fatalf("its code is answered with %d: %q", p.Status, p.Problems())
	}
}

// aged makes the newest number that counts older, as time does.
func (s *site) aged(t *testing.T, by time.Duration) {
	t.Helper()
	s.change(t, func(tx *db.Tx) error {
		return tx.Guard(identity.ErrAttempt, `UPDATE identity_phone SET cool_until = cool_until - $1
			WHERE id = (SELECT id FROM identity_phone WHERE state = 2 ORDER BY id DESC LIMIT 1)`, by.Microseconds())
	})
}

// simSwap is row 25: who holds a stolen session puts a number of his own in the place of the owner's, and has her mailbox
// too. For three days it recovers nothing; the old number and the mailbox are told at once (V6.4.3).
func simSwap(t *testing.T, s *site) string {
	const old, own = "+49 151 23456789", "+49 160 98765432"
	victim := s.newcomer(t, "victim25@buyer.example", "198.32.0.1").withPasskey()
	victim.withPhone(old)
	s.aged(t, 100*time.Hour)
	wait(t, func() bool { return s.told(victim.email, "A mobile phone was added") > 0 }) // of her own, first
	mails := s.told(victim.email, "A mobile phone was added")
	changes := s.count(t, "SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.phone_added' AND outcome = 1")
	victim.stolen(victim.From, identitytest.Firefox, identity.CookieAccount, identity.CookieBrowser).withPhone(own)
	wait(t, func() bool { return noticed(s.phones.Texts("+4915123456789")) })
	wait(t, func() bool { return s.told(victim.email, "A mobile phone was added") > mails }) // the mailbox is told, too
	if n := s.count(t, "SELECT COUNT(*) FROM audit_entry WHERE action = 'identity.phone_added' AND outcome = 1") - changes; n != 1 {
		t.Errorf("%d entries of the change", n)
	}
	codes := func() (n int) {
		for _, m := range s.phones.Texts("+4916098765432") {
			if codeIn.MatchString(m.Body) {
				n++
			}
		}
		return n
	}
	before := codes()
	for _, wait := range []time.Duration{0, 71 * time.Hour} {
		s.aged(t, wait)
		if offered, p := s.recoverBy(t, victim.email); offered || p.Status == http.StatusSeeOther {
			t.Errorf("%s after the change: the new number is offered: %v; a code for it is answered with %d", wait, offered, p.Status)
		}
	}
	if codes() != before {
		t.Error("a code was sent to the new number")
	}
	s.aged(t, 2*time.Hour) // the control: this test sees an offer when there is one
	if offered, p := s.recoverBy(t, victim.email); !offered || p.Status != http.StatusSeeOther {
		t.Errorf("after three days the number is offered: %v, %d", offered, p.Status)
	}
	return "number changed with a stolen session: old number and mailbox told; with the mailbox too, at once and after 71 hours never offered, no code sent"
}

// told is how many mails to an address hold these words.
func (s *site) told(to, words string) (n int) {
	for _, m := range s.Mail.All() {
		if m.To == to && strings.Contains(strings.ReplaceAll(m.Data, "=\r\n", ""), words) {
			n++
		}
	}
	return n
}

// noticed says whether a message without a code is among them.
func noticed(list []rig.Text) bool {
	for _, m := range list {
		if !codeIn.MatchString(m.Body) {
			return true
		}
	}
	return false
}

// recoverBy begins a recovery from a fresh browser, with the mailed link, and says whether a code to the phone is offered,
// and what asking for one brings.
func (s *site) recoverBy(t *testing.T, email string) (offered bool, asked *shopper.Page) {
	t.Helper()
	thief, n := s.newcomer(t, email, "203.0.113.25"), len(s.links(email))
	thief.submit(thief.get("/recover"), "/account/recover", url.Values{"email": {email}})
	p := thief.open(s.mailed(t, email, n))
	if p.URL.Path != "/en/account/factor" {
		t.Fatalf("the link leads to %s", p.URL)
	}
	for _, f := range p.Forms() {
		for _, name := range f.Names {
			offered = offered || name == "send" || name == "proof-phone"
		}
	}
	return offered, thief.send(p, "/factor", url.Values{"send": {"1"}})
}
