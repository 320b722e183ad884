package rules

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	looksLikeSQL = regexp.MustCompile(`^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|DROP|ALTER|PRAGMA|VACUUM)\s`)
	tableName    = regexp.MustCompile(`(?:FROM|INTO|UPDATE|JOIN)\s+([a-z][a-z0-9]*_[a-z0-9_]+)`)
)

// foreign are packages whose tables are not the store's: the sandbox is another company.
func foreign(f file) bool { return strings.HasPrefix(f.pkg, "front/demo/sandbox") }

func literals(f file, visit func(*ast.BasicLit, string)) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				visit(lit, s)
			}
		}
		return true
	})
}

// Pages hold no SQL, so that every way to a row passes a service that knows who may see it (V8.3.1).
func TestFrontHoldsNoSQL(t *testing.T) {
	tr := parse(t)
	for _, f := range tr.shipped() {
		if f.room() != "front" && f.room() != "cmd" || foreign(f) {
			continue
		}
		literals(f, func(lit *ast.BasicLit, s string) {
			if looksLikeSQL.MatchString(s) {
				t.Errorf("%s: SQL in %s", tr.at(lit.Pos()), f.room())
			}
		})
	}
}

// Only the package that owns a table names it, so that its rules cannot be bypassed from beside.
func TestOnlyOwnersNameTheirTables(t *testing.T) {
	tr := parse(t)
	found := 0
	for _, f := range tr.shipped() {
		if foreign(f) || f.room() == "schema" {
			continue
		}
		literals(f, func(lit *ast.BasicLit, s string) {
			for _, m := range tableName.FindAllStringSubmatch(s, -1) {
				found++
				owner, _, _ := strings.Cut(m[1], "_")
				if owner == "pg" { // PostgreSQL's own
					continue
				}
				if parts := strings.Split(f.pkg, "/"); len(parts) < 2 || parts[1] != owner {
					t.Errorf("%s names %s, which %s owns", tr.at(lit.Pos()), m[1], owner)
				}
			}
		})
	}
	if found < 50 {
		t.Errorf("only %d table names were found: the search is broken", found)
	}
}

var sqlCalls = map[string]int{"Exec": 0, "Query": 0, "QueryRow": 0, "Guard": 1}

// Statements are constants and values are parameters (V1.2.4): a statement put together at run time is an error,
// but where the pieces are constants too and the file says so in its list below.
func TestStatementsAreConstants(t *testing.T) {
	tr := parse(t)
	for _, f := range tr.shipped() {
		if f.pkg == "base/db" || f.pkg == "base/db/dbtest" {
			continue
		}
		consts := constants(tr, f.pkg)
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			arg, is := statement(call)
			if is && !constant(arg, consts) && pieced[f.path] == "" {
				t.Errorf("%s: a statement that is no constant", tr.at(call.Pos()))
			}
			return true
		})
	}
}

func statement(call *ast.CallExpr) (ast.Expr, bool) {
	fun := call.Fun
	if ix, ok := fun.(*ast.IndexExpr); ok {
		fun = ix.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	if x, ok := sel.X.(*ast.Ident); ok && x.Name == "db" && (sel.Sel.Name == "All" || sel.Sel.Name == "One") && len(call.Args) > 2 {
		return call.Args[2], true
	}
	i, ok := sqlCalls[sel.Sel.Name]
	x, isIdent := sel.X.(*ast.Ident)
	if !ok || !isIdent || !strings.HasPrefix(x.Name, "tx") || len(call.Args) <= i {
		return nil, false
	}
	return call.Args[i], true
}

func constant(e ast.Expr, consts map[string]bool) bool {
	switch x := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return consts[x.Name]
	case *ast.BinaryExpr:
		return constant(x.X, consts) && constant(x.Y, consts)
	case *ast.ParenExpr:
		return constant(x.X, consts)
	}
	return false
}

func constants(tr *tree, pkg string) map[string]bool {
	out := map[string]bool{}
	for _, f := range tr.files {
		if f.pkg != pkg || f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
				for _, s := range d.Specs {
					for _, name := range s.(*ast.ValueSpec).Names {
						out[name.Name] = true
					}
				}
			}
			return true
		})
	}
	return out
}

// pieced are files that join constant pieces of a statement at run time, each with its reason.
var pieced = map[string]string{
	"shop/stock/store.go":           "one function for the guarded updates of this file, each a constant of its caller",
	"shop/payment/store.go":         "the columns and one of three constant conditions",
	"shop/cart/store.go":            "a loop over constants",
	"shop/catalog/store.go":         "many rows in one insert: the number of placeholders varies",
	"shop/catalog/store_derived.go": "a loop over table names in the code; the number of placeholders varies",
	"shop/catalog/store_image.go":   "the number of placeholders varies",
	"shop/catalog/store_list.go":    "filters and sorting join constant pieces; every value is a parameter",
	"shop/catalog/store_search.go":  "the number of placeholders varies",
	"shop/catalog/store_shelves.go": "one function for two constant queries",
	"guard/vault/erase.go":          "one of two constant conditions",
	"guard/audit/store.go":          "filters join constant pieces; every value is a parameter",
}
