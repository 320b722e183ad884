package delivery

import "time"

// holidays are days on which nothing leaves or arrives, as numbers such as 20261225.
type holidays map[int64]bool

func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return int64(y)*10_000 + int64(m)*100 + int64(d)
}

func (h holidays) working(t time.Time) bool {
	w := t.Weekday()
	return w != time.Saturday && w != time.Sunday && !h[dayNumber(t)]
}

// after is the day that lies n working days after the given one; with n = 0 the given day, or the next working one.
func (h holidays) after(day time.Time, n int64) time.Time {
	for guard := 0; guard < 400; guard++ { // a year of holidays in a row is a mistake of the settings
		if h.working(day) {
			if n == 0 {
				return day
			}
			n--
		}
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// expected are the first and last day on which an order of this moment arrives: it leaves today when it comes on a
// working day before the cut-off hour, and otherwise on the next working day.
func (h holidays) expected(now time.Time, zone *time.Location, cutoff, daysMin, daysMax int64) (from, until time.Time) {
	local := now.In(zone)
	y, m, d := local.Date()
	leaves := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if !h.working(leaves) || int64(local.Hour()) >= cutoff {
		leaves = h.after(leaves.AddDate(0, 0, 1), 0)
	}
	return h.after(leaves, daysMin), h.after(leaves, daysMax)
}
