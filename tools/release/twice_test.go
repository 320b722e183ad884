//go:build release

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two builds in different folders, with different module folders, caches, times and environments, give the same bytes:
// binaries, lists of parts, packages and checksums, on both architectures (V15.1.2: who doubts what was handed
// out builds it again).
func TestBuildsAreReproducible(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "far", "away", "b b")
	for i, dir := range []string{first, second} {
		copyTree(t, dir, time.Unix(int64(1_000_000_000+i*100_000_000), 0))
	}
	all := options{platforms: []string{"linux/amd64", "linux/arm64"}, parts: []string{"binary", "sbom", "deb", "sums"}}
	a, b := all, all
	a.source, a.out = first, filepath.Join(first, "dist")
	b.source, b.out = second, filepath.Join(t.TempDir(), "out")
	if err := run(a); err != nil {
		t.Fatal(err)
	}
	modules := strings.TrimSpace(must(t, exec.Command("go", "env", "GOMODCACHE")))
	gopath := filepath.Join(t.TempDir(), "gopath")
	if err := os.MkdirAll(filepath.Join(gopath, "pkg"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(gopath, "pkg", "mod")); err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"GOPATH": gopath, "GOMODCACHE": filepath.Join(gopath, "pkg", "mod"), "GOCACHE": filepath.Join(t.TempDir(), "cache"),
		"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "GOFLAGS": "-race", "GOAMD64": "v3", "CGO_ENABLED": "1", "USER": "somebody"} {
		t.Setenv(k, v)
	}
	if err := run(b); err != nil {
		t.Fatal(err)
	}
	compare(t, a.out, b.out)
}

func compare(t *testing.T, one, other string) {
	t.Helper()
	files, err := os.ReadDir(one)
	if err != nil || len(files) != 7 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, f := range files {
		x, err := os.ReadFile(filepath.Join(one, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(filepath.Join(other, f.Name()))
		if err != nil || !bytes.Equal(x, y) {
			t.Errorf("%s differs (%d and %d bytes): %v", f.Name(), len(x), len(y), err)
		}
		for _, trace := range []string{one, other, "/tmp/", os.Getenv("HOME") + "/"} {
			if strings.HasPrefix(f.Name(), "strongroom_") && !strings.HasSuffix(f.Name(), ".deb") && bytes.Contains(x, []byte(trace+"go")) {
				t.Errorf("%s holds a path of the machine that built it: %s", f.Name(), trace)
			}
		}
	}
	must(t, exec.Command("sh", "-c", `cd "$1" && sha256sum --check --strict SHA256SUMS`, "sh", other))
	static(t, filepath.Join(other, "strongroom_"+version(t)+"_linux_amd64"))
}

// static says that the program needs no library of the system.
func static(t *testing.T, binary string) {
	t.Helper()
	out, err := exec.Command("ldd", binary).CombinedOutput()
	if err == nil && !strings.Contains(string(out), "not a dynamic executable") && !strings.Contains(string(out), "statically linked") {
		t.Errorf("the program needs libraries:\n%s", out)
	}
}

// copyTree copies what is committed or about to be, and gives it another age.
func copyTree(t *testing.T, to string, when time.Time) {
	t.Helper()
	list := must(t, exec.Command("git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"))
	for name := range strings.Lines(list) {
		name = strings.TrimSpace(name)
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // removed and not committed yet
		}
		p := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, when, when); err != nil {
			t.Fatal(err)
		}
	}
}
