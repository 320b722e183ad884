package admin

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/fault"
	"strongroom/base/lang"
	"strongroom/base/web"
	"strongroom/front/parts"
)

// sheet makes the fields of a form: with what is stored, or with what was typed if the form comes back. When somebody
// else has saved meanwhile, what is stored now stands beside what was typed, and nothing of either is lost.
type sheet struct {
	p     *page
	typed *web.Form
	clash bool
}

// field is a field of one line.
func (s sheet) field(name, label, stored string, limit int) parts.Field {
	f := parts.Field{Name: name, Label: label, Value: stored, Wrong: s.p.Wrong(name), Fill: "off", Max: limit}
	if !s.typed.Has(name) {
		return f
	}
	f.Value = s.typed.Typed(name)
	if s.clash && strings.TrimSpace(f.Value) != strings.TrimSpace(stored) {
		f.Hint = s.p.T("admin.stored_now", "text", stored)
	}
	return f
}

// area is a field of several lines.
func (s sheet) area(name, label, stored string, rows, limit int) parts.Field {
	f := s.field(name, label, stored, limit)
	f.Rows, f.Optional = rows, true
	return f
}

// choice is a field of choices.
func (s sheet) choice(name, label, stored string, options []parts.Option) parts.Field {
	f := s.field(name, label, stored, 0)
	f.Options = options
	return f
}

// spare marks a field that may stay empty.
func spare(f parts.Field) parts.Field { f.Optional = true; return f }

// counted marks a field of digits.
func counted(f parts.Field) parts.Field { f.Mode = "numeric"; return f }

// priced marks a field of money.
func priced(f parts.Field) parts.Field { f.Mode = "decimal"; return f }

// tongue is a language that texts of goods are written in.
type tongue struct{ Code, Name string }

// tongues are the languages of the shop, the first one first.
func (a *Admin) tongues() (out []tongue) {
	for _, code := range a.Shop.Languages {
		out = append(out, tongue{code, lang.LanguageName(code)})
	}
	return out
}

// seenText is a version as the hidden field of a form carries it, and seenTime reads it.
func seenText(t time.Time) string { return strconv.FormatInt(clock.Micros(t), 36) }

func seenTime(s string) (time.Time, error) {
	us, err := strconv.ParseInt(s, 36, 64)
	if err != nil || us <= 0 {
		return time.Time{}, fault.New(fault.Malformed, "web.form_malformed")
	}
	return clock.FromMicros(us), nil
}

// plainFields takes the number of the variant off the names of faults: its page has one variant.
func plainFields(err error) error {
	return eachField(err, func(name string) string { name, _, _ = strings.Cut(name, "#"); return name })
}

// renamed puts a fault beside the field that has another name on this page, where two forms ask for the same thing.
func renamed(err error, from, to string) error {
	return eachField(err, func(name string) string {
		if name == from {
			return to
		}
		return name
	})
}

func eachField(err error, rename func(string) string) error {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid {
		return err
	}
	g := *f
	g.Fields = nil
	for _, x := range f.Fields {
		x.Name = rename(x.Name)
		g.Fields = append(g.Fields, x)
	}
	return &g
}

// also joins what the form found with what the service would find, each field once, so that everything that is wrong is
// told at the same time.
func also(form error, found *fault.Error) error {
	first := fault.As(form)
	if first == nil || found == nil {
		if found != nil {
			return plainFields(found)
		}
		return form
	}
	g := *first
	rest := fault.As(plainFields(found)).Fields
	g.Fields = append(slices.Clone(first.Fields), slices.DeleteFunc(slices.Clone(rest), func(x fault.Field) bool {
		return slices.ContainsFunc(first.Fields, func(y fault.Field) bool { return x.Name == y.Name })
	})...)
	return &g
}

// clashed says whether somebody else has saved what a form is about.
func clashed(err error) bool { return isKey(err, "catalog.changed_meanwhile") }
