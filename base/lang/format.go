package lang

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"strongroom/base/money"
)

// style is how a language writes numbers, money and dates.
type style struct {
	group, point string
	moneyAfter   bool   // "12,30 €" and not "€12.30"
	afterDay     string // between the day's number and the month
	afterTime    string
	zones        map[string]string // abbreviations of time zones that the language has words of its own for
}

const nbsp = "\u00a0"

func styleOf(code string) style {
	switch code {
	case "de":
		return style{group: ".", point: ",", moneyAfter: true, afterDay: ". ", afterTime: " Uhr",
			zones: map[string]string{"CET": "MEZ", "CEST": "MESZ"}}
	}
	return style{group: ",", point: ".", afterDay: " "}
}

// symbols are the signs that need no explanation; other currencies are written by their code.
var symbols = map[money.Currency]string{"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}

// Number writes a whole number with the language's group separators.
func (p *Printer) Number(n int64) string { return p.grouped(strconv.FormatInt(n, 10)) }

func (p *Printer) grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(p.style.group)
		}
		b.WriteByte(s[i])
	}
	return sign + b.String()
}

// Decimal writes an amount without its currency, such as "1,234.50".
func (p *Printer) Decimal(a money.Amount, c money.Currency) string {
	whole, frac, has := strings.Cut(money.Decimal(a, c), ".")
	if whole == "-0" {
		whole = "0"
		if has {
			return "−" + whole + p.style.point + frac
		}
	}
	s := p.grouped(whole)
	if has {
		s += p.style.point + frac
	}
	return s
}

// Money writes an amount with its currency as the language does: "€1,234.50", "1.234,50 €".
func (p *Printer) Money(a money.Amount, c money.Currency) string {
	s := p.Decimal(a, c)
	sign, known := symbols[c]
	switch {
	case p.style.moneyAfter && known:
		return s + nbsp + sign
	case p.style.moneyAfter:
		return s + nbsp + string(c)
	case known && strings.HasPrefix(s, "−"):
		return "−" + sign + strings.TrimPrefix(s, "−")
	case known:
		return sign + s
	}
	return string(c) + nbsp + s
}

// Percent writes a rate in parts per million: 190000 is "19 %" in German and "19%" in English.
func (p *Printer) Percent(ppm int64) string {
	s := strconv.FormatFloat(float64(ppm)/10_000, 'f', -1, 64)
	s = strings.Replace(s, ".", p.style.point, 1)
	if p.code == "en" {
		return s + "%"
	}
	return s + nbsp + "%"
}

// Weight writes grams as grams below a kilogram and as kilograms with up to two decimals above.
func (p *Printer) Weight(grams int64) string {
	if grams < 1000 {
		return p.Number(grams) + nbsp + "g"
	}
	s := strconv.FormatFloat(float64((grams+5)/10*10)/1000, 'f', -1, 64)
	return strings.Replace(s, ".", p.style.point, 1) + nbsp + "kg"
}

// Date writes the day of t in t's own zone: "2 November 2026", "2. November 2026".
func (p *Printer) Date(t time.Time) string {
	return strconv.Itoa(t.Day()) + p.style.afterDay + p.T(months[t.Month()-1]) + " " + strconv.Itoa(t.Year())
}

var months = [...]string{"date.month.1", "date.month.2", "date.month.3", "date.month.4", "date.month.5", "date.month.6",
	"date.month.7", "date.month.8", "date.month.9", "date.month.10", "date.month.11", "date.month.12"}

// DateTime writes day and time of t with the zone's abbreviation, as deadlines need it.
func (p *Printer) DateTime(t time.Time) string {
	return p.Date(t) + ", " + t.Format("15:04") + p.style.afterTime + " (" + p.zone(t.Format("MST")) + ")"
}

// zone is the language's name of a time zone's abbreviation, and the abbreviation itself where it has none.
func (p *Printer) zone(abbreviation string) string {
	if name, ok := p.style.zones[abbreviation]; ok {
		return name
	}
	return abbreviation
}

// Country is the language's name of an ISO 3166 country, and the code itself if it is unknown.
func (p *Printer) Country(code string) string {
	r, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(p.tag).Name(r); name != "" {
		return name
	}
	return code
}

// LanguageName is a language's name for itself, such as "Deutsch".
func LanguageName(code string) string {
	t, err := language.Parse(code)
	if err != nil {
		return code
	}
	name := display.Self.Name(t)
	if name == "" {
		return code
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// Negotiate chooses the best of the offered languages for an Accept-Language header; the first offered one if none
// fits or the header is no such header.
func Negotiate(header string, offered []string) string {
	if len(offered) == 0 {
		return "en"
	}
	if len(header) > 200 {
		header = header[:200]
	}
	tags := make([]language.Tag, len(offered))
	for i, o := range offered {
		tags[i] = language.Make(o)
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return offered[0]
	}
	_, i, c := language.NewMatcher(tags).Match(wanted...)
	if c == language.No {
		return offered[0]
	}
	return offered[i]
}
