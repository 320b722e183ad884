package staff_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/guard/access"
	"strongroom/guard/identity"
	"strongroom/guard/identity/identitytest"
	"strongroom/guard/staff"
	"strongroom/guard/vault"
)

// house is a store of accounts with a staff.
type house struct {
	*identitytest.Kit
	staff *staff.Service
	bus   *event.Bus
	work  *table

	mu    sync.Mutex
	heard map[string]int
	sent  []staff.Letter
}

// table is what members are working on.
type table struct {
	mu    sync.Mutex
	works map[id.ID]map[id.ID]bool
}

func (w *table) OpenWork(_ context.Context, m id.ID) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.works[m]), nil
}

func (w *table) Working(_ context.Context, m, o id.ID) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.works[m][o], nil
}

func (w *table) give(m, o id.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.works[m] == nil {
		w.works[m] = map[id.ID]bool{}
	}
	w.works[m][o] = true
}

func hear[E event.Event](h *house) {
	h.Must(event.On(h.bus, "stafftest", func(_ context.Context, e E) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.heard[e.EventName()]++
		return nil
	}))
}

func (h *house) count(name string) int {
	h.Run()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.heard[name]
}

// open makes a store.
func open(t *testing.T, p dbtest.Pair) *house {
	t.Helper()
	h := &house{heard: map[string]int{}, work: &table{works: map[id.ID]map[id.ID]bool{}}}
	h.Kit = identitytest.New(t, p, func(d *identity.Deps) { h.bus = d.Events })
	s, err := staff.New(h.deps())
	h.Must(err)
	s.SetWork(h.work)
	h.staff = s
	hear[staff.LinkRefused](h)
	hear[staff.QuotaReached](h)
	hear[staff.GlassBroken](h)
	hear[staff.DecideRefused](h)
	hear[staff.OwnerRecovered](h)
	for _, k := range staff.LetterKinds() {
		h.Must(job.Handle(h.Jobs, "letter.staff_"+string(k), job.Options{}, func(_ context.Context, l staff.Letter) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.sent = append(h.sent, l)
			return nil
		}))
	}
	return h
}

func (h *house) deps() staff.Deps {
	shop := h.Shop
	shop.OwnerEmail = "outside@elsewhere.example"
	return staff.Deps{DB: h.Data, Vault: h.Vault, Audit: h.Audit, Jobs: h.Jobs, Events: h.bus, Identity: h.Service, Shop: shop}
}

// restarted is another start of the program over the same databases.
func (h *house) restarted() *staff.Service {
	h.T.Helper()
	d := h.deps()
	d.Jobs = job.New(h.Data, nil, 1)
	d.Events = event.NewBus(h.Data, d.Jobs)
	s, err := staff.New(d)
	h.Must(err)
	return s
}

// worker is a member with her browser and devices.
type worker struct {
	h    *house
	id   id.ID
	v    identity.Visitor
	keys []*identitytest.Authenticator
}

// enrol adds n passkeys and finishes.
func (h *house) enrol(step identity.Step, v identity.Visitor, n int) *worker {
	h.T.Helper()
	w := &worker{h: h, v: v}
	w.v.Session = step.Session
	for range n {
		sess, acc, err := h.Check(h.Ctx, identity.Staff, w.v.Session, w.v)
		h.Must(err)
		w.id = acc.ID
		a := identitytest.NewAuthenticator(identitytest.AdminOrigin)
		s := h.Enrol(sess, w.v, a)
		if s.Session != "" {
			w.v.Session = s.Session
		}
		w.keys = append(w.keys, a)
	}
	sess, _, err := h.Check(h.Ctx, identity.Staff, w.v.Session, w.v)
	h.Must(err)
	s, missing, err := h.staff.Finish(h.Ctx, sess, w.v)
	h.Must(err)
	if len(missing) > 0 {
		h.T.Fatalf("still missing: %v", missing)
	}
	if s.Session != "" {
		w.v.Session = s.Session
	}
	return w
}

// owner sets the store up.
func (h *house) owner() *worker {
	h.T.Helper()
	token, _, ok, err := h.staff.SetUpLink(h.Ctx)
	h.Must(err)
	if !ok {
		h.T.Fatal("no set-up link")
	}
	v := h.Browser()
	step, err := h.staff.SetUp(h.Ctx, token, staff.Person{Name: "Plantedowner Ida", Email: vault.Typed("ida@shop.example"), Language: "en"}, v)
	h.Must(err)
	return h.enrol(step, v, 2)
}

// seat is the worker's actor now; fresh because she has just stepped up.
func (w *worker) seat() access.Actor {
	w.h.T.Helper()
	sess, _, err := w.h.Check(w.h.Ctx, identity.Staff, w.v.Session, w.v)
	w.h.Must(err)
	if step, err := w.h.StepUp(sess, w.v, w.keys[0]); err == nil && step.Session != "" {
		w.v.Session = step.Session
		sess, _, err = w.h.Check(w.h.Ctx, identity.Staff, w.v.Session, w.v)
		w.h.Must(err)
	}
	s, err := w.h.staff.Enter(w.h.Ctx, sess, w.v)
	w.h.Must(err)
	return s.Actor
}

// in tries to enter with the session as it is.
func (w *worker) in() error {
	sess, _, err := w.h.Check(w.h.Ctx, identity.Staff, w.v.Session, w.v)
	if err != nil {
		return err
	}
	_, err = w.h.staff.Enter(w.h.Ctx, sess, w.v)
	return err
}

// invited takes somebody from an invitation to her desk.
func (h *house) invited(by *worker, name string, a staff.Assignment) *worker {
	h.T.Helper()
	m, err := h.staff.Invite(h.Ctx, by.seat(), staff.Person{Name: name, Email: vault.Typed(strings.ToLower(name) + "@shop.example"), Language: "en"}, a)
	h.Must(err)
	v := h.Browser()
	step, err := h.staff.Accept(h.Ctx, h.mailed(staff.LetterInvitation, m).Link, v)
	h.Must(err)
	return h.enrol(step, v, 1)
}

// letters are the mails of a kind so far.
func (h *house) letters(kind staff.LetterKind) (out []staff.Letter) {
	h.T.Helper()
	h.Run()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.sent {
		if l.Kind == kind {
			out = append(out, l)
		}
	}
	return out
}

// mailed is what the last mail of a kind to somebody says.
func (h *house) mailed(kind staff.LetterKind, to id.ID) staff.Content {
	h.T.Helper()
	list := h.letters(kind)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].To == to {
			c, err := h.staff.ForLetter(h.Ctx, list[i])
			h.Must(err)
			return c
		}
	}
	h.T.Fatalf("no %s mail to %s", kind, to)
	return staff.Content{}
}

func (h *house) number(query string, args ...any) (n int64) {
	h.T.Helper()
	h.Must(h.Data.Read(h.Ctx, func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

// tend moves the clock on and does what time brings.
func (h *house) tend(d time.Duration) {
	h.T.Helper()
	h.Clock.Advance(d)
	h.Must(h.staff.Tend(h.Ctx))
	h.Run()
}
