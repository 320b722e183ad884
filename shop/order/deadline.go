package order

import "time"

// The periods that are not the shop's to choose.
const (
	// browserLife is how long the browser that placed an order may look at it without the mailed link.
	browserLife = 24 * time.Hour
	// visitLife is how long a visit through the mailed link lasts.
	visitLife = 12 * time.Hour
	// closedLinkLife is how long the link of an order that came to nothing still opens it.
	closedLinkLife = 30 * 24 * time.Hour
	// longestLink ends every link: a buyer who was never told of the right of withdrawal has it for twelve months and
	// fourteen days (Directive 2011/83/EU, article 10), counted here from the order for want of a delivery date.
	longestLink = 400 * 24 * time.Hour
)

// WithdrawUntil is the last moment of the withdrawal period: the end of the last day, counted from the day after
// delivery in the store's zone. A period that would end on a Saturday or Sunday ends with the next Monday
// (Regulation (EEC, Euratom) No 1182/71, article 3). It is zero while nothing is delivered: the period has not begun
// then, and withdrawing is possible at any time.
func WithdrawUntil(delivered time.Time, days int, zone *time.Location) time.Time {
	if delivered.IsZero() {
		return time.Time{}
	}
	d := endOfDay(delivered, days, zone)
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = endOfDay(d, 1, zone)
	}
	return d
}

// endOfDay is the last microsecond of the day that many days after t.
func endOfDay(t time.Time, days int, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+days+1, 0, 0, 0, 0, zone).Add(-time.Microsecond)
}

// LinkUntil is when the mailed link of an order ends: with the later of withdrawal and returns, computed from the day
// of delivery; a month after an order came to nothing; and in any case after longestLink.
func LinkUntil(o Order, withdrawal, returns int, zone *time.Location) time.Time {
	limit := endOfDay(o.PlacedAt.Add(longestLink), 0, zone)
	var end time.Time
	switch {
	case !o.Delivered.IsZero():
		end = WithdrawUntil(o.Delivered, withdrawal, zone)
		if r := endOfDay(o.Delivered, returns, zone); r.After(end) {
			end = r
		}
	case !o.ClosedAt.IsZero():
		end = endOfDay(o.ClosedAt.Add(closedLinkLife), 0, zone)
	default:
		return limit
	}
	if end.After(limit) {
		return limit
	}
	return end
}
