package shopper

import (
	"net/url"
	"reflect"
	"testing"
)

func TestFormsAreReadAsABrowserWould(t *testing.T) {
	p := &Page{URL: &url.URL{Path: "/x"}, Body: []byte(`<title>A &amp; B</title>
	<form method="post" action="/en/cart?a=1&amp;b=2" id="buy"><input type="hidden" name="t" value="a&quot;&gt;b">
	<input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
	<input type=checkbox name=c value=yes><select name="s"><option value="x">X<option value="y" selected>Y</select>
	<textarea name="n">
Grü&szlig;e</textarea><input name="q" value=""><button name="go" value="1">Go</button></form>`)}
	f, err := p.Form("/cart")
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"t": {`a">b`}, "r": {"2"}, "s": {"y"}, "n": {"Grüße"}, "q": {""}}
	if f.Action != "/en/cart?a=1&b=2" || f.Method != "POST" || !reflect.DeepEqual(f.Values, want) || p.Title() != "A & B" {
		t.Fatalf("%+v", f)
	}
	if _, err := p.Form("nowhere"); err == nil {
		t.Fatal("a form was found that is not there")
	}
}
