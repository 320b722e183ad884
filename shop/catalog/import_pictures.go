package catalog

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"strongroom/base/fault"
	"strongroom/guard/access"
)

// pictures are the files that a CSV file may name: by their own name, without its ending, or, where there are several
// sizes, without "-WIDTH" too.
type pictures struct {
	files    fs.FS
	by       access.Actor
	rendered bool
	byName   map[string][]picturePath
	added    map[string]string // name in the file -> name in the store
}

type picturePath struct {
	path  string
	width int // 0 if the name does not say
}

// maxPictures bounds the files that are looked at.
const maxPictures = 500_000

var sized = regexp.MustCompile(`^(.+)-([0-9]{2,5})$`)

func findPictures(o Options) (*pictures, error) {
	p := &pictures{files: o.Images, by: o.Actor, rendered: o.Rendered, byName: map[string][]picturePath{}, added: map[string]string{}}
	if o.Images == nil {
		return p, nil
	}
	n := 0
	err := fs.WalkDir(o.Images, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if n++; n > maxPictures {
			return fault.New(fault.Invalid, "catalog.too_many").With("max", maxPictures)
		}
		if e.Type().IsRegular() {
			p.note(file)
		}
		return nil
	})
	for _, list := range p.byName {
		slices.SortFunc(list, func(a, b picturePath) int { return a.width - b.width })
	}
	return p, err
}

func (p *pictures) note(file string) {
	base, ext := path.Base(file), strings.ToLower(path.Ext(file))
	if !slices.Contains([]string{".jpg", ".jpeg", ".png", ".gif", ".webp"}, ext) {
		return
	}
	stem := base[:len(base)-len(ext)]
	p.byName[base] = append(p.byName[base], picturePath{file, 0})
	p.byName[stem] = append(p.byName[stem], picturePath{file, 0})
	if m := sized.FindStringSubmatch(stem); m != nil {
		w, _ := strconv.Atoi(m[2])
		p.byName[m[1]] = append(p.byName[m[1]], picturePath{file, w})
	}
}

func (p *pictures) has(name string) bool { return len(p.byName[name]) > 0 }

// add takes a picture into the store, once for each import.
func (p *pictures) add(ctx context.Context, s *Service, name string) (string, error) {
	if known := p.added[name]; known != "" {
		return known, nil
	}
	list := p.byName[name]
	if len(list) == 0 {
		return name, nil // the name of a picture that the store has; PutAll says so if not
	}
	got, err := p.take(ctx, s, list)
	if err != nil {
		return "", fmt.Errorf("picture %q: %w", shown(name), err)
	}
	p.added[name] = got
	return got, nil
}

func (p *pictures) take(ctx context.Context, s *Service, list []picturePath) (string, error) {
	if s.blobs == nil {
		return "", fault.New(fault.Unavailable, "catalog.image_gone")
	}
	if p.rendered && list[0].width > 0 {
		var sizes []Rendered
		for _, f := range list {
			data, err := fs.ReadFile(p.files, f.path)
			if err != nil {
				return "", err
			}
			sizes = append(sizes, Rendered{data})
		}
		return s.AddRendered(ctx, p.by, sizes)
	}
	f, err := p.files.Open(list[len(list)-1].path) // the largest
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	return s.AddImage(ctx, p.by, f)
}
