package sandbox_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"strongroom/front/demo/sandbox"
	"strongroom/shop/payment"
	engine "strongroom/shop/payment/sandbox"
)

// Run sends notices at once and lets slow money arrive at its time, on a real clock, and leaves nothing behind.
func TestRun(t *testing.T) {
	before := goleak.IgnoreCurrent()
	arrived := make(chan string, 10)
	door := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Header.Get("Content-Type")
		w.WriteHeader(http.StatusNoContent)
	})
	s, err := sandbox.New(context.Background(), sandbox.Config{Origin: origin, Slow: 30 * time.Millisecond, Settle: 60 * time.Millisecond,
		Client:   &http.Client{Transport: sandbox.Transport(door)},
		Accounts: []sandbox.Account{{ID: "acct_kiln", Name: "K", Mode: "test", Secret: testKey, NoticeURL: noticeTo, NoticeSecrets: []string{secret}}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	gw, err := engine.New(engine.Config{API: origin, Account: "acct_kiln", Mode: payment.Test, Key: testKey, Secrets: []string{secret}, Transport: sandbox.Transport(s)})
	if err != nil {
		t.Fatal(err)
	}
	g := &rig{server: s}
	for i, outcome := range []string{"paid", "slow", "pending"} { // one notice, one, two
		ses, err := gw.Start(context.Background(), payment.StartRequest{Key: outcome, Reference: "r", Order: "K7Q2-M9XD", Amount: 1, Currency: "EUR",
			ReturnURL: "https://shop.test/r", CancelURL: "https://shop.test/c", Language: "en", Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		g.visit(ses, outcome)
		for range []int{1, 1, 2}[i] {
			select {
			case <-arrived:
			case <-time.After(10 * time.Second):
				t.Fatalf("%s: a notice did not arrive", outcome)
			}
		}
		if ses, err = gw.Fetch(context.Background(), ses.Ref); err != nil || ses.Status != payment.StatusPaid {
			t.Errorf("%s: %v, %s", outcome, err, ses.Status)
		}
	}
	cancel()
	<-ended
	goleak.VerifyNone(t, before)
}
