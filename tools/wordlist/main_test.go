package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"strongroom/guard/identity/strength"
)

// The shipped filter is what this program makes of the dictionaries today: "go generate ./guard/identity/strength"
// writes it anew.
func TestTheShippedFilterIsCurrent(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "filter")
	if err := write(fresh); err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("../../guard/identity/strength/common.filter")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("common.filter is not current: go generate ./guard/identity/strength")
	}
}

// V6.2.4: more than 3,000 of the most used passwords that the rules would let through are in the list, for both
// lengths.
func TestTheListIsLongEnoughForBothLengths(t *testing.T) {
	alone, factor := 0, 0
	for w := range words() {
		factor++
		if strength.Length(w) >= strength.Alone {
			alone++
		}
	}
	if alone < 3000 || factor < 100_000 {
		t.Errorf("%d of 15 code points and more, %d of 8 and more", alone, factor)
	}
	t.Logf("%d of 15 code points and more, %d of 8 and more", alone, factor)
}
