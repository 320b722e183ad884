package sandbox

import (
	"strings"

	"strongroom/base/money"
)

// texts are the words of the pages in one language. The provider is another company: it has its own, not the store's.
type texts struct {
	Lang, Other, OtherName                                     string
	Banner, Brand, HomeTitle, Home                             string
	PayTo, Order, Total, Until                                 string
	PayTitle, Choose, Pay, PayWhy                              string
	Others                                                     string
	Step, StepWhy, Declined, DeclinedWhy, Pending, PendingWhy  string
	Retry, RetryWhy                                            string
	Fails, FailsWhy, Disputed, DisputedWhy                     string
	Slow, SlowWhy, Late, LateWhy, Leave, LeaveWhy              string
	Notices, NoticesWhy, Once, Twice, LateN, Reversed, Never   string
	StepTitle, StepText, StepYes, StepNo                       string
	WaitTitle, WaitText                                        string
	DoneTitle, Back                                            string
	IsPaid, IsPending, IsDeclined, IsExpired, IsVoided, IsHeld string
	LostTitle, LostText, OddTitle, OddText                     string
}

// english and german are the two languages of the pages.
func english() texts {
	return texts{
		Lang: "en", Other: "de", OtherName: "Deutsch",
		Banner: "Sandbox. No money moves here, and nobody asks for a card number.",
		Brand:  "Dune Pay", HomeTitle: "A payment provider made of sand",
		Home:  "This site plays the payment provider for a shop that is being tried out. It has pages only for payments that a shop has started. No money moves, no card is asked for.",
		PayTo: "Payment to", Order: "Order", Total: "To pay", Until: "This page is valid until",
		PayTitle: "Pay", Choose: "What shall happen?", Pay: "Pay", PayWhy: "The payment succeeds at once.",
		Others: "Or try another ending",
		Step:   "Extra step", StepWhy: "The bank asks once more, then you decide.",
		Declined: "Declined", DeclinedWhy: "The bank says no.",
		Retry: "Declined, try again", RetryWhy: "The bank says no; the page stays open for another card.",
		Pending: "Settles later", PendingWhy: "You return now; the money arrives in a while.",
		Fails: "Never settles", FailsWhy: "You return now; in a while the money does not arrive.",
		Disputed: "Disputed", DisputedWhy: "The payment succeeds; in a while its buyer disputes it at the bank.",
		Slow: "Slow", SlowWhy: "The page works for some seconds, then the payment succeeds.",
		Late: "Too late", LateWhy: "You return now; the money arrives only when the payment has expired.",
		Leave: "Cancel and return to the shop", LeaveWhy: "Nothing is paid; the page stays valid.",
		Notices: "How the shop is told", NoticesWhy: "Real networks lose, repeat and mix up messages.",
		Once: "Once, at once", Twice: "Three times, twice side by side", LateN: "Late", Reversed: "The first message last", Never: "Never",
		StepTitle: "One more step", StepText: "Here your bank would ask you to confirm the payment in its app.",
		StepYes: "Yes, it is me", StepNo: "No, refuse",
		WaitTitle: "One moment", WaitText: "The payment is being made. This page goes on by itself.",
		DoneTitle: "This payment is closed", Back: "Back to the shop",
		IsPaid: "It is paid.", IsPending: "The money is on its way.", IsDeclined: "It was declined. Nothing was paid.",
		IsExpired: "Its time has run out. Nothing was paid.", IsVoided: "The held sum was let go.", IsHeld: "The sum is held for the shop.",
		LostTitle: "There is no such payment", LostText: "The address is incomplete or the payment is long over. Go back to the shop and start again from there.",
		OddTitle: "That did not work", OddText: "The form was incomplete. Go back one page and choose again; nothing was paid.",
	}
}

func german() texts {
	return texts{
		Lang: "de", Other: "en", OtherName: "English",
		Banner: "Sandkasten. Hier fließt kein Geld, und niemand fragt nach einer Kartennummer.",
		Brand:  "Dune Pay", HomeTitle: "Ein Zahlungsdienst aus Sand",
		Home:  "Diese Seite spielt den Zahlungsdienst für einen Laden, der ausprobiert wird. Sie zeigt nur Zahlungen, die ein Laden begonnen hat. Es fließt kein Geld, und es wird keine Karte verlangt.",
		PayTo: "Zahlung an", Order: "Bestellung", Total: "Zu zahlen", Until: "Diese Seite gilt bis",
		PayTitle: "Bezahlen", Choose: "Was soll geschehen?", Pay: "Bezahlen:", PayWhy: "Die Zahlung gelingt sofort.",
		Others: "Oder einen anderen Ausgang wählen",
		Step:   "Rückfrage", StepWhy: "Die Bank fragt noch einmal nach, dann entscheiden Sie.",
		Declined: "Abgelehnt", DeclinedWhy: "Die Bank sagt Nein.",
		Retry: "Abgelehnt, noch einmal", RetryWhy: "Die Bank sagt Nein; die Seite bleibt für eine andere Karte offen.",
		Pending: "Kommt später", PendingWhy: "Sie kehren jetzt zurück; das Geld trifft nach einer Weile ein.",
		Fails: "Bleibt aus", FailsWhy: "Sie kehren jetzt zurück; nach einer Weile bleibt das Geld aus.",
		Disputed: "Angefochten", DisputedWhy: "Die Zahlung gelingt; nach einer Weile ficht der Käufer sie bei der Bank an.",
		Slow: "Langsam", SlowWhy: "Die Seite arbeitet einige Sekunden, dann gelingt die Zahlung.",
		Late: "Zu spät", LateWhy: "Sie kehren jetzt zurück; das Geld trifft erst ein, wenn die Zahlung abgelaufen ist.",
		Leave: "Abbrechen und zurück zum Laden", LeaveWhy: "Nichts wird bezahlt; die Seite bleibt gültig.",
		Notices: "Wie der Laden davon erfährt", NoticesWhy: "Echte Netze verlieren, wiederholen und vertauschen Nachrichten.",
		Once: "Einmal, sofort", Twice: "Dreimal, zwei davon gleichzeitig", LateN: "Verspätet", Reversed: "Die erste Nachricht zuletzt", Never: "Gar nicht",
		StepTitle: "Noch ein Schritt", StepText: "Hier würde Ihre Bank Sie bitten, die Zahlung in ihrer App zu bestätigen.",
		StepYes: "Ja, das bin ich", StepNo: "Nein, ablehnen",
		WaitTitle: "Einen Augenblick", WaitText: "Die Zahlung wird ausgeführt. Diese Seite geht von selbst weiter.",
		DoneTitle: "Diese Zahlung ist abgeschlossen", Back: "Zurück zum Laden",
		IsPaid: "Sie ist bezahlt.", IsPending: "Das Geld ist unterwegs.", IsDeclined: "Sie wurde abgelehnt. Nichts wurde bezahlt.",
		IsExpired: "Ihre Frist ist abgelaufen. Nichts wurde bezahlt.", IsVoided: "Der vorgemerkte Betrag wurde freigegeben.", IsHeld: "Der Betrag ist für den Laden vorgemerkt.",
		LostTitle: "Diese Zahlung gibt es nicht", LostText: "Die Adresse ist unvollständig oder die Zahlung längst vorbei. Gehen Sie zurück zum Laden und beginnen Sie dort noch einmal.",
		OddTitle: "Das hat nicht geklappt", OddText: "Das Formular war unvollständig. Gehen Sie eine Seite zurück und wählen Sie noch einmal; nichts wurde bezahlt.",
	}
}

func textsFor(lang string) texts {
	if strings.HasPrefix(strings.ToLower(lang), "de") {
		return german()
	}
	return english()
}

// status says in words where a session stands.
func (t texts) status(state string) string {
	switch state {
	case statePaid:
		return t.IsPaid
	case statePending:
		return t.IsPending
	case stateDeclined:
		return t.IsDeclined
	case stateVoided:
		return t.IsVoided
	case stateAuthorised:
		return t.IsHeld
	}
	return t.IsExpired
}

// sum writes an amount as people of the language read it.
func (t texts) sum(amount int64, currency string) string {
	group, point := ",", "."
	if t.Lang == "de" {
		group, point = ".", ","
	}
	whole, frac, has := strings.Cut(money.Decimal(money.Amount(amount), money.Currency(currency)), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if has {
		whole += point + frac
	}
	if t.Lang == "de" {
		return whole + "\u00a0" + currency
	}
	return currency + "\u00a0" + whole
}
