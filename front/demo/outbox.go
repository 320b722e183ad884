// Package demo is what only the demo has beside the shop itself: the pages of the outbox, where every mail and
// short message lies that a real store would have sent.
//
// The outbox stands on a host of its own and answers this machine only (the shield sees to both). A mail's HTML part is
// shown in a sandboxed frame under a policy that allows it nothing but its own styles: it is shown as a mail program
// shows it, without script and without loading anything.
package demo

import (
	"embed"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"strongroom/base/config"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/lang"
	"strongroom/base/mail/captured"
	smscaptured "strongroom/base/sms/captured"
	"strongroom/base/web"
	"strongroom/guard/shield"
)

//go:embed outbox.css
var files embed.FS

// maxLinks bounds the links that are listed below a mail.
const maxLinks = 12

// Outbox is the pages of the captured mails and short messages.
type Outbox struct {
	box   *captured.Box
	sms   *smscaptured.Box
	texts *lang.Catalog
	shop  config.Shop
	style *web.File
	face  *web.Face
	mux   *http.ServeMux
}

// NewOutbox makes the pages. sms is nil where no short messages are captured.
func NewOutbox(box *captured.Box, sms *smscaptured.Box, texts *lang.Catalog, shop config.Shop) (*Outbox, error) {
	css, err := files.ReadFile("outbox.css")
	if err != nil {
		return nil, err
	}
	o := &Outbox{box: box, sms: sms, texts: texts, shop: shop, style: web.NewFile("text/css; charset=utf-8", web.Ask, css, 9)}
	o.face = &web.Face{Page: o.failure}
	o.mux = http.NewServeMux()
	o.mux.Handle("GET /{$}", o.face.Handle(o.list))
	o.mux.Handle("GET /mail/{id}", o.face.Handle(o.mail))
	o.mux.Handle("GET /mail/{id}/html", o.face.Handle(o.html))
	o.mux.Handle("GET /sms/{id}", o.face.Handle(o.message))
	o.mux.Handle("GET /outbox.css", o.style)
	o.mux.Handle("/", o.face.Handle(func(http.ResponseWriter, *http.Request) error { return errNoMail }))
	return o, nil
}

// ServeHTTP implements http.Handler.
func (o *Outbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.mux.ServeHTTP(w, r) }

// Host is the outbox as the shield takes it: readable on this machine only, with a policy of its own.
func (o *Outbox) Host(authority string) shield.Host {
	return shield.Host{Authority: authority, Handler: o, Face: o.face, Loopback: true,
		Methods: []string{http.MethodGet, http.MethodHead},
		Headers: func(h http.Header, _ shield.Class) {
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; "+
				"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		}}
}

var errNoMail = fault.New(fault.NotFound, "web.not_found")

// page is what every page of the outbox knows.
type page struct {
	P     *lang.Printer
	Title string
	Shop  config.Shop
	CSS   string
	Lang  string
}

// T is a text in the reader's language.
func (p page) T(key string, params ...any) string { return p.P.T(key, params...) }

func (o *Outbox) page(r *http.Request, title string, params ...any) page {
	tag := web.Negotiate(r.Header.Get("Accept-Language"), o.shop.Languages, o.shop.DefaultLanguage)
	p := o.texts.For(tag)
	return page{P: p, Title: p.T(title, params...), Shop: o.shop, CSS: "/outbox.css?" + url.QueryEscape(o.style.ETag), Lang: tag}
}

// row is one mail or short message in the list.
type row struct {
	Href, To, Subject, Kind, At string
	Phone                       bool // a short message
	when                        time.Time
}

// list shows everything, newest first; with ?to= what went to one address or number.
func (o *Outbox) list(w http.ResponseWriter, r *http.Request) error {
	p := o.page(r, "demo.outbox")
	only := r.URL.Query().Get("to")
	var rows []row
	for _, m := range o.box.List() {
		if only != "" && m.Message.To != only {
			continue
		}
		rows = append(rows, row{Href: "/mail/" + m.ID.String(), To: m.Message.To, Subject: m.Message.Subject,
			Kind: m.Message.Kind, when: m.At})
	}
	if o.sms != nil {
		for _, m := range o.sms.List() {
			if only != "" && m.Message.To != only {
				continue
			}
			rows = append(rows, row{Href: "/sms/" + m.ID.String(), To: m.Message.To, Subject: m.Message.Text, Kind: m.Message.Kind,
				Phone: true, when: m.At})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return b.when.Compare(a.when) })
	for i := range rows {
		rows[i].At = p.P.DateTime(rows[i].when.In(o.shop.TimeZone))
	}
	return show(w, r, http.StatusOK, listPage(p, rows))
}

// message is one short message on its own page.
func (o *Outbox) message(w http.ResponseWriter, r *http.Request) error {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil || o.sms == nil {
		return errNoMail
	}
	m, ok := o.sms.Find(v)
	if !ok {
		return errNoMail
	}
	p := o.page(r, "demo.sms_title", "to", m.Message.To)
	return show(w, r, http.StatusOK, smsPage(p, row{To: m.Message.To, Subject: m.Message.Text, At: p.P.DateTime(m.At.In(o.shop.TimeZone))}))
}

// letter is one mail on its own page.
type letter struct {
	From, To, ReplyTo, Subject, At, Text string
	Links                                []string
	HTML                                 string // address of the frame; "" if the mail has no such part
}

func (o *Outbox) find(r *http.Request) (captured.Mail, error) {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return captured.Mail{}, errNoMail
	}
	m, ok := o.box.Find(v)
	if !ok {
		return captured.Mail{}, errNoMail
	}
	return m, nil
}

func (o *Outbox) mail(w http.ResponseWriter, r *http.Request) error {
	m, err := o.find(r)
	if err != nil {
		return err
	}
	p := o.page(r, "demo.mail_title", "subject", m.Message.Subject)
	l := letter{From: o.shop.Name + " <" + o.shop.Email + ">", To: m.Message.To, ReplyTo: m.Message.ReplyTo, Subject: m.Message.Subject,
		At: p.P.DateTime(m.At.In(o.shop.TimeZone)), Text: m.Message.Text, Links: Links(m.Message.Text)}
	if m.Message.HTML != "" {
		l.HTML = r.URL.Path + "/html"
	}
	return show(w, r, http.StatusOK, mailPage(p, l))
}

// html is the HTML part, for the frame only. Links open in a tab of their own, because the shop refuses frames.
func (o *Outbox) html(w http.ResponseWriter, r *http.Request) error {
	m, err := o.find(r)
	if err != nil || m.Message.HTML == "" {
		return errNoMail
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "+
		"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Type", "text/html; charset=utf-8")
	web.NoStore(w)
	_, _ = w.Write([]byte(opensTabs(m.Message.HTML)))
	return nil
}

// anchor is the beginning of a link.
var anchor = regexp.MustCompile(`(?i)<a\s`)

// opensTabs makes every link open in a new tab.
func opensTabs(html string) string { return anchor.ReplaceAllString(html, `<a target="_blank" `) }

// address is an https address in a plain text.
var address = regexp.MustCompile(`https://[^\s<>"')\]]+`)

// Links are the addresses in a text, each once, in their order.
func Links(text string) []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range address.FindAllString(text, -1) {
		l = strings.TrimRight(l, ".,;:!?")
		if !seen[l] && len(out) < maxLinks {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

// failure is the page of what went wrong.
func (o *Outbox) failure(w http.ResponseWriter, r *http.Request, f web.Failure) {
	p := o.page(r, "demo.outbox")
	_ = show(w, r, f.Status, failurePage(p, p.P.Message(f.Key, f.Params)))
}

func show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	web.NoStore(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	return c.Render(r.Context(), w)
}
