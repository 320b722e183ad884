//go:build !linux && !darwin && !freebsd

package app

import "errors"

// diskFree is not known on this system.
func diskFree(string) (uint64, error) { return 0, errors.New("this system does not tell") }
