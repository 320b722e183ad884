package tree

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Line is what a line of an export as JSON Lines needs for verification; it has more, for people.
type Line struct {
	Sequence int64  `json:"sequence"`
	Leaf     string `json:"leaf"` // in hexadecimal digits, as the log kept it
	Body     []byte `json:"body"` // the canonical bytes, base64
}

// Lines reads a log that was exported as JSON Lines, whole and in its order.
type Lines struct {
	scan *bufio.Scanner
	held *Line // the line after the last batch
	at   int64
	line int
}

// maxGap is how many entries in a row may be left out; more is a file of something else.
const maxGap = 1 << 14

// maxLine is far more than the longest entry takes.
const maxLine = 1 << 20

// NewLines reads from r.
func NewLines(r io.Reader) *Lines {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	return &Lines{scan: s}
}

// Next reads up to Width lines. Places that are left out become missing entries.
func (l *Lines) Next() (Batch, error) {
	b := Batch{First: l.at}
	for len(b.Entries) < Width {
		if l.held == nil {
			if err := l.read(); err != nil {
				if errors.Is(err, io.EOF) && len(b.Entries) > 0 {
					return b, nil
				}
				return b, err
			}
		}
		if l.held.Sequence < l.at {
			return b, fmt.Errorf("line %d: entry %d stands behind a later one, or twice", l.line, l.held.Sequence)
		}
		if l.held.Sequence-l.at > maxGap {
			return b, fmt.Errorf("line %d: %d entries are left out before it; this is no whole log", l.line, l.held.Sequence-l.at)
		}
		if err := l.place(&b); err != nil {
			return b, err
		}
		l.at++
	}
	return b, nil
}

// place puts the held line at the next place, or a gap if it belongs further on.
func (l *Lines) place(b *Batch) error {
	if l.held.Sequence > l.at {
		b.Entries, b.Kept = append(b.Entries, nil), append(b.Kept, Hash{})
		return nil
	}
	var leaf Hash
	if len(l.held.Leaf) != hex.EncodedLen(len(leaf)) {
		return fmt.Errorf("line %d: no leaf hash", l.line)
	}
	if _, err := hex.Decode(leaf[:], []byte(l.held.Leaf)); err != nil {
		return fmt.Errorf("line %d: no leaf hash", l.line)
	}
	b.Entries, b.Kept = append(b.Entries, l.held.Body), append(b.Kept, leaf)
	l.held = nil
	return nil
}

func (l *Lines) read() error {
	if !l.scan.Scan() {
		if err := l.scan.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	l.line++
	var line Line
	if err := json.Unmarshal(l.scan.Bytes(), &line); err != nil || len(line.Body) == 0 || line.Sequence < 0 {
		return fmt.Errorf("line %d: no entry of a log", l.line)
	}
	l.held = &line
	return nil
}
