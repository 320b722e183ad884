package identity

import (
	"reflect"
	"testing"
	"time"
)

// The rule of what suffices, as a table: every row is a promise to shoppers or staff (V6.1.3, V6.3.3, V6.3.4, V6.3.6).
func TestWhatSuffices(t *testing.T) {
	set := func(list ...Method) (m Methods) {
		for _, x := range list {
			m = m.With(x)
		}
		return m
	}
	long := Enrolled{Password: true, LongPassword: true}
	app := Enrolled{Password: true, LongPassword: true, App: true, Codes: 3}
	for _, x := range []struct {
		name     string
		aim      aim
		realm    Realm
		proven   Methods
		enrolled Enrolled
		released bool
		need     Need
		choices  []Method
	}{
		{"a passkey is enough", aimSignIn, Shopper, set(PasskeyMethod), app, false, Done, nil},
		{"long password, known browser", aimSignIn, Shopper, set(PasswordMethod), long, true, Done, nil},
		{"long password, unknown browser", aimSignIn, Shopper, set(PasswordMethod), long, false, Confirm, nil},
		{"and released by mail", aimSignIn, Shopper, set(PasswordMethod, MailMethod), long, false, Done, nil},
		{"a factor is wanted in known browsers too", aimSignIn, Shopper, set(PasswordMethod), app, true, Factor, []Method{AppMethod, CodeMethod}},
		{"mail is no factor", aimSignIn, Shopper, set(PasswordMethod, MailMethod), app, true, Factor, []Method{AppMethod, CodeMethod}},
		{"password and app", aimSignIn, Shopper, set(PasswordMethod, AppMethod), app, false, Done, nil},
		{"password and recovery code", aimSignIn, Shopper, set(PasswordMethod, CodeMethod), app, false, Done, nil},
		{"an app alone is nothing", aimSignIn, Shopper, set(AppMethod), app, true, 0, nil},
		{"mail alone is nothing", aimSignIn, Shopper, set(MailMethod), long, true, 0, nil},
		{"a cooling phone still signs in", aimSignIn, Shopper, set(PasswordMethod), Enrolled{Password: true, Phone: true}, true, Factor, []Method{PhoneMethod}},
		{"a short password never stands alone", aimSignIn, Shopper, set(PasswordMethod), Enrolled{Password: true, Passkeys: 1}, true, Factor, []Method{PasskeyMethod}},
		{"staff: a password alone never", aimSignIn, Staff, set(PasswordMethod), long, true, 0, nil},
		{"staff: password and passkey", aimSignIn, Staff, set(PasswordMethod), Enrolled{Password: true, LongPassword: true, Passkeys: 1}, true, Factor, []Method{PasskeyMethod}},
		{"staff: password and recovery code", aimSignIn, Staff, set(PasswordMethod, CodeMethod), Enrolled{Password: true, LongPassword: true, Codes: 2}, false, Done, nil},
		{"step up: offers what there is", aimStepUp, Shopper, 0, Enrolled{Passkeys: 1, Password: true, LongPassword: true}, true, Factor, []Method{PasskeyMethod, PasswordMethod}},
		{"step up: long password", aimStepUp, Shopper, set(PasswordMethod), long, false, Done, nil},
		{"step up: factor too", aimStepUp, Shopper, set(PasswordMethod), app, true, Factor, []Method{AppMethod, CodeMethod}},
		{"step up: nothing strong", aimStepUp, Shopper, 0, Enrolled{}, true, 0, nil},
		{"recovery: mail, nothing enrolled", aimRecover, Shopper, set(MailMethod), Enrolled{}, false, Done, nil},
		{"recovery: mail, only a password", aimRecover, Shopper, set(MailMethod), long, false, Done, nil},
		{"recovery: never by mail alone with an app", aimRecover, Shopper, set(MailMethod), app, true, Factor, []Method{AppMethod, CodeMethod}},
		{"recovery: never by mail alone with a passkey", aimRecover, Shopper, set(MailMethod), Enrolled{Passkeys: 1}, true, Factor, []Method{PasskeyMethod}},
		{"recovery: a password is no factor", aimRecover, Shopper, set(MailMethod, PasswordMethod), app, true, Factor, []Method{AppMethod, CodeMethod}},
		{"recovery: a code", aimRecover, Shopper, set(MailMethod, CodeMethod), app, false, Done, nil},
		{"recovery: a phone that cools", aimRecover, Shopper, set(MailMethod), Enrolled{Password: true, Phone: true}, false, 0, nil},
	} {
		need, choices := needs(attempt{aim: x.aim, realm: x.realm, proven: x.proven}, x.enrolled, x.released)
		if need != x.need || !reflect.DeepEqual(choices, x.choices) {
			t.Errorf("%s: %d %v, want %d %v", x.name, need, choices, x.need, x.choices)
		}
	}
}

// Delays grow from half a minute to an hour and never further.
func TestPauses(t *testing.T) {
	var before time.Duration
	for n := int64(1); n < 200; n++ {
		p := pause(n)
		if p < before || p > time.Hour || n < freeTries && p != 0 || n == freeTries && p != 30*time.Second {
			t.Fatalf("after %d tries: %s", n, p)
		}
		before = p
	}
}
