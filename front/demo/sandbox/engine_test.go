package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/front/demo/sandbox"
	"strongroom/shop/payment"
	"strongroom/shop/payment/gatewaytest"
	engine "strongroom/shop/payment/sandbox"
)

const (
	origin   = "https://pay.test"
	testKey  = "sk_test_0123456789abcdef"
	liveKey  = "sk_live_0123456789abcdef"
	secret   = "whsec_0123456789abcdef"
	oldOne   = "whsec_fedcba9876543210"
	noticeTo = "https://shop.test/notices/sandbox"
)

// mailbox is the merchant's end of the notices.
type mailbox struct {
	mu     sync.Mutex
	sent   []gatewaytest.Sent
	status int
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, gatewaytest.Sent{Header: http.Header{sandbox.SignatureHeader: r.Header.Values(sandbox.SignatureHeader)}, Body: body})
	if m.status != 0 {
		w.WriteHeader(m.status)
	}
}

func (m *mailbox) all() []gatewaytest.Sent {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]gatewaytest.Sent(nil), m.sent...)
}

func (m *mailbox) answer(status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status = status
}

// rig is a sandbox with a clock that stands still and a mailbox.
type rig struct {
	t      *testing.T
	server *sandbox.Server
	clock  *clock.Manual
	box    *mailbox
}

func newRig(t *testing.T, edit ...func(*sandbox.Config)) *rig {
	t.Helper()
	g := &rig{t: t, clock: clock.NewManual(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)), box: &mailbox{}}
	c := sandbox.Config{Origin: origin, Clock: g.clock, Client: &http.Client{Transport: sandbox.Transport(g.box)},
		Accounts: []sandbox.Account{
			{ID: "acct_kiln", Name: "Kiln & Orchard", Mode: "test", Secret: testKey, NoticeURL: noticeTo, NoticeSecrets: []string{secret}},
			{ID: "acct_kiln", Name: "Kiln & Orchard", Mode: "live", Secret: liveKey, NoticeURL: noticeTo, NoticeSecrets: []string{secret}},
		}}
	c.Accounts[1].ID = "acct_kiln_live"
	for _, e := range edit {
		e(&c)
	}
	s, err := sandbox.New(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	g.server = s
	return g
}

func (g *rig) gateway(key string, mode payment.Mode, edit ...func(*engine.Config)) *engine.Gateway {
	g.t.Helper()
	c := engine.Config{API: origin, Account: "acct_kiln", Mode: mode, Key: key, Secrets: []string{secret}, Transport: sandbox.Transport(g.server)}
	if mode == payment.Live {
		c.Account = "acct_kiln_live"
	}
	for _, e := range edit {
		e(&c)
	}
	gw, err := engine.New(c)
	if err != nil {
		g.t.Fatal(err)
	}
	return gw
}

// browse is a visitor without script: it sends a form and does not follow where it leads.
func (g *rig) browse(method, path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, origin+path, strings.NewReader(form))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	g.server.ServeHTTP(w, r)
	return w
}

func (g *rig) visit(s payment.Session, outcome string) *httptest.ResponseRecorder {
	path := s.URL
	if u, err := url.Parse(s.URL); err == nil {
		path = u.Path
	}
	if path == "" {
		path = "/pay/" + s.Ref
	}
	w := g.browse(http.MethodPost, path, "outcome="+outcome)
	if strings.Contains(w.Header().Get("Location"), "/step") && outcome == "paid" {
		return g.browse(http.MethodPost, path+"/step", "answer=yes")
	}
	return w
}

func (g *rig) bench() *gatewaytest.Bench {
	return &gatewaytest.Bench{
		Gateway:   g.gateway(testKey, payment.Test),
		OtherMode: g.gateway(liveKey, payment.Live),
		WrongKey:  g.gateway("sk_test_this is not the key", payment.Test),
		Now:       g.clock.Now,
		Advance:   func(d time.Duration) { g.clock.Advance(d); g.server.Step(context.Background()) },
		Visit:     func(s payment.Session, outcome string) { g.visit(s, outcome) },
		Settle:    31 * time.Second, Late: 21 * time.Second, Secures: true,
		Notices: g.box.all,
		Trouble: func(kind string, n int) {
			g.server.Switch(map[string]sandbox.Switches{"fail": {Fail: n}, "lose": {Lose: n}, "slow": {SlowMillis: n * 30_000}}[kind])
		},
		Sign: func(at time.Time, with string, edit func(map[string]any)) gatewaytest.Sent {
			body := map[string]any{"id": "evt_1", "type": "session.paid", "created": at.Unix(), "account": "acct_kiln", "mode": "test",
				"session": "ses_1", "reference": "ref1"}
			if edit != nil {
				edit(body)
			}
			raw, _ := json.Marshal(body)
			if with == "" {
				with = secret
			}
			return gatewaytest.Sent{Header: http.Header{sandbox.SignatureHeader: {sandbox.Sign(at, raw, with)}}, Body: raw}
		},
	}
}

// The engine and the provider together do what every engine must.
func TestConformance(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Bench { return newRig(t).bench() })
}

// beyond is the bench for what the engine can do beyond taking payments.
func (g *rig) beyond() *gatewaytest.Beyond {
	sessions := map[string]string{}
	try := func(session string, what sandbox.Trial) {
		if err := g.server.Try(context.Background(), session, what); err != nil {
			g.t.Fatal(err)
		}
	}
	b := &gatewaytest.Beyond{Bench: g.bench()}
	b.Dispute = func(s payment.Session, inquiry bool) string {
		word := map[bool]string{true: "inquiry", false: "open"}[inquiry]
		try(s.Ref, sandbox.Trial{Dispute: word, Reason: "fraudulent"})
		now, err := b.Gateway.Fetch(context.Background(), s.Ref)
		if err != nil || now.Signals.Dispute == "" {
			g.t.Fatal("the session has no dispute", err)
		}
		sessions[now.Signals.Dispute] = s.Ref
		return now.Signals.Dispute
	}
	b.Decide = func(dispute string, won bool) {
		try(sessions[dispute], sandbox.Trial{Decide: map[bool]string{true: "won", false: "lost"}[won]})
	}
	b.PayOut = func() { // the day is over
		now := g.clock.Now()
		b.Advance(now.Truncate(24 * time.Hour).Add(24*time.Hour + time.Second).Sub(now))
	}
	return b
}

// Its account and its disputes are what every provider's are.
func TestConformanceBeyond(t *testing.T) {
	gatewaytest.RunBeyond(t, func(t *testing.T) *gatewaytest.Beyond { return newRig(t).beyond() })
}

// After a restart the account shows the same lines, payouts included.
func TestAccountSurvives(t *testing.T) {
	file := t.TempDir() + "/sandbox.db"
	g := newRig(t, func(c *sandbox.Config) { c.File = file })
	gw := g.gateway(testKey, payment.Test)
	for i := range 3 {
		s := g.started(string(rune('a' + i)))
		g.visit(s, "paid")
		g.clock.Advance(20 * time.Hour)
	}
	list := func(gw *engine.Gateway) []payment.Movement {
		page, next, err := gw.Movements(context.Background(), g.clock.Now().AddDate(0, 0, -9), g.clock.Now(), "")
		if err != nil || next != "" {
			t.Fatal(err, next)
		}
		return page
	}
	before := list(gw)
	if len(before) != 5 { // three payments; two of their days are over
		t.Fatalf("%d lines: %+v", len(before), before)
	}
	if err := g.server.Close(); err != nil {
		t.Fatal(err)
	}
	h := newRig(t, func(c *sandbox.Config) { c.File, c.Clock = file, g.clock })
	if after := list(h.gateway(testKey, payment.Test)); !slices.Equal(before, after) {
		t.Errorf("the account was %+v and is %+v", before, after)
	}
}

// The same with a file below, and with refunds that take their time.
func TestConformanceWithFile(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) *gatewaytest.Bench {
		return newRig(t, func(c *sandbox.Config) { c.File = t.TempDir() + "/sandbox.db" }).bench()
	})
}

// A held sum is held for seven days and then free by itself; what the merchant lets lapse is free at once.
func TestAHoldEnds(t *testing.T) {
	g := newRig(t)
	gw := g.gateway(testKey, payment.Test)
	for _, lapse := range []bool{false, true} {
		s, err := gw.Start(context.Background(), payment.StartRequest{Key: fmt.Sprint("k", lapse), Reference: fmt.Sprint("ref", lapse), Order: "K7Q2-M9XD", Amount: 4990,
			Currency: "EUR", Manual: true, ReturnURL: "https://shop.test/r", CancelURL: "https://shop.test/c", Language: "en", Expires: g.clock.Now().Add(30 * time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		g.visit(s, "paid")
		held, err := gw.Fetch(context.Background(), s.Ref)
		if err != nil || held.Status != payment.StatusAuthorised || !held.HeldUntil.Equal(g.clock.Now().Add(7*24*time.Hour)) {
			t.Fatalf("%s until %s, %v", held.Status, held.HeldUntil, err)
		}
		if lapse {
			if err := g.server.Try(context.Background(), s.Ref, sandbox.Trial{Lapse: true}); err != nil {
				t.Fatal(err)
			}
		} else {
			g.clock.Advance(7 * 24 * time.Hour)
		}
		over, err := gw.Fetch(context.Background(), s.Ref)
		if err != nil || over.Status != payment.StatusVoided || over.Captured != 0 || !over.HeldUntil.IsZero() {
			t.Errorf("%s until %s, %v", over.Status, over.HeldUntil, err)
		}
		if _, err := gw.Capture(context.Background(), "late", s.Ref, 4990); !errors.Is(err, payment.ErrDeclined) {
			t.Errorf("captured after its end: %v", err)
		}
	}
}
