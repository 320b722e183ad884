package demo

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/base/mail"
	"strongroom/base/mail/captured"
	"strongroom/base/sms"
	smscaptured "strongroom/base/sms/captured"
)

// flip seals for a test: every bit the other way.
func flip(b []byte) ([]byte, error) {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0xff
	}
	return out, nil
}

func outbox(t *testing.T, dir string) (*Outbox, *captured.Box) {
	t.Helper()
	box, err := captured.Open(dir, clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)), flip, flip)
	if err != nil {
		t.Fatal(err)
	}
	phones, err := smscaptured.Open(dir, clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)), flip, flip)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOutbox(box, phones, texts, config.Shop{Name: "Shop", Email: "shop@example.org", Languages: []string{"en", "de"},
		DefaultLanguage: "en", TimeZone: time.UTC, PublicURL: "https://shop.localhost"})
	if err != nil {
		t.Fatal(err)
	}
	return o, box
}

func fetch(t *testing.T, o *Outbox, path, language string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Language", language)
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	return w
}

// Whatever a mail holds, its pages run nothing and load nothing (V3.2.1, V1.2.1).
func TestHostileMailIsHarmless(t *testing.T) {
	o, box := outbox(t, t.TempDir())
	evil := `<script>alert(1)</script><img src=x onerror=alert(1)>`
	err := box.Send(context.Background(), mail.Message{ID: "1", To: "ada@example.org", Subject: "Hi " + evil, Kind: "confirmation",
		Text: evil + " see https://shop.localhost/en/order/open/abc. And javascript:alert(1)", HTML: "<p>" + evil + `<a href="https://shop.localhost/">x</a>`})
	if err != nil {
		t.Fatal(err)
	}
	path := "/mail/" + box.List()[0].ID.String()
	for _, p := range []string{"/", path} {
		if body := fetch(t, o, p, "en").Body.String(); strings.Contains(body, "<script>alert") || strings.Contains(body, "<img src=x") || strings.Contains(body, `href="javascript`) {
			t.Errorf("%s shows markup of a mail:\n%s", p, body)
		}
	}
	body := fetch(t, o, path, "en").Body.String()
	if !strings.Contains(body, `href="https://shop.localhost/en/order/open/abc"`) {
		t.Error("the mail's link cannot be opened")
	}
	if !strings.Contains(body, `sandbox="allow-popups allow-popups-to-escape-sandbox"`) {
		t.Error("the frame is not sandboxed")
	}
	html := fetch(t, o, path+"/html", "en")
	csp := html.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox allow-popups") || strings.Contains(csp, "allow-scripts") {
		t.Errorf("policy of the HTML part: %s", csp)
	}
	if !strings.Contains(html.Body.String(), `<a target="_blank" href=`) {
		t.Error("links of the HTML part stay in the frame, where the shop does not open")
	}
	for _, bad := range []string{"/mail/nothing", "/mail/" + strings.Repeat("0", 32), path + "/html/more", "/x"} {
		if w := fetch(t, o, bad, "en"); w.Code != 404 {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}

// A second start shows what was there; no file shows whom it was for.
func TestOutboxIsKeptSealed(t *testing.T) {
	dir := t.TempDir()
	_, box := outbox(t, dir)
	if err := box.Send(context.Background(), mail.Message{ID: "1", To: "planted@example.org", Subject: "Planted", Text: "planted"}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil || bytes.Contains(b, []byte("lanted")) {
		t.Errorf("shown in clear: %v", err)
	}
	again, _ := outbox(t, dir)
	if body := fetch(t, again, "/", "de").Body.String(); !strings.Contains(body, "planted@example.org") || !strings.Contains(body, "Postausgang") {
		t.Errorf("the second start: %s", body)
	}
}

func TestEmptyOutboxSaysWhatToDo(t *testing.T) {
	o, _ := outbox(t, t.TempDir())
	if body := fetch(t, o, "/", "en").Body.String(); !strings.Contains(body, "Go to the shop") {
		t.Error("an empty outbox says nothing")
	}
	if h := o.Host("mail.localhost"); !h.Loopback {
		t.Error("the outbox answers strangers")
	}
}

// Short messages lie beside the mails, and are text whatever they hold.
func TestShortMessagesLieBesideMails(t *testing.T) {
	o, box := outbox(t, t.TempDir())
	if err := box.Send(context.Background(), mail.Message{ID: "1", To: "ada@example.org", Subject: "Hello", Text: "Hi", Kind: "confirmation"}); err != nil {
		t.Fatal(err)
	}
	if err := o.sms.Send(context.Background(), sms.Message{ID: "2", To: "+491701234567", Text: "123456 <b>is</b> your code", Kind: "code"}); err != nil {
		t.Fatal(err)
	}
	list := fetch(t, o, "/", "en").Body.String()
	if !strings.Contains(list, "Hello") || !strings.Contains(list, "123456 &lt;b&gt;is") || !strings.Contains(list, "+491701234567") {
		t.Errorf("the list is\n%s", list)
	}
	v := o.sms.List()[0].ID.String()
	if w := fetch(t, o, "/sms/"+v, "de"); w.Code != 200 || !strings.Contains(w.Body.String(), "Kurznachricht an &#43;491701234567") && !strings.Contains(w.Body.String(), "Kurznachricht an +491701234567") {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	for _, path := range []string{"/sms/" + strings.Repeat("0", 32), "/sms/x", "/mail/" + v} {
		if w := fetch(t, o, path, "en"); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// With ?to= only what went to one address or number is shown, and a hostile one stays text.
func TestOutboxOfOneAddress(t *testing.T) {
	o, box := outbox(t, t.TempDir())
	for i, to := range []string{"ada@example.org", "eve@example.org"} {
		if err := box.Send(context.Background(), mail.Message{ID: strconv.Itoa(i), To: to, Subject: []string{"For Ada", "For Eve"}[i], Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.sms.Send(context.Background(), sms.Message{ID: "2", To: "+491701234567", Text: "123456 is your code", Kind: "code"}); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]string{"ada@example.org": "For Ada", "%2B491701234567": "123456", "%3Cscript%3E": ""} {
		body := fetch(t, o, "/?to="+to, "en").Body.String()
		for _, said := range []string{"For Ada", "For Eve", "123456"} {
			if strings.Contains(body, said) != (said == want) {
				t.Errorf("%s: %q is shown or is not", to, said)
			}
		}
		if strings.Contains(body, "<script>") {
			t.Error("the address is markup")
		}
	}
}
