package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/guard/audit"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
)

// logged lists the entries as "action outcome method", once each.
func logged(t *testing.T, k *identitytest.Kit) (out []string) {
	t.Helper()
	k.Must(k.Audit.Flush(k.Ctx))
	for f := (audit.Filter{Limit: 200}); ; {
		page, err := k.Audit.List(k.Ctx, f)
		k.Must(err)
		for _, r := range page.Rows {
			method := "-"
			for _, fact := range r.Facts {
				if fact.Key == "method" {
					method = fact.Text
				}
			}
			if r.At.IsZero() || r.Actor.Kind == 0 {
				t.Errorf("an entry without time or actor: %+v", r)
			}
			out = append(out, fmt.Sprintf("%s %s %s", strings.TrimPrefix(r.Action, "identity."), r.Outcome, method))
		}
		if !page.More {
			slices.Sort(out)
			return slices.Compact(out)
		}
		f.After = page.Next
	}
}

// Every way of proving who one is leaves an entry, when it works and when it fails, with the method in it (V16.3.1).
func TestEveryProofIsLogged_V16_3_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k := identitytest.New(t, p)
		v, key := k.Browser(), k.Device()
		sess := k.Session(identity.Shopper, k.SignUpWithPassword(v, ada, identitytest.Password), v)
		again := func(step identity.Step) { sess = k.Session(identity.Shopper, step, v) }
		again(k.Enrol(sess, v, key))
		app, step := k.EnrolApp(sess, v)
		again(step)
		again(k.EnrolPhone(sess, "0170 1234567", v))
		codes, err := k.MakeCodes(k.Ctx, sess, v)
		k.Must(err)
		k.Clock.Advance(time.Hour)
		prove := func(do func(attempt identity.Step) error) {
			t.Helper()
			k.Clock.Advance(2 * time.Hour)
			step, err := k.Pass(v, ada, identitytest.Password)
			k.Must(err)
			_ = do(step)
		}
		_, _ = k.Pass(v, ada, "not the one that was set")
		prove(func(s identity.Step) error { _, err := k.ProveApp(k.Ctx, s.Attempt, "000000", v); return err })
		prove(func(s identity.Step) error { _, err := k.ProveApp(k.Ctx, s.Attempt, app.Code(), v); return err })
		prove(func(s identity.Step) error { _, err := k.ProveCode(k.Ctx, s.Attempt, "AAAA-AAAA-AAAA", v); return err })
		prove(func(s identity.Step) error { _, err := k.ProveCode(k.Ctx, s.Attempt, codes[0], v); return err })
		for _, code := range []string{"000000", ""} {
			prove(func(s identity.Step) error {
				_, err := k.SendPhoneCode(k.Ctx, s.Attempt, v)
				k.Must(err)
				if code == "" {
					code = k.PhoneCode()
				}
				_, err = k.ProvePhone(k.Ctx, s.Attempt, code, v)
				return err
			})
		}
		in, err := k.SignIn(identity.Shopper, v, key)
		k.Must(err)
		careless := key.Clone()
		careless.Verified = false
		_, _ = k.SignIn(identity.Shopper, v, careless)
		sess = k.Session(identity.Shopper, in, v)
		_, err = k.StepUp(sess, v, key)
		k.Must(err)
		mailed := k.Browser()
		_, err = k.AskLink(k.Ctx, vault.Typed(ada), mailed)
		k.Must(err)
		if m := k.Mails(identity.LetterSignIn); len(m) > 0 {
			_, _ = k.SpendLink(k.Ctx, m[0].Link, "", mailed)
		}
		got := logged(t, k)
		for _, want := range []string{"sign_in refused password", "sign_in refused app", "sign_in done app", "sign_in refused code", "sign_in done code",
			"sign_in refused phone", "sign_in done phone", "sign_in done passkey", "sign_in refused passkey", "step_up done passkey", "app_added done -"} {
			if !slices.Contains(got, want) {
				t.Errorf("no entry %q among %q", want, got)
			}
		}
	})
}
