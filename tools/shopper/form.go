package shopper

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// Form is a form of a page with the values that it would send untouched.
type Form struct {
	Action string
	Method string
	ID     string
	Values url.Values
	Names  []string // of every control, buttons included
	page   *Page
}

// Forms reads the forms of a page.
func (p *Page) Forms() []Form {
	var out []Form
	rest := p.Body
	for {
		i := bytes.Index(rest, []byte("<form"))
		if i < 0 {
			return out
		}
		form, after, _ := bytes.Cut(rest[i:], []byte("</form>"))
		out = append(out, p.form(form))
		rest = after
	}
}

func (p *Page) form(b []byte) Form {
	tag, inner := cutTag(b)
	a := attributes(tag)
	f := Form{Action: a["action"], Method: strings.ToUpper(a["method"]), ID: a["id"], Values: url.Values{}, page: p}
	for len(inner) > 0 {
		i := bytes.IndexByte(inner, '<')
		if i < 0 {
			break
		}
		inner = inner[i:]
		var t []byte
		t, inner = cutTag(inner)
		switch {
		case hasName(t, "input"):
			f.input(attributes(t))
		case hasName(t, "button"):
			f.Names = append(f.Names, attributes(t)["name"])
		case hasName(t, "textarea"):
			text, _, _ := bytes.Cut(inner, []byte("</textarea"))
			f.set(attributes(t)["name"], html.UnescapeString(strings.TrimPrefix(string(text), "\n")))
		case hasName(t, "select"):
			options, _, _ := bytes.Cut(inner, []byte("</select"))
			f.set(attributes(t)["name"], chosen(options))
		}
	}
	return f
}

func (f *Form) set(name, value string) {
	if name == "" {
		return
	}
	f.Names = append(f.Names, name)
	f.Values.Add(name, value)
}

func (f *Form) input(a map[string]string) {
	_, checked := a["checked"]
	switch a["type"] {
	case "submit", "image", "button", "reset", "file":
		f.Names = append(f.Names, a["name"])
	case "radio", "checkbox":
		f.Names = append(f.Names, a["name"])
		if checked {
			f.Values.Add(a["name"], a["value"])
		}
	default:
		f.set(a["name"], a["value"])
	}
}

func chosen(options []byte) string {
	first, seen := "", false
	for len(options) > 0 {
		i := bytes.Index(options, []byte("<option"))
		if i < 0 {
			break
		}
		var t []byte
		t, options = cutTag(options[i:])
		a := attributes(t)
		if !seen {
			first, seen = a["value"], true
		}
		if _, ok := a["selected"]; ok {
			return a["value"]
		}
	}
	return first
}

func hasName(tag []byte, name string) bool {
	return len(tag) > len(name) && string(tag[1:1+len(name)]) == name && (len(tag) == 1+len(name) || tag[1+len(name)] == ' ' || tag[1+len(name)] == '>' || tag[1+len(name)] == '/' || tag[1+len(name)] == '\n')
}

// cutTag returns the tag at the start of b, quotes respected, and what follows it.
func cutTag(b []byte) (tag, rest []byte) {
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return b[:i+1], b[i+1:]
		}
	}
	return b, nil
}

func attributes(tag []byte) map[string]string {
	a := map[string]string{}
	s := strings.TrimRight(string(tag), "/>")
	_, s, _ = strings.Cut(s, " ")
	for {
		s = strings.TrimLeft(s, " \n\t")
		if s == "" {
			return a
		}
		end := strings.IndexAny(s, "= \n\t")
		if end < 0 {
			a[s] = ""
			return a
		}
		name := s[:end]
		s = s[end:]
		if s[0] != '=' {
			a[name] = ""
			continue
		}
		s = s[1:]
		if s != "" && (s[0] == '"' || s[0] == '\'') {
			value, after, _ := strings.Cut(s[1:], s[:1])
			a[name], s = html.UnescapeString(value), after
			continue
		}
		value, after, _ := strings.Cut(s, " ")
		a[name], s = html.UnescapeString(value), after
	}
}

// Form finds the first form whose action ends with the text, or else contains it, or whose id it is.
func (p *Page) Form(part string) (Form, error) {
	for _, fits := range []func(action, part string) bool{strings.HasSuffix, strings.Contains} {
		for rest := p.Body; ; {
			i := bytes.Index(rest, []byte("<form"))
			if i < 0 {
				break
			}
			form, after, _ := bytes.Cut(rest[i:], []byte("</form>"))
			tag, _ := cutTag(form)
			if a := attributes(tag); fits(a["action"], part) || a["id"] == part {
				return p.form(form), nil // the others are not read further
			}
			rest = after
		}
	}
	return Form{}, fmt.Errorf("%s (%d) has no form %q; its title is %q", p.URL.Path, p.Status, part, p.Title())
}

// Title is the page's title.
func (p *Page) Title() string {
	_, t, _ := bytes.Cut(p.Body, []byte("<title>"))
	t, _, _ = bytes.Cut(t, []byte("</title>"))
	return html.UnescapeString(string(t))
}

// Submit sends the form with some values changed; an empty list of values takes the name out.
func (s *Shopper) Submit(ctx context.Context, f Form, change url.Values) (*Page, error) {
	v := url.Values{}
	for k, list := range f.Values {
		v[k] = list
	}
	for k, list := range change {
		if len(list) == 0 {
			v.Del(k)
			continue
		}
		v[k] = list
	}
	to, err := f.page.URL.Parse(f.Action)
	if err != nil {
		return nil, err
	}
	if f.Method == "POST" {
		return s.Post(ctx, to.String(), v, f.page.URL)
	}
	to.RawQuery = v.Encode()
	return s.Get(ctx, to.String())
}

// Links returns the addresses of all links that contain the text.
func (p *Page) Links(part string) []string {
	var out []string
	rest := p.Body
	for {
		_, after, ok := bytes.Cut(rest, []byte(`href="`))
		if !ok {
			return out
		}
		href, tail, _ := bytes.Cut(after, []byte(`"`))
		if bytes.Contains(href, []byte(part)) {
			out = append(out, html.UnescapeString(string(href)))
		}
		rest = tail
	}
}
