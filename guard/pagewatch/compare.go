package pagewatch

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// The ways in which a page differs.
const (
	Foreign = "foreign" // there is something that the inventory does not know
	Changed = "changed" // it is known, and says something else
	Missing = "missing" // it should be there and is not
)

// Thing is one thing that was found on a page.
type Thing struct {
	Kind        Kind
	Name, Value string
}

// Difference is between a page and its inventory.
type Difference struct {
	Mark     string `json:"mark"` // by which it is known again
	Page     string `json:"page"`
	Kind     Kind   `json:"kind"`
	Name     string `json:"name"`
	What     string `json:"what"`
	Expected string `json:"declared,omitempty"`
	Found    string `json:"served,omitempty"`
}

// mostText bounds what is kept of a text that somebody else may have written.
const mostText = 600

// Compare holds what was found beside what may be there. It is pure: all that decides stands in its arguments.
func Compare(p Page, found []Thing) (out []Difference) {
	met := make([]bool, len(p.Rules))
	for _, t := range found {
		ok, near := false, ""
		for i, r := range p.Rules {
			if r.Kind != t.Kind || !like(fold(r.Kind, r.Name), fold(t.Kind, t.Name)) {
				continue
			}
			if like(r.Value, t.Value) {
				met[i], ok = true, true
			} else if near == "" {
				near, met[i] = r.Value, true // it is there, so that it is not missing as well
			}
		}
		switch {
		case ok:
		case near != "":
			out = append(out, difference(p.Name, t, Changed, near))
		default:
			out = append(out, difference(p.Name, t, Foreign, ""))
		}
	}
	for i, r := range p.Rules {
		if r.Must && !met[i] {
			out = append(out, difference(p.Name, Thing{r.Kind, r.Name, ""}, Missing, r.Value))
		}
	}
	return unique(out)
}

// fold makes names comparable: those of headers are the same in large and small letters.
func fold(k Kind, name string) string {
	if k == Header {
		return strings.ToLower(name)
	}
	return name
}

func difference(page string, t Thing, what, expected string) Difference {
	d := Difference{Page: page, Kind: t.Kind, Name: clip(t.Name, 200), What: what, Expected: clip(expected, mostText), Found: clip(t.Value, mostText)}
	parts := []string{page, string(t.Kind), fold(t.Kind, t.Name), what}
	if what != Missing && telling(t) {
		parts = append(parts, t.Value)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	d.Mark = hex.EncodeToString(sum[:10])
	return d
}

// idle are headers that change nothing in a browser, whatever they say. Another value of theirs is the same difference,
// so that a number which a network in front of the shop counts up need not be accepted anew each hour.
var idle = []string{"age", "alt-svc", "cf-*", "connection", "keep-alive", "server", "server-timing", "via", "x-amz-*", "x-cache*", "x-request-id",
	"x-served-by", "x-timer", "x-varnish"}

func telling(t Thing) bool {
	return t.Kind != Header || !slices.ContainsFunc(idle, func(p string) bool { return like(p, fold(Header, t.Name)) })
}

// unique sorts, and leaves out what is there twice.
func unique(list []Difference) []Difference {
	slices.SortStableFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Mark, b.Mark))
	})
	return slices.CompactFunc(list, func(a, b Difference) bool { return a.Mark == b.Mark })
}

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
