package identity_test

import (
	"bytes"
	"os"
	"testing"

	"strongroom/base/db"
	. "strongroom/guard/identity/identitytest"
)

// leaks searches the files of the databases for clear text. On PostgreSQL there is no file of its own to search; the
// statements are the same.
func leaks(t *testing.T, k *Kit, planted ...string) {
	t.Helper()
	if k.Engine != db.SQLite {
		return
	}
	for _, d := range []*db.DB{k.Data, k.Keys} {
		k.Must(d.Checkpoint(k.Ctx))
		b, err := os.ReadFile(d.Path())
		k.Must(err)
		for _, p := range planted {
			if bytes.Contains(bytes.ToLower(b), []byte(p)) {
				t.Errorf("%q stands in %s", p, d.Path())
			}
		}
	}
}
