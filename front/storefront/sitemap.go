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
	mapEntries = 5000             // addresses of one part; the format allows 50,000
	mapAge     = 10 * time.Minute // a map is not made anew more often, however much is written
	mapMost    = 200_000          // addresses that a map lists
	mapBatch   = 5000             // products that are read at once
)

// siteMap is the list of all pages for search engines, one part for each so many addresses and language.
type siteMap struct {
	mu      sync.Mutex
	version int64
	made    time.Time
	paths   []string // below the language
}

// all lists the paths of every page that search engines shall know, without the language.
func (s *Storefront) all(ctx context.Context) ([]string, error) {
	m := &s.siteMap
	m.mu.Lock()
	defer m.mu.Unlock()
	v, now := s.Catalog.Version(), s.Clock.Now()
	if m.paths != nil && (m.version == v || now.Sub(m.made) < mapAge) {
		return m.paths, nil
	}
	paths := []string{"/"}
	for _, n := range docNames {
		paths = append(paths, "/"+n.name)
	}
	tops, err := s.Catalog.Categories(ctx, s.Shop.DefaultLanguage)
	if err != nil {
		return nil, err
	}
	paths = appendCategories(paths, tops)
	for after := ""; len(paths) < mapMost; {
		list, err := s.Catalog.Handles(ctx, after, mapBatch)
		if err != nil {
			return nil, err
		}
		for _, h := range list {
			paths = append(paths, "/p/"+h.Handle)
		}
		if len(list) < mapBatch {
			break
		}
		after = list[len(list)-1].Handle
	}
	m.paths, m.version, m.made = paths, v, now
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
	paths, err := s.all(r.Context())
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, code := range s.Shop.Languages {
		for part := 0; part*mapEntries < len(paths); part++ {
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
	paths, err := s.all(r.Context())
	if err != nil {
		return err
	}
	from := (part - 1) * mapEntries
	if part > mapMost || from >= len(paths) {
		return fault.New(fault.NotFound, "web.not_found")
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
	for _, path := range paths[from:min(from+mapEntries, len(paths))] {
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
