package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The table of this tree holds together: every id that a test names exists and applies, and every applicable id has a
// test or a reason.
func TestTheTableHolds(t *testing.T) {
	tab, err := read("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range tab.problems() {
		t.Error(p)
	}
	if len(tab.order) != 345 || len(tab.out) < 70 || len(tab.proofs) < 150 {
		t.Errorf("%d ids, %d not in the gate, %d proofs: the search is broken", len(tab.order), len(tab.out), len(tab.proofs))
	}
	proven := 0
	for _, id := range tab.order {
		if _, out := tab.out[id]; !out && tab.stands(id) != open {
			proven++
		}
	}
	if proven < 120 {
		t.Errorf("only %d ids are proven", proven)
	}
}

// tree writes a small source tree.
func tree(t *testing.T, test, applicability, gaps string) *table {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tools/asvs/data/requirements.csv":  "id,level\nV1.2.3,1\nV1.2.4,2\nV1.2.5,3\nV2.1.1,1\nV3.1.1,2\n",
		"tools/asvs/data/applicability.csv": "id,kind,reason\n" + applicability,
		"tools/asvs/data/open.csv":          "id,area,reason\n" + gaps,
		"shop/cart/cart_test.go":            "package cart\n\n" + test,
		"shop/cart/cart.go":                 "package cart\n\n// Says V9.9.9, which is no proof.\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tab, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// Ids are read out of comments, names, cases and ranges, each with its place; what does not fit is said.
func TestIdsAreReadAndHeldToTheStandard(t *testing.T) {
	const out, gaps = "V2.1.1,NA,no such thing\nV3.1.1,ND,while it holds\n", "V1.2.5,accounts,comes with them\n"
	good := tree(t, "// Proves V1.2.3-V1.2.4 in two ways.\nfunc TestA(t T) {}\n\n// V3.1.1 holds.\nfunc TestB_V3_1_1(t T) {}\n", out, gaps)
	if bad := good.problems(); len(bad) > 0 {
		t.Error(bad)
	}
	if p := good.of("V1.2.4"); len(p) != 1 || p[0].test != "TestA" || p[0].line != 3 || p[0].file != "shop/cart/cart_test.go" {
		t.Errorf("%+v", p)
	}
	text := string(good.pages()["asvs/v01.md"]) + string(good.pages()["asvs/v03.md"]) + string(good.pages()["asvs.md"])
	for _, want := range []string{"| V1.2.3 | 1 | `TestA` in shop/cart/cart_test.go |", "| V1.2.5 | 3 | **open** (accounts): comes with them |",
		"| V3.1.1 | ND | while it holds; held by `TestB_V3_1_1` in", "| **3** | **2** | **0** | **1** | **2 of 2** |"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	service := tree(t, "// V1.2.3 (with key service), V1.2.4.\nfunc TestA(t T) {}\n", out, gaps)
	if service.stands("V1.2.3") != withService || service.stands("V1.2.4") != proven {
		t.Errorf("with key service: %v %v", service.stands("V1.2.3"), service.stands("V1.2.4"))
	}
	for want, tab := range map[string]*table{
		"V1.9.9, which ASVS 5.0 does not have": tree(t, "// V1.2.3-V1.2.4 V1.9.9\nfunc TestA(t T) {}\n", out, gaps),
		"V2.1.1, which does not apply":         tree(t, "// V1.2.3-V1.2.4 V2.1.1\nfunc TestA(t T) {}\n", out, gaps),
		"V1.2.4 applies, no test names it":     tree(t, "// V1.2.3\nfunc TestA(t T) {}\n", out, gaps),
		"V1.2.5 in data/open.csv has no":       tree(t, "// V1.2.3-V1.2.4\nfunc TestA(t T) {}\n", out, "V1.2.5,accounts,\n"),
		"V3.1.1 stands in data/open.csv and":   tree(t, "// V1.2.3-V1.2.4\nfunc TestA(t T) {}\n", out, gaps+"V3.1.1,a,b\n"),
		"V7.7.7 in data/ is no id":             tree(t, "// V1.2.3-V1.2.4\nfunc TestA(t T) {}\n", out+"V7.7.7,NA,x\n", gaps),
	} {
		if bad := strings.Join(tab.problems(), "\n"); !strings.Contains(bad, want) {
			t.Errorf("%q is not said:\n%s", want, bad)
		}
	}
}
