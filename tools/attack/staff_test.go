package attack

import (
	"fmt"
	"testing"
	"time"

	"strongroom/base/db/dbtest"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/guard/identity"
	"strongroom/guard/staff"
	"strongroom/guard/staff/stafftest"
	"strongroom/guard/vault"
)

// desk is a store's staff under attack.
func desk(t *testing.T, s *site) *stafftest.House {
	t.Helper()
	return stafftest.New(t, dbtest.Open(t, s.Engine))
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
	again := fresh.Restarted()
	_, _, _, err = again.SetUpLink(fresh.Ctx) // as every start does
	fresh.Must(err)
	if _, err := again.SetUp(fresh.Ctx, printed, person, fresh.Browser()); !fault.Is(err, fault.Gone) {
		t.Errorf("after a restart: %v", err)
	}
	return fmt.Sprintf("%d calls: guessed, replaced, late, spent, beside an owner, after a restart; %s", tries+1, setUpOnTheWire(t, s))
}
