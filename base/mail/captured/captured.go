// Package captured keeps mail instead of sending it: the demo's outbox.
//
// Mails are kept in memory, the newest Limit of them, and sealed on disk, one file each, so that a second start shows
// them again and a stolen folder shows none. What seals them is handed in; the package itself knows no keys.
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
	"strongroom/base/mail"
)

// Limit is how many mails are kept.
const Limit = 300

// Mail is a captured message.
type Mail struct {
	ID      id.ID
	At      time.Time
	Message mail.Message
}

// Box is an outbox that is never emptied into the world.
type Box struct {
	dir        string
	clock      clock.Clock
	seal, open func([]byte) ([]byte, error)
	mu         sync.Mutex
	mails      []Mail // oldest first
}

// Open reads what the folder holds. A file that cannot be opened, because its key is gone, is left out.
func Open(dir string, c clock.Clock, seal, open func([]byte) ([]byte, error)) (*Box, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail: the outbox folder: %w", err)
	}
	b := &Box{dir: dir, clock: c, seal: seal, open: open}
	names, err := filepath.Glob(filepath.Join(dir, "*.sealed"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names) // names begin with their time
	if len(names) > Limit {
		names = names[len(names)-Limit:]
	}
	for _, name := range names {
		if m, ok := b.read(name); ok {
			b.mails = append(b.mails, m)
		}
	}
	return b, nil
}

func (b *Box) read(name string) (m Mail, ok bool) {
	v, err := id.Parse(strings.TrimSuffix(filepath.Base(name), ".sealed"))
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

// Send keeps the message. The same message id is kept once, as a mail program would show it.
func (b *Box) Send(_ context.Context, m mail.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.mails, func(k Mail) bool { return k.Message.ID == m.ID }) {
		return nil
	}
	now := b.clock.Now()
	kept := Mail{ID: id.New(now, nil), At: now, Message: m}
	plain, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	sealed, err := b.seal(plain)
	if err != nil {
		return fmt.Errorf("mail: seal for the outbox: %w", err)
	}
	if err := os.WriteFile(b.file(kept.ID), sealed, 0o600); err != nil {
		return fmt.Errorf("mail: the outbox folder cannot be written: %w", err)
	}
	b.mails = append(b.mails, kept)
	if len(b.mails) > Limit {
		_ = os.Remove(b.file(b.mails[0].ID))
		b.mails = slices.Delete(b.mails, 0, 1)
	}
	return nil
}

func (b *Box) file(v id.ID) string { return filepath.Join(b.dir, v.String()+".sealed") }

// List gives the captured mails, newest first.
func (b *Box) List() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := slices.Clone(b.mails)
	slices.Reverse(out)
	return out
}

// Find gives one captured mail.
func (b *Box) Find(v id.ID) (Mail, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.mails, func(m Mail) bool { return m.ID == v })
	if i < 0 {
		return Mail{}, false
	}
	return b.mails[i], true
}
