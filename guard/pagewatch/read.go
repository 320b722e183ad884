package pagewatch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// form is a form as the stranger fills it.
type form struct {
	method, action string // action is a path of the shop, or a whole address elsewhere
	fields         []field
}

type field struct {
	name, kind, value string
	on                bool // a box that is ticked, or no box
}

// values are what the form would send as it stands.
func (f form) values() url.Values {
	v := url.Values{}
	for _, x := range f.fields {
		if x.name != "" && x.on && x.kind != "submit" && x.kind != "button" {
			v.Set(x.name, x.value)
		}
	}
	return v
}

// seen is what a page holds.
type seen struct {
	things  []Thing
	forms   []form
	links   []string // paths of the shop
	scripts []string // addresses of the shop whose content counts: scripts
	styles  []string
}

// form finds the form that leads to a path.
func (s *seen) form(path string) (form, bool) {
	for _, f := range s.forms {
		if f.action == path {
			return f, true
		}
	}
	return form{}, false
}

// reader takes one page apart. own is the shop's origin: whatever names another one is told with its whole address.
type reader struct {
	seen
	own  *url.URL
	page *url.URL
	form *form
}

// read takes a page apart as a browser would, with the parser that browsers' rules describe.
func read(own, page *url.URL, body []byte) (*seen, error) {
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r := &reader{own: own, page: page}
	r.walk(doc)
	return &r.seen, nil
}

// headers are the lines before a page, one thing for each.
func headers(h http.Header) (out []Thing) {
	for name, values := range h {
		for _, v := range values {
			out = append(out, Thing{Header, name, v})
		}
	}
	return out
}

func (r *reader) add(k Kind, name, value string) { r.things = append(r.things, Thing{k, name, value}) }

func (r *reader) walk(n *html.Node) {
	switch n.Type {
	case html.ElementNode:
		r.element(n)
	case html.TextNode:
		r.text(n)
	}
	was := r.form
	if n.Type == html.ElementNode && n.Data == "form" {
		r.forms = append(r.forms, form{method: strings.ToUpper(attr(n, "method", "get")), action: r.target(attr(n, "action", ""))})
		r.form = &r.forms[len(r.forms)-1]
		r.add(Form, r.form.method+" "+r.form.action, "")
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.walk(c)
	}
	if n.Type == html.ElementNode && n.Data == "form" {
		r.form = was
	}
}

// holders are elements that can hold a page, a program or a film of somebody's.
var holders = []string{"iframe", "frame", "object", "embed", "applet", "portal", "fencedframe", "base", "audio", "video", "template", "slot", "math", "animate", "set", "foreignobject"}

func (r *reader) element(n *html.Node) {
	if slices.Contains(holders, strings.ToLower(n.Data)) {
		r.add(Element, strings.ToLower(n.Data), clip(written(n), mostText))
	}
	switch n.Data {
	case "script":
		r.script(n)
	case "style":
		r.add(Style, "inline", hash([]byte(inner(n))))
	case "link":
		r.link(n)
	case "meta":
		if v := attr(n, "http-equiv", ""); v != "" {
			r.add(Connection, "meta "+strings.ToLower(v), attr(n, "content", ""))
		}
	case "img", "source", "track", "image", "use":
		r.media(n)
	case "a", "area":
		r.way(n)
	case "input", "select", "textarea", "button":
		r.field(n)
	}
	for _, a := range n.Attr {
		r.attribute(n, a)
	}
	if strings.Contains(n.Data, "-") { // an element that only a script could bring to life
		r.add(Element, n.Data, "")
	}
}

// running are the types of a script element that browsers run.
var running = []string{"", "text/javascript", "application/javascript", "module", "importmap", "speculationrules", "application/ecmascript", "text/ecmascript", "text/jscript", "text/livescript"}

func (r *reader) script(n *html.Node) {
	kind := strings.ToLower(strings.TrimSpace(attr(n, "type", "")))
	src, has := lookup(n, "src")
	if has {
		if n.Namespace == "svg" {
			src = attr(n, "href", src)
		}
		r.scripts = append(r.scripts, r.target(src))
		return // its content is fetched, and is a thing then
	}
	if slices.Contains(running, kind) || strings.Contains(kind, "javascript") {
		r.add(Script, "inline", hash([]byte(inner(n))))
		return
	}
	r.add(Data, kind, "")
}

func (r *reader) link(n *html.Node) {
	rel := strings.Join(strings.Fields(strings.ToLower(attr(n, "rel", ""))), " ")
	to := r.target(attr(n, "href", ""))
	if slices.Contains(strings.Fields(rel), "stylesheet") {
		r.styles = append(r.styles, to)
		return
	}
	r.add(Connection, "link "+rel, to)
}

func (r *reader) media(n *html.Node) {
	for _, name := range []string{"src", "href", "poster"} {
		if v, ok := lookup(n, name); ok {
			r.add(Connection, n.Data, r.target(v))
		}
	}
	if set, ok := lookup(n, "srcset"); ok {
		for _, v := range strings.Split(set, ",") {
			if f := strings.Fields(v); len(f) > 0 {
				r.add(Connection, n.Data, r.target(f[0]))
			}
		}
	}
}

// way notes links: those of the shop lead on, those elsewhere are things.
func (r *reader) way(n *html.Node) {
	v, ok := lookup(n, "href")
	if !ok {
		return
	}
	if to := r.target(v); strings.HasPrefix(to, "/") || strings.HasPrefix(to, "#") {
		r.links = append(r.links, to)
	} else {
		r.add(Way, to, "")
	}
	if ping, ok := lookup(n, "ping"); ok {
		r.add(Connection, "ping", ping)
	}
}

func (r *reader) field(n *html.Node) {
	f := field{name: attr(n, "name", ""), kind: strings.ToLower(attr(n, "type", "")), value: attr(n, "value", ""), on: true}
	switch n.Data {
	case "button":
		f.kind = cmpOr(f.kind, "submit")
	case "select":
		f.kind, f.value = "select", chosen(n)
	case "textarea":
		f.kind, f.value = "textarea", inner(n)
	default:
		f.kind = cmpOr(f.kind, "text")
	}
	if f.kind == "checkbox" || f.kind == "radio" {
		_, f.on = lookup(n, "checked")
	}
	where := "no form"
	if r.form != nil {
		where = r.form.method + " " + r.form.action
		r.form.fields = append(r.form.fields, f)
	}
	if to, ok := lookup(n, "formaction"); ok {
		r.add(Form, strings.ToUpper(attr(n, "formmethod", "post"))+" "+r.target(to), "formaction")
	}
	if owner, ok := lookup(n, "form"); ok {
		where = "form #" + owner
	}
	r.add(Field, where+" "+f.name, f.kind)
}

// attribute looks at what any element may carry: code, styles, and addresses elsewhere.
func (r *reader) attribute(n *html.Node, a html.Attribute) {
	name, value := strings.ToLower(a.Key), strings.TrimSpace(a.Val)
	switch {
	case strings.HasPrefix(name, "on"):
		r.add(Script, name, hash([]byte(value)))
	case name == "style":
		r.add(Style, "attribute", hash([]byte(value)))
	case name == "srcdoc":
		r.add(Element, "srcdoc", hash([]byte(value)))
	case name == "href" || name == "src" || name == "action" || name == "formaction" || name == "srcset" || name == "ping" || name == "content" || strings.HasPrefix(name, "xmlns"):
		if activeScheme(value) {
			r.add(Script, name, clip(value, mostText))
		}
	case strings.Contains(value, "//") && elsewhere.MatchString(value), activeScheme(value):
		r.add(Connection, n.Data+" "+name, clip(value, mostText))
	}
	r.suspect(value)
}

var elsewhere = regexp.MustCompile(`(?i)^\s*(https?:|wss?:|ftp:)?//`)

// activeScheme says whether an address is code or brings its content along. Browsers leave out blanks in it.
func activeScheme(v string) bool {
	plain := strings.ToLower(strings.Map(func(c rune) rune {
		if c <= ' ' {
			return -1
		}
		return c
	}, v))
	return strings.HasPrefix(plain, "javascript:") || strings.HasPrefix(plain, "vbscript:") || strings.HasPrefix(plain, "data:") || strings.HasPrefix(plain, "blob:") ||
		strings.HasPrefix(plain, "filesystem:")
}

// text looks at text that shoppers read. What stands there as text and would be code elsewhere was not written by a
// shopkeeper: somebody has tried.
func (r *reader) text(n *html.Node) {
	if n.Parent != nil && (n.Parent.Data == "script" || n.Parent.Data == "style") {
		return
	}
	r.suspect(n.Data)
}

var code = regexp.MustCompile(`(?i)<\s*/?\s*(script|iframe|object|embed|svg|img|style|form|input|base|meta|link|math|body|template)\b|\bjavascript\s*:|\bon(error|load|click|focus|mouseover|submit|input|toggle)\s*=|\b(document|window)\s*\.\s*(cookie|location|write|forms)\b|\beval\s*\(|\bfetch\s*\(|new\s+(WebSocket|RTCPeerConnection|Image)\b`)

func (r *reader) suspect(s string) {
	if m := code.FindString(s); m != "" {
		r.add(Text, strings.ToLower(strings.Join(strings.Fields(m), " ")), clip(s, mostText))
	}
}

// target is an address as the inventory names it: a path without query for the shop's own, the whole address for others.
func (r *reader) target(v string) string {
	u, err := r.page.Parse(strings.TrimSpace(v))
	if err != nil {
		return v
	}
	if u.Scheme == r.own.Scheme && u.Host == r.own.Host {
		if u.Path == "" {
			return "/"
		}
		return u.EscapedPath()
	}
	u.User = nil
	return u.String()
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256-" + hex.EncodeToString(sum[:])
}

func lookup(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if strings.EqualFold(a.Key, name) {
			return a.Val, true
		}
	}
	return "", false
}

func attr(n *html.Node, name, otherwise string) string {
	if v, ok := lookup(n, name); ok {
		return v
	}
	return otherwise
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// inner is the text in an element.
func inner(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		} else {
			b.WriteString(inner(c))
		}
	}
	return b.String()
}

// chosen is the value of a list's choice.
func chosen(n *html.Node) string {
	first, found := "", false
	var walk func(*html.Node) (string, bool)
	walk = func(n *html.Node) (string, bool) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && c.Data == "option" {
				v := attr(c, "value", strings.TrimSpace(inner(c)))
				if _, on := lookup(c, "selected"); on {
					return v, true
				}
				if !found {
					first, found = v, true
				}
			}
			if v, ok := walk(c); ok {
				return v, ok
			}
		}
		return "", false
	}
	if v, ok := walk(n); ok {
		return v
	}
	return first
}

// written is an element's own tag.
func written(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		b.WriteString(" " + a.Key + `="` + a.Val + `"`)
	}
	return b.String() + ">"
}
