package catalog

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"strongroom/base/fault"
)

// Finding is one thing that is wrong in a file, and where.
type Finding struct {
	Line   int    // from 1; 0 if it is about the whole file
	Column int    // from 1; 0 if it is about the whole line
	Name   string // of the column; empty if unknown
	Key    string // message key: what is wrong and what to do
	Params fault.Params
}

const (
	// maxRecord is the most bytes of one row: all texts of a product in several languages.
	maxRecord = 1 << 20
	// maxColumns is the most columns of a file.
	maxColumns = 400
	// maxFindings is how many findings are told at once.
	maxFindings = 200
)

// errEnough ends the reading of a file in which everything is wrong.
var errEnough = errors.New("catalog: too many findings")

// table reads a CSV file with a heading: comma, semicolon or tab between the fields (the heading decides), with or
// without a byte order mark, lines ended either way.
type table struct {
	csv      *csv.Reader
	bound    *bounded
	columns  []string
	index    map[string]int
	findings []Finding
	line     int
}

// bounded ends the reading when one record takes too long: a forgotten quote would otherwise swallow the whole file
// into memory.
type bounded struct {
	r    io.Reader
	left int
}

var errRecord = errors.New("catalog: the record is too long")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRecord
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// openTable reads the heading. known says which columns there are; must lists those that may not be missing.
func openTable(r io.Reader, known func(string) bool, must ...string) (*table, error) {
	t := &table{index: map[string]int{}}
	head := bufio.NewReaderSize(r, 64<<10)
	if mark, _ := head.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = head.Discard(3)
	}
	start, err := head.Peek(32 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	t.bound = &bounded{r: head, left: maxRecord}
	t.csv = csv.NewReader(t.bound)
	t.csv.Comma = separator(start)
	t.csv.FieldsPerRecord = -1
	row, err := t.read()
	if errors.Is(err, io.EOF) || err == nil && len(row) == 0 {
		t.find(0, "", "catalog.csv.empty", nil)
		return t, nil
	}
	if err != nil {
		return t, err
	}
	t.heading(row, known, must)
	return t, nil
}

func (t *table) heading(row []string, known func(string) bool, must []string) {
	if len(row) > maxColumns {
		t.find(0, "", "catalog.csv.columns_many", fault.Params{"max": maxColumns})
		return
	}
	for i, name := range row {
		name = strings.ToLower(strings.TrimSpace(name))
		t.columns = append(t.columns, name)
		switch _, twice := t.index[name]; {
		case twice:
			t.find(i+1, name, "catalog.csv.column_twice", fault.Params{"column": shown(name)})
		case !known(name):
			t.find(i+1, name, "catalog.csv.column_unknown", fault.Params{"column": shown(name)})
		}
		t.index[name] = i
	}
	for _, name := range must {
		if _, ok := t.index[name]; !ok {
			t.find(0, name, "catalog.csv.column_missing", fault.Params{"column": name})
		}
	}
}

// separator is the mark that stands most often in the first line outside quotes.
func separator(start []byte) rune {
	best, most := ',', 0
	if i := bytes.IndexAny(start, "\r\n"); i >= 0 {
		start = start[:i]
	}
	quoted := false
	counts := map[byte]int{}
	for _, c := range start {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[c]++
		}
	}
	for _, c := range []rune{',', ';', '\t'} {
		if counts[byte(c)] > most {
			best, most = c, counts[byte(c)]
		}
	}
	return best
}

// find notes what is wrong at the present line.
func (t *table) find(column int, name, key string, p fault.Params) {
	t.findAt(t.line, column, name, key, p)
}

func (t *table) findAt(line, column int, name, key string, p fault.Params) {
	t.findings = append(t.findings, Finding{line, column, name, key, p})
}

// next reads a row that fits the heading. Rows that do not are noted and passed over. io.EOF ends the file.
func (t *table) next() ([]string, error) {
	for {
		if len(t.findings) >= maxFindings {
			return nil, errEnough
		}
		row, err := t.read()
		if err != nil {
			return nil, err
		}
		if row == nil {
			continue
		}
		if len(row) != len(t.columns) {
			t.find(0, "", "catalog.csv.fields", fault.Params{"n": len(row), "want": len(t.columns)})
			continue
		}
		return row, nil
	}
}

// read reads a row, and returns nil for one that could not be read and has been noted.
func (t *table) read() ([]string, error) {
	t.bound.left = maxRecord
	row, err := t.csv.Read()
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		t.line = parse.Line
		t.find(0, "", "catalog.csv.quotes", nil)
		if errors.Is(err, errRecord) {
			return nil, errEnough
		}
		return nil, nil
	case errors.Is(err, errRecord):
		t.line++
		t.find(0, "", "catalog.csv.record_long", fault.Params{"max": maxRecord >> 20})
		return nil, errEnough
	case err != nil:
		return nil, err
	}
	t.line, _ = t.csv.FieldPos(0)
	for i, f := range row {
		if !utf8.ValidString(f) {
			t.find(i+1, t.name(i), "catalog.csv.utf8", nil)
			return nil, nil
		}
	}
	return row, nil
}

func (t *table) name(i int) string {
	if i < len(t.columns) {
		return t.columns[i]
	}
	return ""
}

// get is the trimmed field of a column; empty if the file has no such column.
func (t *table) get(row []string, column string) string {
	i, ok := t.index[column]
	if !ok {
		return ""
	}
	return unguarded(strings.TrimSpace(row[i]))
}

// texts are the fields of a column in all its languages: "title" reads "title:en", "title:de".
func (t *table) texts(row []string, column string) Text {
	out := Text{}
	for i, name := range t.columns {
		if base, tag, ok := strings.Cut(name, ":"); ok && base == column {
			if s := unguarded(strings.TrimSpace(row[i])); s != "" {
				out[tag] = s
			}
		}
	}
	return out
}

// at is the number of the column, from 1; for "title" also that of "title:en".
func (t *table) at(column string) int {
	if i, ok := t.index[column]; ok {
		return i + 1
	}
	i := slices.IndexFunc(t.columns, func(c string) bool { return strings.HasPrefix(c, column+":") })
	return i + 1
}

// shown is what may stand in a message of a name that somebody made up.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if printable(string(r), false) {
			return r
		}
		return ' '
	}, s)
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "..."
	}
	return s
}

// languageTag says whether s can stand behind the colon of a column.
func languageTag(s string) bool { return len(s) >= 2 && len(s) <= 12 && Slug(s) }

// columnsAre makes the test of a heading: a name is one of plain, or one of perLanguage with a language behind it.
func columnsAre(plain, perLanguage []string) func(string) bool {
	return func(name string) bool {
		base, tag, ok := strings.Cut(name, ":")
		if ok {
			return slices.Contains(perLanguage, base) && languageTag(tag)
		}
		return slices.Contains(plain, name)
	}
}
