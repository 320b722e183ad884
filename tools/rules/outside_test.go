package rules

import (
	"go/ast"
	"strings"
	"testing"
)

// callers are the packages that reach beyond the process over HTTP, each with whom it asks. The address is always
// configuration; nobody who visits the shop can name one (V1.3.6, V13.2.4, V13.2.5).
var callers = map[string]string{
	"base/trace":              "the operator's collector",
	"shop/payment/sandbox":    "the payment provider",
	"shop/payment/stripe":     "Stripe",
	"shop/payment/paypal":     "the payment provider",
	"front/demo/sandbox":      "the shop's notices, as another company",
	"cmd/strongroom":          "the private listener of the store on this machine",
	"cmd/strongroom/app":      "makes the ways for the others",
	"guard/certificate":       "the certificate authority, and the shop's own host names",
	"guard/vault/openbao":     "the key service",
	"base/sms/twilio":         "the provider of short messages",
	"guard/identity/strength": "the public service that knows leaked passwords, if the operator names it",
	"guard/audit/outside":     "the object store that keeps heads of the audit log",
}

// follows are the clients that may follow redirects, each with the reason (V15.3.2).
var follows = map[string]string{
	"cmd/strongroom/app/payment.go":  "never leaves the process: the demo's shop is its transport",
	"cmd/strongroom/app/sandbox.go":  "front/demo/sandbox forbids it when it takes the client",
	"front/demo/sandbox/sandbox.go":  "forbids it two lines below",
	"guard/certificate/preflight.go": "asks the authority's directory, as its own library does",
}

// Whom the store asks is a list, and what is asked follows no redirect to somewhere else.
func TestWhomTheStoreAsks(t *testing.T) {
	tr := parse(t)
	found := 0
	for _, f := range tr.shipped() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			c, ok := n.(*ast.CompositeLit)
			if !ok || !isHTTP(c.Type, "Client") && !isHTTP(c.Type, "Transport") || strings.HasSuffix(f.pkg, "test") {
				return true
			}
			found++
			if callers[f.pkg] == "" {
				t.Errorf("%s reaches outside, and %s is not in the list of callers", tr.at(c.Pos()), f.pkg)
			}
			if isHTTP(c.Type, "Client") && follows[f.path] == "" && !sets(c, "CheckRedirect") {
				t.Errorf("%s: a client that follows redirects", tr.at(c.Pos()))
			}
			return true
		})
		for _, name := range []string{"Get", "Post", "PostForm", "Head", "DefaultClient"} {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && isHTTP(s, name) {
					t.Errorf("%s uses the default client", tr.at(s.Pos()))
				}
				return true
			})
		}
	}
	if found < 6 {
		t.Errorf("only %d clients were found: the search is broken", found)
	}
}

func isHTTP(e ast.Expr, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "http"
}

func sets(c *ast.CompositeLit, field string) bool {
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if k, ok := kv.Key.(*ast.Ident); ok && k.Name == field {
				return true
			}
		}
	}
	return false
}

// Patterns are constants: nothing that somebody typed becomes a regular expression (V1.2.9), and Go's take time in
// proportion to the text, whatever the pattern (V1.3.12).
func TestPatternsAreConstants(t *testing.T) {
	tr := parse(t)
	found := 0
	for _, f := range tr.shipped() {
		for _, i := range f.imports {
			if strings.Contains(i, "regexp2") || strings.Contains(i, "pcre") {
				t.Errorf("%s imports %s: such patterns can take exponential time", f.path, i)
			}
		}
		consts := constants(tr, f.pkg)
		ast.Inspect(f.ast, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) == 0 {
				return true
			}
			s, ok := c.Fun.(*ast.SelectorExpr)
			if !ok || !strings.HasPrefix(s.Sel.Name, "MustCompile") && !strings.HasPrefix(s.Sel.Name, "Compile") && s.Sel.Name != "MatchString" {
				return true
			}
			if x, ok := s.X.(*ast.Ident); !ok || x.Name != "regexp" {
				return true
			}
			if found++; !constant(c.Args[0], consts) {
				t.Errorf("%s: a pattern that is no constant", tr.at(c.Pos()))
			}
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d patterns were found: the search is broken", found)
	}
}
