//go:build unix

package main

import "syscall"

// private makes every file that this process writes its owner's alone.
func private() { syscall.Umask(0o077) }
