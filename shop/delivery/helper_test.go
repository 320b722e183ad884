package delivery

import (
	"testing"

	"strongroom/base/db/dbtest"
)

func newService(t testing.TB, p dbtest.Pair) *Service {
	t.Helper()
	return New(Deps{DB: p.Data, Zone: berlin(t)})
}
