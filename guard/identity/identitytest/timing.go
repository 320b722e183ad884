package identitytest

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Timing is how the times of two acts compare.
type Timing struct {
	Samples          int // of each
	MedianA, MedianB time.Duration
	// Better is how often an A takes longer than a B, of all pairs, ties counted half: 0.5 when nobody can tell them
	// apart. Who guesses by one measurement is right that often at best.
	Better float64
	// Z is how far Better is from 0.5 in standard deviations of what chance does (Mann and Whitney).
	Z float64
}

// Compare measures two acts so many times each, in random order, so that what slows the machine hits both alike.
func Compare(samples int, a, b func()) Timing { return CompareLanes(samples, 1, a, b) }

// CompareLanes is Compare by so many hands at once, for acts that mostly wait. Every hand does as many of the one as of
// the other.
func CompareLanes(samples, lanes int, a, b func()) Timing {
	var mu sync.Mutex
	var as, bs []time.Duration
	var hands sync.WaitGroup
	for lane := range lanes {
		n := samples / lanes
		if lane < samples%lanes {
			n++
		}
		hands.Go(func() {
			x, y := oneHand(n, a, b)
			mu.Lock()
			defer mu.Unlock()
			as, bs = append(as, x...), append(bs, y...)
		})
	}
	hands.Wait()
	return Judge(as, bs)
}

// oneHand measures with one hand.
func oneHand(samples int, a, b func()) (as, bs []time.Duration) {
	order := make([]bool, 0, 2*samples)
	for range samples {
		order = append(order, true, false)
	}
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, isA := range order {
		start := time.Now()
		if isA {
			a()
			as = append(as, time.Since(start))
		} else {
			b()
			bs = append(bs, time.Since(start))
		}
	}
	return as, bs
}

// Judge compares measurements that were made elsewhere.
func Judge(as, bs []time.Duration) Timing {
	slices.Sort(as)
	slices.Sort(bs)
	n, m := float64(len(as)), float64(len(bs))
	u := 0.0
	for _, x := range as {
		low, _ := slices.BinarySearch(bs, x)
		high, _ := slices.BinarySearch(bs, x+1)
		u += float64(low) + float64(high-low)/2
	}
	t := Timing{Samples: len(as), MedianA: as[len(as)/2], MedianB: bs[len(bs)/2], Better: u / (n * m)}
	t.Z = (u - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
	return t
}

// Apart says whether the two can be told apart: more than chance explains (five standard deviations), and enough to be
// of use to somebody (a guess that is right in more than 53 of 100 cases).
func (t Timing) Apart() bool { return math.Abs(t.Z) > 5 && math.Abs(t.Better-0.5) > 0.03 }
