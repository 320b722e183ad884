package strength

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"slices"

	"github.com/FastFilter/xorfilter"

	"strongroom/base/fault"
)

const (
	perShard  = 200_000 // passwords in a shard, about: so much is read for one question
	spillBits = 8       // keys are put aside in at most 256 files, one after the other read into memory
)

// Builder makes a filter file of any number of passwords in bounded memory: their keys are put aside by their first
// bits, eight bytes each, and made into shards file by file. It writes beside the filter and puts the finished file in
// its place at the end, so that an interrupted run leaves the old filter as it was and can be repeated.
type Builder struct {
	out    string
	dir    string // what was put aside, and the unfinished filter
	kind   Kind
	bits   uint8
	spills []*spill
}

type spill struct {
	file *os.File
	w    *bufio.Writer
}

// NewBuilder begins a filter of about expect passwords.
func NewBuilder(out string, kind Kind, expect int64) (b *Builder, err error) {
	defer fault.Wrap(&err, "strength: begin the filter")
	b = &Builder{out: out, dir: out + ".building", kind: kind}
	if n := expect / perShard; n > 0 {
		b.bits = uint8(min(bits.Len64(uint64(n)), maxBits))
	}
	if err := os.RemoveAll(b.dir); err != nil { // what an interrupted run left
		return nil, err
	}
	if err := os.Mkdir(b.dir, 0o700); err != nil {
		return nil, err
	}
	for i := range 1 << min(b.bits, spillBits) {
		f, err := os.Create(filepath.Join(b.dir, fmt.Sprintf("keys-%03d", i)))
		if err != nil {
			return nil, errors.Join(err, b.Abandon())
		}
		b.spills = append(b.spills, &spill{f, bufio.NewWriterSize(f, 32<<10)})
	}
	return b, nil
}

// Add adds a password by the SHA-1 of its NFC form.
func (b *Builder) Add(sum [sha1.Size]byte) error {
	var k [8]byte
	copy(k[:], sum[:])
	i := keyOf(sum) >> (64 - min(b.bits, spillBits))
	_, err := b.spills[i].w.Write(k[:])
	return err
}

// AddWord adds a password as it is typed.
func (b *Builder) AddWord(password string) error { return b.Add(sha1.Sum([]byte(Normal(password)))) }

// Abandon removes what was put aside.
func (b *Builder) Abandon() error {
	var errs []error
	for _, s := range b.spills {
		errs = append(errs, s.file.Close())
	}
	b.spills = nil
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// Finish writes the filter and says how many different passwords it holds. step is told how far it is, from 0 to 1.
func (b *Builder) Finish(ctx context.Context, step func(part float64)) (entries uint64, err error) {
	defer fault.Wrap(&err, "strength: write the filter")
	defer func() { err = errors.Join(err, b.Abandon()) }()
	name := filepath.Join(b.dir, "filter")
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	entries, err = b.write(ctx, f, step)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return entries, os.Rename(name, b.out)
}

func (b *Builder) write(ctx context.Context, f *os.File, step func(float64)) (entries uint64, err error) {
	head := make([]byte, headFixed+shardEntry<<b.bits+4)
	offset := int64(len(head))
	var fuse xorfilter.BinaryFuseBuilder
	at := headFixed
	for i, s := range b.spills {
		keys, err := s.take()
		if err != nil {
			return 0, err
		}
		entries += uint64(len(keys))
		for len(head)-4-at > 0 && (at-headFixed)/shardEntry < (i+1)<<(b.bits-min(b.bits, spillBits)) {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			var own []uint64
			own, keys = split(keys, uint64((at-headFixed)/shardEntry), b.bits)
			body, err := shardBody(&fuse, own)
			if err != nil {
				return 0, err
			}
			if _, err := f.WriteAt(body, offset); err != nil {
				return 0, err
			}
			binary.LittleEndian.PutUint64(head[at:], uint64(offset))
			binary.LittleEndian.PutUint32(head[at+8:], uint32(len(body)))
			binary.LittleEndian.PutUint32(head[at+12:], crc32.Checksum(body, castagnoli))
			offset += int64(len(body))
			at += shardEntry
		}
		step(float64(i+1) / float64(len(b.spills)))
	}
	b.seal(head, entries)
	_, err = f.WriteAt(head, 0)
	return entries, err
}

// seal writes what stands before the shards' places, and the sum over all of it.
func (b *Builder) seal(head []byte, entries uint64) {
	copy(head, magic)
	head[8], head[9] = byte(b.kind), b.bits
	binary.LittleEndian.PutUint64(head[12:], entries)
	body := head[:len(head)-4]
	binary.LittleEndian.PutUint32(head[len(body):], crc32.Checksum(body, castagnoli))
}

// take reads what was put aside, sorted and each key once.
func (s *spill) take() ([]uint64, error) {
	if err := s.w.Flush(); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(s.file.Name())
	if err != nil {
		return nil, err
	}
	keys := make([]uint64, len(b)/8)
	for i := range keys {
		keys[i] = binary.BigEndian.Uint64(b[i*8:])
	}
	slices.Sort(keys)
	return slices.Compact(keys), s.file.Truncate(0)
}

// split takes the keys of one shard off the front.
func split(keys []uint64, shard uint64, shardBits uint8) (own, rest []uint64) {
	i := 0
	for i < len(keys) && keys[i]>>(64-shardBits) == shard {
		i++
	}
	return keys[:i], keys[i:]
}

func shardBody(b *xorfilter.BinaryFuseBuilder, keys []uint64) ([]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	fuse, err := xorfilter.BuildBinaryFuse[uint16](b, keys)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = fuse.Save(&out)
	return out.Bytes(), err
}

// Summary is what BuildList did.
type Summary struct {
	Lines   int64  // read
	Kept    int64  // of them, seen at least as often as was asked for
	Entries uint64 // different passwords in the filter
}

// List says what BuildList is to build.
type List struct {
	Out   string                           // the filter's path
	Size  int64                            // of the list in bytes, 0 if it is not known
	Least int64                            // passwords seen less often are left out
	Step  func(phase string, part float64) // told how far it is; part is from 0 to 1, or negative if nobody knows
}

// lineBytes is how long a line of the public list is, about.
const lineBytes = 45

// BuildList makes a filter of the full public list: lines of a SHA-1 in hexadecimal digits, a colon and how often the
// password was seen.
func BuildList(ctx context.Context, in io.Reader, l List) (s Summary, err error) {
	expect := l.Size / lineBytes
	if l.Size <= 0 {
		expect = 1 << 30 // small shards do no harm
	}
	b, err := NewBuilder(l.Out, KindLeaked, expect)
	if err != nil {
		return s, err
	}
	if err := b.read(ctx, in, l, &s); err != nil {
		return s, errors.Join(err, b.Abandon())
	}
	s.Entries, err = b.Finish(ctx, func(part float64) { l.Step("write", part) })
	return s, err
}

func (b *Builder) read(ctx context.Context, in io.Reader, l List, s *Summary) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 64<<10)
	var done int64
	for lines.Scan() {
		line := lines.Bytes()
		done += int64(len(line)) + 1
		if s.Lines++; s.Lines%(1<<20) == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			l.Step("read", part(done, l.Size))
		}
		sum, count, ok := parseLine(line)
		if !ok {
			return &LineError{s.Lines}
		}
		if count < l.Least {
			continue
		}
		s.Kept++
		if err := b.Add(sum); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return &LineError{s.Lines + 1}
	} else if err != nil {
		return err
	}
	if s.Kept == 0 {
		return errors.New("strength: the list holds no password")
	}
	return nil
}

func part(done, size int64) float64 {
	if size <= 0 {
		return -1
	}
	return min(float64(done)/float64(size), 1)
}

// LineError is a line that the list does not have.
type LineError struct{ Line int64 }

// Error says which line it is, without the line.
func (e *LineError) Error() string {
	return fmt.Sprintf("strength: line %d is not \"SHA-1:count\" with 40 hexadecimal digits", e.Line)
}
