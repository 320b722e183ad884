package db_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
)

// BenchmarkWrite is one small durable write: alone, and with sixteen that wait for each other's commit.
func BenchmarkWrite(b *testing.B) {
	for _, e := range dbtest.Engines() {
		for _, par := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d", e, par), func(b *testing.B) {
				p := dbtest.Open(b, e)
				var n atomic.Int64
				b.SetParallelism(par)
				if par == 1 {
					for b.Loop() {
						write(b, p.Data, n.Add(1))
					}
				} else {
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							write(b, p.Data, n.Add(1))
						}
					})
				}
				w, c := p.Data.Counts()
				b.ReportMetric(float64(w)/float64(c), "writes/commit")
			})
		}
	}
}

func write(b *testing.B, d *db.DB, n int64) {
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO job_queue (id, kind, key, args, run_at, attempts, state, leased_until, error, made_at, ended_at)
			VALUES ($1, 'bench', $2, '{}', 0, 0, 'ready', 0, '', 0, 0)`, tx.NewID(), fmt.Sprint(n))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRead is one look-up by primary key on a reader's connection.
func BenchmarkRead(b *testing.B) {
	for _, e := range dbtest.Engines() {
		b.Run(string(e), func(b *testing.B) {
			p := dbtest.Open(b, e)
			write(b, p.Data, 1)
			for b.Loop() {
				err := p.Data.Read(context.Background(), func(tx *db.Tx) error {
					var args string
					return tx.QueryRow(`SELECT args FROM job_queue WHERE kind = $1 AND key = $2`, "bench", "1").Scan(&args)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
