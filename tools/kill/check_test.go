package kill

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"strongroom/base/db"
)

// count asks the store's own database for a number.
func (m *market) count(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	if m.d == nil {
		d, err := db.Open(context.Background(), db.Options{DSN: m.rig.Data, Readers: 1})
		if err != nil {
			t.Fatal(err)
		}
		m.d = d
		t.Cleanup(func() { _ = d.Close() })
	}
	err := m.d.Read(context.Background(), func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (m *market) check(t *testing.T) {
	t.Helper()
	m.checkMoney(t)
	m.checkStock(t)
	m.checkReadable(t)
	m.checkMail(t)
}

// checkMoney holds every session of the provider against the store's orders.
func (m *market) checkMoney(t *testing.T) {
	paid := map[string]int64{}
	times := map[string]int{}
	for _, w := range m.rig.Sandbox.Witness() {
		if kept := w.Captured - w.Refunded; kept > 0 {
			paid[w.Order] += kept
			times[w.Order]++
		}
	}
	if len(paid) < 10 {
		t.Errorf("only %d orders were paid: the test shows little", len(paid))
	}
	for number, amount := range paid {
		if times[number] > 1 {
			t.Errorf("order %s was paid %d times", number, times[number])
		}
		if n := m.count(t, `SELECT COUNT(*) FROM order_head WHERE number = $1 AND state = 3 AND total = $2`, number, amount); n != 1 {
			t.Errorf("order %s was paid with %d at the provider and stands otherwise in the store", number, amount)
		}
	}
	if n := m.count(t, `SELECT COUNT(*) FROM order_head WHERE state = 3`); n != int64(len(paid)) {
		t.Errorf("%d orders are paid in the store and %d at the provider", n, len(paid))
	}
	for _, number := range m.paid {
		if paid[number] == 0 {
			t.Errorf("somebody was told that %s is paid, and it is not", number)
		}
	}
	if n := m.count(t, `SELECT COALESCE(SUM(amount), 0) FROM payment_entry`); n != 0 {
		t.Errorf("the ledger sums to %d", n)
	}
	if n := m.count(t, `SELECT COUNT(*) FROM (SELECT ledger_id FROM payment_entry GROUP BY ledger_id HAVING SUM(amount) <> 0) AS b`); n != 0 {
		t.Errorf("%d movements of the ledger do not balance", n)
	}
	m.checkAccount(t)
}

// checkAccount has the store compare itself with the provider's own account, while nobody has asked for it in between:
// whatever was killed where, nothing may differ, and the ledger must agree with fees and all.
func (m *market) checkAccount(t *testing.T) {
	if out, err := m.rig.Command("payment", "reconcile", "--json"); err != nil {
		t.Errorf("provider and store do not agree: %v\n%s", err, out)
	}
	if out, err := m.rig.Command("payment", "ledger", "--json"); err != nil {
		t.Errorf("the ledger does not agree: %v\n%s", err, out)
	}
}

// checkStock: what left is what was sold, what is reserved is what is still open.
func (m *market) checkStock(t *testing.T) {
	sold := m.count(t, `SELECT COALESCE(SUM(l.quantity), 0) FROM order_line l JOIN order_head h ON h.id = l.order_id WHERE h.state = 3`)
	open := m.count(t, `SELECT COALESCE(SUM(l.quantity), 0) FROM order_line l JOIN order_head h ON h.id = l.order_id WHERE h.state IN (1, 2)`)
	left := m.count(t, `SELECT SUM(on_hand) FROM stock_level`)
	reserved := m.count(t, `SELECT SUM(reserved) FROM stock_level`)
	if left != 2*pieces-sold || reserved != open {
		t.Errorf("%d of %d are left after %d were sold; %d reserved for %d in open orders", left, 2*pieces, sold, reserved, open)
	}
}

// checkReadable reveals every order: no field may have lost its key.
func (m *market) checkReadable(t *testing.T) {
	var list []struct {
		Number string `json:"number"`
	}
	numbers := map[string]bool{}
	out := m.rig.MustCommand("order", "list", "--json", "--limit", "100")
	for line := range strings.Lines(out) {
		var one struct {
			Number string `json:"number"`
		}
		if json.Unmarshal([]byte(line), &one) == nil && one.Number != "" {
			numbers[one.Number] = true
		}
	}
	_ = json.Unmarshal([]byte(out), &list)
	for _, l := range list {
		numbers[l.Number] = true
	}
	if len(numbers) < 10 {
		t.Fatalf("the list shows %d orders:\n%s", len(numbers), out)
	}
	i := 0
	for number := range numbers {
		shown := m.rig.MustCommand("order", "show", number, "--reveal", "--reason", "kill test")
		if !strings.Contains(shown, "Ada Löwenherz") || !strings.Contains(shown, "@buyers.example") {
			t.Errorf("order %s cannot be read:\n%s", number, shown)
		}
		if i++; i == 15 {
			return
		}
	}
}

// checkMail: no job is lost among the dead letters, and each paid order's confirmation went out.
func (m *market) checkMail(t *testing.T) {
	if n := m.count(t, `SELECT COUNT(*) FROM job_queue WHERE state = 'dead'`); n != 0 {
		t.Errorf("%d jobs failed for good\n%s", n, m.rig.Log.Tail())
	}
}
