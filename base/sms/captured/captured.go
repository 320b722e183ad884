// Package captured keeps short messages instead of sending them: they lie in the demo's outbox beside the mails.
//
// The newest Limit of them are kept in memory and, sealed, in one file each, so that a second start shows them again
// and a stolen folder shows none. What seals them is handed in; the package itself knows no keys.
package captured

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"strongroom/base/clock"
	"strongroom/base/id"
	"strongroom/base/sms"
)

// Limit is how many messages are kept.
const Limit = 100

// ending tells the files from those of the mails, which may lie in the same folder.
const ending = ".sms"

// SMS is a captured message.
type SMS struct {
	ID      id.ID
	At      time.Time
	Message sms.Message
}

// Box is an outbox that is never emptied into the world.
type Box struct {
	dir        string
	clock      clock.Clock
	seal, open func([]byte) ([]byte, error)
	mu         sync.Mutex
	all        []SMS // oldest first
}

// Open reads what the folder holds. A file that cannot be opened, because its key is gone, is left out.
func Open(dir string, c clock.Clock, seal, open func([]byte) ([]byte, error)) (*Box, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("sms: the outbox folder: %w", err)
	}
	b := &Box{dir: dir, clock: c, seal: seal, open: open}
	names, err := filepath.Glob(filepath.Join(dir, "*"+ending))
	if err != nil {
		return nil, err
	}
	slices.Sort(names) // names begin with their time
	for _, name := range names[max(0, len(names)-Limit):] {
		if m, ok := b.read(name); ok {
			b.all = append(b.all, m)
		}
	}
	return b, nil
}

func (b *Box) read(name string) (m SMS, ok bool) {
	v, err := id.Parse(strings.TrimSuffix(filepath.Base(name), ending))
	if err != nil {
		return m, false
	}
	sealed, err := os.ReadFile(name)
	if err != nil {
		return m, false
	}
	plain, err := b.open(sealed)
	if err != nil || json.Unmarshal(plain, &m) != nil {
		return m, false
	}
	return m, m.ID == v
}

// Send keeps the message. The same id is kept once.
func (b *Box) Send(_ context.Context, m sms.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.all, func(k SMS) bool { return k.Message.ID == m.ID }) {
		return nil
	}
	now := b.clock.Now()
	kept := SMS{ID: id.New(now, nil), At: now, Message: m}
	plain, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	sealed, err := b.seal(plain)
	if err != nil {
		return fmt.Errorf("sms: seal for the outbox: %w", err)
	}
	if err := os.WriteFile(b.file(kept.ID), sealed, 0o600); err != nil {
		return fmt.Errorf("sms: the outbox folder cannot be written: %w", err)
	}
	b.all = append(b.all, kept)
	if len(b.all) > Limit {
		_ = os.Remove(b.file(b.all[0].ID))
		b.all = slices.Delete(b.all, 0, 1)
	}
	return nil
}

func (b *Box) file(v id.ID) string { return filepath.Join(b.dir, v.String()+ending) }

// List gives the captured messages, newest first.
func (b *Box) List() []SMS {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.all)
	slices.Reverse(out)
	return out
}

// Find gives one captured message.
func (b *Box) Find(v id.ID) (SMS, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.all, func(m SMS) bool { return m.ID == v })
	if i < 0 {
		return SMS{}, false
	}
	return b.all[i], true
}
