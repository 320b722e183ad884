package main

import (
	"os"
	"runtime/debug"
)

const (
	// heapGrowth is how much garbage may gather, in percent of what is in use, before it is collected. A store's heap is
	// small (some 30 MB), so that Go's 100 % would collect many times a second under load, for memory that nobody misses.
	heapGrowth = 300
	// heapLimit is where memory becomes dearer than time: beyond it the collector works as hard as it needs to.
	heapLimit = 512 << 20
)

// spend lets the program trade memory for time. GOGC and GOMEMLIMIT win, as in every Go program.
func spend() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
}
