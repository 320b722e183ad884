package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// of are the proofs of an id.
func (t *table) of(id string) (out []proof) {
	for _, p := range t.proofs {
		if p.id == id {
			out = append(out, p)
		}
	}
	return out
}

// problems are what makes the table untrue: unknown ids, ids that never apply, gaps without a reason, and reasons for
// gaps that are none.
func (t *table) problems() (bad []string) {
	for _, p := range t.proofs {
		switch where := fmt.Sprintf("%s:%d", p.file, p.line); {
		case t.level[p.id] == "":
			bad = append(bad, fmt.Sprintf("%s: %s names %s, which ASVS 5.0 does not have", where, p.test, p.id))
		case t.out[p.id].kind == never:
			bad = append(bad, fmt.Sprintf("%s: %s names %s, which does not apply: %s", where, p.test, p.id, t.out[p.id].reason))
		}
	}
	for _, id := range t.order {
		c, out := t.out[id]
		g, open := t.open[id]
		switch {
		case out && (c.reason == "" || !slices.Contains([]string{never, decided, deployer}, c.kind)):
			bad = append(bad, id+" in data/applicability.csv has no kind or no reason")
		case out && open:
			bad = append(bad, id+" stands in data/open.csv and does not apply")
		case !out && !open && len(t.of(id)) == 0:
			bad = append(bad, id+" applies, no test names it, and data/open.csv says nothing about it")
		case open && (g.area == "" || g.reason == ""):
			bad = append(bad, id+" in data/open.csv has no area or no reason")
		}
	}
	for _, m := range []map[string]bool{keys(t.out), keys(t.open)} {
		for id := range m {
			if t.level[id] == "" {
				bad = append(bad, id+" in data/ is no id of ASVS 5.0")
			}
		}
	}
	slices.Sort(bad)
	return bad
}

func keys[V any](m map[string]V) map[string]bool {
	out := map[string]bool{}
	for k := range m {
		out[k] = true
	}
	return out
}

// state is how an applicable id stands.
type state int

const (
	proven state = iota
	withService
	open
)

// stands says how an id stands. A gap that a test has closed meanwhile counts as proven; its line may go.
func (t *table) stands(id string) state {
	s := open
	for _, p := range t.of(id) {
		if !p.service {
			return proven
		}
		s = withService
	}
	return s
}

// chapters are the standard's, by its ids.
var chapters = []string{"", "Encoding and sanitization", "Validation and business logic", "Web frontend", "API and web service", "Files",
	"Authentication", "Sessions", "Authorization", "Self-contained tokens", "OAuth and OIDC", "Cryptography", "Secure communication",
	"Configuration", "Data protection", "Coding and architecture", "Logging and errors", "WebRTC"}

func chapter(id string) int { return number(strings.SplitN(strings.TrimPrefix(id, "V"), ".", 2)[0]) }

const generated = "<!-- Written by go run ./tools/asvs (make generate). Do not edit. -->\n"

// pages are the files below docs: an overview, and one page for each chapter.
func (t *table) pages() map[string][]byte {
	out := map[string][]byte{"asvs.md": t.overview()}
	for n := 1; n < len(chapters); n++ {
		out[page(n)] = t.chapter(n)
	}
	return out
}

func page(n int) string { return fmt.Sprintf("asvs/v%02d.md", n) }

func (t *table) overview() []byte {
	var b bytes.Buffer
	b.WriteString(generated + `# Proof table

Requirements of OWASP's Application Security Verification Standard 5.0 and the tests that prove them. A requirement is
**proven** when a test that runs names it, **with key service** when the proof holds for stores whose root key a key
service keeps, and **open** otherwise, with the reason on the chapter's page. The requirements' texts are OWASP's.

| Chapter | apply | proven | with key service | open | up to level 2: proven of |
|---|---|---|---|---|---|
`)
	var sum [6]int
	for n := 1; n < len(chapters); n++ {
		var row [6]int // apply, proven, with service, open, proven up to 2, apply up to 2
		for _, id := range t.order {
			if _, out := t.out[id]; out || chapter(id) != n {
				continue
			}
			s := t.stands(id)
			row[0]++
			row[1+int(s)]++
			if t.level[id] != "3" {
				row[5]++
				if s != open {
					row[4]++
				}
			}
		}
		for i := range sum {
			sum[i] += row[i]
		}
		fmt.Fprintf(&b, "| [V%d %s](%s) | %d | %d | %d | %d | %d of %d |\n", n, chapters[n], page(n), row[0], row[1], row[2], row[3], row[4], row[5])
	}
	fmt.Fprintf(&b, "| **Sum** | **%d** | **%d** | **%d** | **%d** | **%d of %d** |\n", sum[0], sum[1], sum[2], sum[3], sum[4], sum[5])
	t.areas(&b)
	return b.Bytes()
}

// areas counts the open ids by the work that closes them.
func (t *table) areas(b *bytes.Buffer) {
	count := map[string]int{}
	for id, g := range t.open {
		if t.stands(id) == open {
			count[g.area]++
		}
	}
	var names []string
	for n := range count {
		names = append(names, n)
	}
	slices.SortFunc(names, func(x, y string) int {
		if count[x] != count[y] {
			return count[y] - count[x]
		}
		return strings.Compare(x, y)
	})
	b.WriteString("\n## What closes the open ones\n\n| Area | ids |\n|---|---|\n")
	for _, n := range names {
		fmt.Fprintf(b, "| %s | %d |\n", n, count[n])
	}
}

func (t *table) chapter(n int) []byte {
	var b, out bytes.Buffer
	fmt.Fprintf(&b, "%s# V%d %s\n\n| Id | Level | Stands |\n|---|---|---|\n", generated, n, chapters[n])
	for _, id := range t.order {
		if chapter(id) != n {
			continue
		}
		if c, is := t.out[id]; is {
			fmt.Fprintf(&out, "| %s | %s | %s%s |\n", id, c.kind, c.reason, holding(t.of(id)))
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", id, t.level[id], t.words(id))
	}
	if out.Len() > 0 {
		b.WriteString("\n## Not in the gate\n\nNA: never in the store's role. ND: out while a decision holds. DEP: the deployer's.\n\n| Id | | Reason |\n|---|---|---|\n")
		b.Write(out.Bytes())
	}
	return b.Bytes()
}

func (t *table) words(id string) string {
	switch t.stands(id) {
	case proven:
		return tests(t.of(id))
	case withService:
		return "**with key service:** " + tests(t.of(id))
	}
	return fmt.Sprintf("**open** (%s): %s", t.open[id].area, t.open[id].reason)
}

func holding(ps []proof) string {
	if len(ps) == 0 {
		return ""
	}
	return "; held by " + tests(ps)
}

// tests names tests by file, so that the page changes when a proof does and not when a line moves.
func tests(ps []proof) string {
	var out []string
	for _, p := range ps {
		out = append(out, fmt.Sprintf("`%s` in %s", p.test, p.file))
	}
	return strings.Join(slices.Compact(out), "; ")
}
