package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/front/demo/sandbox"
	"strongroom/shop/payment"
	engine "strongroom/shop/payment/sandbox"
)

// BenchmarkSession is the provider's share of an order: start, page choice, notice, fetch.
func BenchmarkSession(b *testing.B) {
	for name, file := range map[string]string{"memory": "", "file": b.TempDir() + "/s.db"} {
		b.Run(name, func(b *testing.B) {
			var taken atomic.Int64
			door := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { taken.Add(1); w.WriteHeader(http.StatusNoContent) })
			s, err := sandbox.New(context.Background(), sandbox.Config{Origin: origin, File: file, Client: &http.Client{Transport: sandbox.Transport(door)},
				Accounts: []sandbox.Account{{ID: "acct_kiln", Name: "K", Mode: "test", Secret: testKey, NoticeURL: noticeTo, NoticeSecrets: []string{secret}}}})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			g := &rig{server: s}
			gw, err := engine.New(engine.Config{API: origin, Account: "acct_kiln", Mode: payment.Test, Key: testKey, Secrets: []string{secret}, Transport: sandbox.Transport(s)})
			if err != nil {
				b.Fatal(err)
			}
			var n atomic.Int64
			prefix := time.Now().UnixNano()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					key := fmt.Sprintf("%d-%d", prefix, n.Add(1))
					ses, err := gw.Start(context.Background(), payment.StartRequest{Key: key, Reference: key, Order: "K7Q2-M9XD", Amount: 4990, Currency: "EUR",
						ReturnURL: "https://shop.test/r", CancelURL: "https://shop.test/c", Language: "en", Expires: time.Now().Add(time.Hour)})
					if err != nil {
						b.Error(err)
						return
					}
					g.visit(ses, "paid")
					s.Step(context.Background())
					if ses, err = gw.Fetch(context.Background(), ses.Ref); err != nil || ses.Status != payment.StatusPaid {
						b.Error(err, ses.Status)
					}
				}
			})
			s.Step(context.Background())
		})
	}
}
