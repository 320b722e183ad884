package support

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"strongroom/cmd/strongroom/app"
)

// size is what a file or folder of the store takes.
type size struct {
	There bool  `json:"there"`
	Bytes int64 `json:"bytes,omitempty"`
	Files int   `json:"files,omitempty"`
}

// machine is what the store runs on, in numbers.
func machine(_ context.Context, o Options) (any, error) {
	out := map[string]any{"system": runtime.GOOS + "/" + runtime.GOARCH, "processors": runtime.NumCPU(), "memory": memory()}
	if o.Config == nil {
		return out, nil
	}
	p := app.PlaceOf(o.Config)
	if free, err := app.DiskFree(p.Folder); err == nil {
		out["disk_free_bytes"] = free
	}
	out["files"] = map[string]size{
		"data.db": file(p.Data), "data.db-wal": file(p.Data + "-wal"),
		"keys.db": file(p.Keys), "keys.db-wal": file(p.Keys + "-wal"),
		"root.key": file("sqlite:" + p.KeyFile),
		"blobs":    folder(filepath.Join(p.Folder, "blobs")),
		"outbox":   folder(filepath.Join(p.Folder, "outbox")),
		"own":      folder(filepath.Join(p.Folder, "own")),
	}
	return out, nil
}

func file(dsn string) size {
	path, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok {
		return size{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return size{}
	}
	return size{There: true, Bytes: info.Size()}
}

// most is how many files of a folder are counted.
const most = 200_000

func folder(dir string) (s size) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error { // what cannot be read is not counted
		if err != nil || s.Files >= most {
			return fs.SkipAll
		}
		s.There = true
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			s.Files++
			s.Bytes += info.Size()
		}
		return nil
	})
	return s
}

var memoryLine = regexp.MustCompile(`(?m)^(MemTotal|MemAvailable|SwapTotal|SwapFree):\s+([0-9]+) kB$`)

// memory is what Linux says of it, in KiB; empty elsewhere.
func memory() map[string]string {
	out := map[string]string{}
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return out
	}
	for _, m := range memoryLine.FindAllStringSubmatch(string(text), -1) {
		out[m[1]] = m[2]
	}
	return out
}
