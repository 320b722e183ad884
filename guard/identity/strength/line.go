package strength

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
)

// parseLine reads "SHA-1:count". It makes no text of the line: there are a thousand million of them.
func parseLine(line []byte) (sum [sha1.Size]byte, count int64, ok bool) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) < 2*sha1.Size+2 || line[2*sha1.Size] != ':' {
		return sum, 0, false
	}
	if _, err := hex.Decode(sum[:], line[:2*sha1.Size]); err != nil {
		return sum, 0, false
	}
	count, ok = digits(line[2*sha1.Size+1:])
	return sum, count, ok
}

func digits(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 15 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
