package rules

import (
	"os"
	"strings"
	"testing"
)

// Few dependencies, each with a reason that somebody wrote down (V15.1.2).
func TestEveryDependencyHasAReason(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	direct := 0
	for line := range strings.Lines(string(mod)) {
		f := strings.Fields(line)
		if len(f) != 2 || !strings.HasPrefix(line, "\t") {
			continue
		}
		direct++
		if !strings.Contains(string(page), "`"+f[0]+"`") {
			t.Errorf("%s has no reason in docs/dependencies.md", f[0])
		}
	}
	if direct < 15 {
		t.Errorf("only %d direct dependencies were found: the search is broken", direct)
	}
}
