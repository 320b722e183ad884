package attack

import (
	"fmt"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/privacy"
	"strongroom/guard/staff"
	"strongroom/guard/staff/stafftest"
	"strongroom/guard/vault"
)

// desk is a store's staff under attack.
func desk(t *testing.T, s *site) *stafftest.House {
	t.Helper()
	return stafftest.New(t, dbtest.Open(t, s.Engine))
}

// helpDesk has every role try to let itself in as somebody else: by a new invitation, by a recovery, by taking her role.
func helpDesk(t *testing.T, s *site) string {
	h := desk(t, s)
	ida := h.Owner()
	people := map[string]*stafftest.Worker{"owner": ida}
	for i, role := range []string{access.Manager, access.Support, access.Fulfilment, access.Accounting} {
		people[role] = h.Invited(ida, fmt.Sprintf("Member%d", i), staff.Assignment{Role: role})
	}
	kit, err := h.Vault.NewKit(h.Ctx)
	h.Must(err)
	tries := 0
	for name, w := range people {
		for _, victim := range people {
			seat := w.Seat()
			_, _, recovered := h.Desk.RecoverOwner(h.Ctx, seat, kit, victim.ID)
			for act, err := range map[string]error{"invited": h.Desk.InviteAgain(h.Ctx, seat, victim.ID), "recovered": recovered} {
				if tries++; !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Conflict) {
					t.Errorf("the %s %s %s: %v", name, act, victim.ID, err)
				}
			}
		}
	}
	for name, w := range people {
		if err := w.In(); err != nil {
			t.Errorf("the %s is out: %v", name, err)
		}
	}
	if n := h.Number(`SELECT COUNT(*) FROM audit_entry WHERE outcome = 2 AND action IN ('staff.invite', 'staff.recover_owner')`); n < int64(len(people)) {
		t.Errorf("%d refusals in the log", n)
	}
	return fmt.Sprintf("%d tries by %d roles to reset a colleague", tries, len(people))
}

// bribed has a member of the support look at 500 people.
func bribed(t *testing.T, s *site) string {
	h := desk(t, s)
	ida := h.Owner()
	eva := h.Invited(ida, "Eva", staff.Assignment{Role: access.Support}).Seat()
	seen := 0
	for i := range 500 {
		subject, err := h.Vault.NewSubject(h.Ctx, vault.Fulfilment)
		h.Must(err)
		row := id.ID{1, byte(i >> 8), byte(i)}
		sealed, err := h.Vault.Seal(h.Ctx, privacy.OrderEmail.Field, subject, row, vault.Typed("planted@buyer.example"))
		h.Must(err)
		_, err = h.Vault.Reveal(h.Ctx, vault.Look{Actor: eva, Purpose: vault.Fulfilment, Reason: "question", Object: "order", ObjectID: row},
			h.Vault.Sealed(privacy.OrderEmail.Field, subject, row, sealed))
		switch {
		case err == nil:
			seen++
		case !fault.Is(err, fault.TooMany):
			t.Fatal(err)
		}
	}
	if seen != 20 {
		t.Errorf("%d of 500 people were seen", seen)
	}
	if n := h.Told("staff.quota_reached"); n != 1 {
		t.Errorf("%d alarms", n)
	}
	if n := h.Number(`SELECT COUNT(*) FROM audit_entry WHERE action = 'vault.look' AND outcome = 1`); n != int64(seen) {
		t.Errorf("%d looks in the log", n)
	}
	canary := id.ID{2, 7}
	h.Must(h.Desk.Plant(h.Ctx, access.Console(), canary, "planted"))
	if err := h.Desk.Plant(h.Ctx, ida.Seat(), canary, "planted"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("planted at the desk: %v", err)
	}
	subject, err := h.Vault.NewSubject(h.Ctx, vault.Fulfilment)
	h.Must(err)
	sealed, err := h.Vault.Seal(h.Ctx, privacy.OrderEmail.Field, subject, canary, vault.Typed("nobody@buyer.example"))
	h.Must(err)
	max := h.Invited(ida, "Max", staff.Assignment{Role: access.Support}).Seat()
	for range 3 {
		if _, err = h.Vault.Reveal(h.Ctx, vault.Look{Actor: max, Purpose: vault.Fulfilment, Reason: "question", Object: "order", ObjectID: canary},
			h.Vault.Sealed(privacy.OrderEmail.Field, subject, canary, sealed)); err != nil {
			t.Errorf("whoever looks at a canary notices it: %v", err)
		}
	}
	if n := h.Told("staff.canary_touched"); n != 1 || len(h.Letters(staff.LetterCanary)) < 2 {
		t.Errorf("%d alarms and %d mails of a touched canary", n, len(h.Letters(staff.LetterCanary)))
	}
	return fmt.Sprintf("500 looks, %d seen, one alarm; a canary touched: one alarm, owners and the address outside told", seen)
}

// setUpTakeover uses the link of the first owner twice, from outside, after a restart, late, and beside an owner.
func setUpTakeover(t *testing.T, s *site) string {
	h := desk(t, s)
	person := staff.Person{Name: "Mallory", Email: vault.Typed("mallory@else.example"), Language: "en"}
	tries := 0
	refused := func(name string, desk *staff.Service, token id.Token) {
		if tries++; token == "" {
			token = id.NewToken()
		}
		if step, err := desk.SetUp(h.Ctx, token, person, h.Browser()); !fault.Is(err, fault.Gone) || step.Session != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused("a guess", h.Desk, "")
	old, _, _, err := h.Desk.SetUpLink(h.Ctx)
	h.Must(err)
	replaced, _, _, err := h.Desk.SetUpLink(h.Ctx)
	h.Must(err)
	refused("a replaced link", h.Desk, old)
	h.Clock.Advance(30*time.Minute + time.Second)
	refused("a late link", h.Desk, replaced)
	spent, _, _, err := h.Desk.SetUpLink(h.Ctx)
	h.Must(err)
	step, err := h.Desk.SetUp(h.Ctx, spent, staff.Person{Name: "Ida", Email: vault.Typed("ida2@shop.example"), Language: "en"}, h.Browser())
	h.Must(err)
	if step.Level != identity.Enrolling {
		t.Errorf("a session of level %s before anything was enrolled", step.Level)
	}
	refused("a second call", h.Desk, spent)
	h.Owner()
	refused("beside an owner", h.Desk, spent)
	if _, _, ok, err := h.Desk.SetUpLink(h.Ctx); err != nil || ok {
		t.Errorf("a link beside an owner: %v", err)
	}
	if n := h.Told("staff.link_refused"); n < tries {
		t.Errorf("%d refused links were told", n)
	}
	fresh := desk(t, s)
	printed, _, _, err := fresh.Desk.SetUpLink(fresh.Ctx)
	fresh.Must(err)
	if _, err := fresh.Restarted().SetUp(fresh.Ctx, printed, person, fresh.Browser()); !fault.Is(err, fault.Gone) {
		t.Errorf("after a restart: %v", err)
	}
	return fmt.Sprintf("%d calls: guessed, replaced, late, spent, beside an owner, after a restart; %s", tries+1, setUpOnTheWire(t, s))
}
