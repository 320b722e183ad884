package order

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strongroom/base/fault"
	"strongroom/base/id"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Fourteen days from the day after delivery, to the end of the last day in the store's zone, and on to Monday.
func TestWithdrawUntil(t *testing.T) {
	z := berlin(t)
	for delivered, want := range map[string]string{
		"2026-11-02 09:00": "2026-11-16 23:59", // a Monday
		"2026-11-06 23:59": "2026-11-20 23:59", // a Friday, late in the evening
		"2026-11-07 00:01": "2026-11-23 23:59", // a Saturday: the period would end on a Saturday
		"2026-11-08 12:00": "2026-11-23 23:59", // a Sunday
		"2026-03-20 12:00": "2026-04-03 23:59", // over the change of the clocks
		"2028-02-15 12:00": "2028-02-29 23:59", // a leap day
	} {
		d, err := time.ParseInLocation("2006-01-02 15:04", delivered, z)
		if err != nil {
			t.Fatal(err)
		}
		if got := WithdrawUntil(d.UTC(), 14, z).Format("2006-01-02 15:04"); got != want {
			t.Errorf("delivered %s: until %s, want %s", delivered, got, want)
		}
	}
	if !WithdrawUntil(time.Time{}, 14, z).IsZero() {
		t.Error("a period runs before delivery")
	}
	// Late on the 6th in UTC is the 7th in Berlin.
	if got := WithdrawUntil(time.Date(2026, 11, 5, 23, 30, 0, 0, time.UTC), 14, z).Format(time.DateOnly); got != "2026-11-20" {
		t.Errorf("the day is not the store's: %s", got)
	}
}

func TestLinkUntil(t *testing.T) {
	z := berlin(t)
	placed := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		o    Order
		want string
	}{
		"open":             {Order{PlacedAt: placed}, "2027-12-07"},
		"delivered":        {Order{PlacedAt: placed, Delivered: placed}, "2026-12-02"},
		"closed":           {Order{PlacedAt: placed, ClosedAt: placed}, "2026-12-02"},
		"delivered late":   {Order{PlacedAt: placed, Delivered: placed.AddDate(3, 0, 0)}, "2027-12-07"},
		"long returns":     {Order{PlacedAt: placed, Delivered: placed.AddDate(0, 0, 1)}, "2026-12-03"},
		"closed very late": {Order{PlacedAt: placed, ClosedAt: placed.AddDate(5, 0, 0)}, "2027-12-07"},
	} {
		if got := LinkUntil(c.o, 14, 30, z).Format(time.DateOnly); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// The table holds no dead ends and no ways back to unpaid from paid.
func TestMovesOfTheTable(t *testing.T) {
	for m, reasons := range moves {
		if len(reasons) == 0 || m.to.String() == "" {
			t.Errorf("%v has no reason or no name", m)
		}
		if m.from.Settled() && m.to.Open() {
			t.Errorf("a paid order becomes %s", m.to)
		}
		if m.to == Paid && m.from == Cancelled {
			t.Error("a cancelled order becomes paid")
		}
	}
	if allowed(AwaitingPayment, Paid, BecauseLate) || allowed(Refunded, Paid, BecausePaid) || !allowed(Expired, Paid, BecauseLate) {
		t.Error("the table allows what it must not, or the other way round")
	}
	for _, s := range []State{AwaitingPayment, PaymentPending, Paid, Expired, Cancelled, PartlyRefunded, Refunded} {
		if got, ok := ParseState(s.String()); !ok || got != s {
			t.Errorf("%s is read as %v", s, got)
		}
	}
}

// The numbers are the payment firms' published test numbers (V14.2: card data never arrives).
func TestCardNumbers(t *testing.T) {
	for text, want := range map[string]bool{
		"4111111111111111": true, "my card 4111 1111 1111 1111 thanks": true, "5555-5555-5555-4444": true,
		"378282246310005": true, "3782 822463 10005": true, "6011.1111.1111.1117": true, "30569309025904": true,
		"４１１１１１１１１１１１１１１１": true, "04111111111111111": true, "4111\n1111\n1111\n1111": true,
		"4111111111111112": false, "0000000000000000": false, "+49 341 123456": false, "": false, "ISBN 978-3-16-148410-0": false,
		"order K7Q2-M9XD of 2 November 2026": false, "12345678901234567890123": false,
	} {
		if got := HasCardNumber(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if got := MaskCards("card 4111 1111 1111 1111, flat 12"); got != "card **** **** **** 1111, flat 12" {
		t.Errorf("masked as %q", got)
	}
}

// Whatever the text, a masked one holds no card number and nothing but digits changes.
func FuzzMaskCards(f *testing.F) {
	for _, s := range []string{"4111 1111 1111 1111", "x", "４１１１１１１１１１１１１１１１", "41111111111111114111111111111111", "\xff4111111111111111"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := MaskCards(s)
		if HasCardNumber(m) {
			t.Fatalf("%q is masked as %q", s, m)
		}
	})
}

// A form that the store did not sign is refused, whatever it is, and what it signed comes back the same.
func FuzzUnpack(f *testing.F) {
	mac := func(label string, data []byte) []byte { return append([]byte(label), byte(len(data))) }
	f.Add(shown{Attempt: []byte{1}, Total: 5}.pack(mac))
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := unpack(s, mac)
		if err != nil && !fault.Is(err, fault.Conflict) {
			t.Fatalf("%v", err)
		}
		if again, err2 := unpack(got.pack(mac), mac); err == nil && (err2 != nil || string(again.bytes()) != string(got.bytes())) {
			t.Fatal("what was read is not what is written")
		}
	})
}

// Two contents without differences are the same for the shopper, and every difference is symmetric.
func TestDifferences(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		gen := func(label string) shown {
			s := shown{Total: 100, Shipping: 5}
			for i := range rapid.IntRange(0, 4).Draw(r, label) {
				s.Lines = append(s.Lines, shownLine{Variant: id.ID{1, byte(i)}, Quantity: rapid.Int64Range(1, 3).Draw(r, "q"), Unit: 7})
			}
			return s
		}
		a, b := gen("a"), gen("b")
		if len(differences(a, a, nil)) != 0 {
			r.Fatal("something differs from itself")
		}
		if len(differences(a, b, nil)) != len(differences(b, a, nil)) {
			r.Fatal("a difference has one direction")
		}
		if string(a.bytes()) == string(b.bytes()) != (len(differences(a, b, nil)) == 0) {
			r.Fatal("a difference is not shown")
		}
	})
}

func TestEmailAddresses(t *testing.T) {
	for in, want := range map[string]string{
		" Anna@Example.DE ": "Anna@example.de", "a.b+c@mail.example": "a.b+c@mail.example", "anna@bücher.example": "anna@xn--bcher-kva.example",
		"": "", "anna": "", "anna@": "", "@example.de": "", "a b@example.de": "", "anna@localhost": "", "anna@example..de": "",
		"a@b.example\r\nBcc: c@d.example": "", "\"a b\"@example.de": "", "<anna@example.de>": "", "änna@example.de": "",
		strings.Repeat("a", 65) + "@example.de": "", "a@" + strings.Repeat("b.", 130) + "de": "", "anna@exa_mple.de": "",
		"a@b@example.de": "", "anna@[127.0.0.1]": "", "anna@example.de.": "anna@example.de",
	} {
		got, key, _ := cleanEmail(in)
		if key != "" {
			got = ""
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}

func TestPhones(t *testing.T) {
	for in, want := range map[string]string{"+49 (341) 123-4567": "+493411234567", "(0341) 12 34 56": "0341123456", "": "",
		"(+49) 341 123456": "+49341123456", "12345": "?", "call me": "?", "+1234567890123456": "?", "0341+123456": "?"} {
		got, key, _ := cleanPhone(in)
		if key != "" {
			got = "?"
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}

// Notes keep their lines and lose what could disturb a mail or a page.
func TestNotes(t *testing.T) {
	got, key, _ := cleanNote(" ring\r\n\r\n\r\n\r\ntwice\x00\u202e \n")
	if got != "ring\n\ntwice" || key != "" {
		t.Errorf("%q, %s", got, key)
	}
	if _, key, _ := cleanNote(strings.Repeat("ä", 501)); key != "order.note_long" {
		t.Errorf("501 characters: %s", key)
	}
}
