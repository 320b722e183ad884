package main

import (
	"context"
	"time"

	"strongroom/base/db"
	"strongroom/base/money"
	"strongroom/guard/access"
	"strongroom/shop/payment"
)

type paymentDisputesCommand struct {
	configFlag
	JSON bool `help:"Print one line of JSON for each."`
}

// Help is shown by --help.
func (paymentDisputesCommand) Help() string { return "Examples:\n  strongroom payment disputes --json" }

type disputeReport struct {
	ID       string         `json:"id"`
	Provider string         `json:"provider"`
	Ref      string         `json:"ref"`
	Order    string         `json:"order,omitempty"`
	State    string         `json:"state"`
	Reason   string         `json:"reason"`
	Amount   money.Amount   `json:"amount"`
	Taken    money.Amount   `json:"taken"`
	Currency money.Currency `json:"currency"`
	Opened   time.Time      `json:"opened"`
	Due      *time.Time     `json:"due,omitempty"`
}

// Run lists disputes, the most urgent first.
func (c paymentDisputesCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	open, past, err := s.Payment.Disputes(ctx, access.Console())
	if err != nil {
		return err
	}
	p, zone := s.Texts.For("en"), s.Shop().TimeZone
	for _, d := range append(open, past...) {
		if !c.JSON {
			due := "no answer is due"
			if !d.Due.IsZero() {
				due = "answer by " + d.Due.In(zone).Format("2006-01-02 15:04")
			}
			t.printf("%s  %-10s  %-9s  %12s  %s  %s\n", d.ID, d.Number, d.State, p.Money(d.Amount, d.Currency), d.Opened.In(zone).Format("2006-01-02"), due)
			continue
		}
		if err := t.json(disputeOf(d)); err != nil {
			return err
		}
	}
	if len(open)+len(past) == 0 && !c.JSON {
		t.printf("No dispute.\n")
	}
	return nil
}

func disputeOf(d payment.Dispute) disputeReport {
	r := disputeReport{ID: d.ID.String(), Provider: d.Provider, Ref: d.Ref, Order: d.Number, State: string(d.State), Reason: d.Reason, Amount: d.Amount,
		Taken: d.Taken, Currency: d.Currency, Opened: d.Opened}
	if !d.Due.IsZero() {
		r.Due = &d.Due
	}
	return r
}

type paymentLedgerCommand struct {
	configFlag
	JSON bool `help:"Print one line of JSON."`
}

// Help is shown by --help.
func (paymentLedgerCommand) Help() string {
	return "Exit code 1 says that the ledger does not agree.\n\nExamples:\n  strongroom payment ledger"
}

type ledgerReport struct {
	OK         bool              `json:"ok"`
	Movements  int64             `json:"movements"`
	Entries    int64             `json:"entries"`
	Unbalanced []string          `json:"unbalanced"`
	Accounts   []accountReport   `json:"accounts"`
	Providers  []providerBalance `json:"providers"`
}

type accountReport struct {
	Account  string         `json:"account"`
	Currency money.Currency `json:"currency"`
	Amount   money.Amount   `json:"amount"`
}

type providerBalance struct {
	Provider string         `json:"provider"`
	Currency money.Currency `json:"currency"`
	Ledger   money.Amount   `json:"ledger"`
	Expected money.Amount   `json:"expected"`
}

// Run sums the ledger.
func (c paymentLedgerCommand) Run(ctx context.Context, t *terminal) error {
	s, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Payment.Ledger(db.Patient(ctx), access.Console())
	if err != nil {
		return err
	}
	out := ledgerReport{OK: r.OK(), Movements: r.Movements, Entries: r.Entries, Unbalanced: append([]string{}, r.Unbalanced...)}
	p := s.Texts.For("en")
	for _, b := range r.Balances {
		out.Accounts = append(out.Accounts, accountReport{b.Account, b.Currency, b.Amount})
		if !c.JSON {
			t.printf("%-24s %16s\n", b.Account, p.Money(b.Amount, b.Currency))
		}
	}
	for _, x := range r.Clearing {
		out.Providers = append(out.Providers, providerBalance{x.Provider, x.Currency, x.Ledger, x.Payments + x.Moved})
	}
	if c.JSON {
		err = t.json(out)
	} else if out.OK {
		t.printf("%s\n", t.paint(t.out, "32", "Everything sums to zero and agrees with the payments."))
	} else {
		t.printf("%s\n", t.paint(t.out, "31", "The ledger does not agree: see --json."))
	}
	if err == nil && !out.OK {
		err = quiet{exitFailed}
	}
	return err
}
