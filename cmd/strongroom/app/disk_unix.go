//go:build linux || darwin || freebsd

package app

import "syscall"

// DiskFree is how many bytes an ordinary user may still write below dir.
func DiskFree(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
