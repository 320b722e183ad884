package staff_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/lang"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/staff"
	"strongroom/guard/staff/stafftest"
)

// V8.1.1: the kinds of dangerous acts are a closed list with a right and a text each; what nobody carries out cannot be
// asked for.
func TestDangersAreAClosedList_V8_1_1(t *testing.T) {
	texts, err := lang.Load(lang.Messages())
	if err != nil {
		t.Fatal(err)
	}
	h := stafftest.New(t, dbtest.Open(t, db.SQLite))
	o := h.Owner()
	for _, k := range access.Dangers() {
		if !texts.For("en").Has(k.Key()) || !texts.For("de").Has(k.Key()) || k.May() == "" {
			t.Errorf("%s has no text or right", k)
		}
		carried := h.Desk.Carries(k)
		_, err := h.Desk.Ask(h.Ctx, o.Seat(), access.Wish{Kind: k, Params: []byte(`{}`), Object: "thing"})
		if carried != (err == nil) {
			t.Errorf("%s is carried out: %v; asked for: %v", k, carried, err)
		}
	}
	if h.Desk.Carries(access.EraseBackup) {
		t.Error("backups are erased, and there are none")
	}
	do := func() error { return h.Desk.On(access.EraseBackup, (&deed{}).do) }
	for _, k := range []access.Danger{"", "shop.burn", access.NewOwner} {
		if err := h.Desk.On(k, (&deed{}).do); err == nil {
			t.Errorf("%q found somebody who carries it out", k)
		}
		if k != access.NewOwner {
			if _, err := h.Desk.Ask(h.Ctx, o.Seat(), access.Wish{Kind: k, Params: []byte(`{}`)}); err == nil {
				t.Errorf("%q was asked for", k)
			}
		}
	}
	if do() != nil || do() == nil {
		t.Error("two carry the same act out")
	}
}

// V2.3.5, attack 27: one person is one person, in whatever browser, and with whatever accounts she has just made.
func TestOnePersonIsNotTwo_Attack27(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		d := &deed{}
		h.Must(h.Desk.On(access.BigRefund, d.do))
		o := h.Owner()
		max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
		h.Clock.Advance(8 * 24 * time.Hour)
		h.Again(o, max)
		sock := h.Invited(max, "Sock", staff.Assignment{Role: access.Manager})
		h.Clock.Advance(48 * time.Hour)
		h.Again(o, max, sock)
		v, err := h.Desk.Ask(h.Ctx, max.Seat(), wish(`{}`))
		h.Must(err)
		a, err := h.Desk.Approval(h.Ctx, max.Seat(), v)
		h.Must(err)
		elsewhere := &stafftest.Worker{ID: max.ID, V: h.Browser(), Keys: max.Keys}
		other := *max
		other.V = elsewhere.V
		h.Again(&other)
		for name, w := range map[string]*stafftest.Worker{"herself": max, "herself in another browser": &other, "whom she invited two days ago": sock} {
			if _, err := h.Desk.Decide(h.Ctx, w.Seat(), v, a.Seal, true); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s agreed: %v", name, err)
			}
		}
		for name, who := range accesstest.Actors() {
			if _, err := h.Desk.Decide(h.Ctx, who, v, a.Seal, true); err == nil {
				t.Errorf("%s agreed, who does not work here", name)
			}
		}
		h.Clock.Advance(6 * 24 * time.Hour)
		h.Again(sock)
		// The sock is a week old by now, and was not when the act was asked for.
		if _, err := h.Desk.Decide(h.Ctx, sock.Seat(), v, a.Seal, true); err == nil {
			t.Error("a week later she counts for what was asked before")
		}
		h.Run()
		if d.done.Load() != 0 {
			t.Error("done")
		}
	})
}

// V15.4.2: of several who agree at the same moment one does, and the act is done once.
func TestManyAgreeAtOnce_V15_4_2(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		d := &deed{}
		h.Must(h.Desk.On(access.BigRefund, d.do))
		o := h.Owner()
		list := []*stafftest.Worker{o}
		for _, name := range []string{"Max", "Eva", "Kim", "Lou"} {
			list = append(list, h.Invited(o, name, staff.Assignment{Role: access.Manager}))
		}
		h.Clock.Advance(8 * 24 * time.Hour)
		h.Again(list...)
		v, err := h.Desk.Ask(h.Ctx, list[0].Seat(), wish(`{}`))
		h.Must(err)
		a, err := h.Desk.Approval(h.Ctx, list[0].Seat(), v)
		h.Must(err)
		var agreed, refused atomic.Int64
		var wg sync.WaitGroup
		for i, w := range list[1:] {
			seat := w.Seat()
			wg.Go(func() {
				yes := i%2 == 0
				if _, err := h.Desk.Decide(h.Ctx, seat, v, a.Seal, yes); err == nil && yes {
					agreed.Add(1)
				} else if err == nil {
					refused.Add(1)
				}
			})
		}
		wg.Wait()
		h.Run()
		if agreed.Load()+refused.Load() != 1 || d.done.Load() != agreed.Load() {
			t.Errorf("%d agreed, %d refused, done %d times", agreed.Load(), refused.Load(), d.done.Load())
		}
	})
}

// V8.3.2: who asked and has left, or has lost the right since then, gets nothing; neither does who is asked too late.
func TestTheAskerMustStillBeThere_V8_3_2(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		d := &deed{}
		h.Must(h.Desk.On(access.BigRefund, d.do))
		o := h.Owner()
		var askers []*stafftest.Worker
		for _, name := range []string{"Left", "Less", "Late"} {
			askers = append(askers, h.Invited(o, name, staff.Assignment{Role: access.Support}))
		}
		max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
		h.Clock.Advance(8 * 24 * time.Hour)
		h.Again(append(askers, o, max)...)
		var acts []staff.Approval
		for _, w := range askers {
			v, err := h.Desk.Ask(h.Ctx, w.Seat(), wish(`{}`))
			h.Must(err)
			a, err := h.Desk.Approval(h.Ctx, max.Seat(), v)
			h.Must(err)
			acts = append(acts, a)
		}
		h.Must(h.Desk.Remove(h.Ctx, o.Seat(), askers[0].ID))
		_, err := h.Desk.SetRole(h.Ctx, o.Seat(), askers[1].ID, staff.Assignment{Role: access.Catalogue})
		h.Must(err)
		for _, a := range acts[:2] {
			if _, err := h.Desk.Decide(h.Ctx, max.Seat(), a.ID, a.Seal, true); !fault.Is(err, fault.Conflict) {
				t.Errorf("agreed to what nobody asks any more: %v", err)
			}
		}
		h.Clock.Advance(72*time.Hour + time.Second) // and nobody has swept yet
		h.Again(max)
		if _, err := h.Desk.Decide(h.Ctx, max.Seat(), acts[2].ID, acts[2].Seal, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("agreed after three days: %v", err)
		}
		h.Run()
		if d.done.Load() != 0 {
			t.Error("done")
		}
	})
}

// Between agreeing and doing, the row is no place to change what is done either.
func TestAlteredBetweenAgreeingAndDoing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		d := &deed{}
		h.Must(h.Desk.On(access.BigRefund, d.do))
		o := h.Owner()
		v, err := h.Desk.Ask(h.Ctx, o.Seat(), wish(`{"Amount":1}`))
		h.Must(err)
		h.Clock.Advance(25 * time.Hour)
		h.Must(h.Desk.Tend(h.Ctx)) // its day went by: agreed to, and not done yet
		h.Must(h.Data.Write(h.Ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE staff_approval SET params = $1 WHERE id = $2 AND state = 2`, `{"Amount":99999}`, v)
			return err
		}))
		h.Run()
		if d.done.Load() != 0 {
			t.Error("done with other parameters")
		}
		if _, err := h.Desk.Behind(h.Ctx, v, access.BigRefund); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody stands behind it: %v", err)
		}
	})
}

// Keys of the store are destroyed by two people, and never the last way back in.
func TestKeysAreDestroyedByTwoPeople_V2_3_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		ida, max := h.TwoOwners()
		only, err := h.Vault.NewKit(h.Ctx)
		h.Must(err)
		h.Must(h.Vault.CheckKit(h.Ctx, only))
		keys, err := h.Desk.DestroyableKeys(h.Ctx, ida.Seat())
		h.Must(err)
		if len(keys.Kits) != 1 {
			t.Fatalf("%+v", keys)
		}
		old := keys.Kits[0].ID
		if _, err := h.Desk.AskDropKit(h.Ctx, ida.Seat(), old, "seen by a visitor"); key(err) != "staff.last_kit" {
			t.Errorf("the last kit: %v", err)
		}
		fresh, err := h.Vault.NewKit(h.Ctx)
		h.Must(err)
		if _, err := h.Desk.AskDropKit(h.Ctx, ida.Seat(), old, "seen by a visitor"); key(err) != "staff.last_kit" {
			t.Errorf("beside a kit that nobody has checked: %v", err)
		}
		h.Must(h.Vault.CheckKit(h.Ctx, fresh))
		for name, who := range accesstest.Actors() {
			if _, err := h.Desk.AskDropKit(h.Ctx, who, old, "x"); !who.May(access.KeyDestroy) && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s asked: %v", name, err)
			}
		}
		v, err := h.Desk.AskDropKit(h.Ctx, ida.Seat(), old, "seen by a visitor")
		h.Must(err)
		a, err := h.Desk.Approval(h.Ctx, max.Seat(), v)
		h.Must(err)
		h.Must(h.Vault.CheckKit(h.Ctx, only))
		state, err := h.Desk.Decide(h.Ctx, max.Seat(), v, a.Seal, true)
		h.Must(err)
		if h.Vault.CheckKit(h.Ctx, only) == nil || h.Vault.CheckKit(h.Ctx, fresh) != nil || state != staff.Carried {
			t.Errorf("%s; the old kit opens, or the new one does not", state)
		}
		if h.Mailed(staff.LetterLoud, id.ID{}).To != "outside@elsewhere.example" {
			t.Error("the outside address was not told")
		}
		if _, err := h.Desk.AskForgetOrigins(h.Ctx, ida.Seat(), h.Clock.Now().AddDate(0, 0, -29), "x"); !fault.Is(err, fault.Invalid) {
			t.Errorf("origins of last month: %v", err)
		}
		for _, by := range []access.Approved{{}, access.Approve(access.BigRefund, id.ID{1}, id.ID{2}, id.ID{3}), {Request: id.ID{1}}} {
			if h.Desk.DropKitApproved(h.Ctx, []byte(`{}`), by) == nil || h.Desk.ForgetOriginsApproved(h.Ctx, []byte(`{}`), by) == nil {
				t.Errorf("%+v destroyed keys", by)
			}
		}
	})
}

// Old origins can be forgotten early; entries and tree stay.
func TestOriginsAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		ida, max := h.TwoOwners()
		h.Must(h.Vault.FreshLogKey(h.Ctx, time.Hour))
		logKeys := func() (n int64) {
			h.Must(h.Keys.Read(h.Ctx, func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT COUNT(*) FROM vault_store WHERE kind = 'log'`).Scan(&n)
			}))
			return n
		}
		h.Clock.Advance(40 * 24 * time.Hour)
		h.Again(ida, max)
		if logKeys() != 2 {
			t.Fatalf("%d keys", logKeys())
		}
		v, err := h.Desk.AskForgetOrigins(h.Ctx, ida.Seat(), h.Clock.Now().AddDate(0, 0, -31), "nobody needs them")
		h.Must(err)
		a, err := h.Desk.Approval(h.Ctx, max.Seat(), v)
		h.Must(err)
		state, err := h.Desk.Decide(h.Ctx, max.Seat(), v, a.Seal, true)
		h.Must(err)
		if state != staff.Carried || logKeys() != 1 {
			t.Errorf("%s, %d keys left", state, logKeys())
		}
		_, err = h.Audit.Sequence(h.Ctx)
		h.Must(err)
		if r, err := h.Audit.Verify(h.Ctx, nil); err != nil || !r.OK() {
			t.Errorf("the tree: %+v %v", r, err)
		}
	})
}
