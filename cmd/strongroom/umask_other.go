//go:build !unix

package main

// private does nothing where files have no such mode.
func private() {}

func public() (restore func()) { return func() {} }
