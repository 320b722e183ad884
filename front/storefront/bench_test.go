package storefront

import (
	"fmt"
	"net/http"
	"testing"
)

// discard is a reader on a fast line.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkPages measures what a page costs without its catalogue: out of the cache, and made anew each time.
func BenchmarkPages(b *testing.B) {
	s := newStore(b, 60)
	for name, path := range map[string]string{"home": "/en/", "category": "/en/c/tableware", "product": "/en/p/bowl-1", "search": "/en/search?q=bowl"} {
		r, err := http.NewRequest("GET", "https://shop.localhost:8443"+path, nil)
		must(b, err)
		r.Header.Set("Accept-Encoding", "gzip")
		b.Run(fmt.Sprintf("%s/cached", name), func(b *testing.B) {
			for b.Loop() {
				s.ServeHTTP(discard{http.Header{}}, r)
			}
		})
		b.Run(fmt.Sprintf("%s/made", name), func(b *testing.B) {
			for b.Loop() {
				s.stand.version.Add(1)
				s.ServeHTTP(discard{http.Header{}}, r)
			}
		})
	}
}
