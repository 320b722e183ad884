//go:build browser

package journey

import (
	"os"
	"path/filepath"
	"testing"

	"strongroom/tools/journey/tour"
)

// The owner switches bank transfers on, a shopper orders by one, and the owner writes down what came. On the way she reads
// what the look from outside found, the page for her acquirer, and lives with a finding for a while.
func TestTransfersAndPaymentPages(t *testing.T) {
	t.Parallel()
	turn(t)
	h := openHouse(t)
	g := h.guide(t, wide)
	tour.SetUp(g, 1, nothing)
	at := func(g *tour.Guide, name string) {
		t.Helper()
		for _, finding := range g.Axe(axe) {
			t.Errorf("%s: %s", name, finding)
		}
		keep(g, name, "wide")
		g.Size(320, 640)
		if wide, who := g.Overflow(); wide > 0 {
			t.Errorf("%s is %d pixels too wide: %s", name, wide, who)
		}
		keep(g, name, "narrow")
		g.Size(1280, 900)
	}
	proven := func(sel string) {
		t.Helper()
		if !g.Has(sel) { // it has been a while since who asks proved who she is
			g.Press("admin.passkey_use")
		}
	}

	g.Goto(g.Desk("/safety"))
	at(g, "safety")
	g.Follow(`a[href="/safety/accept?of=check/scan"]`)
	at(g, "accept")
	g.Fill("#f-reason", "too short")
	g.Follow(`form[action="/safety/accept"] button`)
	proven("#f-reason")
	g.Fill("#f-reason", "The acquirer asks for the first scan in March.")
	g.Follow(`form[action="/safety/accept"] button`)
	g.Say(g.T("admin.done_accepted"))
	g.Eval(`document.querySelectorAll("details").forEach(d => { d.open = true })`, nil)
	g.Say("The acquirer asks for the first scan in March.")
	at(g, "safety-accepted")
	g.Goto(g.Desk("/safety/pages"))
	g.Say(g.T("admin.pages_inventory"))
	at(g, "pages")
	g.Goto(g.Desk("/safety/questionnaire"))
	at(g, "questionnaire")

	g.Goto(g.Desk("/new-provider/transfer"))
	proven("#f-paste-iban")
	g.Fill("#f-paste-holder", "Kiln & Orchard GmbH")
	g.Fill("#f-paste-iban", "DE89 3704 0044 0532 0130 01")
	g.Press("provider.paste_go")
	g.Say(g.T("payment.iban_wrong"))
	at(g, "transfer-wrong")
	g.Fill("#f-paste-iban", "DE89 3704 0044 0532 0130 00")
	g.Press("provider.paste_go")
	at(g, "transfer-set")
	g.Press("provider.on_go")
	g.Say(g.T("admin.done_provider_on"))

	buyer, who := h.guide(t, narrow), tour.Somebody()
	buyer.Add(tour.Plain)
	buyer.Checkout()
	buyer.Details(who)
	buyer.Click(`input[name=method][value=transfer]`)
	at(buyer, "check")
	buyer.Press("shop.oblige")
	buyer.Say(buyer.T("shop.transfer_title"))
	buyer.Say("DE89 3704 0044 0532 0130 00")
	at(buyer, "order-transfer")
	buyer.Theme(true)
	at(buyer, "order-transfer-dark")
	number, sum := buyer.Number(), buyer.Text(".panel .facts dd:nth-of-type(3)")
	buyer.Mail(who.Email, "letters.confirmation.subject")

	g.Goto(g.Desk("/orders/" + number))
	at(g, "order-waits")
	g.Follow(`a[href="/transfers?number=` + number + `"]`)
	same(t, "number", g.Value("#f-number"), number)
	g.Fill("#f-amount", digits(sum))
	g.Press("admin.transfer_go")
	g.Say(g.T("admin.done_received"))
	at(g, "transfers")
	g.Theme(true)
	at(g, "transfers-dark")
	g.Theme(false)
	g.Fill("#f-number", number) // and once more, too much
	g.Fill("#f-amount", "1.00")
	g.Press("admin.transfer_go")
	kept := g.T("admin.money_kept", "sum", "€1.00")
	g.Say(kept)
	at(g, "transfers-kept")
	g.Goto(g.Desk("/money/ledger"))
	g.Say(kept)
	g.Say(g.T("payment.account.kept"))
	g.Say(g.T("admin.ledger_good"))
	at(g, "ledger-kept")
	buyer.Goto(buyer.To("/order"))
	buyer.State("order.state_paid")
}

// digits are the digits of a sum and its point.
func digits(sum string) string {
	out := ""
	for _, c := range sum {
		if c >= '0' && c <= '9' || c == '.' {
			out += string(c)
		}
	}
	return out
}

// keep writes a picture where somebody wants them.
func keep(g *tour.Guide, name, size string) {
	if dir := os.Getenv("STRONGROOM_TEST_PICTURES"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, name+"-"+size+".png"), g.Whole(), 0o600)
	}
}
