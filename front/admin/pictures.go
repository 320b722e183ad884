package admin

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// picturesPage arranges the pictures of a product.
type picturesPage struct {
	*page
	Product, Up, Path, Seen string
	Dirty                   bool
	Rows                    []pictureRow
	Wait                    bool // a picture is still being drawn: the page looks again
	Full                    bool
	Most                    int64 // megabytes of a file
}

type pictureRow struct {
	Name    string
	Picture parts.Picture
	Fields  []parts.Field // alternative texts
	Trouble string        // why it was refused
	Waits   bool
	First   bool
	Last    bool
}

// uploads says whether a request brings files.
func uploads(r *http.Request) bool {
	path := r.URL.Path
	return r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") &&
		strings.HasPrefix(path, "/products/") && strings.HasSuffix(path, "/pictures") && strings.Count(path, "/") == 3
}

func (a *Admin) picturesShow(c *call) error { return a.showPictures(c, http.StatusOK, nil) }

func (a *Admin) showPictures(c *call, status int, wrong error) error {
	if err := access.Require(c.who(), access.ProductEdit); err != nil {
		return err
	}
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	up := productPath(e.Input.Handle)
	p := &picturesPage{page: a.page(c, c.site.T("admin.pictures")), Product: a.titleOf(c, e), Up: up, Path: up + "/pictures", Seen: seenText(e.Updated),
		Dirty: clashed(wrong), Full: len(e.Images) >= catalog.MaxImages, Most: catalog.MaxUpload >> 20}
	s := sheet{p: p.page, typed: c.form, clash: clashed(wrong)}
	switch {
	case wrong == nil:
		p.Notice = done(c)
	case s.clash:
		p.Notice, p.Warn = c.site.P.Fault(fault.As(wrong)), true
	case fault.As(wrong) != nil && fault.KindOf(wrong) != fault.Internal:
		p.Problems = []parts.Problem{{Field: "picture", Text: c.site.P.Fault(fault.As(wrong))}}
	default:
		return wrong
	}
	for i, x := range e.Images {
		row := pictureRow{Name: x.Name, First: i == 0, Last: i == len(e.Images)-1, Waits: x.State == "waiting", Picture: picture(x.Image, "")}
		if x.State == "refused" {
			row.Trouble = c.site.P.Message(x.Reason, fault.Params{"max": catalog.MaxUpload >> 20})
		}
		for _, l := range a.tongues() {
			f := s.field("alt."+x.Name+":"+l.Code, c.site.T("admin.picture_alt")+" ("+l.Name+")", e.Input.Images[i].Alt[l.Code], catalog.MaxLine)
			row.Fields = append(row.Fields, spare(f))
		}
		p.Wait = p.Wait || row.Waits
		p.Rows = append(p.Rows, row)
	}
	if p.Wait && wrong == nil {
		c.w.Header().Set("Refresh", "3; url="+p.Path)
	}
	return a.show(c, status, picturesView(p))
}

// pictureAdd takes a picture in. Who sends it was looked at before a byte of it is read.
func (a *Admin) pictureAdd(c *call) error {
	ctx, handle := c.r.Context(), c.r.PathValue("handle")
	if err := a.Catalog.MayEdit(ctx, c.who()); err != nil {
		return err
	}
	var name string
	form, err := web.ReadUpload(c.r, func(f *web.Form, file io.Reader) (err error) {
		if err := a.tokens.Check(c.r, f, c.v.Browser.Clear()); err != nil {
			return err
		}
		if name != "" {
			return fault.New(fault.Malformed, "web.form_malformed")
		}
		name, err = a.Catalog.AddImage(ctx, c.who(), file)
		return err
	})
	if err == nil {
		err = a.tokens.Check(c.r, form, c.v.Browser.Clear())
	}
	if err == nil && name == "" {
		err = fault.New(fault.Invalid, "admin.picture_missing")
	}
	if err == nil {
		for range 3 { // somebody else may hang another one at the same moment
			if err = a.hang(c, handle, name); !clashed(err) {
				break
			}
		}
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Unsupported) || fault.Is(err, fault.TooLarge) || fault.Is(err, fault.Malformed) {
		return a.showPictures(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, productPath(handle, "pictures")+"?done=picture")
}

// hang puts a picture behind the others of a product.
func (a *Admin) hang(c *call, handle, name string) error {
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), handle)
	if err != nil {
		return err
	}
	list := e.Input.Images
	if slices.ContainsFunc(list, func(p catalog.Picture) bool { return p.Name == name }) {
		return nil
	}
	return a.Catalog.SetPictures(c.r.Context(), c.who(), handle, e.Updated, append(slices.Clone(list), catalog.Picture{Name: name}))
}

// picturesArrange keeps texts and order: the button that was pressed says which picture moves or goes.
func (a *Admin) picturesArrange(c *call) error {
	e, err := a.Catalog.Edit(c.r.Context(), c.who(), c.r.PathValue("handle"))
	if err != nil {
		return err
	}
	seen, err := seenTime(c.form.Typed("seen"))
	if err != nil {
		return err
	}
	list := slices.Clone(e.Input.Images)
	for i := range list {
		alt := catalog.Text{}
		for _, l := range a.Shop.Languages {
			if s := c.form.Text("alt."+list[i].Name+":"+l, catalog.MaxLine); s != "" {
				alt[l] = s
			}
		}
		list[i].Alt = alt
	}
	list, word := moved(list, c.form.Typed("act"))
	if err = c.form.Err(); err == nil {
		err = a.Catalog.SetPictures(c.r.Context(), c.who(), e.Input.Handle, seen, list)
	}
	if clashed(err) {
		return a.showPictures(c, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(c.w, productPath(e.Input.Handle, "pictures")+"?done="+word)
}

// moved carries out "up", "down" or "remove" with a picture's name behind it on a list.
func moved(list []catalog.Picture, act string) ([]catalog.Picture, string) {
	verb, at, _ := strings.Cut(act, ".")
	for i := range list {
		if list[i].Name != at {
			continue
		}
		switch {
		case verb == "up" && i > 0:
			list[i-1], list[i] = list[i], list[i-1]
		case verb == "down" && i < len(list)-1:
			list[i+1], list[i] = list[i], list[i+1]
		case verb == "remove":
			return slices.Delete(list, i, i+1), "removed"
		}
		return list, "moved"
	}
	return list, "saved"
}
