package price

import (
	"cmp"
	"slices"

	"strongroom/base/fault"
	"strongroom/base/money"
)

// Calculate says what the basket costs. It is a pure function, and the order of lines and discounts does not change
// what it says. Faults: price.too_large, price.line_invalid, price.discount_invalid, price.not_together, and those of
// places that are not delivered to.
func Calculate(t *Taxes, b Basket) (Totals, error) {
	c := &sum{basket: b, taxes: t, discounts: inOrder(b.Discounts)}
	steps := []func() error{c.check, c.goods, c.discount, c.share, c.tax, c.delivery, c.total}
	for _, step := range steps {
		if err := step(); err != nil {
			if fault.As(err) == nil {
				err = errTooLarge(err)
			}
			return Totals{}, err
		}
	}
	return c.out, nil
}

// sum is one calculation under way.
type sum struct {
	basket    Basket
	taxes     *Taxes
	discounts []Discount
	rank      []int // lines in an order that depends on their content alone
	out       Totals
	off       money.Amount // off the delivery
}

func (c *sum) check() error {
	b := c.basket
	if len(b.Lines) > MaxLines || b.Mode != Inclusive && b.Mode != Exclusive {
		return fault.New(fault.Invalid, "price.line_invalid")
	}
	for _, l := range b.Lines {
		if l.Unit < 0 || l.Quantity < 1 || l.Quantity > MaxQuantity {
			return fault.New(fault.Invalid, "price.line_invalid")
		}
	}
	if b.Delivery < 0 {
		return fault.New(fault.Invalid, "price.line_invalid")
	}
	for _, d := range c.discounts {
		if err := d.check(); err != nil {
			return err
		}
	}
	return stackable(c.discounts)
}

// goods prices each line, finds its rate and ranks the lines, so that a cent that can go to one of several lines goes
// to the same one whatever order they were put in.
func (c *sum) goods() error {
	c.out.Lines = make([]LineTotal, len(c.basket.Lines))
	c.rank = make([]int, len(c.basket.Lines))
	for i, l := range c.basket.Lines {
		rate, err := c.taxes.Rate(c.basket.Country, c.basket.Postcode, l.TaxClass, c.basket.Day)
		if err != nil {
			return err
		}
		goods, err := money.Times(l.Unit, l.Quantity)
		if err != nil {
			return err
		}
		if c.out.Goods, err = money.Add(c.out.Goods, goods); err != nil {
			return err
		}
		c.out.Lines[i] = LineTotal{Goods: goods, Rate: rate}
		c.rank[i] = i
	}
	slices.SortStableFunc(c.rank, func(i, j int) int {
		a, b := c.out.Lines[i], c.out.Lines[j]
		return cmp.Or(cmp.Compare(b.Goods, a.Goods), cmp.Compare(b.Rate.PPM, a.Rate.PPM))
	})
	return nil
}

// discount finds what each discount takes off the goods and the delivery.
func (c *sum) discount() error {
	left := c.out.Goods
	for _, d := range c.discounts {
		t := DiscountTotal{Code: d.Code, Kind: d.Kind, Missing: max(0, d.MinGoods-c.out.Goods)}
		if t.Missing == 0 {
			var err error
			if t.Goods, err = d.off(c.out.Goods, left); err != nil {
				return err
			}
			if d.Kind == FreeDelivery {
				t.Delivery = c.basket.Delivery - c.off
			}
		}
		left -= t.Goods
		c.off += t.Delivery
		c.out.Discount += t.Goods
		c.out.Discounts = append(c.out.Discounts, t)
	}
	return nil
}

// share spreads the discount over the lines by largest remainder.
func (c *sum) share() error {
	weights := make([]money.Amount, len(c.rank))
	for k, i := range c.rank {
		weights[k] = c.out.Lines[i].Goods
	}
	parts, err := money.Share(c.out.Discount, weights)
	if err != nil {
		return err
	}
	for k, i := range c.rank {
		c.out.Lines[i].Discount = parts[k]
	}
	return nil
}

// tax counts the tax of each line.
func (c *sum) tax() error {
	for i := range c.out.Lines {
		l := &c.out.Lines[i]
		sum, err := c.taxed(l.Goods-l.Discount, l.Rate.PPM)
		if err != nil {
			return err
		}
		l.Net, l.Tax, l.Total = sum.Net, sum.Tax, sum.Gross
		c.add(sum)
	}
	return nil
}

// taxed splits an amount in the store's price mode into net, tax and gross.
func (c *sum) taxed(a money.Amount, ppm int64) (TaxSum, error) {
	if c.basket.Mode == Inclusive {
		tax, err := money.TaxWithin(a, ppm)
		return TaxSum{PPM: ppm, Net: a - tax, Tax: tax, Gross: a}, err
	}
	tax, err := money.Rate(a, ppm)
	if err != nil {
		return TaxSum{}, err
	}
	gross, err := money.Add(a, tax)
	return TaxSum{PPM: ppm, Net: a, Tax: tax, Gross: gross}, err
}

// add counts a sum under its rate; the list stays sorted, highest rate first.
func (c *sum) add(s TaxSum) {
	i, found := slices.BinarySearchFunc(c.out.Taxes, s.PPM, func(t TaxSum, ppm int64) int { return cmp.Compare(ppm, t.PPM) })
	if !found {
		c.out.Taxes = slices.Insert(c.out.Taxes, i, TaxSum{PPM: s.PPM})
	}
	t := &c.out.Taxes[i]
	t.Net, t.Tax, t.Gross = t.Net+s.Net, t.Tax+s.Tax, t.Gross+s.Gross
}

// delivery shares what the delivery costs over the rates of the goods, in proportion to what is paid for them. When
// nothing is paid for the goods, the highest of their rates takes it all; without goods it is the standard rate.
func (c *sum) delivery() error {
	d := &c.out.Delivery
	d.Price, d.Discount = c.basket.Delivery, c.off
	c.out.Shipping = d.Price - d.Discount
	mix := slices.Clone(c.out.Taxes)
	if len(mix) == 0 {
		rate, err := c.taxes.Rate(c.basket.Country, c.basket.Postcode, Standard, c.basket.Day)
		if err != nil {
			return err
		}
		mix = []TaxSum{{PPM: rate.PPM}}
	}
	weights := make([]money.Amount, len(mix))
	for i, m := range mix {
		weights[i] = m.Gross
		if c.basket.Mode == Exclusive {
			weights[i] = m.Net
		}
	}
	parts, err := money.Share(c.out.Shipping, weights)
	if err != nil {
		return err
	}
	for i, part := range parts {
		if part == 0 {
			continue
		}
		s, err := c.taxed(part, mix[i].PPM)
		if err != nil {
			return err
		}
		d.Net, d.Tax, d.Total = d.Net+s.Net, d.Tax+s.Tax, d.Total+s.Gross
		d.Parts = append(d.Parts, s)
		c.add(s)
	}
	return nil
}

func (c *sum) total() error {
	for _, t := range c.out.Taxes {
		for _, a := range []struct{ to, add *money.Amount }{
			{&c.out.Net, &t.Net}, {&c.out.Tax, &t.Tax}, {&c.out.Total, &t.Gross},
		} {
			s, err := money.Add(*a.to, *a.add)
			if err != nil {
				return err
			}
			*a.to = s
		}
	}
	return nil
}
