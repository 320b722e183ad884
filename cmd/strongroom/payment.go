package main

import (
	"context"
	"errors"
	"time"

	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/lang"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

type paymentCommand struct {
	Reconcile   paymentReconcileCommand   `cmd:"" help:"Compare the providers' accounts with payments, ledger and orders."`
	Differences paymentDifferencesCommand `cmd:"" help:"List what differs and waits for a person."`
	Accept      paymentAcceptCommand      `cmd:"" help:"Say why a difference is all right."`
	Disputes    paymentDisputesCommand    `cmd:"" help:"List disputes and their deadlines."`
	Capture     paymentCaptureCommand     `cmd:"" help:"Take the reserved sum of an order, or a part of it."`
	Release     paymentReleaseCommand     `cmd:"" help:"Let the reserved sum of an order go."`
	Ledger      paymentLedgerCommand      `cmd:"" help:"Sum the ledger and check that it agrees with the payments."`
}

type paymentReconcileCommand struct {
	configFlag
	Provider string        `placeholder:"NAME" help:"Only this provider."`
	From     time.Time     `format:"2006-01-02" placeholder:"DAY" help:"From this day on (2026-11-22); without it from two days before the last comparison."`
	To       time.Time     `format:"2006-01-02" placeholder:"DAY" help:"Up to and including this day; without it up to now."`
	Wait     time.Duration `default:"10m" placeholder:"TIME" help:"How long to wait for a comparison that is under way already (${default}); 0s: not at all."`
	JSON     bool          `help:"Print one line of JSON for each provider."`
}

// Help is shown by --help.
func (paymentReconcileCommand) Help() string {
	return "Exit code 1 says that something differs.\n\nExamples:\n  strongroom payment reconcile\n  strongroom payment reconcile --from 2026-11-01 --to 2026-11-21\n  strongroom payment reconcile --json | jq .open"
}

// reconcileReport is a comparison as --json prints it: amounts in minor units.
type reconcileReport struct {
	Provider  string             `json:"provider"`
	Account   string             `json:"account"`
	From      payment.Day        `json:"from"`
	To        payment.Day        `json:"to"`
	Resumed   bool               `json:"resumed"`
	Movements int64              `json:"movements"`
	Asked     int64              `json:"asked"`
	Compared  int64              `json:"compared"`
	Days      []dayReport        `json:"days"`
	Open      []differenceReport `json:"open"`
}

type dayReport struct {
	Day            payment.Day    `json:"day"`
	Currency       money.Currency `json:"currency"`
	Lines          int64          `json:"lines"`
	Paid           money.Amount   `json:"paid"`
	Refunded       money.Amount   `json:"refunded"`
	Fees           money.Amount   `json:"fees"`
	PaidOut        money.Amount   `json:"paid_out"`
	Disputes       money.Amount   `json:"disputes"`
	Other          money.Amount   `json:"other"`
	LedgerPaid     money.Amount   `json:"ledger_paid"`
	LedgerRefunded money.Amount   `json:"ledger_refunded"`
}

type differenceReport struct {
	ID       string         `json:"id"`
	Provider string         `json:"provider"`
	Kind     payment.Kind   `json:"kind"`
	Day      payment.Day    `json:"day"`
	Order    string         `json:"order,omitempty"`
	Subject  string         `json:"subject"`
	Ours     money.Amount   `json:"ours"`
	Theirs   money.Amount   `json:"theirs"`
	Currency money.Currency `json:"currency"`
	Found    time.Time      `json:"found"`
	What     string         `json:"what"`
	Do       string         `json:"do"`
}

func differenceOf(p *lang.Printer, d payment.Difference) differenceReport {
	return differenceReport{ID: d.ID.String(), Provider: d.Provider, Kind: d.Kind, Day: d.Day, Order: d.Number, Subject: d.Subject, Ours: d.Ours,
		Theirs: d.Theirs, Currency: d.Currency, Found: d.Found, What: p.T("payment.diff." + string(d.Kind)), Do: p.T("payment.diff." + string(d.Kind) + "_do")}
}

// span is what the flags ask for; the zero span is what is due.
func (c paymentReconcileCommand) span(now time.Time, zone *time.Location) (payment.Span, error) {
	if c.From.IsZero() && c.To.IsZero() {
		return payment.Span{}, nil
	}
	s := payment.Span{From: payment.DayOf(c.From, time.UTC), To: payment.DayOf(now, zone)}
	if !c.To.IsZero() {
		s.To = payment.DayOf(c.To, time.UTC)
	}
	if c.From.IsZero() || s.To < s.From {
		return s, usageError{errors.New("--from must be a day before --to")}
	}
	return s, nil
}

// Run compares.
func (c paymentReconcileCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	span, err := c.span(s.Data.Clock().Now(), s.Shop().TimeZone)
	if err != nil {
		return err
	}
	names := []string{c.Provider}
	if c.Provider == "" {
		if names, err = s.Payment.Compared(ctx); err != nil {
			return err
		}
	}
	limit, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	p, open := s.Texts.For("en"), 0
	for _, name := range names {
		list, err := c.inTurn(ctx, limit, t, s.Payment, name, span)
		if err != nil {
			return err
		}
		for _, r := range list {
			open += len(r.Open)
			if !c.JSON {
				printReconciled(t, p, r)
			} else if err := t.json(reconciledReport(p, r)); err != nil {
				return err
			}
		}
	}
	if open > 0 {
		return quiet{exitFailed}
	}
	return nil
}

// inTurn compares with one provider, after whoever is at it already: the store itself, which does so every night, or a
// process that was killed and whose comparison is gone on with. The answer is as of now either way.
func (c paymentReconcileCommand) inTurn(ctx, limit context.Context, t *terminal, s *payment.Service, name string, span payment.Span) ([]payment.Reconciled, error) {
	for told := false; ; told = true {
		list, err := s.Reconcile(ctx, access.Console(), name, span)
		if !fault.Is(err, fault.Conflict) || limit.Err() != nil {
			return list, err
		}
		if !told {
			t.step("A comparison with " + name + " is under way already. This one begins when that has ended.")
		}
		if s.AwaitReconcile(limit, name) != nil {
			return nil, err
		}
	}
}

func reconciledReport(p *lang.Printer, r payment.Reconciled) reconcileReport {
	out := reconcileReport{Provider: r.Provider, Account: r.Account, From: r.Span.From, To: r.Span.To, Resumed: r.Resumed, Movements: r.Movements, Asked: r.Asked,
		Compared: r.Compared, Days: []dayReport{}, Open: []differenceReport{}}
	for _, d := range r.Days {
		out.Days = append(out.Days, dayReport(d))
	}
	for _, d := range r.Open {
		out.Open = append(out.Open, differenceOf(p, d))
	}
	return out
}

func printReconciled(t *terminal, p *lang.Printer, r payment.Reconciled) {
	t.printf("%s  %s to %s: %d new lines in the provider's account, %d payments compared, %d asked about\n",
		t.paint(t.out, "1", r.Provider), r.Span.From, r.Span.To, r.Movements, r.Compared, r.Asked)
	for _, d := range r.Days {
		t.printf("  %s  paid %12s  refunded %10s  fees %10s  paid out %12s", d.Day, p.Money(d.Paid, d.Currency), p.Money(d.Refunded, d.Currency),
			p.Money(d.Fees, d.Currency), p.Money(d.PaidOut, d.Currency))
		if d.Disputes != 0 {
			t.printf("  disputes %s", p.Money(d.Disputes, d.Currency))
		}
		if d.LedgerPaid != d.Paid || d.LedgerRefunded != d.Refunded {
			t.printf("  (in the ledger: paid %s, refunded %s)", p.Money(d.LedgerPaid, d.Currency), p.Money(d.LedgerRefunded, d.Currency))
		}
		t.printf("\n")
	}
	if len(r.Open) == 0 {
		t.printf("  %s\n", t.paint(t.out, "32", "Nothing differs."))
	}
	for _, d := range r.Open {
		printDifference(t, p, d)
	}
}

func printDifference(t *terminal, p *lang.Printer, d payment.Difference) {
	about := d.Number
	if about == "" {
		about = d.Subject
	}
	t.printf("  %s  %s  %s\n      %s here, %s there. %s\n      %s\n", t.paint(t.out, "33", d.Day.String()), about, p.T("payment.diff."+string(d.Kind)),
		p.Money(d.Ours, d.Currency), p.Money(d.Theirs, d.Currency), p.T("payment.diff."+string(d.Kind)+"_do"), t.paint(t.out, "2", d.ID.String()))
}

type paymentDifferencesCommand struct {
	configFlag
	State string `default:"open" enum:"open,settled,accepted" help:"open, settled or accepted (${default})."`
	JSON  bool   `help:"Print one line of JSON for each."`
}

// Help is shown by --help.
func (paymentDifferencesCommand) Help() string {
	return "Examples:\n  strongroom payment differences\n  strongroom payment differences --state accepted --json"
}

// Run lists differences.
func (c paymentDifferencesCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	p, n := s.Texts.For("en"), 0
	for after := (id.ID{}); ; {
		list, err := s.Payment.Differences(ctx, access.Console(), c.State, after)
		if err != nil {
			return err
		}
		for _, d := range list {
			n++
			if !c.JSON {
				printDifference(t, p, d)
			} else if err := t.json(differenceOf(p, d)); err != nil {
				return err
			}
		}
		if len(list) == 0 {
			break
		}
		after = list[len(list)-1].ID
	}
	if n == 0 && !c.JSON {
		t.printf("No difference is %s.\n", c.State)
	}
	return nil
}

type paymentAcceptCommand struct {
	configFlag
	ID   string `arg:"" help:"Which difference, as \"payment differences\" lists them."`
	Why  string `required:"" placeholder:"WORD" help:"provider_explained, booked_elsewhere, made_by_us, trial or other."`
	Note string `placeholder:"TEXT" help:"In your words; sealed in the audit log. Needed with --why other."`
}

// Help is shown by --help.
func (paymentAcceptCommand) Help() string {
	return "Examples:\n  strongroom payment accept 0197f0c2a1b27c3d8e4f5a6b7c8d9e0f --why provider_explained --note \"reserve, released in May\""
}

// Run accepts one difference.
func (c paymentAcceptCommand) Run(ctx context.Context, t *terminal) error {
	v, err := id.Parse(c.ID)
	if err != nil {
		return usageError{errors.New("no id: " + c.ID)}
	}
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Payment.AcceptDifference(ctx, access.Console(), v, c.Why, c.Note); err != nil {
		return err
	}
	t.printf("Accepted; the audit log has it with your reason.\n")
	return nil
}
