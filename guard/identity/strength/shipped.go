package strength

import (
	"bytes"
	_ "embed" // for the list below
)

//go:generate go run strongroom/tools/wordlist -out common.filter

// commonFilter is made by tools/wordlist from the dictionaries of the scorer's module; a test there holds the two
// together.
//
//go:embed common.filter
var commonFilter []byte

// shipped is the filter of common passwords that every store has.
func shipped() (*Filter, error) {
	return readFilter(bytes.NewReader(commonFilter), int64(len(commonFilter)))
}
