package privacy_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/guard/privacy"
)

// columnsOf lists "table.column" of a database, without the migration tool's own table.
func columnsOf(t *testing.T, d *db.DB) (out []string) {
	t.Helper()
	query := `SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'db_version'`
	if d.Engine() == db.Postgres {
		query = `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name <> 'db_version'`
	}
	if err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
		out, err = db.All(tx, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) }, query)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d columns", len(out))
	}
	return out
}

// V14.1.1, V14.1.2: every column of both schemas is classified, on both engines, and every declaration is complete.
func TestEveryColumnIsClassified_V14_1_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		both := append(columnsOf(t, p.Data), columnsOf(t, p.Keys)...)
		slices.Sort(both)
		for _, problem := range privacy.Problems(slices.Compact(both)) {
			t.Error(problem)
		}
	})
}

// The test above must be able to fail, and must say what to do.
func TestProblemsSayWhatToDo(t *testing.T) {
	var all []string
	for _, c := range privacy.Columns() {
		all = append(all, c.Table+"."+c.Name)
	}
	count := func(schema []string, words ...string) (n int) {
		for _, p := range privacy.Problems(schema) {
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(p, w) }) {
				n++
			}
		}
		return n
	}
	if n := count(append(all, "order_head.shoe_size"), "order_head.shoe_size", "columns_<domain>.go", "declare"); n != 1 {
		t.Errorf("an unlisted column gives %d messages", n)
	}
	if n := count(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "job_queue.args" }), "job_queue.args", "remove"); n != 1 {
		t.Errorf("a vanished column gives %d messages", n)
	}
	if n := count(all, "job_queue"); n != 0 {
		t.Errorf("right columns give %d messages", n)
	}
}

func TestInventory(t *testing.T) {
	items := privacy.Inventory()
	if len(items) < 20 {
		t.Fatalf("only %d fields", len(items))
	}
	for i, it := range items {
		if i > 0 && items[i-1].Field.Number >= it.Field.Number {
			t.Errorf("%s is out of order", it.Name)
		}
		if privacy.ByNumber(it.Field.Number) != it.Declaration {
			t.Errorf("%s is not found by its number", it.Name)
		}
		if it.What.In("de") == it.What.In("en") && len(it.What.EN) > 12 || it.What.In("fr") != it.What.EN {
			t.Errorf("%s has no German text, or no English one for other languages", it.Name)
		}
	}
}

// The numbers are bound into everything sealed: what stands here once may never change.
func TestFieldNumbersArePermanent(t *testing.T) {
	for number, want := range map[uint16]string{
		10: "audit.origin security", 11: "audit.reason security",
		100: "order.email fulfilment", 101: "order.phone fulfilment", 102: "order.note fulfilment",
		110: "order.delivery_name fulfilment", 111: "order.delivery_company fulfilment", 112: "order.delivery_street fulfilment",
		113: "order.delivery_line2 fulfilment", 114: "order.delivery_postcode fulfilment", 115: "order.delivery_city fulfilment",
		116: "order.delivery_region fulfilment", 120: "order.billing_name fiscal", 121: "order.billing_company fiscal",
		122: "order.billing_street fiscal", 123: "order.billing_line2 fiscal", 124: "order.billing_postcode fiscal",
		125: "order.billing_city fiscal", 126: "order.billing_region fiscal",
		150: "withdrawal.name fulfilment", 151: "withdrawal.email fulfilment", 152: "withdrawal.statement fulfilment",
		240: "post.detail fulfilment", 241: "post.address fulfilment",
	} {
		d := privacy.ByNumber(number)
		if d == nil || d.Name+" "+d.Field.Purpose.String() != want {
			t.Errorf("field %d is no longer %s", number, want)
		}
	}
}

// opensElsewhere are the packages other than guard/vault that may handle ciphers, with the reason.
var opensElsewhere = map[string]string{
	"guard/vault/openbao/baotest": "a stand-in for another machine, which only tests start",
}

// V11.2.2: only guard/vault seals and opens. Whoever needs something sealed asks the vault.
func TestOnlyTheVaultDecrypts_V11_2_2(t *testing.T) {
	forbidden := []string{"crypto/cipher", "crypto/aes", "crypto/des", "crypto/rc4", "crypto/hpke", "golang.org/x/crypto/chacha20",
		"golang.org/x/crypto/nacl", "github.com/tink-crypto/", "filippo.io/age", "filippo.io/hpke"}
	vault := 0
	walk(t, func(path string, file *ast.File) {
		dir := filepath.ToSlash(filepath.Dir(path))
		for _, i := range file.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil || !slices.ContainsFunc(forbidden, func(f string) bool { return strings.HasPrefix(name, f) }) {
				continue
			}
			if dir == "guard/vault" {
				vault++
			} else if opensElsewhere[dir] == "" {
				t.Errorf("%s imports %s: only guard/vault seals and opens; use vault.Seal, SealSecret, MAC or Sign", path, name)
			}
		}
		if dir != "guard/vault" && opensElsewhere[dir] == "" {
			for _, line := range opens(file) {
				t.Errorf("%s calls Open as an AEAD does (%s): only guard/vault decrypts", path, line)
			}
		}
	})
	if vault == 0 {
		t.Error("the test saw no cipher in guard/vault: it looks in the wrong place")
	}
}

// opens finds calls x.Open(a, b, c, d), the form of an AEAD, where x is a value and no package.
func opens(file *ast.File) (out []string) {
	packages := map[string]bool{}
	for _, i := range file.Imports {
		name := strings.Trim(i.Path.Value, `"`)
		packages[name[strings.LastIndexByte(name, '/')+1:]] = true
		if i.Name != nil {
			packages[i.Name.Name] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || len(c.Args) != 4 {
			return true
		}
		if s, ok := c.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Open" {
			if x, ok := s.X.(*ast.Ident); !ok || !packages[x.Name] {
				out = append(out, "at byte "+strconv.Itoa(int(c.Pos())))
			}
		}
		return true
	})
	return out
}

func walk(t *testing.T, visit func(path string, file *ast.File)) {
	t.Helper()
	const root = "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil // a file that does not parse fails its own build
		}
		rel, err := filepath.Rel(root, path)
		visit(rel, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
