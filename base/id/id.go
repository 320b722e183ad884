// Package id makes the names of rows and the secrets of links.
//
// Inside the store every row is named by an ID, a version 7 UUID (RFC 9562) kept as 16 bytes: its first 48 bits are
// the milliseconds of its making, so that new rows land at the end of an index. An ID tells its age and is therefore
// never shown to the outside; what the outside sees is a Token (random) or an order number (see Number).
package id

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// ID is a version 7 UUID. The zero ID means "none" and is stored as NULL.
type ID [16]byte

// ErrMalformed is returned by Parse and Scan for anything that is not an ID.
var ErrMalformed = errors.New("id: not 16 bytes")

// New makes an ID for the moment now (resolution: one millisecond). random may be nil for the system's source.
func New(now time.Time, random io.Reader) ID {
	if random == nil {
		random = rand.Reader
	}
	var v ID
	if _, err := io.ReadFull(random, v[6:]); err != nil {
		panic("id: the system's random source failed: " + err.Error())
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(v[:6], ms[2:])
	v[6] = v[6]&0x0f | 0x70
	v[8] = v[8]&0x3f | 0x80
	return v
}

// Parse reads the 32 hexadecimal digits that String writes.
func Parse(s string) (ID, error) {
	var v ID
	if len(s) != 32 {
		return v, ErrMalformed
	}
	if _, err := hex.Decode(v[:], []byte(s)); err != nil {
		return ID{}, ErrMalformed
	}
	return v, nil
}

// FromBytes makes an ID of exactly 16 bytes.
func FromBytes(b []byte) (ID, error) {
	var v ID
	if len(b) != len(v) {
		return v, ErrMalformed
	}
	copy(v[:], b)
	return v, nil
}

// IsZero says whether the ID names nothing.
func (v ID) IsZero() bool { return v == ID{} }

// Bytes returns a copy of the 16 bytes.
func (v ID) Bytes() []byte { return append([]byte(nil), v[:]...) }

// String returns 32 hexadecimal digits, for logs and command lines.
func (v ID) String() string { return hex.EncodeToString(v[:]) }

// Value stores the ID as a blob, and the zero ID as NULL.
func (v ID) Value() (driver.Value, error) {
	if v.IsZero() {
		return nil, nil
	}
	return v[:], nil
}

// Scan reads a blob of 16 bytes or NULL.
func (v *ID) Scan(src any) error {
	switch b := src.(type) {
	case nil:
		*v = ID{}
		return nil
	case []byte:
		w, err := FromBytes(b)
		*v = w
		return err
	}
	return fmt.Errorf("id: cannot read %T: %w", src, ErrMalformed)
}

// MarshalText writes String's form, so that an ID can stand in JSON.
func (v ID) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads String's form.
func (v *ID) UnmarshalText(b []byte) error {
	w, err := Parse(string(b))
	*v = w
	return err
}
