package identity_test

import (
	"testing"
	"time"

	"strongroom/base/fault"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
	"strongroom/guard/vault"
)

// A changed address is confirmed on both, and then the old one opens nothing any more (V6.3.7, V7.5.1).
func TestChangeEmail(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		step := k.SignUpWithPassword(b, "ada@example.com", Password)
		sess := k.Session(identity.Shopper, step, b)
		ask, err := k.ChangeEmail(k.Ctx, sess, vault.Typed("new@example.com"), b)
		k.Must(err)
		if p, ok, err := k.PendingEmail(k.Ctx, sess); err != nil || !ok || p.Mask() != "n•••@example.com" {
			t.Errorf("pending: %v %v %v", p.Mask(), ok, err)
		}
		fromOld, fromNew := k.Mail(identity.LetterEmailOld), k.Mail(identity.LetterEmailNew)
		if fromOld.To != "ada@example.com" || fromNew.To != "new@example.com" {
			t.Fatalf("mails to %s and %s", fromOld.To, fromNew.To)
		}
		_, err = k.SpendLink(k.Ctx, fromNew.Link, "", k.Browser()) // whose mailbox it is must have asked
		wantFault(t, err, identity.ErrCode)
		_, err = k.SpendLink(k.Ctx, fromNew.Link, ask.Code, k.Browser())
		k.Must(err)
		if _, err := k.Pass(b, "new@example.com", Password); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("one confirmation sufficed: %v", err)
		}
		_, err = k.SpendLink(k.Ctx, fromOld.Link, "", k.Browser())
		k.Must(err)
		if m := k.Mail(identity.LetterEmailChanged); m.To != "ada@example.com" {
			t.Errorf("told %s", m.To)
		}
		if in, err := k.Pass(b, "new@example.com", Password); err != nil || in.Need != identity.Done {
			t.Errorf("the new address: %+v %v", in, err)
		}
		if _, err := k.Pass(b, "ada@example.com", Password); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the old address: %v", err)
		}
		k.SignUpWithPasskey(k.Browser(), "ada@example.com", k.Device()) // it is free again
	})
}

// A change wants a fresh proof, ends after a day, can be given up, and one that leads to a taken address is refused only
// when both were confirmed.
func TestChangeEmailIsGuarded(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		step := k.SignUpWithPassword(b, "ada@example.com", Password)
		k.SignUpWithPassword(k.Browser(), "taken@example.com", Password)
		sess := k.Session(identity.Shopper, step, b)
		_, err := k.ChangeEmail(k.Ctx, sess, vault.Typed("a@example.com"), b)
		k.Must(err)
		k.Must(k.CancelEmail(k.Ctx, sess, b))
		_, err = k.SpendLink(k.Ctx, k.Mail(identity.LetterEmailOld).Link, "", b)
		wantFault(t, err, identity.ErrLink)

		_, err = k.ChangeEmail(k.Ctx, sess, vault.Typed("taken@example.com"), b)
		k.Must(err)
		_, err = k.SpendLink(k.Ctx, k.Mail(identity.LetterEmailOld).Link, "", b)
		k.Must(err)
		_, err = k.SpendLink(k.Ctx, k.Mail(identity.LetterEmailNew).Link, "", b)
		wantFault(t, err, identity.ErrTaken)
		if in, err := k.Pass(b, "ada@example.com", Password); err != nil || in.Need != identity.Done {
			t.Errorf("the old address: %+v %v", in, err)
		}
		if k.Heard("identity.email_refused") != 2 {
			t.Errorf("%d refusals told", k.Heard("identity.email_refused"))
		}

		_, err = k.ChangeEmail(k.Ctx, sess, vault.Typed("late@example.com"), b)
		k.Must(err)
		k.Run()
		link := k.Mail(identity.LetterEmailNew).Link
		k.Clock.Advance(25 * time.Hour)
		_, err = k.SpendLink(k.Ctx, link, "", b)
		wantFault(t, err, identity.ErrLink)
		_, err = k.ChangeEmail(k.Ctx, k.Session(identity.Shopper, step, b), vault.Typed("b@example.com"), b)
		wantFault(t, err, identity.ErrStepUp)
	})
}

// The own words stand in mails to their owner, and in none to an address that is not confirmed as hers.
func TestWords(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		sess := k.Session(identity.Shopper, step, b)
		acc, err := k.Account(k.Ctx, sess.Account)
		k.Must(err)
		if _, ok, err := k.Words(k.Ctx, acc.Subject); ok || err != nil {
			t.Errorf("before: %v %v", ok, err)
		}
		k.Must(k.SetWords(k.Ctx, sess, "  seven\nblue  kettles ", b))
		if w, ok, err := k.Words(k.Ctx, acc.Subject); w != "seven blue kettles" || !ok || err != nil {
			t.Errorf("words: %q %v %v", w, ok, err)
		}
		if m := k.Mail(identity.LetterChanged); m.Words != "seven blue kettles" {
			t.Errorf("mail: %+v", m)
		}
		_, err = k.ChangeEmail(k.Ctx, sess, vault.Typed("new@example.com"), b)
		k.Must(err)
		if m := k.Mail(identity.LetterEmailNew); m.HasWords || m.Words != "" {
			t.Error("a stranger's mailbox gets the words")
		}
		leaks(t, k, "blue kettles")
		k.Must(k.SetWords(k.Ctx, sess, "", b))
		if _, ok, _ := k.Words(k.Ctx, acc.Subject); ok {
			t.Error("they stay")
		}
	})
}

// The check-up says what is missing, and how it knows.
func TestCheckUp(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		step := k.SignUpWithPassword(b, "ada@example.com", Password)
		look := func() map[string]identity.FindingState {
			list, err := k.CheckUp(k.Ctx, k.Session(identity.Shopper, step, b))
			k.Must(err)
			out := map[string]identity.FindingState{}
			for _, f := range list {
				if f.How == "" || f.Fix == "" || out[f.Key] != 0 {
					t.Errorf("finding: %+v", f)
				}
				out[f.Key] = f.State
			}
			return out
		}
		before := look()
		step = k.Enrol(k.Session(identity.Shopper, step, b), b, k.Device())
		step = k.Enrol(k.Session(identity.Shopper, step, b), b, k.Device())
		after := look()
		for key, want := range map[string][2]identity.FindingState{"passkey": {identity.Missing, identity.Good}, "spare": {identity.Missing, identity.Good},
			"password": {identity.Advice, identity.Advice}, "alarm": {identity.Good, identity.Good}, "words": {identity.Advice, identity.Advice}} {
			if before[key] != want[0] || after[key] != want[1] {
				t.Errorf("%s: %d and %d, want %v", key, before[key], after[key], want)
			}
		}
	})
}
