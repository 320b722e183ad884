package storefront

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"strongroom/base/fault"
	"strongroom/shop/catalog"
)

const (
	mapEntries = 10_000         // products of one part when the map is divided; the format allows 50,000 addresses
	mapFull    = 40_000         // products of one part at most, if so many came in since
	mapAge     = 24 * time.Hour // the map is not divided anew more often
	mapBatch   = 5000           // products that are read at once
)

// siteMap divides the list of all pages for search engines into parts. Of the products it knows only the last of each
// part: a part is read when it is asked for, so that a million products take no memory here, and what comes in later is
// at once in the part into which its name falls.
type siteMap struct {
	mu    sync.Mutex
	made  time.Time
	marks []string // the last handle of each part but the last
}

// marks are where the parts end.
func (s *Storefront) marks(ctx context.Context) ([]string, error) {
	m := &s.siteMap
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := s.Clock.Now(); m.made.IsZero() || now.Sub(m.made) >= mapAge {
		marks, err := s.Catalog.Marks(ctx, mapEntries)
		if err != nil {
			return nil, err
		}
		m.marks, m.made = marks, now
	}
	return m.marks, nil
}

// pagesOf are the paths of a part, from 0, without the language. The first begins with everything that is no product.
func (s *Storefront) pagesOf(ctx context.Context, marks []string, part int) ([]string, error) {
	var paths []string
	after, last := "", ""
	if part == 0 {
		paths = append(paths, "/")
		for _, n := range docNames {
			paths = append(paths, "/"+n.name)
		}
		tops, err := s.Catalog.Categories(ctx, s.Shop.DefaultLanguage)
		if err != nil {
			return nil, err
		}
		paths = appendCategories(paths, tops)
	} else {
		after = marks[part-1]
	}
	if part < len(marks) {
		last = marks[part]
	}
	for n := 0; n < mapFull; n += mapBatch {
		list, err := s.Catalog.Handles(ctx, after, mapBatch)
		if err != nil {
			return nil, err
		}
		for _, h := range list {
			if last != "" && h.Handle > last {
				return paths, nil
			}
			paths = append(paths, "/p/"+h.Handle)
		}
		if len(list) < mapBatch {
			return paths, nil
		}
		after = list[len(list)-1].Handle
	}
	return paths, nil
}

func appendCategories(paths []string, list []catalog.Category) []string {
	for _, c := range list {
		paths = appendCategories(append(paths, "/c/"+c.Slug), c.Children)
	}
	return paths
}

// sitemapIndex names the parts of the map.
func (s *Storefront) sitemapIndex(w http.ResponseWriter, r *http.Request) error {
	marks, err := s.marks(r.Context())
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, code := range s.Shop.Languages {
		for part := range len(marks) + 1 {
			fmt.Fprintf(&b, "<sitemap><loc>%s</loc></sitemap>\n", escaped(s.Shop.URL(fmt.Sprintf("/sitemap/%s-%d.xml", code, part+1))))
		}
	}
	b.WriteString("</sitemapindex>\n")
	return sendText(w, r, "application/xml; charset=utf-8", b.String())
}

// sitemapPart is one part of the map: /sitemap/en-1.xml. Each address names its sisters in the other languages.
func (s *Storefront) sitemapPart(w http.ResponseWriter, r *http.Request) error {
	name, isXML := strings.CutSuffix(r.PathValue("file"), ".xml")
	code, number, _ := strings.Cut(name, "-")
	part, err := strconv.Atoi(number)
	if !isXML || err != nil || !s.Shop.Speaks(code) || part < 1 || strconv.Itoa(part) != number {
		return fault.New(fault.NotFound, "web.not_found")
	}
	marks, err := s.marks(r.Context())
	if err != nil {
		return err
	}
	if part > len(marks)+1 {
		return fault.New(fault.NotFound, "web.not_found")
	}
	paths, err := s.pagesOf(r.Context(), marks, part-1)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "<url><loc>%s</loc>", escaped(s.Shop.URL("/"+code+path)))
		for _, other := range s.Shop.Languages {
			fmt.Fprintf(&b, `<xhtml:link rel="alternate" hreflang="%s" href="%s"/>`, other, escaped(s.Shop.URL("/"+other+path)))
		}
		b.WriteString("</url>\n")
	}
	b.WriteString("</urlset>\n")
	return sendText(w, r, "application/xml; charset=utf-8", b.String())
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
