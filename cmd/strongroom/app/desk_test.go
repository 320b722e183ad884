package app

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/base/web"
	"strongroom/front/admin"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
	"strongroom/shop/catalog"
)

const deskOrigin = "https://admin.localhost"

// office is a store with its desk, and somebody at it for every role.
type office struct {
	t     *testing.T
	s     *Store
	clock *clock.Manual
	desk  http.Handler
	seats map[string]*seat
}

// seat is somebody's browser with her session.
type seat struct {
	v    identity.Visitor
	keys []*identitytest.Authenticator
}

func openOffice(t *testing.T) *office {
	t.Helper()
	shop, err := DemoShop("https://shop.localhost")
	shop.AdminURL = deskOrigin
	must(t, err)
	o := &office{t: t, clock: clock.NewManual(noon), seats: map[string]*seat{}}
	o.s, err = Open(t.Context(), Config{Place: InFolder(t.TempDir()), Clock: o.clock, Shop: shop, Demo: true,
		Payment: Payment{SandboxURL: "https://pay.localhost", Account: "acct_kiln"}})
	must(t, err)
	t.Cleanup(o.s.Close)
	host, err := o.s.adminHost()
	must(t, err)
	o.desk = host.Handler
	o.furnish()
	return o
}

// furnish puts one product onto the shelf.
func (o *office) furnish() {
	_, err := o.s.Catalog.PutCategory(o.t.Context(), access.Console(), catalog.CategoryInput{Slug: "things", Title: catalog.Text{"en": "Things"}})
	must(o.t, err)
	_, err = o.s.Catalog.Put(o.t.Context(), catalog.Input{Handle: "bowl", State: catalog.Published, Categories: []string{"things"}, TaxClass: "standard",
		Texts: map[string]catalog.Texts{"en": {Title: "Bowl"}}, Variants: []catalog.VariantInput{{SKU: "B-1", Price: 2400, Stock: 9}}}, catalog.PutOptions{Actor: access.Console()})
	must(o.t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func browser() identity.Visitor {
	return identity.Visitor{Browser: id.NewToken(), Origin: netip.MustParseAddr("192.0.2.7"), Agent: "Firefox Linux", Language: "en"}
}

// admit has somebody enrol n passkeys and sit down.
func (o *office) admit(name string, step identity.Step, v identity.Visitor, n int) *seat {
	o.t.Helper()
	x, ctx := &seat{v: v}, o.t.Context()
	x.v.Session = step.Session
	for range n {
		sess, _, err := o.s.Identity.Check(ctx, identity.Staff, x.v.Session, x.v)
		must(o.t, err)
		c, err := o.s.Identity.BeginEnrol(ctx, sess, x.v)
		must(o.t, err)
		key := identitytest.NewAuthenticator(deskOrigin)
		answer, err := key.Create(c.Options)
		must(o.t, err)
		step, err := o.s.Identity.FinishEnrol(ctx, sess, c.Token, "key", answer, x.v)
		must(o.t, err)
		x.v.Session = cmp.Or(step.Session, x.v.Session)
		x.keys = append(x.keys, key)
	}
	if n > 0 {
		sess, _, err := o.s.Identity.Check(ctx, identity.Staff, x.v.Session, x.v)
		must(o.t, err)
		step, _, err := o.s.Staff.Finish(ctx, sess, x.v)
		must(o.t, err)
		x.v.Session = cmp.Or(step.Session, x.v.Session)
	}
	o.seats[name] = x
	return x
}

// owner sets the store up.
func (o *office) owner() *seat {
	o.t.Helper()
	token, _, _, err := o.s.Staff.SetUpLink(o.t.Context())
	must(o.t, err)
	v := browser()
	step, err := o.s.Staff.SetUp(o.t.Context(), token, staff.Person{Name: "Ida Brandt", Email: vault.Typed("ida@shop.example"), Language: "en"}, v)
	must(o.t, err)
	return o.admit(access.Owner, step, v, 2)
}

// actor is who sits there, fresh from a proof.
func (o *office) actor(x *seat) access.Actor {
	o.t.Helper()
	ctx := o.t.Context()
	sess, _, err := o.s.Identity.Check(ctx, identity.Staff, x.v.Session, x.v)
	must(o.t, err)
	step, err := o.s.Identity.BeginStepUp(ctx, sess, x.v)
	must(o.t, err)
	c, err := o.s.Identity.BeginFactorPasskey(ctx, step.Attempt, x.v)
	must(o.t, err)
	answer, err := x.keys[0].Get(c.Options)
	must(o.t, err)
	step, err = o.s.Identity.FinishFactorPasskey(ctx, step.Attempt, c.Token, answer, x.v)
	must(o.t, err)
	x.v.Session = step.Session
	sess, _, err = o.s.Identity.Check(ctx, identity.Staff, x.v.Session, x.v)
	must(o.t, err)
	at, err := o.s.Staff.Enter(ctx, sess, x.v)
	must(o.t, err)
	return at.Actor
}

// invited takes somebody from her invitation to her desk; with n = 0 she has nothing enrolled yet.
func (o *office) invited(by *seat, name string, a staff.Assignment, n int) *seat {
	o.t.Helper()
	ctx := o.t.Context()
	member, err := o.s.Staff.Invite(ctx, o.actor(by), staff.Person{Name: name, Email: vault.Typed(name + "@shop.example"), Language: "en"}, a)
	must(o.t, err)
	v := browser()
	step, err := o.s.Identity.OpenEnrolment(ctx, identity.Staff, member, v)
	must(o.t, err)
	return o.admit(name, step, v, n)
}

// ask sends a request as a browser does: with cookies, and for a form with the token that a page of the desk gave it.
func (o *office) ask(x *seat, method, path string, form url.Values) *http.Response {
	o.t.Helper()
	req := httptest.NewRequest(method, deskOrigin+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("User-Agent", x.v.Agent)
	req = req.WithContext(web.WithClient(req.Context(), x.v.Origin))
	req.AddCookie(&http.Cookie{Name: identity.CookieBrowser, Value: x.v.Browser.Clear()})
	if x.v.Session != "" {
		req.AddCookie(&http.Cookie{Name: identity.CookieAdmin, Value: x.v.Session.Clear()})
	}
	w := httptest.NewRecorder()
	o.desk.ServeHTTP(w, req)
	return w.Result()
}

var tokenOf = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// token is a form token for a browser.
func (o *office) token(x *seat) string {
	o.t.Helper()
	m := tokenOf.FindStringSubmatch(body(o.ask(&seat{v: identity.Visitor{Browser: x.v.Browser, Origin: x.v.Origin, Agent: x.v.Agent}}, "GET", "/sign-in", nil)))
	if m == nil {
		o.t.Fatal("the sign-in page has no form")
	}
	return m[1]
}

func body(r *http.Response) string {
	var b strings.Builder
	_ = r.Write(&b) // into memory
	return b.String()
}

// refusals counts what services refused.
func (o *office) refusals() (n int64) {
	o.t.Helper()
	must(o.t, o.s.Data.Read(o.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow("SELECT COUNT(*) FROM audit_entry WHERE outcome = 2").Scan(&n)
	}))
	return n
}

// The columns of the table: the roles; somebody who has yet to enrol; a session that was idle; nobody.
var columns = []string{access.Owner, access.Manager, access.Catalogue, access.Fulfilment, access.Support, access.Accounting, access.Auditor,
	access.Helper, "enrolling", "locked", "nobody"}

// What a cell says. Anything else about a request (that there is no such order, that a field is empty) comes after.
const (
	passes  = '+' // the service lets her
	refused = '-' // the service says no, and writes it down
	hidden  = 'h' // the page of a form that its reader could not send
	enrols  = 'e' // sent to the ways of signing in
	proof   = 'p' // asked for a proof
	signIn  = 's' // asked to sign in
)

// rights is the table: every address of the desk, and what comes of it for each column. It is written out and not
// computed from the roles, so that a change of a role or of a check shows here.
var rights = map[string]string{
	//                             OMCFSAUH elN
	"GET /":                                           "++++++++eps",
	"GET /sign-in":                                    "+++++++++++",
	"POST /sign-in/passkey":                           "+++++++++++",
	"POST /sign-in/password":                          "+++++++++++",
	"POST /sign-in/factor":                            "+++++++++++",
	"GET /enter/{token}":                              "+++++++++++",
	"POST /enter":                                     "+++++++++++",
	"GET /stop/{token}":                               "+++++++++++",
	"POST /stop":                                      "+++++++++++",
	"GET /link/{token}":                               "+++++++++++",
	"POST /link":                                      "+++++++++++",
	"GET /confirm":                                    "++++++++-+s",
	"POST /confirm":                                   "++++++++++s",
	"POST /sign-out":                                  "++++++++++s",
	"GET /ways":                                       "+++++++++ps",
	"GET /ways/passkey":                               "+++++++++ps",
	"POST /ways/passkey":                              "+++++++++ps",
	"POST /ways/passkey/remove":                       "+++++++++ps",
	"GET /ways/app":                                   "+++++++++ps",
	"POST /ways/app":                                  "+++++++++ps",
	"GET /ways/password":                              "+++++++++ps",
	"POST /ways/password":                             "+++++++++ps",
	"POST /ways/codes":                                "+++++++++ps",
	"GET /find":                                       "++++++++eps",
	"GET /find/list":                                  "++++++++eps",
	"GET /orders":                                     "++-+++++eps",
	"POST /look-up":                                   "++--+---eps",
	"POST /packing/take":                              "++-+----eps",
	"POST /packing/slips":                             "++-+----eps",
	"GET /orders/{number}":                            "++-+++++eps",
	"POST /orders/{number}/reveal":                    "++--++--eps",
	"POST /orders/{number}/ship":                      "++-+----eps",
	"POST /orders/{number}/deliver":                   "++-+----eps",
	"POST /orders/{number}/hand-over":                 "++-+----eps",
	"POST /orders/{number}/cancel":                    "++--+---eps",
	"POST /orders/{number}/refund":                    "++--++--eps",
	"POST /orders/{number}/capture":                   "++--++--eps",
	"POST /orders/{number}/let-go":                    "++--++--eps",
	"POST /orders/{number}/assign":                    "++------eps",
	"POST /orders/{number}/give-up":                   "++-+----eps",
	"GET /products":                                   "++++++++eps",
	"GET /new-product":                                "+++hhhh+eps",
	"POST /new-product":                               "+++----+eps",
	"GET /products/{handle}":                          "++++++++eps",
	"POST /products/{handle}":                         "+++----+eps",
	"POST /products/{handle}/state":                   "+++----+eps",
	"GET /products/{handle}/options":                  "+++hhhh+eps",
	"POST /products/{handle}/options":                 "+++----+eps",
	"GET /products/{handle}/add":                      "+++hhhh+eps",
	"POST /products/{handle}/add":                     "+++----+eps",
	"GET /products/{handle}/pictures":                 "+++hhhh+eps",
	"POST /products/{handle}/pictures":                "+++----+eps",
	"POST /products/{handle}/arrange":                 "+++----+eps",
	"GET /products/{handle}/variants/{sku}":           "++++++++eps",
	"POST /products/{handle}/variants/{sku}":          "+++----+eps",
	"POST /products/{handle}/variants/{sku}/price":    "+++-----eps",
	"POST /products/{handle}/variants/{sku}/stock":    "++++----eps",
	"POST /products/{handle}/variants/{sku}/withdraw": "+++----+eps",
	"GET /media/{file}":                               "++++++++eps",
	"GET /approvals":                                  "++-+++++eps",
	"POST /approvals/decide":                          "++------eps",
	"POST /approvals/reason":                          "++------eps",
	"GET /data":                                       "++---++-eps",
	"POST /data/numbers":                              "++---++-eps",
	"GET /data/people":                                "+-------eps",
	"POST /data/people":                               "+-------eps",
	"POST /data/people/fetch":                         "+-------eps",
	"POST /data/people/drop":                          "+-------eps",
	"GET /data/person":                                "++------eps",
	"POST /data/person":                               "++------eps",
	"POST /data/person/erase":                         "++------eps",
	"GET /data/keys":                                  "+-------eps",
	"POST /data/keys/kit":                             "+-------eps",
	"POST /data/keys/origins":                         "+-------eps",
	"GET /review":                                     "++--+---eps",
	"POST /review/calm":                               "+-------eps",
	"POST /review/orders/{number}/release":            "++--+---eps",
	"POST /review/orders/{number}/deny":               "++--+---eps",
	"GET /review/lists":                               "++--+---eps",
	"POST /review/lists":                              "++--+---eps",
	"POST /review/lists/drop":                         "++--+---eps",
	"GET /review/rules":                               "+-------eps",
	"POST /review/rules":                              "+-------eps",
	"GET /providers":                                  "++---++-eps",
	"GET /new-provider/{name}":                        "+hhhhhhheps",
	"POST /new-provider/{name}":                       "+-------eps",
	"GET /providers/{provider}":                       "++---++-eps",
	"POST /providers/{provider}/test":                 "+-------eps",
	"POST /providers/{provider}/notices":              "+-------eps",
	"POST /providers/{provider}/secret":               "+-------eps",
	"POST /providers/{provider}/trial":                "+-------eps",
	"POST /providers/{provider}/on":                   "+-------eps",
	"POST /providers/{provider}/off":                  "+-------eps",
	"POST /providers/{provider}/up":                   "+-------eps",
	"POST /providers/{provider}/down":                 "+-------eps",
	"POST /providers/{provider}/forget":               "+-------eps",
	"POST /providers/{provider}/proof":                "+-------eps",
	"GET /money":                                      "++---++-eps",
	"POST /money/compare":                             "++---+--eps",
	"POST /money/ask":                                 "++---+--eps",
	"POST /money/accept":                              "++---+--eps",
	"GET /money/ledger":                               "++---++-eps",
	"GET /money/disputes":                             "++---++-eps",
	"GET /money/disputes/{dispute}":                   "++---++-eps",
	"POST /money/disputes/{dispute}/collect":          "++---+--eps",
	"POST /money/disputes/{dispute}/answer":           "++---+--eps",
	"POST /money/disputes/{dispute}/accept":           "++---+--eps",
	"GET /staff":                                      "++----+-eps",
	"POST /staff":                                     "++------eps",
	"GET /staff/{member}":                             "++----+-eps",
	"POST /staff/{member}/role":                       "++------eps",
	"POST /staff/{member}/leave":                      "++------eps",
	"POST /staff/{member}/again":                      "++------eps",
	"POST /staff/{member}/end-glass":                  "++------eps",
	"GET /roles":                                      "++----+-eps",
	"POST /roles":                                     "++------eps",
	"GET /roles/{role}":                               "++----+-eps",
	"POST /roles/{role}":                              "++------eps",
	"POST /roles/{role}/drop":                         "++------eps",
	"GET /glass":                                      "++hhhhhheps",
	"POST /glass":                                     "++------eps",
	"POST /glass/end":                                 "++++++++eps",
	"GET /log":                                        "++----+-eps",
	"GET /log/tree":                                   "++----+-eps",
	"POST /log/export":                                "+-----+-eps",
	"GET /log/entries/{entry}":                        "++----+-eps",
	"POST /log/entries/{entry}/reveal":                "+-------eps",
	"GET /transfers":                                  "++---++-eps",
	"POST /transfers":                                 "++---+--eps",
	"POST /transfers/sent":                            "++---+--eps",
	"GET /safety":                                     "+++---++eps",
	"GET /safety/accept":                              "+++---++eps",
	"POST /safety/accept":                             "+-------eps",
	"POST /safety/resume":                             "+-------eps",
	"GET /safety/pages":                               "+++---++eps",
	"POST /safety/pages/look":                         "+-------eps",
	"GET /safety/questionnaire":                       "+++---++eps",
	"POST /safety/questionnaire":                      "+-------eps",
}

// forms are what is typed where an empty form would be sent back before a service is asked.
var forms = map[string]url.Values{
	"POST /look-up":                                   {"email": {"nobody@shop.example"}},
	"POST /orders/{number}/reveal":                    {"reason": {"question"}},
	"POST /orders/{number}/ship":                      {"n.1": {"1"}, "carrier": {"dhl"}, "attempt": {"a"}, "seen": {"0"}},
	"POST /orders/{number}/hand-over":                 {"amount": {"1"}, "how": {"cash"}, "attempt": {"0123456789"}},
	"POST /orders/{number}/refund":                    {"shipping": {"1"}, "why": {"goodwill"}, "attempt": {"a"}, "seen": {"0"}},
	"POST /orders/{number}/capture":                   {"seen": {"0"}},
	"POST /orders/{number}/assign":                    {"member": {nobodysID}},
	"POST /new-product":                               {"handle": {"cup"}, "title:en": {"Cup"}, "category": {"things"}, "tax_class": {"standard"}, "sku": {"C-1"}, "price": {"9.00"}},
	"POST /products/{handle}":                         {"seen": {"1"}, "title:en": {"Bowl"}, "category": {"things"}, "tax_class": {"standard"}},
	"POST /products/{handle}/state":                   {"state": {"draft"}},
	"POST /products/{handle}/options":                 {"seen": {"1"}},
	"POST /products/{handle}/add":                     {"seen": {"1"}, "sku": {"B-2"}, "price": {"9.00"}},
	"POST /products/{handle}/arrange":                 {"seen": {"1"}},
	"POST /products/{handle}/variants/{sku}":          {"seen": {"1"}},
	"POST /products/{handle}/variants/{sku}/price":    {"seen": {"1"}, "price": {"9.00"}, "reason": {"cost"}},
	"POST /products/{handle}/variants/{sku}/stock":    {"by_hand": {"0"}, "how": {"received"}, "pieces": {"1"}, "why": {"received"}},
	"POST /products/{handle}/variants/{sku}/withdraw": {"seen": {"1"}},
	"POST /transfers/sent":                            {"return": {nobodysID}},
	"POST /approvals/reason":                          {"request": {nobodysID}},
	"POST /money/ask":                                 {"difference": {nobodysID}},
	"POST /money/accept":                              {"difference": {nobodysID}, "why": {"trial"}},
	"POST /money/disputes/{dispute}/collect":          {"reason": {"question"}},
	"POST /money/disputes/{dispute}/answer":           {"text": {"It arrived."}},
	"POST /money/disputes/{dispute}/accept":           {"sure": {"1"}},
	"POST /data/numbers":                              {"from": {"2020-01-01"}, "until": {"2020-01-31"}, "format": {"csv"}},
	"POST /data/people":                               {"from": {"2020-01-01"}, "until": {"2020-01-31"}, "format": {"csv"}, "reason": {"moving"}},
	"POST /data/people/fetch":                         {"file": {nobodysID}},
	"POST /data/people/drop":                          {"file": {nobodysID}},
	"POST /data/person":                               {"whom": {"K7Q2-M9XD"}},
	"POST /data/person/erase":                         {"whom": {"K7Q2-M9XD"}, "reason": {"asked for it"}},
	"POST /data/keys/kit":                             {"kit": {nobodysID}},
	"POST /data/keys/origins":                         {"before": {"2020-01-01"}},
	"POST /approvals/decide":                          {"request": {nobodysID}, "decision": {"yes"}, "seal": {"x"}},
	"POST /review/orders/{number}/deny":               {"order": {nobodysID}},
	"POST /review/lists":                              {"list": {"block"}, "kind": {"domain"}, "value": {"bad.example"}, "why": {"chargebacks"}, "days": {"1"}},
	"POST /review/lists/drop":                         {"entry": {nobodysID}},
	"POST /new-provider/{name}":                       {"paste.account": {"acct_x"}, "paste.key": {"sk_test_0123456789abcdef"}},
	"POST /providers/{provider}/secret":               {"paste.secret": {"whsec_0123456789abcdef"}},
	"POST /staff":                                     {"name": {"Eve"}, "role": {"nothing"}, "language": {"en"}},
	"POST /staff/{member}/role":                       {"role": {"support"}},
	"POST /ways/passkey/remove":                       {"passkey": {nobodysID}},
	"POST /roles/{role}":                              {"name": {"Sunday"}, "may.order.view": {"1"}},
	"POST /log/entries/{entry}/reveal":                {"reason": {"question"}},
}

const nobodysID = "0192f0c1000070008000000000000001"

var places = strings.NewReplacer("{token}", strings.Repeat("A", 43), "{number}", "K7Q2-M9XD", "{member}", nobodysID, "{role}", nobodysID, "{entry}", nobodysID, "{handle}", "bowl", "{sku}", "B-1", "{file}", "x-1", "{name}", "dune_bank", "{provider}", nobodysID, "{dispute}", nobodysID)

// V8.2.1, V8.2.2, V8.3.1: every address of the desk with every role and with none. A route without a line fails. Where the
// table says that a service refuses, the refusal must stand in the log: pages write none, so what is proven is not that
// the page hid a button.
func TestTableOfRights_V8_2_1(t *testing.T) {
	o := openOffice(t)
	ida := o.owner()
	for _, role := range columns[1:8] {
		a := staff.Assignment{Role: role}
		if role == access.Helper {
			a.Ends = o.clock.Now().AddDate(0, 0, 30)
		}
		o.invited(ida, role, a, 1)
	}
	o.invited(ida, "enrolling", staff.Assignment{Role: access.Manager}, 0)
	o.invited(ida, "locked", staff.Assignment{Role: access.Manager}, 1)
	o.clock.Advance(20 * time.Minute)
	for _, role := range columns[:8] {
		o.actor(o.seats[role]) // unlocks, and proves that it is her
	}
	o.seats["nobody"] = &seat{v: browser()}
	o.seats["enrolling"] = o.again("enrolling")
	walked := map[string]bool{}
	for n, a := range admin.Addresses() {
		if n > 0 && n%50 == 0 { // a proof is fresh for some minutes only, and the walk takes longer
			for _, role := range columns[:8] {
				o.actor(o.seats[role])
			}
		}
		wait := 4 * time.Second // the log tells only so many refusals of one minute and one act one by one
		if strings.HasPrefix(a.Path, "/products/") {
			wait = 15 * time.Second
		}
		o.clock.Advance(wait)
		line := a.Method + " " + a.Path
		want, known := rights[line]
		walked[line] = true
		if !known || len(want) != len(columns) {
			t.Errorf("%s has no line of %d cells in the table", line, len(columns))
			continue
		}
		for i, column := range columns {
			if line == "POST /sign-out" && column != "nobody" {
				continue // ends the session that the walk still needs; see TestSignOut
			}
			o.cell(column, a, rune(want[i]))
		}
	}
	for _, line := range slices.Sorted(maps.Keys(rights)) {
		if !walked[line] {
			t.Errorf("%s is in the table and not among the routes", line)
		}
	}
}

// again opens another session that may only enrol.
func (o *office) again(name string) *seat {
	o.t.Helper()
	x := o.seats[name]
	sess, _, err := o.s.Identity.Check(o.t.Context(), identity.Staff, x.v.Session, x.v)
	must(o.t, err)
	step, err := o.s.Identity.OpenEnrolment(o.t.Context(), identity.Staff, sess.Account, x.v)
	must(o.t, err)
	x.v.Session = step.Session
	return x
}

// cell makes one request and compares.
func (o *office) cell(column string, a admin.Address, want rune) {
	o.t.Helper()
	x, line := o.seats[column], a.Method+" "+a.Path
	form := url.Values{}
	maps.Copy(form, forms[line])
	if a.Method == http.MethodPost {
		form.Set("form_token", o.token(x))
	}
	before := o.refusals()
	resp := o.ask(x, a.Method, places.Replace(a.Path), form)
	page := body(resp)
	x.keep(resp)
	if got := outcome(a, resp, page, o.refusals() > before); got != want {
		o.t.Errorf("%s as %s: %c instead of %c (%s, %s)", line, column, got, want, resp.Status, title.FindString(page))
	}
}

var title = regexp.MustCompile(`<title>[^<]*|^Location: .*`)

// outcome reads what came of a request.
func outcome(a admin.Address, resp *http.Response, page string, noted bool) rune {
	switch {
	case resp.StatusCode >= 500:
		return '!'
	case strings.Contains(page, `action="/sign-in/password"`) && a.Path != "/sign-in" && !strings.HasPrefix(a.Path, "/sign-in/"):
		return signIn
	case strings.Contains(page, `action="/confirm"`) && a.Path != "/confirm":
		return proof
	case resp.StatusCode == http.StatusSeeOther && resp.Header.Get("Location") == "/ways" && !strings.HasPrefix(a.Path, "/ways"):
		return enrols
	case resp.StatusCode == http.StatusForbidden && strings.Contains(page, "It needs the right"):
		if noted {
			return refused
		}
		return hidden
	case resp.StatusCode == http.StatusForbidden && a.Path == "/confirm" && a.Method == http.MethodGet:
		return refused
	}
	return passes
}

// keep takes over the cookies of an answer.
func (x *seat) keep(resp *http.Response) {
	for _, c := range resp.Cookies() {
		if c.Name == identity.CookieAdmin {
			if t, err := id.ParseToken(c.Value); err == nil {
				x.v.Session = t
			}
		}
	}
}

// What a form was made for in one browser is refused from another, and so is one without a token: at every address that
// changes something, whoever asks (V3.5.1).
func TestFormsOfTheDeskAreBoundToTheBrowser_V3_5_1(t *testing.T) {
	o := openOffice(t)
	ida := o.owner()
	foreign := o.token(&seat{v: browser()})
	n := 0
	for _, a := range admin.Addresses() {
		if a.Method != http.MethodPost {
			continue
		}
		for name, token := range map[string]string{"another browser's": foreign, "no": ""} {
			form := url.Values{}
			maps.Copy(form, forms[a.Method+" "+a.Path])
			form.Set("form_token", token)
			if resp := o.ask(ida, "POST", places.Replace(a.Path), form); resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %s token: %s", a.Path, name, resp.Status)
			}
			n++
		}
	}
	if n < 40 {
		t.Errorf("only %d requests", n)
	}
	if err := func() error {
		_, _, err := o.s.Identity.Check(t.Context(), identity.Staff, ida.v.Session, ida.v)
		return err
	}(); err != nil {
		t.Errorf("she was signed out by a foreign form: %v", err)
	}
}

// Who leaves is out with the next request (V7.4.2), and so is a session that is signed out (V7.4.1).
func TestLeaversAreOutWithTheNextRequest_V7_4_2(t *testing.T) {
	o := openOffice(t)
	ida := o.owner()
	max := o.invited(ida, access.Manager, staff.Assignment{Role: access.Manager}, 1)
	if resp := o.ask(max, "GET", "/orders", nil); resp.StatusCode != http.StatusOK {
		t.Fatalf("before: %s", resp.Status)
	}
	member := o.actor(max).ID
	o.actor(ida)
	path := "/staff/" + member.String()
	if resp := o.ask(ida, "POST", path+"/leave", url.Values{"form_token": {o.token(ida)}}); resp.Header.Get("Location") != path+"?done=left" {
		t.Fatalf("leaving: %s %s", resp.Status, resp.Header.Get("Location"))
	}
	for _, path := range []string{"/orders", "/find/list?q=a", "/ways", "/"} {
		resp := o.ask(max, "GET", path, nil)
		if page := body(resp); !strings.Contains(page, `action="/sign-in/password"`) || strings.Contains(page, "rail-list") {
			t.Errorf("%s after leaving: %s", path, resp.Status)
		}
	}
	if resp := o.ask(ida, "POST", "/sign-out", url.Values{"form_token": {o.token(ida)}}); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("signing out: %s", resp.Status)
	}
	if page := body(o.ask(ida, "GET", "/staff", nil)); !strings.Contains(page, `action="/sign-in/password"`) {
		t.Error("signed out, and still in")
	}
}

// A session lasts twelve hours, however busy, and is locked after a quarter of an hour without a request; the page that
// unlocks it carries what was typed, but for secrets (V7.3.1, V7.3.2).
func TestSessionsOfTheDeskEndAndLock_V7_3_1(t *testing.T) {
	o := openOffice(t)
	ida := o.owner()
	o.clock.Advance(16 * time.Minute)
	resp := o.ask(ida, "POST", "/orders/K7Q2-M9XD/refund", url.Values{"form_token": {o.token(ida)}, "sum": {"12.50"}, "note": {"three cups broke"}, "code": {"123456"}})
	page := body(resp)
	if resp.StatusCode != http.StatusForbidden || !strings.Contains(page, `action="/confirm"`) {
		t.Fatalf("an idle session: %s", resp.Status)
	}
	for _, kept := range []string{`name="kept_path" value="/orders/K7Q2-M9XD/refund"`, `name="kept.sum" value="12.50"`, `name="kept.note" value="three cups broke"`} {
		if !strings.Contains(page, kept) {
			t.Errorf("the page does not carry %s", kept)
		}
	}
	if strings.Contains(page, "123456") {
		t.Error("the page carries a code")
	}
	if resp := o.ask(ida, "GET", "/orders", nil); resp.StatusCode != http.StatusOK || !strings.Contains(body(resp), `action="/confirm"`) {
		t.Errorf("an idle page: %s", resp.Status)
	}
	o.actor(ida)
	for range 80 {
		o.clock.Advance(9 * time.Minute)
		resp = o.ask(ida, "GET", "/ways", nil)
	}
	if page := body(resp); !strings.Contains(page, `action="/sign-in/password"`) {
		t.Errorf("after twelve busy hours: %s", fmt.Sprint(resp.Status))
	}
}
