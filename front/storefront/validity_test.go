package storefront

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const maxHTML = 60 << 10

// textKey finds a message key that was shown for want of its text.
var textKey = regexp.MustCompile(`(^|\s)(shop|web|order|cart|catalog|delivery|price|withdrawal)\.[a-z0-9_]`)

// checkPageHTML holds a page to what every page must be: whole, named, labelled, without inline script or style.
// V3.4.3 and V1.1.2 rest on it: a policy that forbids inline script breaks nothing only if there is none.
func checkPageHTML(t *testing.T, code, name string, page []byte) {
	t.Helper()
	if len(page) > maxHTML {
		t.Errorf("%d bytes of HTML, the budget is %d", len(page), maxHTML)
	}
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{t: t, ids: map[string]int{}, labels: map[string]bool{}}
	c.walk(root)
	if c.lang != code {
		t.Errorf("lang is %q", c.lang)
	}
	if c.h1 != 1 {
		t.Errorf("%d h1 headings", c.h1)
	}
	if strings.TrimSpace(c.title) == "" {
		t.Error("no title")
	}
	c.finish(page)
}

type checker struct {
	t        *testing.T
	ids      map[string]int
	labels   map[string]bool // ids that a label names
	controls []string        // ids of controls that need a label
	refs     []string        // ids that aria attributes and fragments name
	lang     string
	title    string
	h1       int
	level    int
}

func (c *checker) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		c.element(n)
	}
	if n.Type == html.TextNode && n.Parent.Data != "script" && textKey.MatchString(n.Data) {
		c.t.Errorf("a text key is shown instead of a text: %q", n.Data)
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.walk(k)
	}
}

func (c *checker) element(n *html.Node) {
	a := map[string]string{}
	for _, x := range n.Attr {
		if _, twice := a[x.Key]; twice {
			c.t.Errorf("<%s> has %s twice", n.Data, x.Key)
		}
		a[x.Key] = x.Val
		if strings.HasPrefix(x.Key, "on") || x.Key == "style" {
			c.t.Errorf("<%s> has the inline attribute %s", n.Data, x.Key)
		}
		if strings.Contains(strings.ToLower(x.Val), "javascript:") && x.Key != "value" {
			c.t.Errorf("<%s %s> runs script", n.Data, x.Key)
		}
	}
	if id, ok := a["id"]; ok {
		c.ids[id]++
	}
	for _, k := range [...]string{"aria-describedby", "aria-labelledby", "for", "popovertarget"} {
		c.refs = append(c.refs, strings.Fields(a[k])...)
	}
	if h := a["href"]; strings.HasPrefix(h, "#") && n.Data == "a" {
		c.refs = append(c.refs, h[1:])
	}
	c.kind(n, a)
}

func (c *checker) kind(n *html.Node, a map[string]string) {
	switch n.Data {
	case "html":
		c.lang = a["lang"]
	case "title":
		if n.Parent.Data == "head" && n.FirstChild != nil {
			c.title = n.FirstChild.Data
		}
	case "style":
		c.t.Error("an inline style sheet")
	case "script":
		if a["src"] == "" && a["type"] != "application/ld+json" {
			c.t.Error("an inline script")
		}
	case "img":
		if _, ok := a["alt"]; !ok || a["width"] == "" || a["height"] == "" {
			c.t.Errorf("an image without alt, width or height: %v", a)
		}
	case "label":
		c.labels[a["for"]] = true
	case "input", "select", "textarea":
		if a["type"] != "hidden" {
			c.controls = append(c.controls, a["id"])
		}
	case "h1", "h2", "h3", "h4":
		c.heading(n)
	case "a":
		if a["href"] == "" {
			c.t.Error("a link that leads nowhere")
		}
	}
}

func (c *checker) heading(n *html.Node) {
	level := int(n.Data[1] - '0')
	if level == 1 {
		c.h1++
	}
	if level > c.level+1 {
		c.t.Errorf("heading %s after level %d", n.Data, c.level)
	}
	c.level = level
}

func (c *checker) finish(page []byte) {
	for id, n := range c.ids {
		if n > 1 {
			c.t.Errorf("the id %q stands %d times", id, n)
		}
		if strings.ContainsAny(id, " .[]") {
			c.t.Errorf("the id %q needs escaping", id)
		}
	}
	for _, id := range c.controls {
		if !c.labels[id] {
			c.t.Errorf("the field %q has no label", id)
		}
	}
	for _, id := range c.refs {
		if c.ids[id] == 0 {
			c.t.Errorf("#%s is named and does not exist", id)
		}
	}
	unclosed := [...]string{"<div", "<section", "<ul", "<li", "<form", "<main", "<dl", "<p"}
	for _, tag := range unclosed {
		open := bytes.Count(page, []byte(tag+">")) + bytes.Count(page, []byte(tag+" "))
		if shut := bytes.Count(page, []byte("</"+tag[1:]+">")); open != shut {
			c.t.Errorf("%s> opens %d times and closes %d times", tag, open, shut)
		}
	}
	if slices.Contains(c.refs, "") {
		c.t.Error("an empty reference")
	}
}
