package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/guard/audit/tree"
)

const signerLabel = "audit.signer"

// signing is the key that signs heads, and the keys that ever did.
type signing struct {
	signer note.Signer
	keys   []note.Verifier // the newest first
	lines  []string        // the same as text
}

func (l *Log) canSign() bool { return l.signing.Load() != nil }

// prepareSigner loads the signing key, and makes it at the first start.
func (l *Log) prepareSigner(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "audit: signing key")
	if l.canSign() {
		return nil
	}
	rows, err := l.signerRows(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		if err := l.makeSigner(ctx, 1); err != nil {
			return err
		}
		if rows, err = l.signerRows(ctx); err != nil { // another process may have been first
			return err
		}
	}
	s := &signing{}
	for _, r := range rows {
		key, err := note.NewVerifier(r.verifier)
		if err != nil {
			return err
		}
		s.keys, s.lines = append(s.keys, key), append(s.lines, r.verifier)
	}
	private, err := l.vault.OpenSecret(signerLabel, rows[0].sealed)
	if err != nil {
		return err
	}
	if s.signer, err = note.NewSigner(string(private)); err != nil {
		return errors.New("the log's signing key cannot be read")
	}
	if s.signer.KeyHash() != s.keys[0].KeyHash() {
		return errAltered // somebody put another public half beside it
	}
	l.signing.Store(s)
	return nil
}

func (l *Log) signerRows(ctx context.Context) (rows []signerRow, err error) {
	err = l.db.Read(ctx, func(tx *db.Tx) error { rows, err = signers(tx); return err })
	return rows, err
}

func (l *Log) makeSigner(ctx context.Context, number int64) error {
	private, public, err := note.GenerateKey(rand.Reader, l.origin)
	if err != nil {
		return err
	}
	sealed, err := l.vault.SealSecret(signerLabel, []byte(private))
	if err != nil {
		return err
	}
	return l.db.Write(ctx, func(tx *db.Tx) error { return putSigner(tx, signerRow{number, public, sealed}) })
}

// KeyLines are the lines that checkpoints are verified with, the newest first. Whoever keeps checkpoints outside keeps
// one of these beside them.
func (l *Log) KeyLines(ctx context.Context) ([]string, error) {
	rows, err := l.signerRows(ctx)
	var out []string
	for _, r := range rows {
		out = append(out, r.verifier)
	}
	return out, err
}

// signHead signs the head in the transaction that knows it, if that is due.
func (l *Log) signHead(tx *db.Tx, h head) error {
	s := l.signing.Load()
	if s == nil || h.size == 0 {
		return nil
	}
	last, known, err := newestCheckpoint(tx)
	if err != nil || known && (last.size >= h.size || tx.Now().Sub(last.at) < checkpointPause) {
		return err
	}
	text, err := tree.Checkpoint{Origin: s.signer.Name(), Size: h.size, Root: h.root}.Sign(s.signer)
	if err != nil {
		return err
	}
	return putCheckpoint(tx, signed{h.size, tx.Now(), text})
}

// Checkpoint signs the head as it is now, whether that is due or not, and returns the signed note.
func (l *Log) Checkpoint(ctx context.Context) (text []byte, size int64, err error) {
	defer fault.Wrap(&err, "audit: checkpoint")
	if err := l.prepareSigner(ctx); err != nil {
		return nil, 0, err
	}
	if _, err := l.Sequence(ctx); err != nil {
		return nil, 0, err
	}
	err = l.db.Read(ctx, func(tx *db.Tx) error {
		h, err := readHead(tx)
		if err != nil {
			return err
		}
		s := l.signing.Load()
		text, err = tree.Checkpoint{Origin: s.signer.Name(), Size: h.size, Root: h.root}.Sign(s.signer)
		size = h.size
		return err
	})
	return text, size, err
}

// State is how the tree stands, for people who look after the store.
type State struct {
	Size       int64
	Waiting    int64     // entries without a place yet, up to a bound
	Signed     int64     // size of the newest checkpoint
	SignedAt   time.Time // zero if there is none
	Places     []Pushed
	Configured []string // places that checkpoints are to be pushed to
}

// State reads it.
func (l *Log) State(ctx context.Context) (s State, err error) {
	defer fault.Wrap(&err, "audit: state")
	err = l.db.Read(ctx, func(tx *db.Tx) error {
		h, err := readHead(tx)
		if err != nil {
			return err
		}
		waiting, err := unplaced(tx, sequenceBatch)
		if err != nil {
			return err
		}
		c, _, err := newestCheckpoint(tx)
		if err != nil {
			return err
		}
		s = State{Size: h.size, Waiting: waiting, Signed: c.size, SignedAt: c.at}
		s.Places, err = readPushed(tx)
		return err
	})
	for _, p := range l.places {
		s.Configured = append(s.Configured, p.Place.Name())
	}
	return s, err
}

// rootAt is the root that the tree had when it was smaller, by the tiles.
func (l *Log) rootAt(ctx context.Context, size int64) (root tree.Hash, err error) {
	err = l.db.Snapshot(ctx, func(tx *db.Tx) error {
		h, err := readHead(tx)
		if err != nil {
			return err
		}
		if size > h.size {
			return fmt.Errorf("%w: it has %d entries, not %d", ErrBehind, h.size, size)
		}
		root, err = tree.RootAt(size, func(level int, number int64) ([]tree.Hash, error) { return getTile(tx, level, number) })
		return err
	})
	return root, err
}
