// Package stafftest gives tests a store with a staff: an owner who came in by the set-up link, members who were invited,
// their browsers and devices, and what would have been mailed.
//
//	h := stafftest.New(t, pair)
//	ida := h.Owner()                                                       // set up, two passkeys enrolled
//	max := h.Invited(ida, "Max", staff.Assignment{Role: access.Manager})   // invited, one passkey enrolled
//	h.Desk.Remove(h.Ctx, ida.Seat(), max.ID)                               // Seat is the actor of a request, just stepped up
package stafftest

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

// House is a store of accounts with a staff.
type House struct {
	*identitytest.Kit
	Desk *staff.Service
	Work *Table
	bus  *event.Bus

	mu    sync.Mutex
	heard map[string]int
	sent  []staff.Letter
}

// Table is what members are working on.
type Table struct {
	mu    sync.Mutex
	works map[id.ID]map[id.ID]bool
}

// OpenWork is how much somebody is working on.
func (w *Table) OpenWork(_ context.Context, m id.ID) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.works[m]), nil
}

// Working says whether somebody is working on it.
func (w *Table) Working(_ context.Context, m, o id.ID) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.works[m][o], nil
}

// Give puts work on somebody's table.
func (w *Table) Give(m, o id.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.works[m] == nil {
		w.works[m] = map[id.ID]bool{}
	}
	w.works[m][o] = true
}

func hear[E event.Event](h *House) {
	h.Must(event.On(h.bus, "stafftest", func(_ context.Context, e E) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.heard[e.EventName()]++
		return nil
	}))
}

// Told is how often an event was told.
func (h *House) Told(name string) int {
	h.Run()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.heard[name]
}

// New makes a store.
func New(t *testing.T, p dbtest.Pair) *House {
	t.Helper()
	h := &House{heard: map[string]int{}, Work: &Table{works: map[id.ID]map[id.ID]bool{}}}
	h.Kit = identitytest.New(t, p, func(d *identity.Deps) { h.bus = d.Events })
	s, err := staff.New(h.deps())
	h.Must(err)
	s.SetWork(h.Work)
	h.Desk = s
	hear[staff.LinkRefused](h)
	hear[staff.QuotaReached](h)
	hear[staff.GlassBroken](h)
	hear[staff.CanaryTouched](h)
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

func (h *House) deps() staff.Deps {
	shop := h.Shop
	shop.OwnerEmail = "outside@elsewhere.example"
	return staff.Deps{DB: h.Data, Vault: h.Vault, Audit: h.Audit, Jobs: h.Jobs, Events: h.bus, Identity: h.Service, Shop: shop}
}

// Restarted is another start of the program over the same databases.
func (h *House) Restarted() *staff.Service {
	h.T.Helper()
	d := h.deps()
	d.Jobs = job.New(h.Data, nil, 1)
	d.Events = event.NewBus(h.Data, d.Jobs)
	s, err := staff.New(d)
	h.Must(err)
	return s
}

// Worker is a member with her browser and devices.
type Worker struct {
	ID   id.ID
	V    identity.Visitor
	Keys []*identitytest.Authenticator
	h    *House
}

// Admit adds n passkeys and finishes.
func (h *House) Admit(step identity.Step, v identity.Visitor, n int) *Worker {
	h.T.Helper()
	w := &Worker{h: h, V: v}
	w.V.Session = step.Session
	for range n {
		sess, acc, err := h.Check(h.Ctx, identity.Staff, w.V.Session, w.V)
		h.Must(err)
		w.ID = acc.ID
		a := identitytest.NewAuthenticator(identitytest.AdminOrigin)
		s := h.Enrol(sess, w.V, a)
		if s.Session != "" {
			w.V.Session = s.Session
		}
		w.Keys = append(w.Keys, a)
	}
	sess, _, err := h.Check(h.Ctx, identity.Staff, w.V.Session, w.V)
	h.Must(err)
	s, missing, err := h.Desk.Finish(h.Ctx, sess, w.V)
	h.Must(err)
	if len(missing) > 0 {
		h.T.Fatalf("still missing: %v", missing)
	}
	if s.Session != "" {
		w.V.Session = s.Session
	}
	return w
}

// Owner sets the store up.
func (h *House) Owner() *Worker {
	h.T.Helper()
	token, _, ok, err := h.Desk.SetUpLink(h.Ctx)
	h.Must(err)
	if !ok {
		h.T.Fatal("no set-up link")
	}
	v := h.Browser()
	step, err := h.Desk.SetUp(h.Ctx, token, staff.Person{Name: "Plantedowner Ida", Email: vault.Typed("ida@shop.example"), Language: "en"}, v)
	h.Must(err)
	return h.Admit(step, v, 2)
}

// Seat is the Worker's actor now; fresh because she has just stepped up.
func (w *Worker) Seat() access.Actor {
	w.h.T.Helper()
	sess, _, err := w.h.Check(w.h.Ctx, identity.Staff, w.V.Session, w.V)
	w.h.Must(err)
	if step, err := w.h.StepUp(sess, w.V, w.Keys[0]); err == nil && step.Session != "" {
		w.V.Session = step.Session
		sess, _, err = w.h.Check(w.h.Ctx, identity.Staff, w.V.Session, w.V)
		w.h.Must(err)
	}
	s, err := w.h.Desk.Enter(w.h.Ctx, sess, w.V)
	w.h.Must(err)
	return s.Actor
}

// In tries to enter with the session as it is.
func (w *Worker) In() error {
	sess, _, err := w.h.Check(w.h.Ctx, identity.Staff, w.V.Session, w.V)
	if err != nil {
		return err
	}
	_, err = w.h.Desk.Enter(w.h.Ctx, sess, w.V)
	return err
}

// Invited takes somebody from an invitation to her desk.
func (h *House) Invited(by *Worker, name string, a staff.Assignment) *Worker {
	h.T.Helper()
	m, err := h.Desk.Invite(h.Ctx, by.Seat(), staff.Person{Name: name, Email: vault.Typed(strings.ToLower(name) + "@shop.example"), Language: "en"}, a)
	h.Must(err)
	v := h.Browser()
	step, err := h.Desk.Accept(h.Ctx, h.Mailed(staff.LetterInvitation, m).Link, v)
	h.Must(err)
	return h.Admit(step, v, 1)
}

// Letters are the mails of a kind so far.
func (h *House) Letters(kind staff.LetterKind) (out []staff.Letter) {
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

// Mailed is what the last mail of a kind to somebody says.
func (h *House) Mailed(kind staff.LetterKind, to id.ID) staff.Content {
	h.T.Helper()
	list := h.Letters(kind)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].To == to {
			c, err := h.Desk.ForLetter(h.Ctx, list[i])
			h.Must(err)
			return c
		}
	}
	h.T.Fatalf("no %s mail to %s", kind, to)
	return staff.Content{}
}

// Number counts the rows that a query counts.
func (h *House) Number(query string, args ...any) (n int64) {
	h.T.Helper()
	h.Must(h.Data.Read(h.Ctx, func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

// Tend moves the clock on and does what time brings.
func (h *House) Tend(d time.Duration) {
	h.T.Helper()
	h.Clock.Advance(d)
	h.Must(h.Desk.Tend(h.Ctx))
	h.Run()
}

// Events is the house's bus.
func (h *House) Events() *event.Bus { return h.bus }

// Again signs somebody in anew after the clock moved on.
func (h *House) Again(workers ...*Worker) {
	h.T.Helper()
	for _, w := range workers {
		step, err := h.SignIn(identity.Staff, w.V, w.Keys[0])
		h.Must(err)
		w.V.Session = step.Session
	}
}

// TwoOwners are owners who know each other for long enough to decide on what the other asks.
func (h *House) TwoOwners() (first, second *Worker) {
	h.T.Helper()
	first = h.Owner()
	second = h.Invited(first, "Max", staff.Assignment{Role: access.Manager})
	_, err := h.Desk.SetRole(h.Ctx, first.Seat(), second.ID, staff.Assignment{Role: access.Owner})
	h.Must(err)
	h.Tend(24*time.Hour + time.Second)
	step, err := h.SignIn(identity.Staff, second.V, second.Keys[0])
	h.Must(err)
	keys := second.Keys
	second = h.Admit(step, second.V, 1)
	second.Keys = append(keys, second.Keys...)
	h.Clock.Advance(8 * 24 * time.Hour)
	h.Again(first, second)
	return first, second
}
