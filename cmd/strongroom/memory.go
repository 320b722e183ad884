package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A store's heap is small, some 20 MB. Go's own rule, to collect whenever it has doubled, would collect many times a
// second under load and take a fifth of the processor's time, to save memory that nobody misses. So garbage may gather
// up to garbage bytes, whatever is in use, and from twice that half of what is in use: an import that knows a million
// products by name would otherwise take twice the memory that it needs.
const (
	garbage     = 96 << 20
	mostPercent = 600
	goPercent   = 50
)

// processors lets one more thread of Go run than the machine has processors for each password hash that may run at
// once (half of the processors, guard/identity/hash). Go leaves a hash alone for ten milliseconds before it looks for
// others that wait, and the system for less: on two processors a hash and a collection at the same time would stop all
// else for that long. GOMAXPROCS wins.
func processors() {
	if os.Getenv("GOMAXPROCS") == "" {
		n := runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS(n + max(1, n/2))
	}
}

// collector sets how often garbage is collected, after each collection. GOGC and GOMEMLIMIT win, as in every Go program.
func collector() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(mostPercent)
	afterCollection(mostPercent)
}

// afterCollection waits for the next collection with an object that nobody holds, and waits again.
func afterCollection(percent int) {
	type nobody struct{ _ *nobody } // holds a pointer, so that it is not packed together with others
	runtime.AddCleanup(&nobody{}, func(percent int) {
		next := percentFor(inUse())
		if next < percent-percent/8 || next > percent+percent/8 { // setting it stops the world for a moment
			debug.SetGCPercent(next)
			percent = next
		}
		afterCollection(percent)
	}, percent)
}

// percentFor is the growth, in percent of what is in use, at which the next collection begins.
func percentFor(inUse uint64) int {
	return int(min(max(garbage*100/max(inUse, 1), goPercent), mostPercent))
}

// inUse is what the last collection found alive.
func inUse() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return garbage
	}
	return s[0].Value.Uint64()
}
