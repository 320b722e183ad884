package main

import (
	"fmt"
	"io"
	"time"

	"strongroom/shop/catalog"
)

// How often a long import tells how far it is: on a terminal, where the line is written over, and in a log.
const (
	tellTerminal = 200 * time.Millisecond
	tellLog      = 10 * time.Second
)

// watch tells how far an import is: how much is done, how fast, and how long it will take. Short imports tell nothing.
func watch(w io.Writer, terminal bool, now func() time.Time) func(catalog.Progress) {
	every, begin, end := tellLog, "", "\n"
	if terminal {
		every, begin, end = tellTerminal, "\r", "\x1b[K"
	}
	var phase, told time.Time
	skipped := 0
	checking, wrote := true, false
	return func(p catalog.Progress) {
		at := now()
		if phase.IsZero() || checking != p.Checking {
			phase, told, checking, skipped = at, at, p.Checking, p.Done
		}
		last := !p.Checking && p.Done == p.Total
		if at.Sub(told) < every && (!last || !wrote) {
			return
		}
		told, wrote = at, true
		rate := float64(p.Done-skipped) / max(at.Sub(phase).Seconds(), 0.001)
		line := fmt.Sprintf("checked %d products", p.Done)
		if !p.Checking {
			line = fmt.Sprintf("%d of %d products, %.0f a second", p.Done, p.Total, rate)
			if left := p.Total - p.Done; left > 0 && rate > 0 {
				line += ", about " + roughly(time.Duration(float64(left)/rate*float64(time.Second))) + " left"
			}
		}
		if last && terminal {
			end += "\n"
		}
		_, _ = fmt.Fprintf(w, "%s  %s%s", begin, line, end)
	}
}

// roughly is a time as people say it.
func roughly(d time.Duration) string {
	switch {
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()+0.5))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()+0.5))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()+0.5))
}
