package rules

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// logCall says at which argument of a logger's method the message stands.
var logCall = map[string]int{"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "DebugContext": 1, "InfoContext": 1, "WarnContext": 1,
	"ErrorContext": 1, "LogAttrs": 2}

// The message of a log line is a constant; what varies has a key. So a line can be understood by a program, and the
// support bundle can show the sentence without the values (V16.2.1, V16.2.5).
func TestLogMessagesAreConstants(t *testing.T) {
	tr := parse(t)
	seen := 0
	for _, f := range tr.shipped() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			at, ok := logCall[sel.Sel.Name]
			if !ok || !isLogger(sel.X) || len(call.Args) <= at {
				return true
			}
			seen++
			if lit, ok := call.Args[at].(*ast.BasicLit); !ok || lit.Kind != token.STRING {
				t.Errorf("%s: the message of a log line must be a constant", tr.at(call.Pos()))
			}
			return true
		})
	}
	if seen < 30 {
		t.Errorf("only %d log calls were found: the search is broken", seen)
	}
}

// isLogger says whether an expression is called log, as every logger here is.
func isLogger(x ast.Expr) bool {
	switch v := x.(type) {
	case *ast.Ident:
		return strings.EqualFold(v.Name, "log") || v.Name == "slog"
	case *ast.SelectorExpr:
		return strings.EqualFold(v.Sel.Name, "log")
	}
	return false
}
