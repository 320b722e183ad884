package setup

import (
	"encoding/json"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/shop/payment"
)

const selectProvider = `SELECT id, name, mode, account, title, state, settings, tails, notice_kind, notice_ref, notice, notice_at,
	tested_at, report, problem, skew, trial, proof_link, proof_day, made_at, on_at, since, changes FROM payment_provider `

func scan(r db.Scanner) (p Provider, err error) {
	var tails, report string
	var notice, tested, skew, made, on, since int64
	err = r.Scan(&p.ID, &p.Name, &p.Mode, &p.Account, &p.Title, &p.State, &p.settings, &tails, &p.Notice, &p.NoticeRef, &p.notice, &notice,
		&tested, &report, &p.Problem, &skew, &p.Trial, &p.ProofLink, &p.ProofDay, &made, &on, &since, &p.changes)
	if err != nil {
		return p, err
	}
	p.NoticeAt, p.Tested, p.Made = clock.FromMicros(notice), clock.FromMicros(tested), clock.FromMicros(made)
	p.FirstOn, p.Since, p.Skew = clock.FromMicros(on), clock.FromMicros(since), time.Duration(skew)*time.Second
	if err = json.Unmarshal([]byte(tails), &p.Keys); err == nil {
		err = json.Unmarshal([]byte(report), &p.Report)
	}
	return p, err
}

// texts are what a row keeps as JSON.
func texts(p Provider) (tails, report string, err error) {
	a, err := json.Marshal(p.Keys)
	if err != nil {
		return "", "", err
	}
	b, err := json.Marshal(p.Report)
	return string(a), string(b), err
}

// providers lists all rows: what is on first, in the order that the shop gave them, and then in that of switching on.
func providers(tx *db.Tx) ([]Provider, error) {
	return db.All(tx, scan, selectProvider+`ORDER BY CASE state WHEN 'on' THEN 0 WHEN 'testing' THEN 1 WHEN 'draft' THEN 2 ELSE 3 END,
		CASE place WHEN 0 THEN 1 ELSE 0 END, place, since, id LIMIT 200`)
}

func byID(tx *db.Tx, v id.ID) (Provider, error) {
	p, ok, err := db.One(tx, scan, selectProvider+`WHERE id = $1`, v)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "provider.unknown")
	}
	return p, err
}

func byAccount(tx *db.Tx, name string, mode payment.Mode, account string) (Provider, bool, error) {
	return db.One(tx, scan, selectProvider+`WHERE name = $1 AND mode = $2 AND account = $3 AND account <> ''`, name, string(mode), account)
}

func insert(tx *db.Tx, p Provider) error {
	tails, report, err := texts(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO payment_provider (id, name, mode, account, title, state, settings, tails, notice_kind, notice_ref, notice,
		notice_at, tested_at, report, problem, skew, trial, proof_link, proof_day, made_at, on_at, since, changes)
		VALUES ($1, $2, $3, '', '', $4, $5, $6, '', '', $7, 0, 0, $8, $9, 0, $10, '', '', $11, 0, $12, 0)`,
		p.ID, p.Name, string(p.Mode), string(p.State), p.settings, tails, p.notice, report, p.Problem, id.ID{}, clock.Micros(p.Made), clock.Micros(p.Since))
	return err
}

// update writes a provider over the row that it was read from, and has every process look.
func update(tx *db.Tx, p Provider) (Provider, error) {
	tails, report, err := texts(p)
	if err != nil {
		return p, err
	}
	n, err := tx.Exec(`UPDATE payment_provider SET account = $1, title = $2, state = $3, settings = $4, tails = $5, notice_kind = $6, notice_ref = $7,
		notice = $8, notice_at = $9, tested_at = $10, report = $11, problem = $12, skew = $13, trial = $14, proof_link = $15, proof_day = $16,
		on_at = $17, since = $18, changes = changes + 1 WHERE id = $19 AND changes = $20`,
		p.Account, p.Title, string(p.State), p.settings, tails, p.Notice, p.NoticeRef, p.notice, clock.Micros(p.NoticeAt), clock.Micros(p.Tested),
		report, p.Problem, int64(p.Skew/time.Second), p.Trial, p.ProofLink, p.ProofDay, clock.Micros(p.FirstOn), clock.Micros(p.Since), p.ID, p.changes)
	if err == nil && n != 1 {
		err = errChanged()
	}
	p.changes++
	if err != nil {
		return p, err
	}
	return p, raise(tx)
}

// setPlace puts a provider at a place among those that are on, if it still is.
func setPlace(tx *db.Tx, p Provider, place int) error {
	return tx.Guard(errChanged(), `UPDATE payment_provider SET place = $1, changes = changes + 1 WHERE id = $2 AND changes = $3 AND state = 'on'`,
		int64(place), p.ID, p.changes)
}

func drop(tx *db.Tx, v id.ID) error {
	if _, err := tx.Exec(`DELETE FROM payment_provider WHERE id = $1`, v); err != nil {
		return err
	}
	return raise(tx)
}

func dropDraft(tx *db.Tx, name string) error {
	_, err := tx.Exec(`DELETE FROM payment_provider WHERE name = $1 AND state = 'draft'`, name)
	return err
}

func raise(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE payment_provider_version SET version = version + 1 WHERE one = 1`)
	return err
}

func version(tx *db.Tx) (v int64, err error) {
	err = tx.QueryRow(`SELECT version FROM payment_provider_version WHERE one = 1`).Scan(&v)
	return v, err
}
