package payment_test

import (
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/guard/audit"
)

func newLog(t *testing.T, p dbtest.Pair) *audit.Log {
	t.Helper()
	return &audit.Log{}
}
