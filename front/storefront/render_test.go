package storefront

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// lookAt writes every page into a folder, to be looked at as a picture:
//
//	go test ./front/storefront -run TestEveryPage -look DIR
var lookAt = flag.String("look", "", "write the rendered pages into this folder")

func TestEveryPageRenders(t *testing.T) {
	for _, code := range [...]string{"en", "de"} {
		f := newFrame(t, code)
		for name, c := range f.pages(t) {
			t.Run(code+"/"+name, func(t *testing.T) {
				var b bytes.Buffer
				if err := c.Render(context.Background(), &b); err != nil {
					t.Fatal(err)
				}
				keep(t, f, code, name, b.Bytes())
				checkPageHTML(t, code, name, b.Bytes())
			})
		}
	}
}

func keep(t *testing.T, f *frame, code, name string, html []byte) {
	if *lookAt == "" {
		return
	}
	write := func(path string, b []byte) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(*lookAt, code, name+".html"), html)
	for path, file := range f.sites.assets.All() {
		write(filepath.Join(*lookAt, path), file.Bytes())
	}
}
