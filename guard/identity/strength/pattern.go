package strength

import "strings"

// shortPiece is the longest piece that may not be the whole password again and again, in code points.
const shortPiece = 4

// rows are what fingers walk along, forwards and backwards.
var rows = [...]string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
	"qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"}

// isPattern says whether the password is a short piece repeated, or nothing but walks along the rows.
func isPattern(password string) bool {
	runes := []rune(fold(password))
	return repeats(runes) || walks(runes)
}

// repeats says whether the whole is one piece of at most shortPiece signs again and again, the last one perhaps cut.
func repeats(runes []rune) bool {
	for n := 1; n <= shortPiece && n*2 <= len(runes); n++ {
		same := true
		for i := n; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-n]
		}
		if same {
			return true
		}
	}
	return false
}

// walks says whether the password falls apart into walks of four steps or more.
func walks(runes []rune) bool {
	for i := 0; i < len(runes); {
		n := longestWalk(runes[i:])
		if n < 4 {
			return false
		}
		i += n
	}
	return len(runes) > 0
}

func longestWalk(runes []rune) int {
	best := 0
	for _, row := range rows {
		for _, r := range [2]string{row, backwards(row)} {
			if n := walk(runes, r); n > best {
				best = n
			}
		}
	}
	return best
}

// walk counts how many of the first runes follow the row from where the first one stands. A row has its end: "890" is
// a walk because its 0 stands twice.
func walk(runes []rune, row string) int {
	best := 0
	for at := 0; ; at++ {
		i := strings.IndexRune(row[at:], runes[0])
		if i < 0 {
			return best
		}
		at += i
		n := 0
		for n < len(runes) && at+n < len(row) && runes[n] == rune(row[at+n]) {
			n++
		}
		best = max(best, n)
	}
}

func backwards(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
