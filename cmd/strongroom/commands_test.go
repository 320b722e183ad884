package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Help works for every command, with examples where there are flags to explain.
func TestHelp(t *testing.T) {
	for _, args := range []string{"", "demo", "init", "serve", "sandbox", "product import", "order list", "order show", "doctor", "key rotate", "job dead", "trust", "password-list build", "staff invite", "owner recover", "version"} {
		r := output(t, nil, append(strings.Fields(args), "--help")...)
		r.expect(t, exitDone, "Usage: strongroom")
		if args != "" && !strings.Contains(r.out, "strongroom "+args) {
			t.Errorf("%s: no example\n%s", args, r.out)
		}
		if strings.Contains(r.out, "\x1b[") {
			t.Errorf("%s: colours without a terminal", args)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	output(t, nil, "sell").expect(t, exitUsage, "sell", "strongroom --help")
	output(t, nil, "demo", "--port", "1").expect(t, exitUsage, "--port", "strongroom demo --help")
	output(t, nil, "order", "show", "K7Q2-M9XD", "--reveal").expect(t, exitUsage, "--reason")
	output(t, nil, "init", "--dir", t.TempDir(), "--kit", "x").expect(t, exitUsage, "--name", "--address")
	output(t, nil, "init", "--dir", t.TempDir()).expect(t, exitUsage, "terminal", "--kit")
}

func TestVersion(t *testing.T) {
	r := output(t, nil, "version", "--json")
	var v versionInfo
	if err := json.Unmarshal([]byte(r.out), &v); err != nil || v.Go == "" || r.code != exitDone {
		t.Errorf("%v %+v", err, r)
	}
}

// init writes what serve reads, and a recovery kit that opens the store; nothing is written over.
func TestInitKeysAndKit(t *testing.T) {
	config := initStore(t)
	dir := filepath.Dir(config)
	output(t, nil, "init", "--dir", dir, "--kit", "x").expect(t, exitConfig, "there already")

	kit := filepath.Join(t.TempDir(), "second-kit.txt")
	output(t, nil, "key", "kit", "-c", config, "--file", kit).expect(t, exitDone)
	if info, err := os.Stat(kit); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the kit's file: %v %v", info, err)
	}
	output(t, nil, "key", "kit", "-c", config).expect(t, exitUsage, "terminal")
	output(t, nil, "key", "check", "-c", config, "--file", kit).expect(t, exitDone, "opens this store")
	r := output(t, nil, "key", "status", "-c", config, "--json")
	var s keyReport
	if err := json.Unmarshal([]byte(r.out), &s); err != nil || s.Rotation != "never" || len(s.Kits) != 2 || s.Kits[1].Checked.IsZero() {
		t.Errorf("%v %+v", err, r)
	}
	output(t, nil, "key", "rotate", "-c", config).expect(t, exitDone, "the old keys are destroyed")
	output(t, nil, "key", "check", "-c", config, "--file", kit).expect(t, exitDone, "opens this store")

	file := filepath.Join(dir, "data", "keys", "root.key")
	if err := os.Rename(file, file+".lost"); err != nil {
		t.Fatal(err)
	}
	output(t, nil, "key", "status", "-c", config).expect(t, exitStore, "strongroom key recover")
	output(t, nil, "key", "recover", "-c", config, "--file", kit).expect(t, exitDone, "is back")
	output(t, nil, "key", "status", "-c", config).expect(t, exitDone, "ended")
}

func TestSecretsOfInitAreItsOwners(t *testing.T) {
	dir := filepath.Dir(initStore(t))
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "strongroom.toml"))
	if err != nil || strings.Contains(string(b), "sk_test_") {
		t.Errorf("the configuration holds a secret: %v", err)
	}
}
