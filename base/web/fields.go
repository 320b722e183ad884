package web

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"strongroom/base/fault"
	"strongroom/base/id"
)

// Has says whether the form brought a field of this name at all.
func (f *Form) Has(name string) bool {
	if f == nil {
		return false
	}
	_, ok := f.values[name]
	return ok
}

// Names are the names of all fields, sorted.
func (f *Form) Names() []string { return slices.Sorted(maps.Keys(f.values)) }

// Typed is what was typed into a field, as it came, to be given back in the form.
func (f *Form) Typed(name string) string {
	if f == nil || len(f.values[name]) == 0 {
		return ""
	}
	return f.values[name][0]
}

// All are the values of a repeatable field.
func (f *Form) All(name string) []string { return slices.Clone(f.values[name]) }

// Fail notes a fault beside a field.
func (f *Form) Fail(name, key string, p fault.Params) {
	f.faults = append(f.faults, fault.Field{Name: name, Key: key, Params: p})
}

// FailAll notes the faults of a service beside their fields, and says whether err was of that sort.
func (f *Form) FailAll(err error) bool {
	ft := fault.As(err)
	if ft == nil || ft.Kind != fault.Invalid || len(ft.Fields) == 0 {
		return false
	}
	f.faults = append(f.faults, ft.Fields...)
	return true
}

// Fault is the first fault noted beside a field; false if there is none.
func (f *Form) Fault(name string) (fault.Field, bool) {
	if f == nil {
		return fault.Field{}, false
	}
	for _, ft := range f.faults {
		if ft.Name == name {
			return ft, true
		}
	}
	return fault.Field{}, false
}

// Faults are all faults in the order in which they were found.
func (f *Form) Faults() []fault.Field {
	if f == nil {
		return nil
	}
	return f.faults
}

// Err is a fault of kind Invalid that holds all faults; nil if there are none.
func (f *Form) Err() error {
	if len(f.faults) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "web.form_invalid")
	e.Fields = f.faults
	return e
}

// Text reads one line of text: trimmed, inner white space joined, at most max characters.
func (f *Form) Text(name string, max int) string {
	s := strings.Join(strings.Fields(f.Typed(name)), " ")
	return f.bounded(name, s, max)
}

// Required reads one line of text that must not be empty.
func (f *Form) Required(name string, max int) string {
	s := f.Text(name, max)
	if s == "" {
		f.Fail(name, "web.required", nil)
	}
	return s
}

// Lines reads text of several lines, trimmed, at most max characters.
func (f *Form) Lines(name string, max int) string {
	return f.bounded(name, strings.TrimSpace(f.Typed(name)), max)
}

func (f *Form) bounded(name, s string, max int) string {
	if utf8.RuneCountInString(s) > max {
		f.Fail(name, "web.too_long", fault.Params{"max": max})
		return ""
	}
	return s
}

// Int reads a whole number from min to max. An empty field is a fault.
func (f *Form) Int(name string, min, max int64) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(f.Typed(name)), 10, 64)
	if err != nil || n < min || n > max {
		f.Fail(name, "web.number", fault.Params{"min": min, "max": max})
		return min
	}
	return n
}

// IntOr reads a whole number from min to max, or gives def where the field is absent or empty.
func (f *Form) IntOr(name string, def, min, max int64) int64 {
	if strings.TrimSpace(f.Typed(name)) == "" {
		return def
	}
	return f.Int(name, min, max)
}

// Bool reads a checkbox.
func (f *Form) Bool(name string) bool {
	switch f.Typed(name) {
	case "1", "on", "true", "yes":
		return true
	}
	return false
}

// Choice reads one of the given words; anything else is a fault and gives the first.
func (f *Form) Choice(name string, words ...string) string {
	s := strings.TrimSpace(f.Typed(name))
	if !slices.Contains(words, s) {
		f.Fail(name, "web.choice", nil)
		if len(words) > 0 {
			return words[0]
		}
		return ""
	}
	return s
}

// ID reads the name of a row. What is none is refused as something that no form of ours sends.
func (f *Form) ID(name string) (id.ID, error) {
	v, err := id.Parse(strings.TrimSpace(f.Typed(name)))
	if err != nil {
		return id.ID{}, fault.New(fault.Malformed, "web.form_malformed")
	}
	return v, nil
}

// Token reads a secret that one of our forms carried; the empty token for anything else.
func (f *Form) Token(name string) id.Token {
	t, err := id.ParseToken(strings.TrimSpace(f.Typed(name)))
	if err != nil {
		return ""
	}
	return t
}

// Email reads an e-mail address: its form is checked, its letters are kept. Whether it is required is the caller's
// to say with Required before; an empty field gives "".
func (f *Form) Email(name string) string {
	s := strings.TrimSpace(f.Typed(name))
	if s == "" {
		return ""
	}
	if !PlainEmail(s) {
		f.Fail(name, "web.email", nil)
		return ""
	}
	return s
}

// PlainEmail says whether s can be an address that a mail server takes: one @, a local part of at most 64 octets
// without quoting, a host of labels with a dot, 254 octets in all.
func PlainEmail(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	if !ok || len(s) > 254 || local == "" || len(local) > 64 || strings.Contains(host, "@") {
		return false
	}
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	for _, r := range local {
		if r <= ' ' || r == 0x7f || r == 0xa0 || strings.ContainsRune(`"(),:;<>[\]`, r) {
			return false
		}
	}
	return plainHost(host)
}

func plainHost(host string) bool {
	labels := strings.Split(host, ".")
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for _, r := range l {
			if r < 0x80 && !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-') {
				return false
			}
		}
	}
	return len(labels[len(labels)-1]) >= 2
}

// readAll reads the body up to MaxBodyBytes.
func readAll(r *http.Request) (string, error) {
	if r.ContentLength > MaxBodyBytes {
		return "", fault.New(fault.TooLarge, "web.too_large")
	}
	if r.Body == nil {
		return "", nil
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, MaxBodyBytes+1))
	switch {
	case err != nil:
		return "", fault.New(fault.Malformed, "web.form_cut").Because(err)
	case len(b) > MaxBodyBytes:
		return "", fault.New(fault.TooLarge, "web.too_large")
	}
	return string(b), nil
}
