package identity_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
)

// withCodes is an account with password, app and recovery codes, signed in at home.
func withCodes(t *testing.T, p dbtest.Pair) (*identitytest.Kit, identity.Visitor, identity.Session, []string) {
	t.Helper()
	k, v, _, sess := withApp(t, p)
	codes, err := k.MakeCodes(k.Ctx, sess, v)
	k.Must(err)
	return k, v, sess, codes
}

// V6.5.2, V6.5.3, V6.5.4: ten codes of 120 random bits, kept as keyed hashes.
func TestRecoveryCodesAreLongAndHashed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, _, sess, codes := withCodes(t, p)
		seen := map[string]bool{}
		for _, c := range codes {
			plain := strings.ReplaceAll(c, "-", "")
			if len(plain) != 24 || len(c) != 29 || seen[c] {
				t.Errorf("a code is %q", c)
			}
			seen[c] = true
		}
		if e, err := k.Methods(k.Ctx, sess.Account); len(codes) != 10 || e.Codes != 10 || err != nil {
			t.Errorf("%d codes, %+v", len(codes), e)
		}
		k.Must(p.Data.Read(k.Ctx, func(tx *db.Tx) error {
			rows, err := db.All(tx, func(r db.Scanner) (b []byte, err error) { err = r.Scan(&b); return b, err },
				"SELECT hash FROM identity_code LIMIT 99")
			for _, h := range rows {
				if len(h) != 32 || seen[string(h)] {
					t.Errorf("kept as %x", h)
				}
			}
			return err
		}))
	})
}

// V6.5.1: a recovery code stands in for the lost factor once, however it is typed, and its owner is told.
func TestARecoveryCodeWorksOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, _, sess, codes := withCodes(t, p)
		var steps []identity.Step
		var visitors []identity.Visitor
		for range 4 {
			v := k.Browser()
			visitors, steps = append(visitors, v), append(steps, factor(t, k, v))
		}
		var opened atomic.Int64
		var all sync.WaitGroup
		for i := range steps {
			all.Go(func() {
				typed := strings.ToLower(strings.ReplaceAll(codes[3], "-", " "))
				if done, err := k.ProveCode(k.Ctx, steps[i].Attempt, typed, visitors[i]); err == nil && done.Session != "" {
					opened.Add(1)
				}
			})
		}
		all.Wait()
		if n := opened.Load(); n != 1 {
			t.Errorf("one code opened %d sessions", n)
		}
		if e, _ := k.Methods(k.Ctx, sess.Account); e.Codes != 9 {
			t.Errorf("%d codes are left", e.Codes)
		}
		mails := k.Mails(identity.LetterChanged)
		if mails[len(mails)-1].What != "code_used" {
			t.Errorf("told of %q", mails[len(mails)-1].What)
		}
	})
}

// New codes end the old ones; a code belongs to its account.
func TestNewCodesReplaceTheOldOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, v, sess, old := withCodes(t, p)
		codes, err := k.MakeCodes(k.Ctx, sess, v)
		k.Must(err)
		w := k.Browser()
		foreign := k.Session(identity.Shopper, k.SignUpWithPassword(w, "eve@buyer.example", identitytest.Other), w)
		stolen, err := k.MakeCodes(k.Ctx, foreign, w)
		k.Must(err)
		x := k.Browser()
		step := factor(t, k, x)
		for _, c := range []string{old[0], stolen[0], ""} {
			if _, err := k.ProveCode(k.Ctx, step.Attempt, c, x); !errors.Is(err, identity.ErrCode) {
				t.Errorf("%q: %v", c, err)
			}
		}
		if done, err := k.ProveCode(k.Ctx, step.Attempt, codes[0], x); err != nil || done.Need != identity.Done {
			t.Errorf("a new one: %+v %v", done, err)
		}
		if e, _ := k.Methods(k.Ctx, sess.Account); e.Codes != 9 {
			t.Errorf("%d codes are left", e.Codes)
		}
	})
}
