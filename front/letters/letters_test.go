package letters

import (
	"strings"
	"testing"
	"unicode/utf8"

	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/shop/order"
)

func printer(t *testing.T, code string) *lang.Printer {
	t.Helper()
	c, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c.For(code)
}

// In a shop with prices before tax the tax is added and the total comes last; otherwise the tax is within the total.
func TestSumsByPriceMode(t *testing.T) {
	c := order.Content{Order: order.Order{Currency: "EUR", Mode: config.Exclusive, Goods: 10000, Discount: 1000, Shipping: 500,
		Net: 9500, Tax: 1805, Total: 11305, Code: "AUTU…", OfferName: "Parcel"}, Taxes: []order.Tax{{Rate: 190_000, Net: 9500, Tax: 1805}}}
	want := "Goods: €100.00\nDiscount AUTU…: −€10.00\nDelivery: Parcel: €5.00\nSum without tax: €95.00\n19% VAT: €18.05\nTotal: €113.05"
	if got := plainBlock(sumsOf(printer(t, "en"), c)); got != want {
		t.Errorf("exclusive:\n%s", got)
	}
	c.Mode, c.Discount, c.Total = config.Inclusive, 0, 10500
	want = "Goods: €100.00\nDelivery: Parcel: €5.00\nTotal: €105.00\nincluding 19% VAT: €18.05"
	if got := plainBlock(sumsOf(printer(t, "en"), c)); got != want {
		t.Errorf("inclusive:\n%s", got)
	}
}

// A page of the shop becomes part of a letter without scripts, pictures, foreign schemes or styles (V1.3.1, V1.3.5).
func TestPagesAreCleaned(t *testing.T) {
	w := newWriter()
	d, err := w.document("# Terms\n\n<script>alert(1)</script><img src=x onerror=y>\n\n[a](javascript:alert(1)) [b](https://shop.example/x)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<p style=\"color:red\" onclick=\"x()\">kept</p>")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "javascript:", "style=", "onclick"} {
		if strings.Contains(string(d.HTML), bad) {
			t.Errorf("the page holds %q: %s", bad, d.HTML)
		}
	}
	for _, good := range []string{"<h1>Terms</h1>", `href="https://shop.example/x"`, "<td>1</td>"} {
		if !strings.Contains(string(d.HTML), good) {
			t.Errorf("the page lacks %q: %s", good, d.HTML)
		}
	}
}

// What becomes a header is one line, whatever it was (V1.2.1).
func FuzzOneLine(f *testing.F) {
	for _, s := range []string{"a\r\nBcc: b", "\u2028x", "\u202eabc", "\xff", strings.Repeat("ä", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := oneLine(s, 100)
		if strings.ContainsAny(got, "\r\n\x00\u2028\u2029\u202e") || utf8.RuneCountInString(got) > 100 || !utf8.ValidString(got) {
			t.Fatalf("%q becomes %q", s, got)
		}
	})
}

func TestWrap(t *testing.T) {
	for _, line := range strings.Split(wrap(strings.Repeat("Wörter und ", 40)), "\n") {
		if utf8.RuneCountInString(line) > 78 || strings.HasSuffix(line, " ") {
			t.Errorf("%q", line)
		}
	}
	if long := strings.Repeat("x", 100); wrap("a "+long) != "a\n"+long {
		t.Error("a long word is cut")
	}
}

// What somebody typed stands in the HTML part as text, and an address that is none of a web page leads nowhere (V1.2.1).
func TestTextIsNoMarkup(t *testing.T) {
	evil := `<b onclick="x()">"O'Neil"</b>`
	html, text, err := newWriter().write(letter{Lang: "en", Shop: evil, Home: "javascript:alert(1)", Subject: evil, Title: evil, Test: evil,
		Footer: []string{evil, evil}, Blocks: []block{{Kind: para, Text: evil}, {Kind: quote, Text: evil}, {Kind: address, Lines: []string{evil, evil}},
			{Kind: goods, Goods: []good{{Name: evil, Detail: evil, Quantity: "2", Total: "1"}}}, {Kind: button, Text: evil, URL: "javascript:x()"},
			{Kind: sums, Rows: []row{{Label: evil, Value: evil, Strong: true}}}, {Kind: facts, Rows: []row{{Label: evil, Value: evil}}},
			{Kind: page, Page: document{HTML: "<h1>Terms</h1>", Text: "Terms"}}, {Kind: rule}, {Kind: heading, Text: evil}}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(html, "<b ") || strings.Contains(html, `href="javascript:`) {
		t.Errorf("markup got through:\n%s", html)
	}
	for _, want := range []string{"&lt;b onclick", "<h1>Terms</h1>", `<tr class="strong">`, "<hr>", "color-scheme: light dark", "2 &lt;b"} {
		if !strings.Contains(html, want) {
			t.Errorf("the HTML lacks %q:\n%s", want, html)
		}
	}
	if strings.Count(text, evil) < 9 {
		t.Errorf("the text part lacks what was typed:\n%s", text)
	}
}
