package look

import (
	"fmt"
	"regexp"
	"strings"
)

var hexColour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// sheet is the style sheet of a shopkeeper's own accents; it is joined into shop.css, so that a page needs no style
// of its own and the content security policy no exception.
func (c Colours) sheet() (string, error) {
	day, err := declarations(c.Accent, c.AccentDeep)
	if err != nil {
		return "", err
	}
	night, err := declarations(c.NightAccent, c.NightAccentDeep)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if day != "" {
		fmt.Fprintf(&b, "@layer tokens{:root{%s}}\n", day)
	}
	if night != "" {
		fmt.Fprintf(&b, "@layer tokens{@media (prefers-color-scheme:dark){:root{%s}}}\n", night)
	}
	return b.String(), nil
}

func declarations(accent, deep string) (string, error) {
	var b strings.Builder
	for name, v := range map[string]string{"--accent": accent, "--accent-deep": deep} {
		if v == "" {
			continue
		}
		if !hexColour.MatchString(v) {
			return "", fmt.Errorf("look: %q is no colour; write it as #1f5c4a", v)
		}
		fmt.Fprintf(&b, "%s:%s;", name, v)
	}
	return b.String(), nil
}
