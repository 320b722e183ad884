package main

import (
	"strings"
	"testing"
	"time"

	"strongroom/shop/catalog"
)

// An import of a quarter of an hour says how fast it is and how long it will take.
func TestALongImportTellsHowFarItIs(t *testing.T) {
	var b strings.Builder
	now := time.Unix(0, 0)
	tell := watch(&b, false, func() time.Time { return now })
	tell(catalog.Progress{Checking: true, Done: 100})
	now = now.Add(10 * time.Second)
	tell(catalog.Progress{Checking: true, Done: 50_000})
	for i := 0; i <= 100_000; i += 1000 {
		tell(catalog.Progress{Done: i, Total: 1_000_000})
		now = now.Add(time.Second)
	}
	got := b.String()
	if !strings.Contains(got, "checked 50000 products\n") || !strings.Contains(got, "10000 of 1000000 products, 1000 a second, about 17 min left\n") {
		t.Error(got)
	}
	if n := strings.Count(got, "\n"); n != 11 {
		t.Errorf("%d lines in 110 seconds", n)
	}
	b.Reset()
	tell = watch(&b, true, func() time.Time { return now })
	tell(catalog.Progress{Done: 5, Total: 5})
	if b.Len() > 0 {
		t.Errorf("a short import told %q", b.String())
	}
}
