//go:build browser

package journey

import (
	"regexp"
	"strings"
	"testing"

	"strongroom/tools/journey/chrome"
	"strongroom/tools/journey/tour"
)

// Withdrawal begins at the foot of any page, needs no link and no account, takes two steps, and its receipt says when.
func TestWithdrawalFromTheFooter(t *testing.T) {
	otherWays(t, func(t *testing.T, g *tour.Guide) {
		who := tour.Somebody()
		g.Buy(tour.Plain, who, "paid")
		g.State("order.state_paid")
		number := g.Number()
		visitor := guide(t, "en", chrome.Options{Width: 390, NoScript: true})
		visitor.Goto(visitor.To("/p/morning-bowl"))
		visitor.Follow(`footer a[href="/en/withdraw"]`)
		visitor.Press("shop.withdraw_next")
		if !strings.HasPrefix(visitor.Title(), visitor.T("shop.error_title")) {
			t.Errorf("an empty statement is not refused: %q", visitor.Title())
		}
		visitor.Fill("#f-name", who.Name)
		visitor.Fill("#f-number", strings.ToLower(strings.ReplaceAll(number, "-", " ")))
		visitor.Fill("#f-email", who.Email)
		visitor.Press("shop.withdraw_next")
		visitor.Say(who.Name)
		visitor.Press("shop.withdraw_change")
		same(t, "kept name", visitor.Value("#f-name"), who.Name)
		same(t, "kept address", visitor.Value("#f-email"), who.Email)
		visitor.Press("shop.withdraw_next")
		visitor.Press("shop.withdraw_confirm")
		visitor.Say(visitor.T("shop.withdrawn"))
		m := visitor.Mail(who.Email, "letters.receipt.subject")
		if !strings.Contains(m.Text, who.Name) || !clockTime.MatchString(m.Text) {
			t.Errorf("the receipt lacks name or time:\n%s", m.Text)
		}
	})
}

var clockTime = regexp.MustCompile(`\b\d{1,2}:\d{2}\b`)

// Asking for a new link is answered the same whether or not number and address belong together; only then a mail goes.
func TestNewLinkTellsNothing(t *testing.T) {
	twoWays(t, func(t *testing.T, g *tour.Guide) {
		who, stranger := tour.Somebody(), tour.Somebody()
		g.Buy(tour.Plain, who, "paid")
		g.State("order.state_paid")
		number := g.Number()
		old := g.Mail(who.Email, "letters.confirmation.subject").Links("/order/open/")[0]
		ask := func(number, mail string) string {
			g.Goto(g.To("/order/link"))
			g.Fill("#f-number", number)
			g.Fill("#f-email", mail)
			g.Press("shop.renew_go")
			return g.Text("main")
		}
		wrong := ask(number, stranger.Email)
		same(t, "answer to the right pair", ask(number, who.Email), wrong)
		m := g.Mail(who.Email, "letters.link.subject")
		mails, err := g.Demo.Mails(t.Context(), stranger.Email, "")
		if err != nil || len(mails) > 0 {
			t.Errorf("the stranger got mail: %v %v", mails, err)
		}
		fresh := guide(t, "en", chrome.Options{Width: 1280})
		opened(t, fresh, m.Links("/order/open/")[0], number)
		if again := guide(t, "en", chrome.Options{Width: 1280}); again.Goto(old) == 200 {
			again.Press("shop.link_go")
			if again.Sees(number) {
				t.Error("the replaced link still opens the order")
			}
		}
	})
}
