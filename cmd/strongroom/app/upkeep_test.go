package app

import (
	"testing"
	"time"

	"strongroom/guard/privacy"
)

// What was sealed on the first day of a log key is unreadable when the declared term is over, and a year is kept.
func TestOriginsAreReadableAsLongAsDeclared(t *testing.T) {
	until := originsUntil(noon) // a key whose successor is older than this is destroyed
	oldest := until.Add(-logKeyLife)
	if term := noon.AddDate(0, 0, -privacy.AuditOrigin.Keep.Days); oldest.Before(term) {
		t.Errorf("an origin of %s is still to be read at %s", oldest, noon)
	}
	if year := noon.Add(-365 * 24 * time.Hour); until.After(year) {
		t.Errorf("what is younger than a year is gone: %s", until)
	}
}
