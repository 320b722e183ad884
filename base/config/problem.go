package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Problem is one thing that is wrong with the configuration: where, what, and what to do.
type Problem struct {
	File string // "" for the environment
	Line int    // 0 if unknown
	Key  string // "mail.port", or the name of an environment variable
	What string
	Do   string
}

// String is the problem in one or two lines for a terminal.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.What)
	if p.Do != "" {
		b.WriteString("\n    " + p.Do)
	}
	return b.String()
}

// Problems are all problems found at once, so that a file is mended in one go.
type Problems []Problem

// Error lists them.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// plain is the last word of a file error, without the path that the message names already.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// nearest is the known name that a mistyped one most likely means; "" if none is close.
func nearest(name string, known []string) string {
	best, bestD := "", len(name)/2+2
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < bestD {
			best, bestD = k, d
		}
	}
	return best
}

// distance is how many letters must be put in, taken out or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
