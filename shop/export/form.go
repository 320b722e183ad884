package export

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"strongroom/base/money"
	"strongroom/shop/order"
)

// form writes records in one of the forms.
type form interface {
	head()
	record(r order.Record)
	err() error
}

func (s *Service) writer(w io.Writer, f Format, people bool) form {
	zone := s.d.Shop.TimeZone
	switch {
	case f == Lines:
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return &lines{e: e, zone: zone, people: people}
	case people:
		return &peopleSheet{newSheet(w), zone}
	}
	return &numberSheet{newSheet(w), zone}
}

// PeopleColumns are the columns of an export with personal data in CSV: one row for each line of an order. What is of the
// whole order and can be added up (from "total" on) stands in its first row only.
func PeopleColumns() []string {
	return strings.Fields(`number placed state goods paid delivered closed language currency email phone note
		delivery_name delivery_company delivery_street delivery_line2 delivery_postcode delivery_city delivery_region delivery_country
		billing_name billing_company billing_street billing_line2 billing_postcode billing_city billing_region billing_country
		erased line sku name options quantity unit_price line_discount line_total tax_percent line_tax
		total shipping discount tax refunded not_taken`)
}

// NumberColumns are the columns of an export without personal data in CSV: one row for each rate of tax of an order. What
// is of the whole order (from "total" on) stands in its first row only.
func NumberColumns() []string {
	return strings.Fields(`number placed state paid closed country currency tax_percent net tax gross total shipping discount refunded not_taken`)
}

type peopleSheet struct {
	*sheet
	zone *time.Location
}

func (p *peopleSheet) err() error { return p.flush() }

func (p *peopleSheet) head() { p.titles(PeopleColumns()) }

func (s *sheet) titles(names []string) {
	s.raw(byteOrderMark)
	for _, n := range names {
		s.plain(n)
	}
	s.end()
}

func (p *peopleSheet) record(r order.Record) {
	for i, l := range r.Lines {
		p.whose(r)
		p.plain(strconv.Itoa(l.Position))
		p.text(l.SKU)
		p.text(l.Name)
		p.text(l.Options)
		p.plain(strconv.FormatInt(l.Quantity, 10))
		for _, a := range []money.Amount{l.Unit, l.Discount, l.Total} {
			p.plain(money.Decimal(a, r.Currency))
		}
		p.plain(percent(l.Rate))
		p.plain(money.Decimal(l.Tax, r.Currency))
		p.sums(r, i == 0, r.Total, r.Shipping, r.Discount, r.Tax, r.Refunded, r.LetGo)
		p.end()
	}
}

// whose writes the columns that every row of an order repeats.
func (p *peopleSheet) whose(r order.Record) {
	p.plain(r.Number)
	p.plain(moment(r.PlacedAt, p.zone))
	p.plain(r.State.String())
	p.plain(r.Parcel.String())
	for _, t := range []time.Time{r.PaidAt, r.Delivered, r.ClosedAt} {
		p.plain(moment(t, p.zone))
	}
	p.plain(r.Language)
	p.plain(string(r.Currency))
	d := r.Details
	for _, t := range []string{d.Email, d.Phone, d.Note} {
		p.text(t)
	}
	for _, a := range []order.Recipient{d.Delivery, d.Billing} {
		for _, t := range []string{a.Name, a.Company, a.Street, a.Line2, a.Postcode, a.City, a.Region} {
			p.text(t)
		}
		p.plain(a.Country)
	}
	p.plain(map[bool]string{true: "yes", false: "no"}[r.Erased])
}

// sums writes what is of the whole order, in its first row.
func (s *sheet) sums(r order.Record, first bool, amounts ...money.Amount) {
	for _, a := range amounts {
		if first {
			s.plain(money.Decimal(a, r.Currency))
		} else {
			s.plain("")
		}
	}
}

type numberSheet struct {
	*sheet
	zone *time.Location
}

func (n *numberSheet) err() error { return n.flush() }

func (n *numberSheet) head() { n.titles(NumberColumns()) }

func (n *numberSheet) record(r order.Record) {
	taxes := r.Taxes
	if len(taxes) == 0 {
		taxes = []order.Tax{{Net: r.Net, Tax: r.Tax}}
	}
	for i, t := range taxes {
		n.plain(r.Number)
		n.plain(moment(r.PlacedAt, n.zone))
		n.plain(r.State.String())
		n.plain(moment(r.PaidAt, n.zone))
		n.plain(moment(r.ClosedAt, n.zone))
		n.plain(r.Country)
		n.plain(string(r.Currency))
		n.plain(percent(t.Rate))
		for _, a := range []money.Amount{t.Net, t.Tax, t.Net + t.Tax} {
			n.plain(money.Decimal(a, r.Currency))
		}
		n.sums(r, i == 0, r.Total, r.Shipping, r.Discount, r.Refunded, r.LetGo)
		n.end()
	}
}

// percent writes a rate in parts per million: 190000 is 19.
func percent(rate int64) string { return strconv.FormatFloat(float64(rate)/10_000, 'f', -1, 64) }

// moment writes a time of the shop as spreadsheets read it.
func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// lines writes JSON Lines: an order in each. Amounts are decimal text.
type lines struct {
	e      *json.Encoder
	zone   *time.Location
	people bool
	failed error
}

func (l *lines) head() {}

func (l *lines) err() error { return l.failed }

type jsonOrder struct {
	Number    string      `json:"number"`
	Placed    time.Time   `json:"placed"`
	State     string      `json:"state"`
	Goods     string      `json:"goods"`
	Paid      *time.Time  `json:"paid,omitempty"`
	Delivered *time.Time  `json:"delivered,omitempty"`
	Closed    *time.Time  `json:"closed,omitempty"`
	Language  string      `json:"language"`
	Country   string      `json:"country"`
	Currency  string      `json:"currency"`
	Total     string      `json:"total"`
	Shipping  string      `json:"shipping"`
	Discount  string      `json:"discount"`
	Net       string      `json:"net"`
	Tax       string      `json:"tax"`
	Refunded  string      `json:"refunded"`
	NotTaken  string      `json:"not_taken"`
	Taxes     []jsonTax   `json:"taxes"`
	Lines     []jsonLine  `json:"lines"`
	Person    *jsonPerson `json:"person,omitempty"`
}

type jsonTax struct {
	Percent string `json:"percent"`
	Net     string `json:"net"`
	Tax     string `json:"tax"`
}

type jsonLine struct {
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Options  string `json:"options,omitempty"`
	Quantity int64  `json:"quantity"`
	Unit     string `json:"unit_price"`
	Discount string `json:"discount"`
	Total    string `json:"total"`
	Percent  string `json:"tax_percent"`
	Tax      string `json:"tax"`
}

type jsonPerson struct {
	Erased   bool        `json:"erased"`
	Email    string      `json:"email,omitempty"`
	Phone    string      `json:"phone,omitempty"`
	Note     string      `json:"note,omitempty"`
	Delivery jsonAddress `json:"delivery"`
	Billing  jsonAddress `json:"billing"`
}

type jsonAddress struct {
	Name     string `json:"name,omitempty"`
	Company  string `json:"company,omitempty"`
	Street   string `json:"street,omitempty"`
	Line2    string `json:"line2,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Region   string `json:"region,omitempty"`
	Country  string `json:"country,omitempty"`
}

func (l *lines) record(r order.Record) {
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.In(l.zone)
		return &t
	}
	sum := func(a money.Amount) string { return money.Decimal(a, r.Currency) }
	o := jsonOrder{Number: r.Number, Placed: r.PlacedAt.In(l.zone), State: r.State.String(), Goods: r.Parcel.String(), Paid: at(r.PaidAt),
		Delivered: at(r.Delivered), Closed: at(r.ClosedAt), Language: r.Language, Country: r.Country, Currency: string(r.Currency),
		Total: sum(r.Total), Shipping: sum(r.Shipping), Discount: sum(r.Discount), Net: sum(r.Net), Tax: sum(r.Tax), Refunded: sum(r.Refunded),
		NotTaken: sum(r.LetGo)}
	for _, t := range r.Taxes {
		o.Taxes = append(o.Taxes, jsonTax{percent(t.Rate), sum(t.Net), sum(t.Tax)})
	}
	for _, x := range r.Lines {
		o.Lines = append(o.Lines, jsonLine{x.SKU, x.Name, x.Options, x.Quantity, sum(x.Unit), sum(x.Discount), sum(x.Total), percent(x.Rate), sum(x.Tax)})
	}
	if l.people {
		d := r.Details
		o.Person = &jsonPerson{r.Erased, d.Email, d.Phone, d.Note, jsonAddress(d.Delivery), jsonAddress(d.Billing)}
	}
	if l.failed == nil {
		l.failed = l.e.Encode(o)
	}
}
