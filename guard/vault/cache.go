package vault

import (
	"container/list"
	"crypto/cipher"
	"sync"
	"time"

	"strongroom/base/id"
)

// keep is how long an opened subject key stays in memory. It bounds how long another process can still open what this
// one erased.
const keep = 10 * time.Minute

// slot names a key.
type slot struct {
	subject id.ID
	purpose Purpose
	version uint16 // 0 for "the one that seals now"
}

// subjectKey is an opened key, ready to use.
type subjectKey struct {
	aead    cipher.AEAD
	version uint16
}

type cached struct {
	slot  slot
	key   subjectKey
	until time.Time
}

// cache holds the subject keys used last. It is cut into shards so that shoppers do not queue at one lock.
type cache struct{ shards [16]shard }

type shard struct {
	mu    sync.Mutex
	size  int
	items map[slot]*list.Element
	order *list.List // the one used last in front
}

func newCache(size int) *cache {
	c := &cache{}
	for i := range c.shards {
		c.shards[i] = shard{size: max(1, size/len(c.shards)), items: map[slot]*list.Element{}, order: list.New()}
	}
	return c
}

// shard is chosen by the last byte, which is random in every id.
func (c *cache) shard(s slot) *shard { return &c.shards[s.subject[15]&15] }

func (c *cache) get(s slot, now time.Time) (subjectKey, bool) {
	h := c.shard(s)
	h.mu.Lock()
	defer h.mu.Unlock()
	e, ok := h.items[s]
	if !ok {
		return subjectKey{}, false
	}
	it := e.Value.(*cached)
	if now.After(it.until) {
		h.drop(e)
		return subjectKey{}, false
	}
	h.order.MoveToFront(e)
	return it.key, true
}

func (c *cache) put(s slot, k subjectKey, now time.Time) {
	h := c.shard(s)
	h.mu.Lock()
	defer h.mu.Unlock()
	if e, ok := h.items[s]; ok {
		h.drop(e)
	}
	h.items[s] = h.order.PushFront(&cached{s, k, now.Add(keep)})
	if h.order.Len() > h.size {
		h.drop(h.order.Back())
	}
}

// forget drops all keys of a subject's purpose.
func (c *cache) forget(subject id.ID, p Purpose) {
	h := c.shard(slot{subject: subject})
	h.mu.Lock()
	defer h.mu.Unlock()
	for s, e := range h.items {
		if s.subject == subject && s.purpose == p {
			h.drop(e)
		}
	}
}

func (h *shard) drop(e *list.Element) {
	delete(h.items, e.Value.(*cached).slot)
	h.order.Remove(e)
}

func (c *cache) len() (n int) {
	for i := range c.shards {
		c.shards[i].mu.Lock()
		n += c.shards[i].order.Len()
		c.shards[i].mu.Unlock()
	}
	return n
}
