package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kept are the variables of the builder that say where things lie and how modules come in. Everything else that the Go
// tool listens to is set below, so that it is the same everywhere.
var kept = []string{"PATH", "HOME", "GOPATH", "GOMODCACHE", "GOCACHE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "TMPDIR",
	"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"}

func environment(goos, arch string) []string {
	env := []string{"GOOS=" + goos, "GOARCH=" + arch, "GOAMD64=v1", "GOARM64=v8.0", "CGO_ENABLED=0", "GOFLAGS=", "GOENV=off",
		"GOTOOLCHAIN=local", "GOEXPERIMENT=", "GOWORK=off", "LC_ALL=C"}
	for _, name := range kept {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// compile builds the binary: static, without paths of this machine, without a build id and without what a version
// control system happens to say; the version and its day are stamped in.
func (r *release) compile(goos, arch, binary string) error {
	out, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	stamp := r.version + " " + r.when.Format("2006-01-02")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", "-s -w -buildid= -X 'main.stamp="+stamp+"'", "-o", out, "./cmd/strongroom")
	cmd.Dir, cmd.Env = r.source, environment(goos, arch)
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, b)
	}
	return os.Chmod(out, 0o755)
}

// writeSums writes SHA256SUMS, as sha256sum -c reads it.
func writeSums(dir string, files []string) error {
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		b.WriteString(hex.EncodeToString(sum[:]) + "  " + filepath.Base(f) + "\n")
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(b.String()), 0o644)
}
