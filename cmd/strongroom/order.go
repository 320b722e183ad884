package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"strongroom/base/money"
	"strongroom/cmd/strongroom/app"
	"strongroom/guard/access"
	"strongroom/shop/order"
)

type orderCommand struct {
	List   orderListCommand   `cmd:"" help:"List orders, the newest first. The list holds nothing personal."`
	Show   orderShowCommand   `cmd:"" help:"Show an order, with personal data masked."`
	Cancel orderCancelCommand `cmd:"" help:"Close an order that nobody has paid."`
	Erase  orderEraseCommand  `cmd:"" help:"Destroy the keys of an order's person."`
	Canary orderCanaryCommand `cmd:"" help:"Have the owners told when somebody looks at an order's person."`
	Export orderExportCommand `cmd:"" help:"Write orders to a file, with personal data or as numbers."`
}

type orderListCommand struct {
	configFlag
	State string    `placeholder:"STATE" help:"Only orders in this state: awaiting_payment, payment_pending, authorised, paid, expired, cancelled, partly_refunded, refunded."`
	Since time.Time `format:"2006-01-02" placeholder:"DAY" help:"Only orders from this day on (2026-11-22)."`
	Until time.Time `format:"2006-01-02" placeholder:"DAY" help:"Only orders before this day."`
	Limit int       `default:"50" help:"At most so many, up to 200 (${default})."`
	After string    `placeholder:"MARK" help:"The next page: the mark that the page before ended with."`
	JSON  bool      `help:"Print one line of JSON for each order."`
}

// Help is shown by --help.
func (orderListCommand) Help() string {
	return "Examples:\n  strongroom order list --state paid --since 2026-11-01\n  strongroom order list --json | jq -r .number"
}

// orderReport is an order as --json prints it: amounts in minor units, nothing personal but masks.
type orderReport struct {
	Number   string            `json:"number"`
	State    string            `json:"state"`
	Placed   time.Time         `json:"placed"`
	Total    money.Amount      `json:"total"`
	Currency money.Currency    `json:"currency"`
	Next     string            `json:"next,omitempty"` // on the last line of a page: the mark for --after
	Lines    []lineReport      `json:"lines,omitempty"`
	Moves    []moveReport      `json:"moves,omitempty"`
	Person   map[string]string `json:"person,omitempty"`
	Bounces  []string          `json:"bounces,omitempty"` // mails that did not arrive
}

type lineReport struct {
	SKU      string       `json:"sku"`
	Name     string       `json:"name"`
	Options  string       `json:"options,omitempty"`
	Quantity int64        `json:"quantity"`
	Total    money.Amount `json:"total"`
}

type moveReport struct {
	To      string    `json:"to"`
	Because string    `json:"because"`
	At      time.Time `json:"at"`
}

func head(o order.Order) orderReport {
	return orderReport{Number: o.Number, State: o.State.String(), Placed: o.PlacedAt, Total: o.Total, Currency: o.Currency}
}

// Run lists a page of orders.
func (c orderListCommand) Run(ctx context.Context, t *terminal) error {
	f := order.Filter{After: c.After, Limit: c.Limit, Since: c.Since, Until: c.Until}
	if c.State != "" {
		st, ok := order.ParseState(c.State)
		if !ok {
			return usageError{errors.New("--state: there is no state " + c.State)}
		}
		f.State = st
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	page, err := s.Order.List(ctx, access.Console(), f)
	if err != nil {
		return err
	}
	if c.JSON {
		return c.json(t, page)
	}
	if len(page.Orders) == 0 {
		t.printf("No such orders.\n")
	}
	p := s.Texts.For("en")
	for _, o := range page.Orders {
		t.printf("%-10s  %s  %-16s  %12s\n", o.Number, o.PlacedAt.In(s.Shop().TimeZone).Format("2006-01-02 15:04"), o.State, p.Money(o.Total, o.Currency))
	}
	if page.Next != "" {
		t.printf("More: --after %s\n", page.Next)
	}
	return nil
}

func (c orderListCommand) json(t *terminal, page order.Page) error {
	for i, o := range page.Orders {
		r := head(o)
		if i == len(page.Orders)-1 {
			r.Next = page.Next
		}
		if err := t.json(r); err != nil {
			return err
		}
	}
	return nil
}

type orderShowCommand struct {
	configFlag
	Number string `arg:"" help:"Order number, such as K7Q2-M9XD."`
	Reveal bool   `help:"Show personal data in clear. Every such look stands in the audit log, with its reason."`
	Reason string `placeholder:"TEXT" help:"Why; needed with --reveal."`
	JSON   bool   `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (orderShowCommand) Help() string {
	return "Examples:\n  strongroom order show K7Q2-M9XD\n  strongroom order show K7Q2-M9XD --reveal --reason \"parcel came back, asking for the address\""
}

// Run shows one order.
func (c orderShowCommand) Run(ctx context.Context, t *terminal) error {
	if c.Reveal && strings.TrimSpace(c.Reason) == "" {
		return usageError{errors.New("--reveal needs --reason TEXT: who looks says why")}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	var m order.Masked
	if c.Reveal {
		m, err = s.Order.Reveal(ctx, c.Number, access.Console(), c.Reason)
	} else {
		m, err = s.Order.Show(ctx, access.Console(), c.Number)
	}
	if err != nil {
		return err
	}
	bounces, err := s.Post.About(ctx, m.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		r := detail(m)
		for _, b := range bounces {
			r.Bounces = append(r.Bounces, bounceText(b))
		}
		return t.json(r)
	}
	c.print(t, s, m)
	for _, b := range bounces {
		t.printf("  %s  %s\n", b.At.In(s.Shop().TimeZone).Format("2006-01-02 15:04"), t.paint(t.out, "33", bounceText(b)))
	}
	return nil
}

func detail(m order.Masked) orderReport {
	r := head(m.Order)
	for _, l := range m.Lines {
		r.Lines = append(r.Lines, lineReport{l.SKU, l.Name, l.Options, l.Quantity, l.Total})
	}
	for _, v := range m.Moves {
		r.Moves = append(r.Moves, moveReport{v.To.String(), string(v.Reason), v.At})
	}
	r.Person = map[string]string{}
	for _, f := range m.Fields {
		r.Person[f.Name] = f.Text
	}
	return r
}

func (c orderShowCommand) print(t *terminal, s *app.Store, m order.Masked) {
	p, zone := s.Texts.For("en"), s.Shop().TimeZone
	t.printf("%s  %s  placed %s\n\n", t.paint(t.out, "1", m.Number), m.State, m.PlacedAt.In(zone).Format("2006-01-02 15:04"))
	for _, l := range m.Lines {
		t.printf("  %3d × %-40s %12s\n", l.Quantity, lineName(l), p.Money(l.Total, m.Currency))
	}
	t.printf("  %-46s %12s\n\n", "Total", p.Money(m.Total, m.Currency))
	for _, f := range m.Fields {
		t.printf("  %-20s %s\n", f.Name, f.Text)
	}
	t.printf("\n")
	for _, v := range m.Moves {
		t.printf("  %s  %s (%s)\n", v.At.In(zone).Format("2006-01-02 15:04"), v.To, v.Reason)
	}
}

func lineName(l order.Line) string {
	name := l.Name
	if l.Options != "" {
		name += ", " + l.Options
	}
	if r := []rune(name); len(r) > 40 {
		name = string(r[:39]) + "…"
	}
	return name
}
