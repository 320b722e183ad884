//go:build browser

package journey

import (
	"strings"
	"testing"
	"time"

	"strongroom/tools/journey/tour"
)

// Data leave the shop by two people, or after a day: an owner who is alone asks for a file of everybody, the address outside
// gets a mail, and its link stops the act without an account. Numbers without people come at once. What an erasure would do
// is said before anybody is asked.
func TestDataLeaveByTwoPeople(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g, outside := h.guide(t, wide), h.guide(t, narrow)
	tour.SetUp(g, 0, nothing)
	who := tour.Somebody()
	g.Buy(tour.Plain, who, "paid")
	number := g.Number()

	g.Goto(g.Desk("/data"))
	var table string
	g.Eval(`(() => { const f = document.querySelector("form[action='/data/numbers']"); f.from.value = f.until.value = new Date().toISOString().slice(0, 10);
		return fetch(f.action, { method: "POST", body: new URLSearchParams(new FormData(f)) }).then(r => r.text()) })()`, &table)
	if !strings.Contains(table, number) || strings.Contains(table, who.Email) {
		t.Errorf("numbers only: %.300s", table)
	}

	g.AskForPeople("The books move to another program.")
	g.Say(g.T("staff.kind_data_export"))
	mail, err := h.demo.Mail(t.Context(), "owner@kiln-orchard.example", g.T("letters.staff.alone.subject"), 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	links := mail.Links("/stop/")
	if len(links) != 1 {
		t.Fatalf("the mail to the address outside has %v", links)
	}
	outside.Goto(links[0])
	outside.Say(outside.T("staff.kind_data_export"))
	outside.Press("admin.go_on")
	outside.Say(outside.T("admin.stopped"))
	same(t, "status of the link once it was used", outside.Goto(links[0]), 410)
	g.Goto(g.Desk("/approvals"))
	g.Say(g.T("staff.approval_cancelled"))

	g.Goto(g.Desk("/data/person"))
	g.Fill("#f-whom", who.Email)
	g.Press("admin.person_plan")
	g.Say(number)
	g.Say(g.T("admin.erase_two"))
	g.Fill("#f-reason", "She asked for it by mail.")
	g.Press("admin.erase_go") // the goods can still come back, and nobody said "even so"
	same(t, "status without saying even so", g.Status(), 422)
	g.Click("#f-even-so")
	g.Press("admin.erase_go")
	g.Seated("/approvals")
	g.Say(g.T("staff.kind_person_erase"))
}
