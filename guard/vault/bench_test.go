package vault_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
)

var benchField = vault.Field{Number: 9001, Purpose: vault.Fulfilment, Mask: vault.MaskEmail}

// BenchmarkSealReveal is a short field sealed and revealed again with its key in memory. The target is 5 microseconds.
func BenchmarkSealReveal(b *testing.B) {
	p := dbtest.Open(b, db.SQLite)
	v := vaulttest.New(b, p)
	ctx := context.Background()
	subject, err := v.NewSubject(ctx, vault.Fulfilment)
	if err != nil {
		b.Fatal(err)
	}
	row := subject
	look := vault.Look{Actor: access.System("bench"), Purpose: vault.Fulfilment, Reason: "bench", Object: "bench", ObjectID: row}
	clear := vault.Typed("ada.loewenherz@buyers.example")
	b.ReportAllocs()
	for b.Loop() {
		sealed, err := v.Seal(ctx, benchField, subject, row, clear)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := v.Reveal(ctx, look, v.Sealed(benchField, subject, row, sealed)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFind looks an e-mail address up among a million people. The target is 1 millisecond.
func BenchmarkFind(b *testing.B) {
	for _, e := range dbtest.Engines() {
		b.Run(string(e), func(b *testing.B) {
			p := dbtest.Open(b, e)
			v := vaulttest.New(b, p)
			ctx := context.Background()
			wanted := vault.Typed("ada.loewenherz@buyers.example")
			subject, err := v.NewSubject(ctx, vault.Fulfilment)
			if err == nil {
				err = v.SetIndex(ctx, benchField, subject, wanted)
			}
			if err != nil {
				b.Fatal(err)
			}
			crowd(b, p.Keys, 1_000_000)
			for b.Loop() {
				found, err := v.Find(ctx, benchField, wanted, 10)
				if err != nil || len(found) != 1 || found[0] != subject {
					b.Fatal(found, err)
				}
			}
		})
	}
}

// crowd writes n people with random hashes straight into the look-up table: what they are called does not matter to
// the index.
func crowd(b *testing.B, keys *db.DB, n int) {
	b.Helper()
	const batch = 10_000
	for done := 0; done < n; done += batch {
		err := keys.Write(context.Background(), func(tx *db.Tx) error {
			for range batch {
				value := make([]byte, 32)
				_, _ = rand.Read(value)
				who := tx.NewID()
				if _, err := tx.Exec(`INSERT INTO vault_subject (id, state, handle, made_at, ended_at) VALUES ($1, 'live', NULL, 0, 0)`, who); err != nil {
					return err
				}
				if _, err := tx.Exec(`INSERT INTO vault_index (field, value, subject, purpose, chain, contact) VALUES ($1, $2, $3, 2, 0, NULL)`,
					int64(benchField.Number), value, who); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(fmt.Errorf("after %d people: %w", done, err))
		}
	}
}
