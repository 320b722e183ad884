package storefront

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/singleflight"

	"strongroom/base/clock"
)

const (
	// maxAge bounds what the catalogue's version does not know of: the day on which a delivery is expected.
	maxAge = time.Minute
	// hot is how often a page is asked for before it is compressed well; most pages of a large shop never are.
	hot = 12
	// entryCost is roughly what an entry takes besides its bytes.
	entryCost = 512
)

// pageCache keeps rendered pages that are the same for everybody.
//
// An entry belongs to a version of the catalogue and is never served under another. The memory is divided: what was
// asked for once lives in a fifth of it, so that somebody who walks through a million addresses drives out only such
// pages, and never those that shoppers come back to.
type pageCache struct {
	clock   clock.Clock
	version func() int64

	mu      sync.Mutex
	entries map[string]*list.Element
	once    *list.List // asked for once, newest first
	often   *list.List // asked for again
	max     int
	onceB   int
	oftenB  int

	renders singleflight.Group
}

// entry is one page in its forms. plain, br and gz are nil until they are made; one of them always is there.
type entry struct {
	key       string
	version   int64
	until     time.Time
	etag      []string
	plain, gz []byte
	br        []byte
	hits      int
	often     bool
}

func newPageCache(maxBytes int, c clock.Clock, version func() int64) *pageCache {
	return &pageCache{clock: c, version: version, entries: map[string]*list.Element{}, once: list.New(), often: list.New(), max: maxBytes}
}

// maker renders a page that is not in the cache.
type maker func(ctx context.Context) (templ.Component, error)

// serve answers with the page of the key, from memory or made now.
func (c *pageCache) serve(w http.ResponseWriter, r *http.Request, key string, fn maker) error {
	v := c.version()
	if c.max < 0 { // switched off: every reader's page is made afresh
		e, err := c.make(r.Context(), key, v, fn)
		if err == nil {
			e.write(w, r)
		}
		return err
	}
	e, ok := c.find(key, v)
	if !ok {
		// The version was read before the page is made: a write in between makes the entry stale, never wrong.
		made, err, _ := c.renders.Do(key+"\x00"+strconv.FormatInt(v, 10), func() (any, error) {
			return c.make(context.WithoutCancel(r.Context()), key, v, fn)
		})
		if err != nil {
			return err
		}
		e = made.(entry)
	}
	e.write(w, r)
	return nil
}

// find looks an entry up and packs it well once it has proved popular. It returns a copy of the head; the bytes behind
// are never changed.
func (c *pageCache) find(key string, version int64) (entry, bool) {
	c.mu.Lock()
	el, ok := c.entries[key]
	if !ok {
		c.mu.Unlock()
		return entry{}, false
	}
	e := el.Value.(*entry)
	if e.version != version || c.clock.Now().After(e.until) { // it stays until its page is made anew: see again
		c.mu.Unlock()
		return entry{}, false
	}
	e.hits++
	c.promote(el, e)
	pack := e.hits == hot
	found := *e
	c.mu.Unlock()
	if pack {
		found = c.pack(found)
	}
	return found, true
}

// promote moves an entry to the pages that are asked for again, or to their front.
func (c *pageCache) promote(el *list.Element, e *entry) {
	if e.often {
		c.often.MoveToFront(el)
		return
	}
	c.once.Remove(el)
	c.onceB -= e.size()
	e.often = true
	c.oftenB += e.size()
	c.entries[e.key] = c.often.PushFront(e)
	c.trim()
}

// pack compresses a popular page with care, outside the lock, and puts the result beside what was there.
func (c *pageCache) pack(e entry) entry {
	plain := e.bytes()
	e.plain, e.br, e.gz = plain, squeezeBrotli(plain), squeezeGzip(plain, gzip.DefaultCompression)
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.entries[e.key]
	if !ok || !el.Value.(*entry).often || el.Value.(*entry).version != e.version {
		return e
	}
	old := el.Value.(*entry)
	c.oftenB -= old.size()
	old.plain, old.br, old.gz = nil, e.br, e.gz // who takes neither form is rare, and gets gz unpacked
	c.oftenB += old.size()
	c.trim()
	return e
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// make renders a page and keeps it, packed quickly: most pages are looked at once.
func (c *pageCache) make(ctx context.Context, key string, version int64, fn maker) (entry, error) {
	page, err := fn(ctx)
	if err != nil {
		return entry{}, err
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(ctx, b); err != nil {
		return entry{}, err
	}
	sum := sha256.Sum256(b.Bytes())
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	e, same := c.again(key, tag)
	if e.version, e.until = version, c.clock.Now().Add(maxAge); !same {
		e.key, e.hits, e.etag, e.gz = key, 1, []string{tag}, squeezeGzip(b.Bytes(), gzip.BestSpeed)
	}
	c.keep(e)
	e.plain = bytes.Clone(b.Bytes())
	return e, nil
}

// again is the entry of the key that has come to its end, if the page that was made now is the same: it is packed
// already, and popular if it was.
func (c *pageCache) again(key, tag string) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.entries[key]; ok && el.Value.(*entry).etag[0] == tag {
		e := *el.Value.(*entry)
		e.plain = nil
		return e, e.gz != nil
	}
	return entry{}, false
}

func (c *pageCache) keep(e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.entries[e.key]; ok {
		c.drop(el)
	}
	if e.often {
		c.entries[e.key] = c.often.PushFront(&e)
		c.oftenB += e.size()
	} else {
		c.entries[e.key] = c.once.PushFront(&e)
		c.onceB += e.size()
	}
	c.trim()
}

// trim drops the oldest entries until both parts fit. It runs under the lock.
func (c *pageCache) trim() {
	for c.onceB > c.max/5 && c.once.Len() > 0 {
		c.drop(c.once.Back())
	}
	for c.oftenB > c.max-c.max/5 && c.often.Len() > 0 {
		c.drop(c.often.Back())
	}
}

func (c *pageCache) drop(el *list.Element) {
	e := el.Value.(*entry)
	delete(c.entries, e.key)
	if e.often {
		c.often.Remove(el)
		c.oftenB -= e.size()
		return
	}
	c.once.Remove(el)
	c.onceB -= e.size()
}
