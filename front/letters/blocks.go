package letters

// letter is a mail before it is written out: the same blocks become the HTML part and the text part, so that both say
// the same.
type letter struct {
	Lang    string
	Shop    string // the shop's name, on top
	Home    string // the shop's address in the web
	Subject string
	Preview string // what mail programs show beside the subject
	Title   string
	Blocks  []block
	Footer  []string // imprint
	Test    string   // said on top when no real money moves
	Words   string   // the reader's own words, on top; empty when she has none
}

// kind says how a block looks.
type kind string

// The kinds of block.
const (
	para    kind = "para"    // Text
	heading kind = "heading" // Text
	button  kind = "button"  // Text, URL
	goods   kind = "goods"   // Goods
	sums    kind = "sums"    // Rows; the last is the sum
	facts   kind = "facts"   // Rows
	address kind = "address" // Lines
	quote   kind = "quote"   // Text as a person wrote it
	page    kind = "page"    // Page: a page of the shop as a durable record
	rule    kind = "rule"
)

type block struct {
	Kind  kind
	Text  string
	URL   string
	Lines []string
	Rows  []row
	Goods []good
	Page  document
}

type row struct {
	Label, Value string
	Strong       bool
}

// good is one line of an order.
type good struct{ Name, Detail, Quantity, Total string }

func (l *letter) add(b block)             { l.Blocks = append(l.Blocks, b) }
func (l *letter) para(text string)        { l.add(block{Kind: para, Text: text}) }
func (l *letter) heading(text string)     { l.add(block{Kind: heading, Text: text}) }
func (l *letter) button(text, url string) { l.add(block{Kind: button, Text: text, URL: url}) }
func (l *letter) facts(rows ...row)       { l.add(block{Kind: facts, Rows: rows}) }
func (l *letter) page(title string, d document) {
	l.add(block{Kind: rule})
	l.heading(title)
	l.add(block{Kind: page, Page: d})
}
