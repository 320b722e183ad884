//go:build !linux && !darwin && !freebsd

package app

import "errors"

// DiskFree is not known on this system.
func DiskFree(string) (uint64, error) { return 0, errors.New("this system does not tell") }
