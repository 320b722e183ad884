package identity_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/identity"
	"strongroom/guard/identity/hash"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/identity/strength"
	"strongroom/guard/privacy"
)

const ada = "ada.lovelace@buyer.example"

// fieldKey is the message key beside a field of a refused form.
func fieldKey(err error, field string) string {
	if f := fault.As(err); f != nil {
		for _, x := range f.Fields {
			if x.Name == field {
				return x.Key
			}
		}
	}
	return ""
}

// V6.3.3, V6.3.6: a right password from a browser that nobody released opens nothing; the mailed confirmation releases
// that browser and is no way in by itself.
func TestAPasswordFromAnUnknownBrowserNeedsAConfirmation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		home := k.Browser()
		k.SignUpWithPassword(home, ada, identitytest.Password)
		step, err := k.Pass(home, ada, identitytest.Password)
		k.Must(err)
		if step.Need != identity.Done {
			t.Fatalf("from the browser where it was set: %+v", step)
		}
		away := k.Browser()
		if step, err = k.Pass(away, ada, identitytest.Password); err != nil || step.Need != identity.Confirm || step.Session != "" {
			t.Fatalf("from elsewhere: %+v %v", step, err)
		}
		if again, err := k.Step(k.Ctx, step.Attempt, away); err != nil || again.Need != identity.Confirm {
			t.Fatalf("before the mail was opened: %+v %v", again, err)
		}
		mail := k.Mail(identity.LetterBrowser)
		spent, err := k.SpendLink(k.Ctx, mail.Link, step.Code, k.Browser()) // opened on the phone
		if err != nil || spent.Session != "" {
			t.Fatalf("the link opened %+v %v", spent, err)
		}
		done, err := k.Step(k.Ctx, step.Attempt, away)
		if err != nil || done.Need != identity.Done || done.Session == "" {
			t.Fatalf("after it: %+v %v", done, err)
		}
		if _, err := k.Step(k.Ctx, step.Attempt, away); !fault.Is(err, fault.Gone) {
			t.Errorf("the attempt opens twice: %v", err)
		}
	})
}

// V6.3.8: wrong password, unknown name, no password and a pending account: one answer.
func TestOneAnswerForEverythingThatIsWrong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		k.SignUpWithPassword(k.Browser(), ada, identitytest.Password)
		k.SignUpWithPasskey(k.Browser(), "keys@buyer.example", k.Device())
		_, err := k.Service.SignUp(k.Ctx, typed("pending@buyer.example"), k.Browser())
		k.Must(err)
		for _, x := range [][2]string{{ada, "wrong"}, {ada, ""}, {ada, strings.ToUpper(identitytest.Password)}, {ada, identitytest.Password + " "},
			{ada, strings.Repeat(identitytest.Password, 100)}, {"nobody@buyer.example", identitytest.Password},
			{"keys@buyer.example", identitytest.Password}, {"pending@buyer.example", identitytest.Password}} {
			step, err := k.Pass(k.Browser(), x[0], x[1])
			f := fault.As(err)
			if f == nil || f.Kind != fault.Forbidden || f.Key != "identity.refused" || len(f.Params) != 0 || step.Attempt != "" || step.Code != "" {
				t.Errorf("%s %.12q: %+v %v", x[0], x[1], step, err)
			}
		}
		if step, err := k.Service.Password(k.Ctx, identity.Staff, typed(ada), identitytest.Password, k.Browser()); !errors.Is(err, identity.ErrRefused) {
			t.Errorf("at the staff's door: %+v %v", step, err)
		}
	})
}

// V6.2.1, V6.2.4, V6.2.11: what may be set, and by which rule; V6.2.2, V6.2.3: changing it needs the current one.
func TestSettingAndChangingAPassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v := k.Browser()
		sess := k.Session(identity.Shopper, k.SignUp(v, ada), v)
		for password, want := range map[string]string{"short": strength.TooShort, "passwordpassword": strength.Common,
			"ada.lovelace.1815": strength.Context, "kilnandorchard26": strength.Context, "12345678901234567": strength.Pattern} {
			_, err := k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Next: password}, v)
			if got := fieldKey(err, "password"); got != want {
				t.Errorf("%q: %q, want %q (%v)", password, got, want, err)
			}
		}
		_, err := k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Next: "byron and his daughter", About: personals("Augusta Byron Daughter")}, v)
		if fieldKey(err, "password") != strength.Context {
			t.Errorf("of her own name: %v", err)
		}
		step := k.SetPassword(sess, identitytest.Password, v)
		other := k.Browser()
		sess = k.Session(identity.Shopper, step, v)
		for _, current := range []string{"", "wrong", identitytest.Other} {
			_, err := k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: current, Next: identitytest.Other}, v)
			if fieldKey(err, "current") != "identity.password_wrong" {
				t.Errorf("with %q: %v", current, err)
			}
		}
		step, err = k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: identitytest.Password, Next: identitytest.Other}, v)
		k.Must(err)
		k.Session(identity.Shopper, step, v)
		if _, _, err := k.Check(k.Ctx, identity.Shopper, "", v); err == nil {
			t.Error("no token is a session")
		}
		if _, err := k.Pass(other, ada, identitytest.Password); !errors.Is(err, identity.ErrRefused) {
			t.Errorf("the old one: %v", err)
		}
		if step, err := k.Pass(v, ada, identitytest.Other); err != nil || step.Need != identity.Done {
			t.Errorf("the new one: %+v %v", step, err)
		}
		if n := len(k.Mails(identity.LetterChanged)); n != 2 { // V6.3.7
			t.Errorf("%d letters about it", n)
		}
	})
}

// NIST 800-63B-4 3.1.1.2: the form in which a keyboard writes a letter does not matter; V6.2.8: nothing else is changed.
func TestAnotherKeyboardWritesTheSamePassword(t *testing.T) {
	k := identitytest.New(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := k.Browser()
	k.SignUpWithPassword(v, ada, "cafe\u0301 au lait for seven")
	if step, err := k.Pass(v, ada, "caf\u00e9 au lait for seven"); err != nil || step.Need != identity.Done {
		t.Errorf("%+v %v", step, err)
	}
	if _, err := k.Pass(v, ada, "Caf\u00e9 au lait for seven"); err == nil {
		t.Error("case was changed")
	}
}

// A change throws the others out and what they had begun, and needs a fresh proof.
func TestAChangedPasswordEndsEverythingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v, thief := k.Browser(), k.Browser()
		step := k.SignUpWithPassword(v, ada, identitytest.Password)
		begun, err := k.Pass(thief, ada, identitytest.Password)
		k.Must(err)
		sess := k.Session(identity.Shopper, step, v)
		k.Clock.Advance(identity.StepUpFor + 1e9)
		stale := k.Session(identity.Shopper, step, v)
		if _, err := k.Service.SetPassword(k.Ctx, stale, identity.NewPassword{Current: identitytest.Password, Next: identitytest.Other}, v); !errors.Is(err, identity.ErrStepUp) {
			t.Errorf("without a fresh proof: %v", err)
		}
		up, err := k.BeginStepUp(k.Ctx, sess, v)
		k.Must(err)
		up, err = k.ProvePassword(k.Ctx, up.Attempt, identitytest.Password, v)
		k.Must(err)
		sess = k.Session(identity.Shopper, up, v)
		_, err = k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: identitytest.Password, Next: identitytest.Other}, v)
		k.Must(err)
		if _, err := k.Step(k.Ctx, begun.Attempt, thief); !fault.Is(err, fault.Gone) {
			t.Errorf("what the old password had begun goes on: %v", err)
		}
	})
}

// Costs and pepper can change: the next sign-in makes the record anew, and the old password stays right.
func TestARecordIsMadeAnewAtSignIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v := k.Browser()
		k.SignUpWithPassword(v, ada, identitytest.Password)
		dearer := identitytest.Again(k, func(d *identity.Deps) {
			d.Hash = newPool(t, k, hash.Params{Memory: 128, Passes: 2, Lanes: 1})
		})
		for range 2 {
			if step, err := dearer.Password(k.Ctx, identity.Shopper, typed(ada), identitytest.Password, v); err != nil || step.Need != identity.Done {
				t.Fatalf("%+v %v", step, err)
			}
			if rec := record(t, p); !strings.HasPrefix(rec, "$argon2id$v=19$m=128,t=2,p=1,keyid=AQ$") {
				t.Errorf("the record is %q", rec)
			}
		}
	})
}

func record(t *testing.T, p dbtest.Pair) (rec string) {
	t.Helper()
	err := p.Data.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow("SELECT record FROM identity_password").Scan(&rec) })
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// V6.3.1, NIST 800-63B-4 3.2.2: tries are counted over restarts and browsers; the counted way shuts and another one
// stays open.
func TestGuessingIsSlowedAndTheOwnerIsNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		home, key := k.Browser(), k.Device()
		sess := k.Session(identity.Shopper, k.SignUpWithPasskey(home, ada, key), home)
		k.SetPassword(sess, identitytest.Password, home)
		var refused, slow int
		for i := range 40 {
			guesser := k.Browser()
			s := k.Service
			if i%7 == 0 {
				s = identitytest.Again(k, nil) // the store was started anew
			}
			_, err := s.Password(k.Ctx, identity.Shopper, typed(ada), fmt.Sprint("guess ", i), guesser)
			switch {
			case errors.Is(err, identity.ErrRefused):
				refused++
			case fault.Is(err, fault.TooMany):
				slow++
			default:
				t.Fatal(err)
			}
		}
		if refused > 6 || slow < 34 {
			t.Errorf("%d guesses were looked at, %d were not", refused, slow)
		}
		if _, err := k.Pass(k.Browser(), ada, identitytest.Password); !fault.Is(err, fault.TooMany) {
			t.Errorf("the right one from elsewhere meanwhile: %v", err)
		}
		if step, err := k.Pass(home, ada, identitytest.Password); err != nil || step.Need != identity.Done {
			t.Errorf("the owner at home: %+v %v", step, err)
		}
		if step, err := k.SignIn(identity.Shopper, k.Browser(), key); err != nil || step.Need != identity.Done {
			t.Errorf("the owner's passkey elsewhere: %+v %v", step, err)
		}
	})
}

// V2.3.4, V15.4.1: of many changes at once one counts, and the record is that of one of them.
func TestParallelChangesLeaveOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v := k.Browser()
		sess := k.Session(identity.Shopper, k.SignUpWithPassword(v, ada, identitytest.Password), v)
		var done atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				_, err := k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: identitytest.Password, Next: fmt.Sprint(identitytest.Other, i)}, v)
				if err == nil {
					done.Add(1)
				}
			})
		}
		all.Wait()
		if n := done.Load(); n != 1 {
			t.Errorf("%d changes counted", n)
		}
	})
}

// The last strong way stays: a password that may not stand alone needs its factor, and the other way round.
func TestTheLastStrongWayStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v := k.Browser()
		sess := k.Session(identity.Shopper, k.SignUpWithPassword(v, ada, identitytest.Password), v)
		if err := k.RemovePassword(k.Ctx, sess, v); !errors.Is(err, identity.ErrLast) {
			t.Errorf("the only way: %v", err)
		}
		_, step := k.EnrolApp(sess, v)
		sess = k.Session(identity.Shopper, step, v)
		// V6.2.1: with a factor eight characters are enough.
		step, err := k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: identitytest.Password, Next: "xkvjqwpz"}, v)
		k.Must(err)
		sess = k.Session(identity.Shopper, step, v)
		if err := k.RemoveApp(k.Ctx, sess, v); !errors.Is(err, identity.ErrLast) {
			t.Errorf("the factor of a short password: %v", err)
		}
		step, err = k.Service.SetPassword(k.Ctx, sess, identity.NewPassword{Current: "xkvjqwpz", Next: identitytest.Other}, v)
		k.Must(err)
		sess = k.Session(identity.Shopper, step, v)
		k.Must(k.RemoveApp(k.Ctx, sess, v))
		step = k.Enrol(sess, v, k.Device())
		sess = k.Session(identity.Shopper, step, v)
		k.Must(k.RemovePassword(k.Ctx, sess, v))
		if e, err := k.Methods(k.Ctx, sess.Account); err != nil || e.Password || e.App || e.Passkeys != 1 {
			t.Errorf("what is left: %+v %v", e, err)
		}
	})
}

func TestAdviceKnowsTheAccount(t *testing.T) {
	k := identitytest.New(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := k.Browser()
	sess := k.Session(identity.Shopper, k.SignUp(v, ada), v)
	a, err := k.AdvisePassword(k.Ctx, sess, identity.NewPassword{Next: "ada.lovelace.1815"})
	if err != nil || a.Fits || a.Reason != strength.Context || a.Score > 1 {
		t.Errorf("%+v %v", a, err)
	}
	if a, err = k.AdvisePassword(k.Ctx, sess, identity.NewPassword{Next: identitytest.Password}); err != nil || !a.Fits || a.Score < 3 {
		t.Errorf("%+v %v", a, err)
	}
	if _, err := k.AdvisePassword(k.Ctx, identity.Session{}, identity.NewPassword{Next: "x"}); err == nil {
		t.Error("advice for nobody")
	}
}

// V6.2.10: nothing expires. After three years the same password is right, and nobody is made to change it.
func TestPasswordsDoNotExpire(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v := k.Browser()
		k.SignUpWithPassword(v, ada, identitytest.Password)
		k.Clock.Advance(3 * 365 * 24 * time.Hour)
		if step, err := k.Pass(v, ada, identitytest.Password); err != nil || step.Need != identity.Done || step.Level != identity.Full {
			t.Errorf("%+v %v", step, err)
		}
	})
}

// No way of signing in runs out, so that nobody has to be reminded of renewing one: after three years the passkey, the
// app and a recovery code are what they were (V6.4.5).
func TestNothingExpires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v, device := k.Browser(), k.Device()
		sess := k.Session(identity.Shopper, k.SignUpWithPassword(v, ada, identitytest.Password), v)
		sess = k.Session(identity.Shopper, k.Enrol(sess, v, device), v)
		app, step := k.EnrolApp(sess, v)
		codes, err := k.MakeCodes(k.Ctx, k.Session(identity.Shopper, step, v), v)
		k.Must(err)
		k.Clock.Advance(3 * 365 * 24 * time.Hour)
		if step, err := k.SignIn(identity.Shopper, k.Browser(), device); err != nil || step.Need != identity.Done {
			t.Errorf("the passkey: %+v %v", step, err)
		}
		for name, prove := range map[string]func(a id.Token, v identity.Visitor) (identity.Step, error){
			"app": func(a id.Token, v identity.Visitor) (identity.Step, error) {
				return k.ProveApp(k.Ctx, a, app.Code(), v)
			},
			"code": func(a id.Token, v identity.Visitor) (identity.Step, error) { return k.ProveCode(k.Ctx, a, codes[9], v) },
		} {
			v := k.Browser()
			begun, err := k.Pass(v, ada, identitytest.Password)
			k.Must(err)
			if step, err := prove(begun.Attempt, v); err != nil || step.Need != identity.Done {
				t.Errorf("the %s: %+v %v", name, step, err)
			}
		}
	})
}

// V6.3.2: a new store has no account at all; V6.4.2: no table has room for hints or questions.
func TestANewStoreHasNoAccountsAndNoHints(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		var n int64
		err := p.Data.Read(t.Context(), func(tx *db.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM identity_account").Scan(&n) })
		if err != nil || n != 0 {
			t.Errorf("%d accounts, %v", n, err)
		}
		for _, c := range privacy.Columns() { // which are those of the schema: a test there holds them together
			if strings.HasPrefix(c.Table, "identity_") && (strings.Contains(c.Name, "hint") || strings.Contains(c.Name, "question") || strings.Contains(c.Name, "answer")) {
				t.Errorf("%s.%s", c.Table, c.Name)
			}
		}
	})
}

// V6.3.8: every answer costs exactly one hash, whoever is asked for; only what is throttled costs none.
func TestEveryAnswerCostsOneHash(t *testing.T) {
	k := identitytest.New(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := k.Browser()
	k.SignUpWithPassword(v, ada, identitytest.Password)
	k.SignUpWithPasskey(k.Browser(), "keys@buyer.example", k.Device())
	var hashes atomic.Int64
	counting := identitytest.Again(k, func(d *identity.Deps) {
		var err error
		pepper := identitytest.Pepper(k.Vault)
		d.Hash, err = hash.NewPool(hash.Options{Params: identitytest.Cheap, Pepper: func(version uint8, b []byte) []byte {
			hashes.Add(1)
			return pepper(version, b)
		}})
		k.Must(err)
	})
	for _, x := range [][2]string{{ada, identitytest.Password}, {ada, "wrong"}, {ada, strings.Repeat("x", 5000)}, {"nobody@buyer.example", "wrong"},
		{"keys@buyer.example", "wrong"}} {
		before := hashes.Load()
		_, _ = counting.Password(k.Ctx, identity.Shopper, typed(x[0]), x[1], k.Browser())
		if n := hashes.Load() - before; n != 1 {
			t.Errorf("%s %.10q: %d hashes", x[0], x[1], n)
		}
	}
}

// V2.4.2: when the pool is full, the answer is to come back, and it is no refusal of the password.
func TestAFullPoolSaysComeBack(t *testing.T) {
	k := identitytest.New(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := k.Browser()
	k.SignUpWithPassword(v, ada, identitytest.Password)
	hold, inside := make(chan struct{}), make(chan struct{}, 1)
	pepper := identitytest.Pepper(k.Vault)
	full := identitytest.Again(k, func(d *identity.Deps) {
		var err error
		d.Hash, err = hash.NewPool(hash.Options{Params: identitytest.Cheap, Parallel: 1, Waiting: 1, Patience: time.Millisecond,
			Pepper: func(version uint8, b []byte) []byte {
				select {
				case inside <- struct{}{}:
				default:
				}
				<-hold
				return pepper(version, b)
			}})
		k.Must(err)
	})
	var first sync.WaitGroup
	first.Go(func() { _, _ = full.Password(k.Ctx, identity.Shopper, typed("x@buyer.example"), "x", k.Browser()) })
	<-inside
	refused := k.Heard("identity.sign_in_refused")
	_, err := full.Password(k.Ctx, identity.Shopper, typed(ada), identitytest.Password, v)
	if f := fault.As(err); f == nil || f.Kind != fault.Unavailable || f.Key != "identity.busy" {
		t.Errorf("%v", err)
	}
	if n := k.Heard("identity.sign_in_refused"); n != refused {
		t.Error("it was told as a refusal")
	}
	close(hold)
	first.Wait()
	if step, err := full.Password(k.Ctx, identity.Shopper, typed(ada), identitytest.Password, v); err != nil || step.Need != identity.Done {
		t.Errorf("afterwards: %+v %v", step, err)
	}
}
