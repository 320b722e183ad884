package audit

import (
	"bytes"
	"encoding/binary"
	"errors"

	"strongroom/base/clock"
	"strongroom/base/id"
	"strongroom/guard/access"
)

const bytesVersion = 1

var errBytes = errors.New("audit: no canonical bytes of an entry")

// Encode writes the canonical bytes of a row.
func (r Row) Encode() []byte {
	b := make([]byte, 0, 256)
	b = append(b, bytesVersion)
	b = append(b, r.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(clock.Micros(r.At)))
	b = append(b, byte(r.Actor.Kind))
	b = text(b, r.Actor.Name)
	b = append(b, r.Actor.ID[:]...)
	b = text(b, r.Action)
	b = text(b, r.Object)
	b = append(b, r.ObjectID[:]...)
	b = append(b, r.Person[:]...)
	b = append(b, byte(r.Outcome))
	b = text(b, r.Word)
	b = text(b, string(r.sealedOrigin))
	b = text(b, string(r.sealedReason))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Facts)))
	for _, f := range r.Facts {
		b = text(b, f.Key)
		b = binary.BigEndian.AppendUint64(b, uint64(f.Int))
		b = text(b, f.Text)
	}
	return b
}

func text(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// Decode reads canonical bytes and refuses any others.
func Decode(body []byte) (r Row, err error) {
	d := &decoder{rest: body}
	if d.byte() != bytesVersion {
		return r, errBytes
	}
	r.ID = d.id()
	at := d.int()
	r.At = clock.FromMicros(at)
	r.Actor = access.Actor{Kind: access.Kind(d.byte()), Name: d.text(maxWord), ID: d.id()}
	r.Action, r.Object = d.text(maxWord), d.text(maxWord)
	r.ObjectID, r.Person = d.id(), d.id()
	r.Outcome = Outcome(d.byte())
	r.Word = d.text(maxWord)
	r.sealedOrigin, r.sealedReason = []byte(d.text(maxSealed)), []byte(d.text(maxSealed))
	r.Facts = d.facts()
	// Re-encoding catches what the reading lets pass, such as a time that is not in microseconds.
	if d.bad || len(d.rest) > 0 || !bytes.Equal(r.Encode(), body) {
		return Row{}, errBytes
	}
	return r, nil
}

// decoder reads from the front; once something is missing it only gives zeros and bad is set.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) take(n int) []byte {
	if d.bad || n < 0 || n > len(d.rest) {
		d.bad = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) int() int64 {
	if b := d.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (d *decoder) length(most int) int {
	b := d.take(4)
	if b == nil {
		return 0
	}
	if n := binary.BigEndian.Uint32(b); n <= uint32(most) {
		return int(n)
	}
	d.bad = true
	return 0
}

func (d *decoder) id() (v id.ID) {
	copy(v[:], d.take(len(v)))
	return v
}

func (d *decoder) text(most int) string { return string(d.take(d.length(most))) }

func (d *decoder) facts() (out []Fact) {
	for range d.length(maxFacts) {
		out = append(out, Fact{Key: d.text(maxWord), Int: d.int(), Text: d.text(maxText)})
	}
	return out
}
