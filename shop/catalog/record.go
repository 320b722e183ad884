package catalog

import (
	"errors"
	"strconv"
	"strings"

	"strongroom/base/id"
	"strongroom/base/money"
)

// Derived documents are read far more often than they are written, and JSON costs ten times what the query does.
// They are therefore plain texts: fields in a fixed order, each ended by the unit separator, numbers in base 36, lists
// with their length first. Texts hold no control characters (Input.Check), so nothing needs to be escaped; a change of
// the form raises layout, and everything is made anew at the next start.

// layout is the form of the derived rows.
const layout = 2

const sep = '\x1f'

type packer struct{ b []byte }

func (p *packer) str(s string) { p.b = append(append(p.b, s...), sep) }

func (p *packer) num(n int64) { p.b = append(strconv.AppendInt(p.b, n, 36), sep) }

func (p *packer) amount(a money.Amount) { p.num(int64(a)) }

func (p *packer) id(v id.ID) { p.str(v.String()) }

func (p *packer) bool(b bool) {
	if b {
		p.num(1)
		return
	}
	p.num(0)
}

func (p *packer) image(i Image) {
	p.str(i.Name)
	if i.Name == "" {
		return
	}
	p.str(i.Alt)
	p.num(int64(i.Width))
	p.num(int64(i.Height))
	p.num(int64(len(i.Widths)))
	for _, w := range i.Widths {
		p.num(int64(w))
	}
}

var errDocument = errors.New("catalog: a derived document is damaged; Rebuild makes it anew")

// unpacker reads what packer wrote. Its first failure stays.
type unpacker struct {
	s   string
	bad bool
}

func (u *unpacker) str() string {
	i := strings.IndexByte(u.s, sep)
	if i < 0 {
		u.bad = true
		return ""
	}
	f := u.s[:i]
	u.s = u.s[i+1:]
	return f
}

func (u *unpacker) num() int64 {
	f := u.str()
	n, err := strconv.ParseInt(f, 36, 64)
	if err != nil {
		u.bad = true
	}
	return n
}

// list reads a length and bounds it by what the rest of the text can hold.
func (u *unpacker) list() int {
	n := u.num()
	if n < 0 || n > int64(len(u.s)) {
		u.bad = true
		return 0
	}
	return int(n)
}

func (u *unpacker) amount() money.Amount { return money.Amount(u.num()) }

func (u *unpacker) bool() bool { return u.num() == 1 }

func (u *unpacker) id() id.ID {
	v, err := id.Parse(u.str())
	if err != nil {
		u.bad = true
	}
	return v
}

func (u *unpacker) image() (i Image) {
	if i.Name = u.str(); i.Name == "" {
		return i
	}
	i.Alt, i.Width, i.Height = u.str(), int(u.num()), int(u.num())
	i.Widths = make([]int, u.list())
	for k := range i.Widths {
		i.Widths[k] = int(u.num())
	}
	return i
}

func (u *unpacker) err() error {
	if u.bad {
		return errDocument
	}
	return nil
}

func packCard(c Card) string {
	var p packer
	p.str(c.Handle)
	p.str(c.Title)
	p.str(c.Summary)
	p.amount(c.Price)
	p.bool(c.From)
	p.amount(c.WasPrice)
	p.amount(c.LowestPrice)
	p.num(c.UnitAmount)
	p.str(c.UnitBase)
	p.num(int64(c.Choices))
	p.image(c.Image)
	return string(p.b)
}

func unpackCard(doc string) (c Card, err error) {
	u := unpacker{s: doc}
	c.Handle, c.Title, c.Summary = u.str(), u.str(), u.str()
	c.Price, c.From, c.WasPrice, c.LowestPrice = u.amount(), u.bool(), u.amount(), u.amount()
	c.UnitAmount, c.UnitBase, c.Choices = u.num(), u.str(), int(u.num())
	c.Image = u.image()
	return c, u.err()
}

func packItem(i Item) string {
	var p packer
	p.str(i.Handle)
	p.str(i.SKU)
	p.str(i.Name)
	p.str(i.Options)
	p.amount(i.Price)
	p.str(i.TaxClass)
	p.num(i.WeightGrams)
	p.num(i.UnitAmount)
	p.str(i.UnitBase)
	p.image(i.Image)
	p.str(i.Producer)
	p.str(i.EUContact)
	p.bool(i.Sellable)
	p.num(i.MaxPerOrder)
	p.amount(i.WasPrice)
	p.amount(i.LowestPrice)
	return string(p.b)
}

func unpackItem(doc string) (i Item, err error) {
	u := unpacker{s: doc}
	i.Handle, i.SKU, i.Name, i.Options = u.str(), u.str(), u.str(), u.str()
	i.Price, i.TaxClass, i.WeightGrams = u.amount(), u.str(), u.num()
	i.UnitAmount, i.UnitBase, i.Image = u.num(), u.str(), u.image()
	i.Producer, i.EUContact, i.Sellable, i.MaxPerOrder = u.str(), u.str(), u.bool(), u.num()
	i.WasPrice, i.LowestPrice = u.amount(), u.amount()
	return i, u.err()
}
