// Package rules holds the architecture to its word: each test reads the source and says why the rule stands.
package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = "strongroom/"

// file is one Go file that is ours and written by hand.
type file struct {
	path    string // from the root, with slashes
	pkg     string // its folder
	test    bool
	ast     *ast.File
	lines   int
	imports []string
}

func (f file) room() string { r, _, _ := strings.Cut(f.path, "/"); return r }

type tree struct {
	fset  *token.FileSet
	files []file
}

func (tr *tree) at(p token.Pos) string {
	pos := tr.fset.Position(p)
	return strings.TrimPrefix(filepath.ToSlash(pos.Filename), "../../") + ":" + itoa(pos.Line)
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// parse reads every Go file below the root but generated ones.
func parse(t *testing.T) *tree {
	t.Helper()
	tr := &tree{fset: token.NewFileSet()}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name != ".." && strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		return tr.add(path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.files) < 50 {
		t.Fatalf("only %d files were found: the walk is broken", len(tr.files))
	}
	return tr
}

func (tr *tree) add(path string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	a, err := parser.ParseFile(tr.fset, path, src, parser.ParseComments)
	if err != nil {
		return err
	}
	if ast.IsGenerated(a) {
		return nil
	}
	rel := strings.TrimPrefix(filepath.ToSlash(path), "../../")
	f := file{path: rel, pkg: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(rel, "_test.go"), ast: a,
		lines: strings.Count(string(src), "\n")}
	for _, i := range a.Imports {
		f.imports = append(f.imports, strings.Trim(i.Path.Value, `"`))
	}
	tr.files = append(tr.files, f)
	return nil
}

// shipped are the files of the rooms that go into the binary.
func (tr *tree) shipped() []file {
	var out []file
	for _, f := range tr.files {
		switch f.room() {
		case "cmd", "front", "shop", "guard", "base", "schema":
			if !f.test && !strings.HasSuffix(f.pkg, "test") {
				out = append(out, f)
			}
		}
	}
	return out
}
