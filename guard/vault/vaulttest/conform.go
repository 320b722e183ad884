package vaulttest

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"strongroom/guard/vault"
)

// Conform is what every provider of root keys must do. open gives one over a key that is there, other one over another
// key.
func Conform(t *testing.T, open, other vault.RootKey) {
	t.Helper()
	ctx := context.Background()
	plain := []byte("thirty-two bytes of a secret key")
	wrap := func(k vault.RootKey) []byte {
		t.Helper()
		w, err := k.Wrap(ctx, plain)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	a, b := wrap(open), wrap(open)
	if bytes.Equal(a, b) || bytes.Contains(a, plain) {
		t.Error("the same key looks the same when it is wrapped twice, or can be seen")
	}
	for _, w := range [][]byte{a, b} {
		if got, err := open.Unwrap(ctx, w); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("unwrapped %d bytes, %v", len(got), err)
		}
	}
	refused(t, ctx, other, a, "another key")
	for _, i := range []int{0, len(a) / 2, len(a) - 5} {
		changed := bytes.Clone(a)
		changed[i] ^= 2
		refused(t, ctx, open, changed, "a changed byte")
	}
	refused(t, ctx, open, a[:len(a)-8], "a cut")
	refused(t, ctx, open, nil, "nothing")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			w, err := open.Wrap(ctx, plain)
			if err == nil {
				_, err = open.Unwrap(ctx, w)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func refused(t *testing.T, ctx context.Context, k vault.RootKey, wrapped []byte, what string) {
	t.Helper()
	got, err := k.Unwrap(ctx, wrapped)
	if err == nil || got != nil {
		t.Errorf("%s was opened", what)
	}
	if err != nil && strings.Contains(err.Error(), "thirty-two") {
		t.Errorf("%s: the error shows the key", what)
	}
}
