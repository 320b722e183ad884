package setup_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/config"
	"strongroom/base/db"
	"strongroom/base/db/dbtest"
	"strongroom/base/event"
	"strongroom/base/fault"
	"strongroom/base/id"
	"strongroom/base/job"
	"strongroom/base/lang"
	"strongroom/guard/access"
	"strongroom/guard/access/accesstest"
	"strongroom/guard/audit"
	"strongroom/guard/vault"
	"strongroom/guard/vault/vaulttest"
	"strongroom/shop/payment"
	"strongroom/shop/payment/setup"
)

// house is a store with one process, and its provider.
type house struct {
	t     *testing.T
	ctx   context.Context
	pair  dbtest.Pair
	vault *vault.Vault
	audit *audit.Log
	firm  *firm
	test  bool // the store's mode
	held  bool

	*process
	second second
}

// process is what one program of the store has.
type process struct {
	*setup.Service
	pays    *payment.Service
	jobs    *job.Queue
	letters []setup.Letter
	mu      sync.Mutex
}

// second writes down what two people are asked for.
type second struct{ wishes []access.Wish }

func (s *second) Ask(_ context.Context, _ access.Actor, w access.Wish) (id.ID, error) {
	s.wishes = append(s.wishes, w)
	return id.ID{9}, nil
}

func each(t *testing.T, test bool, body func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, p dbtest.Pair) {
		h := &house{t: t, ctx: context.Background(), pair: p, vault: vaulttest.New(t, p), firm: newFirm(p.Clock), test: test}
		h.audit = audit.New(audit.Deps{DB: p.Data, Vault: h.vault})
		t.Cleanup(func() { h.must(h.audit.Close()) })
		h.process = h.start()
		body(h)
	})
}

// start is a process of the store.
func (h *house) start() *process {
	h.t.Helper()
	p := &process{jobs: job.New(h.pair.Data, nil, 2)}
	bus := event.NewBus(h.pair.Data, p.jobs)
	h.pair.Data.OnEmit(func(tx *db.Tx, e any) error { return bus.Emit(tx, e.(event.Event)) })
	h.must(job.Handle(p.jobs, setup.LetterJob, job.Options{}, func(_ context.Context, l setup.Letter) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.letters = append(p.letters, l)
		return nil
	}))
	var err error
	p.Service, err = setup.New(setup.Deps{DB: h.pair.Data, Vault: h.vault, Audit: h.audit, Jobs: p.jobs,
		Shop:   config.Shop{TestMode: h.test, Currency: "EUR", PublicURL: "https://shop.test"},
		Makers: map[string]payment.Maker{"firm": h.firm.maker("firm"), "other": h.firm.maker("other")}, Second: &h.second,
		Held: func(context.Context) bool { return h.held }})
	h.must(err)
	h.must(p.Refresh(h.ctx))
	p.pays, err = payment.New(payment.Deps{DB: h.pair.Data, Audit: h.audit, Jobs: p.jobs, More: p.Offers})
	h.must(err)
	p.SetPayments(p.pays)
	p.pays.SetPayee(h)
	return p
}

// PaymentMoved is an order that takes what comes.
func (h *house) PaymentMoved(*db.Tx, payment.Payment) error { return nil }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func owner() access.Actor { return accesstest.Roles()[access.Owner] }

// paste has the owner paste a key.
func (h *house) paste(key string) setup.Provider {
	h.t.Helper()
	p, err := h.PutKeys(h.ctx, owner(), "firm", map[string]string{"key": key})
	h.must(err)
	return p
}

// whole takes a provider to where nothing is missing.
func (h *house) whole(key string) setup.Provider {
	h.t.Helper()
	p := h.paste(key)
	p, err := h.Subscribe(h.ctx, owner(), p.ID)
	h.must(err)
	h.trial(p)
	return p
}

// trial makes a test payment and pays it.
func (h *house) trial(p setup.Provider) payment.Payment {
	h.t.Helper()
	t, err := h.StartTrial(h.ctx, owner(), p.ID, "en", "https://admin.shop.test/providers/x")
	h.must(err)
	h.firm.pay(t.Ref)
	_, err = h.pays.Refresh(h.ctx, t.ID)
	h.must(err)
	h.run()
	return t.Payment
}

func (h *house) run() {
	h.t.Helper()
	_, err := h.jobs.RunDue(h.ctx)
	h.must(err)
}

// on switches a whole provider on.
func (h *house) on(key string) setup.Provider {
	h.t.Helper()
	p := h.whole(key)
	waiting, err := h.SwitchOn(h.ctx, owner(), p.ID, false)
	h.must(err)
	if waiting {
		h.t.Fatal("a second person is asked for the first account")
	}
	return h.look(p.ID)
}

func (h *house) look(v id.ID) setup.Provider {
	h.t.Helper()
	p, err := h.Get(h.ctx, owner(), v)
	h.must(err)
	return p
}

func (h *house) refused(err error, key string) {
	h.t.Helper()
	f := fault.As(err)
	if f == nil {
		h.t.Fatalf("want a refusal %s; got %v", key, err)
	}
	for _, x := range f.Fields {
		if x.Key == key {
			return
		}
	}
	if f.Key != key {
		h.t.Fatalf("refused with %s %v; want %s", f.Key, f.Fields, key)
	}
}

// names are the providers that shoppers are offered.
func (p *process) names() string {
	var out []string
	for _, d := range p.pays.Providers() {
		out = append(out, d.Name+"/"+d.Account)
	}
	return strings.Join(out, " ")
}

// The whole way: keys pasted, tested, notices registered, a payment made, switched on.
func TestTheWayOfAProvider(t *testing.T) {
	each(t, true, func(h *house) {
		p := h.paste("  sk_test_full_\n0001aaaa ")
		if p.State != setup.Testing || p.Account != "acct_1" || p.Title != "Kiln" || p.Keys["key"] != "…aaaa" || len(p.Report.Scopes) != 2 || p.Problem != "" {
			t.Fatalf("after the keys: %+v", p)
		}
		if h.names() != "" {
			t.Error("shoppers are offered what is not switched on")
		}
		_, err := h.SwitchOn(h.ctx, owner(), p.ID, false)
		h.refused(err, "provider.missing_notices")
		p, err = h.Subscribe(h.ctx, owner(), p.ID)
		h.must(err)
		if p.Notice != setup.NoticeRegistered || p.NoticeRef != "we_https://shop.test/notices/firm" {
			t.Errorf("notices: %+v", p)
		}
		_, err = h.SwitchOn(h.ctx, owner(), p.ID, false)
		h.refused(err, "provider.missing_trial")

		tr, err := h.StartTrial(h.ctx, owner(), p.ID, "en", "https://admin.shop.test/back")
		h.must(err)
		if tr.URL != "https://firm.test/pay" || tr.Amount != 100 || !tr.Trial() {
			t.Fatalf("the test payment is %+v", tr)
		}
		again, err := h.StartTrial(h.ctx, owner(), p.ID, "en", "https://admin.shop.test/back")
		h.must(err)
		if again.ID != tr.ID {
			t.Error("two test payments are open")
		}
		h.firm.pay(tr.Ref)
		n, err := json.Marshal(payment.Notice{ID: "evt_1", Kind: "paid", Ref: tr.Ref, Account: "acct_1", Mode: payment.Test})
		h.must(err)
		h.must(h.pays.Notice(h.ctx, "firm", http.Header{"Signature": {h.firm.secrets[0]}}, n))
		h.run()
		done, err := h.TrialOf(h.ctx, h.look(p.ID), false)
		h.must(err)
		if !done.Paid() || !done.Heard || done.Refund != string(payment.RefundDone) || done.Refunded != 100 {
			t.Errorf("the test payment came to %+v", done)
		}
		r, err := h.pays.CheckLedger(h.ctx)
		h.must(err)
		if !r.OK() {
			t.Errorf("the ledger after a test payment: %+v", r)
		}
		if _, err = h.SwitchOn(h.ctx, owner(), p.ID, false); err != nil {
			t.Fatal(err)
		}
		if h.names() != "firm/acct_1" {
			t.Errorf("offered: %s", h.names())
		}
		h.run()
		if len(h.letters) != 1 || h.letters[0].Kind != "on" || h.letters[0].Account != "acct_1" {
			t.Errorf("the owner was told %+v", h.letters)
		}
		h.must(h.SwitchOff(h.ctx, owner(), p.ID))
		if h.names() != "" || h.look(p.ID).State != setup.Off {
			t.Error("it is offered although it is off")
		}
	})
}

// V13.3.1, V14.2.4: keys are stored sealed, no row, entry or letter holds them, and nothing shows more than their ends.
func TestKeysAreSealed_V13_3_1(t *testing.T) {
	each(t, true, func(h *house) {
		p := h.on("sk_test_full_0001aaaa")
		h.run()
		everything, err := json.Marshal(p)
		h.must(err)
		letters, err := json.Marshal(h.letters)
		h.must(err)
		everything = append(everything, letters...)
		h.must(h.pair.Data.Read(h.ctx, func(tx *db.Tx) error {
			var settings, notice, tails, report string
			if err := tx.QueryRow(`SELECT settings, notice, tails, report FROM payment_provider`).Scan(&settings, &notice, &tails, &report); err != nil {
				return err
			}
			everything = append(everything, settings+notice+tails+report...)
			return nil
		}))
		for _, secret := range []string{"sk_test_full_0001aaaa", "full_0001", h.firm.secrets[0]} {
			if strings.Contains(string(everything), secret) {
				t.Errorf("%q stands in clear", secret)
			}
		}
		if !strings.Contains(string(everything), "…aaaa") {
			t.Error("the end of the key is not shown, so that nobody can tell keys apart")
		}
	})
}

// Test and live keys cannot be mixed: not when they are pasted, not when the provider says so, not when the store starts
// in the other mode, and test money never pays in a store that went live.
func TestModesAreNeverMixed(t *testing.T) {
	each(t, true, func(h *house) {
		_, err := h.PutKeys(h.ctx, owner(), "firm", map[string]string{"key": "sk_live_first_0004dd"})
		h.refused(err, "provider.mode_live")
		k := h.firm.keys["sk_test_full_0001aaaa"]
		k.Mode = payment.Live
		h.firm.keys["sk_test_full_0001aaaa"] = k
		if p := h.paste("sk_test_full_0001aaaa"); p.State != setup.Draft || p.Problem != setup.ProblemMode {
			t.Errorf("keys that lie about their mode: %s %s", p.State, p.Problem)
		}
		h.on("sk_test_full_0002bbbb")
		if _, err := h.CheckModes(h.ctx); err != nil {
			t.Errorf("a test store does not start with test keys: %v", err)
		}
		var open payment.Payment
		h.must(h.pair.Data.Write(h.ctx, func(tx *db.Tx) (err error) { open, err = h.pays.Prepare(tx, want(h)); return err }))
		open, err = h.pays.Begin(h.ctx, open.ID)
		h.must(err)

		h.test = false
		live := h.start()
		if label, err := live.CheckModes(h.ctx); !setup.OtherMode(err) || label != "Firm firm" {
			t.Errorf("a live store starts with test keys: %q %v", label, err)
		}
		if live.names() != "" {
			t.Errorf("a live store offers %s", live.names())
		}
		h.firm.pay(open.Ref)
		got, err := live.pays.Refresh(h.ctx, open.ID)
		h.must(err)
		if got.State == payment.Paid {
			t.Error("test money paid in a live store")
		}
		_, err = live.PutKeys(h.ctx, owner(), "firm", map[string]string{"key": "sk_test_full_0001aaaa"})
		h.refused(err, "provider.mode_test")
	})
}

func want(h *house) payment.Want {
	return payment.Want{Order: id.New(h.pair.Clock.Now(), nil), Number: "K7Q2-M9XD", Amount: 4990, Currency: "EUR", Language: "en",
		Expires: h.pair.Clock.Now().Add(30 * time.Minute), ReturnURL: "https://shop.test/en/order/return", CancelURL: "https://shop.test/en/order", Actor: access.System("test")}
}

// What goes wrong while keys are tested is told in a word, loses nothing, and is mended by testing again.
func TestWhatCanBeWrongWithKeys(t *testing.T) {
	each(t, true, func(h *house) {
		if p := h.paste("sk_test_nobody_knows"); p.State != setup.Draft || p.Problem != setup.ProblemRejected {
			t.Errorf("wrong keys: %s %s", p.State, p.Problem)
		}
		h.firm.down = true
		p := h.paste("sk_test_full_0001aaaa")
		if p.State != setup.Draft || p.Problem != setup.ProblemAway {
			t.Errorf("nobody answers: %s %s", p.State, p.Problem)
		}
		if list, err := h.List(h.ctx, owner()); err != nil || len(list) != 1 {
			t.Errorf("%d drafts, %v; the newer replaces the older", len(list), err)
		}
		h.firm.down = false
		p, err := h.TestKeys(h.ctx, owner(), p.ID)
		h.must(err)
		if p.State != setup.Testing || p.Problem != "" {
			t.Errorf("tested again: %s %s", p.State, p.Problem)
		}
		h.firm.skew = 3 * time.Minute
		p, err = h.TestKeys(h.ctx, owner(), p.ID)
		h.must(err)
		if p.Problem != setup.ProblemClock || p.Skew != 3*time.Minute {
			t.Errorf("a wrong clock: %s %s", p.Problem, p.Skew)
		}
		_, err = h.SwitchOn(h.ctx, owner(), p.ID, true)
		h.refused(err, "provider.missing_keys")
		h.firm.skew = 0
		k := h.firm.keys["sk_test_full_0001aaaa"]
		k.Scopes = []payment.Scope{{Name: "sessions", Granted: true}, {Name: "refunds"}}
		h.firm.keys["sk_test_full_0001aaaa"] = k
		p, err = h.TestKeys(h.ctx, owner(), p.ID)
		h.must(err)
		if p.Problem != setup.ProblemScopes || !p.Report.Lacks() {
			t.Errorf("a right is missing: %s %+v", p.Problem, p.Report)
		}
		h.held = true
		p, err = h.TestKeys(h.ctx, owner(), p.ID)
		h.must(err)
		if p.Problem != setup.ProblemHeld {
			t.Errorf("an unreleased copy asked outside: %s", p.Problem)
		}
		for _, typed := range []map[string]string{{}, {"key": strings.Repeat("k", 301)}, {"key": "sk_test_\x00aaaaaaaaaaa"}, {"key": "sk_test_schlüssel_aa"}} {
			_, err := h.PutKeys(h.ctx, owner(), "firm", typed)
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q was taken: %v", typed, err)
			}
		}
		texts, err := lang.Load(lang.Messages())
		h.must(err)
		for _, l := range []string{"en", "de"} {
			for _, w := range []string{setup.ProblemForm, setup.ProblemRejected, setup.ProblemAway, setup.ProblemMode, setup.ProblemAccount, setup.ProblemWhose, setup.ProblemScopes, setup.ProblemClock, setup.ProblemHeld} {
				if !texts.For(l).Has("provider.problem_" + w) {
					t.Errorf("no words in %s for %s", l, w)
				}
			}
		}
	})
}

// New keys of the same account take the place of the old ones only if they are as good.
func TestKeysAreReplaced(t *testing.T) {
	each(t, true, func(h *house) {
		p := h.on("sk_test_full_0001aaaa")
		k := h.firm.keys["sk_test_full_0002bbbb"]
		k.Scopes = []payment.Scope{{Name: "refunds"}}
		h.firm.keys["sk_test_full_0002bbbb"] = k
		if q := h.paste("sk_test_full_0002bbbb"); q.State != setup.Draft || h.look(p.ID).Keys["key"] != "…aaaa" {
			t.Errorf("keys that lack a right replaced keys that work: %+v", q)
		}
		k.Scopes = nil
		h.firm.keys["sk_test_full_0002bbbb"] = k
		q := h.paste("sk_test_full_0002bbbb")
		if q.ID != p.ID || q.State != setup.On || q.Keys["key"] != "…bbbb" || q.Notice == "" {
			t.Errorf("replaced: %+v", q)
		}
		delete(h.firm.keys, "sk_test_full_0001aaaa")
		var pay payment.Payment
		h.must(h.pair.Data.Write(h.ctx, func(tx *db.Tx) (err error) { pay, err = h.pays.Prepare(tx, want(h)); return err }))
		if _, err := h.pays.Begin(h.ctx, pay.ID); err != nil {
			t.Errorf("the new key is not in use: %v", err)
		}
		h.run()
		if n := len(h.letters); n != 2 || h.letters[1].Kind != "keys" {
			t.Errorf("the owner was told %+v", h.letters)
		}
	})
}

// V2.3.5: keys that only who pasted them says to be of the account that is on do not take the place of its keys, unless they
// find its last payment there.
func TestATypedAccountIsNoProof_V2_3_5(t *testing.T) {
	each(t, false, func(h *house) {
		first := h.on("sk_live_first_0004dd")
		typed := func(key, truly string) setup.Provider {
			h.firm.issue(key, "acct_L1")
			k := h.firm.keys[key]
			k.Typed = true
			h.firm.keys[key], h.firm.owners[key] = k, truly
			return h.paste(key)
		}
		if q := typed("sk_live_typed_0006ff", "acct_L2"); q.State != setup.Draft || q.Problem != setup.ProblemWhose || h.look(first.ID).Keys["key"] != "…04dd" {
			t.Errorf("keys of nobody knows whom: %s %q; in use are %s", q.State, q.Problem, h.look(first.ID).Keys["key"])
		}
		if q := typed("sk_live_typed_0007aa", "acct_L1"); q.ID != first.ID || q.State != setup.On || q.Problem != "" || q.Keys["key"] != "…07aa" {
			t.Errorf("new keys of the same account: %+v", q)
		}
		if _, err := h.TestKeys(h.ctx, owner(), first.ID); err != nil || h.look(first.ID).Problem != "" {
			t.Errorf("tested again: %q, %v", h.look(first.ID).Problem, err)
		}
	})
}

// An account that is switched off, or that another one replaced, is still asked about its payments; its notices are still
// believed, and its keys cannot be destroyed while something is open.
func TestOpenPaymentsOfAnOldAccount(t *testing.T) {
	each(t, true, func(h *house) {
		first := h.on("sk_test_full_0001aaaa")
		var pay payment.Payment
		h.must(h.pair.Data.Write(h.ctx, func(tx *db.Tx) (err error) { pay, err = h.pays.Prepare(tx, want(h)); return err }))
		pay, err := h.pays.Begin(h.ctx, pay.ID)
		h.must(err)
		h.on("sk_test_other_0003cc")
		if h.names() != "firm/acct_2" || h.look(first.ID).State != setup.Off {
			t.Fatalf("offered %s, the first is %s", h.names(), h.look(first.ID).State)
		}
		h.refused(h.Forget(h.ctx, owner(), first.ID), "provider.still_needed")
		h.firm.pay(pay.Ref)
		n, err := json.Marshal(payment.Notice{ID: "evt_9", Ref: pay.Ref, Account: "acct_1", Mode: payment.Test})
		h.must(err)
		h.must(h.pays.Notice(h.ctx, "firm", http.Header{"Signature": {h.firm.secrets[0]}}, n))
		if got, err := h.pays.Get(h.ctx, pay.ID); err != nil || got.State != payment.Paid {
			t.Errorf("the payment of the old account is %s, %v", got.State, err)
		}
		forged := h.pays.Notice(h.ctx, "firm", http.Header{"Signature": {h.firm.secrets[1]}}, []byte(strings.ReplaceAll(string(n), "evt_9", "evt_10")))
		if fault.As(forged) == nil {
			t.Error("a notice of one account was believed with the secret of the other")
		}
		h.must(h.Forget(h.ctx, owner(), first.ID))
		if _, err := h.Get(h.ctx, owner(), first.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("forgotten, and there: %v", err)
		}
	})
}

// Another process sees a change when it looks, without a restart.
func TestProcessesSeeAChange(t *testing.T) {
	each(t, true, func(h *house) {
		other := h.start()
		p := h.on("sk_test_full_0001aaaa")
		if other.names() != "" {
			t.Fatal("the other process has not looked yet")
		}
		h.must(other.Refresh(h.ctx))
		if other.names() != "firm/acct_1" {
			t.Errorf("the other process offers %q", other.names())
		}
		h.must(other.SwitchOff(h.ctx, owner(), p.ID))
		h.must(h.Refresh(h.ctx))
		if h.names() != "" {
			t.Error("it was switched off elsewhere, and is offered here")
		}
		_, before := h.pair.Data.Counts()
		h.must(h.Refresh(h.ctx))
		if _, after := h.pair.Data.Counts(); after != before {
			t.Error("looking writes")
		}
	})
}

// V2.3.5: in a store that took real money, an account that it never went to is switched on by two people, and by nobody
// else; the first one, and one that was on before, by one who has just proven who she is.
func TestMoneyToAnotherAccountWantsTwo_V2_3_5(t *testing.T) {
	each(t, false, func(h *house) {
		first := h.on("sk_live_first_0004dd")
		thief := h.whole("sk_live_thief_0005ee")
		waiting, err := h.SwitchOn(h.ctx, owner(), thief.ID, false)
		h.must(err)
		if !waiting || h.names() != "firm/acct_L1" || len(h.second.wishes) != 1 {
			t.Fatalf("waiting %v, offered %s, asked %+v", waiting, h.names(), h.second.wishes)
		}
		w := h.second.wishes[0]
		if w.Kind != access.NewAccount || w.Facts["account"] != "acct_L2" {
			t.Errorf("asked for %+v", w)
		}
		if err := h.OnApproved(h.ctx, w.Params, access.Approve(access.MassExport, id.ID{1}, id.ID{2}, id.ID{3})); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an approval of something else was taken: %v", err)
		}
		h.must(h.OnApproved(h.ctx, w.Params, access.Approve(access.NewAccount, id.ID{1}, id.ID{2}, id.ID{3})))
		if h.names() != "firm/acct_L2" {
			t.Errorf("agreed on, and offered: %s", h.names())
		}
		if waiting, err := h.SwitchOn(h.ctx, owner(), first.ID, false); err != nil || waiting || h.names() != "firm/acct_L1" {
			t.Errorf("back to the known account: %v %v %s", waiting, err, h.names())
		}
	})
}

// V2.3.5: whom real money went to is known from the payments, too: the rule cannot be forgotten together with the provider
// that it speaks of. A test payment is no money that the store took.
func TestForgettingAProviderForgetsNoRule_V2_3_5(t *testing.T) {
	each(t, false, func(h *house) {
		first := h.on("sk_live_first_0004dd")
		var pay payment.Payment
		h.must(h.pair.Data.Write(h.ctx, func(tx *db.Tx) (err error) { pay, err = h.pays.Prepare(tx, want(h)); return err }))
		pay, err := h.pays.Begin(h.ctx, pay.ID)
		h.must(err)
		if took, err := h.pays.TookLive(h.ctx); err != nil || took {
			t.Errorf("a test payment and an open one count as taken: %v %v", took, err)
		}
		h.firm.pay(pay.Ref)
		_, err = h.pays.Refresh(h.ctx, pay.ID)
		h.must(err)
		h.must(h.SwitchOff(h.ctx, owner(), first.ID))
		h.must(h.Forget(h.ctx, owner(), first.ID))
		thief := h.whole("sk_live_thief_0005ee")
		waiting, err := h.SwitchOn(h.ctx, owner(), thief.ID, false)
		h.must(err)
		if !waiting || h.names() != "" || len(h.second.wishes) != 1 {
			t.Errorf("waiting %v, offered %s, asked %+v", waiting, h.names(), h.second.wishes)
		}
	})
}

// V8.2.1: only who may set providers up does, with a fresh proof; refusals stand in the log.
func TestWhoMaySetProvidersUp_V8_2_1(t *testing.T) {
	each(t, true, func(h *house) {
		p := h.paste("sk_test_full_0001aaaa")
		acts := map[string]func(who access.Actor) error{
			"keys": func(who access.Actor) error {
				_, err := h.PutKeys(h.ctx, who, "firm", map[string]string{"key": "sk_test_full_0002bbbb"})
				return err
			},
			"test":    func(who access.Actor) error { _, err := h.TestKeys(h.ctx, who, p.ID); return err },
			"notices": func(who access.Actor) error { _, err := h.Subscribe(h.ctx, who, p.ID); return err },
			"secret": func(who access.Actor) error {
				_, err := h.PutNotice(h.ctx, who, p.ID, "whsec_0123456789abcdef", "")
				return err
			},
			"trial": func(who access.Actor) error {
				_, err := h.StartTrial(h.ctx, who, p.ID, "en", "https://a.test/")
				return err
			},
			"on":     func(who access.Actor) error { _, err := h.SwitchOn(h.ctx, who, p.ID, true); return err },
			"off":    func(who access.Actor) error { return h.SwitchOff(h.ctx, who, p.ID) },
			"forget": func(who access.Actor) error { return h.Forget(h.ctx, who, p.ID) },
			"up":     func(who access.Actor) error { return h.Move(h.ctx, who, p.ID, true) },
			"proof":  func(who access.Actor) error { return h.PutProof(h.ctx, who, p.ID, "", "") },
		}
		stale := owner()
		stale.Fresh = false
		for name, act := range acts {
			for role, who := range accesstest.Actors() {
				if role == access.Owner || role == "console" {
					continue
				}
				if err := act(who); !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s: %s passes: %v", name, role, err)
				}
			}
			if err := act(stale); !access.NeedsStepUp(err) {
				t.Errorf("%s without a fresh proof: %v", name, err)
			}
		}
		for role, who := range accesstest.Actors() {
			_, err := h.List(h.ctx, who)
			if may := who.May(access.PaymentView); may != (err == nil) {
				t.Errorf("%s looks: %v", role, err)
			}
		}
	})
}

// The daily test finds keys that were revoked, tells the owner once, and leaves what does not answer alone.
func TestRevokedKeysAreFound(t *testing.T) {
	each(t, true, func(h *house) {
		p := h.on("sk_test_full_0001aaaa")
		h.run()
		h.firm.down = true
		h.must(h.InspectAll(h.ctx))
		if got := h.look(p.ID); got.Problem != "" {
			t.Errorf("silence counts as %s", got.Problem)
		}
		h.firm.down = false
		delete(h.firm.keys, "sk_test_full_0001aaaa")
		h.must(h.InspectAll(h.ctx))
		h.must(h.InspectAll(h.ctx))
		h.run()
		if got := h.look(p.ID); got.Problem != setup.ProblemRejected || got.State != setup.On {
			t.Errorf("revoked keys: %s %s", got.Problem, got.State)
		}
		if n := len(h.letters); n != 2 || h.letters[1].Kind != "broken" {
			t.Errorf("the owner was told %+v", h.letters)
		}
		if label, err := h.Broken(h.ctx); err != nil || label == "" {
			t.Errorf("the safety page sees nothing: %q %v", label, err)
		}
	})
}

// A notice address that the provider does not take is entered by hand; while a secret is changed both are believed.
func TestNoticesByHand(t *testing.T) {
	each(t, true, func(h *house) {
		p := h.paste("sk_test_full_0001aaaa")
		h.firm.deaf = true
		_, err := h.Subscribe(h.ctx, owner(), p.ID)
		h.refused(err, "provider.notice_refused")
		_, err = h.PutNotice(h.ctx, owner(), p.ID, "short", "")
		h.refused(err, "provider.field_form")
		for _, s := range []string{"whsec_first_0123456789", "whsec_second_0123456789", "whsec_third_0123456789"} {
			p, err = h.PutNotice(h.ctx, owner(), p.ID, s, "")
			h.must(err)
		}
		if p.Notice != setup.NoticePasted {
			t.Errorf("notices are %q", p.Notice)
		}
		for s, want := range map[string]bool{"whsec_third_0123456789": true, "whsec_second_0123456789": true, "whsec_first_0123456789": false} {
			n, err := json.Marshal(payment.Notice{ID: "evt_" + s, Ref: "cs_x", Account: "acct_1", Mode: payment.Test})
			h.must(err)
			if err := h.pays.Notice(h.ctx, "firm", http.Header{"Signature": {s}}, n); (err == nil) != want {
				t.Errorf("%s is believed: %v", s, err)
			}
		}
	})
}

// The shop arranges the ways to pay; what was never moved stands behind, and every process sees it.
func TestTheOrderOfTheWays(t *testing.T) {
	each(t, true, func(h *house) {
		other := h.start()
		var list []setup.Provider
		for _, name := range []string{"firm", "other"} {
			p, err := h.PutKeys(h.ctx, owner(), name, map[string]string{"key": "sk_test_full_0001aaaa"})
			h.must(err)
			_, err = h.SwitchOn(h.ctx, owner(), p.ID, true)
			h.must(err)
			h.pair.Clock.Advance(time.Minute)
			list = append(list, p)
		}
		is := func(want string) {
			t.Helper()
			h.must(other.Refresh(h.ctx))
			if h.names() != want || other.names() != want {
				t.Errorf("offered: %s and %s; want %s", h.names(), other.names(), want)
			}
		}
		is("firm/acct_1 other/acct_1")
		h.must(h.Move(h.ctx, owner(), list[1].ID, true))
		is("other/acct_1 firm/acct_1")
		h.must(h.Move(h.ctx, owner(), list[1].ID, true)) // the first stays
		is("other/acct_1 firm/acct_1")
		h.must(h.Move(h.ctx, owner(), list[1].ID, false))
		is("firm/acct_1 other/acct_1")
		h.must(h.SwitchOff(h.ctx, owner(), list[0].ID))
		h.refused(h.Move(h.ctx, owner(), list[0].ID, true), "provider.unknown")
		is("other/acct_1")
	})
}
