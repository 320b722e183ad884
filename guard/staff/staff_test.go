package staff_test

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/privacy"
	"strongroom/guard/staff"
	"strongroom/guard/staff/stafftest"
	"strongroom/guard/vault"
)

func key(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return ""
}

var ida = staff.Person{Name: "Plantedowner Ida", Email: vault.Typed("ida@shop.example"), Language: "en"}

// Attack 47, V13.2.3: the set-up link works once, only in the start that printed it, only for half an hour, and never
// again once there is an owner; who used it is no owner before two ways of signing in are enrolled.
func TestSetUpCannotBeTakenOver_Attack47(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		stranger := h.Browser()
		for _, guess := range []id.Token{"", id.NewToken()} {
			if _, err := h.Desk.SetUp(h.Ctx, guess, ida, stranger); !fault.Is(err, fault.Gone) {
				t.Errorf("a guessed link: %v", err)
			}
		}
		token, until, ok, err := h.Desk.SetUpLink(h.Ctx)
		h.Must(err)
		if !ok || until.Sub(h.Clock.Now()) != 30*time.Minute {
			t.Fatalf("%v %v", ok, until)
		}
		if l, err := h.Desk.PeekLink(h.Ctx, token); err != nil || l.Kind != staff.LinkSetUp {
			t.Errorf("looking spends: %+v %v", l, err)
		}
		other := h.Restarted()
		newest := token
		if p.Data.Engine() == db.Postgres { // several processes are one store: the newest start's link holds in all of them
			newest, _, _, err = other.SetUpLink(h.Ctx)
			h.Must(err)
			if _, err := h.Desk.PeekLink(h.Ctx, newest); err != nil {
				t.Errorf("the newest link in another process: %v", err)
			}
		}
		if _, err := other.SetUp(h.Ctx, token, ida, stranger); !fault.Is(err, fault.Gone) {
			t.Errorf("after a restart: %v", err)
		}
		token = newest
		if _, err := h.Desk.Accept(h.Ctx, token, stranger); !fault.Is(err, fault.Gone) {
			t.Errorf("as an invitation: %v", err)
		}
		var in atomic.Int64
		var wg sync.WaitGroup
		steps := make([]identity.Step, 4)
		browsers := make([]identity.Visitor, 4)
		for i := range steps {
			browsers[i] = h.Browser()
			wg.Go(func() {
				person := ida
				person.Email = vault.Typed("ida" + strconv.Itoa(i) + "@shop.example")
				step, err := h.Desk.SetUp(h.Ctx, token, person, browsers[i])
				if steps[i] = step; err == nil {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Fatalf("%d used one link", in.Load())
		}
		if owned, err := h.Desk.Owned(h.Ctx); err != nil || owned {
			t.Fatalf("an owner before anything was enrolled: %v", err)
		}
		for i := range steps {
			if steps[i].Session == "" {
				continue
			}
			v := browsers[i]
			v.Session = steps[i].Session
			sess, _, err := h.Check(h.Ctx, identity.Staff, v.Session, v)
			h.Must(err)
			if _, err := h.Desk.Enter(h.Ctx, sess, v); !staff.NeedsEnrolment(err) {
				t.Errorf("entered without any way of signing in: %v", err)
			}
			a := identitytest.NewAuthenticator(identitytest.AdminOrigin)
			if s := h.Enrol(sess, v, a); s.Session != "" {
				v.Session = s.Session
			}
			sess, _, err = h.Check(h.Ctx, identity.Staff, v.Session, v)
			h.Must(err)
			if _, missing, err := h.Desk.Finish(h.Ctx, sess, v); err != nil || len(missing) != 1 {
				t.Errorf("one passkey is missing %v: %v", missing, err)
			}
			w := h.Admit(identity.Step{Session: v.Session}, v, 1)
			h.Must(w.In())
		}
		if _, _, ok, err := h.Desk.SetUpLink(h.Ctx); err != nil || ok {
			t.Errorf("a link for a store that has an owner: %v", err)
		}
		if n := h.Told("staff.link_refused"); n < 2 { // later ones went to the bus of the other start
			t.Errorf("%d refused links were told", n)
		}
		if n := h.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'staff.link' AND outcome = 2`); n < 4 {
			t.Errorf("%d refused links in the log", n)
		}
	})
}

// Of two set-up links that were used one after the other, the first who finishes is the owner, and the other nobody.
func TestTwoSetUpsMakeOneOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		token, _, _, err := h.Desk.SetUpLink(h.Ctx)
		h.Must(err)
		late := h.Browser()
		step, err := h.Desk.SetUp(h.Ctx, token, staff.Person{Name: "Eve", Email: vault.Typed("eve@shop.example"), Language: "en"}, late)
		h.Must(err)
		h.Owner()
		late.Session = step.Session
		for range 2 {
			sess, _, err := h.Check(h.Ctx, identity.Staff, late.Session, late)
			h.Must(err)
			if s := h.Enrol(sess, late, identitytest.NewAuthenticator(identitytest.AdminOrigin)); s.Session != "" {
				late.Session = s.Session
			}
		}
		sess, _, err := h.Check(h.Ctx, identity.Staff, late.Session, late)
		h.Must(err)
		if _, _, err := h.Desk.Finish(h.Ctx, sess, late); !fault.Is(err, fault.Gone) {
			t.Errorf("a second first owner: %v", err)
		}
		expired, _, ok, err := h.Desk.SetUpLink(h.Ctx)
		h.Must(err)
		if ok || expired != "" {
			t.Error("a link beside an owner")
		}
	})
}

func TestInvitationsAreUsedOnceAndEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		m, err := h.Desk.Invite(h.Ctx, o.Seat(), staff.Person{Name: "Max", Email: vault.Typed("max@shop.example"), Language: "de"}, staff.Assignment{Role: access.Support})
		h.Must(err)
		mail := h.Mailed(staff.LetterInvitation, m)
		if mail.To != "max@shop.example" || mail.Language != "de" || mail.About != "Plantedowner Ida" || mail.Role != "access.role_support" {
			t.Errorf("%+v", mail)
		}
		again := h.Mailed(staff.LetterInvitation, m) // a mail that was sent twice: only the last one's link works
		if _, err := h.Desk.Accept(h.Ctx, mail.Link, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("a replaced link: %v", err)
		}
		step, err := h.Desk.Accept(h.Ctx, again.Link, h.Browser())
		h.Must(err)
		if step.Level != identity.Enrolling {
			t.Errorf("opens a session of level %s", step.Level)
		}
		if _, err := h.Desk.Accept(h.Ctx, again.Link, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("used twice: %v", err)
		}
		h.Must(h.Desk.InviteAgain(h.Ctx, o.Seat(), m))
		last := h.Mailed(staff.LetterInvitation, m)
		h.Clock.Advance(72*time.Hour + time.Second)
		if _, err := h.Desk.Accept(h.Ctx, last.Link, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("after three days: %v", err)
		}
	})
}

// Attack 27: nobody of the staff resets somebody else's ways of signing in: not by inviting again, not by any role. A reset
// is begun by its owner, or for an owner on the console; nobody ever chooses for somebody else.
func TestNoColleagueResetsAnother_Attack27(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.Invited(o, "Eva", staff.Assignment{Role: access.Support})
		kit, err := h.Vault.NewKit(h.Ctx)
		h.Must(err)
		for name, w := range map[string]*stafftest.Worker{"owner": o, "manager": max, "support": eva} {
			for _, victim := range []*stafftest.Worker{o, max, eva} {
				if err := h.Desk.InviteAgain(h.Ctx, w.Seat(), victim.ID); !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Forbidden) {
					t.Errorf("the %s invited %s again: %v", name, victim.ID, err)
				}
				if _, _, err := h.Desk.RecoverOwner(h.Ctx, w.Seat(), kit, victim.ID); !fault.Is(err, fault.Forbidden) {
					t.Errorf("the %s recovered %s: %v", name, victim.ID, err)
				}
			}
		}
		if _, err := h.Desk.Invite(h.Ctx, max.Seat(), staff.Person{Name: "Eva", Email: vault.Typed("eva@shop.example")}, staff.Assignment{Role: access.Support}); err == nil {
			t.Error("the same address was invited a second time")
		}
		for _, w := range []*stafftest.Worker{o, max, eva} {
			h.Must(w.In())
		}
	})
}

// V8.2.1, V8.3.1: rights cannot be raised: not one's own, not beyond one's own, not by a role of one's making, and nobody
// touches somebody who may do more.
func TestRightsCannotBeRaised_V8_3_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.Invited(max, "Eva", staff.Assignment{Role: access.Support})
		m, e := max.Seat(), eva.Seat()
		small, err := h.Desk.PutRole(h.Ctx, m, staff.OwnRole{Name: "Desk", Permissions: access.SetOf(access.OrderView, access.OrderReveal)})
		h.Must(err)
		big, err := h.Desk.PutRole(h.Ctx, o.Seat(), staff.OwnRole{Name: "Auditing", Permissions: access.SetOf(access.OrderView, access.AuditExport)})
		h.Must(err)
		owns := func(r string) staff.Assignment { return staff.Assignment{Role: r} }
		for name, try := range map[string]func() error{
			"own role":          func() error { _, err := h.Desk.SetRole(h.Ctx, m, max.ID, owns(access.Owner)); return err },
			"own role sideways": func() error { _, err := h.Desk.SetRole(h.Ctx, m, max.ID, owns(access.Support)); return err },
			"another to owner":  func() error { _, err := h.Desk.SetRole(h.Ctx, m, eva.ID, owns(access.Owner)); return err },
			"auditor":           func() error { _, err := h.Desk.SetRole(h.Ctx, m, eva.ID, owns(access.Auditor)); return err },
			"own role beyond": func() error {
				_, err := h.Desk.SetRole(h.Ctx, m, eva.ID, staff.Assignment{Role: access.OwnRole, OwnRole: big})
				return err
			},
			"demote the owner": func() error { _, err := h.Desk.SetRole(h.Ctx, m, o.ID, owns(access.Support)); return err },
			"remove the owner": func() error { return h.Desk.Remove(h.Ctx, m, o.ID) },
			"remove oneself":   func() error { return h.Desk.Remove(h.Ctx, m, max.ID) },
			"make a role beyond": func() error {
				_, err := h.Desk.PutRole(h.Ctx, m, staff.OwnRole{Name: "x", Permissions: access.SetOf(access.KeyDestroy)})
				return err
			},
			"make an owner's role": func() error {
				_, err := h.Desk.PutRole(h.Ctx, o.Seat(), staff.OwnRole{Name: "x", Permissions: access.SetOf(access.OwnerManage)})
				return err
			},
			"change a role beyond": func() error {
				_, err := h.Desk.PutRole(h.Ctx, m, staff.OwnRole{ID: big, Name: "x", Permissions: access.SetOf(access.OrderView)})
				return err
			},
			"support makes a role": func() error {
				_, err := h.Desk.PutRole(h.Ctx, e, staff.OwnRole{Name: "x", Permissions: access.SetOf(access.OrderView)})
				return err
			},
			"support sets a role": func() error { _, err := h.Desk.SetRole(h.Ctx, e, eva.ID, owns(access.Manager)); return err },
			"support invites":     func() error { _, err := h.Desk.Invite(h.Ctx, e, ida, owns(access.Support)); return err },
		} {
			if err := try(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.Desk.Invite(h.Ctx, o.Seat(), staff.Person{Name: "X", Email: vault.Typed("x@shop.example")}, owns(access.Owner)); !fault.Is(err, fault.Invalid) {
			t.Errorf("an owner by invitation: %v", err)
		}
		_, err = h.Desk.SetRole(h.Ctx, m, eva.ID, staff.Assignment{Role: access.OwnRole, OwnRole: small})
		h.Must(err)
		stale := m
		stale.Fresh = false
		if _, err := h.Desk.SetRole(h.Ctx, stale, eva.ID, owns(access.Support)); !access.NeedsStepUp(err) {
			t.Errorf("without a step-up: %v", err)
		}
		masked := staff.OwnRole{Name: "Masked", Masked: true, Permissions: access.SetOf(access.OrderView, access.OrderReveal)}
		if _, err := h.Desk.PutRole(h.Ctx, o.Seat(), masked); !fault.Is(err, fault.Invalid) {
			t.Errorf("a masked role that reveals: %v", err)
		}
	})
}

// V8.3.2, V7.4.2: a change of rights, a role that is changed, and leaving take effect with the next request.
func TestChangesHoldWithTheNextRequest_V8_3_2(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		role, err := h.Desk.PutRole(h.Ctx, o.Seat(), staff.OwnRole{Name: "Desk", Permissions: access.SetOf(access.OrderView, access.OrderRefund)})
		h.Must(err)
		eva := h.Invited(o, "Eva", staff.Assignment{Role: access.OwnRole, OwnRole: role})
		if a := eva.Seat(); !a.May(access.OrderRefund) || a.Name != access.OwnRole {
			t.Fatalf("%+v", a)
		}
		_, err = h.Desk.PutRole(h.Ctx, o.Seat(), staff.OwnRole{ID: role, Name: "Desk", Permissions: access.SetOf(access.OrderView)})
		h.Must(err)
		if err := eva.In(); !errors.Is(err, identity.ErrNoSession) {
			t.Errorf("a session of the old rights lives: %v", err)
		}
		if err := h.Desk.DropRole(h.Ctx, o.Seat(), role); !fault.Is(err, fault.Conflict) {
			t.Errorf("a role in use was dropped: %v", err)
		}
		step, err := h.SignIn(identity.Staff, eva.V, eva.Keys[0])
		h.Must(err)
		eva.V.Session = step.Session
		if eva.Seat().May(access.OrderRefund) {
			t.Error("the right is still there")
		}
		h.Must(h.Desk.Remove(h.Ctx, o.Seat(), eva.ID))
		if err := eva.In(); err == nil {
			t.Error("who left is still in")
		}
		if step, err := h.SignIn(identity.Staff, eva.V, eva.Keys[0]); err == nil && step.Session != "" {
			t.Error("who left signed in")
		}
		if err := h.Desk.Remove(h.Ctx, o.Seat(), o.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the owner removed herself: %v", err)
		}
		if err := h.Desk.Remove(h.Ctx, access.Console(), o.ID); key(err) != "staff.last_owner" {
			t.Errorf("the last owner left: %v", err)
		}
	})
}

func TestAHelperEndsOnTheDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		for name, ends := range map[string]time.Time{"none": {}, "past": h.Clock.Now().Add(-time.Hour), "far": h.Clock.Now().Add(200 * 24 * time.Hour)} {
			_, err := h.Desk.Invite(h.Ctx, o.Seat(), staff.Person{Name: "H", Email: vault.Typed("h@a.example")}, staff.Assignment{Role: access.Helper, Ends: ends})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w := h.Invited(o, "Hal", staff.Assignment{Role: access.Helper, Ends: h.Clock.Now().Add(2 * time.Hour)})
		a := w.Seat()
		if !a.Masked || !a.Watched || a.May(access.OrderReveal) {
			t.Errorf("%+v", a)
		}
		h.Clock.Advance(2*time.Hour + time.Second)
		if err := w.In(); err == nil {
			t.Error("in after the end")
		}
		h.Tend(time.Second)
		if list, err := h.Desk.Members(h.Ctx, access.Console(), true); err != nil || len(list) != 1 || list[0].State != staff.Left {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// deed is a dangerous act that counts how often it was done.
type deed struct {
	done   atomic.Int64
	params atomic.Value
	by     atomic.Value
}

func (d *deed) do(_ context.Context, params []byte, a access.Approved) error {
	d.done.Add(1)
	d.params.Store(string(params))
	d.by.Store(a)
	return nil
}

func wish(params string) access.Wish {
	return access.Wish{Kind: access.BigRefund, Params: []byte(params), Object: "order", Facts: map[string]string{"amount": "900.00"},
		Reason: "Mrs Plantedname asked on the telephone"}
}

// V2.3.5: a second person, never oneself; exactly what was shown; once.
func TestTwoPeople_V2_3_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		d := &deed{}
		h.Must(h.Desk.On(access.BigRefund, d.do))
		o := h.Owner()
		max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.Invited(o, "Eva", staff.Assignment{Role: access.Support})
		h.Clock.Advance(8 * 24 * time.Hour)
		for _, w := range []*stafftest.Worker{o, max, eva} {
			step, err := h.SignIn(identity.Staff, w.V, w.Keys[0])
			h.Must(err)
			w.V.Session = step.Session
		}
		asked, err := h.Desk.Ask(h.Ctx, eva.Seat(), wish(`{"Amount":90000}`))
		h.Must(err)
		a, err := h.Desk.Approval(h.Ctx, max.Seat(), asked)
		h.Must(err)
		if a.Alone || a.State != staff.Waiting || len(h.Letters(staff.LetterAsked)) != 2 {
			t.Errorf("%+v, %d mails", a, len(h.Letters(staff.LetterAsked)))
		}
		if _, err := h.Desk.Decide(h.Ctx, eva.Seat(), asked, a.Seal, true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("support decided: %v", err)
		}
		// The owner asks herself: all her rights do not make her a second person.
		own, err := h.Desk.Ask(h.Ctx, o.Seat(), wish(`{"Amount":1}`))
		h.Must(err)
		mine, err := h.Desk.Approval(h.Ctx, o.Seat(), own)
		h.Must(err)
		if _, err := h.Desk.Decide(h.Ctx, o.Seat(), own, mine.Seal, true); key(err) != "staff.own_request" {
			t.Errorf("the asker approved: %v", err)
		}
		if _, err := h.Desk.Decide(h.Ctx, max.Seat(), asked, mine.Seal, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("agreed to another act than was shown: %v", err)
		}
		stale := max.Seat()
		stale.Fresh = false
		if _, err := h.Desk.Decide(h.Ctx, stale, asked, a.Seal, true); !access.NeedsStepUp(err) {
			t.Errorf("without a step-up: %v", err)
		}
		if d.done.Load() != 0 {
			t.Fatal("done before anybody agreed")
		}
		state, err := h.Desk.Decide(h.Ctx, max.Seat(), asked, a.Seal, true)
		h.Must(err)
		h.Run()
		who, _ := d.by.Load().(access.Approved)
		if state != staff.Carried || d.done.Load() != 1 || d.params.Load() != `{"Amount":90000}` || who.AskedBy != eva.ID || who.DecidedBy != max.ID {
			t.Errorf("%s, done %d times with %v by %+v", state, d.done.Load(), d.params.Load(), who)
		}
		for range 2 {
			if _, err := h.Desk.Decide(h.Ctx, max.Seat(), asked, a.Seal, true); !fault.Is(err, fault.Conflict) {
				t.Errorf("replayed: %v", err)
			}
		}
		h.Run()
		if d.done.Load() != 1 {
			t.Errorf("done %d times", d.done.Load())
		}
		h.Must(h.Desk.Cancel(h.Ctx, o.Seat(), own))
		if _, err := h.Desk.Decide(h.Ctx, max.Seat(), own, mine.Seal, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("a cancelled act: %v", err)
		}
		late, err := h.Desk.Ask(h.Ctx, eva.Seat(), wish(`{}`))
		h.Must(err)
		h.Tend(72*time.Hour + time.Second)
		if got, err := h.Desk.Approval(h.Ctx, access.Console(), late); err != nil || got.State != staff.Expired {
			t.Errorf("%+v %v", got, err)
		}
		if h.Told("staff.decide_refused") < 2 {
			t.Error("refused decisions raised no event")
		}
	})
}

// V16.4.2 in spirit: who changes the row of an act cannot have another one carried out.
func TestAnAlteredActIsNotCarriedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		for column, value := range map[string]string{"params": `{"Amount":1}`, "kind": "order.call_off", "may": "order.view", "facts": `{"amount":"1.00"}`} {
			h := stafftest.New(t, dbtest.Open(t, p.Data.Engine()))
			d := &deed{}
			h.Must(h.Desk.On(access.BigRefund, d.do))
			h.Must(h.Desk.On(access.BigCallOff, d.do))
			o := h.Owner()
			max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
			h.Clock.Advance(8 * 24 * time.Hour)
			for _, w := range []*stafftest.Worker{o, max} {
				step, err := h.SignIn(identity.Staff, w.V, w.Keys[0])
				h.Must(err)
				w.V.Session = step.Session
			}
			v, err := h.Desk.Ask(h.Ctx, o.Seat(), wish(`{"Amount":90000}`))
			h.Must(err)
			alter := map[string]string{
				"params": `UPDATE staff_approval SET params = $1 WHERE id = $2`, "kind": `UPDATE staff_approval SET kind = $1 WHERE id = $2`,
				"may": `UPDATE staff_approval SET may = $1 WHERE id = $2`, "facts": `UPDATE staff_approval SET facts = $1 WHERE id = $2`}[column]
			h.Must(h.Data.Write(h.Ctx, func(tx *db.Tx) error { _, err := tx.Exec(alter, value, v); return err }))
			a, err := h.Desk.Approval(h.Ctx, max.Seat(), v)
			h.Must(err)
			if _, err := h.Desk.Decide(h.Ctx, max.Seat(), v, a.Seal, true); err == nil {
				t.Errorf("%s was altered, and the act approved", column)
			}
			h.Run()
			if d.done.Load() != 0 {
				t.Errorf("%s was altered, and the act done", column)
			}
		}
	})
}

// With only one person: a day, a notice outside with a link that stops it, and a step-up first.
func TestAloneADayGoesBy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		d := &deed{}
		h.Must(h.Desk.On(access.BigRefund, d.do))
		h.Must(h.Desk.On(access.MassExport, d.do))
		o := h.Owner()
		stale := o.Seat()
		stale.Fresh = false
		if _, err := h.Desk.Ask(h.Ctx, stale, wish(`{}`)); !access.NeedsStepUp(err) {
			t.Errorf("without a step-up: %v", err)
		}
		// A second account of one's own making, made just before, is no second person.
		h.Invited(o, "Sock", staff.Assignment{Role: access.Manager})
		v, err := h.Desk.Ask(h.Ctx, o.Seat(), wish(`{"n":1}`))
		h.Must(err)
		a, err := h.Desk.Approval(h.Ctx, o.Seat(), v)
		h.Must(err)
		mail := h.Mailed(staff.LetterAlone, id.ID{})
		if !a.Alone || mail.To != "outside@elsewhere.example" || mail.Link == "" || strings.Contains(mail.About, "Ida") {
			t.Errorf("%+v %+v", a, mail)
		}
		h.Tend(23 * time.Hour)
		if d.done.Load() != 0 {
			t.Fatal("done before its day")
		}
		h.Tend(time.Hour + time.Second)
		if d.done.Load() != 1 {
			t.Fatalf("done %d times after its day", d.done.Load())
		}
		step, err := h.SignIn(identity.Staff, o.V, o.Keys[0])
		h.Must(err)
		o.V.Session = step.Session
		_, err = h.Desk.Ask(h.Ctx, o.Seat(), access.Wish{Kind: access.MassExport, Params: []byte(`{}`), Object: "order"})
		h.Must(err)
		stop := h.Mailed(staff.LetterAlone, id.ID{})
		if l, err := h.Desk.PeekLink(h.Ctx, stop.Link); err != nil || l.Kind != staff.LinkStop || l.Ask.Kind != access.MassExport {
			t.Errorf("%+v %v", l, err)
		}
		anybody := access.Guest(id.ID{}, netip.MustParseAddr("203.0.113.4"))
		h.Must(h.Desk.Stop(h.Ctx, stop.Link, anybody))
		if err := h.Desk.Stop(h.Ctx, stop.Link, anybody); !fault.Is(err, fault.Gone) {
			t.Errorf("stopped twice: %v", err)
		}
		h.Tend(25 * time.Hour)
		if d.done.Load() != 1 {
			t.Error("a stopped act was done")
		}
	})
}

// A new owner needs two people, and two ways of signing in.
func TestANewOwnerNeedsTwoPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
		waiting, err := h.Desk.SetRole(h.Ctx, o.Seat(), max.ID, staff.Assignment{Role: access.Owner})
		h.Must(err)
		if waiting.IsZero() || max.Seat().May(access.OwnerManage) {
			t.Fatal("an owner at once")
		}
		h.Tend(24*time.Hour + time.Second)
		list, err := h.Desk.Owners(h.Ctx, access.Console())
		h.Must(err)
		for _, m := range list {
			if len(list) != 2 || (m.State == staff.MustEnrol) != (m.ID == max.ID) {
				t.Fatalf("%d owners; %s is %s", len(list), m.ID, m.State)
			}
		}
		step, err := h.SignIn(identity.Staff, max.V, max.Keys[0])
		h.Must(err)
		max.V.Session = step.Session
		if err := max.In(); !staff.NeedsEnrolment(err) {
			t.Errorf("an owner with one passkey: %v", err)
		}
		max = h.Admit(step, max.V, 1)
		h.Must(max.In())
		if n := len(h.Letters(staff.LetterOwners)); n == 0 {
			t.Error("the owners were not told")
		}
		h.Must(h.Desk.Remove(h.Ctx, access.Console(), o.ID))
		if err := h.Desk.Remove(h.Ctx, access.Console(), max.ID); key(err) != "staff.last_owner" {
			t.Errorf("the last owner left: %v", err)
		}
	})
}

func TestBreakGlassIsLoudAndEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		max := h.Invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.Invited(o, "Eva", staff.Assignment{Role: access.Support})
		if _, err := h.Desk.BreakGlass(h.Ctx, eva.Seat(), "the provider is down and everybody is away"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("support broke the glass: %v", err)
		}
		if _, err := h.Desk.BreakGlass(h.Ctx, max.Seat(), "need it"); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if max.Seat().May(access.AuditExport) {
			t.Fatal("a manager exports the log")
		}
		_, err := h.Desk.BreakGlass(h.Ctx, max.Seat(), "Plantedreason: the provider is down")
		h.Must(err)
		a := max.Seat()
		if !a.May(access.AuditExport) || a.Name != access.BrokenGlass {
			t.Errorf("%s may %s", a, a.Rights)
		}
		for _, never := range []access.Permission{access.OwnerManage, access.KeyDestroy, access.BackupErase, access.DataExport} {
			if a.May(never) {
				t.Errorf("the emergency gives %s", never)
			}
		}
		in := h.Mailed(staff.LetterGlass, o.ID)
		out := h.Mailed(staff.LetterGlass, id.ID{})
		if in.Reason != "Plantedreason: the provider is down" || in.About != "Max" || out.To != "outside@elsewhere.example" || out.About == "Max" {
			t.Errorf("%+v %+v", in, out)
		}
		if h.Told("staff.glass_broken") != 1 {
			t.Error("no alarm")
		}
		h.Clock.Advance(time.Hour + time.Second)
		step, err := h.SignIn(identity.Staff, max.V, max.Keys[0])
		h.Must(err)
		max.V.Session = step.Session
		if a := max.Seat(); a.May(access.AuditExport) || a.Name != access.Manager {
			t.Errorf("after an hour: %s", a)
		}
		_, err = h.Desk.BreakGlass(h.Ctx, max.Seat(), "once more, the provider is down")
		h.Must(err)
		h.Must(h.Desk.EndGlass(h.Ctx, access.Console(), max.ID))
		if max.Seat().May(access.AuditExport) {
			t.Error("taken away and still there")
		}
	})
}

// Attack 28: a member who looks at 500 people is stopped at the quota, once told, and the open work is not in her way.
func TestFiveHundredLooksStopAtTheQuota_Attack28(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		eva := h.Invited(o, "Eva", staff.Assignment{Role: access.Support})
		who := eva.Seat()
		h.Work.Give(eva.ID, id.ID{1})
		h.Work.Give(eva.ID, id.ID{2})
		people := make([]id.ID, 500)
		for i := range people {
			var err error
			people[i], err = h.Vault.NewSubject(h.Ctx, vault.Fulfilment)
			h.Must(err)
		}
		look := func(who access.Actor, subject, order id.ID) error {
			sealed, err := h.Vault.Seal(h.Ctx, privacy.OrderEmail.Field, subject, id.ID{9}, vault.Typed("a@planted.example"))
			h.Must(err)
			_, err = h.Vault.Reveal(h.Ctx, vault.Look{Actor: who, Purpose: vault.Fulfilment, Reason: "question", Object: "order", ObjectID: order},
				h.Vault.Sealed(privacy.OrderEmail.Field, subject, id.ID{9}, sealed))
			return err
		}
		seen := 0
		for i, s := range people {
			err := look(who, s, id.ID{100, byte(i), byte(i >> 8)})
			if err == nil {
				seen++
			} else if key(err) != "staff.quota" {
				t.Fatal(err)
			}
		}
		if seen != 22 { // twenty and the two open orders
			t.Errorf("%d of 500 were seen", seen)
		}
		h.Must(look(who, people[0], id.ID{100})) // whom she has seen today already
		h.Must(look(who, people[499], id.ID{1})) // what she is working on
		if n := h.Told("staff.quota_reached"); n != 1 {
			t.Errorf("%d alarms", n)
		}
		if n := len(h.Letters(staff.LetterQuota)); n != 1 {
			t.Errorf("%d mails to the owner", n)
		}
		if n := h.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND outcome = 1`); n != 24 {
			t.Errorf("%d looks in the log", n)
		}
		for range 8 { // hour by hour, until the day is full
			h.Clock.Advance(time.Hour)
			for i := seen; i < min(seen+30, len(people)); i++ {
				if look(who, people[i], id.ID{100, byte(i), byte(i >> 8)}) != nil {
					break
				}
				seen++
			}
		}
		if left, err := h.Desk.Left(h.Ctx, who); err != nil || left != 0 {
			t.Errorf("%d left: %v", left, err)
		}
		if n := h.Number(`SELECT count FROM staff_quota WHERE span = 'day' ORDER BY count DESC LIMIT 1`); n != 106 {
			t.Errorf("%d people in a day", n)
		}
		masked := who
		masked.Masked = true
		if err := look(masked, people[1], id.ID{1}); key(err) != "staff.masked" {
			t.Errorf("a masked role looked: %v", err)
		}
		handle, err := h.Vault.AuditHandle(h.Ctx, people[0])
		h.Must(err)
		told, err := h.Desk.LooksAt(h.Ctx, handle, time.UTC)
		h.Must(err)
		if len(told) == 0 || told[len(told)-1].Role != "access.role_support" || told[0].Reason != "access.why_question" {
			t.Errorf("the shopper is told %+v", told)
		}
	})
}

func TestRecoverAnOwnerOnTheConsole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		kit, err := h.Vault.NewKit(h.Ctx)
		h.Must(err)
		foreign := stafftest.New(t, dbtest.Open(t, p.Data.Engine()))
		other, err := foreign.Vault.NewKit(h.Ctx)
		h.Must(err)
		if _, _, err := h.Desk.RecoverOwner(h.Ctx, access.Console(), other, o.ID); err == nil {
			t.Fatal("recovered with the kit of another store")
		}
		h.Must(o.In())
		token, until, err := h.Desk.RecoverOwner(h.Ctx, access.Console(), kit, o.ID)
		h.Must(err)
		if until.Sub(h.Clock.Now()) != 30*time.Minute || o.In() == nil {
			t.Errorf("until %v; the old session is over: %v", until, o.In())
		}
		if step, err := h.SignIn(identity.Staff, o.V, o.Keys[0]); err == nil && step.Session != "" {
			t.Error("the old passkey opens")
		}
		v := h.Browser()
		step, err := h.Desk.Accept(h.Ctx, token, v)
		h.Must(err)
		if _, err := h.Desk.Accept(h.Ctx, token, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("used twice: %v", err)
		}
		w := h.Admit(step, v, 2)
		if !w.Seat().May(access.OwnerManage) {
			t.Error("no owner afterwards")
		}
		if h.Told("staff.owner_recovered") != 1 || h.Mailed(staff.LetterRecovered, id.ID{}).To == "" {
			t.Error("nobody was told")
		}
	})
}

func TestDormantIsFlagged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := stafftest.New(t, p)
		o := h.Owner()
		h.Invited(o, "Eva", staff.Assignment{Role: access.Support})
		h.Clock.Advance(91 * 24 * time.Hour)
		step, err := h.SignIn(identity.Staff, o.V, o.Keys[0])
		h.Must(err)
		o.V.Session = step.Session
		if n, err := h.Desk.Dormant(h.Ctx, o.Seat()); err != nil || n != 1 {
			t.Errorf("%d dormant: %v", n, err)
		}
		list, err := h.Desk.Members(h.Ctx, o.Seat(), false)
		h.Must(err)
		for _, m := range list {
			if m.Dormant != (m.Called == "Eva") || strings.Contains(m.Email, "eva@") || strings.Contains(m.Email, "ida@") {
				t.Errorf("%s %s %v", m.Called, m.Email, m.Dormant)
			}
		}
	})
}
