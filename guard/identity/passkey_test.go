package identity_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
)

// each runs a test on both engines, with a kit.
func each(t *testing.T, test func(t *testing.T, k *Kit)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) { test(t, New(t, p)) })
}

func wantFault(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

// Somebody signs up, adds a passkey, leaves and comes back; another device of the same kind works beside it (V6.3.3).
func TestPasskeySignIn(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		if step.Need != identity.Done || step.Level != identity.Full {
			t.Fatalf("after enrolment: %+v", step)
		}
		sess := k.Session(identity.Shopper, step, b)
		k.Must(k.SignOut(k.Ctx, sess, b))
		_, _, err := k.Check(k.Ctx, identity.Shopper, step.Session, b)
		wantFault(t, err, identity.ErrNoSession) // V7.4.1
		step, err = k.SignIn(identity.Shopper, b, a)
		k.Must(err)
		if !step.Proven.Has(identity.PasskeyMethod) || step.Level != identity.Full {
			t.Fatalf("signed in: %+v", step)
		}
		k.Clock.Advance(time.Second)
		second := k.Device()
		second.Synced = true
		step = k.Enrol(k.Session(identity.Shopper, step, b), b, second)
		list, err := k.Passkeys(k.Ctx, k.Session(identity.Shopper, step, b))
		k.Must(err)
		if len(list) != 2 || list[0].Synced || !list[1].Synced || list[0].Name.IsZero() {
			t.Fatalf("passkeys: %+v", list)
		}
		for range 2 { // the counter of a synced key stays 0
			_, err = k.SignIn(identity.Shopper, b, second)
			k.Must(err)
		}
		if k.Heard("identity.signed_in") < 4 || k.Heard("identity.sign_in_refused") != 0 {
			t.Error("events are missing")
		}
	})
}

// A challenge is 256 bits, different each time, and demands user verification (V6.7.2).
func TestChallenge(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		seen := map[string]bool{}
		for range 20 {
			c, err := k.BeginPasskey(k.Ctx, identity.Shopper, k.Browser())
			k.Must(err)
			var o struct {
				Challenge, RPID, UserVerification string
				AllowCredentials                  []any
			}
			k.Must(json.Unmarshal(c.Options, &o))
			if len(o.Challenge) != 43 || seen[o.Challenge] || o.RPID != "shop.example" || o.UserVerification != "required" || len(o.AllowCredentials) != 0 {
				t.Fatalf("options: %s", c.Options)
			}
			seen[o.Challenge] = true
		}
	})
}

// Everything that makes an answer another one than was asked for is refused, with the same error, an audit entry and an
// event; the passkey itself keeps working (V6.3.1, V6.3.8).
func TestWrongAnswersAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Authenticator){
		"wrong origin":              func(a *Authenticator) { a.Origin = "https://shop.example.evil.test" },
		"origin with another port":  func(a *Authenticator) { a.Origin = "https://shop.example:8443" },
		"origin without encryption": func(a *Authenticator) { a.Origin = "http://shop.example" },
		"the admin's origin":        func(a *Authenticator) { a.Origin = AdminOrigin },
		"wrong relying party":       func(a *Authenticator) { a.RPID = "evil.test" },
		"person not verified":       func(a *Authenticator) { a.Verified = false },
		"suddenly synced":           func(a *Authenticator) { a.Synced = true },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k *Kit) {
				b, a := k.Browser(), k.Device()
				k.SignUpWithPasskey(b, "ada@example.com", a)
				bad := a.Clone()
				spoil(bad)
				_, err := k.SignIn(identity.Shopper, b, bad)
				wantFault(t, err, identity.ErrRefused)
				refusedOnce(t, k, "identity.sign_in")
				good, err := k.SignIn(identity.Shopper, b, a)
				k.Must(err)
				k.Session(identity.Shopper, good, b)
			})
		})
	}
}

// refusedOnce looks for the audit entry and the event of a refusal.
func refusedOnce(t *testing.T, k *Kit, action string) {
	t.Helper()
	p, err := k.Audit.List(k.Ctx, audit.Filter{Action: action, Outcome: audit.Refused})
	k.Must(err)
	if len(p.Rows) == 0 || p.Rows[0].Person.IsZero() {
		t.Errorf("%s: %d entries of refusals, or none that names the person's handle", action, len(p.Rows))
	}
	if k.Heard(action+"_refused") == 0 {
		t.Errorf("%s_refused was not told", action)
	}
}

// A registration is held to the same: origin, relying party, user verification.
func TestWrongRegistrationsAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Authenticator){
		"wrong origin":        func(a *Authenticator) { a.Origin = "https://evil.test" },
		"wrong relying party": func(a *Authenticator) { a.RPID = "evil.test" },
		"person not verified": func(a *Authenticator) { a.Verified = false },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k *Kit) {
				b, a := k.Browser(), k.Device()
				sess := k.Session(identity.Shopper, k.SignUp(b, "ada@example.com"), b)
				c, err := k.BeginEnrol(k.Ctx, sess, b)
				k.Must(err)
				spoil(a)
				answer, err := a.Create(c.Options)
				k.Must(err)
				_, err = k.FinishEnrol(k.Ctx, sess, c.Token, "", answer, b)
				wantFault(t, err, identity.ErrRefused)
				if e, _ := k.Methods(k.Ctx, sess.Account); e.Passkeys != 0 {
					t.Error("the passkey was kept")
				}
			})
		})
	}
}

// A challenge is answered once, in the browser that got it, in time, and for the realm that it was made for; answers
// cannot be replayed (V6.5.1, V7.2.4).
func TestChallengesAreSpent(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		k.SignUpWithPasskey(b, "ada@example.com", a)
		begin := func() (identity.Ceremony, []byte) {
			c, err := k.BeginPasskey(k.Ctx, identity.Shopper, b)
			k.Must(err)
			answer, err := a.Get(c.Options)
			k.Must(err)
			return c, answer
		}
		c, answer := begin()
		_, err := k.FinishPasskey(k.Ctx, identity.Shopper, c.Token, answer, b)
		k.Must(err)
		_, err = k.FinishPasskey(k.Ctx, identity.Shopper, c.Token, answer, b)
		wantFault(t, err, identity.ErrAttempt)

		other, _ := begin()
		_, err = k.FinishPasskey(k.Ctx, identity.Shopper, other.Token, answer, b) // an old answer for a new challenge
		wantFault(t, err, identity.ErrRefused)

		c, answer = begin()
		_, err = k.FinishPasskey(k.Ctx, identity.Shopper, c.Token, answer, k.Browser())
		wantFault(t, err, identity.ErrAttempt)

		c, answer = begin()
		k.Clock.Advance(11 * time.Minute)
		_, err = k.FinishPasskey(k.Ctx, identity.Shopper, c.Token, answer, b)
		wantFault(t, err, identity.ErrAttempt)

		c, answer = begin()
		_, err = k.FinishPasskey(k.Ctx, identity.Staff, c.Token, answer, b)
		wantFault(t, err, identity.ErrAttempt)
	})
}

// Of parallel answers to one challenge exactly one signs in.
func TestParallelAnswers(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		k.SignUpWithPasskey(b, "ada@example.com", a)
		c, err := k.BeginPasskey(k.Ctx, identity.Shopper, b)
		k.Must(err)
		answer, err := a.Get(c.Options)
		k.Must(err)
		if n := parallel(8, func() error { _, err := k.FinishPasskey(k.Ctx, identity.Shopper, c.Token, answer, b); return err }); n != 1 {
			t.Errorf("%d of 8 signed in", n)
		}
	})
}

// parallel runs f so many times at once and counts how often it went well.
func parallel(n int, f func() error) (good int) {
	done := make(chan error, n)
	start := make(chan struct{})
	for range n {
		go func() { <-start; done <- f() }()
	}
	close(start)
	for range n {
		if <-done == nil {
			good++
		}
	}
	return good
}

// A counter that goes back means that there are two of a key: it is refused, stopped, told and mailed.
func TestClonedPasskey(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		spare := k.Device()
		k.Enrol(k.Session(identity.Shopper, step, b), b, spare)
		thief := a.Clone()
		for range 3 {
			_, err := k.SignIn(identity.Shopper, b, a)
			k.Must(err)
		}
		_, err := k.SignIn(identity.Shopper, k.Browser(), thief)
		wantFault(t, err, identity.ErrRefused)
		if k.Heard("identity.clone_seen") != 1 {
			t.Error("no alarm")
		}
		if m := k.Mail(identity.LetterChanged); m.What != "clone_seen" || m.To != "ada@example.com" {
			t.Errorf("mail: %+v", m)
		}
		_, err = k.SignIn(identity.Shopper, b, a)
		wantFault(t, err, identity.ErrRefused)
		again, err := k.SignIn(identity.Shopper, b, spare)
		k.Must(err)
		_, acc, err := k.Check(k.Ctx, identity.Shopper, again.Session, b)
		k.Must(err)
		if !acc.Compromised {
			t.Error("the alarm does not stand")
		}
	})
}

// Who can write the database cannot exchange a public key, nor give a passkey to another account, unseen (V6.7.1).
func TestPublicKeysAreProtected(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		k.SignUpWithPasskey(b, "ada@example.com", a)
		mb, mallory := k.Browser(), k.Device()
		mstep := k.SignUpWithPasskey(mb, "mallory@example.com", mallory)
		m := k.Session(identity.Shopper, mstep, mb)
		forge := func(statement string) {
			k.Must(k.Data.Write(k.Ctx, func(tx *db.Tx) error { _, err := tx.Exec(statement, m.Account); return err }))
		}
		forge(`UPDATE identity_passkey SET public_key = (SELECT p.public_key FROM identity_passkey p WHERE p.account = $1) WHERE account <> $1`)
		_, err := k.SignIn(identity.Shopper, mb, mallory.Pose(a)) // Mallory's key under Ada's name
		wantFault(t, err, identity.ErrRefused)
		_, err = k.SignIn(identity.Shopper, b, a)
		wantFault(t, err, identity.ErrRefused)
		forge(`UPDATE identity_passkey SET account = (SELECT a.id FROM identity_account a WHERE a.id <> $1 LIMIT 1) WHERE account = $1`)
		_, err = k.SignIn(identity.Shopper, mb, mallory.PoseAsOwner(a)) // Mallory's passkey in Ada's account
		wantFault(t, err, identity.ErrRefused)
	})
}

// The passkey way is never shut, however many wrong tries were made for the name (V6.1.1, V6.3.1).
func TestPasskeysAreNotThrottled(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		k.SignUpWithPasskey(b, "ada@example.com", a)
		for range 50 {
			bad := a.Clone()
			bad.Origin = "https://evil.test"
			_, err := k.SignIn(identity.Shopper, b, bad)
			wantFault(t, err, identity.ErrRefused)
		}
		_, err := k.SignIn(identity.Shopper, b, a)
		k.Must(err)
	})
}

// A passkey of the shop is none of the admin, and the other way round; a closed account signs in nowhere.
func TestRealmsAreApart(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		staff := a.Clone()
		staff.Origin, staff.RPID = AdminOrigin, "admin.example"
		_, err := k.SignIn(identity.Staff, b, staff)
		wantFault(t, err, identity.ErrRefused)
		_, _, err = k.Check(k.Ctx, identity.Staff, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		sess := k.Session(identity.Shopper, step, b)
		k.Must(k.Data.Write(k.Ctx, func(tx *db.Tx) error { return k.Close(tx, sess.Account) }))
		_, _, err = k.Check(k.Ctx, identity.Shopper, step.Session, b)
		wantFault(t, err, identity.ErrNoSession) // V7.4.2
		_, err = k.SignIn(identity.Shopper, b, a)
		wantFault(t, err, identity.ErrRefused)
	})
}

// The last strong way cannot be removed, and removing one wants a fresh proof and ends the other sessions (V6.5.6, V7.4.3, V7.5.1).
func TestRemovingPasskeys(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		sess := k.Session(identity.Shopper, step, b)
		list, err := k.Passkeys(k.Ctx, sess)
		k.Must(err)
		wantFault(t, k.RemovePasskey(k.Ctx, sess, list[0].ID, b), identity.ErrLast)
		if k.Heard("identity.remove_refused") != 1 {
			t.Error("the refusal was not told")
		}
		step = k.Enrol(sess, b, k.Device())
		elsewhere := k.Browser()
		other, err := k.SignIn(identity.Shopper, elsewhere, a)
		k.Must(err)
		k.Clock.Advance(11 * time.Minute)
		sess = k.Session(identity.Shopper, step, b)
		wantFault(t, k.RemovePasskey(k.Ctx, sess, list[0].ID, b), identity.ErrStepUp)
		step, err = k.StepUp(sess, b, a)
		k.Must(err)
		sess = k.Session(identity.Shopper, step, b)
		k.Must(k.RemovePasskey(k.Ctx, sess, list[0].ID, b))
		_, _, err = k.Check(k.Ctx, identity.Shopper, other.Session, elsewhere)
		wantFault(t, err, identity.ErrNoSession)
		_, err = k.SignIn(identity.Shopper, b, a)
		wantFault(t, err, identity.ErrRefused)
		if m := k.Mail(identity.LetterChanged); m.What != "passkey_removed" {
			t.Errorf("the owner was told %q", m.What)
		}
	})
}

// A foreign passkey, or an answer for another attempt, does not step up.
func TestStepUpIsBound(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		sess := k.Session(identity.Shopper, step, b)
		mb, mallory := k.Browser(), k.Device()
		k.SignUpWithPasskey(mb, "mallory@example.com", mallory)
		one, err := k.BeginStepUp(k.Ctx, sess, b)
		k.Must(err)
		two, err := k.BeginStepUp(k.Ctx, sess, b)
		k.Must(err)
		c, err := k.BeginFactorPasskey(k.Ctx, one.Attempt, b)
		k.Must(err)
		answer, err := a.Get(c.Options)
		k.Must(err)
		_, err = k.FinishFactorPasskey(k.Ctx, two.Attempt, c.Token, answer, b) // V6.6.2
		wantFault(t, err, identity.ErrRefused)
		c, err = k.BeginFactorPasskey(k.Ctx, one.Attempt, b)
		k.Must(err)
		if _, err := mallory.Get(c.Options); err == nil {
			t.Error("a foreign key was asked for")
		}
		if _, err := k.BeginFactorPasskey(k.Ctx, one.Attempt, mb); !fault.Is(err, fault.Gone) {
			t.Errorf("another browser went on with the attempt: %v", err)
		}
		if _, err := k.BeginFactorPasskey(k.Ctx, id.NewToken(), b); !fault.Is(err, fault.Gone) {
			t.Errorf("an unknown attempt: %v", err)
		}
	})
}

// Beside its keys nothing in the database tells the address or the name of a passkey.
func TestNothingPersonalInClear(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		k.SignUpWithPasskey(b, "ada.lovelace@example.com", k.Device())
		k.Run()
		leaks(t, k, "ada.lovelace", "my key")
	})
}
