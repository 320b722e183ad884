package delivery

import (
	"context"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/audit"
	"strongroom/guard/vault/vaulttest"
)

func newService(t testing.TB, p dbtest.Pair) *Service {
	t.Helper()
	return New(Deps{DB: p.Data, Audit: testLog(t, p), Zone: berlin(t)})
}

// testLog is an audit log over the pair, with a vault of its own.
func testLog(t testing.TB, p dbtest.Pair) *audit.Log {
	t.Helper()
	l := audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close the log: %v", err)
		}
	})
	return l
}

// entries counts the audit entries of an action and outcome.
func entries(t testing.TB, p dbtest.Pair, action string, o audit.Outcome) (n int) {
	t.Helper()
	err := p.Data.Read(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT COUNT(*) FROM audit_entry WHERE action = $1 AND outcome = $2", action, int64(o)).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
