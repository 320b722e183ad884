package storefront

import (
	"fmt"
	"io/fs"
	"slices"
)

// ownFiles are the shopkeeper's own texts and pictures, in several places of which the first that has a file wins: the
// data folder comes before what the demo brings.
type ownFiles []fs.FS

// read reads a file; nil if it is nowhere.
func (o ownFiles) read(name string, max int) ([]byte, error) {
	for _, place := range o {
		b, err := fs.ReadFile(place, name)
		switch {
		case isMissing(err):
			continue
		case err != nil:
			return nil, fmt.Errorf("storefront: %w", err)
		case len(b) > max:
			return nil, fmt.Errorf("storefront: %s is larger than %d bytes", name, max)
		}
		return b, nil
	}
	return nil, nil
}

// names lists the files of a folder in all places, each once.
func (o ownFiles) names(dir string) ([]string, error) {
	var out []string
	for _, place := range o {
		entries, err := fs.ReadDir(place, dir)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("storefront: %w", err)
		}
		for _, e := range entries {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
