package main

import (
	"encoding/csv"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// proof is one place where a test names an id.
type proof struct {
	id, test, file string
	line           int
	service        bool // holds for stores with a key service
}

// class says why an id is not in the gate.
type class struct{ kind, reason string }

// gap is why an applicable id has no test, and which work closes it.
type gap struct{ area, reason string }

// table is all of it.
type table struct {
	order  []string          // every id of the standard
	level  map[string]string // and its level
	out    map[string]class
	open   map[string]gap
	proofs []proof
}

// The kinds of ids that are not in the gate.
const (
	never    = "NA"  // never in the store's role: naming it is a mistake
	decided  = "ND"  // out while a design decision holds: a test may hold the decision
	deployer = "DEP" // the deployer's: a test may show the product's part
)

func read(root string) (*table, error) {
	t := &table{level: map[string]string{}, out: map[string]class{}, open: map[string]gap{}}
	data := filepath.Join(root, "tools", "asvs", "data")
	err := rows(filepath.Join(data, "requirements.csv"), 2, func(r []string) { t.order = append(t.order, r[0]); t.level[r[0]] = r[1] })
	if err == nil {
		err = rows(filepath.Join(data, "applicability.csv"), 3, func(r []string) { t.out[r[0]] = class{r[1], r[2]} })
	}
	if err == nil {
		err = rows(filepath.Join(data, "open.csv"), 3, func(r []string) { t.open[r[0]] = gap{r[1], r[2]} })
	}
	if err == nil {
		err = t.walk(root)
	}
	return t, err
}

func rows(file string, columns int, each func([]string)) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.FieldsPerRecord = columns
	all, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, row := range all[1:] {
		each(row)
	}
	return nil
}

// proving says whether a file holds tests: those of the packages, the suites that engines run, and the tools that
// attack, kill and walk.
func proving(path string) bool {
	dir := filepath.Base(filepath.Dir(path))
	return strings.HasSuffix(path, "_test.go") || strings.HasSuffix(dir, "test") && strings.HasSuffix(path, ".go")
}

func (t *table) walk(root string) error {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); path != root && strings.HasPrefix(n, ".") || n == "node_modules" || n == "testdata" || strings.HasSuffix(filepath.ToSlash(path), "tools/asvs") {
				return filepath.SkipDir
			}
			return nil
		}
		if !proving(path) {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return t.file(path, filepath.ToSlash(rel))
	})
	sort.SliceStable(t.proofs, func(i, j int) bool {
		a, b := t.proofs[i], t.proofs[j]
		if a.id != b.id {
			return less(a.id, b.id)
		}
		return a.file+a.test < b.file+b.test
	})
	return err
}

// file reads the ids in each declaration of a file, its comment included: all that stands there is said of it.
func (t *table) file(path, rel string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	a, err := parser.ParseFile(set, path, src, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, d := range a.Decls {
		from, name := d.Pos(), ""
		switch x := d.(type) {
		case *ast.FuncDecl:
			if name = x.Name.Name; x.Doc != nil {
				from = x.Doc.Pos()
			}
		case *ast.GenDecl:
			if x.Doc != nil {
				from = x.Doc.Pos()
			}
			if len(x.Specs) > 0 {
				name = specName(x.Specs[0])
			}
		}
		start := set.Position(from)
		t.take(string(src[start.Offset:set.Position(d.End()).Offset]), name, rel, start.Line)
	}
	return nil
}

func specName(s ast.Spec) string {
	switch x := s.(type) {
	case *ast.ValueSpec:
		return x.Names[0].Name
	case *ast.TypeSpec:
		return x.Name.Name
	}
	return ""
}

var (
	named   = regexp.MustCompile(`\bV([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{1,2})(?:-V([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{1,2}))?\b(?:([^.;]{0,80}?)\(with key service\))?`)
	inNames = regexp.MustCompile(`_V([0-9]{1,2})_([0-9]{1,2})_([0-9]{1,2})\b`)
)

// take collects the ids of one declaration, each once.
func (t *table) take(text, test, file string, line int) {
	seen := map[string]bool{}
	add := func(id string, at int, service bool) {
		if !seen[id] {
			seen[id] = true
			t.proofs = append(t.proofs, proof{id, test, file, line + strings.Count(text[:at], "\n"), service})
		}
	}
	for _, m := range named.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		section, service := "V"+part(1)+"."+part(2)+".", strings.Contains(text[m[0]:m[1]], "(with key service)")
		first, last := number(part(3)), number(part(3))
		if part(4) != "" {
			if last = number(part(6)); "V"+part(4)+"."+part(5)+"." != section {
				last = first // a range within one section only
				add("V"+part(4)+"."+part(5)+"."+part(6), m[0], service)
			}
		}
		for n := first; n <= last; n++ {
			add(section+strconv.Itoa(n), m[0], service)
		}
	}
	for _, m := range inNames.FindAllStringSubmatchIndex(text, -1) {
		add("V"+text[m[2]:m[3]]+"."+text[m[4]:m[5]]+"."+text[m[6]:m[7]], m[0], false)
	}
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // the expression took digits only
	return n
}

// less orders ids as the standard does.
func less(a, b string) bool {
	x, y := strings.Split(strings.TrimPrefix(a, "V"), "."), strings.Split(strings.TrimPrefix(b, "V"), ".")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return number(x[i]) < number(y[i])
		}
	}
	return len(x) < len(y)
}
