package catalog

import (
	"encoding/base64"
	"encoding/binary"

	"strongroom/base/fault"
	"strongroom/base/id"
)

// cursor is where a page ended: the sort value and the product of its last card. It holds nothing secret, and a forged
// one asks for nothing that could not be asked for otherwise; it only has to be well-formed.
type cursor struct {
	sort    byte   // which order it belongs to
	number  int64  // popularity, time or price; offset for searches
	name    []byte // collation key, for ByName
	product id.ID
}

// maxNameKey bounds the collation key of a title.
const maxNameKey = 2000

// sorts gives each order its letter in cursors.
var sorts = map[string]byte{ByPopularity: 'p', ByNewest: 'n', ByPriceUp: 'u', ByPriceDown: 'd', ByName: 'a', ByRelevance: 'r'}

func (c cursor) String() string {
	b := make([]byte, 0, 1+8+16+len(c.name))
	b = append(b, c.sort)
	b = binary.BigEndian.AppendUint64(b, uint64(c.number))
	b = append(b, c.product[:]...)
	b = append(b, c.name...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads a cursor of the order; anything else is the fault catalog.cursor.
func parseCursor(s string, sort byte) (c cursor, err error) {
	bad := fault.New(fault.Malformed, "catalog.cursor")
	if len(s) > 4*maxNameKey {
		return c, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 25 || len(b) > 25+maxNameKey || b[0] != sort {
		return c, bad
	}
	c.sort, c.number = b[0], int64(binary.BigEndian.Uint64(b[1:9]))
	copy(c.product[:], b[9:25])
	c.name = b[25:]
	if len(c.name) > 0 && sort != sorts[ByName] || c.product.IsZero() {
		return c, bad
	}
	return c, nil
}
