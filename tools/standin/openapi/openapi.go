// Package openapi holds an exchange over HTTP to a published OpenAPI 3.0 description: method and path, parameters, body
// and answer. It is for tests of clients and of stand-ins for other companies' interfaces.
//
// It is stricter than the standard where that finds mistakes: a field that the description does not know is an error,
// though the standard would let it pass, and so is a field that is the provider's to write in what a client sends. And
// it fails on every word of a schema that it does not understand, so that nothing is passed over quietly.
package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

type object = map[string]any

// Set is some descriptions together.
type Set struct {
	operations []operation
	forms      map[string]*regexp.Regexp
}

type operation struct {
	method, template string
	path             *regexp.Regexp
	names            []string // of the path's parameters
	spec             object
	doc              object
}

// Exchange is one request with its answer.
type Exchange struct {
	Request      *http.Request
	Sent         []byte
	Status       int
	Header       http.Header
	Answer       []byte
	Echoed       string   // the part of the request that hands back what the provider wrote, such as "request.event"
	Undocumented []string // issues that the provider is known to answer with here, though the description does not list them
}

var parameter = regexp.MustCompile(`\{([^}]+)\}`)

// Load reads descriptions from files.
func Load(files ...string) (*Set, error) {
	s := &Set{forms: map[string]*regexp.Regexp{}}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var doc object
		if err := json.Unmarshal(raw, &doc); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := s.add(doc); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return s, nil
}

func (s *Set) add(doc object) error {
	components, _ := doc["components"].(object)
	schemas, _ := components["schemas"].(object)
	for name, schema := range schemas {
		if err := s.learn(schema); err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
	}
	shared, _ := components["parameters"].(object)
	for name, p := range shared {
		if err := s.learn(p.(object)["schema"]); err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	paths, _ := doc["paths"].(object)
	for template, verbs := range paths {
		verbs, _ := verbs.(object)
		for method, spec := range verbs {
			spec, ok := spec.(object)
			if !ok || spec["responses"] == nil {
				continue
			}
			o := operation{method: strings.ToUpper(method), template: template, spec: spec, doc: doc}
			for _, p := range each(spec["parameters"]) {
				if schema := p.(object)["schema"]; schema != nil {
					if err := s.learn(schema); err != nil {
						return fmt.Errorf("%s %s: %w", method, template, err)
					}
				}
			}
			for _, p := range parameter.FindAllStringSubmatch(template, -1) {
				o.names = append(o.names, p[1])
			}
			o.path = regexp.MustCompile("^" + parameter.ReplaceAllString(template, "([^/]+)") + "$")
			s.operations = append(s.operations, o)
		}
	}
	if len(s.operations) == 0 {
		return fmt.Errorf("it describes no operation")
	}
	return nil
}

// find is the operation of a request, with the values of its path.
func (s *Set) find(method, path string) (operation, []string, bool) {
	for _, o := range s.operations {
		if o.method != method {
			continue
		}
		if m := o.path.FindStringSubmatch(path); m != nil {
			return o, m[1:], true
		}
	}
	return operation{}, nil, false
}

// Describes says whether there is an operation for a request.
func (s *Set) Describes(method, path string) bool {
	_, _, ok := s.find(method, path)
	return ok
}

// Check lists what in an exchange is not as described, and names the operation.
func (s *Set) Check(e Exchange) (name string, wrong []string) {
	o, values, ok := s.find(e.Request.Method, e.Request.URL.Path)
	if !ok {
		return "", []string{"nothing describes " + e.Request.Method + " " + e.Request.URL.Path}
	}
	c := &checker{set: s, doc: o.doc, echoed: e.Echoed, undocumented: e.Undocumented}
	c.parameters(o, values, e.Request)
	c.sent(o, e)
	c.answered(o, e)
	return o.method + " " + o.template, c.wrong
}

// parameters checks path, query and headers. A query that is not described is wrong; headers may be anybody's.
func (c *checker) parameters(o operation, values []string, r *http.Request) {
	list, _ := o.spec["parameters"].([]any)
	query := r.URL.Query()
	for _, p := range list {
		p := c.resolve(p)
		name, _ := p["name"].(string)
		var value string
		var there bool
		switch p["in"] {
		case "path":
			if i := slices.Index(o.names, name); i >= 0 {
				value, _ = url.PathUnescape(values[i])
				there = true
			}
		case "query":
			value, there = query.Get(name), query.Has(name)
			query.Del(name)
		case "header":
			value, there = r.Header.Get(name), r.Header.Get(name) != ""
		}
		switch {
		case there:
			c.text(name, value, c.resolve(p["schema"]))
		case p["required"] == true:
			c.bad(name, "is missing")
		}
	}
	for name := range query {
		c.bad(name, "is no parameter")
	}
}

// text checks a value that is written without quotes.
func (c *checker) text(name, value string, schema object) {
	if schema["type"] == "integer" || schema["type"] == "number" || schema["type"] == "boolean" {
		var v any
		d := json.NewDecoder(strings.NewReader(value))
		d.UseNumber()
		if d.Decode(&v) != nil {
			c.bad(name, "is not of its type")
			return
		}
		c.value(name, v, schema)
		return
	}
	c.value(name, value, schema)
}

func (c *checker) sent(o operation, e Exchange) {
	c.sending = true
	defer func() { c.sending = false }()
	if o.spec["requestBody"] == nil {
		if len(bytes.TrimSpace(e.Sent)) > 0 && string(bytes.TrimSpace(e.Sent)) != "{}" {
			c.bad("request", "no body is described")
		}
		return
	}
	spec := c.resolve(o.spec["requestBody"])
	content, _ := spec["content"].(object)
	if len(e.Sent) == 0 {
		if spec["required"] == true {
			c.bad("request", "the body is missing")
		}
		return
	}
	kind, _, _ := mime.ParseMediaType(e.Request.Header.Get("Content-Type"))
	media, ok := content[kind].(object)
	switch {
	case !ok:
		c.bad("request", "content of the type "+kind)
	case kind == "application/json":
		c.json("request", e.Sent, media["schema"])
	}
}

func (c *checker) answered(o operation, e Exchange) {
	all, _ := o.spec["responses"].(object)
	spec, ok := all[fmt.Sprint(e.Status)]
	if !ok && e.Status >= 400 {
		spec, ok = all["default"]
	}
	if !ok {
		c.bad("answer", fmt.Sprintf("the status %d is not described", e.Status))
		return
	}
	content, _ := c.resolve(spec)["content"].(object)
	media, ok := content["application/json"].(object)
	switch {
	case ok && len(e.Answer) > 0:
		if kind, _, _ := mime.ParseMediaType(e.Header.Get("Content-Type")); kind != "application/json" {
			c.bad("answer", "content of the type "+kind)
		}
		c.json("answer", e.Answer, media["schema"])
	case ok:
		c.bad("answer", "the body is missing")
	case len(e.Answer) > 0 && e.Status < 500:
		c.bad("answer", "no body is described")
	}
}

func (c *checker) json(where string, raw []byte, schema any) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		c.bad(where, "is no JSON")
		return
	}
	c.value(where, v, c.resolve(schema))
	c.known(where, v, []object{c.resolve(schema)})
}
