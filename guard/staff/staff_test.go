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
		h := open(t, p)
		stranger := h.Browser()
		for _, guess := range []id.Token{"", id.NewToken()} {
			if _, err := h.staff.SetUp(h.Ctx, guess, ida, stranger); !fault.Is(err, fault.Gone) {
				t.Errorf("a guessed link: %v", err)
			}
		}
		token, until, ok, err := h.staff.SetUpLink(h.Ctx)
		h.Must(err)
		if !ok || until.Sub(h.Clock.Now()) != 30*time.Minute {
			t.Fatalf("%v %v", ok, until)
		}
		if l, err := h.staff.PeekLink(h.Ctx, token); err != nil || l.Kind != staff.LinkSetUp {
			t.Errorf("looking spends: %+v %v", l, err)
		}
		other := h.restarted()
		if _, err := other.SetUp(h.Ctx, token, ida, stranger); !fault.Is(err, fault.Gone) {
			t.Errorf("after a restart: %v", err)
		}
		if _, err := h.staff.Accept(h.Ctx, token, stranger); !fault.Is(err, fault.Gone) {
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
				if steps[i], err = h.staff.SetUp(h.Ctx, token, person, browsers[i]); steps[i].Session != "" {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Fatalf("%d used one link", in.Load())
		}
		if owned, err := h.staff.Owned(h.Ctx); err != nil || owned {
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
			if _, err := h.staff.Enter(h.Ctx, sess, v); !staff.NeedsEnrolment(err) {
				t.Errorf("entered without any way of signing in: %v", err)
			}
			a := identitytest.NewAuthenticator(identitytest.AdminOrigin)
			if s := h.Enrol(sess, v, a); s.Session != "" {
				v.Session = s.Session
			}
			sess, _, err = h.Check(h.Ctx, identity.Staff, v.Session, v)
			h.Must(err)
			if _, missing, err := h.staff.Finish(h.Ctx, sess, v); err != nil || len(missing) != 1 {
				t.Errorf("one passkey is missing %v: %v", missing, err)
			}
			w := h.enrol(identity.Step{Session: v.Session}, v, 1)
			h.Must(w.in())
		}
		if _, _, ok, err := h.staff.SetUpLink(h.Ctx); err != nil || ok {
			t.Errorf("a link for a store that has an owner: %v", err)
		}
		if n := h.count("staff.link_refused"); n < 2 { // later ones went to the bus of the other start
			t.Errorf("%d refused links were told", n)
		}
		if n := h.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'staff.link' AND outcome = 2`); n < 4 {
			t.Errorf("%d refused links in the log", n)
		}
	})
}

// Of two set-up links that were used one after the other, the first who finishes is the owner, and the other nobody.
func TestTwoSetUpsMakeOneOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		token, _, _, err := h.staff.SetUpLink(h.Ctx)
		h.Must(err)
		late := h.Browser()
		step, err := h.staff.SetUp(h.Ctx, token, staff.Person{Name: "Eve", Email: vault.Typed("eve@shop.example"), Language: "en"}, late)
		h.Must(err)
		h.owner()
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
		if _, _, err := h.staff.Finish(h.Ctx, sess, late); !fault.Is(err, fault.Gone) {
			t.Errorf("a second first owner: %v", err)
		}
		expired, _, ok, err := h.staff.SetUpLink(h.Ctx)
		h.Must(err)
		if ok || expired != "" {
			t.Error("a link beside an owner")
		}
	})
}

func TestInvitationsAreUsedOnceAndEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		m, err := h.staff.Invite(h.Ctx, o.seat(), staff.Person{Name: "Max", Email: vault.Typed("max@shop.example"), Language: "de"}, staff.Assignment{Role: access.Support})
		h.Must(err)
		mail := h.mailed(staff.LetterInvitation, m)
		if mail.To != "max@shop.example" || mail.Language != "de" || mail.About != "Plantedowner Ida" || mail.Role != "access.role_support" {
			t.Errorf("%+v", mail)
		}
		again := h.mailed(staff.LetterInvitation, m) // a mail that was sent twice: only the last one's link works
		if _, err := h.staff.Accept(h.Ctx, mail.Link, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("a replaced link: %v", err)
		}
		step, err := h.staff.Accept(h.Ctx, again.Link, h.Browser())
		h.Must(err)
		if step.Level != identity.Enrolling {
			t.Errorf("opens a session of level %s", step.Level)
		}
		if _, err := h.staff.Accept(h.Ctx, again.Link, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("used twice: %v", err)
		}
		h.Must(h.staff.InviteAgain(h.Ctx, o.seat(), m))
		last := h.mailed(staff.LetterInvitation, m)
		h.Clock.Advance(72*time.Hour + time.Second)
		if _, err := h.staff.Accept(h.Ctx, last.Link, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("after three days: %v", err)
		}
	})
}

// Attack 27: nobody of the staff resets somebody else's ways of signing in: not by inviting again, not by any role.
func TestNoColleagueResetsAnother_Attack27(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		max := h.invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.invited(o, "Eva", staff.Assignment{Role: access.Support})
		kit, err := h.Vault.NewKit(h.Ctx)
		h.Must(err)
		for name, w := range map[string]*worker{"owner": o, "manager": max, "support": eva} {
			for _, victim := range []*worker{o, max, eva} {
				if err := h.staff.InviteAgain(h.Ctx, w.seat(), victim.id); !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Forbidden) {
					t.Errorf("the %s invited %s again: %v", name, victim.id, err)
				}
				if _, _, err := h.staff.RecoverOwner(h.Ctx, w.seat(), kit, victim.id); !fault.Is(err, fault.Forbidden) {
					t.Errorf("the %s recovered %s: %v", name, victim.id, err)
				}
			}
		}
		if _, err := h.staff.Invite(h.Ctx, max.seat(), staff.Person{Name: "Eva", Email: vault.Typed("eva@shop.example")}, staff.Assignment{Role: access.Support}); err == nil {
			t.Error("the same address was invited a second time")
		}
		for _, w := range []*worker{o, max, eva} {
			h.Must(w.in())
		}
	})
}

// V8.2.1, V8.3.1: rights cannot be raised: not one's own, not beyond one's own, not by a role of one's making, and nobody
// touches somebody who may do more.
func TestRightsCannotBeRaised_V8_3_1(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		max := h.invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.invited(max, "Eva", staff.Assignment{Role: access.Support})
		m, e := max.seat(), eva.seat()
		small, err := h.staff.PutRole(h.Ctx, m, staff.OwnRole{Name: "Desk", Permissions: access.SetOf(access.OrderView, access.OrderReveal)})
		h.Must(err)
		big, err := h.staff.PutRole(h.Ctx, o.seat(), staff.OwnRole{Name: "Auditing", Permissions: access.SetOf(access.OrderView, access.AuditExport)})
		h.Must(err)
		owns := func(r string) staff.Assignment { return staff.Assignment{Role: r} }
		for name, try := range map[string]func() error{
			"own role":          func() error { _, err := h.staff.SetRole(h.Ctx, m, max.id, owns(access.Owner)); return err },
			"own role sideways": func() error { _, err := h.staff.SetRole(h.Ctx, m, max.id, owns(access.Support)); return err },
			"another to owner":  func() error { _, err := h.staff.SetRole(h.Ctx, m, eva.id, owns(access.Owner)); return err },
			"auditor":           func() error { _, err := h.staff.SetRole(h.Ctx, m, eva.id, owns(access.Auditor)); return err },
			"own role beyond": func() error {
				_, err := h.staff.SetRole(h.Ctx, m, eva.id, staff.Assignment{Role: access.OwnRole, OwnRole: big})
				return err
			},
			"demote the owner": func() error { _, err := h.staff.SetRole(h.Ctx, m, o.id, owns(access.Support)); return err },
			"remove the owner": func() error { return h.staff.Remove(h.Ctx, m, o.id) },
			"remove oneself":   func() error { return h.staff.Remove(h.Ctx, m, max.id) },
			"make a role beyond": func() error {
				_, err := h.staff.PutRole(h.Ctx, m, staff.OwnRole{Name: "x", Permissions: access.SetOf(access.KeyDestroy)})
				return err
			},
			"make an owner's role": func() error {
				_, err := h.staff.PutRole(h.Ctx, o.seat(), staff.OwnRole{Name: "x", Permissions: access.SetOf(access.OwnerManage)})
				return err
			},
			"change a role beyond": func() error {
				_, err := h.staff.PutRole(h.Ctx, m, staff.OwnRole{ID: big, Name: "x", Permissions: access.SetOf(access.OrderView)})
				return err
			},
			"support makes a role": func() error {
				_, err := h.staff.PutRole(h.Ctx, e, staff.OwnRole{Name: "x", Permissions: access.SetOf(access.OrderView)})
				return err
			},
			"support sets a role": func() error { _, err := h.staff.SetRole(h.Ctx, e, eva.id, owns(access.Manager)); return err },
			"support invites":     func() error { _, err := h.staff.Invite(h.Ctx, e, ida, owns(access.Support)); return err },
		} {
			if err := try(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.staff.Invite(h.Ctx, o.seat(), staff.Person{Name: "X", Email: vault.Typed("x@shop.example")}, owns(access.Owner)); !fault.Is(err, fault.Invalid) {
			t.Errorf("an owner by invitation: %v", err)
		}
		_, err = h.staff.SetRole(h.Ctx, m, eva.id, staff.Assignment{Role: access.OwnRole, OwnRole: small})
		h.Must(err)
		stale := m
		stale.Fresh = false
		if _, err := h.staff.SetRole(h.Ctx, stale, eva.id, owns(access.Support)); !access.NeedsStepUp(err) {
			t.Errorf("without a step-up: %v", err)
		}
		masked := staff.OwnRole{Name: "Masked", Masked: true, Permissions: access.SetOf(access.OrderView, access.OrderReveal)}
		if _, err := h.staff.PutRole(h.Ctx, o.seat(), masked); !fault.Is(err, fault.Invalid) {
			t.Errorf("a masked role that reveals: %v", err)
		}
	})
}

// V8.3.2, V7.4.2: a change of rights, a role that is changed, and leaving take effect with the next request.
func TestChangesHoldWithTheNextRequest_V8_3_2(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		role, err := h.staff.PutRole(h.Ctx, o.seat(), staff.OwnRole{Name: "Desk", Permissions: access.SetOf(access.OrderView, access.OrderRefund)})
		h.Must(err)
		eva := h.invited(o, "Eva", staff.Assignment{Role: access.OwnRole, OwnRole: role})
		if a := eva.seat(); !a.May(access.OrderRefund) || a.Name != access.OwnRole {
			t.Fatalf("%+v", a)
		}
		_, err = h.staff.PutRole(h.Ctx, o.seat(), staff.OwnRole{ID: role, Name: "Desk", Permissions: access.SetOf(access.OrderView)})
		h.Must(err)
		if err := eva.in(); !errors.Is(err, identity.ErrNoSession) {
			t.Errorf("a session of the old rights lives: %v", err)
		}
		if err := h.staff.DropRole(h.Ctx, o.seat(), role); !fault.Is(err, fault.Conflict) {
			t.Errorf("a role in use was dropped: %v", err)
		}
		step, err := h.SignIn(identity.Staff, eva.v, eva.keys[0])
		h.Must(err)
		eva.v.Session = step.Session
		if eva.seat().May(access.OrderRefund) {
			t.Error("the right is still there")
		}
		h.Must(h.staff.Remove(h.Ctx, o.seat(), eva.id))
		if err := eva.in(); err == nil {
			t.Error("who left is still in")
		}
		if step, err := h.SignIn(identity.Staff, eva.v, eva.keys[0]); err == nil && step.Session != "" {
			t.Error("who left signed in")
		}
		if err := h.staff.Remove(h.Ctx, o.seat(), o.id); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the owner removed herself: %v", err)
		}
		if err := h.staff.Remove(h.Ctx, access.Console(), o.id); key(err) != "staff.last_owner" {
			t.Errorf("the last owner left: %v", err)
		}
	})
}

func TestAHelperEndsOnTheDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		for name, ends := range map[string]time.Time{"none": {}, "past": h.Clock.Now().Add(-time.Hour), "far": h.Clock.Now().Add(200 * 24 * time.Hour)} {
			_, err := h.staff.Invite(h.Ctx, o.seat(), staff.Person{Name: "H", Email: vault.Typed("h@a.example")}, staff.Assignment{Role: access.Helper, Ends: ends})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w := h.invited(o, "Hal", staff.Assignment{Role: access.Helper, Ends: h.Clock.Now().Add(2 * time.Hour)})
		a := w.seat()
		if !a.Masked || !a.Watched || a.May(access.OrderReveal) {
			t.Errorf("%+v", a)
		}
		h.Clock.Advance(2*time.Hour + time.Second)
		if err := w.in(); err == nil {
			t.Error("in after the end")
		}
		h.tend(time.Second)
		if list, err := h.staff.Members(h.Ctx, access.Console(), true); err != nil || len(list) != 1 || list[0].State != staff.Left {
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
	return access.Wish{Kind: "test.deed", May: access.OrderRefund, Params: []byte(params), Object: "order", Facts: map[string]string{"amount": "900.00"},
		Reason: "Mrs Plantedname asked on the telephone"}
}

// V2.3.5: a second person, never oneself; exactly what was shown; once.
func TestTwoPeople_V2_3_5(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		d := &deed{}
		h.staff.On("test.deed", d.do)
		o := h.owner()
		max := h.invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.invited(o, "Eva", staff.Assignment{Role: access.Support})
		h.Clock.Advance(8 * 24 * time.Hour)
		for _, w := range []*worker{o, max, eva} {
			step, err := h.SignIn(identity.Staff, w.v, w.keys[0])
			h.Must(err)
			w.v.Session = step.Session
		}
		asked, err := h.staff.Ask(h.Ctx, eva.seat(), wish(`{"Amount":90000}`))
		h.Must(err)
		a, err := h.staff.Approval(h.Ctx, max.seat(), asked)
		h.Must(err)
		if a.Alone || a.State != staff.Waiting || len(h.letters(staff.LetterAsked)) != 2 {
			t.Errorf("%+v, %d mails", a, len(h.letters(staff.LetterAsked)))
		}
		if _, err := h.staff.Decide(h.Ctx, eva.seat(), asked, a.Seal, true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("support decided: %v", err)
		}
		// The owner asks herself: all her rights do not make her a second person.
		own, err := h.staff.Ask(h.Ctx, o.seat(), wish(`{"Amount":1}`))
		h.Must(err)
		mine, err := h.staff.Approval(h.Ctx, o.seat(), own)
		h.Must(err)
		if _, err := h.staff.Decide(h.Ctx, o.seat(), own, mine.Seal, true); key(err) != "staff.own_request" {
			t.Errorf("the asker approved: %v", err)
		}
		if _, err := h.staff.Decide(h.Ctx, max.seat(), asked, mine.Seal, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("agreed to another act than was shown: %v", err)
		}
		stale := max.seat()
		stale.Fresh = false
		if _, err := h.staff.Decide(h.Ctx, stale, asked, a.Seal, true); !access.NeedsStepUp(err) {
			t.Errorf("without a step-up: %v", err)
		}
		if d.done.Load() != 0 {
			t.Fatal("done before anybody agreed")
		}
		state, err := h.staff.Decide(h.Ctx, max.seat(), asked, a.Seal, true)
		h.Must(err)
		h.Run()
		who, _ := d.by.Load().(access.Approved)
		if state != staff.Carried || d.done.Load() != 1 || d.params.Load() != `{"Amount":90000}` || who.AskedBy != eva.id || who.DecidedBy != max.id {
			t.Errorf("%s, done %d times with %v by %+v", state, d.done.Load(), d.params.Load(), who)
		}
		for range 2 {
			if _, err := h.staff.Decide(h.Ctx, max.seat(), asked, a.Seal, true); !fault.Is(err, fault.Conflict) {
				t.Errorf("replayed: %v", err)
			}
		}
		h.Run()
		if d.done.Load() != 1 {
			t.Errorf("done %d times", d.done.Load())
		}
		h.Must(h.staff.Cancel(h.Ctx, o.seat(), own))
		if _, err := h.staff.Decide(h.Ctx, max.seat(), own, mine.Seal, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("a cancelled act: %v", err)
		}
		late, err := h.staff.Ask(h.Ctx, eva.seat(), wish(`{}`))
		h.Must(err)
		h.tend(72*time.Hour + time.Second)
		if got, err := h.staff.Approval(h.Ctx, access.Console(), late); err != nil || got.State != staff.Expired {
			t.Errorf("%+v %v", got, err)
		}
		if h.count("staff.decide_refused") < 2 {
			t.Error("refused decisions raised no event")
		}
	})
}

// V16.4.2 in spirit: who changes the row of an act cannot have another one carried out.
func TestAnAlteredActIsNotCarriedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		for column, value := range map[string]string{"params": `{"Amount":1}`, "kind": "test.other", "may": "order.view", "facts": `{"amount":"1.00"}`} {
			h := open(t, dbtest.Open(t, p.Data.Engine()))
			d := &deed{}
			h.staff.On("test.deed", d.do)
			h.staff.On("test.other", d.do)
			o := h.owner()
			max := h.invited(o, "Max", staff.Assignment{Role: access.Manager})
			h.Clock.Advance(8 * 24 * time.Hour)
			for _, w := range []*worker{o, max} {
				step, err := h.SignIn(identity.Staff, w.v, w.keys[0])
				h.Must(err)
				w.v.Session = step.Session
			}
			v, err := h.staff.Ask(h.Ctx, o.seat(), wish(`{"Amount":90000}`))
			h.Must(err)
			alter := map[string]string{
				"params": `UPDATE staff_approval SET params = $1 WHERE id = $2`, "kind": `UPDATE staff_approval SET kind = $1 WHERE id = $2`,
				"may": `UPDATE staff_approval SET may = $1 WHERE id = $2`, "facts": `UPDATE staff_approval SET facts = $1 WHERE id = $2`}[column]
			h.Must(h.Data.Write(h.Ctx, func(tx *db.Tx) error { _, err := tx.Exec(alter, value, v); return err }))
			a, err := h.staff.Approval(h.Ctx, max.seat(), v)
			h.Must(err)
			if _, err := h.staff.Decide(h.Ctx, max.seat(), v, a.Seal, true); err == nil {
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
		h := open(t, p)
		d := &deed{}
		h.staff.On("test.deed", d.do)
		o := h.owner()
		stale := o.seat()
		stale.Fresh = false
		if _, err := h.staff.Ask(h.Ctx, stale, wish(`{}`)); !access.NeedsStepUp(err) {
			t.Errorf("without a step-up: %v", err)
		}
		// A second account of one's own making, made just before, is no second person.
		h.invited(o, "Sock", staff.Assignment{Role: access.Manager})
		v, err := h.staff.Ask(h.Ctx, o.seat(), wish(`{"n":1}`))
		h.Must(err)
		a, err := h.staff.Approval(h.Ctx, o.seat(), v)
		h.Must(err)
		mail := h.mailed(staff.LetterAlone, id.ID{})
		if !a.Alone || mail.To != "outside@elsewhere.example" || mail.Link == "" || strings.Contains(mail.About, "Ida") {
			t.Errorf("%+v %+v", a, mail)
		}
		h.tend(23 * time.Hour)
		if d.done.Load() != 0 {
			t.Fatal("done before its day")
		}
		h.tend(time.Hour + time.Second)
		if d.done.Load() != 1 {
			t.Fatalf("done %d times after its day", d.done.Load())
		}
		step, err := h.SignIn(identity.Staff, o.v, o.keys[0])
		h.Must(err)
		o.v.Session = step.Session
		_, err = h.staff.Ask(h.Ctx, o.seat(), access.Wish{Kind: "test.deed", May: access.BackupErase, Params: []byte(`{}`), Object: "backup"})
		h.Must(err)
		stop := h.mailed(staff.LetterAlone, id.ID{})
		if l, err := h.staff.PeekLink(h.Ctx, stop.Link); err != nil || l.Kind != staff.LinkStop || l.Ask.Kind != "test.deed" {
			t.Errorf("%+v %v", l, err)
		}
		anybody := access.Guest(id.ID{}, netip.MustParseAddr("203.0.113.4"))
		h.Must(h.staff.Stop(h.Ctx, stop.Link, anybody))
		if err := h.staff.Stop(h.Ctx, stop.Link, anybody); !fault.Is(err, fault.Gone) {
			t.Errorf("stopped twice: %v", err)
		}
		h.tend(25 * time.Hour)
		if d.done.Load() != 1 {
			t.Error("a stopped act was done")
		}
	})
}

// A new owner needs two people, and two ways of signing in.
func TestANewOwnerNeedsTwoPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		max := h.invited(o, "Max", staff.Assignment{Role: access.Manager})
		waiting, err := h.staff.SetRole(h.Ctx, o.seat(), max.id, staff.Assignment{Role: access.Owner})
		h.Must(err)
		if waiting.IsZero() || max.seat().May(access.OwnerManage) {
			t.Fatal("an owner at once")
		}
		h.tend(24*time.Hour + time.Second)
		list, err := h.staff.Owners(h.Ctx, access.Console())
		h.Must(err)
		for _, m := range list {
			if len(list) != 2 || (m.State == staff.MustEnrol) != (m.ID == max.id) {
				t.Fatalf("%d owners; %s is %s", len(list), m.ID, m.State)
			}
		}
		step, err := h.SignIn(identity.Staff, max.v, max.keys[0])
		h.Must(err)
		max.v.Session = step.Session
		if err := max.in(); !staff.NeedsEnrolment(err) {
			t.Errorf("an owner with one passkey: %v", err)
		}
		max = h.enrol(step, max.v, 1)
		h.Must(max.in())
		if n := len(h.letters(staff.LetterOwners)); n == 0 {
			t.Error("the owners were not told")
		}
		h.Must(h.staff.Remove(h.Ctx, access.Console(), o.id))
		if err := h.staff.Remove(h.Ctx, access.Console(), max.id); key(err) != "staff.last_owner" {
			t.Errorf("the last owner left: %v", err)
		}
	})
}

func TestBreakGlassIsLoudAndEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		max := h.invited(o, "Max", staff.Assignment{Role: access.Manager})
		eva := h.invited(o, "Eva", staff.Assignment{Role: access.Support})
		if _, err := h.staff.BreakGlass(h.Ctx, eva.seat(), "the provider is down and everybody is away"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("support broke the glass: %v", err)
		}
		if _, err := h.staff.BreakGlass(h.Ctx, max.seat(), "need it"); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if max.seat().May(access.AuditExport) {
			t.Fatal("a manager exports the log")
		}
		_, err := h.staff.BreakGlass(h.Ctx, max.seat(), "Plantedreason: the provider is down")
		h.Must(err)
		a := max.seat()
		if !a.May(access.AuditExport) || a.Name != access.BrokenGlass {
			t.Errorf("%s may %s", a, a.Rights)
		}
		for _, never := range []access.Permission{access.OwnerManage, access.KeyDestroy, access.BackupErase, access.DataExport} {
			if a.May(never) {
				t.Errorf("the emergency gives %s", never)
			}
		}
		in := h.mailed(staff.LetterGlass, o.id)
		out := h.mailed(staff.LetterGlass, id.ID{})
		if in.Reason != "Plantedreason: the provider is down" || in.About != "Max" || out.To != "outside@elsewhere.example" || out.About == "Max" {
			t.Errorf("%+v %+v", in, out)
		}
		if h.count("staff.glass_broken") != 1 {
			t.Error("no alarm")
		}
		h.Clock.Advance(time.Hour + time.Second)
		step, err := h.SignIn(identity.Staff, max.v, max.keys[0])
		h.Must(err)
		max.v.Session = step.Session
		if a := max.seat(); a.May(access.AuditExport) || a.Name != access.Manager {
			t.Errorf("after an hour: %s", a)
		}
		_, err = h.staff.BreakGlass(h.Ctx, max.seat(), "once more, the provider is down")
		h.Must(err)
		h.Must(h.staff.EndGlass(h.Ctx, o.console(), max.id))
		if max.seat().May(access.AuditExport) {
			t.Error("taken away and still there")
		}
	})
}

func (w *worker) console() access.Actor { return access.Console() }

// Attack 28: a member who looks at 500 people is stopped at the quota, once told, and the open work is not in her way.
func TestFiveHundredLooksStopAtTheQuota_Attack28(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		eva := h.invited(o, "Eva", staff.Assignment{Role: access.Support})
		who := eva.seat()
		h.work.give(eva.id, id.ID{1})
		h.work.give(eva.id, id.ID{2})
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
		if n := h.count("staff.quota_reached"); n != 1 {
			t.Errorf("%d alarms", n)
		}
		if n := len(h.letters(staff.LetterQuota)); n != 1 {
			t.Errorf("%d mails to the owner", n)
		}
		if n := h.number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND outcome = 1`); n != 24 {
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
		if left, err := h.staff.Left(h.Ctx, who); err != nil || left != 0 {
			t.Errorf("%d left: %v", left, err)
		}
		if n := h.number(`SELECT count FROM staff_quota WHERE span = 'day' ORDER BY count DESC LIMIT 1`); n != 106 {
			t.Errorf("%d people in a day", n)
		}
		masked := who
		masked.Masked = true
		if err := look(masked, people[1], id.ID{1}); key(err) != "staff.masked" {
			t.Errorf("a masked role looked: %v", err)
		}
		handle, err := h.Vault.AuditHandle(h.Ctx, people[0])
		h.Must(err)
		told, err := h.staff.LooksAt(h.Ctx, handle, time.UTC)
		h.Must(err)
		if len(told) == 0 || told[len(told)-1].Role != "access.role_support" || told[0].Reason != "access.why_question" {
			t.Errorf("the shopper is told %+v", told)
		}
	})
}

func TestRecoverAnOwnerOnTheConsole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		kit, err := h.Vault.NewKit(h.Ctx)
		h.Must(err)
		foreign := open(t, dbtest.Open(t, p.Data.Engine()))
		other, err := foreign.Vault.NewKit(h.Ctx)
		h.Must(err)
		if _, _, err := h.staff.RecoverOwner(h.Ctx, access.Console(), other, o.id); err == nil {
			t.Fatal("recovered with the kit of another store")
		}
		h.Must(o.in())
		token, until, err := h.staff.RecoverOwner(h.Ctx, access.Console(), kit, o.id)
		h.Must(err)
		if until.Sub(h.Clock.Now()) != 30*time.Minute || o.in() == nil {
			t.Errorf("until %v; the old session is over: %v", until, o.in())
		}
		if step, err := h.SignIn(identity.Staff, o.v, o.keys[0]); err == nil && step.Session != "" {
			t.Error("the old passkey opens")
		}
		v := h.Browser()
		step, err := h.staff.Accept(h.Ctx, token, v)
		h.Must(err)
		if _, err := h.staff.Accept(h.Ctx, token, h.Browser()); !fault.Is(err, fault.Gone) {
			t.Errorf("used twice: %v", err)
		}
		w := h.enrol(step, v, 2)
		if !w.seat().May(access.OwnerManage) {
			t.Error("no owner afterwards")
		}
		if h.count("staff.owner_recovered") != 1 || h.mailed(staff.LetterRecovered, id.ID{}).To == "" {
			t.Error("nobody was told")
		}
	})
}

func TestDormantIsFlagged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := open(t, p)
		o := h.owner()
		h.invited(o, "Eva", staff.Assignment{Role: access.Support})
		h.Clock.Advance(91 * 24 * time.Hour)
		step, err := h.SignIn(identity.Staff, o.v, o.keys[0])
		h.Must(err)
		o.v.Session = step.Session
		if n, err := h.staff.Dormant(h.Ctx, o.seat()); err != nil || n != 1 {
			t.Errorf("%d dormant: %v", n, err)
		}
		list, err := h.staff.Members(h.Ctx, o.seat(), false)
		h.Must(err)
		for _, m := range list {
			if m.Dormant != (m.Called == "Eva") || strings.Contains(m.Email, "eva@") || strings.Contains(m.Email, "ida@") {
				t.Errorf("%s %s %v", m.Called, m.Email, m.Dormant)
			}
		}
	})
}
