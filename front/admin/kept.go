package admin

import (
	"net/http"
	"slices"
	"strings"

	"strongroom/base/web"
)

// kept is what somebody was about to do when a proof was asked for: an address and, of a form, what was typed into it.
type kept struct {
	Path   string
	Post   bool
	Fields []pair
}

type pair struct{ Name, Value string }

// The hidden fields that carry it. Names of kept fields get a prefix, so that they cannot be taken for those of the proof.
const (
	keptPath   = "kept_path"
	keptPost   = "kept_post"
	keptPrefix = "kept."
)

// pasted is how the names of fields begin that take keys of the store: they are never carried on either.
const pasted = "paste."

// secret are the fields that are never carried on.
var secret = []string{"password", "current", "code", "response", web.TokenField}

// keep notes what a call was about.
func keep(c *call) kept {
	k := kept{Path: c.r.URL.RequestURI(), Post: c.r.Method == http.MethodPost}
	if !k.Post || c.form == nil { // a file cannot be carried: the page with its form is
		return kept{Path: k.Path}
	}
	for _, name := range c.form.Names() {
		if slices.Contains(secret, name) || strings.HasPrefix(name, pasted) || strings.HasPrefix(name, "kept") {
			continue
		}
		for _, v := range c.form.All(name) {
			k.Fields = append(k.Fields, pair{name, v})
		}
	}
	return k
}

// keptOf reads what the form of a proof carries.
func keptOf(f *web.Form) kept {
	k := kept{Path: f.Typed(keptPath), Post: f.Bool(keptPost)}
	if !web.LocalPath(k.Path) {
		return kept{Path: "/"}
	}
	for _, name := range f.Names() {
		if plain, ok := strings.CutPrefix(name, keptPrefix); ok {
			k.Fields = append(k.Fields, pair{plain, f.Typed(name)})
		}
	}
	return k
}

// hidden are the fields that carry it through the form of a proof.
func (k kept) hidden() []pair {
	out := []pair{{keptPath, k.Path}}
	if k.Post {
		out = append(out, pair{keptPost, "1"})
	}
	for _, f := range k.Fields {
		out = append(out, pair{keptPrefix + f.Name, f.Value})
	}
	return out
}

// resume goes on with what was kept: to the address, or to a page whose one button sends the form as it was.
func (a *Admin) resume(c *call, k kept) error {
	if k.Path == "" || strings.HasPrefix(k.Path, "/sign-in") || strings.HasPrefix(k.Path, "/confirm") {
		k = kept{Path: "/"}
	}
	if !k.Post {
		return web.Redirect(c.w, k.Path)
	}
	p := a.page(c, c.site.T("admin.resume_title"))
	return a.show(c, http.StatusOK, resumeView(&resumePage{page: p, Kept: k}))
}
