package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
	"strongroom/base/fault"
	"strongroom/front/demo/sandbox"
	"strongroom/front/notices"
	"strongroom/guard/access"
	"strongroom/shop/delivery"
	"strongroom/shop/payment"
	"strongroom/shop/payment/setup"
	paypalfirm "strongroom/tools/standin/paypal"
	stripefirm "strongroom/tools/standin/stripe"
)

// errorFields are the message keys that a form shows.
func errorFields(err error) (out string) {
	if f := fault.As(err); f != nil {
		for _, x := range f.Fields {
			out += " " + x.Key
		}
	}
	return out
}

// openWith is a demo store that knows where stand-ins for the real providers are.
func openWith(t *testing.T, p Payment) *Store {
	t.Helper()
	shop, err := DemoShop("https://shop.localhost")
	must(t, err)
	shop.AdminURL = deskOrigin
	p.SandboxURL, p.Account = "https://pay.localhost", "acct_kiln"
	// The stand-ins answer over HTTP with the machine's time, which the keys' test compares with the store's.
	s, err := Open(t.Context(), Config{Place: InFolder(t.TempDir()), Clock: clock.NewManual(time.Now()), Shop: shop, Demo: true, Payment: p})
	must(t, err)
	t.Cleanup(s.Close)
	return s
}

// hear is the shop's door for notices, for a stand-in whose store is opened after it.
func hear(of func() *Store) *http.Client {
	return &http.Client{Transport: sandbox.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux := http.NewServeMux()
		mux.Handle("POST /notices/{provider}", notices.New(of().Payment, of().c.Log))
		mux.ServeHTTP(w, r)
	}))}
}

// wholeWay sets a provider up as its owner does at the desk, with pay playing who pays on its page.
func wholeWay(t *testing.T, s *Store, name string, keys map[string]string, pay func(ref string)) {
	t.Helper()
	ctx, who := t.Context(), access.Console()
	p, err := s.Setup.PutKeys(ctx, who, name, keys)
	must(t, err)
	if p.State != setup.Testing || p.Problem != "" || p.Report.Lacks() || p.Account == "" {
		t.Fatalf("%s: the keys came to %s, %q, account %q, rights %+v", name, p.State, p.Problem, p.Account, p.Report.Scopes)
	}
	p, err = s.Setup.Subscribe(ctx, who, p.ID)
	must(t, err)
	if p.Notice != setup.NoticeRegistered {
		t.Fatalf("%s: notices are %q", name, p.Notice)
	}
	tr, err := s.Setup.StartTrial(ctx, who, p.ID, "en", deskOrigin+"/providers/"+p.ID.String()+"?back=1")
	must(t, err)
	if !strings.HasPrefix(tr.URL, p.Origin+"/") {
		t.Fatalf("%s: led to %s, and its pages are at %s", name, tr.URL, p.Origin)
	}
	pay(tr.Ref)
	for range 5 {
		_, err = s.Jobs.RunDue(ctx)
		must(t, err)
		s.c.Clock.(*clock.Manual).Advance(2 * time.Second)
	}
	if tr, err = s.Setup.TrialOf(ctx, mustGet(t, s, p), true); err != nil || !tr.Paid() || !tr.Heard || tr.Refund != string(payment.RefundDone) {
		t.Fatalf("%s: the test payment came to %s, heard %v, refund %q, %v", name, tr.State, tr.Heard, tr.Refund, err)
	}
	if waiting, err := s.Setup.SwitchOn(ctx, who, p.ID, false); err != nil || waiting {
		t.Fatalf("%s: switched on: %v %v", name, waiting, err)
	}
	if !slices.ContainsFunc(s.Payment.Providers(), func(d payment.Description) bool { return d.Name == name && d.Account == p.Account }) {
		t.Errorf("%s is on, and shoppers are not offered it", name)
	}
	r, err := s.Payment.CheckLedger(ctx)
	must(t, err)
	if !r.OK() {
		t.Errorf("%s: the ledger: %+v", name, r)
	}
}

func mustGet(t *testing.T, s *Store, p setup.Provider) setup.Provider {
	t.Helper()
	q, err := s.Setup.Get(t.Context(), access.Console(), p.ID)
	must(t, err)
	return q
}

// Stripe is set up in three steps; its restricted key's rights are listed, and keys of the other sort are refused.
func TestStripeIsSetUp(t *testing.T) {
	var s *Store
	const key = "rk_test_51restricted0123456789"
	firm := stripefirm.New(stripefirm.Config{Clock: clock.System(), Client: hear(func() *Store { return s }),
		Accounts: []stripefirm.Account{{ID: "acct_1KilnAndOrchard", Name: "Kiln & Orchard", Keys: []stripefirm.Key{{Secret: key, Rights: stripefirm.Rights()}}}}})
	api := httptest.NewServer(firm)
	defer api.Close()
	s = openWith(t, Payment{StripeURL: api.URL})
	for wrong, want := range map[string]string{"rk_live_51restricted0123456789": "payment.stripe_key_live", "pk_test_51publishable0123456789": "payment.stripe_key_publishable"} {
		_, err := s.Setup.PutKeys(t.Context(), access.Console(), "stripe", map[string]string{"key": wrong})
		if err == nil || !strings.Contains(errorFields(err), want) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if _, err := s.Setup.PutKeys(t.Context(), access.Console(), "stripe", map[string]string{"key": key, "methods": "card cheque"}); err == nil || !strings.Contains(errorFields(err), "provider.field_choice") {
		t.Errorf("a method of nobody: %v", err)
	}
	wholeWay(t, s, "stripe", map[string]string{"key": key, "methods": "card ideal sepa_debit"}, func(ref string) {
		firm.Visit(ref, "paid")
		firm.Step(context.Background())
	})
	for _, d := range s.Payment.Providers() {
		if d.Name == "stripe" && (!slices.Equal(d.Methods, []string{"card", "ideal", "sepa_debit"}) || !d.Late) {
			t.Errorf("chosen were three methods, one of them late: %+v", d)
		}
	}
}

// PayPal is set up in three steps; it has no secret of notices, and its approved payment is captured before it is given back.
func TestPayPalIsSetUp(t *testing.T) {
	var s *Store
	var firm *paypalfirm.Server
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { firm.ServeHTTP(w, r) }))
	defer api.Close()
	firm = paypalfirm.New(paypalfirm.Options{Base: api.URL, Client: hear(func() *Store { return s }),
		Apps: []paypalfirm.App{{ClientID: "AbClientIdOfTheStore01", Secret: "EfSecretOfTheStore0001", Merchant: "KJ2A3B4C5D6E7", Email: "shop@shop.example"}}})
	s = openWith(t, Payment{PayPalURL: api.URL})
	wholeWay(t, s, "paypal", map[string]string{"client_id": "AbClientIdOfTheStore01", "secret": "EfSecretOfTheStore0001"}, func(ref string) {
		firm.Approve(ref, "balance")
		firm.Step()
	})
}

// Pay at pick-up is set up in two steps and wants a delivery that is picked up; settings that cannot work are refused beside
// their field.
func TestPickUpIsSetUp(t *testing.T) {
	s := openWith(t, Payment{})
	ctx, who := t.Context(), access.Console()
	for field, c := range map[string]struct {
		typed map[string]string
		want  string
	}{
		"days": {map[string]string{"days": "31"}, "provider.transfer_days_wrong"}, "most": {map[string]string{"most": "-5"}, "provider.pickup_most_wrong"},
		"nothing": {map[string]string{"most": "0"}, "provider.pickup_most_wrong"},
	} {
		if _, err := s.Setup.PutKeys(ctx, who, "pickup", c.typed); err == nil || !strings.Contains(errorFields(err), c.want) {
			t.Errorf("%s: %v", field, err)
		}
	}
	p, err := s.Setup.PutKeys(ctx, who, "pickup", map[string]string{"days": "3", "most": "99.50"})
	must(t, err)
	methods, err := s.Delivery.Methods(ctx)
	must(t, err)
	point := slices.IndexFunc(methods, func(m delivery.Method) bool { return m.Kind == delivery.PickUp })
	methods[point].Active = false
	_, err = s.Delivery.SetMethod(ctx, who, methods[point])
	must(t, err)
	if _, err := s.Setup.SwitchOn(ctx, who, p.ID, false); fault.As(err) == nil || fault.As(err).Key != "provider.missing_place" {
		t.Errorf("nothing can be picked up, and it is on: %v", err)
	}
	methods[point].Active = true
	_, err = s.Delivery.SetMethod(ctx, who, methods[point])
	must(t, err)
	if waiting, err := s.Setup.SwitchOn(ctx, who, p.ID, false); err != nil || waiting {
		t.Fatalf("switched on: %v %v", waiting, err)
	}
	d := s.Payment.Providers()
	if at := slices.IndexFunc(d, func(d payment.Description) bool { return d.Name == "pickup" }); at < 0 || !d[at].Counter || !d[at].Offline || d[at].Most != 9950 || d[at].Hold != 3*24*time.Hour {
		t.Errorf("it describes itself as %+v", d)
	}
}
