package fraud

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Mode is how the store looks at newcomers at present.
type Mode struct {
	Strict bool
	Since  time.Time
	Scope  string // whom strict times are about: empty for all newcomers
	Left   int64  // quarters of sessions that newcomers still get
	Trust  int64  // quarters that those get for whom something speaks
	Bad    int64  // sessions with declined cards that were seen when it began
	Rules  Rules

	version int64
	refill  time.Time
	pause   time.Duration
	usual   int64 // newcomers in 20 minutes before it began
}

// Sessions is how many sessions newcomers can begin now.
func (m Mode) Sessions() int64 { return m.Left/quarters + m.Trust/quarters }

func modeOf(tx *db.Tx) (m Mode, err error) {
	var strict, since, refill, pause int64
	var body string
	err = tx.QueryRow(`SELECT version, strict, since, scope, left_over, trusted, usual, refill_at, pause, bad, body FROM fraud_mode WHERE id = 1`).
		Scan(&m.version, &strict, &since, &m.Scope, &m.Left, &m.Trust, &m.usual, &refill, &pause, &m.Bad, &body)
	m.Strict, m.Since, m.refill = strict == 1, clock.FromMicros(since), clock.FromMicros(refill)
	m.pause, m.Rules = time.Duration(pause)*time.Microsecond, parseRules(body)
	return m, err
}

// setMode writes a mode, if nobody else has since it was read.
func setMode(tx *db.Tx, m Mode) (bool, error) {
	n, err := tx.Exec(`UPDATE fraud_mode SET version = version + 1, strict = $1, since = $2, scope = $3, left_over = $4,
		refill_at = $5, pause = $6, bad = $7, trusted = $8, usual = $9 WHERE id = 1 AND version = $10`, db.Bool(m.Strict),
		clock.Micros(m.Since), m.Scope, m.Left, clock.Micros(m.refill), m.pause.Microseconds(), m.Bad, m.Trust, m.usual, m.version)
	return n == 1, err
}

// spend takes a session from the budget, if one is left after it but for what is kept for others. It is exact, however
// many ask at once.
func spend(tx *db.Tx, kept int64) (bool, error) {
	n, err := tx.Exec(`UPDATE fraud_mode SET left_over = left_over - $1, version = version + 1
		WHERE id = 1 AND strict = 1 AND left_over >= $2`, quarters, (kept+1)*quarters)
	return n == 1, err
}

// earn adds to the budget what a paid session is worth.
func earn(tx *db.Tx, n, most int64) error {
	_, err := tx.Exec(`UPDATE fraud_mode SET left_over = left_over + $1, version = version + 1
		WHERE id = 1 AND strict = 1 AND left_over <= $2`, n, most-n)
	return err
}

// spendTrust takes a session from the budget of those for whom something speaks.
func spendTrust(tx *db.Tx) (bool, error) {
	n, err := tx.Exec(`UPDATE fraud_mode SET trusted = trusted - $1, version = version + 1 WHERE id = 1 AND strict = 1 AND trusted >= $1`, quarters)
	return n == 1, err
}

// earnTrust adds to that budget, up to a most.
func earnTrust(tx *db.Tx, n, most int64) error {
	_, err := tx.Exec(`UPDATE fraud_mode SET trusted = CASE WHEN trusted + $1 < $2 THEN trusted + $1 ELSE $2 END, version = version + 1
		WHERE id = 1 AND strict = 1`, n, most)
	return err
}

// lose is what a declined session costs in strict times: the pause until the next one doubles up to a longest, and those
// for whom something speaks lose what is given. It is exact, however many are declined at once.
func lose(tx *db.Tx, trust int64, longest time.Duration) error {
	_, err := tx.Exec(`UPDATE fraud_mode SET pause = CASE WHEN 2 * pause < $1 THEN 2 * pause ELSE $1 END,
		refill_at = $2 + CASE WHEN 2 * pause < $1 THEN 2 * pause ELSE $1 END,
		trusted = CASE WHEN trusted > $3 THEN trusted - $3 ELSE 0 END, version = version + 1 WHERE id = 1 AND strict = 1`,
		longest.Microseconds(), clock.Micros(tx.Now()), trust)
	return err
}

// calmer shortens the pause until the next session again, because the last one was paid.
func calmer(tx *db.Tx, pause time.Duration, at time.Time) error {
	_, err := tx.Exec(`UPDATE fraud_mode SET pause = $1, refill_at = CASE WHEN refill_at < $2 THEN refill_at ELSE $2 END, version = version + 1
		WHERE id = 1 AND strict = 1 AND pause > $1`, pause.Microseconds(), clock.Micros(at))
	return err
}

func setRules(tx *db.Tx, r Rules) error {
	_, err := tx.Exec(`UPDATE fraud_mode SET body = $1, version = version + 1 WHERE id = 1`, r.pack())
	return err
}

// Entry is one line of the block and allow lists.
type Entry struct {
	ID    id.ID
	Kind  Kind
	Allow bool
	Label string // masked
	Why   string
	By    id.ID
	Made  time.Time
	Ends  time.Time // zero: never

	key []byte
}

func scanEntry(r db.Scanner) (e Entry, err error) {
	var allow, made, ends int64
	err = r.Scan(&e.ID, &e.Kind, &e.key, &allow, &e.Label, &e.Why, &e.By, &made, &ends)
	e.Allow, e.Made, e.Ends = allow == 1, clock.FromMicros(made), clock.FromMicros(ends)
	return e, err
}

const selectEntry = `SELECT id, kind, key, allow, label, reason, made_by, made_at, ends_at FROM fraud_entry `

// listed says whether one of the keys stands on a list: 1 to allow, -1 to block. Who is allowed by name is allowed,
// whatever network it is in.
func listed(tx *db.Tx, k keys) (n int, err error) {
	list, err := db.All(tx, scanEntry, selectEntry+`WHERE ((kind = 1 AND key = $1) OR (kind = 2 AND key = $2) OR
		(kind = 3 AND key = $3) OR (kind = 4 AND key = $4)) AND (ends_at = 0 OR ends_at > $5)`,
		k.device, k.contact, k.network, k.domain, clock.Micros(tx.Now()))
	for _, e := range list {
		switch {
		case e.Allow:
			return 1, err
		default:
			n = -1
		}
	}
	return n, err
}

func entries(tx *db.Tx, most int) ([]Entry, error) {
	return db.All(tx, scanEntry, selectEntry+`ORDER BY made_at DESC, id LIMIT $1`, most)
}

func countEntries(tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM fraud_entry`).Scan(&n)
	return n, err
}

func entryOf(tx *db.Tx, v id.ID) (Entry, error) {
	e, ok, err := db.One(tx, scanEntry, selectEntry+`WHERE id = $1`, v)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "fraud.entry_unknown")
	}
	return e, err
}

// putEntry writes a line, in place of one about the same.
func putEntry(tx *db.Tx, e Entry) error {
	ends := int64(0)
	if !e.Ends.IsZero() {
		ends = clock.Micros(e.Ends)
	}
	_, err := tx.Exec(`INSERT INTO fraud_entry (id, kind, key, allow, label, reason, made_by, made_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (kind, key) DO UPDATE SET id = excluded.id, allow = excluded.allow,
		label = excluded.label, reason = excluded.reason, made_by = excluded.made_by, made_at = excluded.made_at,
		ends_at = excluded.ends_at`,
		e.ID, int64(e.Kind), e.key, db.Bool(e.Allow), e.Label, e.Why, e.By, clock.Micros(tx.Now()), ends)
	return err
}

func dropEntry(tx *db.Tx, v id.ID) error {
	_, err := tx.Exec(`DELETE FROM fraud_entry WHERE id = $1`, v)
	return err
}

func dropEndedEntries(tx *db.Tx) error {
	_, err := tx.Exec(`DELETE FROM fraud_entry WHERE ends_at > 0 AND ends_at <= $1`, clock.Micros(tx.Now()))
	return err
}
