package certificate

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk that is really full, where the test may mount one: the old value stays, and with room the new one is kept.
func TestFolderOnASmallDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Logf("no disk of its own here (%v); TestFolderOnAFullDisk stands for it", err)
		return
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	d, err := OpenFolder(filepath.Join(dir, "certificates"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Store(t.Context(), "hosts/a/certificate.json", make([]byte, 5000)); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if err := d.Store(t.Context(), "hosts/a/certificate.json", make([]byte, 6000)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full: %v", err)
	}
	if b, err := d.Load(t.Context(), "hosts/a/certificate.json"); err != nil || len(b) != 5000 {
		t.Errorf("the old value has %d bytes, %v", len(b), err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := d.Store(t.Context(), "hosts/a/certificate.json", make([]byte, 6000)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
