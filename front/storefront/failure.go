package storefront

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"strongroom/base/web"
	"strongroom/front/parts"
)

// failure is the page of an error: what happened, what it means, what to do now, and nothing of the inside. It must
// work when nothing else does, so it asks no service: the navigation is the one that was read last.
func (s *Storefront) failure(w http.ResponseWriter, r *http.Request, f web.Failure) {
	code := s.languageOf(r)
	site := s.lastSite(code)
	t := site.T
	title := f.Key + ".title"
	if !site.P.Has(title) {
		title = titleOf(f.Status)
	}
	p := &failurePage{Page: &parts.Page{Site: site, Title: t(title), NoScript: true, Alone: true},
		Over: t("shop.fail_over"), Text: site.P.Message(f.Key, f.Params), Request: f.RequestID}
	if !site.P.Has(f.Key) {
		p.Text = t("web.internal")
	}
	p.Ways = []parts.Link{{Text: t("shop.fail_home"), Href: site.To("/")}, {Text: t("shop.fail_search"), Href: site.To("/search")},
		{Text: t("shop.fail_contact"), Href: site.To("/contact")}}
	if strings.HasPrefix(f.Key, "order.") {
		p.Ways = append([]parts.Link{{Text: t("shop.find_order"), Href: site.To("/order/link")}}, p.Ways...)
	}
	var b bytes.Buffer
	if err := failureView(p).Render(r.Context(), &b); err != nil {
		http.Error(w, http.StatusText(f.Status), f.Status)
		return
	}
	w.Header()["Content-Type"] = htmlType
	w.WriteHeader(f.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
}

// titleOf is the title of failures whose message brings none.
func titleOf(status int) string {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return "web.not_found.title"
	case http.StatusTooManyRequests:
		return "web.too_many.title"
	case http.StatusServiceUnavailable:
		return "web.unavailable.title"
	case http.StatusInternalServerError:
		return "web.internal.title"
	case http.StatusConflict, http.StatusUnprocessableEntity, http.StatusForbidden:
		return "shop.fail_title"
	}
	return "web.malformed.title"
}

// languageOf is the language of the address, else the one that the browser prefers.
func (s *Storefront) languageOf(r *http.Request) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if s.Shop.Speaks(first) {
		return first
	}
	return web.Negotiate(r.Header.Get("Accept-Language"), s.Shop.Languages, s.Shop.DefaultLanguage)
}

func (s *Storefront) lastSite(code string) *parts.Site {
	if f := s.frames.Load(); f != nil {
		return f.byLang[code]
	}
	return s.sites.site(code, nil)
}

// rendered is a page in a buffer that goes back when it has been sent.
type rendered struct {
	*bytes.Buffer
	err error
}

func (b rendered) free() { buffers.Put(b.Buffer) }

// bufferOf renders a page whole before a byte of it is sent, so that an error in the middle still becomes a page.
func bufferOf(ctx context.Context, page templ.Component) rendered {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return rendered{b, page.Render(ctx, b)}
}

// sendJSON answers one of our small scripts.
func sendJSON(w http.ResponseWriter, r *http.Request, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	web.NoStore(w)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
	return nil
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
