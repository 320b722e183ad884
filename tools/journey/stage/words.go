package stage

import (
	"io/fs"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"strongroom/base/lang"
)

// Words are the texts of one language beside those of another, to find what was left untranslated.
type Words struct {
	same    map[string]bool // lower-case texts that both languages have
	plain   map[string]string
	shapes  map[string]*regexp.Regexp
	AllKeys map[string]bool
}

// param is a parameter in a text.
var param = regexp.MustCompile(`\{[a-z_A-Z0-9]+\}`)

// Foreign prepares to find texts of one language on pages of another.
func Foreign(foreign, own string) (*Words, error) {
	a, err := read(foreign)
	if err != nil {
		return nil, err
	}
	b, err := read(own)
	if err != nil {
		return nil, err
	}
	w := &Words{same: map[string]bool{}, plain: map[string]string{}, shapes: map[string]*regexp.Regexp{}, AllKeys: map[string]bool{}}
	for _, t := range b {
		w.same[flat(t)] = true
	}
	for key, t := range a {
		w.AllKeys[key] = true
		if w.same[flat(t)] {
			continue
		}
		if !param.MatchString(t) {
			w.plain[flat(t)] = key
		} else if rest := strings.Fields(param.ReplaceAllString(t, " ")); len(rest) > 1 {
			w.shapes[key] = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(param.ReplaceAllString(flat(t), "\x00")), "\x00", ".*") + "$")
		}
	}
	return w, nil
}

// Key is the key of the foreign text that a piece of a page is, or the key that was left without a text; "" if neither.
func (w *Words) Key(piece string) string {
	f := flat(piece)
	if key := w.plain[f]; key != "" {
		return key
	}
	if w.AllKeys[piece] {
		return piece
	}
	for key, shape := range w.shapes {
		if shape.MatchString(f) {
			return key
		}
	}
	return ""
}

func flat(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func read(language string) (map[string]string, error) {
	out := map[string]string{}
	names, err := fs.Glob(lang.Messages(), language+"/*.toml")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		b, err := fs.ReadFile(lang.Messages(), n)
		if err != nil {
			return nil, err
		}
		var m map[string]string
		if err := toml.Unmarshal(b, &m); err != nil {
			return nil, err
		}
		for k, v := range m {
			out[k] = v
		}
	}
	return out, nil
}
