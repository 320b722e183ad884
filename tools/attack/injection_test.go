package attack

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/corazawaf/coraza-coreruleset/v4/tests"

	"strongroom/tools/shopper"
)

// corpus takes the attacks out of the regression tests of the OWASP core rule set: every value of every query and form
// in the folders of the given attack classes.
func corpus(t *testing.T, folders ...string) []string {
	t.Helper()
	seen := map[string]bool{}
	line := regexp.MustCompile(`^\s*(?:data|uri):\s*(".*"|'.*'|[^|>].*)$`)
	for _, folder := range folders {
		err := fs.WalkDir(tests.FS, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.Contains(path, folder) {
				return err
			}
			b, err := fs.ReadFile(tests.FS, path)
			for l := range strings.Lines(string(b)) {
				if m := line.FindStringSubmatch(strings.TrimRight(l, "\r\n")); m != nil {
					values(m[1], seen)
				}
			}
			return err
		})
		fatal(t, err)
	}
	var out []string
	for v := range seen {
		out = append(out, v)
	}
	sort.Strings(out)
	if len(out) < 100 {
		t.Fatalf("only %d attacks were found: the corpus is not read right", len(out))
	}
	return out
}

func values(quoted string, seen map[string]bool) {
	s, err := strconv.Unquote(quoted)
	if err != nil {
		s = strings.Trim(quoted, `"'`)
	}
	if i := strings.IndexByte(s, '?'); i >= 0 && strings.HasPrefix(s, "/") {
		s = s[i+1:]
	}
	q, _ := url.ParseQuery(s)
	for _, list := range q {
		for _, v := range list {
			if v != "" {
				seen[v] = true
			}
		}
	}
	seen[s] = true
}

// inside are texts that only the inside of the program knows.
var inside = regexp.MustCompile(`(?i)sqlite|sqlstate|pgx|goroutine|runtime error|panic:|syntax error|near "|strongroom/(base|guard|shop|front)|root:x:0|\bselect .* from [a-z]+_[a-z]+`)

// sqlInjection sends the corpus into every parameter (V1.2.4, V2.2.1): no error of the inside, no other rows.
func sqlInjection(t *testing.T, s *site) string {
	before := s.count(t, `SELECT COUNT(*) FROM catalog_product`) + s.count(t, `SELECT COUNT(*) FROM order_head`)
	n := everyParameter(t, s, corpus(t, "942-APPLICATION-ATTACK-SQLI"))
	if after := s.count(t, `SELECT COUNT(*) FROM catalog_product`) + s.count(t, `SELECT COUNT(*) FROM order_head`); after != before {
		t.Errorf("%d rows before, %d after", before, after)
	}
	return fmt.Sprintf("%d requests from the core rule set's corpus; same rows, no word of the inside", n)
}

// injection sends scripts, paths, commands and templates (V1.2.1, V1.2.5, V1.3.7, V5.3.2): what comes back is escaped,
// and nothing is executed or read.
func injection(t *testing.T, s *site) string {
	own := []string{`"><script>alert(1)</script>`, `'-alert(1)-'`, `javascript:alert(1)`, `<img src=x onerror=alert(1)>`, `{{7*7}}${7*7}<%=7*7%>#{7*7}`,
		`../../../../etc/passwd`, `..%2f..%2fetc%2fpasswd`, `$(sleep 9)`, "`id`", `<svg/onload=alert(1)>`, "\u202e\u0000\ufffe", strings.Repeat("A", 9000)}
	n := everyParameter(t, s, append(own, corpus(t, "941-APPLICATION-ATTACK-XSS", "930-APPLICATION-ATTACK-LFI", "932-APPLICATION-ATTACK-RCE",
		"933-APPLICATION-ATTACK-PHP", "934-APPLICATION-ATTACK-GENERIC", "931-APPLICATION-ATTACK-RFI")...))
	return fmt.Sprintf("%d requests; everything came back escaped or was refused", n)
}

// target is one parameter of one address.
type target struct {
	method, path, name string
	others             url.Values
}

var targets = []target{
	{"GET", "/en/search", "q", nil}, {"GET", "/en/search/suggest", "q", nil}, {"GET", "/en/search", "sort", url.Values{"q": {"bowl"}}},
	{"GET", "/en/c/tableware", "sort", nil}, {"GET", "/en/c/tableware", "after", nil}, {"GET", "/en/c/tableware", "min", nil},
	{"GET", "/en/c/tableware", "max", nil}, {"GET", "/en/c/tableware", "o", nil}, {"GET", "/en/p/bowl", "variant", nil},
	{"POST", "/en/cart/add", "variant", url.Values{"quantity": {"1"}}}, {"POST", "/en/cart/add", "quantity", nil},
	{"POST", "/en/cart/code", "code", nil}, {"POST", "/en/order/open", "link", nil}, {"POST", "/en/order/link", "number", nil},
	{"POST", "/en/order/link", "email", nil}, {"POST", "/en/withdraw", "name", nil}, {"POST", "/en/withdraw", "statement", nil},
	{"POST", "/en/withdraw", "email", nil}, {"POST", "/en/checkout", "name", nil}, {"POST", "/en/checkout", "postcode", nil},
	{"GET", "/en/order/return", "payment", nil}, {"GET", "/en/p/", "", nil}, {"GET", "/en/c/", "", nil}, {"GET", "/media/", "", nil}, {"GET", "/assets/", "", nil},
}

// everyParameter sends every attack into some parameters every day, and into all of them in the full run.
func everyParameter(t *testing.T, s *site, attacks []string) int {
	t.Helper()
	type shot struct {
		to target
		v  string
	}
	shots := make(chan shot)
	var n int
	go func() {
		defer close(shots)
		for i, v := range attacks {
			for j, to := range targets {
				if full || (i+j)%len(targets) < 2 {
					shots <- shot{to, v}
					n++
				}
			}
		}
	}()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			b := s.stranger()
			p, err := b.Get(t.Context(), s.Shop+"/en/p/bowl")
			if err == nil {
				if f, ferr := p.Form("/cart/add"); ferr == nil {
					_, _ = b.Submit(t.Context(), f, nil) // so that cart and checkout have something to show
				}
			}
			for x := range shots {
				s.shoot(t, b, x.to, x.v)
			}
		})
	}
	wg.Wait()
	return n
}

func (s *site) shoot(t *testing.T, b *shopper.Shopper, to target, v string) {
	b.From = s.stranger().From
	var p *shopper.Page
	var err error
	values := url.Values{}
	for k, l := range to.others {
		values[k] = l
	}
	switch {
	case to.name == "":
		p, err = b.Once(t.Context(), http.MethodGet, s.Shop+to.path+url.PathEscape(v), "")
	case to.method == "GET":
		values.Set(to.name, v)
		p, err = b.Once(t.Context(), http.MethodGet, s.Shop+to.path+"?"+values.Encode(), "")
	default:
		values.Set(to.name, v)
		p, err = b.Once(t.Context(), http.MethodPost, s.Shop+to.path, values.Encode())
	}
	if err != nil {
		t.Errorf("%s %s %s=%.60q: %v", to.method, to.path, to.name, v, err)
		return
	}
	if p.Status >= 500 {
		t.Errorf("%s %s %s=%.100q: status %d", to.method, to.path, to.name, v, p.Status)
	}
	if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
		body := string(p.Body)
		if m := inside.FindString(body); m != "" && !inside.MatchString(v) {
			t.Errorf("%s %s %s=%.100q: the page says %q", to.method, to.path, to.name, v, m)
		}
		if strings.ContainsAny(v, "<") && len(v) > 6 && strings.Contains(body, v) {
			t.Errorf("%s %s %s=%.100q comes back unescaped", to.method, to.path, to.name, v)
		}
		if csp := p.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") && !strings.Contains(csp, "default-src 'none'") && !strings.Contains(csp, "script-src 'none'") {
			t.Errorf("%s %s: the policy lets scripts run: %q", to.method, to.path, csp)
		}
	}
}
