// Package privacy is the inventory of the personal data in the store.
//
// Every personal field is declared once, here, in code: what it is, why the store has it, on which legal basis, for
// how long, and with whom it is shared. The policy, the record of processing, exports, erasure and retention are made
// from these declarations. A field's number is permanent: it is bound into everything sealed and never used again.
//
// Every column of both schemas is classified in a file columns_<domain>.go: as holding a declared field, or as holding
// nothing personal, with the reason. A test migrates both schemas and fails for each column that is missing here, or
// stands here and is gone.
//
// # Adding a personal field
//
// Declare it in fields_<domain>.go with the next free number of the domain, write the migration with a BLOB column, add
// the column to columns_<domain>.go with sealed, and seal it with vault.Seal and the declaration's Field.
//
// Numbers: audit 10-19, order and checkout 100-149, withdrawal 150-159, identity 200-209, account pages 210-219, staff
// 220-239, mails that came back 240-249, support 300-399.
package privacy

import (
	"cmp"
	"fmt"
	"slices"

	"strongroom/guard/vault"
)

// Text is a sentence in the languages of the policy. English and German are always there.
type Text struct{ EN, DE string }

// In is the text in a language, English if it has no other.
func (t Text) In(lang string) string {
	if lang == "de" && t.DE != "" {
		return t.DE
	}
	return t.EN
}

// Basis is why the store may have the data, by Article 6(1) of the GDPR.
type Basis string

// The bases.
const (
	Contract   Basis = "6(1)(b)" // needed for the contract
	LegalDuty  Basis = "6(1)(c)" // demanded by law
	Interest   Basis = "6(1)(f)" // a legitimate interest
	Permission Basis = "6(1)(a)" // consent
)

// Receiver is somebody outside who gets the data.
type Receiver string

// The receivers.
const (
	Carrier  Receiver = "carrier"  // who delivers
	Payments Receiver = "payments" // the payment provider
	Mail     Receiver = "mail"     // who transports mails
	Tax      Receiver = "tax"      // tax advisers and authorities
	Messages Receiver = "messages" // who transports short messages to mobile phones
	// LeakedPasswords is the public service that knows leaked passwords (see OutsideServices).
	LeakedPasswords Receiver = "leaked_passwords"
)

// Term is how long a field is kept.
type Term struct {
	Key  string // short word for programs, such as "returns_over"
	Days int    // counted from the event of the term
	Text Text
}

// Declaration is one personal field.
type Declaration struct {
	Field      vault.Field
	Name       string // of the field in programs, such as "order.email"; permanent like the number
	What       Text
	Why        Text
	Basis      Basis
	Keep       Term
	SharedWith []Receiver
}

// Column is one column of a schema: with the field that it holds, or with the reason why it holds nothing personal.
type Column struct {
	Table, Name string
	Reason      string
	Declaration *Declaration
	Also        []*Declaration // further fields in the same bytes
}

// Place is where a declared field lies.
type Place struct{ Table, Column string }

// Item is one declared field and all its places.
type Item struct {
	*Declaration
	Places []Place
}

// Inventory lists all declared fields by number, with the columns that hold them.
func Inventory() []Item {
	var out []Item
	for _, d := range declarations() {
		it := Item{Declaration: d}
		for _, c := range Columns() {
			if c.Declaration == d || slices.Contains(c.Also, d) {
				it.Places = append(it.Places, Place{c.Table, c.Name})
			}
		}
		out = append(out, it)
	}
	slices.SortFunc(out, func(a, b Item) int { return cmp.Compare(a.Field.Number, b.Field.Number) })
	return out
}

// ByNumber is the declared field with that number; nil if there is none.
func ByNumber(n uint16) *Declaration {
	for _, d := range declarations() {
		if d.Field.Number == n {
			return d
		}
	}
	return nil
}

// plain classifies columns that hold nothing personal, all for the same reason.
func plain(table, reason string, names ...string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{Table: table, Name: n, Reason: reason}
	}
	return out
}

// sealed classifies a column that holds a declared field, or several.
func sealed(table, name string, d *Declaration, also ...*Declaration) []Column {
	return []Column{{Table: table, Name: name, Declaration: d, Also: also}}
}

// Problems compares the classification with the columns that the schemas have, as "table.column" in any order, and
// says of each mistake what to do.
func Problems(schema []string) (out []string) {
	known := map[string]bool{}
	for _, c := range Columns() {
		name := c.Table + "." + c.Name
		switch {
		case known[name]:
			out = append(out, fmt.Sprintf("%s is classified twice: remove one of the two lines in guard/privacy/columns_*.go", name))
		case !slices.Contains(schema, name):
			out = append(out, fmt.Sprintf("%s is classified but stands in no schema: remove its line from guard/privacy/columns_*.go, or mend the migration", name))
		case (c.Reason == "") == (c.Declaration == nil):
			out = append(out, fmt.Sprintf("%s needs either a reason why it holds nothing personal or a declaration, and not both", name))
		}
		known[name] = true
	}
	for _, name := range schema {
		if !known[name] {
			out = append(out, fmt.Sprintf("%s is not classified: add it to guard/privacy/columns_<domain>.go, with plain(table, reason, column) if it holds nothing personal, or declare its field in fields_<domain>.go and add sealed(table, column, declaration)", name))
		}
	}
	return append(out, declarationProblems()...)
}

func declarationProblems() (out []string) {
	numbers := map[uint16]string{}
	for _, it := range Inventory() {
		if other, ok := numbers[it.Field.Number]; ok {
			out = append(out, fmt.Sprintf("%s and %s have the same number %d: a number is permanent and belongs to one field", other, it.Name, it.Field.Number))
		}
		numbers[it.Field.Number] = it.Name
		if it.Field.Number == 0 || it.Field.Purpose == 0 || it.Name == "" || it.What.EN == "" || it.What.DE == "" ||
			it.Why.EN == "" || it.Why.DE == "" || it.Basis == "" || it.Keep.Text.EN == "" || it.Keep.Text.DE == "" {
			out = append(out, fmt.Sprintf("declaration %d (%s) is not complete: number, purpose, name, what, why, basis and term in English and German are needed", it.Field.Number, it.Name))
		}
		if len(it.Places) == 0 {
			out = append(out, fmt.Sprintf("declaration %d (%s) lies in no column: add sealed(table, column, it) to guard/privacy/columns_<domain>.go", it.Field.Number, it.Name))
		}
	}
	return out
}
