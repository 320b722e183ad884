package fraud

import (
	"slices"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
)

const caseColumns = `order_id, at, changed_at, outcome, state, score, reasons, newcomer, strict, total, device, contact,
	network, domain, goods, sessions, declines, running, spent, ended, seen, decided_by, decided_at`

const selectCase = `SELECT ` + caseColumns + ` FROM fraud_case `

func scanCase(r db.Scanner) (c Case, err error) {
	var at, changed, newcomer, strict, decided int64
	var reasons, seen string
	err = r.Scan(&c.Order, &at, &changed, &c.Outcome, &c.State, &c.Score, &reasons, &newcomer, &strict, &c.Total, &c.keys.device,
		&c.keys.contact, &c.keys.network, &c.keys.domain, &c.keys.goods, &c.Sessions, &c.Declines, &c.running, &c.spent, &c.Ended, &seen, &c.By,
		&decided)
	c.At, c.Changed, c.Decided = clock.FromMicros(at), clock.FromMicros(changed), clock.FromMicros(decided)
	c.Newcomer, c.Strict = newcomer == 1, strict == 1
	c.Reasons, c.Seen = unpack(reasons), unpack(seen)
	return c, err
}

// insertCase writes what was decided. A refused attempt of the same cart that is tried again is replaced as a whole, so that
// a session it gets then is seen as any other; an order that was placed meanwhile is not.
func insertCase(tx *db.Tx, c Case) error {
	now := clock.Micros(tx.Now())
	_, err := tx.Exec(`INSERT INTO fraud_case (`+caseColumns+`) VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, 0, 0, 0, 0, '', $16, 0) ON CONFLICT (order_id) DO UPDATE SET at = excluded.at, changed_at = excluded.changed_at,
		sessions = excluded.sessions, outcome = excluded.outcome, state = excluded.state, score = excluded.score, reasons = excluded.reasons,
		newcomer = excluded.newcomer, strict = excluded.strict, total = excluded.total, device = excluded.device,
		contact = excluded.contact, network = excluded.network, domain = excluded.domain, goods = excluded.goods
		WHERE fraud_case.state = 7 AND fraud_case.sessions = 0`,
		c.Order, now, int64(c.Outcome), int64(c.State), c.Score, pack(c.Reasons), db.Bool(c.Newcomer), db.Bool(c.Strict),
		int64(c.Total), c.keys.device, c.keys.contact, c.keys.network, c.keys.domain, c.keys.goods, int64(c.Sessions), id.ID{})
	return err
}

func caseOf(tx *db.Tx, order id.ID) (Case, bool, error) {
	return db.One(tx, scanCase, selectCase+`WHERE order_id = $1`, order)
}

// setState moves a case on, if it still stands where it was read.
func setState(tx *db.Tx, c Case, to State) (bool, error) {
	n, err := tx.Exec(`UPDATE fraud_case SET state = $1, changed_at = $2 WHERE order_id = $3 AND state = $4`,
		int64(to), clock.Micros(tx.Now()), c.Order, int64(c.State))
	return n == 1, err
}

func setDecided(tx *db.Tx, c Case, to State, by id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE fraud_case SET state = $1, changed_at = $2, decided_at = $2, decided_by = $3
		WHERE order_id = $4 AND state = $5`, int64(to), clock.Micros(tx.Now()), by, c.Order, int64(c.State))
	return n == 1, err
}

// addSession counts a further session of a case.
func addSession(tx *db.Tx, order id.ID, spent lane) error {
	_, err := tx.Exec(`UPDATE fraud_case SET sessions = sessions + 1, running = 0, spent = $1, changed_at = $2 WHERE order_id = $3`,
		int64(spent), clock.Micros(tx.Now()), order)
	return err
}

// setEnd writes what became of a case's session: how many cards were declined in it so far, and whether it is over.
func setEnd(tx *db.Tx, c Case, declined int64, end End, over bool, seen []Reason) (bool, error) {
	running := c.running + declined
	if over {
		running = 0
	}
	n, err := tx.Exec(`UPDATE fraud_case SET ended = $1, declines = declines + $2, running = $3, seen = $4, changed_at = $5,
		declined_at = CASE WHEN $2 > 0 THEN $5 ELSE declined_at END
		WHERE order_id = $6 AND ended = $7 AND declines = $8 AND running = $9`,
		int64(end), declined, running, pack(seen), clock.Micros(tx.Now()), c.Order, int64(c.Ended), c.Declines, c.running)
	return n == 1, err
}

// setClosed ends a case that waits, without a word about how.
func setClosed(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`UPDATE fraud_case SET ended = 2, changed_at = $1 WHERE order_id = $2 AND ended = 0`, clock.Micros(tx.Now()), order)
	return err
}

func setSeen(tx *db.Tx, c Case, seen []Reason) error {
	_, err := tx.Exec(`UPDATE fraud_case SET seen = $1, changed_at = $2 WHERE order_id = $3`, pack(seen), clock.Micros(tx.Now()), c.Order)
	return err
}

func setContact(tx *db.Tx, order id.ID, contact, domain []byte) error {
	if _, err := tx.Exec(`UPDATE fraud_case SET contact = $1, domain = $2 WHERE order_id = $3`, contact, domain, order); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE fraud_unpaid SET contact = $1 WHERE order_id = $2`, contact, order)
	return err
}

// brief is what the store's mood is made of.
type brief struct {
	at       time.Time
	declines int64
	ended    End
	total    int64
	goods    string
	domain   string
}

// recent are the newcomers whose payments ended since then, the newest first: with a declined card, whenever they had
// ordered, or paid. Sessions that nobody used say nothing and hide nobody.
func recent(tx *db.Tx, since time.Time, most int) ([]brief, error) {
	const one = `SELECT declines, ended, total, goods, domain, `
	bad, err := db.All(tx, scanBrief, one+`declined_at FROM fraud_case WHERE declines > 0 AND newcomer = 1 AND declined_at >= $1
		AND ended <> 1 ORDER BY declined_at DESC LIMIT $2`, clock.Micros(since), most)
	if err != nil {
		return nil, err
	}
	good, err := db.All(tx, scanBrief, one+`at FROM fraud_case WHERE at >= $1 AND newcomer = 1 AND sessions > 0 AND ended = 1
		ORDER BY at DESC LIMIT $2`, clock.Micros(since), most)
	list := append(bad, good...)
	slices.SortStableFunc(list, func(a, b brief) int { return b.at.Compare(a.at) })
	return list, err
}

func scanBrief(r db.Scanner) (b brief, err error) {
	var at int64
	var goods, domain []byte
	err = r.Scan(&b.declines, &b.ended, &b.total, &goods, &domain, &at)
	b.at, b.goods, b.domain = clock.FromMicros(at), string(goods), string(domain)
	return b, err
}

// newcomers counts those who came in a span of time.
func newcomers(tx *db.Tx, from, until time.Time) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM fraud_case WHERE at >= $1 AND at < $2 AND newcomer = 1 AND sessions > 0`,
		clock.Micros(from), clock.Micros(until)).Scan(&n)
	return n, err
}

// pasts are the decisions since then, as far as rules act on them.
func pasts(tx *db.Tx, from time.Time, most int) ([]past, error) {
	return db.All(tx, func(r db.Scanner) (p past, err error) {
		var newcomer, strict int64
		err = r.Scan(&p.score, &p.declines, &p.ended, &newcomer, &strict)
		p.newcomer, p.strict = newcomer == 1, strict == 1
		return p, err
	}, `SELECT score, declines, ended, newcomer, strict FROM fraud_case WHERE at >= $1 ORDER BY at DESC LIMIT $2`, clock.Micros(from), most)
}

// stopped are the cases that were refused or decided lately, the newest first.
func stopped(tx *db.Tx, from time.Time, most int) ([]Case, error) {
	return db.All(tx, scanCase, selectCase+`WHERE at >= $1 AND (state = 7 OR decided_at > 0) ORDER BY at DESC LIMIT $2`,
		clock.Micros(from), most)
}

func countHeld(tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM fraud_case WHERE state IN (4, 5) AND ended <> 2`).Scan(&n)
	return n, err
}

// waiting are the cases that wait for a person, those first whose goods wait as well, and then for the end of strict times;
// the oldest first. Those whose order came to nothing wait for nobody.
func waiting(tx *db.Tx, most int) ([]Case, error) {
	return db.All(tx, scanCase, selectCase+`WHERE state IN (4, 5) AND ended <> 2 ORDER BY state, ended DESC, at LIMIT $1`, most)
}

// forCalm are the orders that wait for the end of strict times. The first condition is the index's.
func forCalm(tx *db.Tx, most int) ([]Case, error) {
	return db.All(tx, scanCase, selectCase+`WHERE state IN (4, 5) AND state = 5 AND ended = 0 ORDER BY at LIMIT $1`, most)
}

func countWaiting(tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM fraud_case WHERE state IN (4, 5) AND ended = 0`).Scan(&n)
	return n, err
}

// pressure counts the newcomers since then who were stopped in strict times and have not paid.
func pressure(tx *db.Tx, since time.Time) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM fraud_case WHERE at >= $1 AND newcomer = 1 AND strict = 1 AND ended <> 1`,
		clock.Micros(since)).Scan(&n)
	return n, err
}

// dropCases removes cases of a span of time that were not paid, and of those that were what a dispute does not ask for.
func dropCases(tx *db.Tx, from, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM fraud_case WHERE at >= $1 AND at < $2 AND ended <> 1`, clock.Micros(from), clock.Micros(before))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE fraud_case SET network = $1, domain = $1, goods = $1 WHERE at >= $2 AND at < $3 AND LENGTH(domain) > 0`,
		[]byte{}, clock.Micros(from), clock.Micros(before))
	return err
}

func dropPaid(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM fraud_case WHERE at < $1`, clock.Micros(before))
	return err
}

func dropCase(tx *db.Tx, order id.ID) error {
	_, err := tx.Exec(`DELETE FROM fraud_case WHERE order_id = $1`, order)
	return err
}

// dropTallies removes from counts of some slots what has faded: all but that somebody paid, or disputed.
func dropTallies(tx *db.Tx, from, before int64) error {
	_, err := tx.Exec(`DELETE FROM fraud_tally WHERE slot >= $1 AND slot < $2 AND (kind = 3 OR (paid = 0 AND disputed = 0))`, from, before)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE fraud_tally SET opened = 0, declined = 0, abandoned = 0, names = 0, last = $1
		WHERE slot >= $2 AND slot < $3 AND LENGTH(last) + opened + declined + abandoned + names > 0`, []byte{}, from, before)
	return err
}

func dropHistory(tx *db.Tx, before int64) error {
	_, err := tx.Exec(`DELETE FROM fraud_tally WHERE slot < $1`, before)
	return err
}

func dropTally(tx *db.Tx, k Kind, key []byte) error {
	_, err := tx.Exec(`DELETE FROM fraud_tally WHERE kind = $1 AND key = $2`, int64(k), key)
	return err
}

// rowsOf reads the counts of a browser, an address and a network. The network's long past says nothing about who uses it
// now, and may be long: only its last days are read.
func rowsOf(tx *db.Tx, k keys, now int64) ([]row, error) {
	const one = `SELECT kind, slot, opened, declined, abandoned, paid, disputed, names FROM fraud_tally WHERE kind = `
	return db.All(tx, func(r db.Scanner) (x row, err error) {
		err = r.Scan(&x.kind, &x.slot, &x.opened, &x.declined, &x.abandoned, &x.paid, &x.disputed, &x.names)
		return x, err
	}, one+`1 AND key = $1 UNION ALL `+one+`2 AND key = $2 UNION ALL `+one+`3 AND key = $3 AND slot > $4`,
		k.device, k.contact, k.network, now-lastSlots-1)
}

// change is what is added to a count.
type change struct {
	kind                                        Kind
	key, last                                   []byte
	opened, declined, abandoned, paid, disputed int64
}

const (
	insertTally = `INSERT INTO fraud_tally (kind, key, slot, opened, declined, abandoned, paid, disputed, names, last) VALUES `
	addTally    = ` ON CONFLICT (kind, key, slot) DO UPDATE SET opened = fraud_tally.opened + excluded.opened,
		declined = fraud_tally.declined + excluded.declined, abandoned = fraud_tally.abandoned + excluded.abandoned,
		paid = fraud_tally.paid + excluded.paid, disputed = fraud_tally.disputed + excluded.disputed,
		names = fraud_tally.names + CASE WHEN excluded.names > 0 AND fraud_tally.last <> excluded.last THEN 1 ELSE 0 END,
		last = CASE WHEN excluded.names > 0 THEN excluded.last ELSE fraud_tally.last END`
	firstTally  = `($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	secondTally = `, ($11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`
	thirdTally  = `, ($21, $22, $23, $24, $25, $26, $27, $28, $29, $30)`
)

// addRows adds to up to three counts with one statement, always in the order of their kinds, so that two transactions
// never wait for each other.
func addRows(tx *db.Tx, now int64, list []change) (err error) {
	var args []any
	for _, c := range list {
		if len(c.key) == 0 {
			continue
		}
		names := int64(0)
		if len(c.last) > 0 {
			names = 1
		} else {
			c.last = []byte{}
		}
		args = append(args, int64(c.kind), c.key, now, c.opened, c.declined, c.abandoned, c.paid, c.disputed, names, c.last)
	}
	switch len(args) {
	case 10:
		_, err = tx.Exec(insertTally+firstTally+addTally, args...)
	case 20:
		_, err = tx.Exec(insertTally+firstTally+secondTally+addTally, args...)
	case 30:
		_, err = tx.Exec(insertTally+firstTally+secondTally+thirdTally+addTally, args...)
	}
	return err
}
