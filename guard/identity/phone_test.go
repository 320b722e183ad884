package identity_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
)

const (
	mobile  = "0170 1234567"
	e164    = "+491701234567"
	another = "+43 664 1234567"
)

// withPhone is an account with password, recovery codes and a phone, signed in at home.
func withPhone(t *testing.T, p dbtest.Pair, edit ...func(*identity.Deps)) (*identitytest.Kit, identity.Visitor, identity.Session) {
	t.Helper()
	k := identitytest.New(t, p, edit...)
	v := k.Browser()
	sess := k.Session(identity.Shopper, k.SignUpWithPassword(v, ada, identitytest.Password), v)
	_, err := k.MakeCodes(k.Ctx, sess, v)
	k.Must(err)
	sess = k.Session(identity.Shopper, k.EnrolPhone(sess, mobile, v), v)
	return k, v, sess
}

// V6.6.1: a number counts only when it answered, something better stands beside it, the risk is told, and staff and
// shops without it get none.
func TestEnrollingAPhone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v := k.Browser()
		sess := k.Session(identity.Shopper, k.SignUpWithPassword(v, ada, identitytest.Password), v)
		if _, err := k.BeginPhone(k.Ctx, sess, typed(mobile), v); fault.KindOf(err) != fault.Conflict || fault.As(err).Key != "identity.phone_alone" {
			t.Errorf("as the only factor: %v", err)
		}
		_, err := k.MakeCodes(k.Ctx, sess, v)
		k.Must(err)
		for number, want := range map[string]string{"": "identity.phone_wrong", "hello": "identity.phone_wrong", "030 5550100": "identity.phone_wrong",
			"0900 1234567": "identity.phone_wrong", "+1 201 555 0123": "identity.phone_country", "+53 5 1234567": "identity.phone_country",
			"+88213300000": "identity.phone_country", strings.Repeat("1", 60): "identity.phone_wrong", "+49 170 1234567 89012": "identity.phone_wrong"} {
			_, err := k.BeginPhone(k.Ctx, sess, typed(number), v)
			if got := fieldKey(err, "phone"); got != want {
				t.Errorf("%q: %q, want %q (%v)", number, got, want, err)
			}
		}
		if n := len(k.Messages()); n != 0 {
			t.Fatalf("%d messages before any number was taken", n)
		}
		ph, err := k.BeginPhone(k.Ctx, sess, typed(mobile), v)
		k.Must(err)
		m := k.Messages()
		if len(m) != 1 || m[0].To != e164 || !regexp.MustCompile(`^\d{6}$`).MatchString(m[0].Code) || ph.Number.Mask() != "•••67" {
			t.Fatalf("%d messages, %s", len(m), ph.Number.Mask())
		}
		if e, _ := k.Methods(k.Ctx, sess.Account); e.Phone {
			t.Error("a number counts that did not answer")
		}
		if _, err := k.FinishPhone(k.Ctx, sess, "000000", v); !errors.Is(err, identity.ErrCode) {
			t.Errorf("a wrong code: %v", err)
		}
		step, err := k.FinishPhone(k.Ctx, sess, m[0].Code, v)
		k.Must(err)
		sess = k.Session(identity.Shopper, step, v)
		if _, err := k.FinishPhone(k.Ctx, sess, m[0].Code, v); !errors.Is(err, identity.ErrAttempt) {
			t.Errorf("the code again: %v", err)
		}
		if ph, ok, err := k.PhoneOf(k.Ctx, sess); err != nil || !ok || ph.Number.Mask() != "•••67" || ph.RecoversFrom.Sub(k.Clock.Now()) != 72*time.Hour {
			t.Errorf("%+v %v %v", ph, ok, err)
		}
		off := identitytest.Again(k, func(d *identity.Deps) { d.Phones.On = false })
		if _, err := off.BeginPhone(k.Ctx, sess, typed(mobile), v); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("switched off: %v", err)
		}
	})
}

func TestStaffGetNoCodesByPhone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v := k.Browser()
		step, err := k.OpenEnrolment(k.Ctx, identity.Staff, k.Staff("boss@shop.example"), v)
		k.Must(err)
		sess := k.Session(identity.Staff, step, v)
		if _, err := k.BeginPhone(k.Ctx, sess, typed(mobile), v); fault.As(err) == nil || fault.As(err).Key != "identity.phone_staff" {
			t.Errorf("%v", err)
		}
	})
}

// Numbers are sealed; no code and no number stands in the database, in jobs or in events.
func TestNothingOfAPhoneStandsInClear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, _, _ := withPhone(t, p)
		code := k.PhoneCode()
		for _, q := range []string{"SELECT number FROM identity_phone", "SELECT range_key FROM identity_phone", "SELECT args FROM job_queue"} {
			var rows []string
			k.Must(p.Data.Read(k.Ctx, func(tx *db.Tx) (err error) {
				rows, err = db.All(tx, func(r db.Scanner) (s string, err error) { var b []byte; err = r.Scan(&b); return string(b), err }, q+" LIMIT 999")
				return err
			}))
			if len(rows) == 0 {
				t.Errorf("%s: nothing", q)
			}
			for _, r := range rows {
				if strings.Contains(r, "1701234567") || strings.Contains(r, code) {
					t.Errorf("%s shows %q", q, r)
				}
			}
		}
	})
}

// V6.5.1, V6.5.5, V6.6.2: a code by SMS works once, ten minutes long, for its attempt and in its browser only; a newer
// one ends it.
func TestACodeByPhone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, home, _ := withPhone(t, p)
		ask := func(v identity.Visitor) (identity.Step, string) {
			step := factor(t, k, v)
			again, err := k.SendPhoneCode(k.Ctx, step.Attempt, v)
			if err != nil || again.Attempt != step.Attempt || again.Need != identity.Factor {
				t.Fatalf("%+v %v", again, err)
			}
			return step, k.PhoneCode()
		}
		away := k.Browser()
		a, codeA := ask(home)
		b, codeB := ask(away)
		for _, x := range []struct {
			step identity.Step
			code string
			v    identity.Visitor
		}{{a, codeB, home}, {b, codeA, away}, {a, codeA, away}} {
			if done, err := k.ProvePhone(k.Ctx, x.step.Attempt, x.code, x.v); err == nil {
				t.Errorf("a foreign code: %+v", done)
			}
		}
		var opened atomic.Int64
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if done, err := k.ProvePhone(k.Ctx, a.Attempt, codeA, home); err == nil && done.Session != "" {
					opened.Add(1)
				}
			})
		}
		all.Wait()
		if n := opened.Load(); n != 1 {
			t.Errorf("one code opened %d sessions", n)
		}
		_, err := k.SendPhoneCode(k.Ctx, b.Attempt, away)
		k.Must(err)
		newer := k.PhoneCode()
		if _, err := k.ProvePhone(k.Ctx, b.Attempt, codeB, away); !errors.Is(err, identity.ErrCode) {
			t.Errorf("a replaced code: %v", err)
		}
		k.Clock.Advance(10*time.Minute + 1e9)
		if _, err := k.ProvePhone(k.Ctx, b.Attempt, newer, away); !errors.Is(err, identity.ErrCode) {
			t.Errorf("after ten minutes: %v", err)
		}
	})
}

// V6.6.3, NIST 800-63B-4 3.1.3.3: a new code does not reset the count of tries, and there are three codes at most.
func TestANewCodeResetsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, home, _ := withPhone(t, p)
		step := factor(t, k, home)
		looked, sent := 0, 0
		for range 6 {
			if _, err := k.SendPhoneCode(k.Ctx, step.Attempt, home); err == nil {
				sent++
			} else if !fault.Is(err, fault.TooMany) {
				t.Fatal(err)
			}
			for range 3 {
				if _, err := k.ProvePhone(k.Ctx, step.Attempt, "000000", home); errors.Is(err, identity.ErrCode) {
					looked++
				}
				k.Clock.Advance(20 * time.Second)
			}
		}
		if looked != 5 || sent != 3 {
			t.Errorf("%d guesses were looked at, %d codes were sent", looked, sent)
		}
		if _, err := k.ProvePhone(k.Ctx, step.Attempt, k.PhoneCode(), home); err == nil {
			t.Error("the right one after five wrong ones")
		}
	})
}

// The same at enrolment: five tries and three codes for one number, whatever is asked for in between.
func TestGuessingAtEnrolmentIsCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, v, sess := withPhone(t, p)
		_, err := k.BeginPhone(k.Ctx, sess, typed(another), v)
		k.Must(err)
		looked, sent := 0, 1
		for range 5 {
			if err := k.ResendPhone(k.Ctx, sess, v); err == nil {
				sent++
			}
			for range 2 {
				if _, err := k.FinishPhone(k.Ctx, sess, "000000", v); errors.Is(err, identity.ErrCode) {
					looked++
				}
			}
		}
		if looked != 5 || sent != 3 {
			t.Errorf("%d guesses were looked at, %d codes were sent", looked, sent)
		}
		if _, err := k.FinishPhone(k.Ctx, sess, k.PhoneCode(), v); err == nil {
			t.Error("the right one after five wrong ones")
		}
		for range 9 { // another number is another row, and no new budget of tries
			_, _ = k.BeginPhone(k.Ctx, sess, typed(another), v)
			if _, err := k.FinishPhone(k.Ctx, sess, "000000", v); errors.Is(err, identity.ErrCode) {
				t.Error("a new number gave a new budget of tries")
			}
		}
	})
}

// Row 25 of the attacks: who changes the number in a stolen session cannot recover the account with it for 72 hours,
// and the old number and the mailbox are told.
func TestANewNumberRecoversNothingForThreeDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, v, sess := withPhone(t, p)
		k.Clock.Advance(100 * time.Hour)
		sess = fresh(t, k, v, sess)
		before := len(k.Messages())
		k.Session(identity.Shopper, k.EnrolPhone(sess, another, v), v)
		told := false
		for _, m := range k.Messages()[before:] {
			told = told || m.To == e164 && m.What == "phone_added" && m.Code == ""
		}
		if mails := k.Mails(identity.LetterChanged); !told || mails[len(mails)-1].What != "phone_added" { // V6.3.7
			t.Error("the old number or the mailbox was not told")
		}
		if offered := recover(t, k); offered[identity.PhoneMethod] {
			t.Error("the new number is offered at once")
		}
		k.Clock.Advance(72*time.Hour - time.Minute)
		if offered := recover(t, k); offered[identity.PhoneMethod] {
			t.Error("the new number is offered too soon")
		}
		k.Clock.Advance(2 * time.Minute)
		if offered := recover(t, k); !offered[identity.PhoneMethod] {
			t.Error("the new number is never offered")
		}
	})
}

// fresh proves password and phone anew.
func fresh(t *testing.T, k *identitytest.Kit, v identity.Visitor, sess identity.Session) identity.Session {
	t.Helper()
	step, err := k.Pass(v, ada, identitytest.Password)
	k.Must(err)
	if step.Need == identity.Factor {
		_, err = k.SendPhoneCode(k.Ctx, step.Attempt, v)
		k.Must(err)
		step, err = k.ProvePhone(k.Ctx, step.Attempt, k.PhoneCode(), v)
		k.Must(err)
	}
	return k.Session(identity.Shopper, step, v)
}

// recover begins a recovery by mail from a new browser and gives what it asks for.
func recover(t *testing.T, k *identitytest.Kit) map[identity.Method]bool {
	t.Helper()
	v := k.Browser()
	_, err := k.StartRecovery(k.Ctx, typed(ada), v)
	k.Must(err)
	step, err := k.SpendLink(k.Ctx, k.Mail(identity.LetterRecovery).Link, "", v)
	k.Must(err)
	if step.Need != identity.Factor || step.Session != "" {
		t.Fatalf("mail alone recovers: %+v", step)
	}
	out := map[identity.Method]bool{}
	for _, m := range step.Choices {
		out[m] = true
	}
	if _, err := k.SendPhoneCode(k.Ctx, step.Attempt, v); (err == nil) != out[identity.PhoneMethod] {
		t.Errorf("what is not offered can be asked for: %v", err)
	}
	return out
}

// Row 24 of the attacks: requests from many networks and accounts cannot cost more than the budget of a range,
// and the alarm is told.
func TestPumpingIsCapped(t *testing.T) {
	const n = 600 // "make attack" asks 10,000 times
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		r := identitytest.Pump(t, p, n)
		if r.Asked != n || r.Sent > r.Cap || r.Sent == 0 {
			t.Errorf("%d of %d requests were sent; the cap is %d", r.Sent, r.Asked, r.Cap)
		}
		if r.Alarms == 0 || r.Premium != 0 {
			t.Errorf("%d alarms, %d messages to premium numbers", r.Alarms, r.Premium)
		}
	})
}

// Every word that a notice can say has a sentence of its own.
func TestEveryNoticeHasItsWords(t *testing.T) {
	texts := loadTexts(t)
	for _, what := range []string{"passkey_added", "passkey_removed", "password_set", "password_removed", "app_added", "app_removed",
		"phone_added", "phone_removed", "codes_made", "code_used", "recovery_started", "email_changed", "clone_seen", "other"} {
		for _, lang := range []string{"en", "de"} {
			if !texts.For(lang).Has("identity.sms_" + what) {
				t.Errorf("%s says nothing of %s", lang, what)
			}
		}
	}
}

// V6.5.6: a lost phone is taken away, and what is begun with it ends.
func TestAPhoneIsRemoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, v, sess := withPhone(t, p)
		w := k.Browser()
		step := factor(t, k, w)
		_, err := k.SendPhoneCode(k.Ctx, step.Attempt, w)
		k.Must(err)
		code := k.PhoneCode()
		k.Must(k.RemovePhone(k.Ctx, sess, v))
		if done, err := k.ProvePhone(k.Ctx, step.Attempt, code, w); err == nil {
			t.Errorf("its code still works: %+v", done)
		}
		if err := k.RemovePhone(k.Ctx, sess, v); !fault.Is(err, fault.NotFound) {
			t.Errorf("twice: %v", err)
		}
		k.Must(errOf(k.Messages(), "phone_removed"))
	})
}

func errOf(list []identity.SMSContent, what string) error {
	for _, m := range list {
		if m.What == what && m.To == e164 {
			return nil
		}
	}
	return fmt.Errorf("nobody was told of %s", what)
}

// A phone is never left as the only thing beside a password.
func TestAPhoneIsNeverLeftAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, v, _, sess := withApp(t, p)
		sess = k.Session(identity.Shopper, k.EnrolPhone(sess, mobile, v), v)
		if err := k.RemoveApp(k.Ctx, sess, v); !errors.Is(err, identity.ErrLast) {
			t.Errorf("the app beside a phone: %v", err)
		}
		if k.Heard("identity.remove_refused") != 1 {
			t.Error("the refusal was not told")
		}
		_, err := k.MakeCodes(k.Ctx, sess, v)
		k.Must(err)
		k.Must(k.RemoveApp(k.Ctx, sess, v))
	})
}
