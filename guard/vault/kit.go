package vault

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/term"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/fault"
	"strongroom/base/id"
)

// Kit is a recovery kit: an identity of its own (age, post-quantum hybrid). The root key is sealed to it in the key
// database, anew at each rotation, and so are key backups. With a kit and any copy of the key database, however old or
// new either is, the store can be opened again. A kit prints as hidden; Text is what belongs on paper.
type Kit struct{ identity *age.HybridIdentity }

// String hides the kit.
func (Kit) String() string { return "recovery kit (hidden)" }

// GoString hides the kit.
func (Kit) GoString() string { return "recovery kit (hidden)" }

const (
	kitHead   = "STRONGROOM RECOVERY KIT"
	kitPrefix = "AGE-SECRET-KEY-PQ-"
	kitGroup  = 6
)

// NewKit makes a kit and seals the present root key to it. Show it with Show or WriteFile, and have part of it
// typed back (Check) before trusting that it is on paper.
func (v *Vault) NewKit(ctx context.Context) (k *Kit, err error) {
	defer fault.Wrap(&err, "vault: recovery kit")
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, err
	}
	// Sealed in a loop: a rotation between the sealing and the writing would leave the kit with yesterday's root.
	for range 3 {
		row, err := v.kitRow(identity)
		if err != nil {
			return nil, err
		}
		err = v.keys.Write(ctx, func(tx *db.Tx) error { return insertKit(tx, row) })
		if !errors.Is(err, errStale) {
			return &Kit{identity}, err
		}
	}
	return nil, errStale
}

type kitRow struct {
	id        id.ID
	recipient string
	sealed    []byte
	keyID     []byte
}

func (v *Vault) kitRow(identity *age.HybridIdentity) (kitRow, error) {
	r, own := v.root.(renewer)
	if !own {
		return kitRow{}, fault.New(fault.Unsupported, "vault.kit_by_service").
			WithHint("The root key lives in a key service, which has its own way of recovery.")
	}
	return sealKit(kitRow{id: randomID(), recipient: identity.Recipient().String()}, r)
}

// sealKit seals a root key to the kit's recipient.
func sealKit(row kitRow, root renewer) (kitRow, error) {
	secret, err := root.secret()
	if err != nil {
		return row, err
	}
	defer clear(secret)
	if row.keyID, err = root.keyID(); err != nil {
		return row, err
	}
	recipient, err := age.ParseHybridRecipient(row.recipient)
	if err != nil {
		return row, err
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipient)
	if err != nil {
		return row, err
	}
	if _, err := w.Write(secret); err != nil {
		return row, err
	}
	err = w.Close()
	row.sealed = b.Bytes()
	return row, err
}

// sealToKits seals the next root key to all kits.
func (v *Vault) sealToKits(ctx context.Context, next RootKey) (keyID []byte, rows []kitRow, err error) {
	r, own := next.(renewer)
	if !own {
		return []byte{}, nil, nil
	}
	if keyID, err = r.keyID(); err != nil {
		return nil, nil, err
	}
	if rows, err = v.kitRows(ctx); err != nil {
		return nil, nil, err
	}
	for i := range rows {
		if rows[i], err = sealKit(rows[i], r); err != nil {
			return nil, nil, err
		}
	}
	return keyID, rows, nil
}

func (v *Vault) kitRows(ctx context.Context) (rows []kitRow, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		rows, err = readKits(tx)
		return err
	})
	return rows, err
}

func readKits(tx *db.Tx) ([]kitRow, error) {
	return db.All(tx, func(s db.Scanner) (k kitRow, err error) {
		return k, s.Scan(&k.id, &k.recipient, &k.sealed, &k.keyID)
	}, "SELECT id, recipient, sealed, key_id FROM vault_kit ORDER BY id")
}

func insertKit(tx *db.Tx, k kitRow) error {
	if err := tx.Guard(errStale, "UPDATE vault_root SET id = 1 WHERE id = 1 AND key_id = $1", k.keyID); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO vault_kit (id, recipient, sealed, key_id, made_at, checked_at) VALUES ($1, $2, $3, $4, $5, 0)",
		k.id, k.recipient, k.sealed, k.keyID, clock.Micros(tx.Now()))
	return err
}

// updateKits writes the kits sealed anew, and fails if one was made meanwhile.
func updateKits(tx *db.Tx, rows []kitRow) error {
	var n int
	if err := tx.QueryRow("SELECT COUNT(*) FROM vault_kit").Scan(&n); err != nil {
		return err
	}
	if n != len(rows) {
		return errStale
	}
	for _, k := range rows {
		if _, err := tx.Exec("UPDATE vault_kit SET sealed = $1, key_id = $2 WHERE id = $3", k.sealed, k.keyID, k.id); err != nil {
			return err
		}
	}
	return nil
}

// Text is the kit as it stands on paper: the identity in numbered groups that can be copied by hand.
func (k *Kit) Text() string {
	var b strings.Builder
	b.WriteString(kitHead + "\n\nKeep this on paper, away from the machine. Whoever has it and a copy of the key database\ncan read everything. It stays valid when keys are rotated.\n\n")
	for i, g := range k.groups() {
		fmt.Fprintf(&b, "%2d %-*s", i+1, kitGroup+1, g)
		if i%4 == 3 {
			b.WriteByte('\n')
		}
	}
	b.WriteString("\n\nTo use it: strongroom key recover\n")
	return b.String()
}

// groups cuts the identity, without its fixed beginning, into pieces.
func (k *Kit) groups() (out []string) {
	s := strings.TrimPrefix(k.identity.String(), kitPrefix)
	for len(s) > kitGroup {
		out, s = append(out, s[:kitGroup]), s[kitGroup:]
	}
	return append(out, s)
}

// Ask names the group, counted from 1, that the keeper is to type back.
func (k *Kit) Ask() int { return 1 + int(randomID()[0])%len(k.groups()) }

// Check says whether typed is that group of the kit.
func (k *Kit) Check(group int, typed string) bool {
	g := k.groups()
	if group < 1 || group > len(g) {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(compact(typed)), []byte(g[group-1])) == 1
}

// Show writes the kit on a terminal, and refuses anything else: a redirected output ends in a log.
func (k *Kit) Show(terminal *os.File) error {
	if !term.IsTerminal(int(terminal.Fd())) {
		return fault.New(fault.Invalid, "vault.kit_no_terminal").
			WithHint("The recovery kit is shown on a terminal only. To keep it in a file, name one: strongroom key kit --file PATH.")
	}
	_, err := io.WriteString(terminal, k.Text())
	return err
}

// WriteFile writes the kit into a new file of mode 0600.
func (k *Kit) WriteFile(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "vault.kit_file_exists").WithHint("There is a file at " + path + " already.")
	}
	return writePrivate(filepath.Clean(path), []byte(k.Text()))
}

// ParseKit reads a kit as typed or from its file: with or without the words around it, numbers of groups, spaces and
// line ends, in any case.
func ParseKit(text string) (*Kit, error) {
	if len(text) > 8192 {
		return nil, errKit
	}
	if _, rest, ok := strings.Cut(text, kitHead); ok { // from the file: the groups are the lines that begin with a number
		text = kitLines(rest)
	}
	s := compact(text)
	if !strings.HasPrefix(s, kitPrefix) {
		s = kitPrefix + s
	}
	identity, err := age.ParseHybridIdentity(s)
	if err != nil {
		return nil, errKit // without the cause, which quotes what was typed
	}
	return &Kit{identity}, nil
}

var errKit = fault.New(fault.Invalid, "vault.kit_unreadable").
	WithHint("This is no recovery kit, or a letter of it is wrong. Type all groups in their order, without their numbers.")

// kitLines keeps the groups of the lines of numbered groups.
func kitLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.Trim(words[0], "0123456789") != "" {
			continue
		}
		for i := 1; i < len(words); i += 2 {
			b.WriteString(words[i])
		}
	}
	return b.String()
}

func compact(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// CheckKit says whether the kit, typed in whole, opens what the key database holds for it, and notes the time.
func (v *Vault) CheckKit(ctx context.Context, k *Kit) (err error) {
	defer fault.Wrap(&err, "vault: check kit")
	row, secret, err := openKit(ctx, v.keys, k)
	if err != nil {
		return err
	}
	clear(secret)
	return v.Checked(ctx, row.recipient)
}

// Confirmed notes that the keeper of a new kit typed the right group back.
func (v *Vault) Confirmed(ctx context.Context, k *Kit) error {
	return v.Checked(ctx, k.identity.Recipient().String())
}

// Checked notes the time for the kit with that recipient.
func (v *Vault) Checked(ctx context.Context, recipient string) error {
	return v.keys.Write(ctx, func(tx *db.Tx) error {
		return tx.Guard(errKitForeign, "UPDATE vault_kit SET checked_at = $1 WHERE recipient = $2", clock.Micros(tx.Now()), recipient)
	})
}

// KitState is what may be shown of a kit.
type KitState struct {
	ID      id.ID
	Made    time.Time
	Checked time.Time // zero for never
}

// Kits lists the recovery kits, oldest first.
func (v *Vault) Kits(ctx context.Context) (out []KitState, err error) {
	err = v.keys.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, func(s db.Scanner) (k KitState, err error) {
			var made, checked int64
			err = s.Scan(&k.ID, &made, &checked)
			k.Made, k.Checked = clock.FromMicros(made), clock.FromMicros(checked)
			return k, err
		}, "SELECT id, made_at, checked_at FROM vault_kit ORDER BY made_at, id")
		return err
	})
	return out, err
}

// DropKit makes a kit worthless that was lost or seen: nothing is sealed to it any more. Rotate afterwards, because it
// opens copies of the key database that were made before.
func (v *Vault) DropKit(ctx context.Context, kit id.ID) error {
	err := v.keys.Write(ctx, func(tx *db.Tx) error {
		return tx.Guard(fault.New(fault.NotFound, "vault.kit_unknown"), "DELETE FROM vault_kit WHERE id = $1", kit)
	})
	if err != nil {
		return err
	}
	return v.shred(ctx, storeTables)
}

// Recipients are the public halves of all kits, to which key backups are sealed.
func (v *Vault) Recipients(ctx context.Context) (out []age.Recipient, err error) {
	rows, err := v.kitRows(ctx)
	for _, k := range rows {
		r, err := age.ParseHybridRecipient(k.recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, err
}

var errKitForeign = fault.New(fault.NotFound, "vault.kit_foreign").
	WithHint("This recovery kit belongs to another store, or the key database is older than the kit.")

// openKit finds the row of the kit and opens the root key in it.
func openKit(ctx context.Context, keys *db.DB, k *Kit) (row kitRow, secret []byte, err error) {
	var rows []kitRow
	if err := keys.Read(ctx, func(tx *db.Tx) error {
		rows, err = readKits(tx)
		return err
	}); err != nil {
		return row, nil, err
	}
	mine := k.identity.Recipient().String()
	for _, row := range rows {
		if row.recipient != mine {
			continue
		}
		r, err := age.Decrypt(bytes.NewReader(row.sealed), k.identity)
		if err != nil {
			return row, nil, err
		}
		secret, err = io.ReadAll(io.LimitReader(r, rootSize+1))
		return row, secret, err
	}
	return row, nil, errKitForeign
}

// RecoverRoot writes the key file anew from a kit and the key database, for a store whose key file is gone. It never
// writes over a file.
func RecoverRoot(ctx context.Context, k *Kit, keys *db.DB, path string) (f *KeyFile, err error) {
	defer fault.Wrap(&err, "vault: recover root key")
	row, secret, err := openKit(ctx, keys, k)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	var r rootSecret
	if copy(r.key[:], secret) != rootSize || len(secret) != rootSize || !bytes.Equal(r.id(), row.keyID) {
		return nil, errOpen
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fault.New(fault.Conflict, "vault.keyfile_exists").
			WithHint("There is a file at " + path + " already. Move it away first.")
	}
	return &KeyFile{path}, writeKeyFile(path, r)
}
