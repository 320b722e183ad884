package rules

import (
	"go/ast"
	"testing"
)

// What nobody does alone asks for its approval first, and only guard/staff gives one, after two people, or a day, or on
// the console (V2.3.5). A new method that takes an approval and does not look at it fails here.
func TestDangerousMethodsAskForTheirApproval(t *testing.T) {
	tr := parse(t)
	methods := 0
	for _, f := range tr.shipped() {
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			name := approvalOf(fn)
			if name == "" || !fn.Name.IsExported() || f.pkg == "guard/access" {
				continue
			}
			methods++
			if !asksFirst(fn.Body, name) {
				t.Errorf("%s: %s takes an approval and does not begin with %s.For(...)", tr.at(fn.Pos()), fn.Name.Name, name)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || s.Sel.Name != "Approve" && s.Sel.Name != "ApproveConsole" {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "access" && f.pkg != "guard/staff" {
				t.Errorf("%s: only guard/staff approves", tr.at(s.Pos()))
			}
			return true
		})
	}
	if methods < 8 {
		t.Errorf("only %d dangerous methods were found: the search is broken", methods)
	}
}

// approvalOf is the name of a function's parameter of the type access.Approved.
func approvalOf(fn *ast.FuncDecl) string {
	for _, p := range fn.Type.Params.List {
		s, ok := p.Type.(*ast.SelectorExpr)
		if !ok || s.Sel.Name != "Approved" || len(p.Names) != 1 {
			continue
		}
		if x, ok := s.X.(*ast.Ident); ok && x.Name == "access" {
			return p.Names[0].Name
		}
	}
	return ""
}

// asksFirst says whether the first statement, but for the one that wraps errors, is an if with name.For in it.
func asksFirst(body *ast.BlockStmt, name string) bool {
	for _, s := range body.List {
		if _, ok := s.(*ast.DeferStmt); ok {
			continue
		}
		first, ok := s.(*ast.IfStmt)
		if !ok || first.Init == nil {
			return false
		}
		found := false
		ast.Inspect(first.Init, func(n ast.Node) bool {
			if c, ok := n.(*ast.SelectorExpr); ok && c.Sel.Name == "For" {
				x, ok := c.X.(*ast.Ident)
				found = found || ok && x.Name == name
			}
			return true
		})
		return found
	}
	return false
}
