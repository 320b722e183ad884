package payment_test

import (
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/guard/audit"
	"strongroom/guard/vault/vaulttest"
)

// newLog is the audit log over the pair's databases.
func newLog(t testing.TB, p dbtest.Pair) *audit.Log {
	t.Helper()
	l := audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close the log: %v", err)
		}
	})
	return l
}
