package admin

import (
	"net/http"
	"time"

	"strongroom/base/fault"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// mediaPath is where the desk shows pictures of goods, those of hidden products too.
const mediaPath = "/media/"

// media answers with a picture of the catalogue. It stays in this reader's browser.
func (a *Admin) media(c *call) error {
	if err := access.Require(c.who(), access.ProductView); err != nil {
		return err
	}
	name, width, ok := catalog.ParseFile(c.r.PathValue("file"))
	if !ok {
		return fault.New(fault.NotFound, "web.not_found")
	}
	f, err := a.Catalog.Open(c.r.Context(), name, width)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	h := c.w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("ETag", f.ETag)
	http.ServeContent(c.w, c.r, "", time.Time{}, f.File)
	return nil
}

// picture is an image with its sizes.
func picture(i catalog.Image, alt string) parts.Picture {
	p := parts.Picture{Alt: alt, Width: i.Width, Height: i.Height}
	for _, w := range i.Widths {
		p.Sources = append(p.Sources, parts.Source{URL: mediaPath + i.File(w), Width: w})
	}
	return p
}
