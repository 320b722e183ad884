package identity_test

import (
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// openBench opens the databases that the figure is promised for.
func openBench(b *testing.B) dbtest.Pair { return dbtest.Open(b, db.SQLite) }
