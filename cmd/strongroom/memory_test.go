package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// Garbage is bounded by bytes while the heap is small and by half of what is in use once it is large.
func TestPercentFor(t *testing.T) {
	for _, x := range []struct {
		inUse uint64
		want  int
	}{{0, 600}, {8 << 20, 600}, {16 << 20, 600}, {32 << 20, 300}, {96 << 20, 100}, {192 << 20, 50}, {4 << 30, 50}} {
		if got := percentFor(x.inUse); got != x.want {
			t.Errorf("%d MB in use: %d %%, want %d", x.inUse>>20, got, x.want)
		}
	}
}

// A heap that grows large gets the strict rule, and a small one after it the relaxed rule.
func TestCollectorFollowsTheHeap(t *testing.T) {
	old := debug.SetGCPercent(100)
	defer debug.SetGCPercent(old)
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	collector()
	large := make([]byte, 200<<20)
	waitPercent(t, func(p int) bool { return p == goPercent })
	runtime.KeepAlive(large)
	large = nil
	waitPercent(t, func(p int) bool { return p > goPercent })
}

// waitPercent collects until the rule is as wanted. Cleanups run after a collection, in a goroutine of their own.
func waitPercent(t *testing.T, ok func(int) bool) {
	t.Helper()
	p := 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		runtime.GC()
		runtime.Gosched()
		s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(s)
		if p = int(s[0].Value.Uint64()); ok(p) {
			return
		}
	}
	t.Fatalf("the collector stands at %d %%", p)
}
