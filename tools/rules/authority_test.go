package rules

import (
	"go/ast"
	"os"
	"strings"
	"testing"
)

// makers are the files that may say in whose name something is done, each with what they know it from. Everybody else
// passes on the actor that came with the call.
var makers = map[string]map[string]string{
	"Staff": {
		"guard/staff/enter.go":  "the session that was just checked, with the rights that its member has now",
		"guard/staff/invite.go": "an invitation that was just spent, without any right",
		"shop/export/make.go":   "only the name under which looks are written down, without any right; the asker is looked up anew before each run",
	},
	"Shopper": {
		"front/storefront/account/orders.go":  "the session that was just checked",
		"front/storefront/account/shopper.go": "the session that was just checked",
		"front/storefront/shopper.go":         "the session that was just checked",
		"shop/shopper/service.go":             "the account whose event it was told of, for the log",
	},
	"Approve":        {"guard/staff/carry.go": "a request that two people agreed on, or whose delay is over, looked up anew"},
	"ApproveConsole": {"guard/staff/console.go": "the console of this machine"},
	"Console": {
		"guard/staff/console.go": "the console of this machine", "guard/staff/keys.go": "the console of this machine",
		"guard/staff/setup.go": "the console of this machine", "shop/export/direct.go": "the console of this machine",
		"shop/person/person.go": "the console of this machine",
	},
}

// Whatever is done is decided by the rights of who began it, and never by those of what carries it out (V8.3.3): an actor
// with rights is made in a few places, each from a session or an approval that was looked up just then; jobs carry ids. That
// rights do not survive a job's arguments is shown in guard/access, and that a carried act asks again in guard/staff.
func TestWhoMayActForWhom_V8_3_3(t *testing.T) {
	tr := parse(t)
	seen := map[string]bool{}
	for _, f := range tr.shipped() {
		if f.pkg == "guard/access" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := s.X.(*ast.Ident)
			list := makers[s.Sel.Name]
			if !ok || from.Name != "access" || list == nil || s.Sel.Name == "Console" && f.room() == "cmd" {
				return true
			}
			if seen[s.Sel.Name+f.path] = true; list[f.path] == "" {
				t.Errorf("%s makes an actor by access.%s: whose rights are these?", tr.at(call.Pos()), s.Sel.Name)
			}
			return true
		})
	}
	for kind, list := range makers {
		for path := range list {
			if !seen[kind+path] {
				t.Errorf("%s does not make an actor by access.%s", path, kind)
			}
		}
	}
}

// No key is made from a password: passwords are only compared, by the one function whose costs are configured and have a
// floor, and nothing but records and answers leave its package (V11.4.4).
func TestNoKeyComesFromAPassword_V11_4_4(t *testing.T) {
	tr := parse(t)
	users, answers := 0, 0
	for _, f := range tr.shipped() {
		for _, path := range f.imports {
			switch {
			case strings.HasSuffix(path, "/scrypt"), strings.HasSuffix(path, "/pbkdf2"), strings.HasSuffix(path, "/bcrypt"):
				t.Errorf("%s uses %s", f.path, path)
			case strings.HasSuffix(path, "/argon2"):
				if users++; f.pkg != "guard/identity/hash" {
					t.Errorf("%s stretches a password by itself", f.path)
				}
			}
		}
		if f.pkg != "guard/identity/hash" {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || fn.Type.Results == nil {
				continue
			}
			answers++
			for _, r := range fn.Type.Results.List {
				if a, ok := r.Type.(*ast.ArrayType); ok {
					t.Errorf("%s gives bytes away: %v", tr.at(fn.Pos()), a.Elt)
				}
			}
		}
	}
	if users == 0 || answers < 4 {
		t.Errorf("%d uses, %d answers: the search is broken", users, answers)
	}
	config, err := os.ReadFile("../../base/config/identity.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"p.HashMemory < 19", "p.HashMemory < 46 && p.HashPasses < 2"} {
		if !strings.Contains(string(config), want) {
			t.Errorf("the costs have no floor %q", want)
		}
	}
}
