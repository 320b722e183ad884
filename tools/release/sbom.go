package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// writeSBOM lists what is linked into a binary, as the binary itself tells it: every module with its version and the
// hash that go.sum holds, Go's own library, and the licence where its text is one that we know.
func (r *release) writeSBOM(binary, sbom string) error {
	where, err := r.folders()
	if err != nil {
		return err
	}
	return r.describe(binary, sbom, where)
}

// describe writes the list of a binary; where says in which folder the source of each module lies.
func (r *release) describe(binary, sbom string, where map[string]string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	b := cdx.NewBOM()
	b.SerialNumber = serial(sum)
	b.Metadata = &cdx.Metadata{Timestamp: r.when.Format(time.RFC3339), Component: &cdx.Component{
		BOMRef: "strongroom", Type: cdx.ComponentTypeApplication, Name: "strongroom", Version: r.version,
		Hashes: hashes(sum[:]), Properties: settings(info)}}
	list := []cdx.Component{{BOMRef: "std", Type: cdx.ComponentTypeLibrary, Name: "std", Version: strings.TrimPrefix(info.GoVersion, "go"),
		PackageURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), Licenses: licences("BSD-3-Clause")}}
	for _, m := range info.Deps {
		c, err := component(m, where)
		if err != nil {
			return err
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b cdx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	b.Components = &list
	refs := make([]string, len(list))
	for i, c := range list {
		refs[i] = c.BOMRef
	}
	b.Dependencies = &[]cdx.Dependency{{Ref: "strongroom", Dependencies: &refs}}
	var out bytes.Buffer
	if err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(b, cdx.SpecVersion1_6); err != nil {
		return err
	}
	return os.WriteFile(sbom, out.Bytes(), 0o644)
}

// component is one module.
func component(m *debug.Module, where map[string]string) (cdx.Component, error) {
	if m.Replace != nil {
		m = m.Replace
	}
	purl := "pkg:golang/" + m.Path + "@" + m.Version
	c := cdx.Component{BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: purl}
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
	if err != nil || len(sum) != sha256.Size {
		return c, fmt.Errorf("%s has no sum that can be read: %q", m.Path, m.Sum)
	}
	// go.sum's h1 is the SHA-256 of a list of the module's files and their SHA-256, not of an archive; said so.
	c.Hashes = hashes(sum)
	c.Properties = &[]cdx.Property{{Name: "strongroom:go.sum", Value: m.Sum}}
	c.Licenses = licences(licenceIn(where[m.Path+"@"+m.Version]))
	return c, nil
}

func hashes(sum []byte) *[]cdx.Hash {
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}}
}

// settings are how the binary was built.
func settings(info *debug.BuildInfo) *[]cdx.Property {
	out := []cdx.Property{{Name: "strongroom:go", Value: info.GoVersion}}
	for _, s := range info.Settings {
		out = append(out, cdx.Property{Name: "strongroom:build:" + s.Key, Value: s.Value})
	}
	return &out
}

// serial names the list after the binary, so that the same binary has the same list.
func serial(sum [32]byte) string {
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// folders says where the source of each module lies on this machine.
func (r *release) folders() (map[string]string, error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}@{{.Version}}\t{{.Dir}}{{end}}", "./cmd/strongroom")
	cmd.Dir, cmd.Env = r.source, environment("linux", "amd64")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list of modules: %w", err)
	}
	where := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if module, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			where[module] = dir
		}
	}
	return where, nil
}

// marks are words that only one licence has, after what must stand beside them.
var marks = []struct{ id, words string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"BSD-3-Clause", "redistribution and use in source and binary forms|endorse or promote products"},
	{"BSD-2-Clause", "redistribution and use in source and binary forms"},
	{"ISC", "permission to use copy modify and/or distribute this software for any purpose with or without fee"},
	{"MIT", "permission is hereby granted free of charge to any person obtaining a copy"},
}

// licenceIn reads the licence of a module's folder; "" if there is none that we know.
func licenceIn(dir string) string {
	if dir == "" {
		return ""
	}
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "License*", "COPYING*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are sound
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			if id := licence(string(text)); id != "" {
				return id
			}
		}
	}
	return ""
}

func licence(text string) string {
	plain := strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return strings.ContainsRune(" \t\r\n,;:()\"'*#", r)
	}), " ")
	for _, m := range marks {
		all := true
		for words := range strings.SplitSeq(m.words, "|") {
			all = all && strings.Contains(plain, words)
		}
		if all {
			return m.id
		}
	}
	return ""
}

func licences(id string) *cdx.Licenses {
	if id == "" {
		return nil
	}
	return &cdx.Licenses{{License: &cdx.License{ID: id}}}
}
