package main

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The disk is full: whoever wants to buy is told to try again, nothing breaks, and with room it goes on.
func TestFullDisk(t *testing.T) {
	folder, mounted := smallDisk(t)
	startDemo(t, filepath.Join(folder, "demo")).stop(t) // furnished, with an empty log to write to
	d := startDemo(t, filepath.Join(folder, "demo"))
	_, _, page := d.get(t, d.Shop+"/en/p/wall-calendar")
	m := regexp.MustCompile(`name="variant"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="variant"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the product page has no variant to buy")
	}
	add := func() (int, string) {
		req, err := http.NewRequest("POST", d.Shop+"/en/cart/add", strings.NewReader(url.Values{"variant": {m[1] + m[2]}, "quantity": {"1"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		resp, err := d.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	if status, page := add(); status != 303 {
		t.Fatalf("before: %d %s", status, page)
	}
	free := fill(t, folder, d.PID, mounted)
	failed := false
	for i := 0; i < 40 && !failed; i++ { // SQLite uses up what its files hold already
		status, page := add()
		if failed = status == 503 && !strings.Contains(page, "SQL"); !failed && status != 303 {
			t.Fatalf("full: %d %.300s", status, page)
		}
	}
	if !failed {
		t.Error("the full disk was not noticed")
	}
	if status, _, _ := d.get(t, d.Shop+"/en/c/paper"); status != 200 {
		t.Errorf("reading on a full disk: %d", status)
	}
	free()
	if status, _ := add(); status != 303 {
		t.Errorf("with room again: %d\n%s", status, d.log)
	}
	d.stop(t)
}

// smallDisk is a folder on a disk of its own that can be filled, where the test may mount one.
func smallDisk(t *testing.T) (folder string, mounted bool) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64m"); err != nil {
		return folder, false
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder, true
}

// fill fills the disk. Without a disk of its own the process may make no file longer than it is, which it meets in the
// same place.
func fill(t *testing.T, folder string, pid int, mounted bool) (free func()) {
	t.Helper()
	if !mounted {
		limit := func(size string) {
			if out, err := exec.Command("prlimit", "--pid", strconv.Itoa(pid), "--fsize="+size).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		limit("4096:unlimited")
		return func() { limit("unlimited") }
	}
	ballast := filepath.Join(folder, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	_ = f.Close()
	return func() { _ = os.Remove(ballast) }
}
