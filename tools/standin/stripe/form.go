package stripe

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// form is a request's parameters by their full names: "line_items[0][quantity]".
type form map[string]string

const maxForm = 1 << 20

// readForm reads parameters from the address or the body; a doubled one is refused.
func readForm(r *http.Request) (form, *problem) {
	raw := r.URL.RawQuery
	if r.Method != http.MethodGet && r.Method != http.MethodDelete {
		b, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
		if err != nil || len(b) > maxForm {
			return form{}, bad("", "", "The body cannot be read.")
		}
		raw = string(b)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return form{}, bad("", "", "The parameters cannot be read.")
	}
	f := form{}
	for k, v := range values {
		if len(v) != 1 {
			return form{}, bad("parameter_invalid", k, "Given twice.")
		}
		f[k] = v[0]
	}
	return f, nil
}

// String is the same for the same parameters.
func (f form) String() string {
	var parts []string
	for k, v := range f {
		parts = append(parts, url.QueryEscape(k)+"="+url.QueryEscape(v))
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

var (
	index = regexp.MustCompile(`\[\d+\]`)
	meta  = regexp.MustCompile(`(metadata\]?)\[[^\]]+\]$`)
)

// only refuses what is not in the list, in which an index is "[]" and a metadata key "[*]".
func (f form) only(params []string) *problem {
	for k := range f {
		plain := meta.ReplaceAllString(index.ReplaceAllString(k, "[]"), "${1}[*]")
		if !slices.Contains(params, plain) && plain != "expand[]" {
			return bad("parameter_unknown", k, "Received unknown parameter: "+k)
		}
	}
	return nil
}

func (f form) list(name string) (list []string) {
	for i := 0; ; i++ {
		v, ok := f[name+"["+strconv.Itoa(i)+"]"]
		if !ok {
			return list
		}
		list = append(list, v)
	}
}

// metadata reads all that is written below a name.
func (f form) metadata(prefix string) map[string]string {
	m := map[string]string{}
	for k, v := range f {
		if rest, ok := strings.CutPrefix(k, prefix+"["); ok && strings.HasSuffix(rest, "]") {
			m[strings.TrimSuffix(rest, "]")] = v
		}
	}
	return m
}

// number reads a whole number; what is missing is 0.
func (f form) number(name string) (int64, *problem) {
	v, ok := f[name]
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, bad("parameter_invalid_integer", name, "Invalid integer: "+v)
	}
	return n, nil
}

// paging are the parameters of lists.
var paging = []string{"limit", "starting_after", "created[gt]", "created[gte]", "created[lt]", "created[lte]"}

// item is something that can be listed.
type item interface {
	name() string
	at() int64
}

// pageOf takes the page that was asked for out of a list, newest first.
func pageOf[T item](q *request, all []T, keep func(T) bool) (page []T, more bool, p *problem) {
	limit, p := q.form.number("limit")
	if p != nil || limit < 0 || limit > 100 {
		return nil, false, bad("parameter_invalid_integer", "limit", "A page has 1 to 100 lines.")
	}
	if limit == 0 {
		limit = 10
	}
	after, begun := q.form["starting_after"], q.form["starting_after"] == ""
	for _, v := range slices.Backward(all) {
		if begun && q.inTime(v.at()) && keep(v) {
			if int64(len(page)) == limit {
				return page, true, nil
			}
			page = append(page, v)
		}
		begun = begun || v.name() == after
	}
	if !begun {
		return nil, false, bad("resource_missing", "starting_after", "No such object: "+after)
	}
	return page, false, nil
}

func (q *request) inTime(at int64) bool {
	for name, fits := range map[string]func(n int64) bool{"gt": func(n int64) bool { return at > n }, "gte": func(n int64) bool { return at >= n },
		"lt": func(n int64) bool { return at < n }, "lte": func(n int64) bool { return at <= n }} {
		if v, ok := q.form["created["+name+"]"]; ok {
			if n, err := strconv.ParseInt(v, 10, 64); err != nil || !fits(n) {
				return false
			}
		}
	}
	return true
}
