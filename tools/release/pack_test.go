package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

const root = "../.."

// elsewhere copies what goes into a package into another folder, with other times and other rights.
func elsewhere(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "another place")
	for _, name := range []string{"VERSION", "go.mod", "go.sum", "deploy", "docs"} {
		err := filepath.WalkDir(filepath.Join(root, name), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			to := filepath.Join(dir, rel)
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				return err
			}
			if err := os.WriteFile(to, text, 0o600); err != nil {
				return err
			}
			return os.Chtimes(to, time.Unix(1e9, 0), time.Unix(1e9, 0))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// built makes a release around a binary that is there already: the test's own, which knows its modules too.
func built(t *testing.T, source string) (r release, out string) {
	t.Helper()
	out = t.TempDir()
	r = release{options: options{source: source, out: out}}
	if err := r.readVersion(); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(out, "strongroom")
	if err := os.WriteFile(binary, text, 0o755); err != nil {
		t.Fatal(err)
	}
	sbom, deb := binary+".cdx.json", filepath.Join(out, "strongroom.deb")
	if err := r.describe(binary, sbom, map[string]string{}); err != nil {
		t.Fatal(err)
	}
	if err := r.writeDeb("amd64", binary, sbom, deb); err != nil {
		t.Fatal(err)
	}
	return r, out
}

// The same binary packed in two folders with different times and rights gives the same bytes. That two builds give the
// same binary is shown by "make release-test".
func TestPackagesAreReproducible(t *testing.T) {
	_, a := built(t, root)
	_, b := built(t, elsewhere(t))
	for _, name := range []string{"strongroom.deb", "strongroom.cdx.json"} {
		x, err := os.ReadFile(filepath.Join(a, name))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(filepath.Join(b, name))
		if err != nil || !bytes.Equal(x, y) {
			t.Errorf("%s differs between two folders (%d and %d bytes): %v", name, len(x), len(y), err)
		}
	}
}

// Debian's own tool reads the package: every file has its rights and belongs to root, and none is left over, nothing of
// version control among them (V13.4.1).
func TestDebianReadsThePackage(t *testing.T) {
	r, dir := built(t, root)
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Log("dpkg-deb is not on this machine: only the package's own bytes were looked at")
		return
	}
	deb := filepath.Join(dir, "strongroom.deb")
	about, err := exec.Command("dpkg-deb", "--info", deb).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, about)
	}
	for _, want := range []string{"Package: strongroom", "Version: " + r.version, "Architecture: amd64", "postinst", "prerm", "postrm", "conffiles"} {
		if !strings.Contains(string(about), want) {
			t.Errorf("%q is missing in\n%s", want, about)
		}
	}
	list, err := exec.Command("dpkg-deb", "--contents", deb).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, list)
	}
	seen := 0
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		switch {
		case len(f) < 6 || f[1] != "root/root" || f[3] != r.when.Format(time.DateOnly):
			t.Errorf("not root's, or of another day: %s", line)
		case f[5] == "./usr/bin/strongroom" && f[0] != "-rwxr-xr-x", strings.HasPrefix(f[0], "-") && f[5] != "./usr/bin/strongroom" && f[0] != "-rw-r--r--":
			t.Errorf("rights: %s", line)
		case strings.Contains(f[5], "/.git"), strings.Contains(f[5], "/."+"svn"), strings.Contains(f[5], "_test"):
			t.Errorf("does not belong there: %s", line)
		case strings.HasPrefix(f[0], "-"):
			seen++
		}
	}
	if seen < 12 {
		t.Errorf("%d files in the package\n%s", seen, list)
	}
}

// The list of parts names every module of the binary with version and hash, and has a licence where it can be read
// (V15.1.2, V15.2.4: a list of what is in the product, from the product, each part with its sum).
func TestSBOMListsEveryModule(t *testing.T) {
	_, dir := built(t, root)
	b := readSBOM(t, filepath.Join(dir, "strongroom.cdx.json"))
	if b.Components == nil || len(*b.Components) < 2 {
		t.Fatal("the list is empty")
	}
	for _, c := range *b.Components {
		if c.Version == "" || c.PackageURL == "" || c.Name != "std" && c.Hashes == nil {
			t.Errorf("%s: version %q, address %q, hashes %v", c.Name, c.Version, c.PackageURL, c.Hashes)
		}
	}
	for text, want := range map[string]string{
		"MIT License\nPermission is hereby granted, free of charge, to any person obtaining a copy": "MIT",
		"Apache License\n  Version 2.0, January 2004":                                               "Apache-2.0",
		"Redistribution and use in source and binary forms, ... endorse or promote products":        "BSD-3-Clause",
		"Redistribution and use in source and binary forms, with or without":                        "BSD-2-Clause",
		"All rights reserved.": "",
	} {
		if got := licence(text); got != want {
			t.Errorf("licence %q of %q", got, text)
		}
	}
}

func readSBOM(t *testing.T, file string) *cdx.BOM {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(bytes.NewReader(text), cdx.BOMFileFormatJSON).Decode(b); err != nil {
		t.Fatal(err)
	}
	return b
}
