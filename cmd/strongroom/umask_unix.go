//go:build unix

package main

import "syscall"

// private makes every file that the program writes its owner's alone, whatever the user's umask says.
func private() { syscall.Umask(0o077) }

// public lets others read what is written, until restore is called: trust stores are for everybody.
func public() (restore func()) {
	old := syscall.Umask(0o022)
	return func() { syscall.Umask(old) }
}
