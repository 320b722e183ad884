package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/fault"
)

func post(body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r
}

// Errors become status, page and one log line; nothing of the inside reaches the reader (V16.5.1, V16.3.4).
func TestErrorsBecomeAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		level  string
	}{
		"internal":     {errors.New("secret inside"), 500, "ERROR"},
		"invalid":      {fault.New(fault.Invalid, "web.form_invalid").WithField("email", "web.email", nil), 422, "DEBUG"},
		"not found":    {fmt.Errorf("secret inside: %w", fault.New(fault.NotFound, "web.not_found")), 404, "DEBUG"},
		"database":     {fmt.Errorf("secret inside: %w", db.ErrUnavailable), 503, "ERROR"},
		"full disk":    {fmt.Errorf("secret inside: %w", db.ErrFull), 503, "ERROR"},
		"large":        {&http.MaxBytesError{Limit: 1}, 413, "DEBUG"},
		"no fault set": {fault.New(fault.Internal, "secret.inside"), 500, "ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := &Face{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
				Page: func(w http.ResponseWriter, _ *http.Request, fl Failure) {
					w.WriteHeader(fl.Status)
					_, _ = fmt.Fprintf(w, "%+v", fl)
				}}
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/order/secret-link?email=secret-mail", nil)
			f.Handle(func(w http.ResponseWriter, _ *http.Request) error {
				w.Header().Set("ETag", "x")
				return c.err
			}).ServeHTTP(w, r)
			if w.Code != c.status || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("status %d, page %q", w.Code, w.Body)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
				t.Errorf("the page of an error may be cached: %v", w.Header())
			}
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), c.level) ||
				strings.Contains(log.String(), "secret-link") || strings.Contains(log.String(), "secret-mail") {
				t.Errorf("log: %s", log.String())
			}
		})
	}
}

// What nobody foresaw becomes an answer and a log line, and the program goes on (V16.5.4).
func TestPanicsBecomeAnswers(t *testing.T) {
	var log bytes.Buffer
	f := &Face{Log: slog.New(slog.NewTextHandler(&log, nil))}
	w := httptest.NewRecorder()
	f.Handle(func(http.ResponseWriter, *http.Request) error { panic("planted personal value") }).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(log.String(), "planted") || !strings.Contains(log.String(), "stack") {
		t.Errorf("status %d, log %s", w.Code, log.String())
	}
}

// Half a page is never taken for a whole one.
func TestErrorAfterWritingCutsTheConnection(t *testing.T) {
	defer func() {
		if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal
			t.Errorf("got %v", v)
		}
	}()
	(&Face{}).Handle(func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("late")
	}).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	t.Error("not cut")
}

// Hostile forms are refused as a whole (V2.2.1 and the parameter pollution of V15.3.7).
func TestHostileForms(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		kind fault.Kind
	}{
		"too many":     {strings.Repeat("a=1&", 101), fault.Malformed},
		"repeated":     {"a=1&a=2", fault.Malformed},
		"repeated odd": {"a=1&%61=2", fault.Malformed},
		"zero":         {"a=%00", fault.Malformed},
		"control":      {"a=%1b[31m", fault.Malformed},
		"utf-8":        {"a=%ff", fault.Malformed},
		"overlong":     {"a=%c0%ae", fault.Malformed},
		"surrogate":    {"a=%ed%a0%80", fault.Malformed},
		"turned":       {"a=%e2%80%ae", fault.Malformed},
		"percent":      {"a=%zz", fault.Malformed},
		"name":         {"a%00=1", fault.Malformed},
		"no name":      {"=1", fault.Malformed},
		"long name":    {strings.Repeat("a", 65) + "=1", fault.Malformed},
		"long value":   {"a=" + strings.Repeat("x", 17<<10), fault.TooLarge},
		"long body":    {"a=" + strings.Repeat("x", 65<<10), fault.TooLarge},
	} {
		if _, err := ReadForm(post(c.body)); fault.KindOf(err) != c.kind || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := post("a=1")
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if _, err := ReadForm(r); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("other type: %v", err)
	}
	if f, err := ReadForm(post("a=1&a=2"), "a"); err != nil || len(f.All("a")) != 2 {
		t.Errorf("declared as repeatable: %v", err)
	}
}

func TestFieldsAndWhatWasTyped(t *testing.T) {
	f, err := ReadForm(post("name=+Ana++Mar%C3%ADa+&n=7&far=100&mail=a%40b.de&bad=a%40b&word=blue&note=one%0D%0Atwo&empty="))
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Text("name", 20); s != "Ana María" {
		t.Errorf("text %q", s)
	}
	if n := f.Int("n", 1, 9); n != 7 {
		t.Errorf("number %d", n)
	}
	if s := f.Email("mail"); s != "a@b.de" {
		t.Errorf("mail %q", s)
	}
	if s := f.Lines("note", 20); s != "one\ntwo" {
		t.Errorf("lines %q", s)
	}
	if f.Choice("word", "red", "blue") != "blue" || f.IntOr("empty", 3, 1, 9) != 3 || f.Err() != nil {
		t.Errorf("faults: %v", f.Err())
	}
	f.Int("far", 1, 9)
	f.Email("bad")
	f.Required("gone", 10)
	f.Text("name", 3)
	f.Choice("word", "green")
	ft := fault.As(f.Err())
	if ft == nil || len(ft.Fields) != 5 || ft.Kind != fault.Invalid {
		t.Fatalf("faults: %v", f.Err())
	}
	if x, ok := f.Fault("bad"); !ok || x.Key != "web.email" || f.Typed("bad") != "a@b" {
		t.Errorf("fault %v, typed %q", x, f.Typed("bad"))
	}
}

func TestPlainEmail(t *testing.T) {
	for s, good := range map[string]bool{"a@b.de": true, "o'neil+x@sub.example.org": true, "jörg@bücher.example": true,
		"": false, "a": false, "a@b": false, "a@b@c.de": false, "a b@c.de": false, "a@-b.de": false, ".a@b.de": false, "a..b@c.de": false,
		"<a@b.de>": false, "a@b.de\nBcc: x@y.z": false, "a@b_c.de": false, "a@b..de": false, strings.Repeat("a", 65) + "@b.de": false, "a@b.d": false} {
		if PlainEmail(s) != good {
			t.Errorf("%q: %v", s, !good)
		}
	}
}

// Cookies are host-bound, secure and out of script's reach (V3.3.1-V3.3.4).
func TestCookie(t *testing.T) {
	w := httptest.NewRecorder()
	c := Cookie{Name: "__Host-shop"}
	c.Set(w, "value")
	got := w.Header().Get("Set-Cookie")
	for _, want := range []string{"__Host-shop=value", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "Domain") {
		t.Errorf("a domain in %s", got)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "__Host-shop=a; __Host-shop=b")
	if c.Get(r) != "" {
		t.Error("a cookie that comes twice was taken")
	}
}

func mac(data []byte) []byte {
	h := hmac.New(sha256.New, []byte("key"))
	h.Write(data)
	return h.Sum(nil)
}

// A form token belongs to one session (V3.5.1) and never looks the same twice.
func TestFormTokens(t *testing.T) {
	ft := FormTokens{MAC: mac}
	a, b := ft.For("session"), ft.For("session")
	if a == b || !ft.Valid("session", a) || !ft.Valid("session", b) {
		t.Error("tokens of the session do not hold")
	}
	for _, bad := range []string{"", a[:len(a)-1], a + "A", strings.Repeat("A", len(a)), ft.For("other")} {
		if ft.Valid("session", bad) {
			t.Errorf("%q was taken", bad)
		}
	}
	form := func(token string) *Form { return NewForm(map[string]string{TokenField: token}) }
	plain, told := post(""), post("")
	told.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, c := range map[string]struct {
		r       *http.Request
		f       *Form
		session string
		ok      bool
	}{
		"right token":             {plain, form(a), "session", true},
		"no token":                {told, form(""), "session", false},
		"other session":           {told, form(a), "other", false},
		"no session, told origin": {told, form(""), "", true},
		"no session, no origin":   {plain, form(""), "", false},
	} {
		if err := ft.Check(c.r, c.f, c.session); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNegotiate(t *testing.T) {
	offered := []string{"en", "de"}
	for header, want := range map[string]string{"": "en", "de": "de", "de-AT,en;q=0.8": "de", "fr,de;q=0.5,en;q=0.4": "de", "en;q=0,de;q=0.1": "de",
		"fr": "en", "*": "en", "de;q=x": "en", "DE": "de", "zh-Hant-TW, de-CH-1996;q=0.9": "de", "de;q=NaN,en;q=0.1": "en"} {
		if got := Negotiate(header, offered, "en"); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestFile(t *testing.T) {
	f := NewFile("text/css; charset=utf-8", Forever, []byte(strings.Repeat("a{color:red}", 100)), 9)
	get := func(header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		return w
	}
	if w := get("Accept-Encoding", "gzip, br"); w.Header().Get("Content-Encoding") != "br" || w.Body.Len() > 200 || w.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("brotli: %v", w.Header())
	}
	if w := get("Accept-Encoding", "gzip, br;q=0"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("gzip: %v", w.Header())
	}
	if w := get(); w.Body.Len() != 1200 || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("plain: %v", w.Header())
	}
	if w := get("If-None-Match", `"x", W/`+f.ETag, "Accept-Encoding", "br"); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("known: %d %v", w.Code, w.Header())
	}
}

// Redirects stay on this host (V3.7.2).
func TestRedirect(t *testing.T) {
	for path, want := range map[string]string{"/de/cart?x=1": "/de/cart?x=1", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example": "/",
		"/a\r\nSet-Cookie: x": "/", "": "/", "javascript:alert(1)": "/", "/ä": "/"} {
		w := httptest.NewRecorder()
		if _ = Redirect(w, path); w.Header().Get("Location") != want || w.Code != 303 {
			t.Errorf("%q: %q", path, w.Header().Get("Location"))
		}
	}
}

func TestClientAddr(t *testing.T) {
	p := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer, forwarded, want string
	}{
		{"203.0.113.1:5", "1.1.1.1", "203.0.113.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"10.0.0.1:5", "1.1.1.1", "1.1.1.1"},
		{"10.0.0.1:5", "6.6.6.6, 1.1.1.1", "1.1.1.1"},
		{"10.0.0.1:5", "1.1.1.1, 10.0.0.2", "1.1.1.1"},
		{"10.0.0.1:5", "1.1.1.1, nonsense, 10.0.0.2", "10.0.0.2"},
		{"10.0.0.1:5", "[2001:db8::1]:443", "2001:db8::1"},
		{"10.0.0.1:5", "::ffff:1.2.3.4", "1.2.3.4"},
		{"[::ffff:10.0.0.1]:5", "1.1.1.1", "1.1.1.1"},
		{"[fd00::1]:5", "2001:db8::1%eth0", "2001:db8::1"},
		{"@", "1.1.1.1", "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := p.ClientAddr(r).String(); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	if n := Network(netip.MustParseAddr("2001:db8::1:2:3:4")).String(); n != "2001:db8::/64" {
		t.Errorf("network %s", n)
	}
	if a := Client(WithClient(context.Background(), netip.MustParseAddr("1.2.3.4"))); a.String() != "1.2.3.4" {
		t.Errorf("client %s", a)
	}
}

// FuzzForwarded: without a trusted peer the header means nothing; with one the answer is an address.
func FuzzForwarded(f *testing.F) {
	f.Add("1.1.1.1, 10.0.0.2", "x")
	f.Add("[::1]:99,,", ",")
	p := Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, peer := range []string{"203.0.113.1:5", "10.0.0.1:5"} {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = peer
			r.Header["X-Forwarded-For"] = []string{a, b}
			got := p.ClientAddr(r)
			if !got.IsValid() || peer[0] == '2' && got.String() != "203.0.113.1" {
				t.Errorf("%q %q: %s", a, b, got)
			}
		}
	})
}

// FuzzForm: whatever is read within the limits is valid text, and what was typed comes back.
func FuzzForm(f *testing.F) {
	f.Add("a=1&b=%C3%A4&c=x+y")
	f.Add("a=%00&&=&%")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := ReadForm(post(body))
		if err != nil {
			if k := fault.KindOf(err); k != fault.Malformed && k != fault.TooLarge {
				t.Errorf("kind %d: %v", k, err)
			}
			return
		}
		if len(form.values) > MaxFields {
			t.Error("too many fields")
		}
		for name, vs := range form.values {
			if len(vs) != 1 || strings.ContainsRune(vs[0], 0) || strings.ToValidUTF8(vs[0], "") != vs[0] {
				t.Errorf("%q: %q", name, vs)
			}
			form.Text(name, 10)
			form.Int(name, 0, 10)
			form.Email(name)
			form.Lines(name, 5)
			_ = form.Token(name)
			_, _ = form.ID(name)
		}
	})
}
