package identity_test

import (
	"bytes"
	"encoding/base32"
	"errors"
	"image"
	"image/color"
	"net/url"
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

// withApp is an account with password and app, signed in at home.
func withApp(t *testing.T, p dbtest.Pair) (*identitytest.Kit, identity.Visitor, *identitytest.App, identity.Session) {
	t.Helper()
	k := identitytest.New(t, p)
	v := k.Browser()
	sess := k.Session(identity.Shopper, k.SignUpWithPassword(v, ada, identitytest.Password), v)
	app, step := k.EnrolApp(sess, v)
	k.Clock.Advance(time.Minute)
	return k, v, app, k.Session(identity.Shopper, step, v)
}

// factor begins a sign-in by password that waits for a factor.
func factor(t *testing.T, k *identitytest.Kit, v identity.Visitor) identity.Step {
	t.Helper()
	step, err := k.Pass(v, ada, identitytest.Password)
	if err != nil || step.Need != identity.Factor || step.Session != "" {
		t.Fatalf("the password opened %+v %v", step, err)
	}
	return step
}

// V6.3.3: with an app enrolled, the password alone opens nothing, not even at home; V6.5.5, V6.5.8: codes live by the store's
// clock, which stands still here.
func TestAnAppIsAskedFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, home, app, _ := withApp(t, p)
		for _, v := range []identity.Visitor{home, k.Browser()} {
			step := factor(t, k, v)
			if len(step.Choices) != 1 || step.Choices[0] != identity.AppMethod {
				t.Errorf("choices %v", step.Choices)
			}
			now := k.Clock.Now()
			for _, wrong := range []string{"", "000000", app.At(now.Add(-90 * time.Second)), app.At(now.Add(90 * time.Second)), app.Code() + "1"} {
				if _, err := k.ProveApp(k.Ctx, step.Attempt, wrong, v); !errors.Is(err, identity.ErrCode) && !fault.Is(err, fault.TooMany) {
					t.Errorf("%q: %v", wrong, err)
				}
				if wrong == app.At(now.Add(-90*time.Second)) {
					break // the account's ladder begins soon
				}
			}
			code := app.Code()
			if done, err := k.ProveApp(k.Ctx, step.Attempt, code[:3]+" "+code[3:], v); err != nil || done.Need != identity.Done || !done.Proven.Has(identity.AppMethod) {
				t.Fatalf("the right one: %+v %v", done, err)
			}
			k.Clock.Advance(time.Minute)
		}
	})
}

// V6.5.1: a code works once, also for another attempt, also in parallel, and an older one not after it.
func TestACodeOfTheAppWorksOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, _, app, _ := withApp(t, p)
		code, before := app.Code(), app.At(k.Clock.Now().Add(-30*time.Second))
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
				if done, err := k.ProveApp(k.Ctx, steps[i].Attempt, code, visitors[i]); err == nil && done.Session != "" {
					opened.Add(1)
				}
			})
		}
		all.Wait()
		if n := opened.Load(); n != 1 {
			t.Fatalf("one code opened %d sessions", n)
		}
		k.Clock.Advance(time.Second)
		for _, old := range []string{code, before} {
			v := k.Browser()
			step := factor(t, k, v)
			if _, err := k.ProveApp(k.Ctx, step.Attempt, old, v); err == nil {
				t.Errorf("%s again", old)
			}
		}
	})
}

// V6.6.2: an attempt belongs to its browser; V6.6.3: five tries, over all attempts of the account.
func TestAttemptsAreBoundAndCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, home, app, _ := withApp(t, p)
		v := k.Browser()
		step := factor(t, k, v)
		if _, err := k.ProveApp(k.Ctx, step.Attempt, app.Code(), k.Browser()); !errors.Is(err, identity.ErrAttempt) {
			t.Errorf("from another browser: %v", err)
		}
		looked := 0
		for range 4 { // each with a new attempt: that resets nothing
			v := k.Browser()
			step := factor(t, k, v)
			for range 3 {
				if _, err := k.ProveApp(k.Ctx, step.Attempt, "000000", v); errors.Is(err, identity.ErrCode) {
					looked++
				} else if !fault.Is(err, fault.TooMany) {
					t.Fatal(err)
				}
			}
		}
		if looked != 5 {
			t.Errorf("%d guesses were looked at", looked)
		}
		step = factor(t, k, home)
		if _, err := k.ProveApp(k.Ctx, step.Attempt, app.Code(), home); !fault.Is(err, fault.TooMany) {
			t.Errorf("the right one meanwhile: %v", err)
		}
	})
}

// What the database shows of a secret is sealed and bound to its row; what the page shows is what an app reads.
func TestTheSecretOfAnApp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, v, _, sess := withApp(t, p)
		e, err := k.BeginApp(k.Ctx, sess, v)
		k.Must(err)
		secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(e.Secret, " ", ""))
		k.Must(err)
		u, err := url.Parse(e.URI)
		k.Must(err)
		if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Kiln & Orchard:"+ada || u.Query().Get("issuer") != "Kiln & Orchard" ||
			strings.ReplaceAll(e.Secret, " ", "") != u.Query().Get("secret") || strings.Contains(e.URI, "+") {
			t.Errorf("the address is %q", e.URI)
		}
		var rows [][]byte
		k.Must(p.Data.Read(k.Ctx, func(tx *db.Tx) error {
			rows, err = db.All(tx, func(r db.Scanner) (b []byte, err error) { err = r.Scan(&b); return b, err },
				"SELECT secret FROM identity_app ORDER BY state LIMIT 9")
			return err
		}))
		if len(rows) != 2 || bytes.Contains(rows[0], secret) || bytes.Contains(rows[0], []byte(e.Secret[:4])) {
			t.Errorf("%d rows, or one in clear", len(rows))
		}
		// Exchanged between rows it opens nothing.
		k.Must(p.Data.Write(k.Ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE identity_app SET secret = $1 WHERE state = 2", rows[0])
			return err
		}))
		w := k.Browser()
		step := factor(t, k, w)
		if done, err := k.ProveApp(k.Ctx, step.Attempt, "123456", w); err == nil || errors.Is(err, identity.ErrCode) {
			t.Errorf("a foreign secret was opened: %+v %v", done, err)
		}
	})
}

// V6.4.1: an app counts only when it showed a code, within half an hour; the one before works until then.
func TestAnAppIsReplacedByACode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		k, v, old, sess := withApp(t, p)
		_, err := k.BeginApp(k.Ctx, sess, v)
		k.Must(err)
		if _, err := k.FinishApp(k.Ctx, sess, old.Code(), v); !errors.Is(err, identity.ErrCode) {
			t.Errorf("the old app's code for the new one: %v", err)
		}
		w := k.Browser()
		step := factor(t, k, w)
		if done, err := k.ProveApp(k.Ctx, step.Attempt, old.Code(), w); err != nil || done.Need != identity.Done {
			t.Errorf("the old one meanwhile: %+v %v", done, err)
		}
		k.Clock.Advance(time.Minute)
		fresh, step := k.EnrolApp(sess, v)
		sess = k.Session(identity.Shopper, step, v)
		k.Clock.Advance(time.Minute)
		step = factor(t, k, w)
		if _, err := k.ProveApp(k.Ctx, step.Attempt, old.Code(), w); !errors.Is(err, identity.ErrCode) {
			t.Errorf("the old one afterwards: %v", err)
		}
		if done, err := k.ProveApp(k.Ctx, step.Attempt, fresh.Code(), w); err != nil || done.Need != identity.Done {
			t.Errorf("the new one: %+v %v", done, err)
		}
		k.Must(k.RemoveApp(k.Ctx, sess, v)) // V6.5.6
		if step, err := k.Pass(v, ada, identitytest.Password); err != nil || step.Need != identity.Done {
			t.Errorf("without an app, at home: %+v %v", step, err)
		}
		if k.Heard("identity.enrolled") < 2 || k.Heard("identity.removed") != 1 || k.Heard("identity.enrol_refused") != 1 {
			t.Error("events are missing")
		}
	})
}

// The QR code is an SVG without anything that a strict policy refuses, and says the address, dot for dot.
func TestTheQRCodeIsDrawn(t *testing.T) {
	k := identitytest.New(t, dbtest.Open(t, dbtest.Engines()[0]))
	v := k.Browser()
	sess := k.Session(identity.Shopper, k.SignUp(v, ada), v)
	if _, err := k.BeginApp(k.Ctx, sess, v); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an app before anything that it could stand beside: %v", err)
	}
	if _, err := k.MakeCodes(k.Ctx, sess, v); fault.KindOf(err) != fault.Conflict {
		t.Errorf("recovery codes before anything: %v", err)
	}
	e, err := k.BeginApp(k.Ctx, k.Session(identity.Shopper, k.SetPassword(sess, identitytest.Password, v), v), v)
	k.Must(err)
	for _, never := range []string{"style", "script", "data:", "href", ada} {
		if strings.Contains(e.QR, never) {
			t.Errorf("the picture holds %q", never)
		}
	}
	img := raster(t, e.QR)
	size := img.Bounds().Dx()
	if size < 29 || img.At(0, 0) != color.White || img.At(4, 4) != color.Black || img.At(4+6, 4) != color.Black || img.At(4+7, 4) != color.White {
		t.Errorf("no finder in a picture of %d", size)
	}
}

// raster draws the one path of such a picture.
func raster(t *testing.T, svg string) image.Image {
	t.Helper()
	var n int
	_, box, _ := strings.Cut(svg, `viewBox="0 0 `)
	if _, err := scan(box, &n); err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, n, n))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	_, path, _ := strings.Cut(svg, `fill="#000" d="`)
	path, _, _ = strings.Cut(path, `"`)
	for run := range strings.SplitSeq(strings.TrimPrefix(path, "M"), "M") {
		var x, y, w int
		if _, err := scan(strings.NewReplacer("h", " ", "v", " ").Replace(run), &x, &y, &w); err != nil {
			t.Fatalf("%q: %v", run, err)
		}
		for i := range w {
			img.SetGray(x+i, y, color.Gray{})
		}
	}
	return two{img}
}

// two gives black and white as the colours of that name.
type two struct{ *image.Gray }

func (p two) At(x, y int) color.Color {
	if p.GrayAt(x, y).Y == 0 {
		return color.Black
	}
	return color.White
}
