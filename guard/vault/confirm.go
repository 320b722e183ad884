package vault

import (
	"context"
	"slices"
	"sync"

	"strongroom/base/db"
	"strongroom/base/id"
)

// confirmer buffers confirmations: the sweeper mends what a crash loses, so they need no commit of their own.
type confirmer struct {
	mu   sync.Mutex
	list []id.ID
}

// Confirm says that data holds the subjects now. It is written within about a second, many at once.
func (v *Vault) Confirm(_ context.Context, subjects ...id.ID) error {
	v.confirm.mu.Lock()
	defer v.confirm.mu.Unlock()
	if len(v.confirm.list) < 100_000 { // past that the key database has been away for long: the sweeper confirms
		v.confirm.list = append(v.confirm.list, subjects...)
	}
	return nil
}

// flush writes what Confirm gathered, in bounded transactions.
func (v *Vault) flush(ctx context.Context) error {
	v.confirm.mu.Lock()
	list := v.confirm.list
	v.confirm.list = nil
	v.confirm.mu.Unlock()
	for batch := range slices.Chunk(list, 500) {
		err := v.keys.Write(ctx, func(tx *db.Tx) error {
			for _, s := range batch {
				if err := confirmSubject(tx, s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return v.Confirm(ctx, batch...)
		}
	}
	return nil
}
