//go:build browser

package chrome

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// The harness itself: it clicks, types, waits and reports, with script and without.
func TestPageWorksWithAndWithoutScript(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		fmt.Fprint(w, `<!doctype html><title>One</title><style>p{}</style><form method=post action=/two><label for=a>Name</label><input id=a name=a><button>Go on</button></form>
			<script src=/x.js></script>`)
	})
	mux.HandleFunc("GET /x.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `document.title = "Ran"`)
	})
	mux.HandleFunc("POST /two", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(w, `<!doctype html><title>Two</title><p id=got>%s</p>`, r.FormValue("a"))
	})
	mux.HandleFunc("GET /favicon.ico", func(http.ResponseWriter, *http.Request) {})
	srv := httptest.NewTLSServer(mux)
	defer srv.Close()
	sum := sha256.Sum256(srv.Certificate().RawSubjectPublicKeyInfo)
	b, err := Open(t.Context(), []string{base64.StdEncoding.EncodeToString(sum[:])})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, off := range []bool{false, true} {
		p := b.Page(t, Options{Width: 390, NoScript: off})
		if s := p.Goto(srv.URL + "/"); s != 200 {
			t.Fatalf("status %d", s)
		}
		if got, want := p.Title(), map[bool]string{false: "Ran", true: "One"}[off]; got != want {
			t.Errorf("script off %v: title %q", off, got)
		}
		if said := strings.Join(p.Troubles(), "\n"); !strings.Contains(said, "style-src") && !strings.Contains(said, "inline style") {
			t.Errorf("script off %v: the blocked style was not reported: %q", off, said)
		}
		p.Fill("#a", "Ada")
		p.FollowText("Go on")
		if p.Text("#got") != "Ada" || p.Status() != http.StatusUnprocessableEntity {
			t.Errorf("script off %v: %q with status %d", off, p.Text("#got"), p.Status())
		}
		if said := p.Troubles(); len(said) > 0 {
			t.Errorf("script off %v: %q", off, said)
		}
		p.Back()
		p.Key(kb.Tab)
		if p.Title() == "Two" || len(p.Cookies()) > 0 || len(p.Hosts()) != 1 || len(p.Whole()) == 0 {
			t.Errorf("script off %v: %q %v", off, p.Title(), p.Hosts())
		}
		p.Close()
	}
}
