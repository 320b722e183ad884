package rules

import (
	"path"
	"strings"
	"testing"
)

// below says which rooms each room may import. Arrows point down, so that what protects the store does not depend on
// what it protects, and pages can change without touching rules.
var below = map[string][]string{
	"cmd":    {"cmd", "front", "shop", "guard", "base", "schema"},
	"front":  {"front", "shop", "guard", "base"},
	"shop":   {"shop", "guard", "base"},
	"guard":  {"guard", "base"},
	"base":   {"base"},
	"schema": {"schema"},
}

func TestRoomsImportOnlyDownward(t *testing.T) {
	for _, f := range parse(t).shipped() {
		for _, i := range f.imports {
			if !strings.HasPrefix(i, module) {
				continue
			}
			to, _, _ := strings.Cut(strings.TrimPrefix(i, module), "/")
			if !contains(below[f.room()], to) {
				t.Errorf("%s imports %s: %s may only import %v", f.path, i, f.room(), below[f.room()])
			}
		}
	}
}

// siblings lists the arrows between packages of one room, each with its reason. A new one is a decision: add it here
// with a reason, or find a way without.
var siblings = map[string]string{}

func arrow(from, to, reason string) { siblings[from+" -> "+to] = reason }

// unit is the package as the architecture counts it: room and first folder.
func unit(pkg string) string {
	parts := strings.Split(pkg, "/")
	return path.Join(parts[:min(2, len(parts))]...)
}

func TestSiblingArrowsAreListedAndMakeNoCircle(t *testing.T) {
	declare()
	used := map[string]bool{}
	graph := map[string][]string{}
	for _, f := range parse(t).shipped() {
		from := unit(f.pkg)
		if f.room() == "cmd" {
			continue
		}
		for _, i := range f.imports {
			to := unit(strings.TrimPrefix(i, module))
			if !strings.HasPrefix(i, module) || to == from || !strings.HasPrefix(to, f.room()+"/") {
				continue
			}
			key := from + " -> " + to
			if f.room() != "base" && siblings[key] == "" {
				t.Errorf("%s: the arrow %s is not listed in tools/rules/siblings_test.go", f.path, key)
			}
			if !used[key] {
				graph[from] = append(graph[from], to)
			}
			used[key] = true
		}
	}
	for key := range siblings {
		if !used[key] {
			t.Errorf("the arrow %s is listed and not used", key)
		}
	}
	for from := range graph {
		if way := circle(graph, from, from, nil); way != nil {
			t.Errorf("a circle: %s", strings.Join(way, " -> "))
		}
	}
}

func circle(graph map[string][]string, goal, at string, way []string) []string {
	way = append(way, at)
	if len(way) > 12 {
		return nil
	}
	for _, next := range graph[at] {
		if next == goal {
			return append(way, goal)
		}
		if contains(way, next) {
			continue
		}
		if w := circle(graph, goal, next, way); w != nil {
			return w
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
