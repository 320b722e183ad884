package vault

import (
	"encoding/binary"
	"errors"

	"strongroom/base/id"
)

// A sealed field is
//
//	byte 0      1, the version of this format
//	bytes 1-2   version of the subject's key, big endian
//	bytes 3-14  nonce
//	the rest    AES-256-GCM ciphertext and its tag of 16 bytes
//
// What a store key sealed (secrets, entries of the log) is
//
//	byte 0      2
//	bytes 1-4   version of the store key, big endian
//	the rest    Tink XAES-256-GCM ciphertext
//
// The nonce is random. By NIST SP 800-38D a key may seal 2^32 values with random 96-bit nonces; a subject's key seals
// some dozens, so that even 2^20 of them leave the chance of a repeated nonce below 2^-57. Store keys seal without
// bound and therefore have nonces of 192 bits.
const (
	formatField byte = 1
	formatStore byte = 2
	nonceSize        = 12
	tagSize          = 16
	headSize         = 3 + nonceSize
	maxClear         = 64 << 10
)

var (
	errFormat = errors.New("vault: no sealed value")
	errOpen   = errors.New("vault: the sealed value does not belong here or was changed")
	errLarge  = errors.New("vault: a field holds at most 64 KiB")
)

// parseField takes a sealed field apart. The results share sealed's memory.
func parseField(sealed []byte) (version uint16, nonce, ciphertext []byte, err error) {
	if len(sealed) < headSize+tagSize || len(sealed) > headSize+tagSize+maxClear || sealed[0] != formatField {
		return 0, nil, nil, errFormat
	}
	return binary.BigEndian.Uint16(sealed[1:3]), sealed[3:headSize], sealed[headSize:], nil
}

// parseStore takes apart what a store key sealed.
func parseStore(sealed []byte) (version uint32, ciphertext []byte, err error) {
	if len(sealed) < 5+tagSize || sealed[0] != formatStore {
		return 0, nil, errFormat
	}
	return binary.BigEndian.Uint32(sealed[1:5]), sealed[5:], nil
}

const (
	adField  = "strongroom field 1"
	adKey    = "strongroom key 1"
	adLog    = "strongroom log 1"
	adSecret = "strongroom secret 1"
)

// fieldAD is the associated data of a sealed field. All parts have a fixed length, so that no two lists of parts give
// the same bytes. Names of tables and columns are left out: they may change, the field's number does not.
func fieldAD(dst []byte, f Field, subject, row id.ID, version uint16) []byte {
	dst = append(dst, adField...)
	dst = binary.BigEndian.AppendUint16(dst, f.Number)
	dst = append(dst, byte(f.Purpose))
	dst = binary.BigEndian.AppendUint16(dst, version)
	dst = append(dst, subject[:]...)
	return append(dst, row[:]...)
}

// keyAD binds a wrapped key to its place in the hierarchy.
func keyAD(subject id.ID, p Purpose, version uint16, store uint32) []byte {
	dst := append(make([]byte, 0, 64), adKey...)
	dst = append(dst, subject[:]...)
	dst = append(dst, byte(p))
	dst = binary.BigEndian.AppendUint16(dst, version)
	return binary.BigEndian.AppendUint32(dst, store)
}

// logAD binds a sealed field of the log to its entry.
func logAD(f Field, row id.ID) []byte {
	dst := append(make([]byte, 0, 64), adLog...)
	dst = binary.BigEndian.AppendUint16(dst, f.Number)
	dst = append(dst, byte(f.Purpose))
	return append(dst, row[:]...)
}
