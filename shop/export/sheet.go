package export

import (
	"bufio"
	"io"
	"strings"
	"unicode"
)

// sheet writes CSV for spreadsheets (V1.2.10). Text is always quoted, so that a program that takes semicolons or tabs as
// separators makes no cells out of it, and text that would be taken for a formula has an apostrophe before it. Numbers
// and days are ours and stand as they are. The mark at the beginning has spreadsheets read UTF-8.
type sheet struct {
	w    *bufio.Writer
	cell int
	err  error
}

const byteOrderMark = "\uFEFF"

func newSheet(w io.Writer) *sheet { return &sheet{w: bufio.NewWriterSize(w, 32<<10)} }

func (s *sheet) raw(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text)
	}
}

func (s *sheet) next() {
	if s.cell++; s.cell > 1 {
		s.raw(",")
	}
}

// plain writes what the program made itself: a number, a day, a word.
func (s *sheet) plain(text string) {
	s.next()
	s.raw(text)
}

// text writes what people wrote.
func (s *sheet) text(text string) {
	s.next()
	if text == "" {
		return
	}
	s.raw(`"` + strings.ReplaceAll(harmless(text), `"`, `""`) + `"`)
}

func (s *sheet) end() {
	s.raw("\r\n")
	s.cell = 0
}

func (s *sheet) flush() error {
	if s.err == nil {
		s.err = s.w.Flush()
	}
	return s.err
}

// harmless takes what makes a cell a formula, and control characters, out of somebody's text. Lines are joined, because a
// program that does not heed quotes would begin a new row, and with it a new cell.
func harmless(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || r == '\uFEFF' || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
	if first := strings.TrimLeftFunc(text, skipped); first != "" && strings.ContainsRune(formula, []rune(first)[0]) {
		return "'" + text
	}
	return text
}

// formula are the signs with which a formula begins, in their wide forms too.
const formula = "=+-@|%＝＋－＠−﹢﹣﹦﹫"

// skipped are signs before which a spreadsheet does not stop: spaces of every kind, quotes, invisible ones.
func skipped(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '"' || r == '\''
}
