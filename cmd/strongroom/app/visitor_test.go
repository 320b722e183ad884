package app

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/mail"
	"strongroom/base/sms"
	"strongroom/base/web"
	"strongroom/guard/identity"
	"strongroom/guard/identity/hash"
	"strongroom/guard/identity/identitytest"
)

const (
	origin     = "https://shop.example.org"
	passphrase = "seven lamps over a quiet harbour"
)

// counter is a store whose clock the test moves, whose mails and messages it reads, and whose pages it walks through
// without a browser: what takes days, and what many do at once.
type counter struct {
	t     *testing.T
	s     *Store
	clock *clock.Manual
	mu    sync.Mutex
	mails []mail.Message
	texts []sms.Message
	shop  http.Handler
}

// Send keeps a mail.
func (h *counter) Send(_ context.Context, m mail.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mails = append(h.mails, m)
	return nil
}

// phonebook keeps short messages.
type phonebook struct{ h *counter }

// Send keeps a short message.
func (p phonebook) Send(_ context.Context, m sms.Message) error {
	p.h.mu.Lock()
	defer p.h.mu.Unlock()
	p.h.texts = append(p.h.texts, m)
	return nil
}

// onBoth opens a store on each engine.
func onBoth(t *testing.T, do func(t *testing.T, h *counter)) {
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			do(t, openCounter(t, e))
		})
	}
}

// onOne opens a store on the engine in its folder: for what is about pages and not about what they read.
func onOne(t *testing.T, do func(t *testing.T, h *counter)) {
	t.Parallel()
	do(t, openCounter(t, db.SQLite))
}

func openCounter(t *testing.T, e db.Engine) *counter {
	shop, err := DemoShop(origin)
	if err != nil {
		t.Fatal(err)
	}
	h := &counter{t: t, clock: clock.NewManual(noon)}
	cfg := Config{Shop: shop, Place: InFolder(t.TempDir()), Clock: h.clock, Mail: h,
		Payment: Payment{SandboxURL: "https://pay.localhost:1", Account: "a", APIKey: strings.Repeat("k", 24), NoticeSecret: strings.Repeat("s", 24)},
		Identity: Identity{Hash: hash.Params{Memory: 64, Passes: 1, Lanes: 1}, SMS: phonebook{h},
			Phones: identity.PhoneRules{On: true, Home: "DE", Countries: []string{"DE", "AT"}}}}
	if e == db.Postgres {
		cfg.Place.Data, cfg.Place.Keys = dbtest.DSN(t, e, "data"), dbtest.DSN(t, e, "keys")
	}
	if h.s, err = Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.s.Close() })
	host, err := h.s.shopHost(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.shop = host.Handler
	return h
}

// mostCookie is far below the 4,096 bytes past which browsers drop a cookie (V3.3.5): ours are tokens and short words.
const mostCookie = 400

// run does the jobs that are due.
func (h *counter) run() {
	h.t.Helper()
	for range 3 {
		if _, err := h.s.Jobs.RunDue(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
	}
}

// mail is the newest mail to somebody whose subject holds the words.
func (h *counter) mail(to, words string) mail.Message {
	h.t.Helper()
	h.run()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.mails) - 1; i >= 0; i-- {
		if m := h.mails[i]; m.To == to && strings.Contains(m.Subject, words) {
			return m
		}
	}
	h.t.Fatalf("no mail to %s about %q; there are %d", to, words, len(h.mails))
	return mail.Message{}
}

var linkIn = regexp.MustCompile(`https://[^\s]+/account/link/[A-Za-z0-9_-]+`)

// link is the path of the link in such a mail.
func (h *counter) link(to, words string) string {
	h.t.Helper()
	return strings.TrimPrefix(linkIn.FindString(h.mail(to, words).Text), origin)
}

// visitor is somebody with a browser of her own and no script.
type visitor struct {
	h       *counter
	jar     map[string]string
	from    netip.Addr
	agent   string
	host    string
	path    string
	status  int
	header  http.Header
	body    string
	doc     *html.Node
	follows bool
}

// browser is a fresh one in a network of its own.
func (h *counter) browser(network byte) *visitor {
	return &visitor{h: h, jar: map[string]string{}, from: netip.AddrFrom4([4]byte{203, 0, 113 - network, 7}), host: "shop.example.org",
		agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", follows: true}
}

func (b *visitor) ask(method, path string, form url.Values) *visitor {
	b.h.t.Helper()
	for range 6 {
		r := httptest.NewRequest(method, "https://"+b.host+path, strings.NewReader(form.Encode()))
		r = r.WithContext(web.WithClient(r.Context(), b.from))
		r.Header.Set("User-Agent", b.agent)
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		for k, v := range b.jar {
			r.AddCookie(&http.Cookie{Name: k, Value: v})
		}
		w := httptest.NewRecorder()
		b.h.shop.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if len(c.Name)+len(c.Value) > mostCookie {
				b.h.t.Errorf("%s %s sets %s with %d bytes", method, path, c.Name, len(c.Value))
			}
			if b.jar[c.Name] = c.Value; c.MaxAge < 0 {
				delete(b.jar, c.Name)
			}
		}
		b.path, b.status, b.header, b.body = path, w.Code, w.Header(), w.Body.String()
		to := w.Header().Get("Location")
		if to == "" || !b.follows {
			break
		}
		method, path, form = http.MethodGet, to, nil
	}
	b.doc, _ = html.Parse(strings.NewReader(b.body))
	return b
}

func (b *visitor) get(path string) *visitor { b.h.t.Helper(); return b.ask(http.MethodGet, path, nil) }

// send sends the form that leads to an action, with what it holds already and what is typed.
func (b *visitor) send(action string, typed ...string) *visitor {
	b.h.t.Helper()
	form := b.form(action)
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	return b.ask(http.MethodPost, "/en"+action, form)
}

// form is what the form of an action holds.
func (b *visitor) form(action string) url.Values {
	b.h.t.Helper()
	for n := range b.doc.Descendants() {
		if n.Data != "form" || attr(n, "action") != "/en"+action {
			continue
		}
		out := url.Values{}
		for f := range n.Descendants() {
			if f.Data == "input" && attr(f, "name") != "" {
				out.Set(attr(f, "name"), attr(f, "value"))
			}
		}
		return out
	}
	b.h.t.Fatalf("%s has no form for %s: %s", b.path, action, b.text())
	return nil
}

// at stops unless the browser is at a path.
func (b *visitor) at(path string) *visitor {
	b.h.t.Helper()
	if got, _, _ := strings.Cut(b.path, "?"); got != "/en"+path {
		b.h.t.Fatalf("at %s (%d) instead of %s: %s", b.path, b.status, path, b.text())
	}
	return b
}

// says stops unless the page says the text of a key.
func (b *visitor) says(key string, params ...any) *visitor {
	b.h.t.Helper()
	if want := b.t(key, params...); !strings.Contains(b.text(), want) {
		b.h.t.Fatalf("%s (%d) does not say %q: %s", b.path, b.status, want, b.text())
	}
	return b
}

func (b *visitor) t(key string, params ...any) string { return b.h.s.Texts.For("en").T(key, params...) }

// text is what the page says, in its content.
func (b *visitor) text() string {
	var out strings.Builder
	for n := range b.doc.Descendants() {
		if n.Type != html.TextNode || n.Parent.Data == "script" || n.Parent.Data == "style" {
			continue
		}
		out.WriteString(n.Data + " ")
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// one is the text of the first element of a kind whose class or name is given.
func (b *visitor) one(class string) string {
	for n := range b.doc.Descendants() {
		if attr(n, "class") == class || attr(n, "name") == class {
			if v := attr(n, "value"); n.Data == "input" {
				return v
			}
			if n.FirstChild != nil {
				return strings.TrimSpace(n.FirstChild.Data)
			}
		}
	}
	return ""
}

// all are the texts of the items of a list with a class.
func (b *visitor) all(class string) (out []string) {
	for n := range b.doc.Descendants() {
		if n.Data == "li" && attr(n.Parent, "class") == class {
			out = append(out, strings.TrimSpace(n.FirstChild.Data))
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// signUp begins an account with a password.
func (b *visitor) signUp(email string) *visitor {
	b.h.t.Helper()
	b.get("/en/account/sign-up").send("/account/sign-up", "email", email).at("/account/wait")
	b.get(b.h.link(email, "Confirm")).send("/account/link").at("/account/begin")
	return b.send("/account/password", "password", passphrase).at("/account")
}

// signIn types address and password.
func (b *visitor) signIn(email, password string) *visitor {
	b.h.t.Helper()
	return b.get("/en/account/sign-in").send("/account/sign-in", "email", email, "password", password)
}

// room goes to a page of the account, with a fresh proof if one is asked for.
func (b *visitor) room(path string) *visitor {
	b.h.t.Helper()
	if b.get("/en" + path); strings.HasPrefix(b.path, "/en/account/factor") {
		b.send("/account/factor", "method", "password", "proof-password", passphrase)
	}
	return b.at(path)
}

// codes makes ten recovery codes.
func (b *visitor) codes() []string {
	b.h.t.Helper()
	codes := b.room("/account/codes").send("/account/codes").all("codes")
	if len(codes) != 10 {
		b.h.t.Fatalf("%d codes: %s", len(codes), b.text())
	}
	return codes
}

// passkey does what the script of passkeys does.
func (b *visitor) passkey(aim string, device *identitytest.Authenticator, create bool) (url.Values, *visitor) {
	b.h.t.Helper()
	form := b.form("/account/passkey")
	form.Set("aim", aim)
	asked := *b
	asked.ask(http.MethodPost, "/en/account/passkey/options", form)
	var c struct {
		Ceremony string          `json:"ceremony"`
		Options  json.RawMessage `json:"options"`
	}
	if err := json.Unmarshal([]byte(asked.body), &c); err != nil {
		b.h.t.Fatalf("%d: %s", asked.status, asked.text())
	}
	sign := device.Get
	if create {
		sign = device.Create
	}
	response, err := sign(c.Options)
	if err != nil {
		b.h.t.Fatal(err)
	}
	form.Set("ceremony", c.Ceremony)
	form.Set("response", string(response))
	return form, b.ask(http.MethodPost, "/en/account/passkey", form)
}

// wait moves the clock and does what is due.
func (h *counter) wait(d time.Duration) { h.t.Helper(); h.clock.Advance(d); h.run() }
