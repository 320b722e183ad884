package tree_test

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	mrand "math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"strongroom/guard/audit/tree"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func leaf(i int64) tree.Hash { return tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(i))) }

// tiles is a store of tiles in memory.
type tiles map[[2]int64][]tree.Hash

func (s tiles) put(t tree.Tile) { s[[2]int64{int64(t.Level), t.Number}] = t.Hashes }
func (s tiles) get(level int, number int64) ([]tree.Hash, error) {
	if h := s[[2]int64{int64(level), number}]; h != nil {
		return h, nil
	}
	return nil, errors.New("no such tile")
}

// The roots are those of the Go project's own implementation, at every size and at every later look back.
func TestRootsAreThoseOfAnIndependentImplementation(t *testing.T) {
	var stored []tree.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tree.Hash, error) {
		out := make([]tree.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	var e tree.Edge
	kept := tiles{}
	var roots []tree.Hash
	for n := int64(0); n <= 70_000; n++ { // more than 256 tiles, so that a tile of level 1 fills
		if n < 1100 || n%997 == 0 || n >= 65_530 && n <= 65_800 {
			want, err := tlog.TreeHash(n, reader)
			must(t, err)
			if got := e.Root(); got != want {
				t.Fatalf("root of %d leaves is %v, want %v", n, got, want)
			}
			roots = append(roots, want)
		} else {
			roots = append(roots, tree.Hash{})
		}
		add, err := tlog.StoredHashesForRecordHash(n, leaf(n), reader)
		must(t, err)
		stored = append(stored, add...)
		e.Append(leaf(n), kept.put)
	}
	for _, p := range e.Partial() {
		kept.put(p)
	}
	for n, want := range roots {
		if want == (tree.Hash{}) {
			continue
		}
		got, err := tree.RootAt(int64(n), kept.get)
		must(t, err)
		if got != want {
			t.Fatalf("looking back, the root of %d leaves is %v, want %v", n, got, want)
		}
	}
}

// An edge that is put together from kept tiles goes on as the one that never stopped.
func TestAnEdgeContinuesFromItsTiles(t *testing.T) {
	seed := mrand.Uint64()
	t.Logf("seed %d", seed)
	r := mrand.New(mrand.NewPCG(seed, 1))
	whole, kept := &tree.Edge{}, tiles{}
	part := &tree.Edge{}
	for whole.Size() < 140_000 {
		for range r.IntN(3000) {
			h := leaf(whole.Size())
			whole.Append(h, nil)
			part.Append(h, kept.put)
		}
		for _, p := range part.Partial() {
			kept.put(p)
		}
		again, err := tree.NewEdge(part.Size(), func(level int, number int64, width int) ([]tree.Hash, error) { return kept.get(level, number) })
		must(t, err)
		if part = again; part.Root() != whole.Root() {
			t.Fatalf("at %d the roots differ", whole.Size())
		}
	}
	if _, err := tree.NewEdge(300, func(int, int64, int) ([]tree.Hash, error) { return make([]tree.Hash, 3), nil }); err == nil {
		t.Error("an edge was made of tiles that are too short")
	}
}

func TestPathsAreThoseOfTheSpecification(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{tree.TilePath(0, 0, 256), "tile/0/000"},
		{tree.TilePath(1, 5, 17), "tile/1/005.p/17"},
		{tree.TilePath(0, 1234067, 256), "tile/0/x001/x234/067"},
		{tree.TilePath(2, 1000, 1), "tile/2/x001/000.p/1"},
		{tree.EntriesPath(999, 255), "tile/entries/999.p/255"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

func TestACheckpointIsReadOnlyWithItsKey(t *testing.T) {
	signer, key := keys(t, "shop.example/log")
	_, other := keys(t, "shop.example/log")
	want := tree.Checkpoint{Origin: "shop.example/log", Size: 77, Root: leaf(1)}
	b, err := want.Sign(signer)
	must(t, err)
	got, err := tree.ParseCheckpoint(b, key)
	must(t, err)
	if got != want {
		t.Errorf("read %+v", got)
	}
	if _, err := tree.ParseCheckpoint(b, other); !errors.Is(err, tree.ErrSignature) {
		t.Errorf("another key's checkpoint was taken: %v", err)
	}
	foreign, err := tree.Checkpoint{Origin: "elsewhere.example/log", Size: 1, Root: leaf(1)}.Sign(signer)
	must(t, err)
	if _, err := tree.ParseCheckpoint(foreign, key); err == nil {
		t.Error("a checkpoint of another log was taken")
	}
	for i := range b {
		altered := append([]byte{}, b...)
		altered[i] ^= 1
		if c, err := tree.ParseCheckpoint(altered, key); err == nil && c != want {
			t.Fatalf("with byte %d altered it was read as %+v", i, c)
		}
	}
}

func keys(t testing.TB, name string) (note.Signer, note.Verifier) {
	s, v, _ := keyLine(t, name)
	return s, v
}

func keyLine(t testing.TB, name string) (note.Signer, note.Verifier, string) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	must(t, err)
	s, err := note.NewSigner(skey)
	must(t, err)
	v, err := note.NewVerifier(vkey)
	must(t, err)
	return s, v, vkey
}
