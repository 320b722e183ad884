package rules

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// Functions are short and files are small, so that each can be read at once. Tables of data are not functions.
func TestFunctionsAndFilesAreSmall(t *testing.T) {
	tr := parse(t)
	for _, f := range tr.shipped() {
		if f.lines > 400 && large[f.path] == "" {
			t.Errorf("%s has %d lines; 400 is the most", f.path, f.lines)
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			n := tr.fset.Position(fn.End()).Line - tr.fset.Position(fn.Pos()).Line
			if n > 80 && long[f.path+":"+fn.Name.Name] == "" {
				t.Errorf("%s: %s has %d lines; 80 is the most", tr.at(fn.Pos()), fn.Name.Name, n)
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s: init hides work and order from the wiring", tr.at(fn.Pos()))
			}
		}
	}
}

// large and long are the exceptions, each with its reason.
var large = map[string]string{}
var long = map[string]string{
	"guard/privacy/columns_catalog.go:catalogColumns": "a table of columns",
}

// Interfaces are declared by their user and small, so that a stand-in is easy and an engine can be replaced.
func TestInterfacesAreSmall(t *testing.T) {
	tr := parse(t)
	for _, f := range tr.shipped() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if i, ok := s.Type.(*ast.InterfaceType); ok && i.Methods.NumFields() > 3 && wide[f.pkg+"."+s.Name.Name] == "" {
				t.Errorf("%s: interface %s has %d methods", tr.at(s.Pos()), s.Name.Name, i.Methods.NumFields())
			}
			return true
		})
	}
}

var wide = map[string]string{
	"front/storefront.Catalogue": "all that pages read of the catalogue; the tests of the pages stand in for it",
	"guard/vault.renewer":        "what rotation needs of a root key that can be renewed; nobody else names it",
	"shop/payment.Disputer":      "all that can be done about a dispute; each verb is one that every provider has",
	"shop/payment.Gateway":       "the whole contract with a payment provider: each verb is one that every provider has",
}

// forbidden are imports that shipped code does without, each with the place that may and the reason.
var forbidden = []struct {
	path, reason string
	may          []string
}{
	{"os/exec", "the store starts no process (V1.2.5); only the command that changes trust stores runs fixed programs", []string{"base/truststore"}},
	{"strongroom/base/truststore", "it starts programs, which only a person's command may", []string{"cmd/strongroom"}},
	{"plugin", "no foreign code in the process (V15.2.5)", nil},
	{"unsafe", "memory safety is the language's (V1.4.1, V1.4.3)", nil},
	{"C", "no cgo (V1.4.1)", nil},
	{"math/rand", "secrets come from crypto/rand (V11.5.1)", nil},
	{"crypto/md5", "broken (V11.4.1)", nil},
	{"crypto/sha1", "broken (V11.4.1, V11.4.3)", []string{"guard/identity/strength"}}, // names lines of the public list; nothing rests on it
	{"crypto/des", "broken (V11.3.1)", nil},
	{"crypto/rc4", "broken (V11.3.1)", nil},
	{"net/http/pprof", "shows the inside (V13.4.2)", nil},
	{"encoding/xml", "no XML is read (V1.5.1)", []string{"front/storefront"}},
	{"encoding/gob", "builds types chosen by the input (V1.5.2)", nil},
	{"log", "logs are structured (V16.2.1)", nil},
	{"go.opentelemetry.io/", "what goes into a trace is decided in one place (V16.2.5)", []string{"base/trace"}},
}

func TestForbiddenImports(t *testing.T) {
	for _, f := range parse(t).shipped() {
		for _, i := range f.imports {
			for _, x := range forbidden {
				if (i == x.path || strings.HasSuffix(x.path, "/") && strings.HasPrefix(i, x.path)) && !contains(x.may, f.pkg) {
					t.Errorf("%s imports %s: %s", f.path, i, x.reason)
				}
			}
		}
	}
}

// Time comes from the transaction or the wired clock, so that tests and rehearsals can move it.
func TestNobodyAsksTheMachineForTheTime(t *testing.T) {
	tr := parse(t)
	for _, f := range tr.shipped() {
		if f.pkg == "base/clock" || machineTime[f.path] != "" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
				t.Errorf("%s asks the machine for the time", tr.at(s.Pos()))
			}
			return true
		})
	}
}

// machineTime are files that measure how long something took or face the machine itself, each with its reason.
var machineTime = map[string]string{
	"base/mail/smtp/smtp.go":  "a mail says when it was handed over",
	"base/mail/smtp/lines.go": "how long a connection has been idle is the machine's time",
	"guard/shield/check.go":   "deadlines of sockets are the machine's time",
}

var unfinished = regexp.MustCompile(`(?i)\b(TODO|FIXME|XXX|HACK|not implemented|for now|coming soon)\b`)

// What is shipped is finished; what is not is in an issue.
func TestNoWordsOfUnfinishedWork(t *testing.T) {
	tr := parse(t)
	for _, f := range tr.shipped() {
		for _, g := range f.ast.Comments {
			if m := unfinished.FindString(g.Text()); m != "" {
				t.Errorf("%s: %q", tr.at(g.Pos()), m)
			}
		}
	}
}

// Every exported name is explained where it stands.
func TestExportedNamesAreExplained(t *testing.T) {
	tr := parse(t)
	for _, f := range tr.shipped() {
		if f.room() == "cmd" {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Name.IsExported() && fn.Doc == nil && (fn.Recv == nil || exportedReceiver(fn)) {
				t.Errorf("%s: %s has no comment", tr.at(fn.Pos()), fn.Name.Name)
			}
		}
	}
}

func exportedReceiver(fn *ast.FuncDecl) bool {
	e := fn.Recv.List[0].Type
	if s, ok := e.(*ast.StarExpr); ok {
		e = s.X
	}
	id, ok := e.(*ast.Ident)
	return ok && id.IsExported()
}

// Every package's comment is its manual page.
func TestPackagesHaveAManualPage(t *testing.T) {
	has, all := map[string]bool{}, map[string]bool{}
	for _, f := range parse(t).shipped() {
		all[f.pkg] = true
		if f.ast.Doc != nil && len(strings.Fields(f.ast.Doc.Text())) >= 10 {
			has[f.pkg] = true
		}
	}
	for pkg := range all {
		if !has[pkg] {
			t.Errorf("package %s has no manual page", pkg)
		}
	}
}
