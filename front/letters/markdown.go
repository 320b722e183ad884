package letters

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	mdLink = regexp.MustCompile(`\[([^\]]+)\]\((?:mailto:)?([^)\s]+)\)`)
	mdHead = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	mdBold = strings.NewReplacer("**", "", "__", "")
)

// plainMarkdown writes a page of the shop as people write plain mails: headings underlined, links as "text: address",
// no stars. A link whose text is its address is written once.
func plainMarkdown(source string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(source)) {
		line = strings.TrimRight(line, " \r\n")
		if m := mdHead.FindStringSubmatch(line); m != nil {
			line = m[1] + "\n" + strings.Repeat("-", min(utf8.RuneCountInString(m[1]), 78))
		}
		line = mdLink.ReplaceAllStringFunc(line, func(s string) string {
			m := mdLink.FindStringSubmatch(s)
			if m[1] == m[2] {
				return m[2]
			}
			return m[1] + ": " + m[2]
		})
		b.WriteString(mdBold.Replace(line) + "\n")
	}
	return strings.TrimSpace(b.String())
}
