package chrome

import (
	"fmt"
	"strconv"
	"strings"
)

// axeTags are the rules that are held: everything of WCAG 2.2 AA, and axe's own good practice.
const axeTags = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// Axe runs axe-core over the page and returns its findings, one line each. The script goes in through the debugging
// door, so the page's policy stays as it is.
func (p *Page) Axe(source string) []string {
	p.Fail.Helper()
	return p.axe(source, `{type: "tag", values: `+axeTags+`}`)
}

// colourRules are the rules whose answer depends on colours.
const colourRules = `["color-contrast", "link-in-text-block"]`

// AxeColours is Axe for a page that was looked at in another theme just now: only what depends on colours is asked again.
func (p *Page) AxeColours(source string) []string {
	p.Fail.Helper()
	return p.axe(source, `{type: "rule", values: `+colourRules+`}`)
}

func (p *Page) axe(source, what string) []string {
	p.Fail.Helper()
	p.shaped()
	var found []struct {
		ID, Help string
		Nodes    []struct {
			Target  []any
			Summary string `json:"failureSummary"`
		}
	}
	// In one go, because a page that waits for something may come anew at any moment.
	p.Eval(source+"\n;"+`axe.run(document, {iframes: false, resultTypes: ["violations"], runOnly: `+what+`}).then(r => r.violations)`, &found)
	var out []string
	for _, v := range found {
		for _, n := range v.Nodes {
			out = append(out, fmt.Sprintf("%s (%s) at %v: %s", v.ID, v.Help, n.Target, strings.Join(strings.Fields(n.Summary), " ")))
		}
	}
	return out
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
