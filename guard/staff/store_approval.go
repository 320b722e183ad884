package staff

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/privacy"
)

func insertApproval(tx *db.Tx, a Approval) error {
	facts, err := json.Marshal(a.Facts)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO staff_approval (id, kind, may, params, proof, object, object_id, facts, reason, state, alone,
		asked_by, asked_at, ready_at, ends_at, decided_by, decided_at, done_at, error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, 0, 0, '')`,
		a.ID, string(a.Kind), string(a.May), string(a.params), a.proof, a.Object, a.ObjectID, string(facts), a.reason, int64(a.State), db.Bool(a.Alone),
		a.AskedBy, clock.Micros(a.Asked), clock.Micros(a.Ready), clock.Micros(a.Ends))
	return err
}

const selectApproval = `SELECT id, kind, may, params, proof, object, object_id, facts, reason, state, alone, asked_by, asked_at,
	ready_at, ends_at, decided_by, decided_at, done_at, error FROM staff_approval `

func scanApproval(r db.Scanner) (a Approval, err error) {
	var params, facts string
	var alone, asked, ready, ends, decided, done int64
	err = r.Scan(&a.ID, &a.Kind, &a.May, &params, &a.proof, &a.Object, &a.ObjectID, &facts, &a.reason, &a.State, &alone, &a.AskedBy,
		&asked, &ready, &ends, &a.DecidedBy, &decided, &done, &a.Error)
	if err != nil {
		return a, err
	}
	a.params, a.Alone = []byte(params), alone != 0
	for t, us := range map[*time.Time]int64{&a.Asked: asked, &a.Ready: ready, &a.Ends: ends, &a.Decided: decided, &a.Done: done} {
		*t = clock.FromMicros(us)
	}
	return a, json.Unmarshal([]byte(facts), &a.Facts)
}

// opened is an act with what pages need of it.
func (s *Service) opened(a Approval) Approval {
	a.Reason = s.d.Vault.SealedLog(privacy.StaffReason.Field, a.ID, a.reason)
	a.Seal = hex.EncodeToString(a.proof)
	return a
}

func (s *Service) approvalByID(tx *db.Tx, v id.ID) (Approval, error) {
	a, ok, err := db.One(tx, scanApproval, selectApproval+`WHERE id = $1`, v)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "staff.approval_unknown")
	}
	return s.opened(a), err
}

func approvals(tx *db.Tx, state ApprovalState) ([]Approval, error) {
	if state == 0 {
		return db.All(tx, scanApproval, selectApproval+`ORDER BY asked_at DESC, id DESC LIMIT 200`)
	}
	return db.All(tx, scanApproval, selectApproval+`WHERE state = $1 ORDER BY asked_at DESC, id DESC LIMIT 200`, int64(state))
}

// setState is the guarded update below every move of an act.
func setState(tx *db.Tx, v id.ID, from, to ApprovalState) error {
	return tx.Guard(errMoved, `UPDATE staff_approval SET state = $1 WHERE id = $2 AND state = $3`, int64(to), v, int64(from))
}

// setDecided writes a decision; nobody as the second person means that a day went by.
func setDecided(tx *db.Tx, v id.ID, to ApprovalState, second id.ID) error {
	return tx.Guard(errMoved, `UPDATE staff_approval SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4 AND state = 1`,
		int64(to), second, clock.Micros(tx.Now()), v)
}

func setDone(tx *db.Tx, v id.ID, to ApprovalState, word string) error {
	return tx.Guard(errMoved, `UPDATE staff_approval SET state = $1, done_at = $2, error = $3 WHERE id = $4 AND state = 6`,
		int64(to), clock.Micros(tx.Now()), word, v)
}

func cancelAsked(tx *db.Tx, member id.ID) error {
	_, err := tx.Exec(`UPDATE staff_approval SET state = 4 WHERE asked_by = $1 AND state = 1`, member)
	return err
}
