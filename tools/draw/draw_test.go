package main

import (
	"bytes"
	"image/jpeg"
	"testing"
)

// drawn gives the bytes of one picture's smallest file.
func drawn(t *testing.T, name string) []byte {
	t.Helper()
	for _, p := range pictures() {
		if p.name == name {
			data, err := encode(p.render(0.3), 320)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
	}
	t.Fatalf("no picture %q", name)
	return nil
}

// A picture with leaves, speckles and heaps uses all that is random here.
func TestSameBytes(t *testing.T) {
	for _, name := range []string{"morning-bowl-3", "dinner-plate-2"} {
		if !bytes.Equal(drawn(t, name), drawn(t, name)) {
			t.Errorf("%s differs between two drawings", name)
		}
	}
}

func TestNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range pictures() {
		if seen[p.name] {
			t.Errorf("two pictures are called %s", p.name)
		}
		seen[p.name] = true
	}
}

// repack may change the code, never the picture.
func TestRepackKeepsPixels(t *testing.T) {
	p := pictures()[0]
	img := p.render(0.3)
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, img, &jpeg.Options{Quality: 70}); err != nil {
		t.Fatal(err)
	}
	packed, err := repack(bytes.Clone(plain.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if len(packed) >= plain.Len() {
		t.Errorf("repacked from %d to %d bytes", plain.Len(), len(packed))
	}
	a, err := jpeg.Decode(&plain)
	if err != nil {
		t.Fatal(err)
	}
	b, err := jpeg.Decode(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				t.Fatalf("pixel %d,%d changed", x, y)
			}
		}
	}
}
