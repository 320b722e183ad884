package price

import (
	"net/netip"
	"time"

	"strongroom/base/db"
	"strongroom/base/fault"
)

// Attempts at codes that fail are counted in the database for each cart and network, so that restarting or adding a
// process does not reset them. Generated codes need no such defence; codes that people choose do.
const (
	window         = 15 * time.Minute
	cartAttempts   = 10 // within a window
	originAttempts = 60
	keepAttempts   = 24 * time.Hour
)

// bucket is one counter and its limit.
type bucket struct {
	key   []byte
	limit int64
}

// buckets are the counters of an asker, in the order in which they are always taken, so that two never wait for each
// other crosswise.
func (s *Service) buckets(a Asker) []bucket {
	bs := []bucket{{s.d.Hash("price attempts", append([]byte("cart "), a.Cart[:]...)), cartAttempts}}
	if a.Origin.IsValid() {
		bs = append(bs, bucket{s.d.Hash("price attempts", append([]byte("net "), network(a.Origin)...)), originAttempts})
	}
	return bs
}

// network is what one person is likely to have to herself: an IPv4 address, or an IPv6 /56.
func network(a netip.Addr) []byte {
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 56
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return nil
	}
	return p.Addr().AsSlice()
}

// count takes one attempt from each bucket and refuses when one is empty. It counts before anything is looked up: the
// counter's row is locked from then on, so that parallel guesses stand in a row.
func count(tx *db.Tx, bs []bucket) error {
	begin := tx.Now().Truncate(window)
	for _, b := range bs {
		n, err := addAttempt(tx, b.key, begin.UnixMicro(), 1)
		if err != nil {
			return err
		}
		if n > b.limit {
			minutes := int64(begin.Add(window).Sub(tx.Now())/time.Minute) + 1
			return fault.New(fault.TooMany, "price.code_attempts").With("n", minutes)
		}
	}
	return nil
}

// uncount gives back the attempts of a guess that was right.
func uncount(tx *db.Tx, bs []bucket) error {
	begin := tx.Now().Truncate(window)
	for _, b := range bs {
		if _, err := addAttempt(tx, b.key, begin.UnixMicro(), -1); err != nil {
			return err
		}
	}
	return nil
}

// label keeps the hashes of codes apart from those of anything else.
const label = "price code"

func (s *Service) hash(spelled string) []byte { return s.d.Hash(label, []byte(spelled)) }
