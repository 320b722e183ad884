package fraud

import "time"

// slotTime is how long one row of counts gathers.
const slotTime = 6 * time.Hour

// keepTally is how long counts are kept: so long ago may somebody have paid and still be known.
const keepTally = 180 * 24 * time.Hour

// lastSlots is for how many of them what is bad counts, and for how many a network's counts are kept at all.
const lastSlots = 16

// tally is what became of the sessions of one browser, address or network. What is bad counts in quarters, so that an
// old decline can count less than one.
type tally struct {
	declined, abandoned int64 // in quarters of one
	paid, disputed      int64
	opened              int64 // lately
	names               int64
}

// bad are the declines that still count, in whole ones.
func (t tally) bad() int64 { return t.declined / 4 }

// left are the sessions that were abandoned, in whole ones.
func (t tally) left() int64 { return t.abandoned / 4 }

// good are the payments that speak for somebody. One that was disputed speaks against the next two as well.
func (t tally) good() int64 { return max(t.paid-3*t.disputed, 0) }

// row is one slot of counts.
type row struct {
	kind                                        Kind
	slot                                        int64
	opened, declined, abandoned, paid, disputed int64
	names                                       int64
}

// slotOf is the number of the slot that a moment falls into.
func slotOf(t time.Time) int64 { return t.Unix() / int64(slotTime/time.Second) }

// add counts a slot by its age: what is bad in full for half a day, then half of it for each day, and after four days no
// more; what was paid in full for as long as it is kept.
func (t *tally) add(r row, now int64) {
	weight := int64(0)
	switch age := now - r.slot; {
	case age <= 2:
		weight = 4
		t.opened += r.opened
		t.names += r.names
	case age <= 6:
		weight = 2
	case age <= lastSlots:
		weight = 1
	}
	t.declined += weight * r.declined
	t.abandoned += weight * r.abandoned
	t.paid += r.paid
	t.disputed += r.disputed
}
