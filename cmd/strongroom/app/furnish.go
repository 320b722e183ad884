package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"strongroom/front/demo/sample"
	"strongroom/guard/access"
	"strongroom/shop/catalog"
)

// furnish fills the shelves of a demo that is started for the first time. A mark in the folder says that it is done; a
// start that was interrupted goes on, because importing the same goods twice changes nothing.
func (s *Store) furnish(ctx context.Context) error {
	mark := filepath.Join(s.c.Place.Folder, "furnished")
	if _, err := os.Stat(mark); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	pictures, err := fs.Sub(sample.FS(), "pictures")
	if err != nil {
		return err
	}
	o := catalog.Options{Images: pictures, Rendered: true, Actor: access.System("demo")}
	s.c.Progress("putting the sample goods on the shelves")
	rep, err := s.importSample(ctx, "categories.csv", o, s.Catalog.ImportCategories)
	if err != nil {
		return err
	}
	goods, err := s.importSample(ctx, "products.csv", o, s.Catalog.Import)
	if err != nil {
		return err
	}
	s.c.Progress(fmt.Sprintf("%d products in %d categories are there", goods.Products, rep.Categories))
	return os.WriteFile(mark, nil, 0o600)
}

// importer is one of the catalogue's two imports.
type importer func(context.Context, io.Reader, catalog.Options) (catalog.Report, error)

func (s *Store) importSample(ctx context.Context, name string, o catalog.Options, run importer) (catalog.Report, error) {
	f, err := sample.FS().Open(name)
	if err != nil {
		return catalog.Report{}, err
	}
	defer func() { _ = f.Close() }()
	rep, err := run(ctx, f, o)
	for _, x := range rep.Findings {
		s.c.Log.Error("the sample does not fit", "file", name, "line", x.Line, "column", x.Name, "what", x.Key)
	}
	return rep, err
}

// settle gives back the memory that only the start has needed, once the first pages are out.
func settle() { time.AfterFunc(2*time.Second, debug.FreeOSMemory) }
