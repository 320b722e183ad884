package staff

import (
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
)

// memberRow is a member with what her own role allows, if she has one.
type memberRow struct {
	Member
	name            []byte
	role            string
	ownName         string
	permissions     string
	masked, watched int64
}

const selectMember = `SELECT m.id, m.subject, m.name, m.state, m.role, m.own_role, m.ends_at, m.invited_by, m.version, m.made_at,
	m.active_at, m.left_at, COALESCE(r.name, ''), COALESCE(r.permissions, ''), COALESCE(r.masked, 0), COALESCE(r.watched, 0)
	FROM staff_member m LEFT JOIN staff_role r ON r.id = m.own_role `

func scanMember(v *vault.Vault) func(r db.Scanner) (Member, error) {
	return func(r db.Scanner) (Member, error) {
		var m memberRow
		var ends, made, began, gone int64
		err := r.Scan(&m.ID, &m.subject, &m.name, &m.State, &m.role, &m.OwnRole, &ends, &m.InvitedBy, &m.version, &made, &began,
			&gone, &m.ownName, &m.permissions, &m.masked, &m.watched)
		m.Ends, m.Made, m.Began, m.Gone = clock.FromMicros(ends), clock.FromMicros(made), clock.FromMicros(began), clock.FromMicros(gone)
		m.Name = v.Sealed(privacy.StaffName.Field, m.subject, m.ID, m.name)
		m.RoleName = m.ownName
		m.Role = roleOf(m.role, m.permissions, m.masked != 0, m.watched != 0)
		return m.Member, err
	}
}

// roleOf makes the role that holds now. A role that this program does not know allows nothing.
func roleOf(name, permissions string, masked, watched bool) access.Role {
	if name != access.OwnRole {
		r, ok := access.BuiltInRole(name)
		if !ok {
			return access.Role{Name: name, Key: "access.role_own", Masked: true}
		}
		return r
	}
	set, _ := access.ParseSet(permissions)
	set = set.Without(access.OwnersOnly())
	if masked {
		set = set.Without(set.Revealing())
	}
	return access.Role{Name: access.OwnRole, Key: "access.role_own", Permissions: set, Masked: masked, Watched: watched}
}

func memberByID(tx *db.Tx, v *vault.Vault, member id.ID) (Member, error) {
	m, ok, err := db.One(tx, scanMember(v), selectMember+`WHERE m.id = $1`, member)
	if err == nil && !ok {
		err = errMember
	}
	return m, err
}

// members lists everybody but those who left, or everybody.
func members(tx *db.Tx, v *vault.Vault, gone bool) ([]Member, error) {
	if gone {
		return db.All(tx, scanMember(v), selectMember+`WHERE m.state = 3 ORDER BY m.made_at DESC, m.id DESC LIMIT 500`)
	}
	return db.All(tx, scanMember(v), selectMember+`WHERE m.state IN (1, 2, 4) ORDER BY m.made_at, m.id LIMIT 500`)
}

func endedMembers(tx *db.Tx, v *vault.Vault) ([]Member, error) {
	return db.All(tx, scanMember(v), selectMember+`WHERE m.state IN (1, 2, 4) AND m.ends_at > 0 AND m.ends_at <= $1
		ORDER BY m.ends_at, m.id LIMIT 100`, clock.Micros(tx.Now()))
}

// forgottenGuests are those who never used their invitation: it is long over, and nobody mailed another.
func forgottenGuests(tx *db.Tx, v *vault.Vault) ([]Member, error) {
	return db.All(tx, scanMember(v), selectMember+`WHERE m.state = 1 AND m.made_at <= $1 AND NOT EXISTS
		(SELECT 1 FROM staff_link l WHERE l.member = m.id AND l.ends_at > $2) ORDER BY m.made_at, m.id LIMIT 100`,
		clock.Micros(tx.Now().Add(-30*24*time.Hour)), clock.Micros(tx.Now()))
}

type newMember struct {
	id, subject id.ID
	name        []byte
	role        string
	own         id.ID
	ends        time.Time
	invitedBy   id.ID
}

func insertMember(tx *db.Tx, m newMember) error {
	_, err := tx.Exec(`INSERT INTO staff_member (id, subject, name, state, role, own_role, ends_at, invited_by, version, made_at, active_at, left_at)
		VALUES ($1, $2, $3, 1, $4, $5, $6, $7, 1, $8, 0, 0)`,
		m.id, m.subject, m.name, m.role, m.own, clock.Micros(m.ends), m.invitedBy, clock.Micros(tx.Now()))
	return err
}

func countMembers(tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM staff_member WHERE state IN (1, 2, 4)`).Scan(&n)
	return n, err
}

func setMemberState(tx *db.Tx, m Member, to State) error {
	now := clock.Micros(tx.Now())
	switch to {
	case Active:
		return tx.Guard(errMoved, `UPDATE staff_member SET state = 2, version = version + 1,
			active_at = CASE WHEN active_at = 0 THEN $1 ELSE active_at END WHERE id = $2 AND version = $3`, now, m.ID, m.version)
	case Left:
		return tx.Guard(errMoved, `UPDATE staff_member SET state = 3, version = version + 1, left_at = $1 WHERE id = $2 AND version = $3`,
			now, m.ID, m.version)
	}
	return tx.Guard(errMoved, `UPDATE staff_member SET state = $1, version = version + 1 WHERE id = $2 AND version = $3`,
		int64(to), m.ID, m.version)
}

func setMemberRole(tx *db.Tx, m Member, role string, own id.ID, ends time.Time) error {
	return tx.Guard(errMoved, `UPDATE staff_member SET role = $1, own_role = $2, ends_at = $3, version = version + 1
		WHERE id = $4 AND version = $5`, role, own, clock.Micros(ends), m.ID, m.version)
}

// firstOwner counts the first owner, and says whether there was none.
func firstOwner(tx *db.Tx) (bool, error) {
	n, err := tx.Exec(`UPDATE staff_owners SET count = 1 WHERE one = 1 AND count = 0`)
	return n == 1, err
}

func moreOwners(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE staff_owners SET count = count + 1 WHERE one = 1`)
	return err
}

// fewerOwners counts one owner less, and refuses when that would leave none.
func fewerOwners(tx *db.Tx) error {
	return tx.Guard(errLastOwner, `UPDATE staff_owners SET count = count - 1 WHERE one = 1 AND count > 1`)
}

func ownerCount(tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(`SELECT count FROM staff_owners WHERE one = 1`).Scan(&n)
	return n, err
}

const selectRole = `SELECT r.id, r.name, r.permissions, r.masked, r.watched, r.made_at, r.changed_at,
	(SELECT COUNT(*) FROM staff_member m WHERE m.own_role = r.id AND m.state IN (1, 2, 4)) FROM staff_role r `

func scanRole(r db.Scanner) (o OwnRole, err error) {
	var permissions string
	var masked, watched, made, changed int64
	err = r.Scan(&o.ID, &o.Name, &permissions, &masked, &watched, &made, &changed, &o.Members)
	o.Permissions, _ = access.ParseSet(permissions)
	o.Masked, o.Watched = masked != 0, watched != 0
	o.Made, o.Changed = clock.FromMicros(made), clock.FromMicros(changed)
	return o, err
}

func ownRoles(tx *db.Tx) ([]OwnRole, error) {
	return db.All(tx, scanRole, selectRole+`WHERE r.dropped_at = 0 ORDER BY r.made_at, r.id LIMIT 200`)
}

func ownRole(tx *db.Tx, v id.ID) (OwnRole, bool, error) {
	return db.One(tx, scanRole, selectRole+`WHERE r.id = $1 AND r.dropped_at = 0`, v)
}

func putRole(tx *db.Tx, o OwnRole, maker id.ID) error {
	now := clock.Micros(tx.Now())
	_, err := tx.Exec(`INSERT INTO staff_role (id, name, permissions, masked, watched, made_by, made_at, changed_at, dropped_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0)
		ON CONFLICT (id) DO UPDATE SET name = $2, permissions = $3, masked = $4, watched = $5, changed_at = $7`,
		o.ID, o.Name, o.Permissions.String(), db.Bool(o.Masked), db.Bool(o.Watched), maker, now)
	return err
}

func dropRole(tx *db.Tx, v id.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE staff_role SET dropped_at = $1 WHERE id = $2 AND dropped_at = 0
		AND NOT EXISTS (SELECT 1 FROM staff_member m WHERE m.own_role = $2 AND m.state IN (1, 2, 4))`, clock.Micros(tx.Now()), v)
	return n == 1, err
}

func membersWith(tx *db.Tx, role id.ID) ([]id.ID, error) {
	return db.All(tx, scanID, `SELECT id FROM staff_member WHERE own_role = $1 AND state IN (1, 2, 4) ORDER BY id LIMIT 500`, role)
}

func scanID(r db.Scanner) (v id.ID, err error) { return v, r.Scan(&v) }
