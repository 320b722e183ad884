package shield

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzHost: only our own names, in any capitals and with the port of HTTPS, ever find a handler.
func FuzzHost(f *testing.F) {
	for _, h := range []string{"shop.localhost", "SHOP.LOCALHOST:443", "shop.localhost.", "", "shop.localhost:443:443", "[::1]", "shop.localhost@x", "ſhop.localhost"} {
		f.Add(h)
	}
	s, err := New(Options{Hosts: []Host{{Authority: "shop.localhost", Handler: http.NotFoundHandler()}}})
	if err != nil {
		f.Fatal(err)
	}
	ours := map[string]bool{"shop.localhost": true, "shop.localhost:443": true}
	f.Fuzz(func(t *testing.T, host string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		_, err := s.hostOf(r)
		lower := []byte(host)
		for i, c := range lower {
			if c >= 'A' && c <= 'Z' {
				lower[i] = c + 32
			}
		}
		if (err == nil) != ours[string(lower)] {
			t.Errorf("%q: %v", host, err)
		}
	})
}
