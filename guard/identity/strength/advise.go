package strength

import (
	"github.com/ccojocar/zxcvbn-go"

	"strongroom/base/fault"
)

// advised is how much of a password is scored: the scorer's time grows with the cube of the length, and what is longer
// has the best score anyway.
const advised = 48

// Advice is what can be said of a password while it is typed.
type Advice struct {
	Score  int          // 0 (guessed at once) to 4 (very hard to guess); a hint, never a rule
	Fits   bool         // it would not be refused, as far as the store knows without asking outside
	Reason string       // message key of why it would be refused; "" if it fits
	Params fault.Params // of the reason
	Hint   string       // message key of what would make it better; "" if it is good
}

// Advise looks at a password while it is typed: for an answer to the page, kept nowhere.
func (c *Checker) Advise(password string, least int, about ...string) Advice {
	password = Normal(password)
	var a Advice
	r := c.local(password, least, about)
	a.Fits = r == nil
	if r != nil {
		a.Reason, a.Params = r.key, r.params
	}
	a.Score = c.score(password, about)
	switch {
	case r != nil && r.key != TooShort:
		a.Score = min(a.Score, 1) // what will be refused must not look good
	case r != nil:
		a.Score = min(a.Score, 2)
	}
	switch {
	case a.Score >= 4:
	case Length(password) < Alone:
		a.Hint = "strength.hint_longer"
	default:
		a.Hint = "strength.hint_words"
	}
	return a
}

func (c *Checker) score(password string, about []string) int {
	if !isText(password) {
		return 0
	}
	runes := []rune(password)
	if len(runes) > advised {
		runes = runes[:advised]
	}
	return zxcvbn.PasswordStrength(string(runes), append(Words(about...), c.words...)).Score
}
