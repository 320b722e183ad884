package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// makeFolders makes the folder and what must lie in it, for its owner only.
func makeFolders(p Place) error {
	for _, dir := range []string{p.Folder, filepath.Join(p.Folder, "keys"), filepath.Dir(p.KeyFile), sqliteFolder(p.Data), sqliteFolder(p.Keys)} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return folderError(dir, err)
		}
	}
	return nil
}

// sqliteFolder is the folder of a SQLite database; "" for others.
func sqliteFolder(dsn string) string {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return filepath.Dir(path)
	}
	return ""
}

// folderError says what to do about a folder that cannot be used.
func folderError(dir string, err error) error {
	e := &Error{Kind: BadStore, Cause: err, What: fmt.Sprintf("the folder %s cannot be used: %v", dir, err),
		Do: "Name another folder (data.folder, or --data), or correct this one."}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		e.What, e.Do = "the disk of the folder "+dir+" is full; nothing was written", "Make room, then start again."
	case errors.Is(err, fs.ErrPermission):
		e.What, e.Do = "the folder "+dir+" may not be written", "Let the user that runs strongroom own it."
	}
	return e
}
