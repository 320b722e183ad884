//go:build unix

package vault

import (
	"errors"
	"os"
	"syscall"

	"strongroom/base/fault"
)

// openPrivate opens a regular file that nobody but its owner may read. The checks are made on the opened file, so that
// it cannot be exchanged between the look and the reading.
func openPrivate(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EMLINK) {
		return nil, fault.New(fault.Invalid, "vault.keyfile_symlink").
			WithHint(path + " is a symbolic link. The key file must be a plain file, so that nobody can point the store at another.")
	}
	if os.IsNotExist(err) {
		return nil, fault.New(fault.NotFound, "vault.keyfile_missing").Because(err).
			WithHint("There is no key file at " + path + ". Without it nothing can be read. Put it back, or make it again with the recovery kit: strongroom key recover.")
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "vault.keyfile_unreadable").Because(err).
			WithHint("The key file " + path + " cannot be read: is the store running as its owner?")
	}
	st, err := f.Stat()
	if err == nil && (!st.Mode().IsRegular() || st.Mode().Perm()&0o077 != 0) {
		err = fault.New(fault.Invalid, "vault.keyfile_exposed").
			WithHint("The key file " + path + " can be read by others. Run: chmod 600 " + path + " - and if others had access, rotate: strongroom key rotate.")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
