package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strongroom/base/db"
)

// opened is a store that has been opened once, so that its databases exist.
func opened(t *testing.T) (config, data string) {
	t.Helper()
	config = initStore(t)
	output(t, nil, "order", "list", "-c", config).expect(t, exitDone, "No such orders")
	return config, filepath.Join(filepath.Dir(config), "data")
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, b, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedConfiguration(t *testing.T) {
	config := initStore(t)
	good := string(read(t, config))
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"mistyped key": {"drain_seconds", "drain_second", []string{"strongroom.toml:", "Did you mean server.drain_seconds?"}},
		"half a line":  {`currency = "EUR"`, `currency = "EU`, []string{"strongroom.toml:"}},
		"nonsense":     {"[shop]", "\x00\x01[shop", []string{"strongroom.toml"}},
		"no test mode": {"test_mode = true", "test_mode = false", []string{"payment.provider", "test_mode = true"}},
	} {
		write(t, config, []byte(strings.Replace(good, c.old, c.new, 1)), 0o600)
		r := output(t, nil, "serve", "-c", config)
		r.expect(t, exitConfig, c.want...)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	output(t, nil, "serve", "-c", config+".gone").expect(t, exitConfig, "does not exist", "strongroom init")
	write(t, config, []byte(good), 0o600)
	output(t, []string{"STRONGROOM_MAIL_PROT=25"}, "serve", "-c", config).expect(t, exitConfig, "STRONGROOM_MAIL_PROT", "Did you mean STRONGROOM_MAIL_PORT?")
}

func TestMissingAndWrongKeyFile(t *testing.T) {
	config, data := opened(t)
	other, otherData := opened(t)
	file := filepath.Join(data, "keys", "root.key")
	good := read(t, file)
	foreign := read(t, filepath.Join(otherData, "keys", "root.key"))
	before := read(t, filepath.Join(data, "data.db"))

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	output(t, nil, "serve", "-c", config).expect(t, exitStore, file, "strongroom key recover")
	if _, err := os.Stat(file); err == nil {
		t.Error("a missing key file was replaced by a new one")
	}
	write(t, file, foreign, 0o600)
	output(t, nil, "serve", "-c", config).expect(t, exitStore, file, "another store")
	write(t, file, bytes.Replace(good, []byte("key "), []byte("key 0"), 1), 0o600)
	output(t, nil, "serve", "-c", config).expect(t, exitStore, file, "damaged")
	write(t, file, good, 0o644)
	output(t, nil, "serve", "-c", config).expect(t, exitStore, "chmod 600 "+file)
	write(t, file, good, 0o600)
	output(t, nil, "order", "list", "-c", config).expect(t, exitDone)
	if !bytes.Equal(before, read(t, filepath.Join(data, "data.db"))) {
		t.Error("the data were changed on the way")
	}
	output(t, nil, "order", "list", "-c", other).expect(t, exitDone)
}

// Both key file and key database are gone, but there are data: no fresh keys are made over them.
func TestLostKeysAreNotReplaced(t *testing.T) {
	config, data := opened(t)
	if err := os.RemoveAll(filepath.Join(data, "keys")); err != nil {
		t.Fatal(err)
	}
	output(t, nil, "serve", "-c", config).expect(t, exitStore, "data.db", "key recover")
	if _, err := os.Stat(filepath.Join(data, "keys", "root.key")); err == nil {
		t.Error("a new key file was made")
	}
}

func TestNewerDatabase(t *testing.T) {
	config, data := opened(t)
	file := filepath.Join(data, "data.db")
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{DSN: "sqlite:" + file})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO db_version (version_id, is_applied) VALUES (9999, 1)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	output(t, nil, "serve", "-c", config).expect(t, exitStore, "newer version of strongroom", "nothing was changed", "backup")
	r := output(t, nil, "doctor", "-c", config)
	r.expect(t, exitFailed, "version 9999", "WRONG")
}

func TestDamagedDatabase(t *testing.T) {
	config, data := opened(t)
	for name, file := range map[string]string{"database": "data.db", "key database": "keys/keys.db"} {
		path := filepath.Join(data, file)
		good := read(t, path)
		bad := bytes.Clone(good)
		copy(bad, "this is no database any more")
		write(t, path, bad, 0o600)
		output(t, nil, "serve", "-c", config).expect(t, exitStore, "the "+name, path, "damaged", "backup")
		if !bytes.Equal(bad, read(t, path)) {
			t.Errorf("the damaged %s was written to", name)
		}
		write(t, path, good, 0o600)
	}
	output(t, nil, "order", "list", "-c", config).expect(t, exitDone)
}

func TestUnusableFolders(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	write(t, blocked, []byte("no folder"), 0o600)
	output(t, nil, "demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(blocked, "demo")).expect(t, exitStore, blocked, "--data")
	output(t, nil, "init", "--dir", filepath.Join(blocked, "x"), "--kit", "k", "--name", "n", "--legal-name", "n", "--address", "a",
		"--country", "DE", "--email", "a@b.example", "--url", "https://x.example").expect(t, exitConfig, blocked, "--dir")
}
