//go:build unix

package app

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lock keeps a second store out of the folder for as long as this process lives. The system lets go of it even when the
// process is killed. Processes of one store on PostgreSQL share the folder.
func lock(folder string, shared bool) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, folderError(folder, err)
	}
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = f.Close()
		return nil, &Error{Kind: InUse, Cause: err, What: "another strongroom runs on the folder " + folder,
			Do: "Stop it first, or name another folder."}
	}
	if err != nil {
		_ = f.Close()
		return nil, folderError(folder, err)
	}
	return func() { _ = f.Close() }, nil
}
