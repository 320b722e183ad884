package storefront

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"strongroom/base/config"
	"strongroom/base/lang"
)

//go:embed pages
var ownPages embed.FS

// docNames are the pages of plain text, in the order of their navigation, with the key of their title.
var docNames = [...]struct{ name, title string }{
	{"contact", "shop.contact"}, {"delivery", "shop.delivery"}, {"returns", "shop.returns"},
	{"withdrawal-notice", "shop.withdrawal_notice"}, {"guarantee", "shop.guarantee"}, {"terms", "shop.terms"},
	{"privacy", "shop.privacy"}, {"imprint", "shop.imprint"},
}

// doc is one page of text, ready to be shown.
type doc struct {
	Title, Description, Body string
	source                   string // Markdown without the title, variables filled in
}

// Pages are the pages of text in all languages, the shopkeeper's own and ours.
type Pages struct {
	byLang map[string]map[string]doc
	origin string
}

// maxDoc bounds a page of text that a shopkeeper writes.
const maxDoc = 256 << 10

// LoadPages renders all pages of text: the shopkeeper's where there is a file pages/LANGUAGE/NAME.md in own, and ours
// otherwise. The first place of own that has a file wins.
func LoadPages(own []fs.FS, shop *config.Shop, texts *lang.Catalog) (*Pages, error) {
	d := &Pages{byLang: map[string]map[string]doc{}, origin: shop.PublicURL}
	for _, code := range shop.Languages {
		d.byLang[code] = map[string]doc{}
		vars := variables(shop, texts.For(code))
		for _, n := range docNames {
			source, err := docSource(own, code, n.name)
			if err != nil {
				return nil, err
			}
			made, err := render(fill(source, vars))
			if err != nil {
				return nil, fmt.Errorf("storefront: page %s/%s.md: %w", code, n.name, err)
			}
			d.byLang[code][n.name] = made
		}
	}
	return d, nil
}

// Markdown is the text of a page for letters: without its title, with whole addresses in its links. "withdrawal" is
// the notice of the right of withdrawal. Empty if there is no such page.
func (d *Pages) Markdown(code, name string) string {
	if name == "withdrawal" {
		name = "withdrawal-notice"
	}
	return whole(d.byLang[code][name].source, d.origin+"/"+code+"/"+name)
}

// mdTarget is where a link or a picture of a Markdown page leads to: inline, or in a definition of its own.
var mdTarget = regexp.MustCompile(`(\]\(\s*<?|(?m:^ {0,3}\[[^\]\n]+\]:[ \t]*<?))([^)>\s]+)`)

// whole makes the links of a page that stands at an address independent of it, as a letter needs them.
func whole(source, address string) string {
	base, err := url.Parse(address)
	if err != nil {
		return source
	}
	return mdTarget.ReplaceAllStringFunc(source, func(s string) string {
		m := mdTarget.FindStringSubmatch(s)
		if to, err := base.Parse(m[2]); err == nil {
			return m[1] + to.String()
		}
		return s
	})
}

// docSource reads a page: the shopkeeper's, ours in the language, ours in English.
func docSource(own ownFiles, code, name string) (string, error) {
	in := func(code string) string { return path.Join("pages", code, name+".md") }
	for _, try := range [...]struct {
		files ownFiles
		path  string
	}{{own, in(code)}, {ownFiles{ownPages}, in(code)}, {ownFiles{ownPages}, in("en")}} {
		if b, err := try.files.read(try.path, maxDoc); b != nil || err != nil {
			return string(b), err
		}
	}
	return "", fmt.Errorf("storefront: there is no page %s", name)
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

// proseHTML allows what plain text needs and nothing that runs, frames or loads from elsewhere.
var proseHTML = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "hr", "code",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("id").Matching(bluemonday.Paragraph).OnElements("h2", "h3")
	p.AllowURLSchemes("https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return p
}()

// render turns Markdown into HTML. The first line is the title; the first paragraph describes the page.
func render(source string) (doc, error) {
	source = strings.TrimSpace(strings.ReplaceAll(source, "\r\n", "\n"))
	first, rest, _ := strings.Cut(source, "\n")
	title, ok := strings.CutPrefix(first, "# ")
	if !ok {
		return doc{}, errors.New("the first line must be the title, such as: # Delivery")
	}
	html, err := prose(rest)
	if err != nil {
		return doc{}, err
	}
	return doc{Title: strings.TrimSpace(title), Description: firstWords(rest), Body: html, source: strings.TrimSpace(rest)}, nil
}

// prose renders Markdown that anybody in the shop may have written.
func prose(source string) (string, error) {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(source), &b); err != nil {
		return "", err
	}
	return proseHTML.Sanitize(b.String()), nil
}

// firstWords is the first paragraph of a text without marks, cut to what a search engine shows.
func firstWords(source string) string {
	for para := range strings.SplitSeq(source, "\n\n") {
		para = strings.TrimSpace(para)
		if para == "" || strings.HasPrefix(para, "#") || strings.HasPrefix(para, "|") || strings.HasPrefix(para, "-") {
			continue
		}
		return shorten(strings.NewReplacer("\n", " ", "**", "", "*", "", "`", "").Replace(para), 155)
	}
	return ""
}

// shorten cuts a text at a word, to at most n characters.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := strings.LastIndexByte(string(r[:n-1]), ' ')
	if cut < n/2 {
		return string(r[:n-1]) + "…"
	}
	return string(r[:n-1])[:cut] + "…"
}

// variables are what a page of text may say in braces, such as {{shop.name}}.
func variables(shop *config.Shop, p *lang.Printer) map[string]string {
	address := append(append([]string{shop.LegalName}, shop.Address...), p.Country(shop.Country))
	esc := func(s string) string {
		return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", "`", "\\`").Replace(s)
	}
	vars := map[string]string{
		"shop.name": esc(shop.Name), "shop.legal_name": esc(shop.LegalName), "shop.country": esc(p.Country(shop.Country)),
		"shop.email": esc(shop.Email), "shop.phone": esc(shop.Phone), "shop.vat_id": esc(shop.VATID),
		"shop.register": esc(shop.Register), "shop.represented_by": esc(shop.RepresentedBy),
		"shop.host": esc(shop.Host()), "shop.withdrawal_days": strconv.Itoa(shop.WithdrawalDays),
		"shop.return_days": strconv.Itoa(shop.ReturnDays), "lang": p.Code(),
	}
	for i, line := range address {
		address[i] = esc(line)
	}
	vars["privacy.table"] = privacyTable(p)
	vars["shop.address"] = strings.Join(address, "  \n")
	vars["shop.address_line"] = strings.Join(address, ", ")
	return vars
}

// fill puts the variables in. A line that names a variable without a value is left out, so that an imprint without a
// telephone has no empty line about it.
func fill(source string, vars map[string]string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		keep := true
		for name, v := range vars {
			mark := "{{" + name + "}}"
			if !strings.Contains(line, mark) {
				continue
			}
			keep = keep && v != ""
			line = strings.ReplaceAll(line, mark, v)
		}
		if keep {
			b.WriteString(line)
		}
	}
	return b.String()
}
