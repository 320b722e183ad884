package certificate

import (
	"slices"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
)

func putItem(tx *db.Tx, key string, sealed []byte, size int64) error {
	_, err := tx.Exec(`INSERT INTO certificate_item (key, value, size, changed_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET value = $2, size = $3, changed_at = $4`, key, sealed, size, clock.Micros(tx.Now()))
	return err
}

func item(tx *db.Tx, key string) (sealed []byte, found bool, err error) {
	return db.One(tx, func(r db.Scanner) (b []byte, err error) { return b, r.Scan(&b) },
		`SELECT value FROM certificate_item WHERE key = $1`, key)
}

func itemInfo(tx *db.Tx, key string) (size, changed int64, found bool, err error) {
	_, found, err = db.One(tx, func(r db.Scanner) (bool, error) { return true, r.Scan(&size, &changed) },
		`SELECT size, changed_at FROM certificate_item WHERE key = $1`, key)
	return size, changed, found, err
}

// below is the range of keys that lie below a prefix: "0" follows "/" in the order of bytes.
func below(prefix string) (from, to string) {
	if prefix == "" {
		return "", "\x7f"
	}
	return prefix + "/", prefix + "0"
}

func itemKeys(tx *db.Tx, prefix string) ([]string, error) {
	from, to := below(prefix)
	return db.All(tx, func(r db.Scanner) (s string, err error) { return s, r.Scan(&s) },
		`SELECT key FROM certificate_item WHERE key >= $1 AND key < $2 ORDER BY key LIMIT 10000`, from, to)
}

func deleteItems(tx *db.Tx, key string) error {
	from, to := below(key)
	_, err := tx.Exec(`DELETE FROM certificate_item WHERE key = $1 OR key >= $2 AND key < $3`, key, from, to)
	return err
}

// levels makes folders of keys: all of them, or the next level below the prefix.
func levels(prefix string, keys []string, recursive bool) (out []string) {
	start := prefix
	if prefix != "" {
		start += "/"
	}
	seen := map[string]bool{}
	for _, key := range keys {
		parts := strings.Split(strings.TrimPrefix(key, start), "/")
		if !recursive {
			parts = parts[:1]
		}
		for i := range parts {
			if k := start + strings.Join(parts[:i+1], "/"); !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}

// takeLock takes a lock that is free or whose time is over.
func takeLock(tx *db.Tx, name string, holder []byte, until time.Time) (bool, error) {
	n, err := tx.Exec(`INSERT INTO certificate_lock (name, holder, until_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = $2, until_at = $3 WHERE certificate_lock.until_at <= $4`,
		name, holder, clock.Micros(until), clock.Micros(tx.Now()))
	return n == 1, err
}

func renewLock(tx *db.Tx, name string, holder []byte, until time.Time) error {
	return tx.Guard(errNotHeld, `UPDATE certificate_lock SET until_at = $1 WHERE name = $2 AND holder = $3`,
		clock.Micros(until), name, holder)
}

func giveLock(tx *db.Tx, name string, holder []byte) error {
	_, err := tx.Exec(`DELETE FROM certificate_lock WHERE name = $1 AND holder = $2`, name, holder)
	return err
}

// markTold notes that the owner is told of an end, and says whether nobody had noted it before.
func markTold(tx *db.Tx, face string, ends time.Time, days int) (bool, error) {
	n, err := tx.Exec(`INSERT INTO certificate_alarm (face, ends_at, days, told_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (face, ends_at, days) DO NOTHING`, face, clock.Micros(ends), int64(days), clock.Micros(tx.Now()))
	return n == 1, err
}

// forgetTold takes away the notes about certificates that ended long ago.
func forgetTold(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM certificate_alarm WHERE ends_at < $1`, clock.Micros(before))
	return err
}
