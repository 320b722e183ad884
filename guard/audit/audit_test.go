package audit_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"))
}

var (
	ctx    = context.Background()
	origin = netip.MustParseAddr("203.0.113.77")
	look   = vault.Look{Actor: access.System("test"), Purpose: vault.Security}
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newLog(t testing.TB, p dbtest.Pair) (*audit.Log, *vault.Vault) {
	t.Helper()
	v := vaulttest.New(t, p)
	l := audit.New(audit.Deps{DB: p.Data, Vault: v})
	t.Cleanup(func() { _ = l.Close() })
	return l, v
}

func newID() id.ID { return id.New(time.Unix(1, 0), nil) }

func list(t testing.TB, l *audit.Log, f audit.Filter) []audit.Row {
	t.Helper()
	p, err := l.List(ctx, f)
	must(t, err)
	return p.Rows
}

func entry(action string) audit.Entry {
	return audit.Entry{Actor: access.Guest(newID(), origin), Action: action, Object: "order", ObjectID: newID(), Person: newID(),
		Reason: "placed", Outcome: audit.Done, Facts: []audit.Fact{{Key: "total", Int: -5, Text: "eur"}}}
}

// V16.2.1, V16.3.3: the entry stands with its act or falls with it, and says who, what, when and how it ended.
func TestRecordStandsAndFallsWithTheAct_V16_2_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, v := newLog(t, p)
		e, boom := entry("order.place"), errors.New("boom")
		if err := p.Data.Write(ctx, func(tx *db.Tx) error { must(t, l.Record(tx, e)); return boom }); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if n := len(list(t, l, audit.Filter{})); n != 0 {
			t.Fatal("the entry of an act that was undone stands")
		}
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, e) }))
		r := list(t, l, audit.Filter{})[0]
		if r.Action != e.Action || r.Object != e.Object || r.ObjectID != e.ObjectID || r.Person != e.Person || r.Word != "placed" ||
			r.Outcome != audit.Done || r.Actor.ID != e.Actor.ID || r.Actor.Kind != access.KindGuest || len(r.Facts) != 1 || r.Facts[0] != e.Facts[0] ||
			!r.At.Equal(p.Clock.Now()) || r.Placed {
			t.Errorf("got %+v", r)
		}
		if r.Actor.Origin.IsValid() || strings.Contains(fmt.Sprintf("%+v %#v", r, r), "203.0") {
			t.Error("the row shows the origin")
		}
		out, err := v.Reveal(ctx, look, r.Origin, r.Reason)
		must(t, err)
		if out[0] != "203.0.113.77" || out[1] != "" {
			t.Errorf("revealed %q", out)
		}
	})
}

// V16.2.5: origins and sentences that people typed stand in no file, and are lost for good when the key's time is over,
// while the entries can still be verified.
func TestOriginsAreSealedAndEndWithTheirKey_V16_2_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, v := newLog(t, p)
		e := entry("order.cancel")
		e.Reason = "Ada Lovelace called"
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, e) }))
		if p.Engine == db.SQLite {
			for _, suffix := range []string{"", "-wal"} {
				b, err := os.ReadFile(p.Data.Path() + suffix)
				must(t, err)
				if strings.Contains(string(b), "203.0.113") || strings.Contains(string(b), "Lovelace") {
					t.Fatalf("the file%s shows an origin or a reason", suffix)
				}
			}
		}
		month := 31 * 24 * time.Hour
		must(t, v.FreshLogKey(ctx, month)) // too early: nothing happens
		p.Clock.Advance(month)
		must(t, v.FreshLogKey(ctx, month))
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, e) }))
		must(t, v.DropLogKeys(ctx, p.Clock.Now())) // the first key was followed just now, not before
		rows := list(t, l, audit.Filter{})
		for _, r := range rows {
			out, err := v.Reveal(ctx, look, r.Origin, r.Reason)
			must(t, err)
			if out[0] != "203.0.113.77" || out[1] != "Ada Lovelace called" {
				t.Errorf("revealed %q", out)
			}
		}
		must(t, v.DropLogKeys(ctx, p.Clock.Advance(time.Hour)))
		rows = list(t, l, audit.Filter{}) // which checks every leaf
		if _, err := v.Reveal(ctx, look, rows[0].Origin); !vault.Erased(err) {
			t.Errorf("the origin outlived its key: %v", err)
		}
		_, err := v.Reveal(ctx, look, rows[1].Origin)
		must(t, err)
	})
}

func TestSealedPartsBelongToTheirEntry(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	_, v := newLog(t, p)
	f := vault.Field{Number: 10, Purpose: vault.Security}
	a, b := newID(), newID()
	sealed, err := v.SealLog(f, a, "203.0.113.77")
	must(t, err)
	other := f
	other.Number = 11
	for what, x := range map[string]vault.Personal{"entry": v.SealedLog(f, b, sealed), "field": v.SealedLog(other, a, sealed)} {
		if _, err := v.Reveal(ctx, look, x); err == nil {
			t.Errorf("opened in another %s", what)
		}
	}
}

func TestEntriesThatAreNoEntries(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	l, _ := newLog(t, p)
	for name, change := range map[string]func(*audit.Entry){
		"no actor":   func(e *audit.Entry) { e.Actor = access.Actor{} },
		"no outcome": func(e *audit.Entry) { e.Outcome = 0 },
		"no action":  func(e *audit.Entry) { e.Action = "" },
		"sentence":   func(e *audit.Entry) { e.Action = "Ada bought something" },
		"object":     func(e *audit.Entry) { e.Object = "ada@example.com" },
		"fact":       func(e *audit.Entry) { e.Facts[0].Key = "Ada L" },
		"long fact":  func(e *audit.Entry) { e.Facts[0].Text = strings.Repeat("x", 201) },
		"facts":      func(e *audit.Entry) { e.Facts = make([]audit.Fact, 33) },
		"reason":     func(e *audit.Entry) { e.Reason = strings.Repeat("x", 1001) },
	} {
		e := entry("order.place")
		change(&e)
		if err := p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, e) }); err == nil {
			t.Errorf("%s: recorded", name)
		}
	}
}

// V16.3.2: a refusal survives the rollback of what was refused, and a flood of them costs few rows.
func TestRefusalsSurviveAndFloodsAreCounted_V16_3_2(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		e := entry("order.open")
		e.Outcome = 0
		_ = p.Data.Write(ctx, func(*db.Tx) error { return errors.New("refused") })
		gone, cancel := context.WithCancel(ctx)
		cancel() // the asker hung up: the refusal is written all the same
		for range 500 {
			l.Refuse(gone, e)
		}
		other := e
		other.Actor = access.Guest(id.ID{}, netip.MustParseAddr("2001:db8::1"))
		l.Refuse(ctx, other)
		rows := list(t, l, audit.Filter{Outcome: audit.Refused})
		if len(rows) != 6 {
			t.Fatalf("%d rows, want 5 and 1", len(rows))
		}
		must(t, l.Flush(ctx))
		if n := len(list(t, l, audit.Filter{Object: "flood"})); n != 0 {
			t.Fatal("counted before the minute was over")
		}
		p.Clock.Advance(time.Minute)
		must(t, l.Flush(ctx))
		rows = list(t, l, audit.Filter{Object: "flood"})
		if len(rows) != 1 || rows[0].Facts[0].Int != 500 || rows[0].Actor.ID != e.Actor.ID || rows[0].Action != "order.open" {
			t.Fatalf("got %+v", rows)
		}
		must(t, l.Flush(ctx))
		if n := len(list(t, l, audit.Filter{Object: "flood"})); n != 1 {
			t.Error("counted twice")
		}
	})
}

// However many actors there are, refusals write a bounded number of rows in a minute, and none of them is forgotten.
func TestFloodOfManyActors(t *testing.T) {
	p := dbtest.Open(t, db.SQLite)
	l, _ := newLog(t, p)
	for range 2000 {
		l.Refuse(ctx, entry("order.open"))
	}
	must(t, l.Close())
	var rows, told int64
	must(t, p.Data.Read(ctx, func(tx *db.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM audit_entry").Scan(&rows) }))
	if rows > 601 {
		t.Errorf("%d rows", rows)
	}
	for _, r := range list(t, l, audit.Filter{Object: "flood"}) {
		told += r.Facts[0].Int
	}
	if told+rows-1 != 2000 {
		t.Errorf("%d of 2000 refusals are in the log", told+rows-1)
	}
}

// V14.2.4: a look by staff is an entry, with the fields' names and never their values.
func TestLooksAreEntries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, v := newLog(t, p)
		s, err := v.NewSubject(ctx, vault.Fulfilment)
		must(t, err)
		f, row := vault.Field{Number: 100, Purpose: vault.Fulfilment, Mask: vault.MaskEmail}, newID()
		b, err := v.Seal(ctx, f, s, row, vault.Typed("ada@example.com"))
		must(t, err)
		_, err = v.Reveal(ctx, vault.Look{Actor: access.Console(), Purpose: vault.Fulfilment, Reason: "order_show", Object: "order", ObjectID: row},
			v.Sealed(f, s, row, b))
		must(t, err)
		r := list(t, l, audit.Filter{Action: "vault.look"})[0]
		handle, err := v.AuditHandle(ctx, s)
		must(t, err)
		if r.Person != handle || r.ObjectID != row || r.Facts[1].Text != "order.email" || r.Facts[0].Text != "fulfilment" {
			t.Errorf("got %+v", r)
		}
		must(t, p.Data.Close()) // the log cannot be written: nothing is shown
		if out, err := v.Reveal(ctx, vault.Look{Actor: access.Console(), Purpose: vault.Fulfilment}, v.Sealed(f, s, row, b)); !fault.Is(err, fault.Unavailable) || out != nil {
			t.Errorf("shown without an entry: %v", err)
		}
	})
}

func TestListPagesAndFilters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		who, what := newID(), newID()
		for i := range 25 {
			e := entry("order.a")
			if i%5 == 0 {
				e.Actor, e.ObjectID, e.Action = access.Guest(who, origin), what, "order.b"
			}
			must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, e) }))
			if i%2 == 0 { // two entries share each moment
				p.Clock.Advance(time.Second)
			}
		}
		for _, newest := range []bool{false, true} {
			f, seen := audit.Filter{Limit: 4, OldestLast: newest}, map[id.ID]bool{}
			for {
				page, err := l.List(ctx, f)
				must(t, err)
				for i, r := range page.Rows {
					if seen[r.ID] || i > 0 && newest == r.At.After(page.Rows[i-1].At) && !r.At.Equal(page.Rows[i-1].At) {
						t.Fatal("a row came twice or out of order")
					}
					seen[r.ID] = true
				}
				if f.After = page.Next; !page.More {
					break
				}
			}
			if len(seen) != 25 {
				t.Fatalf("paged through %d of 25", len(seen))
			}
		}
		for name, f := range map[string]audit.Filter{"actor": {Actor: access.Guest(who, origin)}, "object": {Object: "order", ObjectID: what}, "action": {Action: "order.b"}} {
			if n := len(list(t, l, f)); n != 5 {
				t.Errorf("by %s: %d, want 5", name, n)
			}
		}
		if n := len(list(t, l, audit.Filter{From: dbtest.Start, To: dbtest.Start.Add(time.Second)})); n != 1 {
			t.Errorf("by time: %d, want 1", n)
		}
	})
}

// Attack row 42, as far as it goes without the tree: whoever changes a row without its hash is found.
func TestAnAlteredRowIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, entry("order.place")) }))
		body := list(t, l, audit.Filter{})[0].Encode()
		body[60] ^= 1
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("UPDATE audit_entry SET body = $1", body)
			return err
		}))
		if _, err := l.List(ctx, audit.Filter{}); fault.As(err) == nil || fault.As(err).Key != "audit.altered" {
			t.Fatalf("got %v", err)
		}
	})
}

// The bytes are permanent. The answer was computed from the description in the package comment by another program.
func TestCanonicalBytes(t *testing.T) {
	r := audit.Row{ID: id.ID{0: 1, 15: 1}, At: time.UnixMicro(1_700_000_000_000_001).UTC(),
		Actor:  access.Actor{Kind: access.KindProvider, Name: "sandbox", ID: id.ID{0: 2, 15: 2}},
		Action: "payment.paid", Object: "payment", ObjectID: id.ID{0: 3, 15: 3}, Person: id.ID{0: 4, 15: 4},
		Outcome: audit.Failed, Word: "late", Facts: []audit.Fact{{Key: "amount", Int: -2, Text: "eur"}, {Key: "x"}}}
	body := r.Encode()
	leaf := audit.Leaf(body)
	const wantBody, wantLeaf = "010100000000000000000000000000000100060a24181e4001060000000773616e64626f78020000000000000000000000000000020000000c7061796d656e742e70616964000000077061796d656e74030000000000000000000000000000030400000000000000000000000000000403000000046c61746500000000000000000000000200000006616d6f756e74fffffffffffffffe000000036575720000000178000000000000000000000000",
		"a519e83fdf81b76704235fc86bf1039c117599dcb72162f3c5c552a8e1b0a6a2"
	if hex.EncodeToString(body) != wantBody || hex.EncodeToString(leaf[:]) != wantLeaf {
		t.Errorf("the bytes are\n%x\nand the leaf\n%x", body, leaf)
	}
	back, err := audit.Decode(body)
	must(t, err)
	if string(back.Encode()) != string(body) || back.Facts[0] != r.Facts[0] || back.Actor != r.Actor || !back.At.Equal(r.At) {
		t.Errorf("decoded %+v", back)
	}
	for i := range body {
		if _, err := audit.Decode(body[:i]); err == nil {
			t.Errorf("decoded when cut to %d bytes", i)
		}
	}
	if _, err := audit.Decode(append(body, 0)); err == nil {
		t.Error("decoded with a byte behind it")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add((audit.Row{ID: id.ID{1}, Action: "a", Facts: []audit.Fact{{Key: "k", Int: 1, Text: "t"}}}).Encode())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := audit.Decode(b); err == nil && string(r.Encode()) != string(b) {
			t.Error("two encodings of one entry")
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	p := dbtest.Open(b, db.SQLite)
	l, _ := newLog(b, p)
	e := entry("order.place")
	must(b, p.Data.Write(ctx, func(tx *db.Tx) error {
		for b.Loop() {
			if err := l.Record(tx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}
