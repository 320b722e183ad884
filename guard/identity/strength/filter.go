package strength

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/FastFilter/xorfilter"
)

// A filter file holds many passwords in little more than two bytes each. It is, all integers little endian:
//
//	8 bytes  "SRPWLST1"
//	byte     what its passwords are: 1 common, 2 leaked
//	byte     number of shards, as a power of two
//	2 bytes  zero
//	8 bytes  number of passwords
//	for each shard: 8 bytes offset, 4 bytes length, 4 bytes CRC-32C of the shard
//	4 bytes  CRC-32C of everything so far
//	the shards: a binary fuse filter with 16-bit fingerprints each, as its library saves it
//
// A password is known by the first 8 bytes of the SHA-1 of its NFC form, the hash of the public list; the top bits
// choose the shard. One password in 65,536 is taken for a known one and is not. SHA-1 names passwords here as the
// list does; nothing rests on its strength.
const (
	magic      = "SRPWLST1"
	headFixed  = 20
	shardEntry = 16
	maxBits    = 16
	maxShard   = 64 << 20
)

// Kind is what the passwords of a filter are.
type Kind uint8

// The kinds.
const (
	KindCommon Kind = 1 // from dictionaries: the page says "common"
	KindLeaked Kind = 2 // from the public list: the page says "leaked"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Filter answers whether a password is in a list. It is safe for use by many goroutines, and holds nothing in memory
// but where its shards stand.
type Filter struct {
	at      io.ReaderAt
	close   func() error
	kind    Kind
	bits    uint8
	entries uint64
	shards  []shard
}

type shard struct {
	offset uint64
	length uint32
	sum    uint32
}

// errDamaged is what a file is that was cut or changed.
var errDamaged = errors.New("strength: the filter is damaged; build it again")

// OpenFilter opens a filter file.
func OpenFilter(path string) (*Filter, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("strength: open the filter: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	out, err := readFilter(f, info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	out.close = f.Close
	return out, nil
}

// Close closes the file.
func (f *Filter) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Entries is how many passwords the filter knows.
func (f *Filter) Entries() uint64 { return f.entries }

// Kind is what its passwords are.
func (f *Filter) Kind() Kind { return f.kind }

func (f *Filter) reason() string {
	if f.kind == KindLeaked {
		return Leaked
	}
	return Common
}

func readFilter(at io.ReaderAt, size int64) (*Filter, error) {
	var fixed [headFixed]byte
	if _, err := at.ReadAt(fixed[:], 0); err != nil || string(fixed[:8]) != magic {
		return nil, errors.New("strength: this is no filter of passwords; build one with \"strongroom password-list build\"")
	}
	f := &Filter{at: at, kind: Kind(fixed[8]), bits: fixed[9], entries: binary.LittleEndian.Uint64(fixed[12:])}
	if f.bits > maxBits || f.kind != KindCommon && f.kind != KindLeaked {
		return nil, errDamaged
	}
	head := make([]byte, headFixed+shardEntry<<f.bits+4)
	if _, err := at.ReadAt(head, 0); err != nil {
		return nil, errDamaged
	}
	body := head[:len(head)-4]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(head[len(body):]) {
		return nil, errDamaged
	}
	for b := body[headFixed:]; len(b) > 0; b = b[shardEntry:] {
		s := shard{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])}
		if s.length > maxShard || s.offset > uint64(size) || s.offset+uint64(s.length) > uint64(size) {
			return nil, errDamaged
		}
		f.shards = append(f.shards, s)
	}
	return f, nil
}

// Has says whether the password is in the list. One shard is read for it, half a megabyte at most in a filter that
// Build made, and its sum is checked.
func (f *Filter) Has(password string) (bool, error) {
	key := keyOf(sha1.Sum([]byte(password)))
	s := f.shards[key>>(64-f.bits)]
	if s.length == 0 {
		return false, nil
	}
	b := make([]byte, s.length)
	if _, err := f.at.ReadAt(b, int64(s.offset)); err != nil {
		return false, fmt.Errorf("strength: read the filter: %w", err)
	}
	if crc32.Checksum(b, castagnoli) != s.sum {
		return false, errDamaged
	}
	fuse, err := xorfilter.LoadBinaryFuse[uint16](bytes.NewReader(b))
	if err != nil {
		return false, errDamaged
	}
	return fuse.Contains(key), nil
}

// keyOf is a password's key in a filter.
func keyOf(sum [sha1.Size]byte) uint64 { return binary.BigEndian.Uint64(sum[:]) }
