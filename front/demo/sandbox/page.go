package sandbox

import (
	"bytes"
	_ "embed" // for the two files below
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
)

//go:embed style.css
var style []byte

//go:embed mark.svg
var mark []byte

// headers go on every page. The form may only lead to us and on to the two addresses that the merchant gave: browsers
// apply form-action to redirects too.
func headers(w http.ResponseWriter, targets ...string) {
	action := "'self'"
	for _, t := range targets {
		if o := origin(t); o != "" && !strings.Contains(action, o) {
			action += " " + o
		}
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action "+action+
		"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		http.Error(w, "sandbox: the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// words shows a page of words only. The language follows the browser.
func (s *Server) words(w http.ResponseWriter, r *http.Request, status int, pick func(texts) (title, text string)) {
	headers(w)
	t := textsFor(r.Header.Get("Accept-Language"))
	title, text := pick(t)
	s.show(w, r, status, wordsPage(face{T: t, Title: title}, text))
}

func (s *Server) getHome(w http.ResponseWriter, r *http.Request) {
	s.words(w, r, http.StatusOK, func(t texts) (string, string) { return t.HomeTitle, t.Home })
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.words(w, r, http.StatusNotFound, func(t texts) (string, string) { return t.LostTitle, t.LostText })
}

func (s *Server) odd(w http.ResponseWriter, r *http.Request) {
	s.words(w, r, http.StatusBadRequest, func(t texts) (string, string) { return t.OddTitle, t.OddText })
}

func asset(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(body)
}

func (s *Server) getStyle(w http.ResponseWriter, _ *http.Request) {
	asset(w, "text/css; charset=utf-8", style)
}

func (s *Server) getMark(w http.ResponseWriter, _ *http.Request) { asset(w, "image/svg+xml", mark) }

// visit finds the session that a page's address names and brings it up to now.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) (*entry, session, bool) {
	e := s.find(r.PathValue("id"))
	if e == nil {
		s.notFound(w, r)
		return nil, session{}, false
	}
	v, err := s.peek(r.Context(), e)
	if err != nil {
		http.Error(w, "sandbox: try again", http.StatusServiceUnavailable)
		return nil, session{}, false
	}
	headers(w, v.Return, v.Cancel)
	return e, v, true
}

// chosen is the language in the address as a query, empty if there is none that we know.
func chosen(r *http.Request) string {
	if q := r.URL.Query().Get("lang"); q == "de" || q == "en" {
		return "?lang=" + q
	}
	return ""
}

// face chooses the language: the address, else the session's.
func (s *Server) face(r *http.Request, v session, title func(texts) string) face {
	lang := v.Language
	if chosen(r) != "" {
		lang = r.URL.Query().Get("lang")
	}
	t := textsFor(lang)
	return face{T: t, Title: title(t), Swap: r.URL.Path + "?lang=" + t.Other}
}

func (s *Server) bill(v session, t texts) bill {
	b := bill{ID: v.ID, Order: v.Order, Sum: t.sum(v.Amount, v.Currency)}
	if a := s.account(v.Account); a != nil {
		b.Merchant = a.Name
	}
	if v.State == stateOpen {
		b.Until = time.UnixMicro(v.Expires).UTC().Format("15:04") + " UTC"
	}
	return b
}

// done shows a closed session, or leads back to the shop if that is where the visitor was going.
func (s *Server) done(w http.ResponseWriter, r *http.Request, v session) {
	f := s.face(r, v, func(t texts) string { return t.DoneTitle })
	s.show(w, r, http.StatusOK, donePage(f, s.bill(v, f.T), f.T.status(v.State), v.Return))
}

func (s *Server) getPay(w http.ResponseWriter, r *http.Request) {
	_, v, ok := s.visit(w, r)
	if !ok {
		return
	}
	switch {
	case v.State != stateOpen:
		s.done(w, r, v)
	case v.SettleAt > 0:
		http.Redirect(w, r, "/pay/"+v.ID+"/wait"+chosen(r), http.StatusSeeOther)
	default:
		f := s.face(r, v, func(t texts) string { return t.PayTitle })
		s.show(w, r, http.StatusOK, payPage(f, s.bill(v, f.T)))
	}
}

func (s *Server) getStep(w http.ResponseWriter, r *http.Request) {
	_, v, ok := s.visit(w, r)
	if !ok {
		return
	}
	if v.State != stateOpen {
		s.done(w, r, v)
		return
	}
	f := s.face(r, v, func(t texts) string { return t.StepTitle })
	s.show(w, r, http.StatusOK, stepPage(f, s.bill(v, f.T)))
}

// getWait looks again every two seconds, and leads back to the shop when the money is there.
func (s *Server) getWait(w http.ResponseWriter, r *http.Request) {
	_, v, ok := s.visit(w, r)
	if !ok {
		return
	}
	if v.State != stateOpen {
		http.Redirect(w, r, v.Return, http.StatusSeeOther)
		return
	}
	f := s.face(r, v, func(t texts) string { return t.WaitTitle })
	f.Again, f.Swap = "2", ""
	s.show(w, r, http.StatusOK, waitPage(f, s.bill(v, f.T)))
}
