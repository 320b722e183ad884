package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

const (
	// MaxWord is the most bytes of a folded word; longer ones are cut.
	MaxWord = 40
	// MaxWords is the most words that Words returns.
	MaxWords = 4000
)

// special are letters that no decomposition takes apart.
var special = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

// Fold brings a text to the form in which words are compared: lower case, without accents, compatibility forms
// resolved, ß as ss. Texts that people take for the same fold to the same bytes.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if t, ok := special[r]; ok {
			b.WriteString(t)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Words splits a text into folded words of letters and digits, in order, at most MaxWords of at most MaxWord bytes.
func Words(s string) []string {
	fields := strings.FieldsFunc(Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(fields) > MaxWords {
		fields = fields[:MaxWords]
	}
	for i, f := range fields {
		if len(f) > MaxWord {
			f = f[:MaxWord]
			for !utf8.ValidString(f) {
				f = f[:len(f)-1]
			}
			fields[i] = f
		}
	}
	return fields
}

// Sorter makes the bytes by which texts sort among others in a language's order. Making one is dear; using it is cheap,
// for one goroutine at a time.
type Sorter struct {
	c *collate.Collator
	b collate.Buffer
}

// NewSorter makes a sorter for a language.
func NewSorter(tag string) *Sorter {
	return &Sorter{c: collate.New(language.Make(tag), collate.IgnoreCase)}
}

// Key gives the text's bytes.
func (s *Sorter) Key(text string) []byte {
	s.b.Reset()
	return append([]byte(nil), s.c.KeyFromString(&s.b, text)...)
}

// CollationKey gives the bytes of one text.
func CollationKey(tag, s string) []byte { return NewSorter(tag).Key(s) }
