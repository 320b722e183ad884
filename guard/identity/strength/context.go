package strength

import (
	"slices"
	"strings"
	"unicode"
)

// shortWord is the shortest word that is looked for inside a password. Shorter ones are in too many good ones.
const shortWord = 4

// leet are the signs that guessers read as letters. They count only where a word of the context is looked for.
var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// Words are the words that texts of the context are made of, in small letters: every run of letters and digits of at
// least four, and each text as one word ("Kiln & Orchard" gives kiln, orchard and kilnorchard). An e-mail address is
// split at its dots and its @, and so is a host.
func Words(texts ...string) []string {
	var out []string
	add := func(w string) {
		if Length(w) >= shortWord && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for _, t := range texts {
		parts := strings.FieldsFunc(fold(Normal(t)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, p := range parts {
			add(p)
		}
		add(strings.Join(parts, ""))
	}
	// The longest first: what is left of a password is then as little as can be.
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// isContext says whether the password is mostly words of the context: it holds one, and what is left without them
// would be no password itself.
func (c *Checker) isContext(password string, about []string) bool {
	words := append(Words(about...), c.words...)
	return c.leans(fold(password), words) || c.leans(leet.Replace(fold(password)), leetWords(words))
}

func (c *Checker) leans(folded string, words []string) bool {
	// Signs between letters do not hide a word: k-i-l-n.
	rest := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, folded)
	before := rest
	for _, w := range words {
		rest = strings.ReplaceAll(rest, w, "")
	}
	return rest != before && (Length(rest) < WithFactor || isPattern(rest) || c.isCommon(rest))
}

func leetWords(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = leet.Replace(w)
	}
	return out
}
