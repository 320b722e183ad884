package storefront

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/a-h/templ"

	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
)

// frames are the shared parts of all languages at one version of the catalogue, whose categories they show.
type frames struct {
	version int64
	byLang  map[string]*parts.Site
	tops    map[string][]catalog.Category
	kept    sync.Map // filters by language and category
}

// request is a request for a page that is the same for everybody: who asks is not in it.
type request struct {
	code   string
	handle string
	query  *web.Form
	raw    url.Values
	site   *parts.Site
	tops   []catalog.Category
	kept   *sync.Map
}

// browser reads a request and gives the normalised query that names its page in the cache, and what makes the page.
type browser func(q *request) (normal url.Values, make maker, err error)

// cached makes a handler of a page that is the same for everybody.
func (s *Storefront) cached(b browser) func(code string) web.Handler {
	return func(code string) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			f, err := web.ReadQuery(r, repeatable(r)...)
			if err != nil {
				return err
			}
			fr, err := s.frame(r.Context())
			if err != nil {
				return err
			}
			q := &request{code: code, handle: r.PathValue("handle"), query: f, raw: r.URL.Query(), site: fr.byLang[code], tops: fr.tops[code], kept: &fr.kept}
			normal, fn, err := b(q)
			if err != nil {
				return err
			}
			key := r.Host + r.URL.Path
			if len(normal) > 0 {
				key += "?" + normal.Encode()
			}
			return s.cache.serve(w, r, key, fn)
		}
	}
}

// repeatable are the filters of an address: each may be set to several values.
func repeatable(r *http.Request) []string {
	if r.URL.RawQuery == "" {
		return nil
	}
	var names []string
	for name := range r.URL.Query() {
		if isFilter(name) {
			names = append(names, name)
		}
	}
	return names
}

// frame gives the shared parts, made anew when the catalogue has changed.
func (s *Storefront) frame(ctx context.Context) (*frames, error) {
	v := s.Catalog.Version()
	if f := s.frames.Load(); f != nil && f.version == v {
		return f, nil
	}
	f := &frames{version: v, byLang: map[string]*parts.Site{}, tops: map[string][]catalog.Category{}}
	for _, code := range s.Shop.Languages {
		tops, err := s.Catalog.Categories(ctx, code)
		if err != nil {
			return nil, err
		}
		var nav []parts.Link
		for _, c := range tops[:min(len(tops), maxNav)] {
			nav = append(nav, parts.Link{Text: c.Title, Href: "/" + code + "/c/" + c.Slug})
		}
		f.byLang[code], f.tops[code] = s.sites.site(code, nav), tops
	}
	s.frames.Store(f)
	return f, nil
}

// maxNav is how many categories stand in the head of the page; the others are reached through them and the search.
const maxNav = 8

// page begins a page that belongs to its reader or answers a form.
func (s *Storefront) page(r *http.Request, code, title, path string) (*parts.Page, error) {
	f, err := s.frame(r.Context())
	if err != nil {
		return nil, err
	}
	return &parts.Page{Site: f.byLang[code], Title: f.byLang[code].T(title), Path: path}, nil
}

// send renders a page that belongs to its reader. V14.3.2, attack 37: nothing stores it.
func send(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	b := bufferOf(r.Context(), page)
	if b.err != nil {
		return b.err
	}
	defer b.free()
	web.NoStore(w)
	w.Header()["Content-Type"] = htmlType
	w.Header()["Content-Length"] = []string{strconv.Itoa(b.Len())} // or it goes out in chunks
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
	return nil
}
