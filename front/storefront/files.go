package storefront

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
)

// doc answers with a page of text, which was rendered at start.
func (s *Storefront) doc(code, name string) web.Handler {
	return s.cached(func(q *request) (url.Values, maker, error) {
		return nil, func(context.Context) (templ.Component, error) {
			d := s.Pages.byLang[code][name]
			p := &docPage{Page: &parts.Page{Site: q.site, Title: d.Title, Path: "/" + name, Canonical: "/" + name, Description: d.Description}, Body: d.Body}
			for _, n := range docNames {
				p.Others = append(p.Others, parts.Link{Text: q.site.T(n.title), Href: q.site.To("/" + n.name), Current: n.name == name})
			}
			return docView(p), nil
		}, nil
	})(code)
}

// media answers with a picture: the shopkeeper's own of the home page, or one of the catalogue.
func (s *Storefront) media(w http.ResponseWriter, r *http.Request) error {
	if f := s.home.files[r.URL.Path]; f != nil {
		f.ServeHTTP(w, r)
		return nil
	}
	name, width, ok := catalog.ParseFile(r.PathValue("file"))
	if !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	f, err := s.Catalog.Open(r.Context(), name, width)
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Cache-Control", web.Forever) // the bytes behind a name and a width never change
	h.Set("ETag", f.ETag)
	http.ServeContent(w, r, "", time.Time{}, f.File)
	return nil
}

// asset answers with a style sheet, a script or a type face.
func (s *Storefront) asset(w http.ResponseWriter, r *http.Request) error {
	f := s.Assets.Find(r.URL.Path)
	if f == nil {
		return fault.New(fault.NotFound, "web.not_found")
	}
	f.ServeHTTP(w, r)
	return nil
}

// favicon is for those who ask at the old place.
func (s *Storefront) favicon(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Location", s.Assets.Path("icon-192.png"))
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.WriteHeader(http.StatusFound)
	return nil
}

// manifest names the shop to a browser that puts it on a home screen.
func (s *Storefront) manifest(code string) web.Handler {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	b, err := json.Marshal(struct {
		Name  string `json:"name"`
		Short string `json:"short_name"`
		Lang  string `json:"lang"`
		Start string `json:"start_url"`
		Scope string `json:"scope"`
		Show  string `json:"display"`
		Back  string `json:"background_color"`
		Theme string `json:"theme_color"`
		Icons []icon `json:"icons"`
	}{s.Shop.Name, s.Shop.Name, code, "/" + code + "/", "/", "browser", "#faf7f2", "#faf7f2", []icon{
		{s.Assets.Path("icon-192.png"), "192x192", "image/png", ""}, {s.Assets.Path("icon-512.png"), "512x512", "image/png", "any"},
		{s.Assets.Path("favicon.svg"), "any", "image/svg+xml", ""}}})
	f := web.NewFile("application/manifest+json", web.Ask, b, 4)
	return func(w http.ResponseWriter, r *http.Request) error {
		if err != nil {
			return err
		}
		f.ServeHTTP(w, r)
		return nil
	}
}

// robots says what search engines may read: everything but what belongs to one reader.
func (s *Storefront) robots(w http.ResponseWriter, r *http.Request) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, code := range s.Shop.Languages {
		for _, path := range [...]string{"cart", "checkout", "order", "search/suggest"} {
			fmt.Fprintf(&b, "Disallow: /%s/%s\n", code, path)
		}
	}
	b.WriteString("Disallow: /cart/count\n\nSitemap: " + s.Shop.URL("/sitemap.xml") + "\n")
	return sendText(w, r, "text/plain; charset=utf-8", b.String())
}

// securityTxt says whom to tell of a hole (RFC 9116). It expires 180 days from today, so that it is always less than
// a year ahead and never out of date.
func (s *Storefront) securityTxt(w http.ResponseWriter, r *http.Request) error {
	today := s.Clock.Now().UTC().Truncate(24 * time.Hour)
	text := "Contact: mailto:" + s.Shop.Email + "\n" +
		"Expires: " + today.AddDate(0, 0, 180).Format(time.RFC3339) + "\n" +
		"Preferred-Languages: " + strings.Join(s.Shop.Languages, ", ") + "\n" +
		"Canonical: " + s.Shop.URL("/.well-known/security.txt") + "\n"
	return sendText(w, r, "text/plain; charset=utf-8", text)
}

func sendText(w http.ResponseWriter, r *http.Request, kind, text string) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(text))
	}
	return nil
}
