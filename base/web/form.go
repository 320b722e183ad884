package web

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"strongroom/base/fault"
)

// Limits of a form. The size of the body as a whole is the shield's business; these hold whatever wraps the request.
const (
	MaxFields     = 100      // names and values
	MaxFieldBytes = 16 << 10 // of one value
	MaxBodyBytes  = 64 << 10 // of all
)

// Form is a form or a query that has passed the limits: at most MaxFields plain values, each name once unless it was
// declared as repeatable, valid UTF-8 without control characters. Its getters trim, check and collect faults; Typed
// gives back what was typed.
type Form struct {
	values map[string][]string
	faults []fault.Field
}

// ReadForm reads the body of a POST as application/x-www-form-urlencoded. Names in repeat may come more than once.
// Query parameters of a POST are not mixed in.
func ReadForm(r *http.Request, repeat ...string) (*Form, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.Unsupported, "web.form_type")
	}
	body, err := readAll(r)
	if err != nil {
		return nil, err
	}
	return parseForm(body, repeat)
}

// ReadQuery reads the query of an address in the same way.
func ReadQuery(r *http.Request, repeat ...string) (*Form, error) {
	return parseForm(r.URL.RawQuery, repeat)
}

// NewForm makes a form of values that are already known, to show it filled in.
func NewForm(values map[string]string) *Form {
	f := &Form{values: map[string][]string{}}
	for k, v := range values {
		f.values[k] = []string{v}
	}
	return f
}

func parseForm(raw string, repeat []string) (*Form, error) {
	if len(raw) > MaxBodyBytes {
		return nil, fault.New(fault.TooLarge, "web.too_large")
	}
	f := &Form{values: map[string][]string{}}
	count := 0
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		if count++; count > MaxFields {
			return nil, fault.New(fault.Malformed, "web.form_fields").With("max", MaxFields)
		}
		name, value, err := parsePart(part)
		if err != nil {
			return nil, err
		}
		if _, again := f.values[name]; again && !slices.Contains(repeat, name) {
			return nil, fault.New(fault.Malformed, "web.form_repeated")
		}
		f.values[name] = append(f.values[name], value)
	}
	return f, nil
}

// parsePart decodes name=value and refuses what no form of ours sends.
func parsePart(part string) (name, value string, err error) {
	rawName, rawValue, _ := strings.Cut(part, "=")
	name, err = url.QueryUnescape(rawName)
	if err != nil || name == "" || len(name) > 64 || !plainName(name) {
		return "", "", fault.New(fault.Malformed, "web.form_malformed")
	}
	value, err = url.QueryUnescape(rawValue)
	if err != nil || !utf8.ValidString(value) || strings.IndexFunc(value, forbidden) >= 0 {
		return "", "", fault.New(fault.Malformed, "web.form_malformed")
	}
	if len(value) > MaxFieldBytes {
		return "", "", fault.New(fault.TooLarge, "web.too_large")
	}
	return name, strings.ReplaceAll(value, "\r\n", "\n"), nil
}

// plainName accepts the names that our forms use: letters, digits and . _ - [ ].
func plainName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("._-[]:", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// forbidden are characters that no text field takes: controls but tab and line ends, and the characters that turn
// the direction of writing, which make a text read otherwise than it is stored.
func forbidden(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return r == 0xfeff || r == 0xfffe || r == 0xffff
}
