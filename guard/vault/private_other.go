//go:build !unix

package vault

import (
	"os"

	"strongroom/base/fault"
)

// openPrivate opens a regular file. Systems without Unix modes protect it by the folder's access list.
func openPrivate(path string) (*os.File, error) {
	st, err := os.Lstat(path)
	if os.IsNotExist(err) {
		return nil, fault.New(fault.NotFound, "vault.keyfile_missing").Because(err).
			WithHint("There is no key file at " + path + ". Put it back, or make it again with the recovery kit: strongroom key recover.")
	}
	if err != nil || !st.Mode().IsRegular() {
		return nil, fault.New(fault.Invalid, "vault.keyfile_unreadable").Because(err).
			WithHint("The key file " + path + " is no plain file or cannot be read.")
	}
	return os.Open(path)
}
