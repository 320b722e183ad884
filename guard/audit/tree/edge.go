package tree

import (
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Edge is the right edge of a tree: all that is needed to append to it and to tell its root. The zero Edge is that of
// the empty tree.
type Edge struct {
	size   int64
	levels [][]Hash // on each level, the hashes of the tile that is not full yet
}

// NewEdge puts an edge together from the tiles that are not full: the one of level l is given by partial, which is not
// asked where there is none.
func NewEdge(size int64, partial func(level int, number int64, width int) ([]Hash, error)) (*Edge, error) {
	e := &Edge{size: size}
	for level, n := 0, size; n > 0; level, n = level+1, n/Width {
		width := int(n % Width)
		if width == 0 {
			e.levels = append(e.levels, nil)
			continue
		}
		hashes, err := partial(level, n/Width, width)
		if err != nil {
			return nil, err
		}
		if len(hashes) < width {
			return nil, fmt.Errorf("tree: tile %d/%d has %d hashes of %d", level, n/Width, len(hashes), width)
		}
		e.levels = append(e.levels, slices.Clone(hashes[:width]))
	}
	return e, nil
}

// Size is how many leaves the tree has.
func (e *Edge) Size() int64 { return e.size }

// Clone is an edge of its own.
func (e *Edge) Clone() *Edge {
	c := &Edge{size: e.size, levels: make([][]Hash, len(e.levels))}
	for i, l := range e.levels {
		c.levels[i] = slices.Clone(l)
	}
	return c
}

// Append adds a leaf and hands every tile that it completes to full, which may be nil.
func (e *Edge) Append(leaf Hash, full func(Tile)) {
	h := leaf
	for level, n := 0, e.size; ; level, n = level+1, n/Width {
		if level == len(e.levels) {
			e.levels = append(e.levels, make([]Hash, 0, Width))
		}
		e.levels[level] = append(e.levels[level], h)
		if len(e.levels[level]) < Width {
			break
		}
		t := Tile{Level: level, Number: n / Width, Hashes: e.levels[level]}
		h = perfect(t.Hashes)
		e.levels[level] = make([]Hash, 0, Width)
		if full != nil {
			full(t)
		}
	}
	e.size++
}

// Partial lists the tiles that have begun and are not full.
func (e *Edge) Partial() (out []Tile) {
	for level, n := 0, e.size; level < len(e.levels); level, n = level+1, n/Width {
		if w := len(e.levels[level]); w > 0 {
			out = append(out, Tile{Level: level, Number: n / Width, Hashes: slices.Clone(e.levels[level])})
		}
	}
	return out
}

// Root is the hash of the whole tree. Its perfect subtrees, the largest first, are folded from the right.
func (e *Edge) Root() Hash {
	var peaks []Hash
	for _, hashes := range slices.Backward(e.levels) {
		for len(hashes) > 0 {
			n := 1 << (bits.Len(uint(len(hashes))) - 1)
			peaks = append(peaks, perfect(hashes[:n]))
			hashes = hashes[n:]
		}
	}
	if len(peaks) == 0 {
		return empty()
	}
	root := peaks[len(peaks)-1]
	for _, p := range slices.Backward(peaks[:len(peaks)-1]) {
		root = tlog.NodeHash(p, root)
	}
	return root
}

// RootAt is the root that a tree had when it was smaller. tile gives the hashes of a tile, as many as it has.
func RootAt(size int64, tile func(level int, number int64) ([]Hash, error)) (Hash, error) {
	return tlog.TreeHash(size, tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		out := make([]Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			wide := int64(1) << (level % 8) // hashes of the tile that this node stands for
			hashes, err := tile(level/8, n*wide/Width)
			if err != nil {
				return nil, err
			}
			from := n * wide % Width
			if int64(len(hashes)) < from+wide {
				return nil, fmt.Errorf("tree: tile %d/%d ends at %d hashes", level/8, n*wide/Width, len(hashes))
			}
			out[i] = perfect(hashes[from : from+wide])
		}
		return out, nil
	}))
}
