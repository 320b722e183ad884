package account

import (
	"net/http"

	"github.com/a-h/templ"

	"strongroom/front/parts"
)

// The structs of the pages. Handlers fill them with texts that are ready to be read.

// pair is a name and a value: a hidden field.
type pair struct{ Name, Value string }

// page is what all account pages share. Ways are the account's other pages, for who may see them.
type page struct {
	*parts.Page
	Token  pair
	Ways   []parts.Group
	Notice string
	kept   kept // what was typed before a proof was asked for
	header http.Header
}

// passkeyForm is the form that the script of passkeys works on: what it is for, and what stands on its button.
type passkeyForm struct {
	Aim    string // "sign-in", "factor", "add", "guest"
	Kind   string // "get" or "create"
	Button string
	To     string
	Auto   bool // offer passkeys in the browser's own list for the field of the address
	Name   *parts.Field
}

type signInPage struct {
	*page
	Back            string
	Passkey         passkeyForm
	Email, Password parts.Field
}

// askPage is a page that asks for an address and then mails something.
type askPage struct {
	*page
	Heading, Lead, Button string
	Action                string
	Email                 parts.Field
	After                 []string
	Way                   parts.Link
}

type waitPage struct {
	*page
	Heading, Lead string
	Code          string
	After         string
	Again         parts.Link
}

// factorPage asks for one more proof. Each choice is a form of its own.
type factorPage struct {
	*page
	Heading, Lead string
	Passkey       *passkeyForm
	Forms         []factorForm
	PhoneSend     bool // a code can be asked for
	PhoneFirst    bool // and must be, before one is typed
}

type factorForm struct {
	Method, Heading, Lead, Button string
	Field                         parts.Field
	Plain                         bool // not the first choice
}

type linkPage struct {
	*page
	Heading, Lead, Button string
	Link                  string
	Code                  *parts.Field
}

// donePage says that something was done which opens no session.
type donePage struct {
	*page
	Heading, Lead string
	Code          string
	Way           parts.Link
}

type beginPage struct {
	*page
	Passkey  passkeyForm
	Password passwordForm
}

// passwordForm is the form of a new password.
type passwordForm struct {
	Current *parts.Field
	Next    parts.Field
	Button  string
}

type overviewPage struct {
	*page
	Who      string
	Lead     string
	Limited  bool
	Sentence string
	Grade    string     // "good", "advice", "missing"
	Alarm    parts.Link // to a recovery that is under way
	Groups   []cardGroup
}

// cardGroup are rooms that belong together.
type cardGroup struct {
	Heading string
	Cards   []card
}

type card struct{ Heading, Text, Href string }

// plain fills in what is wrong with a field.
func (p *page) plain(f parts.Field) parts.Field {
	f.Wrong = p.Wrong(f.Name)
	return f
}

// field fills in what is wrong with a field, and what was typed into it before a proof was asked for.
func (p *page) field(f parts.Field) parts.Field {
	f = p.plain(f)
	if v := p.kept[f.Name]; v != "" && f.Type != "password" {
		f.Value = v
	}
	return f
}

// current marks the page where the reader is.
func current(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

// auto marks the form whose passkeys the browser may offer in its own list.
func auto(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"data-auto": true}
	}
	return nil
}

// startPage makes an account out of a guest purchase.
type startPage struct {
	*page
	Passkey passkeyForm
	Way     parts.Link
}

// addressPage is the form of one address.
type addressPage struct {
	*page
	Heading, Of string
	Country     parts.Field
	Rows        [][]parts.Field
	Back        parts.Link
}
