package audit_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/audit"
)

// V8.2.1, V16.4.2: every way in which people get at the log wants its right, in the service; who only reads cannot take it
// along, and the sealed parts want a right of their own.
func TestPeopleNeedARightForTheLog_V8_2_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, entry("order.place")) }))
		v := list(t, l, audit.Filter{})[0].ID
		calls := map[string]struct {
			may  access.Permission
			call func(who access.Actor) error
		}{
			"Search":   {access.AuditView, func(who access.Actor) error { _, err := l.Search(ctx, who, audit.Filter{}); return err }},
			"Entry":    {access.AuditView, func(who access.Actor) error { _, err := l.Entry(ctx, who, v); return err }},
			"Words":    {access.AuditView, func(who access.Actor) error { _, _, err := l.Words(ctx, who); return err }},
			"Standing": {access.AuditView, func(who access.Actor) error { _, _, err := l.Standing(ctx, who); return err }},
			"Disclose": {access.AuditReveal, func(who access.Actor) error { _, err := l.Disclose(ctx, who, v, "law"); return err }},
			"Export": {access.AuditExport, func(who access.Actor) error {
				_, err := l.Export(ctx, who, &bytes.Buffer{}, audit.Filter{})
				return err
			}},
		}
		for name, c := range calls {
			for role, who := range accesstest.Actors() {
				if err := c.call(who); who.May(c.may) != (err == nil) || err != nil && !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s as %s: %v", name, role, err)
				}
			}
		}
	})
}

// An export is an entry before its first line, wants a fresh proof, and holds what the filter lets through.
func TestAnExportIsAnEntry_V16_3_3(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error {
			must(t, l.Record(tx, entry("order.place")))
			return l.Record(tx, entry("order.ship"))
		}))
		who := accesstest.With(access.AuditExport)
		stale := who
		stale.Fresh = false
		var b bytes.Buffer
		if _, err := l.Export(ctx, stale, &b, audit.Filter{}); !access.NeedsStepUp(err) || b.Len() > 0 {
			t.Errorf("without a fresh proof: %v, %d bytes", err, b.Len())
		}
		if n, err := l.Export(ctx, who, &b, audit.Filter{Action: "order.ship"}); err != nil || n != 1 || strings.Count(b.String(), "\n") != 1 || !strings.Contains(b.String(), `"order.ship"`) {
			t.Errorf("%d lines, %v: %s", n, err, b.String())
		}
		lines := map[string]int64{} // the clock of the test stands still, so that both entries are of one moment
		for _, r := range list(t, l, audit.Filter{Action: "log.export", Outcome: audit.Done}) {
			lines[r.Word] = r.Facts[0].Int
		}
		if len(lines) != 2 || lines["asked"] != 0 || lines["sent"] != 1 {
			t.Errorf("%v", lines)
		}
	})
}

// To see where an act came from is a look of its own, with a reason, and never of another entry (V16.2.5).
func TestDisclosingIsALook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		e := entry("staff.break_glass")
		e.Reason = "The warehouse burns."
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error { return l.Record(tx, e) }))
		who, v := accesstest.With(access.AuditReveal, access.AuditView), list(t, l, audit.Filter{})[0].ID
		if _, err := l.Disclose(ctx, who, v, "  "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		d, err := l.Disclose(ctx, who, v, "fraud")
		if err != nil || d.Origin != origin.String() || d.Reason != e.Reason {
			t.Errorf("%+v %v", d, err)
		}
		looks := list(t, l, audit.Filter{Action: "vault.look", ObjectID: v, Outcome: audit.Done})
		if len(looks) != 2 || looks[0].Word != "fraud" || looks[0].Object != "log" {
			t.Errorf("%+v", looks)
		}
		if _, err := l.Disclose(ctx, who, id.ID{1}, "fraud"); !fault.Is(err, fault.NotFound) {
			t.Errorf("of no entry: %v", err)
		}
	})
}

// The words to choose from are those that occur, each once.
func TestWordsOfTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		l, _ := newLog(t, p)
		who := accesstest.With(access.AuditView)
		if a, o, err := l.Words(ctx, who); err != nil || len(a)+len(o) > 0 {
			t.Errorf("of an empty log: %v %v %v", a, o, err)
		}
		must(t, p.Data.Write(ctx, func(tx *db.Tx) error {
			for _, w := range []string{"order.ship", "order.place", "order.ship", "cart.sweep"} {
				must(t, l.Record(tx, entry(w)))
			}
			return nil
		}))
		if a, o, err := l.Words(ctx, who); err != nil || !slices.Equal(a, []string{"cart.sweep", "order.place", "order.ship"}) || !slices.Equal(o, []string{"order"}) {
			t.Errorf("%v %v %v", a, o, err)
		}
	})
}
