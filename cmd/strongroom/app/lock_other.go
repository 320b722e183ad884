//go:build !unix

package app

import (
	"os"
	"path/filepath"
)

// lock opens the lock file without sharing, where the system has no advisory locks.
func lock(folder string, _ bool) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, folderError(folder, err)
	}
	return func() { _ = f.Close() }, nil
}
