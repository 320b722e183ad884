package identity_test

import (
	"net/netip"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
)

// A token is 256 random bits, new for every session and every proof; it is worth what its row says at that moment, and
// the database has neither it nor a plain hash of it (V7.2.1, V7.2.2, V7.2.3, V7.2.4).
func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		seen := map[id.Token]bool{step.Session: true}
		for range 5 {
			again, err := k.SignIn(identity.Shopper, b, a)
			k.Must(err)
			if _, err := id.ParseToken(again.Session.Clear()); err != nil || seen[again.Session] {
				t.Fatal("a token is used twice, or none of ours")
			}
			seen[again.Session] = true
		}
		sess := k.Session(identity.Shopper, step, b)
		next, err := k.StepUp(sess, b, a)
		k.Must(err)
		_, _, err = k.Check(k.Ctx, identity.Shopper, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		k.Session(identity.Shopper, next, b)
		var n int
		k.Must(k.Data.Read(k.Ctx, func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM identity_session WHERE token = $1 OR token = $2`, next.Session.Hash(), []byte(next.Session)).Scan(&n)
		}))
		if n != 0 {
			t.Error("the row tells the token")
		}
	})
}

// A token that was planted in the browser before the sign-in is worth nothing afterwards (V7.2.4).
func TestSessionFixation(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		mb, mallory := k.Browser(), k.Device()
		planted := k.SignUpWithPasskey(mb, "mallory@example.com", mallory)
		b, a := k.Browser(), k.Device()
		k.SignUpWithPasskey(b, "ada@example.com", a)
		victim := b
		victim.Session = planted.Session // Mallory's cookie, put into Ada's browser
		step, err := k.SignIn(identity.Shopper, victim, a)
		k.Must(err)
		if step.Session == planted.Session {
			t.Fatal("the planted token was taken over")
		}
		_, _, err = k.Check(k.Ctx, identity.Shopper, planted.Session, mb)
		wantFault(t, err, identity.ErrNoSession)
		invented := b
		invented.Session = id.NewToken()
		step, err = k.SignIn(identity.Shopper, invented, a)
		k.Must(err)
		if step.Session == invented.Session {
			t.Fatal("an invented token became a session")
		}
	})
}

// A stolen cookie without the browser's own opens nothing and ends the session; from another network it has no fresh
// proof; from another network and another kind of browser it shows only its lock (V7.5.3). What is asked for follows where
// the session is used from (V8.2.4), as docs/limits.md says.
func TestStolenSession(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		k.Must(k.RequireStepUp(k.Session(identity.Shopper, step, b), identity.StepUpFor))

		moved := b
		moved.Origin = netip.MustParseAddr("2001:db8::1")
		sess := k.Session(identity.Shopper, step, moved)
		if sess.Locked {
			t.Error("a moved telephone is locked out")
		}
		wantFault(t, k.RequireStepUp(sess, identity.StepUpFor), identity.ErrStepUp)

		neighbour := b
		neighbour.Origin = netip.MustParseAddr("198.51.1.200") // the same /24
		if sess := k.Session(identity.Shopper, step, neighbour); sess.StepUp.IsZero() {
			t.Error("the same network counts as another one")
		}

		thief := moved
		thief.Agent = Safari
		sess = k.Session(identity.Shopper, step, thief)
		if !sess.Locked {
			t.Error("a cookie from another network and browser is not locked")
		}
		wantFault(t, sess.RequireFull(), identity.ErrLocked)
		_, err := k.Passkeys(k.Ctx, sess)
		wantFault(t, err, identity.ErrLimited)

		_, _, err = k.Check(k.Ctx, identity.Shopper, step.Session, k.Browser())
		wantFault(t, err, identity.ErrNoSession)
		if k.Heard("identity.session_refused") != 1 {
			t.Error("not told")
		}
		_, _, err = k.Check(k.Ctx, identity.Shopper, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
	})
}

// A shopper's session ends after 30 days, or 14 without a visit; a fresh proof lasts ten minutes (V7.1.1, V7.3.1, V7.3.2).
func TestShopperTimes(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		k.Clock.Advance(9 * time.Minute)
		k.Must(k.RequireStepUp(k.Session(identity.Shopper, step, b), identity.StepUpFor))
		k.Clock.Advance(2 * time.Minute)
		wantFault(t, k.RequireStepUp(k.Session(identity.Shopper, step, b), identity.StepUpFor), identity.ErrStepUp)
		for range 3 {
			k.Clock.Advance(9 * 24 * time.Hour)
			k.Session(identity.Shopper, step, b)
		}
		k.Clock.Advance(4 * 24 * time.Hour)
		_, _, err := k.Check(k.Ctx, identity.Shopper, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)

		step, err = k.SignIn(identity.Shopper, b, a)
		k.Must(err)
		k.Clock.Advance(14*24*time.Hour + time.Second)
		_, _, err = k.Check(k.Ctx, identity.Shopper, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
	})
}

// A staff session locks after 15 idle minutes, one tap lifts the lock, and 12 hours end it in any case; rights that
// change and a leaver take effect at the next request (V7.3.1, V7.3.2, V7.4.2, V7.4.5).
func TestStaffTimes(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		account := k.Staff("owner@example.com")
		b, a := k.Browser(), NewAuthenticator(AdminOrigin)
		step, err := k.OpenEnrolment(k.Ctx, identity.Staff, account, b)
		k.Must(err)
		sess := k.Session(identity.Staff, step, b)
		wantFault(t, sess.RequireFull(), identity.ErrLimited)
		step = k.Enrol(sess, b, a)
		if step.Level != identity.Enrolling {
			t.Fatal("a staff session was raised by itself")
		}
		step, err = k.Raise(k.Ctx, k.Session(identity.Staff, step, b), b)
		k.Must(err)
		k.Must(k.Session(identity.Staff, step, b).RequireFull())

		k.Clock.Advance(16 * time.Minute)
		sess = k.Session(identity.Staff, step, b)
		wantFault(t, sess.RequireFull(), identity.ErrLocked)
		sess = k.Session(identity.Staff, step, b) // looking does not touch a locked session
		wantFault(t, sess.RequireFull(), identity.ErrLocked)
		step, err = k.StepUp(sess, b, a)
		k.Must(err)
		k.Must(k.Session(identity.Staff, step, b).RequireStepUp(k.Clock.Now(), identity.StepUpFor))

		for range 60 {
			k.Clock.Advance(12 * time.Minute)
			if _, _, err = k.Check(k.Ctx, identity.Staff, step.Session, b); err != nil {
				break
			}
		}
		wantFault(t, err, identity.ErrNoSession)

		step, err = k.SignIn(identity.Staff, b, a)
		k.Must(err)
		k.Must(k.Data.Write(k.Ctx, func(tx *db.Tx) error { // by another process, that knew no row of this session
			_, err := tx.Exec(`UPDATE identity_account SET generation = generation + 1 WHERE id = $1`, account)
			return err
		}))
		_, _, err = k.Check(k.Ctx, identity.Staff, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		step, err = k.SignIn(identity.Staff, b, a)
		k.Must(err)
		k.Must(k.Data.Write(k.Ctx, func(tx *db.Tx) error { return k.EndSessions(tx, account) }))
		_, _, err = k.Check(k.Ctx, identity.Staff, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		step, err = k.SignIn(identity.Staff, b, a)
		k.Must(err)
		k.Must(k.Data.Write(k.Ctx, func(tx *db.Tx) error { return k.Close(tx, account) }))
		_, _, err = k.Check(k.Ctx, identity.Staff, step.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		_, err = k.SignIn(identity.Staff, b, a)
		wantFault(t, err, identity.ErrRefused)
	})
}

// The row of a session is written at most once a minute.
func TestTouchIsRare(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b := k.Browser()
		step := k.SignUpWithPasskey(b, "ada@example.com", k.Device())
		k.Run()
		before, _ := k.Data.Counts()
		for range 100 {
			k.Clock.Advance(time.Second)
			k.Session(identity.Shopper, step, b)
		}
		if after, _ := k.Data.Counts(); after-before > 2 {
			t.Errorf("%d writes for 100 requests in 100 seconds", after-before)
		}
	})
}

// Devices are listed with coarse words and signed out one by one or together; a new one is told with a way to disown it
// (V6.3.5, V7.5.2).
func TestDevices(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		step := k.SignUpWithPasskey(b, "ada@example.com", a)
		if len(k.Mails(identity.LetterNewDevice)) != 0 {
			t.Error("the first browser was told as a new one")
		}
		phone := k.Browser()
		phone.Agent = Safari
		k.Clock.Advance(30 * time.Second)
		there, err := k.SignIn(identity.Shopper, phone, a)
		k.Must(err)
		if m := k.Mail(identity.LetterNewDevice); m.Device != "safari.iphone" || m.LinkKind != identity.LinkNotMe {
			t.Errorf("mail: %+v", m)
		}
		sess := k.Session(identity.Shopper, step, b)
		list, err := k.Devices(k.Ctx, sess)
		k.Must(err)
		if len(list) != 2 || list[0].Label != "safari.iphone" || list[1].Label != "firefox.linux" || !list[1].Current || list[0].Sessions != 1 {
			t.Fatalf("devices: %+v", list)
		}
		k.Must(k.SignOutDevice(k.Ctx, sess, list[0].ID, b))
		_, _, err = k.Check(k.Ctx, identity.Shopper, there.Session, phone)
		wantFault(t, err, identity.ErrNoSession)

		there, err = k.SignIn(identity.Shopper, phone, a)
		k.Must(err)
		token, err := k.SignOutEverywhere(k.Ctx, sess, b)
		k.Must(err)
		for token, v := range map[id.Token]identity.Visitor{there.Session: phone, step.Session: b} {
			_, _, err = k.Check(k.Ctx, identity.Shopper, token, v)
			wantFault(t, err, identity.ErrNoSession)
		}
		_, _, err = k.Check(k.Ctx, identity.Shopper, token, b)
		k.Must(err)

		mb := k.Browser()
		other := k.Session(identity.Shopper, k.SignUpWithPasskey(mb, "mallory@example.com", k.Device()), mb)
		wantFault(t, k.SignOutDevice(k.Ctx, other, list[0].ID, mb), identity.ErrMissing) // somebody else's
	})
}

// An account has at most fifty sessions; the oldest end (V7.1.2).
func TestManySessions(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, a := k.Browser(), k.Device()
		first := k.SignUpWithPasskey(b, "ada@example.com", a)
		for range 50 {
			k.Clock.Advance(time.Second)
			_, err := k.SignIn(identity.Shopper, b, a)
			k.Must(err)
		}
		_, _, err := k.Check(k.Ctx, identity.Shopper, first.Session, b)
		wantFault(t, err, identity.ErrNoSession)
	})
}

// Every session of a realm can be ended at once, and those of the other realm go on (V7.4.5).
func TestEndAll(t *testing.T) {
	each(t, func(t *testing.T, k *Kit) {
		b, sb := k.Browser(), k.Browser()
		shopper := k.SignUpWithPasskey(b, "ada@example.com", k.Device())
		staff, err := k.OpenEnrolment(k.Ctx, identity.Staff, k.Staff("owner@example.com"), sb)
		k.Must(err)
		k.Must(k.EndAll(k.Ctx, identity.Shopper, access.System("test"), "incident"))
		_, _, err = k.Check(k.Ctx, identity.Shopper, shopper.Session, b)
		wantFault(t, err, identity.ErrNoSession)
		k.Session(identity.Staff, staff, sb)
	})
}

func TestLabel(t *testing.T) {
	for agent, want := range map[string]string{Firefox: "firefox.linux", Safari: "safari.iphone", "": "other.other",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0": "edge.windows",
		"Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36":                  "chrome.android",
		"curl/8.0 <script>": "other.other"} {
		if got := identity.Label(agent); got != want {
			t.Errorf("%q: %s, want %s", agent, got, want)
		}
	}
}

// BenchmarkCheck is what every request of a signed-in person pays. Target: under 50 microseconds on SQLite.
func BenchmarkCheck(b *testing.B) {
	k := New(b, openBench(b))
	v := k.Browser()
	step := k.SignUpWithPasskey(v, "ada@example.com", k.Device())
	for b.Loop() {
		if _, _, err := k.Check(k.Ctx, identity.Shopper, step.Session, v); err != nil {
			b.Fatal(err)
		}
	}
}
