package storefront

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // the sizes of the shopkeeper's pictures are read from them
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"strongroom/base/config"
	"strongroom/base/lang"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/shop/catalog"
)

// homeTexts are what the shopkeeper says on the home page: pages/LANGUAGE/home.md holds a title (the sentence), a
// paragraph and a link; pictures/home-wide-WIDTH.jpg are the sizes of the still life, home-tall-WIDTH.jpg those for
// narrow screens, open-graph-1200.jpg the picture for previews. All of it may be missing.
type homeTexts struct {
	byLang     map[string]hero
	files      map[string]*web.File
	wide, tall parts.Picture
	preview    string
}

var (
	homePicture = regexp.MustCompile(`^(home-wide|home-tall|open-graph)-(\d{3,4})\.jpg$`)
	homeLink    = regexp.MustCompile(`(?m)^\[([^\]]+)\]\((/[^)]*)\)\s*$`)
)

// maxPicture bounds a picture of the home page.
const maxPicture = 4 << 20

func loadHome(own ownFiles, shop *config.Shop, texts *lang.Catalog) (*homeTexts, error) {
	h := &homeTexts{byLang: map[string]hero{}, files: map[string]*web.File{}}
	if err := h.pictures(own); err != nil {
		return nil, err
	}
	for _, code := range shop.Languages {
		p := texts.For(code)
		x := hero{Sentence: p.T("shop.home_sentence"), Text: p.T("shop.home_text")}
		source, err := own.read(path.Join("pages", code, "home.md"), maxDoc)
		if err != nil {
			return nil, err
		}
		if source != nil {
			x = heroOf(string(source), code)
		}
		x.Picture, x.Tall = h.wide, h.tall
		h.byLang[code] = x
	}
	return h, nil
}

// heroOf reads the sentence, the paragraph and the link of a home page.
func heroOf(source, code string) (x hero) {
	if m := homeLink.FindStringSubmatch(source); m != nil {
		x.Go = parts.Link{Text: m[1], Href: "/" + code + m[2]}
		source = strings.Replace(source, m[0], "", 1)
	}
	first, rest, _ := strings.Cut(strings.TrimSpace(source), "\n")
	x.Sentence = strings.TrimSpace(strings.TrimPrefix(first, "# "))
	x.Text = firstWords(rest)
	return x
}

// pictures reads the sizes of the still life and the picture for previews.
func (h *homeTexts) pictures(own ownFiles) error {
	names, err := own.names("pictures")
	if err != nil {
		return err
	}
	for _, name := range names {
		m := homePicture.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		b, err := own.read(path.Join("pictures", name), maxPicture)
		if err != nil {
			return err
		}
		size, kind, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil || kind != "jpeg" {
			return fmt.Errorf("storefront: pictures/%s is no JPEG picture", name)
		}
		f := web.NewFile("image/jpeg", web.Forever, b, 0)
		address := mediaPath + "own-" + strings.Trim(f.ETag, `"`) + ".jpg"
		h.files[address] = f
		h.put(m[1], address, size)
	}
	return nil
}

// put puts a size where it belongs. The width is the picture's own, whatever its name says.
func (h *homeTexts) put(kind, address string, size image.Config) {
	pic := &h.wide
	switch kind {
	case "open-graph":
		h.preview = address
		return
	case "home-tall":
		pic = &h.tall
	}
	pic.Sources = append(pic.Sources, parts.Source{URL: address, Width: size.Width})
	slices.SortFunc(pic.Sources, func(a, b parts.Source) int { return a.Width - b.Width })
	if size.Width > pic.Width {
		pic.Width, pic.Height = size.Width, size.Height
	}
}

// homePage is the entrance of a language.
func (s *Storefront) homePage(q *request) (url.Values, maker, error) {
	return nil, func(ctx context.Context) (templ.Component, error) {
		t := q.site.T
		p := &homePage{Page: &parts.Page{Site: q.site, Title: t("shop.home_title"), Path: "/", Canonical: "/"}, Hero: s.home.byLang[q.code]}
		p.Description = p.Hero.Text
		p.Doors = doors(q.site, q.tops)
		if p.Hero.Picture.Empty() && len(q.tops) > 0 {
			p.Hero.Picture = picture(q.tops[0].Image, "")
		}
		if p.Hero.Go.Href == "" && len(q.tops) > 0 {
			p.Hero.Go = parts.Link{Text: t("shop.home_go"), Href: q.site.To("/c/" + q.tops[0].Slug)}
		}
		p.Picture = s.previewPicture(p.Hero.Picture)
		if err := s.homeShelves(ctx, q, p); err != nil {
			return nil, err
		}
		p.Pledges = pledges(q.site)
		p.Data = []string{organisation(q.site), website(q.site)}
		return homeView(p), nil
	}, nil
}

// homeShelves fills the two rows of products: what is new, and what is liked best in a category further down.
func (s *Storefront) homeShelves(ctx context.Context, q *request, p *homePage) error {
	newest, err := s.Catalog.List(ctx, catalog.Query{Lang: q.code, Sort: catalog.ByNewest, InStock: true, Limit: 4})
	if err != nil {
		return err
	}
	p.Newest = cards(q.site, newest.Cards, 0)
	if len(q.tops) == 0 {
		return nil
	}
	c := q.tops[min(3, len(q.tops)-1)]
	picks, err := s.Catalog.List(ctx, catalog.Query{Lang: q.code, Category: c.Slug, Sort: catalog.ByPopularity, InStock: true, Limit: 4})
	if err != nil {
		return err
	}
	p.Picks, p.PicksTitle = cards(q.site, picks.Cards, 0), q.site.T("shop.home_from", "category", c.Title)
	p.PicksLink = parts.Link{Text: q.site.T("shop.see_all_of", "category", c.Title), Href: q.site.To("/c/" + c.Slug)}
	return nil
}

// doors are the categories with a picture; without one a category stands in the navigation only.
func doors(s *parts.Site, tops []catalog.Category) []door {
	var out []door
	for _, c := range tops {
		if !c.Image.IsZero() {
			out = append(out, door{Name: c.Title, Text: c.Intro, Href: s.To("/c/" + c.Slug), Picture: picture(c.Image, "")})
		}
	}
	return out
}

func pledges(s *parts.Site) []pledge {
	one := func(key, path string) pledge {
		return pledge{Heading: s.T("shop.pledge_" + key), Text: s.T("shop.pledge_"+key+"_text", "days", s.Shop.ReturnDays),
			Go: parts.Link{Text: s.T("shop.pledge_" + key + "_go"), Href: s.To(path)}}
	}
	return []pledge{one("delivery", "/delivery"), one("returns", "/returns"), one("people", "/contact")}
}

// previewPicture is the address of the picture for previews on other sites.
func (s *Storefront) previewPicture(p parts.Picture) string {
	if s.home.preview != "" {
		return s.Shop.URL(s.home.preview)
	}
	if p.Empty() {
		return ""
	}
	return s.Shop.URL(p.Largest())
}

// entrance leads to the language that the browser prefers. It sets no cookie: the address is the memory.
func (s *Storefront) entrance(w http.ResponseWriter, r *http.Request) error {
	code := web.Negotiate(r.Header.Get("Accept-Language"), s.Shop.Languages, s.Shop.DefaultLanguage)
	w.Header().Set("Vary", "Accept-Language")
	return web.Redirect(w, "/"+code+"/")
}
