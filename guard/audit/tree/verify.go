package tree

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// Batch is a run of entries as a log hands them out, each batch going on where the one before ended. Entries[i] is nil where the entry is missing. Kept are the leaf
// hashes that the log kept beside them; nil if it has none.
type Batch struct {
	First   int64
	Entries [][]byte
	Kept    []Hash
}

// Source hands out a log's entries in their order, and io.EOF after the last.
type Source interface{ Next() (Batch, error) }

// Kind says what was found.
type Kind string

// What can be found.
const (
	Altered   Kind = "altered"   // an entry is not the one that was logged
	Missing   Kind = "missing"   // an entry is not there any more
	Misplaced Kind = "misplaced" // an entry stands in another one's place
	Interval  Kind = "interval"  // entries and leaf hashes were rewritten somewhere between two checkpoints
	Truncated Kind = "truncated" // the log ends before a checkpoint that was kept elsewhere: cut off or rolled back
)

// Finding is one thing that is wrong. From and To are places in the log, counted from 0; From is the first entry that
// may be concerned and To the one after the last.
type Finding struct {
	Kind   Kind   `json:"kind"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
	Detail string `json:"detail,omitempty"`
}

// Outside is a checkpoint that was kept outside, and what it is called in a report.
type Outside struct {
	Name string
	Checkpoint
}

// Report is what a verification found.
type Report struct {
	Entries  int64     // that were read
	Root     Hash      // of what was read
	Findings []Finding // empty if nothing is wrong
	More     int64     // findings beyond those that are listed
	Good     *Outside  // the largest outside checkpoint that the log agrees with
	Bad      *Outside  // the smallest that it does not
	Checked  int       // outside checkpoints that were held against the log
}

// OK says whether the log agrees with every checkpoint and with itself.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// maxFindings bounds a report: who rewrote a whole log need not be told about every entry.
const maxFindings = 50

func (r *Report) add(f Finding) {
	if len(r.Findings) < maxFindings {
		r.Findings = append(r.Findings, f)
	} else {
		r.More++
	}
}

// hashed is a batch with what the workers made of it.
type hashed struct {
	Batch
	leaves   []Hash // of the entries; of a missing one the kept hash, or zero
	findings []Finding
	err      error
}

// Verify reads a log from its first entry and holds it against itself and against checkpoints that were kept outside.
// An error says that the log could not be read; what is wrong with its content stands in the report.
func Verify(src Source, outside []Outside) (*Report, error) {
	outside = slices.Clone(outside)
	slices.SortStableFunc(outside, func(a, b Outside) int { return int(min(1, max(-1, a.Size-b.Size))) })
	v := &verifier{outside: outside, report: &Report{}}
	v.compare()
	stop := make(chan struct{})
	defer close(stop)
	for done := range hashAll(src, stop) {
		b := <-done
		if errors.Is(b.err, io.EOF) {
			break
		}
		if b.err != nil {
			return nil, b.err
		}
		v.take(b)
	}
	v.finish()
	return v.report, nil
}

// hashAll hashes batches on all cores and gives them back in their order. The reader stops when stop is closed.
func hashAll(src Source, stop <-chan struct{}) <-chan chan hashed {
	order := make(chan chan hashed, 2*runtime.GOMAXPROCS(0))
	go func() {
		defer close(order)
		var working sync.WaitGroup
		defer working.Wait()
		for {
			b, err := src.Next()
			done := make(chan hashed, 1)
			select {
			case order <- done:
			case <-stop:
				return
			}
			if err != nil {
				done <- hashed{err: err}
				return
			}
			working.Go(func() { done <- hash(b) })
		}
	}()
	return order
}

// hash makes the leaf hashes of a batch and says what does not fit the kept ones.
func hash(b Batch) hashed {
	h := hashed{Batch: b, leaves: make([]Hash, len(b.Entries))}
	for i, e := range b.Entries {
		if e != nil {
			h.leaves[i] = tlog.RecordHash(e)
		} else if i < len(b.Kept) {
			h.leaves[i] = b.Kept[i]
		}
		if e == nil || i < len(b.Kept) && b.Kept[i] != h.leaves[i] {
			h.findings = append(h.findings, explain(b, h.leaves, i))
		}
	}
	if b.Kept != nil && len(b.Kept) != len(b.Entries) {
		from, to := b.First+int64(min(len(b.Kept), len(b.Entries))), b.First+int64(max(len(b.Kept), len(b.Entries)))
		h.findings = append(h.findings, Finding{Kind: Missing, From: from, To: to, Detail: "the log holds more hashes than entries, or fewer"})
	}
	return h
}

// explain tells what happened to entry i of a batch.
func explain(b Batch, leaves []Hash, i int) Finding {
	at := b.First + int64(i)
	f := Finding{Kind: Altered, From: at, To: at + 1}
	if b.Entries[i] == nil {
		f.Kind = Missing
		return f
	}
	if from := slices.Index(b.Kept, tlog.RecordHash(b.Entries[i])); from >= 0 {
		f.Kind, f.Detail = Misplaced, fmt.Sprintf("the entry that stands here was logged as %d", b.First+int64(from))
	}
	return f
}

// verifier builds the tree of the entries as they are, and, once something does not fit, the tree of the kept hashes
// beside it: if a checkpoint agrees with the second, the entries that are named are all that was touched.
type verifier struct {
	report  *Report
	outside []Outside // sorted by size; those before next were compared
	next    int
	is      Edge
	kept    *Edge // nil while it is the same
	named   bool  // the findings name what differs from the kept hashes
}

func (v *verifier) take(b hashed) {
	for _, f := range b.findings {
		v.named = true
		v.report.add(f)
	}
	for i, leaf := range b.leaves {
		kept := leaf
		if i < len(b.Kept) {
			kept = b.Kept[i]
		}
		v.append(leaf, kept)
	}
}

func (v *verifier) append(leaf, kept Hash) {
	if v.kept == nil && kept != leaf {
		v.kept = v.is.Clone()
	}
	v.is.Append(leaf, nil)
	if v.kept != nil {
		v.kept.Append(kept, nil)
	}
	v.compare()
}

// compare holds the tree against the checkpoints of its present size.
func (v *verifier) compare() {
	for v.next < len(v.outside) && v.outside[v.next].Size == v.is.Size() {
		c := &v.outside[v.next]
		v.next++
		v.report.Checked++
		switch {
		case v.is.Root() == c.Root:
			v.agree(c)
		case v.kept != nil && v.kept.Root() == c.Root:
			v.disagree(c) // and the entries are named already
		default:
			v.rewritten(c)
		}
	}
}

func (v *verifier) agree(c *Outside) {
	if v.report.Bad == nil {
		v.report.Good = c
	}
}

// disagree keeps the smallest checkpoint that the log does not agree with, and says whether this is it.
func (v *verifier) disagree(c *Outside) (first bool) {
	if v.report.Bad != nil {
		return false
	}
	v.report.Bad = c
	return true
}

// rewritten says that the log's own hashes do not lead to a checkpoint either: only the interval can be told.
func (v *verifier) rewritten(c *Outside) {
	if !v.disagree(c) {
		return
	}
	f := Finding{Kind: Interval, To: c.Size, Detail: "checkpoint " + c.Name + " does not agree"}
	if v.report.Good != nil {
		f.From = v.report.Good.Size
		f.Detail += "; " + v.report.Good.Name + " is the last that does"
	}
	v.report.add(f)
}

// finish tells of the checkpoints that know more entries than there are.
func (v *verifier) finish() {
	v.report.Entries, v.report.Root = v.is.Size(), v.is.Root()
	beyond := v.outside[v.next:]
	if len(beyond) == 0 {
		return
	}
	v.report.Checked += len(beyond)
	v.disagree(&beyond[0])
	last := beyond[len(beyond)-1]
	v.report.add(Finding{Kind: Truncated, From: v.report.Entries, To: last.Size,
		Detail: fmt.Sprintf("the log ends, but checkpoint %s knows %d entries", last.Name, last.Size)})
}
