// Package lang speaks the reader's language: texts, plurals, money, numbers and dates; and it folds, splits and sorts
// words for search and lists.
//
// Texts live in messages/LANGUAGE/DOMAIN.toml as "key" = "Text with {name}." A key that counts has one entry for each
// plural form of the language ("cart.items.one", "cart.items.other"), chosen by the parameter n. A further language is
// a further folder; a test holds all folders to the same keys and parameters.
package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"strongroom/base/fault"
)

//go:embed messages
var embedded embed.FS

// Messages are the texts that come with the program: one folder for each language.
func Messages() fs.FS {
	f, err := fs.Sub(embedded, "messages")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return f
}

// Catalog holds the texts of all languages.
type Catalog struct {
	printers map[string]*Printer
	tags     []string
}

// Load reads all texts. A key that stands twice in a language, and a text with an unclosed brace, are errors.
func Load(files fs.FS) (*Catalog, error) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("lang: %w", err)
	}
	c := &Catalog{printers: map[string]*Printer{}}
	for _, f := range folders {
		p, err := load(files, f.Name())
		if err != nil {
			return nil, err
		}
		c.printers[f.Name()] = p
		c.tags = append(c.tags, f.Name())
	}
	sort.Strings(c.tags)
	if c.printers["en"] == nil {
		return nil, fmt.Errorf("lang: English is missing")
	}
	for _, p := range c.printers {
		p.fallback = c.printers["en"]
	}
	return c, nil
}

func load(files fs.FS, folder string) (*Printer, error) {
	tag, err := language.Parse(folder)
	if err != nil {
		return nil, fmt.Errorf("lang: folder %s names no language", folder)
	}
	p := &Printer{tag: tag, code: folder, texts: map[string]text{}, style: styleOf(folder)}
	names, err := fs.Glob(files, path.Join(folder, "*.toml"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := p.read(files, name); err != nil {
			return nil, fmt.Errorf("lang: %s: %w", name, err)
		}
	}
	return p, nil
}

func (p *Printer) read(files fs.FS, name string) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var m map[string]string
	if err := toml.Unmarshal(b, &m); err != nil {
		return err
	}
	for k, s := range m {
		if _, twice := p.texts[k]; twice {
			return fmt.Errorf("%q stands twice", k)
		}
		t, err := parseText(s)
		if err != nil {
			return fmt.Errorf("%q: %w", k, err)
		}
		p.texts[k] = t
	}
	return nil
}

// Languages are the tags of all languages, sorted.
func (c *Catalog) Languages() []string { return c.tags }

// For gives the printer of a language, and the English one for an unknown tag.
func (c *Catalog) For(tag string) *Printer {
	if p, ok := c.printers[tag]; ok {
		return p
	}
	return c.printers["en"]
}

// Has says whether the language is there.
func (c *Catalog) Has(tag string) bool { return c.printers[tag] != nil }

// Printer speaks one language. It is safe for use by many goroutines.
type Printer struct {
	tag      language.Tag
	code     string
	texts    map[string]text
	style    style
	fallback *Printer
}

// Code is the tag of the language, such as "de", as it stands in addresses and the lang attribute.
func (p *Printer) Code() string { return p.code }

// T renders the text of a key. Parameters are name, value, name, value; whole numbers are written as the language
// writes them. With a parameter n the plural form is chosen. An unknown key is rendered as itself, which a test finds.
func (p *Printer) T(key string, params ...any) string {
	t, ok := p.find(key, params)
	if !ok {
		return key
	}
	if len(t) == 1 && t[0].name == "" {
		return t[0].lit
	}
	var b strings.Builder
	for _, s := range t {
		if s.name == "" {
			b.WriteString(s.lit)
			continue
		}
		b.WriteString(p.value(s.name, params))
	}
	return b.String()
}

// Has says whether the key has a text in this language, plural forms included.
func (p *Printer) Has(key string) bool {
	_, a := p.texts[key]
	_, b := p.texts[key+".other"]
	return a || b
}

// Fault renders a fault's message.
func (p *Printer) Fault(f *fault.Error) string { return p.Message(f.Key, f.Params) }

// Message renders the text of a key with named parameters.
func (p *Printer) Message(key string, params fault.Params) string {
	list := make([]any, 0, 2*len(params))
	for k, v := range params {
		list = append(list, k, v)
	}
	return p.T(key, list...)
}

func (p *Printer) find(key string, params []any) (text, bool) {
	if n, ok := count(params); ok {
		form := forms[plural.Cardinal.MatchPlural(p.tag, n, 0, 0, 0, 0)]
		if t, ok := p.texts[key+"."+form]; ok {
			return t, true
		}
		if t, ok := p.texts[key+".other"]; ok {
			return t, true
		}
	}
	if t, ok := p.texts[key]; ok {
		return t, true
	}
	if p.fallback != nil && p.fallback != p {
		return p.fallback.find(key, params)
	}
	return nil, false
}

var forms = map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two",
	plural.Few: "few", plural.Many: "many"}

func count(params []any) (int, bool) {
	for i := 0; i+1 < len(params); i += 2 {
		if params[i] == "n" {
			n, ok := whole(params[i+1])
			return int(min(max(n, -n), 1_000_000)), ok
		}
	}
	return 0, false
}

func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case int32:
		return int64(n), true
	case uint64:
		return int64(n), true
	}
	return 0, false
}

func (p *Printer) value(name string, params []any) string {
	for i := 0; i+1 < len(params); i += 2 {
		if params[i] != name {
			continue
		}
		if n, ok := whole(params[i+1]); ok {
			return p.Number(n)
		}
		return fmt.Sprint(params[i+1])
	}
	return "{" + name + "}"
}

// text is a message cut at its parameters.
type text []segment

type segment struct{ lit, name string }

func parseText(s string) (text, error) {
	var t text
	for s != "" {
		lit, rest, open := strings.Cut(s, "{")
		if lit != "" {
			t = append(t, segment{lit: lit})
		}
		if !open {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" {
			return nil, fmt.Errorf("a brace is not closed")
		}
		t = append(t, segment{name: name})
		s = after
	}
	if t == nil {
		t = text{{}}
	}
	return t, nil
}
