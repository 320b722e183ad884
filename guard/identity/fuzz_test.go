package identity_test

import (
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/identity"
	. "strongroom/guard/identity/identitytest"
)

// What a browser sends as a passkey's answer is refused or right; nothing in it makes the store fail, and nothing but the
// answer to the very question opens a session.
func FuzzPasskeyAnswer(f *testing.F) {
	k := New(f, dbtest.Open(f, db.SQLite))
	b, key := k.Browser(), k.Device()
	sess := k.Session(identity.Shopper, k.SignUpWithPasskey(b, "ada@example.com", key), b)
	asked, err := k.BeginPasskey(k.Ctx, identity.Shopper, b)
	k.Must(err)
	right, err := key.Get(asked.Options)
	k.Must(err)
	more, err := k.BeginEnrol(k.Ctx, sess, b)
	k.Must(err)
	made, err := k.Device().Create(more.Options)
	k.Must(err)
	for _, seed := range [][]byte{right, made, nil, []byte("{}"), []byte("null"), []byte(`{"id":"","rawId":"","type":"public-key","response":{}}`), right[:len(right)/2]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		c, err := k.BeginPasskey(k.Ctx, identity.Shopper, b)
		if err != nil {
			t.Fatal(err)
		}
		if step, err := k.FinishPasskey(k.Ctx, identity.Shopper, c.Token, answer, b); err == nil || step.Session != "" {
			t.Errorf("%q opened a session", answer)
		}
		if c, err = k.BeginEnrol(k.Ctx, sess, b); err != nil {
			t.Fatal(err)
		}
		if step, err := k.FinishEnrol(k.Ctx, sess, c.Token, "key", answer, b); err == nil || step.Session != "" {
			t.Errorf("%q became a passkey", answer)
		}
	})
}
