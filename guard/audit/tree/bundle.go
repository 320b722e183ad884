package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// AppendEntry writes one entry into a bundle: its length in two bytes, and itself. An entry that is missing is written
// as one of no bytes, so that those after it keep their places.
func AppendEntry(bundle, entry []byte) ([]byte, error) {
	if len(entry) > math.MaxUint16 {
		return nil, fmt.Errorf("tree: an entry of %d bytes", len(entry))
	}
	bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
	return append(bundle, entry...), nil
}

// ParseBundle reads the entries of a bundle. Missing ones are nil.
func ParseBundle(b []byte) (out [][]byte, err error) {
	for len(b) > 0 {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) || len(out) == Width {
			return nil, errors.New("tree: no bundle of entries")
		}
		n := int(binary.BigEndian.Uint16(b))
		var entry []byte
		if n > 0 {
			entry = b[2 : 2+n]
		}
		out = append(out, entry)
		b = b[2+n:]
	}
	return out, nil
}
