package main

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// stamp is "0.3.0 2026-11-22" in a release: the linker writes it (tools/release), and nothing else ever does.
var stamp string

type versionCommand struct {
	JSON bool `help:"Print one line of JSON."`
}

// versionInfo is what this binary knows of itself.
type versionInfo struct {
	Version  string `json:"version"`
	Released string `json:"released,omitempty"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Help is shown by --help.
func (versionCommand) Help() string {
	return "Examples:\n  strongroom version\n  strongroom version --json"
}

// Run prints the version that the Go tool has written into the binary.
func (c versionCommand) Run(t *terminal) error {
	v := version()
	if c.JSON {
		return t.json(v)
	}
	t.printf("strongroom %s (%s, %s)\n", v.Version, v.Go, v.Platform)
	if v.Released != "" {
		t.printf("released on %s\n", v.Released)
	}
	if v.Revision != "" {
		t.printf("revision %s\n", v.Revision)
	}
	return nil
}

func version() versionInfo {
	v := versionInfo{Version: "development", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if number, day, ok := strings.Cut(stamp, " "); ok {
		v.Version, v.Released = number, day
	} else if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
