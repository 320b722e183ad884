package order_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/mail"
	"strongroom/guard/access"
	"strongroom/guard/vault"
	"strongroom/shop/order"
	"strongroom/shop/payment"
	"strongroom/shop/post"
)

// ownWords stand for the accounts, which know a person's own words.
type ownWords map[string]string

func (w ownWords) Words(_ context.Context, to string) (string, bool) {
	s, ok := w[to]
	return s, ok
}

func nobodyHome() error {
	return mail.Refused(&mail.Refusal{Stage: "to", Code: 550, Status: "5.1.1", Said: "5.1.1 <" + plantedEmail + "> no such person"})
}

// A mail that is refused because nobody is there is a bounce at once: the owner is told once and not the job's dead
// letters, nothing more goes to that address, and a release lets mails go again (V16.2.5 for what is stored).
func TestARefusedMailIsABounce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed := s.began(s.goods("Bowl", 2400, 5), 1)
		s.box.fail = nobodyHome()
		s.says(placed.Order, payment.StatusPaid)
		for _, v := range dueJobs(s) {
			_ = s.jobs.RunNow(s.ctx, v) // the owner's mail fails too, and is tried again
		}
		s.box.fail = nil
		s.Clock.Advance(time.Hour)
		s.work()
		list, err := s.post.About(s.ctx, placed.Order)
		s.must(err)
		if len(list) != 1 || list[0].Letter.Kind != "confirmation" || !list[0].Nobody || list[0].Status != "5.1.1" || list[0].Source != "refused" {
			t.Fatalf("bounces: %+v", list)
		}
		if n := s.number(`SELECT COUNT(*) FROM job_queue WHERE kind = 'letter.confirmation' AND state = 'dead'`); n != 0 {
			t.Error("the bounced letter waits among the dead ones")
		}
		told := s.box.of("owner_bounce")
		if len(told) != 1 || told[0].To != "owner@shop.example" || !strings.Contains(told[0].Text, placed.Number) ||
			strings.Contains(told[0].Text+told[0].Subject, plantedEmail) || told[0].Return != "" {
			t.Fatalf("the owner was told: %+v", told)
		}
		before := len(s.box.sent)
		s.must(s.jobs.RunNow(s.ctx, s.again(order.LetterReceived, placed)))
		if len(s.box.sent) != before {
			t.Error("a mail went to an address where nobody is")
		}
		o := s.view(placed)
		if ok, err := s.post.Release(s.ctx, placed.Order, o.Subject, access.Console()); err != nil || !ok {
			t.Fatalf("released %v, %v", ok, err)
		}
		s.must(s.jobs.RunNow(s.ctx, s.again(order.LetterReceived, placed)))
		if got := s.box.of(order.LetterReceived); len(got) != 1 || !strings.HasPrefix(got[0].Return, "bounces+") {
			t.Fatalf("after the release %d mails", len(got))
		}
		if n := s.number(`SELECT COUNT(*) FROM post_bounce WHERE detail IS NOT NULL AND status = '5.1.1'`); n != 1 {
			t.Error("the server's words were not kept")
		}
	})
}

// again enqueues a letter once more.
func (s *store) again(kind order.LetterKind, p order.Placed) id.ID {
	s.t.Helper()
	pay := s.last(p.Order).ID
	var v id.ID
	s.must(s.Data.Write(s.ctx, func(tx *db.Tx) (err error) {
		v, err = s.jobs.Enqueue(tx, job.Job{Kind: "letter." + string(kind), Args: order.Letter{Kind: kind, Order: p.Order, Payment: pay}})
		return err
	}))
	return v
}

// A report that comes later finds its letter by the envelope's token; an address that was corrected meanwhile gets mails.
func TestAReportComesLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		placed := s.began(s.goods("Bowl", 2400, 5), 1)
		s.says(placed.Order, payment.StatusPaid)
		s.work()
		sent := s.box.of(order.LetterConfirmation)
		if len(sent) != 1 {
			t.Fatalf("%d confirmations", len(sent))
		}
		token := sent[0].Return
		for _, secret := range []string{"Planted", "planted", placed.Number, strings.ToLower(placed.Number)} {
			if strings.Contains(token, secret) {
				t.Errorf("the envelope holds %q", secret)
			}
		}
		message := []byte(deliveryReport("failed", "5.1.1", plantedEmail))
		for range 2 { // reports come twice
			if failed, err := s.post.Report(s.ctx, strings.ToUpper(token), message); err != nil || !failed {
				t.Fatalf("the report: %v, %v", failed, err)
			}
		}
		s.work()
		if list, err := s.post.About(s.ctx, placed.Order); err != nil || len(list) != 1 || list[0].Source != "report" || list[0].Order != placed.Order {
			t.Fatalf("bounces: %+v, %v", list, err)
		}
		if n := len(s.box.of("owner_bounce")); n != 1 {
			t.Errorf("the owner was told %d times", n)
		}
		o := s.view(placed)
		for address, want := range map[string]bool{plantedEmail: true, strings.ToLower(plantedEmail): true, "other@mail.example": false} {
			if stopped, err := s.post.Stopped(s.ctx, o.Subject, address); err != nil || stopped != want {
				t.Errorf("%s: stopped %v, %v", address, stopped, err)
			}
		}
		if stopped, err := s.post.Stopped(s.ctx, id.New(s.Clock.Now(), nil), plantedEmail); err != nil || stopped {
			t.Errorf("somebody else's order is stopped: %v, %v", stopped, err)
		}
		_, err := s.orders.Erase(s.ctx, placed.Number, access.Console(), "asked", true)
		s.must(err)
		if stopped, err := s.post.Stopped(s.ctx, o.Subject, plantedEmail); err != nil || stopped {
			t.Errorf("an erased person's address is still known: %v, %v", stopped, err)
		}
		if _, err := s.post.Report(s.ctx, token, []byte(deliveryReport("failed", "5.1.1", "new@mail.example"))); err != nil {
			t.Errorf("a report about an erased person: %v", err)
		}
	})
}

// Delays, holiday programs, forged and damaged addresses change nothing.
func TestWhatIsNoBounce(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	placed := s.began(s.goods("Bowl", 2400, 5), 1)
	s.says(placed.Order, payment.StatusPaid)
	s.work()
	token := s.box.of(order.LetterConfirmation)[0].Return
	for name, message := range map[string]string{"delayed": deliveryReport("delayed", "4.4.1", plantedEmail),
		"delivered": deliveryReport("delivered", "2.0.0", plantedEmail), "holiday": "From: a@b.example\r\nSubject: away\r\n\r\nI am away.\r\n",
		"nothing": "", "noise": strings.Repeat("\x00\xff\r\n", 1000)} {
		if failed, err := s.post.Report(s.ctx, token, []byte(message)); failed || err != nil {
			t.Errorf("%s: %v, %v", name, failed, err)
		}
	}
	report := []byte(deliveryReport("failed", "5.1.1", plantedEmail))
	local, host, _ := strings.Cut(token, "@")
	for _, forged := range []string{"", "bounces@shop.example", local + "@other.example", local[:len(local)-1] + "a@" + host, local[:len(local)-9] + "@" + host,
		"bounces+" + strings.Repeat("a", 42) + "@" + host, "x" + token, local + local + "@" + host, token + "\r\nx"} {
		if forged == token {
			continue
		}
		if _, err := s.post.Report(s.ctx, forged, report); err == nil {
			t.Errorf("taken: %q", forged)
		}
	}
	if list, err := s.post.About(s.ctx, placed.Order); err != nil || len(list) != 0 {
		t.Errorf("bounces: %+v, %v", list, err)
	}
	// A full mailbox is a bounce, and no reason to stop.
	if _, err := s.post.Report(s.ctx, token, []byte(deliveryReport("failed", "5.2.2", plantedEmail))); err != nil {
		t.Fatal(err)
	}
	if stopped, err := s.post.Stopped(s.ctx, s.view(placed).Subject, plantedEmail); err != nil || stopped {
		t.Errorf("a full mailbox stops mails: %v, %v", stopped, err)
	}
	if c, err := s.post.Counts(s.ctx); err != nil || c != (post.Counts{Bounces: 1}) {
		t.Errorf("counted %+v, %v", c, err)
	}
}

// A person's own words stand on top of every mail to her and of none to anybody else.
func TestOwnWordsStandOnTop(t *testing.T) {
	s := open(t, dbtest.Open(t, dbtest.Engines()[0]))
	placed := s.began(s.goods("Bowl", 2400, 5), 1)
	s.words[plantedEmail] = "blue heron <b>&"
	d := details()
	d.Email = "thief@mail.example"
	other := s.place(s.fill(s.goods("Jug", 2400, 5), 1), d)
	_, err := s.orders.Pay(s.ctx, other.Browser)
	s.must(err)
	// An order that was placed with somebody's address, joined her account, and then got the address of a thief, tells
	// the thief nothing (V6.3.7).
	turned := s.began(s.goods("Cup", 2400, 5), 1)
	s.says(turned.Order, payment.StatusPaid)
	s.work()
	ada := access.Shopper(id.New(s.Clock.Now(), nil), netip.Addr{})
	s.must(s.orders.Attach(s.ctx, ada.ID, vault.Typed(plantedEmail)))
	if list, err := s.orders.Own(s.ctx, ada, order.Place{}); err != nil || len(list.Orders) != 1 {
		t.Fatalf("the order did not join the account: %v", err)
	}
	s.must(s.orders.CorrectEmail(s.ctx, turned.Browser, "thief@mail.example"))
	s.says(placed.Order, payment.StatusPaid)
	s.says(other.Order, payment.StatusPaid)
	s.work()
	if list, err := s.orders.Own(s.ctx, ada, order.Place{}); err != nil || len(list.Orders) != 0 {
		t.Errorf("an order whose address was corrected stays in the account: %v", err)
	}
	for _, m := range s.box.sent {
		mine := m.To == plantedEmail
		if has := strings.Contains(m.Text, "Your own words: blue heron"); has != mine {
			t.Errorf("%s to %s has the words: %v, want %v", m.Kind, m.To, has, mine)
		}
		if mine && (!strings.Contains(m.HTML, "blue heron &lt;b&gt;&amp;") || strings.Index(m.HTML, "blue heron") > strings.Index(m.HTML, "<h1>")) {
			t.Error("the words do not stand on top of the HTML")
		}
	}
}

// deliveryReport is a report as servers write it (RFC 3464).
func deliveryReport(action, status, to string) string {
	return strings.ReplaceAll(fmt.Sprintf(`From: MAILER-DAEMON@mx.example
To: <bounces@shop.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I'm sorry.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sun, 22 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; %s
Action: %s
Status: %s
Diagnostic-Code: smtp; 550 5.1.1 <%s> unknown

--b1
Content-Type: message/rfc822

Subject: Your order

--b1--
`, to, action, status, to), "\n", "\r\n")
}
