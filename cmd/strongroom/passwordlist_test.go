package main

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strongroom/guard/identity/strength"
)

// The command makes a filter that the store can use, and says what is wrong with another file.
func TestPasswordListBuild(t *testing.T) {
	dir := t.TempDir()
	var lines strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&lines, "%X:%d\r\n", sha1.Sum([]byte(fmt.Sprint("leaked ", i))), i+1)
	}
	list, out := filepath.Join(dir, "list.txt"), filepath.Join(dir, "leaked.filter")
	if err := os.WriteFile(list, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r := output(t, nil, "password-list", "build", list, "--out", out, "--least", "1001", "--json")
	var got listReport
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || got.Lines != 3000 || got.Kept != 2000 || got.Entries != 2000 || got.Filter != out || got.Bytes == 0 {
		t.Fatalf("%v %+v", err, r)
	}
	f, err := strength.OpenFilter(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for i, want := range map[int]bool{1000: true, 2999: true, 999: false} {
		if has, err := f.Has(fmt.Sprint("leaked ", i)); err != nil || has != want {
			t.Errorf("number %d: %v %v", i, has, err)
		}
	}
	output(t, nil, "password-list", "build", list, "--out", out).expect(t, exitDone, "3000 passwords", "leak_list", "100 % written")
	if err := os.WriteFile(list, []byte("hunter2:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r = output(t, nil, "password-list", "build", list, "--out", out)
	r.expect(t, exitFailed, "line 1", "SHA-1:count", "Nothing was changed")
	if strings.Contains(r.out+r.err, "hunter2") {
		t.Error("the message repeats the line")
	}
	output(t, nil, "password-list", "build", filepath.Join(dir, "gone"), "--out", out).expect(t, exitFailed, "gone")
	output(t, nil, "password-list", "build", list).expect(t, exitUsage, "--out")
}
