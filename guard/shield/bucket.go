package shield

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Bounds of the memory for buckets: shards times generations times perShard entries of about 100 bytes.
const (
	shards   = 16
	perShard = 4096
)

// bucketKey is one network in one class.
type bucketKey struct {
	network netip.Prefix
	class   Class
}

// bucket is a token bucket: level tokens at the moment at.
type bucket struct {
	level float64
	at    int64 // nanoseconds
}

// shard keeps two generations of buckets: when the young one is full it becomes the old one, and the old one goes.
// Who keeps asking stays; an attacker with very many networks can only make others' buckets full again.
type shard struct {
	mu         sync.Mutex
	young, old map[bucketKey]bucket
}

// buckets are the token buckets of all networks.
type buckets struct {
	scale  float64
	seed   maphash.Seed
	shards [shards]shard
}

func newBuckets(scale int) *buckets {
	b := &buckets{scale: float64(scale), seed: maphash.MakeSeed()}
	for i := range b.shards {
		b.shards[i].young = map[bucketKey]bucket{}
	}
	return b
}

// take takes one token; if there is none it returns how long until there is one. Requests without a network (a unix
// socket's, a test's) share one bucket.
func (b *buckets) take(network netip.Prefix, class Class, now time.Time) time.Duration {
	key := bucketKey{network, class}
	s := &b.shards[maphash.Comparable(b.seed, key)%shards]
	rate, burst := rules[class].rate*b.scale, rules[class].burst*b.scale
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.young[key]
	if !ok {
		k, ok = s.old[key]
	}
	at := now.UnixNano()
	if !ok {
		k = bucket{burst, at}
	}
	k.level = min(burst, k.level+max(0, float64(at-k.at))*rate/1e9)
	k.at = at
	var wait time.Duration
	if k.level >= 1 {
		k.level--
	} else {
		wait = time.Duration((1 - k.level) / rate * 1e9)
	}
	s.put(key, k)
	return wait
}

func (s *shard) put(key bucketKey, k bucket) {
	if len(s.young) >= perShard {
		if _, there := s.young[key]; !there {
			s.old, s.young = s.young, make(map[bucketKey]bucket, perShard/4)
		}
	}
	s.young[key] = k
}

// size is how many buckets are kept, for a test.
func (b *buckets) size() (n int) {
	for i := range b.shards {
		s := &b.shards[i]
		s.mu.Lock()
		n += len(s.young) + len(s.old)
		s.mu.Unlock()
	}
	return n
}
