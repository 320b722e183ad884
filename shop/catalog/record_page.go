package catalog

import "strongroom/base/clock"

// packPage writes a product as its page reads it: all but the path to its category, which the shelves know, and the
// pieces that are left, which stock knows.
func packPage(d Product) string {
	var p packer
	p.id(d.ID)
	for _, s := range []string{d.Handle, d.Title, d.Summary, d.Description, d.TaxClass, d.Producer, d.EUContact} {
		p.str(s)
	}
	p.num(d.Popularity)
	p.num(clock.Micros(d.PublishedAt))
	p.num(clock.Micros(d.UpdatedAt))
	p.num(int64(len(d.Facts)))
	for _, f := range d.Facts {
		p.str(f.Label)
		p.str(f.Value)
	}
	p.num(int64(len(d.Options)))
	for _, o := range d.Options {
		p.str(o.Key)
		p.str(o.Name)
		p.values(o.Values)
	}
	p.num(int64(len(d.Variants)))
	for _, v := range d.Variants {
		p.variant(v)
	}
	p.num(int64(len(d.Images)))
	for _, i := range d.Images {
		p.image(i)
	}
	return string(p.b)
}

func (p *packer) values(vs []Value) {
	p.num(int64(len(vs)))
	for _, v := range vs {
		p.str(v.Key)
		p.str(v.Name)
	}
}

func (p *packer) variant(v Variant) {
	p.id(v.ID)
	p.str(v.SKU)
	p.values(v.Values)
	p.str(v.Options)
	p.amount(v.Price)
	p.amount(v.WasPrice)
	p.amount(v.LowestPrice)
	p.num(v.UnitAmount)
	p.str(v.UnitBase)
	p.num(v.WeightGrams)
	p.num(v.MaxPerOrder)
}

func unpackPage(doc string) (d Product, err error) {
	u := unpacker{s: doc}
	d.ID = u.id()
	for _, s := range []*string{&d.Handle, &d.Title, &d.Summary, &d.Description, &d.TaxClass, &d.Producer, &d.EUContact} {
		*s = u.str()
	}
	d.Popularity = u.num()
	d.PublishedAt, d.UpdatedAt = clock.FromMicros(u.num()), clock.FromMicros(u.num())
	d.Facts = make([]Fact, u.list())
	for i := range d.Facts {
		d.Facts[i] = Fact{u.str(), u.str()}
	}
	d.Options = make([]Option, u.list())
	for i := range d.Options {
		d.Options[i] = Option{u.str(), u.str(), u.values()}
	}
	d.Variants = make([]Variant, u.list())
	for i := range d.Variants {
		d.Variants[i] = u.variant()
	}
	d.Images = make([]Image, u.list())
	for i := range d.Images {
		d.Images[i] = u.image()
	}
	return d, u.err()
}

func (u *unpacker) values() []Value {
	vs := make([]Value, u.list())
	for i := range vs {
		vs[i] = Value{u.str(), u.str()}
	}
	return vs
}

func (u *unpacker) variant() (v Variant) {
	v.ID, v.SKU, v.Values, v.Options = u.id(), u.str(), u.values(), u.str()
	v.Price, v.WasPrice, v.LowestPrice = u.amount(), u.amount(), u.amount()
	v.UnitAmount, v.UnitBase, v.WeightGrams, v.MaxPerOrder = u.num(), u.str(), u.num(), u.num()
	return v
}
