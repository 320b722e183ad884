package id

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// TokenBytes is the entropy of a Token in bytes: 256 bits.
const TokenBytes = 32

// tokenChars is how long a token is when it is written down.
const tokenChars = 43

// ErrToken is returned by ParseToken for anything that this package cannot have made.
var ErrToken = errors.New("id: not a token")

// Token is a random secret that the outside carries in a cookie or a link: 43 characters of URL-safe base64.
// The store keeps only its Hash.
type Token string

// NewToken makes a secret of 256 random bits.
func NewToken() Token {
	var b [TokenBytes]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("id: the system's random source failed: " + err.Error())
	}
	return Token(base64.RawURLEncoding.EncodeToString(b[:]))
}

// ParseToken accepts only the form that NewToken makes, so that hostile input is refused before any look-up.
func ParseToken(s string) (Token, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != TokenBytes || len(s) != tokenChars { // the decoder passes over line ends
		return "", ErrToken
	}
	return Token(s), nil
}

// Hash is what the store keeps of a token. The token has full entropy, so a plain SHA-256 suffices.
func (t Token) Hash() []byte {
	h := sha256.Sum256([]byte(t))
	return h[:]
}

// String hides the secret from logs and error texts.
func (t Token) String() string { return "token(hidden)" }

// GoString hides the secret from %#v.
func (t Token) GoString() string { return "id.Token(hidden)" }

// Clear returns the secret itself, for the cookie or the link it was made for.
func (t Token) Clear() string { return string(t) }

// crockford is Crockford's base 32: no I, L, O or U, so that a number can be read over the telephone.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewNumber makes an order number such as "K7Q2-M9XD": 40 random bits, short enough to be read aloud.
// It is a name and not a secret; uniqueness is the table's business.
func NewNumber() string {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("id: the system's random source failed: " + err.Error())
	}
	var s strings.Builder
	for i, c := range b {
		if i == 4 {
			s.WriteByte('-')
		}
		s.WriteByte(crockford[c&31])
	}
	return s.String()
}

// ParseNumber reads a number as people type it: any case, with or without hyphen or spaces, O for 0, I or L for 1.
// It returns "" for anything else.
func ParseNumber(s string) string {
	r := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")
	s = r.Replace(strings.ToUpper(s))
	if len(s) != 8 {
		return ""
	}
	for i := range len(s) {
		if !strings.ContainsRune(crockford, rune(s[i])) {
			return ""
		}
	}
	return s[:4] + "-" + s[4:]
}

// NewCode makes a code of n Crockford characters (5 bits each), in groups of four: a discount code of 16
// characters has 80 bits.
func NewCode(n int) string {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("id: the system's random source failed: " + err.Error())
	}
	var s strings.Builder
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			s.WriteByte('-')
		}
		s.WriteByte(crockford[c&31])
	}
	return s.String()
}
