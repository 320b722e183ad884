// Command release builds what is handed out: static binaries for Linux, a Debian package of each, an SBOM of each and
// their checksums.
//
//	go run ./tools/release                              everything into dist/
//	go run ./tools/release -only linux/arm64 -parts binary
//
// Two builds of the same source with the same Go version give the same bytes, whatever the folder, the time, the
// machine's environment and the caches. The version and its day stand in the file VERSION; SOURCE_DATE_EPOCH wins over
// the day. What goes in is decided here and by the files in deploy/, and by nothing else: the environment of the
// builder is not handed on to the compiler.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	var o options
	only, parts := "", ""
	flag.StringVar(&o.source, "source", ".", "root of the source")
	flag.StringVar(&o.out, "out", "dist", "folder to write to")
	flag.StringVar(&only, "only", "linux/amd64,linux/arm64", "platforms")
	flag.StringVar(&parts, "parts", "binary,sbom,deb,sums", "what to make")
	flag.Parse()
	o.platforms, o.parts = strings.Split(only, ","), strings.Split(parts, ",")
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// options say what to build from where.
type options struct {
	source, out string
	platforms   []string
	parts       []string
}

func (o options) wants(part string) bool { return slices.Contains(o.parts, part) }

// release is one version of the program.
type release struct {
	options
	version string
	when    time.Time // every date in what is made
}

// run makes everything, platform by platform, and the checksums last.
func run(o options) error {
	r := release{options: o}
	if err := r.readVersion(); err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var made []string
	for _, p := range o.platforms {
		files, err := r.platform(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		made = append(made, files...)
	}
	if o.wants("sums") {
		return writeSums(o.out, made)
	}
	return nil
}

// platform makes the files of one operating system and architecture.
func (r *release) platform(name string) (made []string, err error) {
	goos, arch, ok := strings.Cut(name, "/")
	if !ok {
		return nil, fmt.Errorf("a platform is written linux/amd64")
	}
	binary := filepath.Join(r.out, fmt.Sprintf("strongroom_%s_%s_%s", r.version, goos, arch))
	if r.wants("binary") {
		if err := r.compile(goos, arch, binary); err != nil {
			return nil, err
		}
		made = append(made, binary)
	}
	sbom := binary + ".cdx.json"
	if r.wants("sbom") {
		if err := r.writeSBOM(binary, sbom); err != nil {
			return nil, err
		}
		made = append(made, sbom)
	}
	if r.wants("deb") {
		deb := filepath.Join(r.out, fmt.Sprintf("strongroom_%s_%s.deb", r.version, arch))
		if err := r.writeDeb(arch, binary, sbom, deb); err != nil {
			return nil, err
		}
		made = append(made, deb)
	}
	return made, nil
}

// readVersion reads "0.3.0 2026-11-22" from the file VERSION.
func (r *release) readVersion() error {
	b, err := os.ReadFile(filepath.Join(r.source, "VERSION"))
	if err != nil {
		return err
	}
	f := strings.Fields(string(b))
	if len(f) != 2 {
		return fmt.Errorf("VERSION must hold a version and its day")
	}
	r.version = f[0]
	if r.when, err = time.Parse(time.DateOnly, f[1]); err != nil {
		return err
	}
	if e := os.Getenv("SOURCE_DATE_EPOCH"); e != "" {
		n, err := strconv.ParseInt(e, 10, 64)
		if err != nil {
			return fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
		}
		r.when = time.Unix(n, 0).UTC()
	}
	return nil
}
