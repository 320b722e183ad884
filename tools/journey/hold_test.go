//go:build browser

package journey

import (
	"os"
	"path/filepath"
	"testing"

	"strongroom/tools/journey/stage"
	"strongroom/tools/journey/tour"
)

// openAtShipment runs a demo of the test's own that takes money when goods leave.
func openAtShipment(t *testing.T) *house {
	t.Helper()
	folder := t.TempDir()
	bin, err := program()
	if err == nil {
		err = sameCertificates(folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(folder, "demo")
	var d *stage.Demo
	if n := processes(); n > 1 {
		d, err = stage.StartCluster(t.Context(), bin, at, os.Getenv("STRONGROOM_TEST_POSTGRES"), n, true)
	} else {
		d, err = stage.Start(bin, at, "--capture", "shipment")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return &house{d}
}

// In a shop that takes money when goods leave, the buyer is told that the sum is reserved; sending takes it. Another order's
// sum is let go: its buyer is told, pays again, and gets a part, with the rest let go.
func TestReservedThenSent(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openAtShipment(t)
	at := func(g *tour.Guide, name string) {
		t.Helper()
		for _, finding := range g.Axe(axe) {
			t.Errorf("%s: %s", name, finding)
		}
		for size, width := range map[string]int64{"narrow": 390, "wide": 1280} {
			g.Size(width, 900)
			if wide, who := g.Overflow(); wide > 0 {
				t.Errorf("%s is %d pixels too wide at %d: %s", name, wide, width, who)
			}
			keep(g, name, size)
			g.Theme(true)
			keep(g, name, size+"-dark")
			g.Theme(false)
		}
	}
	ada, who := h.guide(t, wide), tour.Somebody()
	ada.Buy(tour.Plain, who, "paid")
	ada.State("order.state_authorised")
	ada.Say(ada.T("shop.order_reserved_lead"))
	at(ada, "reserved")
	number := ada.Number()
	ida := h.guide(t, wide)
	tour.SetUp(ida, 0, nothing)
	ida.Mail("owner@kiln-orchard.example", "letters.owner.subject")

	ida.Goto(ida.Desk("/orders?state=authorised"))
	ida.Say(number)
	ida.Goto(ida.Desk("/orders/" + number))
	ida.Say(ida.T("order.state_authorised"))
	ida.Eval(`document.querySelectorAll(".acts details").forEach(d => { d.open = true })`, nil)
	at(ida, "desk-reserved")
	ida.Press("admin.ship_go")
	ida.Say(ida.T("admin.done_shipped"))
	ida.Say(ida.T("order.state_paid"))
	at(ida, "desk-taken")
	ada.Mail(who.Email, "letters.taken.subject")
	ada.Goto(ada.To("/order"))
	ada.State("order.state_paid")

	eva, whom := h.reader(t, "de", narrow), tour.Somebody()
	eva.Add(tour.WithOptions)
	eva.Fill(`input[name=quantity]`, "3")
	eva.Follow(".line-act button.plain")
	eva.Checkout()
	eva.Details(whom)
	eva.Oblige()
	eva.Choose("paid")
	eva.State("order.state_authorised")
	number = eva.Number()
	ida.Goto(ida.Desk("/orders/" + number))
	ida.ClickText(ida.T("admin.let_go"))
	ida.Press("admin.let_go_go")
	ida.Say(ida.T("admin.done_let_go"))
	eva.Mail(whom.Email, "letters.hold_ended.subject")
	eva.Goto(eva.To("/order"))
	eva.Say(eva.T("shop.order_released"))
	at(eva, "released")
	eva.Follow(`form[action$="/order/pay"] button`)
	eva.Hosted()
	eva.Choose("paid")
	eva.State("order.state_authorised")

	ida.Goto(ida.Desk("/orders/" + number))
	ida.Fill("#ship-1", "1")
	ida.Press("admin.ship_go")
	ida.Say(ida.T("order.ship_part_held"))
	at(ida, "desk-part")
	ida.Eval(`document.querySelector("#f-rest").checked = true`, nil)
	ida.Press("admin.ship_go")
	ida.Say(ida.T("admin.done_shipped"))
	ida.Say(ida.T("admin.sum_let_go"))
	at(ida, "desk-part-taken")
	eva.Mail(whom.Email, "letters.taken.subject")
	eva.Goto(eva.To("/order"))
	eva.State("order.state_paid")
	eva.Say(eva.T("shop.sum_let_go"))
	at(eva, "part-taken")
}
