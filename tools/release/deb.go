package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // Debian's list of files has nothing else; it guards against damage, not against people
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

// entry is one file of the package: its place, its rights and what is in it.
type entry struct {
	path string // without a leading slash
	mode int64
	text []byte
}

// contents maps places in the package to files of the source. Pages and scripts are in the open; the configuration and
// the data come later and belong to the store's own user.
func (r *release) contents(binary, sbom string) ([]entry, error) {
	var out []entry
	for _, f := range []struct {
		to, from string
		mode     int64
		pack     bool
	}{
		{"usr/bin/strongroom", binary, 0o755, false},
		{"usr/lib/systemd/system/strongroom.service", r.file("deploy/strongroom.service"), 0o644, false},
		{"usr/lib/sysusers.d/strongroom.conf", r.file("deploy/debian/sysusers.conf"), 0o644, false},
		{"etc/default/strongroom", r.file("deploy/debian/default"), 0o644, false},
		{"usr/share/man/man1/strongroom.1.gz", r.file("deploy/strongroom.1"), 0o644, true},
		{"usr/share/doc/strongroom/copyright", r.file("deploy/debian/copyright"), 0o644, false},
		{"usr/share/doc/strongroom/behind-a-proxy.conf", r.file("deploy/behind-a-proxy.conf"), 0o644, false},
		{"usr/share/doc/strongroom/packages.md", r.file("docs/packages.md"), 0o644, false},
		{"usr/share/doc/strongroom/configuration.md", r.file("docs/configuration.md"), 0o644, false},
		{"usr/share/doc/strongroom/commands.md", r.file("docs/commands.md"), 0o644, false},
		{"usr/share/doc/strongroom/observing.md", r.file("docs/observing.md"), 0o644, false},
		{"usr/share/doc/strongroom/sbom.cdx.json", sbom, 0o644, false},
	} {
		text, err := os.ReadFile(f.from)
		if err != nil {
			return nil, err
		}
		if f.pack {
			if text, err = squeeze(text, time.Time{}); err != nil {
				return nil, err
			}
		}
		out = append(out, entry{f.to, f.mode, text})
	}
	slices.SortFunc(out, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	return out, nil
}

func (r *release) file(name string) string { return filepath.Join(r.source, filepath.FromSlash(name)) }

// writeDeb writes a Debian package: an ar archive of the format's version, the control files and the files.
func (r *release) writeDeb(arch, binary, sbom, deb string) error {
	files, err := r.contents(binary, sbom)
	if err != nil {
		return err
	}
	control, err := r.control(arch, files)
	if err != nil {
		return err
	}
	parts := []entry{{path: "debian-binary", text: []byte("2.0\n")}}
	for _, p := range []struct {
		name    string
		entries []entry
	}{{"control.tar.gz", control}, {"data.tar.gz", files}} {
		packed, err := pack(p.entries, r.when)
		if err != nil {
			return err
		}
		parts = append(parts, entry{path: p.name, text: packed})
	}
	return os.WriteFile(deb, archive(parts, r.when), 0o644)
}

// control are the package's description, scripts, list of settings that belong to the operator, and sums.
func (r *release) control(arch string, files []entry) ([]entry, error) {
	var sums, size = strings.Builder{}, 0
	for _, f := range files {
		size += (len(f.text) + 1023) / 1024
		if !strings.HasPrefix(f.path, "etc/") {
			sum := md5.Sum(f.text) //nolint:gosec // see the import
			sums.WriteString(hex.EncodeToString(sum[:]) + "  " + f.path + "\n")
		}
	}
	var about bytes.Buffer
	t, err := template.ParseFiles(r.file("deploy/debian/control"))
	if err != nil {
		return nil, err
	}
	if err := t.Execute(&about, map[string]any{"Version": r.version, "Arch": arch, "Installed": size}); err != nil {
		return nil, err
	}
	out := []entry{{"conffiles", 0o644, []byte("/etc/default/strongroom\n")}, {"control", 0o644, about.Bytes()},
		{"md5sums", 0o644, []byte(sums.String())}}
	for _, script := range []string{"postinst", "postrm", "prerm"} {
		text, err := os.ReadFile(r.file("deploy/debian/" + script))
		if err != nil {
			return nil, err
		}
		out = append(out, entry{script, 0o755, text})
	}
	return out, nil
}

// pack writes a compressed tar archive whose bytes depend on the entries and the time only. Folders come before what
// lies in them and everything belongs to root.
func pack(entries []entry, when time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	made := map[string]bool{}
	for _, e := range entries {
		for _, dir := range folders(e.path) {
			if made[dir] {
				continue
			}
			made[dir] = true
			if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./" + dir, Mode: 0o755, Uname: "root", Gname: "root",
				ModTime: when, Format: tar.FormatGNU}); err != nil {
				return nil, err
			}
		}
		h := &tar.Header{Typeflag: tar.TypeReg, Name: "./" + e.path, Mode: e.mode, Size: int64(len(e.text)), Uname: "root", Gname: "root",
			ModTime: when, Format: tar.FormatGNU}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return squeeze(b.Bytes(), when)
}

// folders are the folders above a file, the outermost first, each with a slash at its end.
func folders(file string) (dirs []string) {
	for d := path.Dir(file); d != "."; d = path.Dir(d) {
		dirs = append(dirs, d+"/")
	}
	dirs = append(dirs, "")
	slices.Reverse(dirs)
	return dirs
}

func squeeze(text []byte, when time.Time) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w.ModTime = when
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// archive writes Unix's oldest format: a line about each part, then its bytes, padded to an even length.
func archive(parts []entry, when time.Time) []byte {
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", p.path, when.Unix(), 0, 0, "100644", len(p.text))
		b.Write(p.text)
		if len(p.text)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}
