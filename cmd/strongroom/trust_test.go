package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/base/localca"
)

// trust says what it will do, does nothing unless it is told to, and takes everything out again.
func TestTrust(t *testing.T) {
	root, data := t.TempDir(), t.TempDir()
	set, err := localca.Open(filepath.Join(data, "tls"), []string{"shop.localhost"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, "usr/local/share/ca-certificates")
	bin := filepath.Join(root, "usr/sbin")
	for _, dir := range []string{folder, bin} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The program that stands for the distribution's writes down what it was told and what others may read.
	script := "#!/bin/sh\necho \"$@\" >> " + filepath.Join(root, "ran") + "\numask > " + filepath.Join(root, "umask") + "\n"
	write(t, filepath.Join(bin, "update-ca-certificates"), []byte(script), 0o755)
	count := func() int {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	args := []string{"trust", "--root", root, "--data", data}
	output(t, nil, args...).expect(t, exitUsage, "Fingerprint", "localhost", "runs update-ca-certificates", "--yes")
	if count() != 0 {
		t.Fatal("something was done without a yes")
	}
	r := output(t, nil, append(args, "--yes")...)
	r.expect(t, exitDone, "believes it now", "key was thrown away")
	want, err := os.ReadFile(set.CAFile())
	if err != nil || count() != 1 {
		t.Fatalf("%d files, %v\n%s", count(), err, r.out)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "strongroom-demo-*.crt"))
	if got := read(t, files[0]); string(got) != string(want) {
		t.Error("something else was put in")
	}
	if u := strings.TrimSpace(string(read(t, filepath.Join(root, "umask")))); u != "0022" {
		t.Errorf("the system's program ran with umask %s: others could not read what it writes", u)
	}
	output(t, nil, "trust", "--root", root, "--remove", "--yes").expect(t, exitDone, "is as it was")
	if count() != 0 || !strings.Contains(string(read(t, filepath.Join(root, "ran"))), "--fresh") {
		t.Error("not taken out")
	}
	output(t, nil, "trust", "--root", root, "--remove", "--yes").expect(t, exitDone, "had nothing of a demo")
	output(t, nil, "trust", "--root", root, "--data", t.TempDir(), "--yes").expect(t, exitFailed, "there is no authority", "strongroom demo")
	output(t, nil, "trust", "--root", t.TempDir(), "--data", data, "--yes").expect(t, exitFailed, "no trust store", "browser")
}
