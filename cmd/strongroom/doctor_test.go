package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strongroom/cmd/strongroom/app"
)

func findings(t *testing.T, config string, code int, env ...string) map[string]app.Finding {
	t.Helper()
	r := output(t, env, "doctor", "--json", "-c", config)
	r.expect(t, code)
	var d doctorReport
	if err := json.Unmarshal([]byte(r.out), &d); err != nil {
		t.Fatalf("%v\n%s%s", err, r.out, r.err)
	}
	if d.Well != (code == exitDone) {
		t.Errorf("well is %v", d.Well)
	}
	m := map[string]app.Finding{}
	for _, f := range d.Findings {
		if f.State != app.Fine && f.Do == "" {
			t.Errorf("%s says what is wrong but not what to do: %s", f.Name, f.Found)
		}
		m[f.Name] = f
	}
	return m
}

// The doctor finds what is broken, names the way out, and changes nothing.
func TestDoctor(t *testing.T) {
	config, data := opened(t)
	m := findings(t, config, exitFailed) // neither mail server nor sandbox is there
	for name, want := range map[string]app.State{"configuration": app.Fine, "data folder": app.Fine, "key file": app.Fine, "keys": app.Fine,
		"database": app.Fine, "key database": app.Fine, "recovery kit": app.Warn, "jobs": app.Fine, "installation": app.Fine,
		"mail": app.Wrong, "payment": app.Wrong, "certificate": app.Fine, "server.listen": app.Fine} {
		if m[name].State != want {
			t.Errorf("%s: %+v, want %s", name, m[name], want)
		}
	}
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(data, "keys", "root.key")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	m = findings(t, config, exitFailed)
	if f := m["data folder"]; f.State != app.Warn || !strings.Contains(f.Do, "chmod 700") {
		t.Errorf("open folder: %+v", f)
	}
	if f := m["key file"]; f.State != app.Wrong || !strings.Contains(f.Do, "chmod 600") {
		t.Errorf("open key file: %+v", f)
	}
}

// A copied store knows that it is one: the doctor says so, and the release lets it go.
func TestCopyIsHeldUntilReleased(t *testing.T) {
	config, _ := opened(t)
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(config))); err != nil {
		t.Fatal(err)
	}
	chmodAll(t, dir)
	config = filepath.Join(dir, "strongroom.toml")
	if f := findings(t, config, exitFailed)["installation"]; f.State != app.Warn || !strings.Contains(f.Do, "store release") {
		t.Errorf("a copy: %+v", f)
	}
	output(t, nil, "store", "release", "-c", config).expect(t, exitDone, "is a copy", "--yes")
	output(t, nil, "store", "release", "--yes", "-c", config).expect(t, exitDone, "Released")
	if f := findings(t, config, exitFailed)["installation"]; f.State != app.Fine {
		t.Errorf("released: %+v", f)
	}
}

// chmodAll gives a copied folder back the rights that a careful copy keeps.
func chmodAll(t *testing.T, dir string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if info.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}
