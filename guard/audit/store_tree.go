package audit

import (
	"fmt"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/guard/audit/tree"
)

// head is the tree's size and root.
type head struct {
	size int64
	root tree.Hash
}

func scanHead(s db.Scanner) (h head, err error) {
	var root []byte
	if err = s.Scan(&h.size, &root); err == nil && len(root) != len(h.root) {
		err = errAltered
	}
	copy(h.root[:], root)
	return h, err
}

// readHead is the head as it stands; that of the empty tree if there is none.
func readHead(tx *db.Tx) (head, error) {
	h, known, err := db.One(tx, scanHead, "SELECT size, root FROM audit_tree WHERE id = 1")
	if err == nil && !known {
		h.root = (&tree.Edge{}).Root()
	}
	return h, err
}

// lockHead makes sure that nobody else appends until the transaction ends, and reads the head.
func lockHead(tx *db.Tx) (head, error) {
	empty := (&tree.Edge{}).Root()
	if _, err := tx.Exec("INSERT INTO audit_tree (id, size, root, at) VALUES (1, 0, $1, $2) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
		empty[:], clock.Micros(tx.Now())); err != nil {
		return head{}, err
	}
	return readHead(tx)
}

func moveHead(tx *db.Tx, from int64, to head) error {
	return tx.Guard(errTree, "UPDATE audit_tree SET size = $1, root = $2 WHERE id = 1 AND size = $3", to.size, to.root[:], from)
}

// pending is an entry that just got its place in the tree.
type pending struct {
	sequence   int64
	body, leaf []byte
}

// unplaced counts the entries without a place, up to a limit.
func unplaced(tx *db.Tx, limit int) (n int64, err error) {
	err = tx.QueryRow("SELECT COUNT(*) FROM (SELECT 1 FROM audit_entry WHERE sequence IS NULL LIMIT $1) AS waiting", limit).Scan(&n)
	return n, err
}

// place gives the oldest entries without one their places, from that one on, and reads them. It is one statement for
// all: placing is the only thing that is done to every entry twice.
func place(tx *db.Tx, from int64, limit int) ([]pending, error) {
	_, err := tx.Exec(`UPDATE audit_entry SET sequence = $1 + waiting.n - 1 FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n
		FROM audit_entry WHERE sequence IS NULL ORDER BY id LIMIT $2) AS waiting WHERE audit_entry.id = waiting.id`, from, limit)
	if err != nil {
		return nil, err
	}
	return db.All(tx, func(s db.Scanner) (p pending, err error) {
		err = s.Scan(&p.sequence, &p.body, &p.leaf)
		return p, err
	}, "SELECT sequence, body, leaf FROM audit_entry WHERE sequence >= $1 ORDER BY sequence LIMIT $2", from, limit)
}

func putTile(tx *db.Tx, t tree.Tile) error {
	_, err := tx.Exec(`INSERT INTO audit_tile (level, number, hashes) VALUES ($1, $2, $3)
		ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`, int64(t.Level), t.Number, t.Bytes())
	return err
}

// getTile reads a tile with all the hashes that it has by now.
func getTile(tx *db.Tx, level int, number int64) ([]tree.Hash, error) {
	b, known, err := db.One(tx, func(s db.Scanner) (b []byte, err error) { err = s.Scan(&b); return b, err },
		"SELECT hashes FROM audit_tile WHERE level = $1 AND number = $2", int64(level), number)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, fmt.Errorf("tile %d/%d is missing: %w", level, number, errAltered)
	}
	return tree.ParseHashes(b)
}

// placed reads the entries of one bundle by their places.
func placed(tx *db.Tx, from, to int64) ([]sequenced, error) {
	return db.All(tx, func(s db.Scanner) (p sequenced, err error) {
		err = s.Scan(&p.sequence, &p.body)
		return p, err
	}, "SELECT sequence, body FROM audit_entry WHERE sequence >= $1 AND sequence < $2 ORDER BY sequence", from, to)
}

type sequenced struct {
	sequence int64
	body     []byte
}

// signed is a checkpoint as it is kept.
type signed struct {
	size int64
	at   time.Time
	note []byte
}

func scanSigned(s db.Scanner) (c signed, err error) {
	var at int64
	err = s.Scan(&c.size, &at, &c.note)
	c.at = clock.FromMicros(at)
	return c, err
}

func newestCheckpoint(tx *db.Tx) (signed, bool, error) {
	return db.One(tx, scanSigned, "SELECT size, at, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
}

// putCheckpoint keeps a checkpoint and forgets those that are older than a month.
func putCheckpoint(tx *db.Tx, c signed) error {
	_, err := tx.Exec("INSERT INTO audit_checkpoint (size, at, note) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING",
		c.size, clock.Micros(c.at), c.note)
	if err == nil {
		_, err = tx.Exec("DELETE FROM audit_checkpoint WHERE at < $1", clock.Micros(c.at.AddDate(0, -1, 0)))
	}
	return err
}

// signerRow is a signing key as it is kept.
type signerRow struct {
	id       int64
	verifier string
	sealed   []byte
}

// signers lists the keys, the newest first.
func signers(tx *db.Tx) ([]signerRow, error) {
	return db.All(tx, func(s db.Scanner) (r signerRow, err error) {
		err = s.Scan(&r.id, &r.verifier, &r.sealed)
		return r, err
	}, "SELECT id, verifier, sealed FROM audit_signer ORDER BY id DESC LIMIT 100")
}

func putSigner(tx *db.Tx, r signerRow) error {
	_, err := tx.Exec("INSERT INTO audit_signer (id, made_at, verifier, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
		r.id, clock.Micros(tx.Now()), r.verifier, r.sealed)
	return err
}

func scanPushed(s db.Scanner) (p Pushed, err error) {
	var at, failed int64
	if err = s.Scan(&p.Place, &p.Size, &p.Entries, &at, &failed, &p.Failure); err != nil {
		return p, err
	}
	p.At = clock.FromMicros(at)
	if failed > 0 {
		p.FailedAt = clock.FromMicros(failed)
	}
	return p, nil
}

func readPushed(tx *db.Tx) ([]Pushed, error) {
	return db.All(tx, scanPushed, "SELECT place, size, entries, at, failed_at, failure FROM audit_push ORDER BY place LIMIT 100")
}

func putPushed(tx *db.Tx, p Pushed) error {
	failed := int64(0)
	if !p.FailedAt.IsZero() {
		failed = clock.Micros(p.FailedAt)
	}
	_, err := tx.Exec(`INSERT INTO audit_push (place, size, entries, at, failed_at, failure) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (place) DO UPDATE SET size = excluded.size, entries = excluded.entries, at = excluded.at, failed_at = excluded.failed_at, failure = excluded.failure`,
		p.Place, p.Size, p.Entries, clock.Micros(p.At), failed, p.Failure)
	return err
}
