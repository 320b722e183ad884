package vault

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
)

// errGone is what a value is to the store once its key is destroyed.
var errGone = fault.New(fault.Gone, "vault.erased")

// Erased says whether err means that the value was erased.
func Erased(err error) bool { return errors.Is(err, errGone) }

// Damaged says whether err means that a sealed value, or its key, was changed or does not belong where it stands. Trying
// again does not help, restoring it does.
func Damaged(err error) bool { return errors.Is(err, errOpen) || errors.Is(err, errFormat) }

// Seen is what a look is about to show, for the audit log.
type Seen struct {
	Look    Look
	Subject id.ID // zero for fields of the log
	Handle  id.ID // the subject's audit handle
	Fields  []uint16
}

// Recorder writes looks into the audit log; audit.Log fulfils it. An error keeps the values closed.
type Recorder interface {
	RecordLook(ctx context.Context, s Seen) error
}

// SetRecorder names who records looks. It is called once, when the program is wired; until then nobody of the staff
// sees anything.
func (v *Vault) SetRecorder(r Recorder) { v.recorder.Store(&r) }

// Seal seals a value for its row. A Personal without value gives nil. A sealed Personal is opened and sealed again,
// inside the vault, so that a value can move to another row without anybody seeing it. Call it before db.Write.
func (v *Vault) Seal(ctx context.Context, f Field, subject, row id.ID, p Personal) (sealed []byte, err error) {
	if p.open == nil {
		return nil, nil
	}
	defer fault.Wrap(&err, "vault: seal field %d", f.Number)
	if err := sealable(f, subject, row); err != nil {
		return nil, err
	}
	clear, err := p.open()
	if err != nil {
		return nil, err
	}
	if len(clear) > maxClear {
		return nil, errLarge
	}
	k, err := v.key(ctx, slot{subject, f.Purpose, 0})
	if err != nil {
		return nil, err
	}
	return seal(k, f, subject, row, clear), nil
}

func sealable(f Field, subject, row id.ID) error {
	if f.Number == 0 || !f.Purpose.ofSubject() || subject.IsZero() || row.IsZero() {
		return errors.New("a declared field, a subject and a row are needed")
	}
	return nil
}

func seal(k subjectKey, f Field, subject, row id.ID, clear string) []byte {
	out := make([]byte, headSize, headSize+len(clear)+tagSize)
	out[0] = formatField
	binary.BigEndian.PutUint16(out[1:3], k.version)
	_, _ = rand.Read(out[3:headSize]) // crypto/rand ends the program rather than fail
	return sealWith(k, f, subject, row, clear, out)
}

// sealWith seals behind a head that has its nonce already.
func sealWith(k subjectKey, f Field, subject, row id.ID, clear string, head []byte) []byte {
	var room [64]byte
	ad := fieldAD(room[:0], f, subject, row, k.version)
	return k.aead.Seal(head, head[3:headSize], []byte(clear), ad)
}

// Sealed wraps a stored value without opening it. Empty or nil bytes are no value.
func (v *Vault) Sealed(f Field, subject, row id.ID, sealed []byte) Personal {
	if len(sealed) == 0 {
		return Personal{}
	}
	ref := &reference{v, f, subject, row}
	return Personal{ref: ref, open: func() (string, error) { return ref.unseal(context.Background(), sealed) }}
}

func (r *reference) unseal(ctx context.Context, sealed []byte) (string, error) {
	version, nonce, ct, err := parseField(sealed)
	if err != nil {
		return "", err
	}
	k, err := r.vault.key(ctx, slot{r.subject, r.field.Purpose, version})
	if err != nil {
		return "", err
	}
	var room [64]byte
	plain, err := k.aead.Open(nil, nonce, ct, fieldAD(room[:0], r.field, r.subject, r.row, version))
	if err != nil {
		return "", errOpen
	}
	return string(plain), nil
}

// Reveal is the only way to clear text. All sealed values must be of the look's purpose. A look by staff or from the
// command line is recorded first, once for each person, and shows nothing if it cannot be recorded. A value whose key
// is destroyed gives an error that Erased knows. Values that were just typed come back as they are.
func (v *Vault) Reveal(ctx context.Context, l Look, ps ...Personal) (clear []string, err error) {
	defer fault.Wrap(&err, "vault: reveal")
	if err := l.allowed(ps); err != nil {
		return nil, err
	}
	if l.Actor.Kind == access.KindStaff || l.Actor.Kind == access.KindConsole {
		if err := v.record(ctx, l, ps); err != nil {
			if k := fault.KindOf(err); k == fault.TooMany || k == fault.Forbidden {
				return nil, err // the recorder refuses the look: a quota, or a role that sees nothing in clear
			}
			return nil, fault.New(fault.Unavailable, "vault.look_unrecorded").Because(err).
				WithHint("Personal data is shown only when the look stands in the audit log, and that failed.")
		}
	}
	clear = make([]string, len(ps))
	for i, p := range ps {
		if p.open == nil {
			continue
		}
		if clear[i], err = p.open(); err != nil {
			return nil, err
		}
	}
	return clear, nil
}

func (l Look) allowed(ps []Personal) error {
	if l.Actor.Kind == 0 {
		return errors.New("a look needs an actor")
	}
	for _, p := range ps {
		if p.ref != nil && p.ref.field.Purpose != l.Purpose {
			return fault.New(fault.Forbidden, "vault.wrong_purpose").With("field", p.ref.field.Number).
				With("purpose", p.ref.field.Purpose.String())
		}
	}
	return nil
}

// record has one entry written for each person looked at.
func (v *Vault) record(ctx context.Context, l Look, ps []Personal) error {
	rec := v.recorder.Load()
	if rec == nil {
		return errors.New("nobody records looks")
	}
	var seen []Seen
	for _, p := range ps {
		if p.ref == nil {
			continue
		}
		i := slices.IndexFunc(seen, func(s Seen) bool { return s.Subject == p.ref.subject })
		if i < 0 {
			i = len(seen)
			seen = append(seen, Seen{Look: l, Subject: p.ref.subject})
		}
		seen[i].Fields = append(seen[i].Fields, p.ref.field.Number)
	}
	for _, s := range seen {
		var err error
		if !s.Subject.IsZero() {
			if s.Handle, err = v.AuditHandle(ctx, s.Subject); err != nil && !Erased(err) {
				return err
			}
		}
		if err := (*rec).RecordLook(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
