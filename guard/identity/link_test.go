package identity_test

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// shape is what somebody outside sees of a step: everything but the random parts.
func shape(s identity.Step, err error) string {
	return fmt.Sprintf("%d %v %t %t %d %s %v", s.Need, s.Choices, s.Session != "", s.Attempt != "", len(s.Code), s.Until, err)
}

// Whatever is asked by an address looks the same for one that has an account and one that has none: sign-up, link,
// recovery, a wrong password, and the answers to trying too often (V6.3.8).
func TestEnumeration(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUpWithPassword(b, "known@example.com", Password)
		for name, ask := range map[string]func(email string, v identity.Visitor) (identity.Step, error){
			"sign up": func(e string, v identity.Visitor) (identity.Step, error) {
				return k.Service.SignUp(k.Ctx, vault.Typed(e), v)
			},
			"link": func(e string, v identity.Visitor) (identity.Step, error) { return k.AskLink(k.Ctx, vault.Typed(e), v) },
			"recovery": func(e string, v identity.Visitor) (identity.Step, error) {
				return k.StartRecovery(k.Ctx, vault.Typed(e), v)
			},
			"password": func(e string, v identity.Visitor) (identity.Step, error) {
				return k.Pass(v, e, "a wrong password, surely")
			},
		} {
			for i := range 12 { // beyond every limit of an address
				known, err1 := ask("known@example.com", k.Browser())
				unknown, err2 := ask("unknown@example.com", k.Browser())
				if a, b := shape(known, err1), shape(unknown, err2); a != b {
					t.Errorf("%s, try %d:\n%s\n%s", name, i, a, b)
				}
			}
		}
	})
}

// To a known address goes a mail that says so, to an unknown one the mail that confirms: both go, and neither goes more
// often than the other.
func TestMailsDoNotTell(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		k.SignUpWithPasskey(k.Browser(), "known@example.com", k.Device())
		before := k.All()
		for range 8 {
			for _, e := range []string{"known@example.com", "new@example.com"} {
				_, err := k.Service.SignUp(k.Ctx, vault.Typed(e), k.Browser())
				k.Must(err)
			}
		}
		known, fresh := k.Mails(identity.LetterAccountKnown), k.Mails(identity.LetterAccount)
		if len(known) == 0 || k.All()-before != len(known)+len(fresh)-1 {
			t.Fatalf("%d and %d mails of %d", len(known), len(fresh), k.All()-before)
		}
		if m := known[0]; m.Link != "" || !reflect.DeepEqual(m.Ways, []identity.Method{identity.PasskeyMethod}) {
			t.Errorf("the mail to a known address: %+v", m)
		}
		if n := k.Mails(identity.LetterSignIn); len(n) != 0 {
			t.Error("a link was mailed")
		}
	})
}

// A mailed link opens a limited session, once, within 15 minutes, for who has nothing else (V6.4.1).
func TestMailSignIn(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUp(b, "ada@example.com")
		ask := func() identity.Content {
			_, err := k.AskLink(k.Ctx, vault.Typed("Ada@Example.com"), b)
			k.Must(err)
			return k.Mail(identity.LetterSignIn)
		}
		m := ask()
		if m.To != "ada@example.com" || m.Base != ShopOrigin {
			t.Fatalf("mail: %+v", m)
		}
		for range 3 { // scanners open links
			l, err := k.PeekLink(k.Ctx, m.Link, k.Browser())
			k.Must(err)
			if l.SameBrowser || l.Kind != identity.LinkSignIn {
				t.Fatalf("link: %+v", l)
			}
		}
		step, err := k.SpendLink(k.Ctx, m.Link, "", b)
		k.Must(err)
		sess := k.Session(identity.Shopper, step, b)
		wantFault(t, sess.RequireFull(), identity.ErrLimited)
		_, err = k.BeginEnrol(k.Ctx, sess, b)
		wantFault(t, err, identity.ErrLimited)
		_, err = k.BeginStepUp(k.Ctx, sess, b)
		wantFault(t, err, identity.ErrLimited)
		_, err = k.SpendLink(k.Ctx, m.Link, "", b)
		wantFault(t, err, identity.ErrLink)

		first := ask()
		k.Clock.Advance(time.Hour)
		first = ask()
		second := ask()
		_, err = k.SpendLink(k.Ctx, first.Link, "", b) // replaced by the newer one
		wantFault(t, err, identity.ErrLink)
		k.Clock.Advance(15*time.Minute + time.Second)
		_, err = k.SpendLink(k.Ctx, second.Link, "", b)
		wantFault(t, err, identity.ErrLink)
		if k.Heard("identity.link_refused") != 3 {
			t.Errorf("%d refusals told", k.Heard("identity.link_refused"))
		}
	})
}

// With anything better enrolled, a mailed link signs nobody in: neither one that is asked for now, nor one that was
// mailed before (V6.3.6).
func TestMailIsNoFactor(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		step := k.SignUp(b, "ada@example.com")
		_, err := k.AskLink(k.Ctx, vault.Typed("ada@example.com"), b)
		k.Must(err)
		m := k.Mail(identity.LetterSignIn)
		k.Enrol(k.Session(identity.Shopper, step, b), b, k.Device())
		_, err = k.SpendLink(k.Ctx, m.Link, "", b)
		wantFault(t, err, identity.ErrLink)
		_, err = k.AskLink(k.Ctx, vault.Typed("ada@example.com"), b)
		k.Must(err)
		if m := k.Mail(identity.LetterSignInOther); m.Link != "" {
			t.Errorf("mail: %+v", m)
		}
	})
}

// In another browser a link wants the code of the browser that asked; five wrong ones end it (V6.6.2, V6.6.3).
func TestLinkInAnotherBrowser(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUp(b, "ada@example.com")
		ask := func() (identity.Step, id.Token) {
			k.Clock.Advance(time.Hour)
			step, err := k.AskLink(k.Ctx, vault.Typed("ada@example.com"), b)
			k.Must(err)
			return step, k.Mail(identity.LetterSignIn).Link
		}
		step, link := ask()
		phone := k.Browser()
		_, err := k.SpendLink(k.Ctx, link, "", phone)
		wantFault(t, err, identity.ErrCode)
		_, err = k.SpendLink(k.Ctx, link, "AAAA-AAAA", phone)
		wantFault(t, err, identity.ErrCode)
		there, err := k.SpendLink(k.Ctx, link, strings.ToLower(strings.ReplaceAll(step.Code, "-", " ")), phone)
		k.Must(err)
		k.Session(identity.Shopper, there, phone)

		step, link = ask()
		for range 5 {
			_, err = k.SpendLink(k.Ctx, link, "AAAA-AAAA", phone)
			wantFault(t, err, identity.ErrCode)
		}
		_, err = k.SpendLink(k.Ctx, link, step.Code, phone)
		wantFault(t, err, identity.ErrLink)
	})
}

// Of parallel uses of one link exactly one opens a session (V6.5.1).
func TestParallelLinks(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUp(b, "ada@example.com")
		_, err := k.AskLink(k.Ctx, vault.Typed("ada@example.com"), b)
		k.Must(err)
		link := k.Mail(identity.LetterSignIn).Link
		if n := parallel(8, func() error { _, err := k.SpendLink(k.Ctx, link, "", b); return err }); n != 1 {
			t.Errorf("%d of 8 opened a session", n)
		}
	})
}

// The token of a link stands in its mail only; the address in it comes from the configuration and from nothing that a
// request says: there is no parameter for it.
func TestLinkAddressIsConfigured(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUp(b, "ada@example.com")
		evil := b
		evil.Agent, evil.Language = "Host: evil.test", "evil.test"
		_, err := k.StartRecovery(k.Ctx, vault.Typed("ada@example.com"), evil)
		k.Must(err)
		m := k.Mail(identity.LetterRecovery)
		if m.Base != ShopOrigin || m.Language != "en" {
			t.Errorf("mail: %+v", m)
		}
		leaks(t, k, strings.ToLower(m.Link.Clear()))
	})
}

// guestPasskey starts an account after a guest purchase.
func guestPasskey(k *Kit, email vault.Personal, v identity.Visitor, a *Authenticator) identity.Step {
	k.T.Helper()
	c, err := k.BeginGuestPasskey(k.Ctx, email, v)
	k.Must(err)
	answer, err := a.Create(c.Options)
	k.Must(err)
	step, err := k.FinishGuestPasskey(k.Ctx, c.Token, answer, v)
	k.Must(err)
	return step
}

// orderEmail is an address as an order has it, sealed for another purpose.
func orderEmail(k *Kit, email string) vault.Personal {
	k.T.Helper()
	subject, err := k.Vault.NewSubject(k.Ctx, vault.Fulfilment)
	k.Must(err)
	row := id.New(k.Clock.Now(), nil)
	sealed, err := k.Vault.Seal(k.Ctx, privacy.OrderEmail.Field, subject, row, vault.Typed(email))
	k.Must(err)
	return k.Vault.Sealed(privacy.OrderEmail.Field, subject, row, sealed)
}

// A passkey after a guest purchase is pending: it signs nobody in before the mailed link was confirmed, and then it does.
func TestGuestPasskey(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := guestPasskey(k, orderEmail(k, "ada@example.com"), b, a)
		if step.Need != identity.Confirm || step.Session != "" {
			t.Fatalf("step: %+v", step)
		}
		_, err := k.SignIn(identity.Shopper, b, a)
		wantFault(t, err, identity.ErrRefused)
		if k.Heard("identity.confirmed") != 0 {
			t.Error("orders would attach before the confirmation")
		}
		done, err := k.SpendLink(k.Ctx, k.Mail(identity.LetterAccount).Link, "", b)
		k.Must(err)
		k.Must(k.Session(identity.Shopper, done, b).RequireFull())
		if k.Heard("identity.confirmed") != 1 {
			t.Error("the confirmation was not told")
		}
		_, err = k.SignIn(identity.Shopper, k.Browser(), a)
		k.Must(err)
	})
}

// An address that has an account gains nothing from a guest order: the page is the same, the passkey never counts, the
// account stays as it is, and its owner is told.
func TestGuestOrderForAKnownAddress(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		mb, mallory := k.Browser(), k.Device()
		known := guestPasskey(k, orderEmail(k, "ada@example.com"), mb, mallory)
		unknown := guestPasskey(k, orderEmail(k, "new@example.com"), k.Browser(), k.Device())
		if shape(known, nil) != shape(unknown, nil) {
			t.Errorf("%+v\n%+v", known, unknown)
		}
		if m := k.Mail(identity.LetterAccountKnown); m.To != "ada@example.com" || m.Link != "" {
			t.Errorf("mail: %+v", m)
		}
		_, err := k.SignIn(identity.Shopper, mb, mallory)
		wantFault(t, err, identity.ErrRefused)
		list, err := k.Passkeys(k.Ctx, k.Session(identity.Shopper, step, b))
		k.Must(err)
		if len(list) != 1 {
			t.Errorf("%d passkeys", len(list))
		}
	})
}

// Pre-account hijack: Mallory buys with Ada's address and leaves a passkey. Ada gets the mail and presses its button in
// her own browser: without the code from Mallory's browser nothing happens. Ada's own account later knows nothing of
// Mallory's passkey, and what Mallory began is forgotten.
func TestPreAccountHijack(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		mb, mallory := k.Browser(), k.Device()
		guestPasskey(k, orderEmail(k, "ada@example.com"), mb, mallory)
		trap := k.Mail(identity.LetterAccount)
		b, a := k.Browser(), k.Device()
		_, err := k.SpendLink(k.Ctx, trap.Link, "", b)
		wantFault(t, err, identity.ErrCode)

		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		list, err := k.Passkeys(k.Ctx, k.Session(identity.Shopper, step, b))
		k.Must(err)
		if len(list) != 1 {
			t.Fatalf("%d passkeys", len(list))
		}
		_, err = k.SpendLink(k.Ctx, trap.Link, "", mb) // even who reads Ada's mail later gets a second account of hers: refused
		wantFault(t, err, identity.ErrLink)
		_, err = k.SignIn(identity.Shopper, mb, mallory)
		wantFault(t, err, identity.ErrRefused)

		k.SignUp(k.Browser(), "new@example.com")
		_, err = k.Service.SignUp(k.Ctx, vault.Typed("never@example.com"), k.Browser())
		k.Must(err)
		k.Clock.Advance(25 * time.Hour)
		k.Must(k.Sweep(k.Ctx))
		var pending int
		k.Must(k.Data.Read(k.Ctx, func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM identity_account WHERE state = 1`).Scan(&pending)
		}))
		if pending != 0 {
			t.Errorf("%d pending accounts are left", pending)
		}
		n, err := k.Vault.EraseIntended(k.Ctx, k.Data)
		k.Must(err)
		if n == 0 {
			t.Error("their keys stay")
		}
	})
}

// Two that began with one address at the same time: one gets the account.
func TestParallelConfirmations(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		var links []id.Token
		var browsers []identity.Visitor
		for range 2 {
			b := k.Browser()
			_, err := k.Service.SignUp(k.Ctx, vault.Typed("ada@example.com"), b)
			k.Must(err)
			links, browsers = append(links, k.Mail(identity.LetterAccount).Link), append(browsers, b)
		}
		next := make(chan int, 2)
		next <- 0
		next <- 1
		n := parallel(2, func() error { i := <-next; _, err := k.SpendLink(k.Ctx, links[i], "", browsers[i]); return err })
		if n != 1 {
			t.Errorf("%d accounts for one address", n)
		}
	})
}

// Typed addresses are taken as people write them, and what is none is refused.
func TestAddresses(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		k.SignUpWithPassword(k.Browser(), "Ada@Example.com", Password)
		if _, err := k.Pass(k.Browser(), " ada@example.COM ", Password); err != nil {
			t.Errorf("another spelling: %v", err)
		}
		for _, bad := range []string{"", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "ada@example.com, eve@evil.test",
			"ada@example.com\r\nBcc: eve@evil.test", strings.Repeat("a", 65) + "@example.com"} {
			if _, err := k.AskLink(k.Ctx, vault.Typed(bad), k.Browser()); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

// The mails that one network can ask for are bounded, and that much is said.
func TestMailFlood(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		refused := 0
		for i := range 60 {
			v := Elsewhere(netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}))
			if _, err := k.AskLink(k.Ctx, vault.Typed(fmt.Sprintf("p%d@example.com", i)), v); fault.Is(err, fault.TooMany) {
				refused++
			}
		}
		if refused != 20 {
			t.Errorf("%d of 60 refused", refused)
		}
	})
}

// A shopper who closes the account is gone: sessions and the way in at once, keys an hour later. A last mail with her own
// words says so, and an hour later nobody could write one. V7.4.2.
func TestCloseAccount(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		sess := k.Session(identity.Shopper, step, b)
		acc, err := k.Account(k.Ctx, sess.Account)
		k.Must(err)
		k.Must(k.SetWords(k.Ctx, sess, "blue teapot", b))
		k.Must(k.CloseAccount(k.Ctx, sess, b))
		_, _, err = k.Check(k.Ctx, identity.Shopper, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		k.Run()
		if m := k.Mail(identity.LetterClosed); m.To != "ada@example.com" || m.Words != "blue teapot" || m.Link != "" {
			t.Errorf("the last mail: %+v", m)
		}
		if n, err := k.Vault.EraseIntended(k.Ctx, k.Data); err != nil || n != 0 {
			t.Errorf("erased before the last mail could go: %d, %v", n, err)
		}
		k.Clock.Advance(time.Hour + time.Minute)
		k.Run()
		_, err = k.Vault.EraseIntended(k.Ctx, k.Data)
		k.Must(err)
		if _, err := k.Vault.Reveal(k.Ctx, vault.Look{Actor: access.System("test"), Purpose: vault.Profile}, acc.Email); !vault.Erased(err) {
			t.Errorf("the address: %v", err)
		}
		k.SignUpWithPasskey(b, "ada@example.com", k.Device()) // the address is free again
	})
}
