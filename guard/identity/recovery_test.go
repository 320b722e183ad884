package identity_test

import (
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
)

// startRecovery asks for a recovery and spends the mailed link.
func startRecovery(k *Kit, v identity.Visitor, email string) (identity.Step, error) {
	k.T.Helper()
	_, err := k.StartRecovery(k.Ctx, vault.Typed(email), v)
	k.Must(err)
	return k.SpendLink(k.Ctx, k.Mail(identity.LetterRecovery).Link, "", v)
}

// Who has only a password recovers by mail: after three days, told at once, and with everything that was enrolled gone
// (V6.4.3, V6.3.7).
func TestRecoveryByMail(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		old := k.SignUpWithPassword(b, "ada@example.com", Password)
		step, err := startRecovery(k, b, "ada@example.com")
		k.Must(err)
		if step.Need != identity.Nothing || step.Session != "" || !step.Until.Equal(k.Clock.Now().Add(72*time.Hour)) {
			t.Fatalf("step: %+v", step)
		}
		if m := k.Mail(identity.LetterRecoveryStarted); m.LinkKind != identity.LinkRecoveryCancel || !m.Ready.Equal(step.Until) {
			t.Errorf("notice: %+v", m)
		}
		k.Clock.Advance(71 * time.Hour)
		k.Must(k.TellReady(k.Ctx))
		if len(k.Mails(identity.LetterRecoveryReady)) != 0 {
			t.Fatal("too early")
		}
		k.Session(identity.Shopper, old, b) // until then everything works as before
		k.Clock.Advance(2 * time.Hour)
		k.Must(k.TellReady(k.Ctx))
		k.Must(k.TellReady(k.Ctx)) // told once
		if n := len(k.Mails(identity.LetterRecoveryReady)); n != 1 {
			t.Fatalf("%d mails", n)
		}
		link := k.Mail(identity.LetterRecoveryReady).Link
		_, err = k.SpendLink(k.Ctx, link, "", k.Browser())
		wantFault(t, err, identity.ErrCode)
		phone := k.Browser()
		done, err := k.SpendLink(k.Ctx, link, step.Code, phone)
		k.Must(err)
		_, _, err = k.Check(k.Ctx, identity.Shopper, old.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		sess := k.Session(identity.Shopper, done, phone)
		if sess.Level != identity.Enrolling {
			t.Errorf("level %s", sess.Level)
		}
		if _, err := k.Pass(phone, "ada@example.com", Password); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the old password: %v", err)
		}
		k.Must(k.Session(identity.Shopper, k.Enrol(sess, phone, k.Device()), phone).RequireFull())
		if k.Heard("identity.recovery_started") != 1 || k.Heard("identity.recovery_ended") != 1 {
			t.Error("events")
		}
	})
}

// With a factor enrolled, mail alone never recovers: not at once, not later, and not by "this was not me" (V6.4.3, V6.4.4).
func TestMailAloneNeverRecovers(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		k.SignUpWithPasskey(b, "ada@example.com", a)
		thief := k.Browser() // reads Ada's mail
		step, err := startRecovery(k, thief, "ada@example.com")
		k.Must(err)
		if step.Need != identity.Factor || len(step.Choices) != 1 || step.Choices[0] != identity.PasskeyMethod {
			t.Fatalf("step: %+v", step)
		}
		k.Clock.Advance(100 * time.Hour)
		k.Must(k.TellReady(k.Ctx))
		if len(k.Mails(identity.LetterRecoveryReady)) != 0 || k.Heard("identity.recovery_started") != 0 {
			t.Error("mail alone recovered")
		}
		there := k.Browser()
		there.Agent = Safari
		_, err = k.SignIn(identity.Shopper, there, a)
		k.Must(err)
		step, err = k.SpendLink(k.Ctx, k.Mail(identity.LetterNewDevice).Link, "", thief)
		k.Must(err)
		if step.Need != identity.Factor {
			t.Errorf("not me: %+v", step)
		}
		_, err = k.SignIn(identity.Shopper, b, a)
		k.Must(err)
	})
}

// "This was not me" closes every session, trusts no browser any more, sets the alarm, and begins a recovery.
func TestNotMe(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		own := k.SignUpWithPassword(b, "ada@example.com", Password)
		thief := k.Browser()
		step, err := k.Pass(thief, "ada@example.com", Password)
		k.Must(err)
		if step.Need != identity.Confirm {
			t.Fatalf("a password alone from an unknown browser: %+v", step)
		}
		release := k.Mail(identity.LetterBrowser).Link // the thief reads mail too
		in, err := k.SpendLink(k.Ctx, release, "", thief)
		k.Must(err)
		account := k.Session(identity.Shopper, in, thief).Account
		m := k.Mail(identity.LetterNewDevice)
		l, err := k.PeekLink(k.Ctx, m.Link, b)
		k.Must(err)
		if l.Kind != identity.LinkNotMe || l.Device != "firefox.linux" || !l.SameBrowser {
			t.Errorf("link: %+v", l)
		}
		step, err = k.SpendLink(k.Ctx, m.Link, "", k.Browser())
		k.Must(err)
		if step.Need != identity.Nothing || step.Until.IsZero() {
			t.Errorf("step: %+v", step)
		}
		for token, v := range map[string]identity.Visitor{in.Session.Clear(): thief, own.Session.Clear(): b} {
			_, _, err = k.Check(k.Ctx, identity.Shopper, id.Token(token), v)
			wantFault(t, err, identity.ErrNoSession)
		}
		step, err = k.Pass(thief, "ada@example.com", Password)
		k.Must(err)
		if step.Need == identity.Done {
			t.Error("the thief's browser is still trusted")
		}
		acc, err := k.Account(k.Ctx, account)
		k.Must(err)
		if !acc.Compromised {
			t.Error("no alarm stands")
		}
		if k.Heard("identity.not_me") != 1 || k.Heard("identity.recovery_started") != 1 {
			t.Error("events")
		}
	})
}

// A recovery is cancelled from its notice, or by its owner who proves to be there.
func TestCancelRecovery(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		step := k.SignUpWithPassword(b, "ada@example.com", Password)
		for _, cancel := range []func() error{
			func() error {
				_, err := k.SpendLink(k.Ctx, k.Mail(identity.LetterRecoveryStarted).Link, "", k.Browser())
				return err
			},
			func() error { return k.CancelRecovery(k.Ctx, k.Session(identity.Shopper, step, b), b) },
		} {
			_, err := startRecovery(k, k.Browser(), "ada@example.com")
			k.Must(err)
			sess := k.Session(identity.Shopper, step, b)
			if r, err := k.Recovery(k.Ctx, sess); err != nil || !r.Running {
				t.Fatalf("recovery: %+v %v", r, err)
			}
			k.Must(cancel())
			k.Clock.Advance(5 * time.Minute)
			k.Must(k.TellReady(k.Ctx))
			if r, _ := k.Recovery(k.Ctx, sess); r.Running || len(k.Mails(identity.LetterRecoveryReady)) != 0 {
				t.Error("it goes on")
			}
			if len(k.Mails(identity.LetterRecoveryCancelled)) == 0 {
				t.Error("not told")
			}
		}
	})
}

// Asking again makes a recovery no quicker, and one that nobody ends runs out.
func TestRecoveryIsNotHurried(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUpWithPassword(b, "ada@example.com", Password)
		first, err := startRecovery(k, b, "ada@example.com")
		k.Must(err)
		k.Clock.Advance(2 * time.Hour)
		second, err := startRecovery(k, b, "ada@example.com")
		k.Must(err)
		if !second.Until.Equal(first.Until) {
			t.Errorf("%s became %s", first.Until, second.Until)
		}
		k.Clock.Advance(73 * time.Hour)
		k.Must(k.TellReady(k.Ctx))
		link := k.Mail(identity.LetterRecoveryReady).Link
		k.Clock.Advance(8 * 24 * time.Hour)
		k.Must(k.TellReady(k.Ctx))
		_, err = k.SpendLink(k.Ctx, link, "", b)
		wantFault(t, err, identity.ErrLink)
		step, err := k.Pass(b, "ada@example.com", Password)
		k.Must(err)
		if step.Need != identity.Done {
			t.Errorf("afterwards: %+v", step)
		}
	})
}

// A password from an unknown browser waits for a mail that releases that browser, and gives nothing to the browser in
// which the mail is opened (V6.3.3).
func TestReleaseBrowser(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUpWithPassword(b, "ada@example.com", Password)
		again, err := k.Pass(b, "ada@example.com", Password)
		k.Must(err)
		if again.Need != identity.Done {
			t.Fatalf("from the known browser: %+v", again)
		}
		desk, phone := k.Browser(), k.Browser()
		wait, err := k.Pass(desk, "ada@example.com", Password)
		k.Must(err)
		if wait.Need != identity.Confirm || len(wait.Code) != 9 {
			t.Fatalf("step: %+v", wait)
		}
		link := k.Mail(identity.LetterBrowser).Link
		_, err = k.SpendLink(k.Ctx, link, "", phone)
		wantFault(t, err, identity.ErrCode)
		if s, err := k.Step(k.Ctx, wait.Attempt, desk); err != nil || s.Need != identity.Confirm {
			t.Fatalf("still waiting: %+v %v", s, err)
		}
		if n := len(k.Mails(identity.LetterBrowser)); n != 1 {
			t.Errorf("looking sent %d mails", n)
		}
		got, err := k.SpendLink(k.Ctx, link, wait.Code, phone)
		k.Must(err)
		if got.Need != identity.Nothing || got.Session != "" {
			t.Fatalf("the phone got %+v", got)
		}
		_, err = k.Step(k.Ctx, wait.Attempt, phone)
		wantFault(t, err, identity.ErrAttempt)
		in, err := k.Step(k.Ctx, wait.Attempt, desk)
		k.Must(err)
		k.Must(k.Session(identity.Shopper, in, desk).RequireFull())
		_, err = k.Step(k.Ctx, wait.Attempt, desk)
		wantFault(t, err, identity.ErrAttempt)
	})
}

// Of parallel looks at a released attempt exactly one gets the session.
func TestParallelSteps(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		k.SignUpWithPassword(k.Browser(), "ada@example.com", Password)
		desk := k.Browser()
		wait, err := k.Pass(desk, "ada@example.com", Password)
		k.Must(err)
		_, err = k.SpendLink(k.Ctx, k.Mail(identity.LetterBrowser).Link, wait.Code, k.Browser())
		k.Must(err)
		n := parallel(8, func() error { _, err := k.Step(k.Ctx, wait.Attempt, desk); return err })
		if n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}

// A limited session, however often, releases no browser: a password that is set later does not stand alone there.
func TestLimitedSessionsReleaseNothing(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, reader := k.Browser(), k.Browser()
		step := k.SignUp(b, "ada@example.com")
		for range 2 {
			_, err := k.AskLink(k.Ctx, vault.Typed("ada@example.com"), reader)
			k.Must(err)
			_, err = k.SpendLink(k.Ctx, k.Mail(identity.LetterSignIn).Link, "", reader)
			k.Must(err)
		}
		k.SetPassword(k.Session(identity.Shopper, step, b), Password, b)
		in, err := k.Pass(reader, "ada@example.com", Password)
		k.Must(err)
		if in.Need != identity.Confirm {
			t.Errorf("step: %+v", in)
		}
	})
}

// Three wrong codes behind a right password are told to the owner: somebody knows the password (V6.3.5).
func TestWrongCodesAreTold(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		step := k.SignUpWithPassword(b, "ada@example.com", Password)
		k.EnrolApp(k.Session(identity.Shopper, step, b), b)
		thief := k.Browser()
		in, err := k.Pass(thief, "ada@example.com", Password)
		k.Must(err)
		told := func() (n int) {
			for _, m := range k.Mails(identity.LetterChanged) {
				if m.What == "factor_failed" {
					n++
				}
			}
			return n
		}
		for i := range 4 {
			if got := told(); got != i/3 {
				t.Errorf("after %d codes: told %d times", i, got)
			}
			if _, err := k.ProveApp(k.Ctx, in.Attempt, "000000", thief); err == nil {
				t.Fatal("a wrong code was taken")
			}
		}
		if told() != 1 {
			t.Errorf("told %d times", told())
		}
	})
}

// Staff recover by nobody's mailbox: disowning a sign-in closes the sessions, and that is all.
func TestStaffDoNotRecoverByMail(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		account, b, a := k.Staff("owner@example.com"), k.Browser(), NewAuthenticator(AdminOrigin)
		step, err := k.OpenEnrolment(k.Ctx, identity.Staff, account, b)
		k.Must(err)
		step = k.Enrol(k.Session(identity.Staff, step, b), b, a)
		step, err = k.Raise(k.Ctx, k.Session(identity.Staff, step, b), b)
		k.Must(err)
		_, err = k.StartRecovery(k.Ctx, vault.Typed("owner@example.com"), b)
		k.Must(err)
		_, err = k.AskLink(k.Ctx, vault.Typed("owner@example.com"), b)
		k.Must(err)
		if k.All() != 1 { // the passkey was told, and nothing else
			t.Errorf("%d mails", k.All())
		}
		_, err = k.SignIn(identity.Staff, k.Browser(), a)
		k.Must(err)
		m := k.Mail(identity.LetterNewDevice)
		if m.Base != AdminOrigin {
			t.Errorf("the link leads to %s", m.Base)
		}
		got, err := k.SpendLink(k.Ctx, m.Link, "", k.Browser())
		k.Must(err)
		if got.Need != identity.Nothing || k.Heard("identity.recovery_started") != 0 {
			t.Errorf("step: %+v", got)
		}
		_, _, err = k.Check(k.Ctx, identity.Staff, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
	})
}

// A new password, set with a fresh proof, ends what was begun under the old one: mailed links, and a recovery that waits
// for its delay. Whoever reads the mailbox cannot finish it.
func TestANewPasswordEndsARecovery(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, thief := k.Browser(), k.Browser()
		sess := k.Session(identity.Shopper, k.SignUpWithPassword(b, "ada@example.com", Password), b)
		change := func(from, to string) {
			t.Helper()
			step, err := k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: from, Next: to}, b)
			k.Must(err)
			sess = k.Session(identity.Shopper, step, b)
		}
		_, err := k.StartRecovery(k.Ctx, vault.Typed("ada@example.com"), thief)
		k.Must(err)
		unspent := k.Mail(identity.LetterRecovery).Link
		change(Password, Other)
		_, err = k.SpendLink(k.Ctx, unspent, "", thief)
		wantFault(t, err, identity.ErrLink)
		_, err = startRecovery(k, thief, "ada@example.com")
		k.Must(err)
		change(Other, Password)
		if r, err := k.Recovery(k.Ctx, sess); err != nil || r.Running || len(k.Mails(identity.LetterRecoveryCancelled)) != 1 {
			t.Errorf("%+v %v", r, err)
		}
		k.Clock.Advance(100 * time.Hour)
		k.Must(k.TellReady(k.Ctx))
		if n := len(k.Mails(identity.LetterRecoveryReady)); n != 0 {
			t.Errorf("%d mails that end it", n)
		}
		_, err = k.Pass(b, "ada@example.com", Password)
		k.Must(err)
	})
}
