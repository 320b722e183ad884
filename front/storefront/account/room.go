package account

import (
	"net/http"

	"github.com/a-h/templ"

	"strongroom/base/web"
	"strongroom/front/parts"
)

// A room is a page behind the door: a heading, a sentence, and sections of things, forms and what is shown once.

type roomPage struct {
	*page
	Heading, Lead string
	Grade         string // of the check-up: the lead stands out
	Sections      []section
}

type section struct {
	Heading, Text string
	Warning       string // stands out: a risk that is told before anything else
	Steps         []string
	Quote         string
	Things        []thing
	Findings      []finding
	Passkey       *passkeyForm
	QR, Secret    string
	Codes         []string
	Form          *form
	Code          string
	Points        []string
	Mail          *mailTop
	Go            *parts.Link
	GoPlain       bool
	More          *parts.Link // of a list that goes on
}

// mailTop is how a mail begins, to show what words look like there.
type mailTop struct{ Shop, Words, Title, Text string }

// thing is a row of a list, with what can be done about it.
type thing struct {
	Name, Text, Mark string
	Bad              bool // what the mark says is no good news
	Open             bool // what it marks goes on
	Way              parts.Link
	For              string // said after each act to who does not see where it stands; the name if empty
	Acts             []form
}

// what is what the thing's acts are about.
func (t thing) what() string {
	if t.For != "" {
		return t.For
	}
	return t.Name
}

// wayTo is the link to a room.
func wayTo(p *roomPage, word, text string) parts.Link {
	return parts.Link{Text: text, Href: p.To(pathOf(word))}
}

// form is a form of a room: its fields, and the button that sends it.
type form struct {
	Action, Button string
	Hidden         []pair
	Fields         []parts.Field
	Quiet          bool // a word to press, no button
	Plain          bool
	Fold           string // the form unfolds behind this word
	Advice         bool   // what is typed as a new password is looked at meanwhile
}

// scripts are what a form brings along for the script of passwords; nothing where no password is typed.
func (p *page) scripts(f form) templ.Attributes {
	secret := false
	for _, x := range f.Fields {
		secret = secret || x.Type == "password"
	}
	return p.secrets(secret, f.Advice)
}

// secrets marks a form in which a password is typed: the words of the button that shows it, and who gives advice.
func (p *page) secrets(secret, advice bool) templ.Attributes {
	if !secret {
		return nil
	}
	a := templ.Attributes{"data-secret": true, "data-show": p.T("account.reveal"), "data-hide": p.T("account.hide")}
	if advice {
		a["data-advice"] = p.To("/account/password/advice")
	}
	return a
}

// finding is a check with how it is known and what mends it.
type finding struct {
	Class, Name, How string
	Fix              parts.Link
}

// room begins a page behind the door and shows what a form brought.
func (x *visit) room(word string, wrong error) (*roomPage, int, error) {
	head, err := x.page("account."+word, "/account/"+word)
	if err != nil {
		return nil, 0, err
	}
	status := http.StatusOK
	if wrong != nil {
		var ok bool
		if status, ok = head.wrong(wrong); !ok {
			return nil, 0, wrong
		}
	}
	head.NoScript = true
	if done := x.r.URL.Query().Get("done"); done != "" && head.P.Has("account.said_"+word+"_"+done) {
		head.Notice = head.T("account.said_" + word + "_" + done)
	}
	return &roomPage{page: head, Heading: head.T("account." + word), Lead: head.T("account." + word + "_lead")}, status, nil
}

// change is the shape of a small change: read the form, do it, and show the page again with what came of it.
func (x *visit) change(show func(wrong error) error, to string, do func(f *web.Form) error) error {
	f, err := x.form()
	if err != nil {
		return err
	}
	if err := do(f); err != nil {
		return show(err)
	}
	return x.redirect(to)
}
