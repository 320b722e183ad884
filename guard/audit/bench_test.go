package audit_test

import (
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// BenchmarkEntry is what one entry costs: written in its act's transaction, and given its place afterwards in batches.
// An order writes about five.
func BenchmarkEntry(b *testing.B) {
	for _, e := range dbtest.Engines() {
		b.Run(string(e), func(b *testing.B) {
			p := dbtest.Open(b, e)
			l, _ := newLog(b, p)
			for done := 0; b.Loop(); done++ {
				must(b, p.Data.Write(ctx, func(tx *db.Tx) error {
					for range 100 {
						if err := l.Record(tx, entry("order.place")); err != nil {
							return err
						}
					}
					return nil
				}))
				if done%10 == 9 {
					_, err := l.Sequence(ctx)
					must(b, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "us/entry")
		})
	}
}
