//go:build unix

package epoch

import (
	"crypto/sha256"
	"fmt"
	"os"
	"syscall"
)

// inodeOf is the folder's number in its file system; a copied folder has another one.
func inodeOf(folder string) (uint64, error) {
	st, err := os.Stat(folder)
	if err != nil {
		return 0, err
	}
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino), nil
	}
	return 0, nil
}

// digest keeps the machine's id, which is not to be shown around, out of the file.
func digest(machine string, inode uint64) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "strongroom place 1 %s %d", machine, inode))
	return h[:16]
}
