// Package tree is the arithmetic of the audit log's Merkle tree: no database, no clock, no network.
//
// # The tree
//
// Leaves and nodes are hashed as RFC 6962 has it (SHA-256, a zero byte before a leaf, a one byte before a node), and the
// tree is cut into tiles of 256 hashes, as the tlog-tiles specification of C2SP has it: the hash k of tile n on level l
// stands for the 256^l leaves from (n*256+k)*256^l on. A log that is kept this way can be read by the tools of public
// transparency logs.
//
//	checkpoint            the signed head: origin, size, root (a signed note)
//	tile/0/000            hashes of leaves 0 to 255
//	tile/0/001.p/17       the last tile while it is not full: 17 hashes
//	tile/entries/000      the entries themselves, each with its length in two bytes before it
//	tile/1/000            hashes of full tiles of level 0
//
// Edge grows a tree; Folder and Lines read an exported log; Verify holds a log against checkpoints that were kept
// elsewhere.
package tree

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Width is how many hashes a full tile holds.
const Width = 256

// Hash is the hash of a leaf or node.
type Hash = tlog.Hash

// Tile is a tile with the hashes that it has so far, 1 to Width of them.
type Tile struct {
	Level  int
	Number int64
	Hashes []Hash
}

// Bytes is the tile's content: its hashes one after the other.
func (t Tile) Bytes() []byte {
	b := make([]byte, 0, len(t.Hashes)*tlog.HashSize)
	for _, h := range t.Hashes {
		b = append(b, h[:]...)
	}
	return b
}

// ParseHashes reads a tile's content.
func ParseHashes(b []byte) ([]Hash, error) {
	if len(b) == 0 || len(b)%tlog.HashSize != 0 || len(b) > Width*tlog.HashSize {
		return nil, fmt.Errorf("tree: a tile of %d bytes", len(b))
	}
	out := make([]Hash, 0, len(b)/tlog.HashSize)
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		out = append(out, Hash(b[:tlog.HashSize]))
	}
	return out, nil
}

// TilePath is where a tile stands below the log's address.
func TilePath(level int, number int64, width int) string {
	return fmt.Sprintf("tile/%d/%s", level, place(number, width))
}

// EntriesPath is where the entries of tile number of level 0 stand.
func EntriesPath(number int64, width int) string { return "tile/entries/" + place(number, width) }

// place writes a number in groups of three digits, all but the last with an x before it, and the width of a tile that
// is not full.
func place(number int64, width int) string {
	s := fmt.Sprintf("%03d", number%1000)
	for n := number / 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if width < Width {
		s += fmt.Sprintf(".p/%d", width)
	}
	return strings.TrimPrefix(s, "/")
}

// perfect is the root of a power of two of hashes.
func perfect(hashes []Hash) Hash {
	level := append(make([]Hash, 0, len(hashes)), hashes...)
	for len(level) > 1 {
		for i := range len(level) / 2 {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
		level = level[:len(level)/2]
	}
	return level[0]
}

// empty is the root of a tree without leaves: SHA-256 of nothing.
func empty() Hash {
	h, _ := tlog.TreeHash(0, nil)
	return h
}
