package admin

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/parts"
	"strongroom/guard/access"
	"strongroom/guard/shield"
)

// page is what every page of the desk has.
type page struct {
	*parts.Site
	Title    string
	Token    string // of forms
	Rail     []parts.Link
	Who      string // role of who is here; empty at the doors
	Problems []parts.Problem
	Notice   string
	Warn     bool // the notice is no good news
	KeyJS    string
	DeskJS   string
	Now      time.Time
	Out      bool   // a page at the door: no rail
	Glass    string // until when the reader has emergency access; empty without it
	Strict   string // the sentence while the store is strict with newcomers
}

// when is a moment as lists show it.
func (p *page) when(t time.Time) string { return short(p.Site, t, p.Now) }

// page makes the frame of an answer to a call.
func (a *Admin) page(c *call, title string) *page {
	p := &page{Site: c.site, Title: title, Now: a.Clock.Now(), Token: a.tokens.For(c.v.Browser.Clear()), KeyJS: a.Assets.Path("desk-key.js"),
		DeskJS: a.Assets.Path("desk.js"), Out: c.seat.Actor.ID.IsZero()}
	if p.Out {
		return p
	}
	p.Who, p.Glass = c.site.T(c.seat.Member.Role.Key), a.when(c, c.seat.Glass)
	if c.seat.Member.RoleName != "" {
		p.Who = c.seat.Member.RoleName
	}
	p.Strict = a.strictBand(c)
	for _, s := range sections {
		if s.may == "" || c.who().May(s.may) {
			p.Rail = append(p.Rail, parts.Link{Text: c.site.T(s.key), Href: s.path, Current: strings.HasPrefix(c.r.URL.Path, s.path)})
		}
	}
	return p
}

// sections are the rail, and the right without which an entry leads nowhere.
var sections = []struct {
	key, path string
	may       access.Permission
}{
	{"admin.orders", "/orders", access.OrderView},
	{"admin.products", "/products", access.ProductView},
	{"admin.money", "/money", access.PaymentView},
	{"admin.review", "/review", access.FraudDecide},
	{"admin.approvals", "/approvals", access.ApproveDecide},
	{"admin.people", "/staff", access.StaffView},
	{"admin.providers", "/providers", access.PaymentView},
	{"admin.transfers", "/transfers", access.PaymentView},
	{"admin.data", "/data", access.PaymentView},
	{"admin.log", "/log", access.AuditView},
	{"admin.safety", "/safety", access.SafetyView},
	{"admin.glass", "/glass", access.BreakGlass},
	{"admin.ways", "/ways", ""},
}

// wrong puts the faults of a form on the page, or says that err is none of that sort.
func (p *page) wrong(err error) bool {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid || len(f.Fields) == 0 {
		return false
	}
	for _, x := range f.Fields {
		p.Problems = append(p.Problems, parts.Problem{Field: x.Name, Text: p.P.Message(x.Key, x.Params)})
	}
	return true
}

// Wrong is the message beside a field.
func (p *page) Wrong(field string) string {
	for _, m := range p.Problems {
		if m.Field == field {
			return m.Text
		}
	}
	return ""
}

// FullTitle is what the window shows.
func (p *page) FullTitle() string {
	t := p.Title + " – " + p.Shop.Name + " · Strongroom"
	if len(p.Problems) > 0 {
		return p.T("shop.error_title") + " " + t
	}
	return t
}

// show sends a page. It is rendered whole before a byte is sent.
func (a *Admin) show(c *call, status int, view templ.Component) error {
	return send(c.w, c.r, status, view)
}

func send(w http.ResponseWriter, r *http.Request, status int, view templ.Component) error {
	var b bytes.Buffer
	if err := view.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
	return nil
}

// hideAddress keeps an address that holds a secret out of every Referer line.
func hideAddress(w http.ResponseWriter) { shield.Policy{Referrer: "no-referrer"}.Set(w.Header()) }

// failure is the page of an error: what happened and where to go.
func (a *Admin) failure(w http.ResponseWriter, r *http.Request, f web.Failure) {
	code := web.Negotiate(r.Header.Get("Accept-Language"), a.Shop.Languages, a.Shop.DefaultLanguage)
	site := a.sites[code]
	title := f.Key + ".title"
	if !site.P.Has(title) {
		title = "admin.fail_title"
	}
	p := &failurePage{page: &page{Site: site, Title: site.T(title), Out: true}, Text: site.P.Message(f.Key, f.Params), Request: f.RequestID}
	if !site.P.Has(f.Key) {
		p.Text = site.T("web.internal")
	}
	if may, ok := f.Params["may"].(string); ok && site.P.Has(may) {
		p.May = site.T(may)
	}
	if err := send(w, r, f.Status, failureView(p)); err != nil {
		http.Error(w, http.StatusText(f.Status), f.Status)
	}
}

type failurePage struct {
	*page
	Text, May, Request string
}

// home leads to the first thing that its reader can do.
func (a *Admin) home(c *call) error {
	for _, s := range sections {
		if s.may == "" || c.who().May(s.may) {
			return web.Redirect(c.w, s.path)
		}
	}
	return web.Redirect(c.w, "/ways")
}
