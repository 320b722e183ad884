package tree_test

import (
	"bytes"
	"testing"

	"strongroom/guard/audit/tree"
)

// What comes from outside is read or refused, and what is read can be written again.
func FuzzOutside(f *testing.F) {
	l := newLog(f, 20)
	note, err := l.checkpoint(20).Sign(l.signer)
	must(f, err)
	for _, b := range [][]byte{note, l.lines(), l.export()["tile/entries/000.p/20"].Data, {0, 0}, {0, 1}, []byte("{}\n")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := tree.ParseCheckpoint(b, l.key); err == nil && c != l.checkpoint(20) {
			t.Errorf("a checkpoint that was never signed: %+v", c)
		}
		if entries, err := tree.ParseBundle(b); err == nil {
			var again []byte
			for _, e := range entries {
				again, err = tree.AppendEntry(again, e)
				must(t, err)
			}
			if !bytes.Equal(again, b) {
				t.Error("a bundle reads as another")
			}
		}
		if hashes, err := tree.ParseHashes(b); err == nil && !bytes.Equal(tree.Tile{Hashes: hashes}.Bytes(), b) {
			t.Error("a tile reads as another")
		}
		_, _ = tree.Verify(tree.NewLines(bytes.NewReader(b)), nil)
		_, _ = tree.ParseKey(b)
	})
}
