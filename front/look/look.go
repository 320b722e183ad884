// Package look is how the store looks: style sheets, the few small scripts, type faces and the shop's mark.
//
// New joins the files into bundles, replaces {{name}} by the address of a file, hashes and compresses everything once,
// and serves it under /assets/NAME.HASH.EXT, where browsers may keep it for a year. There is no build step besides:
// what stands in the folders is what is served.
//
//	assets, err := look.New(look.Colours{})
//	mux.Handle("GET /assets/", assets)
//	assets.Path("shop.css") // "/assets/shop.Tq0….css"
//
// Bundles: shop.css is every style sheet of the storefront, admin.css every one of the desk. Scripts stay one file for each behaviour, so that a page
// loads only what it uses; pages of the checkout load none.
package look

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"path"
	"regexp"
	"strings"

	"strongroom/base/web"
)

//go:embed css/*.css js/*.js fonts/*.woff2 icons/*
var files embed.FS

// Prefix is where assets are served.
const Prefix = "/assets/"

// Level of brotli for what is compressed once at start.
const packed = 11

// shopSheets are joined in this order into shop.css; the cascade layers are named by the first.
var shopSheets = [...]string{"css/tokens.css", "css/base.css", "css/parts.css", "css/storefront.css", "css/account.css"}

// deskSheets are joined into admin.css: the same words, and colours and pages of the desk's own.
var deskSheets = [...]string{"css/tokens.css", "css/base.css", "css/parts.css", "css/admin.css"}

// Colours are a shopkeeper's own accents; an empty field keeps ours. They come as "#1f5c4a".
type Colours struct{ Accent, AccentDeep, NightAccent, NightAccentDeep string }

// Assets are all files, ready to be sent.
type Assets struct {
	paths map[string]string    // "shop.css" -> "/assets/shop.HASH.css"
	files map[string]*web.File // by path
}

// New makes all assets ready.
func New(c Colours) (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]*web.File{}}
	for _, dir := range [...]string{"fonts", "icons", "js"} {
		if err := a.folder(dir); err != nil {
			return nil, err
		}
	}
	own, err := c.sheet()
	if err != nil {
		return nil, err
	}
	if err := a.sheet("shop.css", shopSheets[:], own); err != nil {
		return nil, err
	}
	return a, a.sheet("admin.css", deskSheets[:], "")
}

// sheet joins style sheets into one.
func (a *Assets) sheet(name string, sheets []string, own string) error {
	var css bytes.Buffer
	for _, s := range sheets {
		b, err := files.ReadFile(s)
		if err != nil {
			return fmt.Errorf("look: %w", err)
		}
		css.Write(b)
	}
	css.WriteString(own)
	joined, err := a.fill(css.String())
	if err != nil {
		return err
	}
	a.add(name, []byte(squeeze(joined)))
	return nil
}

// Path is the address of a file by its plain name; an unknown name is a fault of ours that the tests find.
func (a *Assets) Path(name string) string {
	p, ok := a.paths[name]
	if !ok {
		panic("look: no asset " + name)
	}
	return p
}

// File is the asset that Path names.
func (a *Assets) File(name string) *web.File { return a.files[a.Path(name)] }

// Find is the file at an address, for the handler of addresses outside /assets/ such as /favicon.ico; nil if none.
func (a *Assets) Find(path string) *web.File { return a.files[path] }

// ServeHTTP answers GET and HEAD below Prefix.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.files[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	f.ServeHTTP(w, r)
}

func (a *Assets) folder(dir string) error {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look: %w", err)
	}
	for _, e := range entries {
		b, err := files.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			return fmt.Errorf("look: %w", err)
		}
		a.add(e.Name(), b)
	}
	return nil
}

func (a *Assets) add(name string, b []byte) {
	sum := sha256.Sum256(b)
	ext := path.Ext(name)
	p := Prefix + strings.TrimSuffix(name, ext) + "." + base64.RawURLEncoding.EncodeToString(sum[:9]) + ext
	a.paths[name] = p
	a.files[p] = web.NewFile(mediaType(ext), web.Forever, b, packed)
}

var reference = regexp.MustCompile(`\{\{([a-z0-9.-]+)\}\}`)

// fill replaces {{name}} by the address of an asset that was added before.
func (a *Assets) fill(s string) (string, error) {
	var missing string
	out := reference.ReplaceAllStringFunc(s, func(m string) string {
		p, ok := a.paths[m[2:len(m)-2]]
		if !ok {
			missing = m
		}
		return p
	})
	if missing != "" {
		return "", fmt.Errorf("look: a style sheet names %s, which is no asset", missing)
	}
	return out, nil
}

var comments = regexp.MustCompile(`(?s)/\*.*?\*/`)

// squeeze takes comments and indentation out of a style sheet; compression does the rest.
func squeeze(css string) string {
	var b strings.Builder
	for line := range strings.Lines(comments.ReplaceAllString(css, "")) {
		if t := strings.TrimSpace(line); t != "" {
			b.WriteString(t)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func mediaType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	}
	return "application/octet-stream"
}

// All are the assets by their address.
func (a *Assets) All() map[string]*web.File { return maps.Clone(a.files) }
