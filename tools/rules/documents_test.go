package rules

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"strongroom/guard/access"
	"strongroom/guard/privacy"
)

// document reads a page of docs.
func document(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rows are the cells of a document's table rows, heads left out.
func rows(text string) (out [][]string) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		head := i+1 < len(lines) && strings.HasPrefix(lines[i+1], "|---")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || head {
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "| "), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
		}
		out = append(out, cells)
	}
	return out
}

var tie = regexp.MustCompile("`([a-z][\\w/]*\\.go): (.+)`$")

// tied holds every row of a page to the line of the source that it names, and counts them.
func tied(t *testing.T, text string) (n int) {
	t.Helper()
	for _, row := range rows(text) {
		m := tie.FindStringSubmatch(row[len(row)-1])
		if m == nil {
			t.Errorf("the row %q names no line of the source", row[0])
			continue
		}
		n++
		b, err := os.ReadFile("../../" + m[1])
		if err != nil || !strings.Contains(squeezed(string(b)), squeezed(m[2])) {
			t.Errorf("%s: %q does not stand in %s (%v)", row[0], m[2], m[1], err)
		}
	}
	return n
}

// The rules for single values (V2.1.1) and for those that must fit together (V2.1.2) stand on a page, each with the line
// of the source that holds it. Every form of address, card, telephone and number that the store reads is among them.
func TestValidationIsDocumented_V2_1_1(t *testing.T) {
	text := document(t, "validation.md")
	_, together, ok := strings.Cut(text, "## Values that must fit together")
	if single, pairs := tied(t, strings.TrimSuffix(text, together)), tied(t, together); !ok || single < 30 || pairs < 18 {
		t.Errorf("%d rules for single values, %d for those that must fit together", single, pairs)
	}
	tr, found := parse(t), 0
	for _, f := range tr.shipped() {
		for _, d := range f.ast.Decls { // whoever has a function that checks what comes in stands on the page
			fn, ok := d.(*ast.FuncDecl)
			if !ok || f.room() != "shop" || fn.Name.Name != "check" || fn.Recv == nil || fn.Type.Results == nil {
				continue
			}
			found++
			if !strings.Contains(text, strings.TrimPrefix(f.pkg, "strongroom/")+"/") {
				t.Errorf("%s checks what comes in, and docs/validation.md says nothing of %s", tr.at(fn.Pos()), f.pkg)
			}
		}
	}
	if found < 6 {
		t.Errorf("%d functions that check: the search is broken", found)
	}
}

var headerSet = regexp.MustCompile(`h(?:\["|\.Set\(")([A-Z][A-Za-z-]+)"`)

// What the store expects of browsers stands on a page: every header with which it asks them for protection, and what
// happens in a browser that does not know it (V3.1.1).
func TestBrowserFeaturesAreDocumented_V3_1_1(t *testing.T) {
	text := document(t, "browsers.md")
	b, err := os.ReadFile("../../guard/shield/headers.go")
	if err != nil {
		t.Fatal(err)
	}
	found := headerSet.FindAllStringSubmatch(string(b), -1)
	for _, m := range found {
		if !strings.Contains(text, "`"+m[1]+"`") {
			t.Errorf("docs/browsers.md says nothing of %s", m[1])
		}
	}
	if len(found) < 12 {
		t.Errorf("%d headers: the search is broken", len(found))
	}
	for _, row := range rows(text) {
		if len(row) != 3 || row[1] == "" || row[2] == "" {
			t.Errorf("%q: what is it for, and what does a browser without it see?", row[0])
		}
	}
	for _, want := range []string{"TLS", "`__Host-`", "`Sec-Fetch-Site`", "JavaScript", "No browser is refused by its name"} {
		if !strings.Contains(text, want) {
			t.Errorf("docs/browsers.md does not speak of %s", want)
		}
	}
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// The page of limits names for every number the line of the source that decides it, and that line stands there: business
// limits (V2.1.3), what is taken as a file (V5.1.1), circumstances with thresholds and actions (V8.1.3, V8.1.4), who is
// called (V13.1.1), how often at once, how long and what then (V13.1.2, V13.1.3, V13.2.6), renewal of secrets (V13.1.4), and
// costly work (V15.1.3).
func TestDocumentsSayWhatTheCodeDoes(t *testing.T) {
	text := document(t, "limits.md")
	if n := tied(t, text); n < 60 {
		t.Errorf("%d limits: the search is broken", n)
	}
	for pkg, whom := range callers {
		if !strings.Contains(text, "`"+pkg+"/") && !strings.Contains(text, pkg) {
			t.Errorf("%s is not on the page: %s is asked", pkg, whom)
		}
	}
}

// isCrypto says whether an import ciphers, hashes for protection, signs or draws random numbers.
func isCrypto(path string) bool {
	for _, p := range []string{"crypto", "golang.org/x/crypto", "filippo.io/", "golang.org/x/mod/sumdb", "github.com/go-webauthn", "github.com/pquerna",
		"github.com/emersion/go-msgauth", "github.com/caddyserver/certmagic"} {
		if path == p || strings.HasPrefix(path, strings.TrimSuffix(p, "/")+"/") {
			return true
		}
	}
	return false
}

// isDangerous says whether an import can run, unpack, decode or look behind what it is given.
func isDangerous(path string) bool {
	for _, p := range []string{"os/exec", "plugin", "unsafe", "C", "encoding/xml", "encoding/gob", "archive", "compress", "image", "golang.org/x/image",
		"text/template", "html/template", "reflect", "net/http/cgi"} {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

// inventory compares what is imported with the rows "| `package` | `import` `import` |" of a page, both ways.
func inventory(t *testing.T, page string, counts func(string) bool) {
	t.Helper()
	listed, found := map[string]bool{}, map[string]bool{}
	quoted := regexp.MustCompile("`([^`]+)`")
	for _, row := range rows(document(t, page)) {
		if len(row) < 3 || !strings.HasPrefix(row[0], "`") || !strings.HasPrefix(row[1], "`") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(row[1], -1) {
			listed[strings.Trim(row[0], "`")+" "+m[1]] = true
		}
	}
	tr := parse(t)
	for _, f := range tr.shipped() {
		if strings.HasSuffix(f.pkg, "test") {
			continue // helpers of tests
		}
		for _, path := range f.imports {
			if counts(path) {
				found[f.pkg+" "+path] = true
			}
		}
	}
	for one := range found {
		if !listed[one] {
			t.Errorf("docs/%s does not list %s", page, one)
		}
	}
	for one := range listed {
		if !found[one] {
			t.Errorf("docs/%s lists %s, which is not there", page, one)
		}
	}
	if len(found) < 10 {
		t.Errorf("%d found: the search is broken", len(found))
	}
}

// Cryptography is discovered in the imports (V11.1.3) and stands in an inventory (V11.1.2) that has a plan for every use
// of keys that quantum computers would break (V11.1.4).
func TestCryptographyIsInventoried_V11_1_2(t *testing.T) {
	inventory(t, "cryptography.md", isCrypto)
	_, plan, ok := strings.Cut(document(t, "cryptography.md"), "quantum computers leave alone")
	for _, use := range []string{"crypto/tls", "crypto/ed25519", "crypto/rsa", "crypto/ecdsa", "go-webauthn", "filippo.io/age"} {
		if !ok || !strings.Contains(plan, use) {
			t.Errorf("the plan says nothing of %s", use)
		}
	}
}

// Dangerous functionality is marked (V15.1.5), and so are risky libraries, all of which are in use (V15.1.4).
func TestDangerousPartsAreMarked_V15_1_5(t *testing.T) {
	inventory(t, "risks.md", isDangerous)
	text := document(t, "risks.md")
	err := filepath.WalkDir("../../front", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".templ") {
			return err
		}
		b, err := os.ReadFile(path)
		if name := filepath.ToSlash(strings.TrimPrefix(path, "../../")); strings.Contains(string(b), "templ.Raw(") && !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/risks.md does not list %s, which writes text unescaped", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, risky, ok := strings.Cut(text, "## Risky components")
	n := 0
	for _, row := range rows(risky) {
		n++
		if module := strings.Trim(row[0], "`"); !strings.Contains(string(mod), module+" ") {
			t.Errorf("%s is no dependency", module)
		}
	}
	if !ok || n < 8 {
		t.Errorf("%d risky components", n)
	}
}

// Only approved ways of making keys, of ciphering and of signing are used (V11.6.1), and ciphers only with their own
// authentication, so that nothing is put together by hand (V11.3.5). Keyed hashes are HMAC-SHA-256 everywhere: tokens have
// no choice of algorithm (V9.1.2), and no library of tokens that bring their own is there (V9.1.3).
func TestAlgorithmsAreFixed_V11_6_1(t *testing.T) {
	allowed := map[string][]string{
		"cipher":   {"NewGCMWithRandomNonce", "NewGCM", "AEAD"},
		"elliptic": {"P256", "Curve"},
		"ed25519":  {"GenerateKey", "PublicKey", "PrivateKey", "NewKeyFromSeed", "Sign", "Verify", "PublicKeySize", "SeedSize"},
		"rsa":      {"GenerateKey", "PrivateKey", "PublicKey"},
		"ecdsa":    {"GenerateKey", "PrivateKey", "PublicKey"},
		"hmac":     {"New", "Equal"},
		"hkdf":     {"Key", "Expand", "Extract"},
		"argon2":   {"IDKey", "Version"},
	}
	tr := parse(t)
	seen := 0
	for _, f := range tr.shipped() {
		if strings.HasSuffix(f.pkg, "test") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				pkg, ok := n.X.(*ast.Ident)
				if ok && pkg.Obj == nil && allowed[pkg.Name] != nil && slices.ContainsFunc(f.imports, func(p string) bool { return isCrypto(p) && strings.HasSuffix(p, "/"+pkg.Name) }) {
					seen++
					if !slices.Contains(allowed[pkg.Name], n.Sel.Name) {
						t.Errorf("%s uses %s.%s", tr.at(n.Pos()), pkg.Name, n.Sel.Name)
					}
				}
			case *ast.CallExpr:
				fixed(t, tr, n)
			}
			return true
		})
	}
	if seen < 20 {
		t.Errorf("%d uses: the search is broken", seen)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct, _, _ := strings.Cut(string(mod), "// indirect")
	for _, word := range []string{"jwt", "jose", "paseto", "saml"} {
		if strings.Contains(direct, word) {
			t.Errorf("go.mod names %s", word)
		}
	}
}

// fixed holds calls that choose an algorithm or a size to one choice.
func fixed(t *testing.T, tr *tree, c *ast.CallExpr) {
	switch name := callee(c); {
	case name == "hmac.New" && (len(c.Args) != 2 || name2(c.Args[0]) != "sha256.New"):
		t.Errorf("%s: a keyed hash of another kind", tr.at(c.Pos()))
	case name == "rsa.GenerateKey":
		if size, ok := declared(c.Args[1]).(*ast.BasicLit); !ok || size.Kind != token.INT || len(size.Value) != 4 || size.Value < "2048" {
			t.Errorf("%s: an RSA key of another size", tr.at(c.Pos()))
		}
	case name == "ecdsa.GenerateKey":
		if inner, ok := c.Args[0].(*ast.CallExpr); !ok || callee(inner) != "elliptic.P256" {
			t.Errorf("%s: a key on another curve", tr.at(c.Pos()))
		}
	}
}

// declared is the value of a constant that an expression names, or the expression itself.
func declared(e ast.Expr) ast.Expr {
	if v, ok := e.(*ast.Ident); ok && v.Obj != nil && v.Obj.Kind == ast.Con {
		if spec, ok := v.Obj.Decl.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			return spec.Values[0]
		}
	}
	return e
}

func callee(c *ast.CallExpr) string { return name2(c.Fun) }

// name2 is "package.name" of an expression, if it is that.
func name2(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + s.Sel.Name
}

// Format strings are constants of the source wherever one is given (V1.3.10); a parameter "format" is handed on by functions
// whose own calls are looked at.
func TestFormatsAreConstants_V1_3_10(t *testing.T) {
	at := map[string]int{"fmt.Sprintf": 0, "fmt.Printf": 0, "fmt.Errorf": 0, "fmt.Fprintf": 1, "fmt.Appendf": 1, "fault.Wrap": 1, "fmt.Sscanf": 1}
	own := map[string]int{"fine": 1, "warn": 2, "wrong": 2, "printf": 0} // of the command line: they hand their format on
	tr := parse(t)
	n := 0
	for _, f := range tr.shipped() {
		ast.Inspect(f.ast, func(x ast.Node) bool {
			c, ok := x.(*ast.CallExpr)
			if !ok {
				return true
			}
			i, known := at[callee(c)]
			if s, ok := c.Fun.(*ast.SelectorExpr); ok && !known && strings.HasPrefix(f.path, "cmd/") {
				i, known = own[s.Sel.Name]
			}
			if !known || i >= len(c.Args) {
				return true
			}
			n++
			if !formatOf(c.Args[i]) {
				t.Errorf("%s: the format is no constant", tr.at(c.Pos()))
			}
			return true
		})
	}
	if n < 200 {
		t.Errorf("%d formats: the search is broken", n)
	}
}

// formatOf says whether an expression is a text of the source, or put together from such.
func formatOf(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.BinaryExpr:
		return formatOf(e.X) && formatOf(e.Y)
	case *ast.ParenExpr:
		return formatOf(e.X)
	case *ast.Ident:
		return e.Obj != nil && (e.Obj.Kind == ast.Con || e.Name == "format")
	}
	return false
}

// Scripts are small and keep to themselves: nothing is put on the window or the document, so that no element's name can
// take a variable's place (V3.2.3); no answer wraps data into a call of the asker's choice (V3.5.6); no page needs a
// plug-in (V3.7.1).
func TestScriptsKeepToThemselves_V3_2_3(t *testing.T) {
	scripts, err := filepath.Glob("../../front/look/js/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatal(err)
	}
	global := regexp.MustCompile(`(?m)^(?:var|let|const|function|class)\s|(?:window|document|globalThis|self)\.[A-Za-z_]+\s*=[^=>]|\bwith\s*\(|\beval\(|innerHTML|document\.write`)
	for _, path := range scripts {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range global.FindAllString(string(b), -1) {
			if found = strings.TrimSpace(found); !strings.HasPrefix(found, "document.title") {
				t.Errorf("%s: %q", path, found)
			}
		}
	}
	plug := regexp.MustCompile(`(?i)<(?:object|embed|applet|param)\b`)
	call := regexp.MustCompile(`(?i)"(?:callback|jsonp)"`)
	err = filepath.WalkDir("../../front", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".templ") && plug.Match(b) {
			t.Errorf("%s needs a plug-in", path)
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && call.Match(b) {
			t.Errorf("%s reads the name of a call", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("walk: %w", err))
	}
}

// Rules for single fields are written down (V8.1.2): every personal field of the inventory has its row, and the table
// names no permission that does not exist.
func TestEveryFieldHasItsRule_V8_1_2(t *testing.T) {
	text := document(t, "fields.md")
	var patterns []string
	for _, cells := range rows(text) {
		if name := strings.Trim(cells[0], "`"); name != cells[0] {
			patterns = append(patterns, name)
		}
	}
	for _, it := range privacy.Inventory() {
		if !slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, it.Name); return ok }) {
			t.Errorf("docs/fields.md has no rule for %s", it.Name)
		}
	}
	known := map[string]bool{}
	for _, p := range access.Permissions() {
		known[string(p)] = true
	}
	for _, cells := range rows(text) {
		for _, m := range regexp.MustCompile("`([a-z]+\\.[a-z]+)`").FindAllStringSubmatch(strings.Join(cells[1:], "|"), -1) {
			if !known[m[1]] {
				t.Errorf("docs/fields.md names the permission %s, which does not exist", m[1])
			}
		}
	}
}
