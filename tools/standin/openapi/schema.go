package openapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// understood are the words of a schema that are checked; silent are those that say nothing about a value.
var (
	understood = []string{"$ref", "type", "properties", "required", "items", "allOf", "anyOf", "oneOf", "enum", "pattern", "minLength",
		"maxLength", "minItems", "maxItems", "minimum", "maximum", "format", "readOnly", "additionalProperties"}
	silent = []string{"title", "description", "default", "example", "examples", "deprecated", "x-enum"}
)

// learn reads a schema for words and patterns that are not understood.
func (s *Set) learn(schema any) error {
	o, ok := schema.(object)
	if !ok {
		return fmt.Errorf("it is no object")
	}
	for word, v := range o {
		var err error
		switch {
		case word == "properties":
			for name, p := range v.(object) {
				if err = s.learn(p); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		case word == "items":
			err = s.learn(v)
		case word == "allOf" || word == "anyOf" || word == "oneOf":
			for _, p := range v.([]any) {
				if err = s.learn(p); err != nil {
					return err
				}
			}
		case word == "pattern":
			err = s.form(v.(string))
		case !slices.Contains(understood, word) && !slices.Contains(silent, word):
			err = fmt.Errorf("the word %q is not understood", word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// notNumber is the one look-ahead that is met: not digits alone.
const notNumber = `^(?!\d+$)`

func (s *Set) form(pattern string) error {
	re, err := regexp.Compile(strings.Replace(pattern, notNumber, "^", 1))
	s.forms[pattern] = re
	return err
}

var digits = regexp.MustCompile(`^\d+$`)

func (s *Set) fits(pattern, value string) bool {
	if strings.HasPrefix(pattern, notNumber) && digits.MatchString(value) {
		return false
	}
	return s.forms[pattern].MatchString(value)
}

// checker gathers what is wrong with one exchange.
type checker struct {
	set          *Set
	doc          object
	sending      bool
	echoed       string
	undocumented []string
	wrong        []string
}

func (c *checker) bad(where, what string) { c.wrong = append(c.wrong, where+": "+what) }

// resolve follows a reference.
func (c *checker) resolve(v any) object {
	o, _ := v.(object)
	for range 20 {
		ref, ok := o["$ref"].(string)
		if !ok {
			return o
		}
		var at any = c.doc
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = at.(object)[part]
		}
		o, _ = at.(object)
	}
	return o
}

// value checks what stands there. What may not stand there is known's to say.
func (c *checker) value(where string, v any, schema object) {
	for _, p := range each(schema["allOf"]) {
		c.value(where, v, c.resolve(p))
	}
	if some := each(schema["anyOf"]); len(some) > 0 && c.matches(where, v, some) == 0 && !c.excused(v) {
		c.bad(where, fmt.Sprintf("fits none of %d forms: %.200v", len(some), v))
	}
	if one := each(schema["oneOf"]); len(one) > 0 {
		if n := c.matches(where, v, one); n != 1 {
			c.bad(where, fmt.Sprintf("fits %d of %d forms and not one: %.200v", n, len(one), v))
		}
	}
	if t, ok := schema["type"].(string); ok && !is(t, v) {
		c.bad(where, fmt.Sprintf("%.80v is no %s", v, t))
		return
	}
	if e := each(schema["enum"]); len(e) > 0 && !slices.ContainsFunc(e, func(x any) bool { return fmt.Sprint(x) == fmt.Sprint(v) }) {
		c.bad(where, fmt.Sprintf("%.80v is not in the list", v))
	}
	switch v := v.(type) {
	case string:
		c.string(where, v, schema)
	case json.Number:
		c.number(where, v, schema)
	case []any:
		c.length(where, len(v), schema, "minItems", "maxItems")
		for i, x := range v {
			c.value(fmt.Sprintf("%s[%d]", where, i), x, c.resolve(schema["items"]))
		}
	case object:
		c.object(where, v, schema)
	}
}

// excused says whether a detail of an error is one that the caller vouches for.
func (c *checker) excused(v any) bool {
	o, _ := v.(object)
	issue, _ := o["issue"].(string)
	return issue != "" && slices.Contains(c.undocumented, issue)
}

func each(v any) []any { l, _ := v.([]any); return l }

// matches counts the schemas that a value fits.
func (c *checker) matches(where string, v any, list []any) (n int) {
	for _, s := range list {
		try := &checker{set: c.set, doc: c.doc, sending: c.sending, echoed: c.echoed, undocumented: c.undocumented}
		if try.value(where, v, try.resolve(s)); len(try.wrong) == 0 {
			n++
		}
	}
	return n
}

func is(kind string, v any) bool {
	switch v := v.(type) {
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case json.Number:
		return kind == "number" || kind == "integer" && !strings.ContainsAny(v.String(), ".eE")
	case []any:
		return kind == "array"
	case object:
		return kind == "object"
	}
	return false
}

func (c *checker) object(where string, v, schema object) {
	for _, name := range each(schema["required"]) {
		if _, ok := v[name.(string)]; !ok {
			c.bad(where, name.(string)+" is missing")
		}
	}
	properties, _ := schema["properties"].(object)
	for name, x := range v {
		if p, ok := properties[name]; ok {
			if outer, _ := p.(object); c.sending && outer["readOnly"] == true && !c.back(where) {
				c.bad(where+"."+name, "is the provider's to write")
			}
			c.value(where+"."+name, x, c.resolve(p))
		}
	}
}

// back says whether a place is in what the client hands back.
func (c *checker) back(where string) bool {
	return c.echoed != "" && strings.HasPrefix(where, c.echoed)
}

func (c *checker) string(where, v string, schema object) {
	c.length(where, utf8.RuneCountInString(v), schema, "minLength", "maxLength")
	if p, ok := schema["pattern"].(string); ok && !c.set.fits(p, v) {
		c.bad(where, fmt.Sprintf("%.80q has not the form %.80s", v, p))
	}
	switch schema["format"] {
	case "uri":
		if u, err := url.Parse(v); err != nil || u.Scheme == "" || u.Host == "" {
			c.bad(where, fmt.Sprintf("%.80q is no address", v))
		}
	case "date-time", "ppaas_date_time_v3":
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			c.bad(where, fmt.Sprintf("%.80q is no time", v))
		}
	}
}

func (c *checker) number(where string, v json.Number, schema object) {
	n, err := v.Float64()
	low, hasLow := schema["minimum"].(float64)
	high, hasHigh := schema["maximum"].(float64)
	if err != nil || hasLow && n < low || hasHigh && n > high {
		c.bad(where, v.String()+" is out of bounds")
	}
}

func (c *checker) length(where string, n int, schema object, least, most string) {
	if low, ok := schema[least].(float64); ok && n < int(low) {
		c.bad(where, fmt.Sprintf("is shorter than %d", int(low)))
	}
	if high, ok := schema[most].(float64); ok && n > int(high) {
		c.bad(where, fmt.Sprintf("is longer than %d", int(high)))
	}
}

// known says whether every field is one that some of the schemas which hold at its place describe.
func (c *checker) known(where string, v any, schemas []object) {
	flat := c.flat(schemas)
	switch v := v.(type) {
	case []any:
		var items []object
		for _, s := range flat {
			if s["items"] != nil {
				items = append(items, c.resolve(s["items"]))
			}
		}
		for i, x := range v {
			c.known(fmt.Sprintf("%s[%d]", where, i), x, items)
		}
	case object:
		open, described := false, false
		for _, s := range flat {
			_, has := s["properties"].(object)
			described = described || has
			open = open || s["additionalProperties"] == true
		}
		if open || !described {
			return
		}
		for name, x := range v {
			var here []object
			for _, s := range flat {
				properties, _ := s["properties"].(object)
				if p, ok := properties[name]; ok {
					here = append(here, c.resolve(p))
				}
			}
			if len(here) == 0 {
				c.bad(where+"."+name, "is not described")
				continue
			}
			c.known(where+"."+name, x, here)
		}
	}
}

// flat are schemas with all that they are made of.
func (c *checker) flat(schemas []object) (out []object) {
	for _, s := range schemas {
		out = append(out, s)
		for _, word := range []string{"allOf", "anyOf", "oneOf"} {
			var parts []object
			for _, p := range each(s[word]) {
				parts = append(parts, c.resolve(p))
			}
			out = append(out, c.flat(parts)...)
		}
	}
	return out
}
