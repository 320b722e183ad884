package attack

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"strongroom/base/db/dbtest"
	"strongroom/tools/shopper"
)

// TestSurface looks at everything that the real program shows to a stranger, and at what it holds open itself.
func TestSurface(t *testing.T) {
	s := open(t, dbtest.Engines()[0])
	for name, look := range map[string]func(*testing.T, *site){
		"answers are what they say":       truthful,
		"nothing else is served":          nothingElse,
		"encoded twice, decoded once":     decodedOnce,
		"framing of HTTP 1":               framing,
		"framing of HTTP 2":               framing2,
		"a browser that says nothing":     silentBrowser,
		"files and sockets held open":     heldOpen,
		"random numbers under load":       manyTokens,
		"nothing of a session in a cache": nothingCached,
	} {
		t.Run(name, func(t *testing.T) { look(t, s) })
	}
}

var address = regexp.MustCompile(`(?:href|src|action|srcset)="([^"]*)"`)

// crawl follows the shop's own links and calls look with each answer.
func (s *site) crawl(t *testing.T, most int, look func(p *shopper.Page)) int {
	t.Helper()
	b := s.stranger()
	const hostile = `%22%3E%3Ca+href%3Djavascript:alert(1)%3E%26%2F..`
	todo := []string{"/", "/en/", "/de/", "/en/search?q=" + hostile, "/en/c/tableware?sort=" + hostile, "/en/account/sign-in?to=" + hostile,
		"/en/cart", "/en/checkout", "/en/nowhere", "/robots.txt", "/sitemap.xml", "/favicon.ico", "/en/p/bowl?variant=" + hostile}
	seen := map[string]bool{}
	for len(todo) > 0 && len(seen) < most {
		next := todo[0]
		if todo = todo[1:]; seen[next] {
			continue
		}
		seen[next] = true
		p, err := b.Once(t.Context(), http.MethodGet, s.Shop+next, "")
		fatal(t, err)
		look(p)
		if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, m := range address.FindAllSubmatch(p.Body, -1) {
			to, err := p.URL.Parse(strings.ReplaceAll(string(m[1]), "&amp;", "&"))
			if err != nil || !slices.Contains([]string{"https", "mailto", "tel"}, to.Scheme) {
				t.Errorf("%s leads to %q (%v)", next, m[1], err) // V1.2.2
				continue
			}
			if to.Host == p.URL.Host {
				to.Fragment = ""
				todo = append(todo, to.RequestURI())
			}
		}
	}
	return len(seen)
}

// truthful holds type and character set of every answer against its bytes (V4.1.1), and the addresses in every page
// against what they may be, with hostile text in those that repeat something (V1.2.2).
func truthful(t *testing.T, s *site) {
	n := s.crawl(t, 120, func(p *shopper.Page) {
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if len(p.Body) == 0 && p.Status >= 300 && p.Status < 400 {
			return
		}
		found, _, _ := mime.ParseMediaType(http.DetectContentType(p.Body))
		text := strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "xml") && kind != "image/svg+xml"
		switch {
		case err != nil:
			t.Errorf("%s has type %q", p.URL.Path, p.Header.Get("Content-Type"))
		case text && !strings.EqualFold(params["charset"], "utf-8"):
			t.Errorf("%s has no character set: %q", p.URL.Path, p.Header.Get("Content-Type"))
		case found != kind && !(text || strings.HasSuffix(kind, "json") || strings.HasPrefix(kind, "image/svg") || strings.HasPrefix(kind, "application/")) || kind == "text/html" != (found == "text/html"):
			t.Errorf("%s says %s and is %s", p.URL.Path, kind, found)
		case p.Header.Get("X-Content-Type-Options") != "nosniff":
			t.Errorf("%s may be taken for something else", p.URL.Path)
		}
	})
	if n < 30 {
		t.Errorf("%d pages were found", n)
	}
}

// nothingElse asks for files that lie about where stores are built and run (V13.4.7), and for what only a demo has
// (V15.2.3).
func nothingElse(t *testing.T, s *site) {
	b := s.stranger()
	tried := 0
	for _, name := range []string{"strongroom", "data", "keys", "backup", "index", "config", "main", "assets/store", "media/x", "en/index", ".env", ".git/config", "go"} {
		for _, ending := range []string{"", ".toml", ".db", ".db-wal", ".go", ".templ", ".sql", ".bak", ".zip", ".tar.gz", ".php", ".map", ".log", ".key", ".pem", "~", ".mod"} {
			if name == "assets/store" && ending == "" {
				continue
			}
			p, err := b.Once(t.Context(), http.MethodGet, s.Shop+"/"+name+ending, "")
			fatal(t, err)
			if tried++; p.Status != http.StatusNotFound && p.Status != http.StatusBadRequest && p.Status != http.StatusMovedPermanently && p.Status != http.StatusPermanentRedirect && p.Status != http.StatusSeeOther {
				t.Errorf("/%s%s is answered with %d", name, ending, p.Status)
			}
		}
	}
	u, err := url.Parse(s.Shop)
	fatal(t, err)
	for _, path := range []string{"/mail/1", "/mail/1/html", "/sms/1", "/outbox.css", "/outbox", "/demo", "/pay/1", "/api/sessions", "/metrics", "/goroutines", "/log", "/live", "/ready", "/debug/pprof/"} {
		p, err := b.Once(t.Context(), http.MethodGet, s.Shop+path, "")
		fatal(t, err)
		if p.Status != http.StatusNotFound {
			t.Errorf("%s is answered with %d", path, p.Status)
		}
	}
	for _, host := range []string{"outbox.localhost", "mail.localhost", "demo.localhost", "pay.localhost"} {
		if answer := s.raw(t, "GET / HTTP/1.1\r\nHost: "+host+":"+u.Port()+"\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(status(answer), "421") {
			t.Errorf("a host of the demo is answered with %.60q", answer)
		}
	}
}

// decodedOnce sends text that is encoded twice: it comes back as it was typed, one level of encoding still in it (V1.1.1).
func decodedOnce(t *testing.T, s *site) {
	b := s.stranger()
	const twice, once = "%253Cb%253E%2526amp%253B%252e%252e%252f", "%3Cb%3E%26amp%3B%2e%2e%2f"
	for _, path := range []string{"/en/search?q=", "/de/search?q="} {
		p, err := b.Get(t.Context(), s.Shop+path+twice)
		fatal(t, err)
		if !bytes.Contains(p.Body, []byte(once)) || bytes.Contains(p.Body, []byte("<b>&amp;")) {
			t.Errorf("%s is not shown as it was typed", path)
		}
	}
	for _, path := range []string{"/en/p/%2562owl", "/en/c/%2574ableware", "/assets%252f..%252f", "/en/order/open/%252e%252e", "/%2565n/"} {
		p, err := b.Once(t.Context(), http.MethodGet, s.Shop+path, "")
		fatal(t, err)
		if p.Status != http.StatusNotFound && p.Status != http.StatusGone && p.Status != http.StatusBadRequest {
			t.Errorf("%s is decoded twice: %d", path, p.Status)
		}
	}
	in, err := b.Get(t.Context(), s.at("/sign-in"))
	fatal(t, err)
	f, err := in.Form("/account/sign-in")
	fatal(t, err)
	p, err := b.Submit(t.Context(), f, url.Values{"email": {"a%40b.example&quot;"}, "password": {"x"}})
	fatal(t, err)
	if !bytes.Contains(p.Body, []byte(`value="a%40b.example&amp;quot;"`)) {
		t.Error("what was typed into a form is decoded again")
	}
}

// framing compares the length that an answer gives with the bytes that come, on pages, pictures, errors and answers
// without a body (V4.2.2).
func framing(t *testing.T, s *site) {
	u, err := url.Parse(s.Shop)
	fatal(t, err)
	for _, line := range []string{"GET /en/", "HEAD /en/", "GET /en/nowhere", "GET /", "GET /en/p/bowl", "HEAD /en/p/bowl", "GET /robots.txt", "POST /en/cart/add", "PUT /en/"} {
		for _, more := range []string{"", "Accept-Encoding: gzip\r\n", "If-None-Match: *\r\n"} {
			if strings.HasPrefix(line, "POST") {
				more += "Content-Length: 0\r\n"
			}
			answer := s.raw(t, line+" HTTP/1.1\r\nHost: "+u.Host+"\r\n"+more+"Connection: close\r\n\r\n")
			head, body, ok := strings.Cut(answer, "\r\n\r\n")
			length, chunked := -1, false
			for _, h := range strings.Split(head, "\r\n")[1:] {
				name, value, _ := strings.Cut(h, ": ")
				switch strings.ToLower(name) {
				case "content-length":
					if length >= 0 {
						t.Errorf("%s: two lengths", line)
					}
					length, err = strconv.Atoi(value)
					fatal(t, err)
				case "transfer-encoding":
					chunked = true
				}
			}
			bodiless := strings.HasPrefix(line, "HEAD") || strings.HasPrefix(status(answer), "304")
			switch {
			case !ok || length >= 0 && chunked:
				t.Errorf("%s: two framings: %q", line, head)
			case bodiless && body != "":
				t.Errorf("%s: %d bytes after an answer without a body", line, len(body))
			case !bodiless && !chunked && length != len(body):
				t.Errorf("%s %q: %d bytes, %d announced", line, more, len(body), length)
			}
		}
	}
}

// framing2 sends headers over HTTP/2 that belong to a connection, or hold line ends, and looks for such in the answer
// (V4.2.3, V4.2.4).
func framing2(t *testing.T, s *site) {
	bad := map[string]hpack.HeaderField{
		"transfer-encoding": {Name: "transfer-encoding", Value: "chunked"},
		"connection":        {Name: "connection", Value: "keep-alive"},
		"upgrade":           {Name: "upgrade", Value: "websocket"},
		"CR LF in a value":  {Name: "x-a", Value: "b\r\nx-injected: c"},
		"LF in a value":     {Name: "x-a", Value: "b\nx-injected: c"},
		"CR in a value":     {Name: "x-a", Value: "b\rc"},
		"line end in name":  {Name: "x-a\r\nx-b", Value: "c"},
		"capital in a name": {Name: "X-A", Value: "c"},
	}
	for name, field := range bad {
		if status, _ := s.ask2(t, field); status == "200" {
			t.Errorf("%s is served", name)
		}
	}
	got, fields := s.ask2(t, hpack.HeaderField{Name: "x-a", Value: "b"})
	if got != "200" {
		t.Fatalf("an honest request is answered with %q", got)
	}
	for _, f := range fields {
		if slices.Contains([]string{"connection", "transfer-encoding", "keep-alive", "upgrade", "proxy-connection"}, f.Name) || strings.ContainsAny(f.Value, "\r\n") {
			t.Errorf("the answer has %s: %q", f.Name, f.Value)
		}
	}
}

// ask2 sends one request over HTTP/2 and returns the answer's status; "" for a stream or connection that was ended.
func (s *site) ask2(t *testing.T, field hpack.HeaderField) (status string, fields []hpack.HeaderField) {
	t.Helper()
	u, err := url.Parse(s.Shop)
	fatal(t, err)
	c, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", u.Port()),
		&tls.Config{ServerName: u.Hostname(), RootCAs: s.Roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}})
	fatal(t, err)
	defer func() { _ = c.Close() }()
	fatal(t, c.SetDeadline(time.Now().Add(5*time.Second)))
	_, err = io.WriteString(c, http2.ClientPreface)
	fatal(t, err)
	f := http2.NewFramer(c, c)
	f.ReadMetaHeaders = hpack.NewDecoder(64<<10, nil)
	fatal(t, f.WriteSettings())
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, h := range []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: u.Host}, {Name: ":path", Value: "/en/"}, field} {
		fatal(t, enc.WriteField(h))
	}
	fatal(t, f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}))
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return "", nil
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			return frame.PseudoValue("status"), frame.RegularFields()
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return "", nil
		}
	}
}

// silentBrowser sends forms as a browser would that knows neither Sec-Fetch-Site nor Origin. What docs/browsers.md says
// happens: without the token of its session a form is refused, with it it is taken (V3.7.5).
func silentBrowser(t *testing.T, s *site) {
	m := s.newcomer(t, "silent@buyer.example", "198.25.0.1")
	p := m.get("/sign-up")
	f, err := p.Form("/account/sign-up")
	fatal(t, err)
	client := &http.Client{Transport: s.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for token, want := range map[string]int{f.Values.Get("form_token"): http.StatusSeeOther, "": http.StatusForbidden} {
		r, err := http.NewRequest(http.MethodPost, s.at("/sign-up"), strings.NewReader(url.Values{"form_token": {token}, "email": {m.email}}.Encode()))
		fatal(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "__Host-browser="+m.Cookie(s.Shop, "__Host-browser"))
		resp, err := client.Do(r)
		fatal(t, err)
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("a form with token %v is answered with %d", token != "", resp.StatusCode)
		}
	}
}

// heldOpen lists what the running program holds open: its databases, its sockets and standard error. Nothing is written
// anywhere that docs/logs.md does not name (V16.2.3), and everything that it names as a log of the program is there
// (V16.1.1).
func heldOpen(t *testing.T, s *site) {
	_, err := s.stranger().Buy(t.Context(), s.Shop, "/en/p/card", shopper.Somebody("held@shopper.example"), shopper.Paid)
	fatal(t, err)
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.PID()))
	fatal(t, err)
	databases := regexp.MustCompile(`^(data|keys)\.db(-wal|-shm|-journal)?$`)
	found := map[string]int{}
	for _, link := range links {
		to, err := os.Readlink(link)
		if err != nil {
			continue // closed meanwhile
		}
		switch name := filepath.Base(to); {
		case strings.HasPrefix(to, "socket:"), strings.HasPrefix(to, "anon_inode:"), strings.HasPrefix(to, "pipe:"), to == "/dev/null":
			found["wire"]++
		case strings.HasPrefix(to, s.Dir) && databases.MatchString(name), strings.HasPrefix(to, s.Dir) && strings.HasSuffix(name, "lock"):
			found["database"]++
		case !writable(strings.Replace(link, "/fd/", "/fdinfo/", 1)):
			found["read"]++
		default:
			t.Errorf("the program holds %s open", to)
		}
	}
	if found["wire"] == 0 || found["database"] < 2 {
		t.Errorf("%v: the search is broken", found)
	}
	err = filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(strings.ToLower(d.Name()), "log") {
			t.Errorf("%s looks like a log", path)
		}
		return err
	})
	fatal(t, err)
	page, err := os.ReadFile("../../docs/logs.md")
	fatal(t, err)
	for _, word := range []string{"audit log", "heads of the audit log", "program's log", "last lines", "metrics", "traces", "jobs that failed", "bounces of mail",
		"database server's log", "proxy's log", "| Log | What stands in it | Form | Where | Who reads it, and how | Kept |"} {
		if !bytes.Contains(page, []byte(word)) {
			t.Errorf("docs/logs.md does not speak of %q", word)
		}
	}
	if !strings.Contains(s.Log.String(), "level") && !strings.Contains(s.Log.String(), "INFO") {
		t.Error("the program's log does not go to standard error")
	}
}

// writable says whether a file is open for writing.
func writable(info string) bool {
	b, err := os.ReadFile(info)
	_, flags, ok := strings.Cut(string(b), "flags:\t")
	flags, _, _ = strings.Cut(flags, "\n")
	return err == nil && ok && len(flags) > 0 && flags[len(flags)-1]&3 != 0
}

// manyTokens has the program make tokens as fast as it can, from many hands, and looks for two that are alike (V11.5.2).
func manyTokens(t *testing.T, s *site) {
	const hands, each = 16, 25
	tokens := make(chan string, hands*each)
	gate := make(chan error, hands)
	for i := range hands {
		go func() {
			var err error
			for j := range each {
				b := s.Network.New(fmt.Sprintf("198.26.%d.%d", i, j+1))
				if _, err = b.Get(t.Context(), s.at("/sign-in")); err != nil {
					break
				}
				tokens <- b.Cookie(s.Shop, "__Host-browser")
			}
			gate <- err
		}()
	}
	for range hands {
		fatal(t, <-gate)
	}
	close(tokens)
	seen := map[string]bool{}
	for token := range tokens {
		if seen[token] || len(token) != 43 {
			t.Errorf("token %q", token)
		}
		seen[token] = true
	}
	if len(seen) != hands*each {
		t.Errorf("%d different tokens", len(seen))
	}
}

// nothingCached plants values through a shopper's session in every page that the server keeps in its memory, and reads
// those pages as a stranger (V14.2.2).
func nothingCached(t *testing.T, s *site) {
	m := s.newcomer(t, "cached.person@buyer.example", "198.27.0.1").withPasskey()
	p := &planted{}
	pages := []string{"/en/", "/en/p/bowl", "/en/c/tableware", "/en/search?q=" + p.word(), "/de/"}
	for _, path := range pages {
		m.Headers = http.Header{"Referer": {"https://elsewhere.example/" + p.word()}, "X-Own": {p.word()}}
		_, err := m.Get(t.Context(), s.Shop+path)
		fatal(t, err)
	}
	_, err := m.Buy(t.Context(), s.Shop, "/en/p/bowl", p.person(), shopper.Paid)
	fatal(t, err)
	stranger := s.stranger()
	for _, path := range append(pages[:3:3], pages[4], "/en/cart", "/en/checkout", "/en/account", "/en/order") {
		got, err := stranger.Get(t.Context(), s.Shop+path)
		fatal(t, err)
		for _, v := range append(p.values, m.email, m.session()) {
			if v != "" && bytes.Contains(got.Body, []byte(v)) {
				t.Errorf("%s shows a stranger %q", path, v)
			}
		}
		if got.Header.Get("Set-Cookie") != "" && strings.Contains(got.Header.Get("Cache-Control"), "public") {
			t.Errorf("%s may be kept with its cookie", path)
		}
	}
}
