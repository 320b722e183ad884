package payment

import (
	"time"

	"strongroom/base/fault"
)

// Day is a day of the store's own calendar, counted from 1970-01-01.
type Day int64

// DayOf is the day that a moment falls on in a time zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads "2026-11-22".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "payment.day_invalid").WithField("day", "payment.day_invalid", nil)
	}
	return Day(t.Unix() / 86400), nil
}

// String is the day as "2026-11-22".
func (d Day) String() string { return d.Begin(time.UTC).Format(time.DateOnly) }

// MarshalText writes String's form.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Begin is the first moment of the day in a time zone.
func (d Day) Begin(zone *time.Location) time.Time {
	return time.Date(1970, 1, 1+int(d), 0, 0, 0, 0, zone)
}

// Span is some days, both ends included. The zero Span stands for what is due.
type Span struct{ From, To Day }

func (s Span) holds(t Span) bool { return s.From <= t.From && t.To <= s.To }
