package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/guard/vault"
)

// V13.3.2: a key file that others can read, that is a link, damaged, missing or another store's is refused,
// each with its own hint, and never replaced.
func TestKeyFilesThatAreRefused_V13_3_2(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	file := newFile(t)
	s := fill(t, get[*vault.Vault](t)(open(t, p.Keys, file)), row(t, p), 1)
	content := get[[]byte](t)(os.ReadFile(file))
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string, mode os.FileMode) {
		must(t, os.WriteFile(path(name), []byte(text), mode))
		must(t, os.Chmod(path(name), mode))
	}
	write("group", string(content), 0o640)
	write("others", string(content), 0o604)
	must(t, os.Symlink(file, path("link")))
	must(t, os.Mkdir(path("folder"), 0o700))
	write("flipped", strings.Replace(string(content), "key ", "key 0", 1), 0o600)
	write("sum", strings.Replace(string(content), "sum ", "sum 0", 1), 0o600)
	write("cut", string(content[:60]), 0o600)
	write("empty", "", 0o600)
	foreign := newFile(t)
	for name, want := range map[string]string{"group": "vault.keyfile_exposed", "others": "vault.keyfile_exposed",
		"link": "vault.keyfile_symlink", "folder": "vault.keyfile_exposed", "flipped": "vault.keyfile_damaged",
		"sum": "vault.keyfile_damaged", "cut": "vault.keyfile_damaged", "empty": "vault.keyfile_damaged", "missing": "vault.keyfile_missing", foreign: "vault.keyfile_foreign"} {
		at := name
		if !filepath.IsAbs(name) {
			at = path(name)
		}
		_, err := open(t, p.Keys, at)
		if f := fault.As(err); f == nil || f.Key != want || f.Hint == "" {
			t.Errorf("%s: got %v, want %s with a hint", name, err, want)
		}
		if err != nil && strings.Contains(fmt.Sprintf("%+v %#v", err, err), strings.Fields(string(content))[7]) {
			t.Errorf("%s: the error shows the key", name)
		}
	}
	if _, err := vault.CreateKeyFile(file); !fault.Is(err, fault.Conflict) {
		t.Errorf("a key file was written over: %v", err)
	}
	if st := get[os.FileInfo](t)(os.Stat(file)); st.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v", st.Mode())
	}
	if left := get[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(file))); len(left) != 1 {
		t.Errorf("writing left %d files", len(left))
	}
	s.holds(t, get[*vault.Vault](t)(open(t, p.Keys, file)))
}

// service stands for a key service: it names no key and rotates by itself.
type service struct{ *vault.KeyFile }

// A store can begin with an engine that names no key and go on with a key file.
func TestARootKeyIsNamedLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		file := newFile(t)
		root := get[*vault.KeyFile](t)(vault.OpenKeyFile(file))
		v := get[*vault.Vault](t)(vault.Open(ctx, vault.Options{Keys: p.Keys, Root: struct{ vault.RootKey }{service{root}}}))
		s := fill(t, v, row(t, p), 3)
		must(t, v.Rotate(ctx, nil))
		if _, err := v.NewKit(ctx); !fault.Is(err, fault.Unsupported) {
			t.Errorf("a kit was made of a key that is not ours: %v", err)
		}
		must(t, v.Close())
		v = get[*vault.Vault](t)(open(t, p.Keys, file))
		get[*vault.Kit](t)(v.NewKit(ctx))
		must(t, v.Rotate(ctx, nil))
		s.holds(t, v)
	})
}
