package id

import "testing"

// Only what NewToken makes is a token: one text for each, so that no two texts open one link.
func FuzzToken(f *testing.F) {
	f.Add(NewToken().Clear())
	for _, s := range []string{"", "A", NewToken().Clear() + "=", NewToken().Clear()[:42] + "\n", "тokentokentokentokentokentokentokentokentok"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseToken(s)
		if err == nil && (k.Clear() != s || len(s) != 43 || len(k.Hash()) != 32) {
			t.Errorf("%q is a token", s)
		}
		if err != nil && k != "" {
			t.Errorf("%q is refused and given back", s)
		}
	})
}
