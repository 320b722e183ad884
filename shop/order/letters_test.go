package order_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/mail"
	"strongroom/shop/order"
	"strongroom/shop/payment"
)

// The confirmation is the durable record: it holds all that the law asks for, in both parts and both languages, and
// nothing that could run or load.
func TestTheConfirmationIsComplete(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	want := map[string][]string{
		"en": {"Thank you for your order", "Bowl", "SKU-Bowl", "Maker Ltd, Bath", "€48.00", "€52.90", "including 19% VAT",
			"Plantedname Zimmermann", "Plantedstreet 7", "04109 Plantedtown", "Germany", "ring twice", "Full text of the", "terms en",
			"withdrawal en", "Legal guarantee", "Kiln & Orchard GmbH", "Werkhof 3", "DE000000000", "https://shop.example/en/withdraw",
			"test mode", "2 November 2026"},
		"de": {"Danke für Ihre Bestellung", "48,00 €", "52,90 €", "darin 19 % MwSt.", "Plantedname Zimmermann", "Deutschland",
			"terms de", "withdrawal de", "Gewährleistung", "https://shop.example/de/withdraw", "Testbetrieb", "2. November 2026"},
	}
	for lang, phrases := range want {
		cart := s.fill(s.goods("Bowl", 2400, 5), 2)
		s.must(s.orders.Draft(s.ctx, cart, lang, details()))
		r, err := s.orders.Review(s.ctx, cart, lang)
		s.must(err)
		placed, err := s.orders.Place(s.ctx, cart, r.Attempt, origin)
		s.must(err)
		_, err = s.orders.Pay(s.ctx, placed.Browser)
		s.must(err)
		s.says(placed.Order, payment.StatusPaid)
		s.work()
		all := s.box.of(order.LetterConfirmation)
		m := all[len(all)-1]
		if m.Language != lang || m.ReplyTo != "hello@shop.example" || m.ToName != "Plantedname Zimmermann" {
			t.Fatalf("%s: headers %+v", lang, m)
		}
		text, html := plainSpaces(m.Text), plainSpaces(m.HTML)
		for _, x := range append(phrases, placed.Number) {
			if !strings.Contains(text, x) {
				t.Errorf("%s: the text lacks %q", lang, x)
			}
			if !strings.Contains(html, strings.ReplaceAll(strings.ReplaceAll(x, "&", "&amp;"), "+", "&#43;")) {
				t.Errorf("%s: the HTML lacks %q", lang, x)
			}
		}
		for _, x := range []string{"<script", "<img", "url(", "@import", "<link", "javascript:", "http://", "letters.", "order.state", "{", "%!"} {
			if body := withoutStyle(m.HTML); strings.Contains(body, x) {
				t.Errorf("%s: the HTML holds %q", lang, x)
			}
		}
		keep(t, "confirmation-"+lang, m)
	}
}

// Every mail is there in both languages, names its order, and holds no key that nobody translated.
func TestEveryMailInBothLanguages(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	for _, lang := range []string{"en", "de"} {
		cart := s.fill(s.goods("Bowl", 2400, 5), 1)
		s.must(s.orders.Draft(s.ctx, cart, lang, details()))
		r, err := s.orders.Review(s.ctx, cart, lang)
		s.must(err)
		placed, err := s.orders.Place(s.ctx, cart, r.Attempt, origin)
		s.must(err)
		pay := s.last(placed.Order).ID
		w, err := s.orders.Statement(s.ctx, placed.Browser, order.Withdrawal{Language: lang})
		s.must(err)
		_, err = s.orders.Withdraw(s.ctx, placed.Browser, w, origin)
		s.must(err)
		s.work()
		for _, kind := range order.LetterKinds() {
			l := order.Letter{Kind: kind, Order: placed.Order, Payment: pay}
			if kind == order.LetterReceipt || kind == order.LetterOwnerWithdrawal {
				if len(s.box.of(kind)) == 0 {
					t.Errorf("%s was not sent", kind)
				}
				continue
			}
			m, err := s.letters.Write(s.ctx, l)
			if kind == order.LetterOwnerHold { // nothing is held
				if !fault.Is(err, fault.Gone) {
					t.Errorf("%s: %v", kind, err)
				}
				continue
			}
			if kind == order.LetterTransferDue || kind == order.LetterCollect { // nobody who pays otherwise is asked for a transfer or to the counter
				if f := fault.As(err); f == nil || f.Key != "order.not_payable" {
					t.Errorf("%s: %v", kind, err)
				}
				continue
			}
			s.must(err)
			m.ID, m.Kind = "x", string(kind)
			s.must(m.Check())
			if !strings.Contains(m.Text, placed.Number) || strings.Contains(m.Text+m.Subject, "letters.") || strings.ContainsAny(m.Subject, "{}\r\n") {
				t.Errorf("%s %s: subject %q\n%s", lang, kind, m.Subject, m.Text)
			}
			if owner := kind == order.LetterOwnerOrder; owner != (m.To == "owner@shop.example") {
				t.Errorf("%s goes to %s", kind, m.To)
			}
			keep(t, string(kind)+"-"+lang, m)
		}
	}
	for _, kind := range []order.LetterKind{order.LetterOwnerOrder, order.LetterOwnerWithdrawal} {
		for _, m := range s.box.of(kind) {
			if strings.Contains(strings.ToLower(m.Text+m.HTML+m.Subject), "planted") {
				t.Errorf("the owner's mail %s shows a person:\n%s", kind, m.Text)
			}
		}
	}
}

// Hostile names and notes stay text: no markup, no further header, no second recipient (V1.2.1, V1.3.11).
func TestHostileTextStaysText(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	d := details()
	d.Delivery.Name = `Eve & "Söhne" 'x'`
	d.Note = "</p><img src=x onerror=alert(1)>\n-- \nBcc: all@mail.example"
	placed := s.place(s.fill(s.goods("Bowl", 2400, 5), 1), d)
	m, err := s.letters.Write(s.ctx, order.Letter{Kind: order.LetterConfirmation, Order: placed.Order})
	s.must(err)
	if strings.Contains(m.HTML, "<img") || !strings.Contains(m.HTML, "Eve &amp; ") || strings.ContainsAny(m.ToName+m.Subject, "\r\n") {
		t.Fatalf("markup got through:\n%s", m.HTML)
	}
	d.Delivery.Name = "Eve\r\nBcc: all@mail.example"
	cart := s.fill(s.goods("Jug", 2400, 5), 1)
	if err := s.orders.Draft(s.ctx, cart, "en", d); err == nil {
		placed = s.place(cart, d)
		m, err := s.letters.Write(s.ctx, order.Letter{Kind: order.LetterConfirmation, Order: placed.Order})
		s.must(err)
		if strings.ContainsAny(m.ToName, "\r\n") {
			t.Fatalf("a header was split: %q", m.ToName)
		}
	}
}

// A mail that the server refuses for good is dead at once, one that fails is tried again, and it is the same mail.
func TestMailsThatFail(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	placed := s.began(s.goods("Bowl", 2400, 5), 1)
	s.box.fail = errors.New("the server is away")
	s.says(placed.Order, payment.StatusPaid)
	for range 3 {
		for _, v := range dueJobs(s) {
			_ = s.jobs.RunNow(s.ctx, v)
		}
	}
	if n := s.number(`SELECT COUNT(*) FROM job_queue WHERE kind = 'letter.confirmation' AND state = 'ready' AND attempts > 0`); n != 1 {
		t.Fatalf("%d mails wait for another try", n)
	}
	s.box.fail = mail.Refused(errors.New("no such mailbox"))
	s.Clock.Advance(1e12)
	for _, v := range dueJobs(s) {
		_ = s.jobs.RunNow(s.ctx, v)
	}
	if n := s.number(`SELECT COUNT(*) FROM job_queue WHERE kind = 'letter.confirmation' AND state = 'dead'`); n != 1 {
		t.Fatal("a refused mail is not among the dead letters")
	}
	if n := s.number(`SELECT COUNT(*) FROM job_queue WHERE error LIKE '%lanted%'`); n != 0 {
		t.Fatal("an error of a job holds an address")
	}
}

func plainSpaces(s string) string { return strings.NewReplacer("\u00a0", " ", "\n", " ").Replace(s) }

// withoutStyle leaves out the style block of our own.
func withoutStyle(s string) string {
	before, rest, _ := strings.Cut(s, "<style>")
	_, after, _ := strings.Cut(rest, "</style>")
	return before + after
}

// keep writes a mail where somebody wants to look at it.
func keep(t *testing.T, name string, m mail.Message) {
	t.Helper()
	dir := os.Getenv("STRONGROOM_KEEP_MAILS")
	if dir == "" {
		return
	}
	for ext, body := range map[string]string{".html": m.HTML, ".txt": m.Subject + "\n\n" + m.Text} {
		if err := os.WriteFile(filepath.Join(dir, name+ext), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
