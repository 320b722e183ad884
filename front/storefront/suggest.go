package storefront

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"strongroom/base/web"
)

// suggest answers the search field while somebody types: names and addresses of at most eight things.
func (s *Storefront) suggest(code string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadQuery(r)
		if err != nil {
			return err
		}
		asked := f.Text("q", maxAsked)
		if f.Err() != nil || utf8.RuneCountInString(asked) < 2 {
			return sendJSON(w, r, []struct{}{})
		}
		found, err := s.Catalog.Suggest(r.Context(), code, asked)
		if err != nil {
			return err
		}
		type hit struct {
			Name string `json:"name"`
			URL  string `json:"url"`
		}
		hits := make([]hit, 0, len(found))
		for _, x := range found {
			h := hit{x.Text, "/" + code + "/p/" + x.Handle}
			if x.Handle == "" {
				h.URL = "/" + code + "/search?q=" + url.QueryEscape(x.Text)
			}
			hits = append(hits, h)
		}
		return sendJSON(w, r, hits)
	}
}
