package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"strongroom/base/lang"
)

// keyArg says at which argument of a call a message key stands.
var keyArg = map[string]int{"T": 0, "New": 1, "WithField": 1, "Message": 0}

// Every message key that the code names has a text; a reader never meets a key.
func TestEveryKeyHasAText(t *testing.T) {
	c, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	en := c.For("en")
	fset := token.NewFileSet()
	seen := 0
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			if err == nil {
				err = filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.ToSlash(path), "/tools/") {
			return nil
		}
		a, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(a, func(n ast.Node) bool {
			key, ok := messageKey(n)
			if ok {
				seen++
				if !en.Has(key) {
					t.Errorf("%s: no text for %q", fset.Position(n.Pos()), key)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("only %d keys were found: the search is broken", seen)
	}
}

func messageKey(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	i, ok := keyArg[sel.Sel.Name]
	x, isIdent := sel.X.(*ast.Ident)
	if !ok || len(call.Args) <= i || sel.Sel.Name == "New" && (!isIdent || x.Name != "fault") {
		return "", false
	}
	lit, ok := call.Args[i].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil && strings.Contains(s, ".") && !strings.Contains(s, " ")
}
