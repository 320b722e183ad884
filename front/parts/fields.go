package parts

import (
	"strconv"

	"github.com/a-h/templ"
)

// Field is one field of a form: what it is called, what was typed, what is wrong with it.
type Field struct {
	Name     string
	Label    string
	Hint     string
	Value    string
	Wrong    string
	Type     string // "text" if empty
	Fill     string // autocomplete token
	Mode     string // inputmode
	Max      int
	Optional bool
	Filter   bool // of a list: may stay empty, which nobody needs to be told
	Rows     int  // above zero: text of several lines
	Options  []Option
}

// Option is one choice of a select or a group of radios.
type Option struct {
	Value    string
	Text     string
	Hint     string
	Aside    string // at the end of the row, such as a price
	Selected bool
}

// ID is the id of the field's element.
func (f Field) ID() string { return FieldID(f.Name) }

func (f Field) kind() string {
	if f.Type != "" {
		return f.Type
	}
	return "text"
}

// about are the attributes that tie hint and message to the field and help to fill it.
func (f Field) about() templ.Attributes {
	a := templ.Attributes{}
	described := ""
	if f.Hint != "" {
		described = f.ID() + "-hint"
	}
	if f.Wrong != "" {
		if described != "" {
			described += " "
		}
		described += f.ID() + "-wrong"
		a["aria-invalid"] = "true"
	}
	set := func(name, v string) {
		if v != "" {
			a[name] = v
		}
	}
	set("aria-describedby", described)
	set("autocomplete", f.Fill)
	set("inputmode", f.Mode)
	if f.Max > 0 {
		a["maxlength"] = strconv.Itoa(f.Max)
	}
	if !f.Optional && !f.Filter {
		a["required"] = true
	}
	if f.Fill == "email" || f.Type == "email" {
		a["spellcheck"] = "false"
		a["autocapitalize"] = "off"
	}
	return a
}

// Class is the class of the field and its surroundings.
func (f Field) Class() string {
	if f.Wrong != "" {
		return "field is-wrong"
	}
	return "field"
}

// Attributes of pictures, made once: a list has dozens. Nobody writes into them.
var (
	eagerPicture = templ.Attributes{"fetchpriority": "high"}
	lazyPicture  = templ.Attributes{"loading": "lazy", "decoding": "async"}
)

func loading(eager bool) templ.Attributes {
	if eager {
		return eagerPicture
	}
	return lazyPicture
}

// group are the attributes of a group of radios.
func (f Field) group() templ.Attributes {
	a := f.about()
	g := templ.Attributes{}
	if d, ok := a["aria-describedby"]; ok {
		g["aria-describedby"] = d
	}
	return g
}

// target is where the summary of problems leads: the field, or the first choice of a group.
func (p *Page) target(m Problem) templ.SafeURL {
	if m.Field == "" {
		return "#main"
	}
	return templ.SafeURL("#" + FieldID(m.Field))
}
