package letters

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

//go:embed letter.css
var letterCSS string

// letterStyle stands in every letter: mail programs fetch nothing.
var letterStyle = "<style>\n" + letterCSS + "</style>"

// document is a page of the shop in both forms of a mail.
type document struct {
	HTML string // cleaned by a policy; the only ready-made markup that a letter takes
	Text string
}

// writer turns letters into the two parts of a mail.
type writer struct {
	md     goldmark.Markdown
	policy *bluemonday.Policy
	mu     sync.Mutex
	pages  map[string]document // by their Markdown: the same few pages stand in every confirmation
}

// maxPages bounds the pages that are kept ready: a shop has a few in each language.
const maxPages = 64

func newWriter() *writer {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "h1", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "hr", "table",
		"thead", "tbody", "tr", "th", "td", "code")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "mailto", "tel")
	p.RequireParseableURLs(true)
	return &writer{md: goldmark.New(goldmark.WithExtensions(extension.Table)), policy: p, pages: map[string]document{}}
}

// document makes a page out of the shop's Markdown. Pictures are left out: a letter loads nothing.
func (w *writer) document(markdown string) (document, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d, ok := w.pages[markdown]; ok {
		return d, nil
	}
	var b bytes.Buffer
	if err := w.md.Convert([]byte(markdown), &b); err != nil {
		return document{}, fmt.Errorf("letters: page: %w", err)
	}
	d := document{string(w.policy.SanitizeBytes(b.Bytes())), plainMarkdown(markdown)}
	if len(w.pages) >= maxPages {
		clear(w.pages)
	}
	w.pages[markdown] = d
	return d, nil
}

func (w *writer) write(l letter) (html, text string, err error) {
	var b bytes.Buffer
	b.Grow(24 << 10)
	if err := sheet(l).Render(context.Background(), &b); err != nil {
		return "", "", fmt.Errorf("letters: %w", err)
	}
	return b.String(), plain(l), nil
}

// plain writes the text part, in lines of at most 78 characters where words allow.
func plain(l letter) string {
	var b strings.Builder
	b.Grow(16 << 10)
	out := func(lines ...string) {
		for _, s := range lines {
			b.WriteString(s)
			b.WriteByte('\n')
		}
	}
	out(l.Shop, "")
	if l.Test != "" {
		out(wrap(l.Test), "")
	}
	if l.Words != "" {
		out(wrap(l.Words), "")
	}
	out(l.Title, strings.Repeat("=", min(utf8.RuneCountInString(l.Title), 78)), "")
	for _, x := range l.Blocks {
		out(plainBlock(x), "")
	}
	out("-- ")
	out(l.Footer...)
	return b.String()
}

func plainBlock(x block) string {
	switch x.Kind {
	case heading:
		return x.Text + "\n" + strings.Repeat("-", min(utf8.RuneCountInString(x.Text), 78))
	case button:
		return x.Text + ":\n" + x.URL
	case goods:
		return plainGoods(x.Goods)
	case sums, facts:
		lines := make([]string, len(x.Rows))
		for i, r := range x.Rows {
			lines[i] = r.Label + ": " + r.Value
		}
		return strings.Join(lines, "\n")
	case address:
		return strings.Join(x.Lines, "\n")
	case quote:
		return "> " + strings.ReplaceAll(x.Text, "\n", "\n> ")
	case page:
		return x.Page.Text
	case rule:
		return strings.Repeat("-", 40)
	}
	return wrap(x.Text)
}

func plainGoods(list []good) string {
	var b strings.Builder
	for i, g := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(g.Quantity + " " + g.Name + ": " + g.Total)
		if g.Detail != "" {
			b.WriteString("\n   " + g.Detail)
		}
	}
	return b.String()
}

// wrap breaks a text between words.
func wrap(s string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(s) {
		w := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case n+1+w > 78:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += w
	}
	return b.String()
}

// oneLine makes a text fit for a header: no control characters, no line breaks of any alphabet, at most max characters.
func oneLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most])
	}
	return s
}
