package vault_test

import (
	"encoding/base64"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/web"
	"strongroom/guard/vault/vaulttest"
)

// The store's self-contained tokens are keyed hashes of the vault. A token that was made for one purpose is worth nothing
// for another (V9.2.2); one that says it needs no hash, or a plain one, is refused (V9.1.1, V9.1.2); one that somebody made
// with a key of his own is refused, and there is no place in it to name a key (V9.1.3). What a form's token holds is the
// hash and nothing else: no time to be believed (V9.2.1).
func TestTokensAreForOnePurpose_V9_2_2(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	v := vaulttest.New(t, p)
	other := vaulttest.New(t, dbtest.Open(t, db.SQLite))
	face := func(label string) web.FormTokens {
		return web.FormTokens{MAC: func(b []byte) []byte { return v.Sign(label, b) }}
	}
	shop, account := face("storefront.form"), face("account.form")
	thief := web.FormTokens{MAC: func(b []byte) []byte { return other.Sign("account.form", b) }}
	none := web.FormTokens{MAC: func([]byte) []byte { return make([]byte, 32) }}
	plain := web.FormTokens{MAC: func(b []byte) []byte { return append(b, make([]byte, 32)...)[:32] }}
	const session = "the secret of a session"
	if !account.Valid(session, account.For(session)) {
		t.Fatal("a right token is refused")
	}
	for what, token := range map[string]string{"of another page": shop.For(session), "of another store": thief.For(session), "of no algorithm": none.For(session),
		"of the session itself": plain.For(session), "of another session": account.For("another"),
		"of nothing": base64.RawURLEncoding.EncodeToString(make([]byte, 64))} {
		if account.Valid(session, token) {
			t.Errorf("a token %s is taken", what)
		}
	}
	for _, made := range []string{account.For(session), account.For(session)} {
		b, err := base64.RawURLEncoding.DecodeString(made)
		if err != nil || len(b) != 64 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		for i := range 32 {
			b[i] ^= b[i+32]
		}
		if string(b[:32]) != string(v.Sign("account.form", []byte(session))) {
			t.Error("a token holds more than its hash")
		}
	}
	if string(v.MAC("post.return", []byte(session))) == string(v.Sign("post.return", []byte(session))) {
		t.Error("what goes out and what stays are made with one key")
	}
}
