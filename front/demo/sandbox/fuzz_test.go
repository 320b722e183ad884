package sandbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strongroom/base/clock"
)

func fuzzServer(t testing.TB) *Server {
	s, err := New(context.Background(), Config{Origin: "https://pay.test", Clock: clock.NewManual(time.Unix(1_800_000_000, 0)), Keep: 50,
		Accounts: []Account{{ID: "a", Name: "A", Mode: "test", Secret: "sk_test_0123456789"}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzAPI sends any body and key to the call that makes sessions: it answers 201, 400, 409 or 413, never with a panic
// or a 500, and what it makes is within its bounds.
func FuzzAPI(f *testing.F) {
	good := `{"reference":"r","order":"K7Q2","amount":1,"currency":"EUR","return_url":"https://s.test/","cancel_url":"https://s.test/","language":"en","expires":1800000600}`
	for _, seed := range []string{good, "", "{}", "[]", good + good, strings.Replace(good, "1,", "-1,", 1), strings.Replace(good, "1,", "1e99,", 1),
		strings.Replace(good, "https", "javascript", 1), strings.Replace(good, `"order"`, `"Order"`, 1), `{"amount":{"a":[[[[]]]]}}`} {
		f.Add(seed, "key")
	}
	s := fuzzServer(f)
	f.Fuzz(func(t *testing.T, body, key string) {
		r := httptest.NewRequest("POST", "https://pay.test/v1/sessions", strings.NewReader(body))
		r.Header["Authorization"] = []string{"Bearer sk_test_0123456789"}
		r.Header["Idempotency-Key"] = []string{key}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusCreated:
			for _, l := range s.Witness() {
				if l.Amount < 1 || l.Amount > maxAmount || len(l.Currency) != 3 || l.Captured != 0 || l.Reference == "" {
					t.Fatalf("made %+v", l)
				}
			}
		case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge:
		default:
			t.Fatalf("answered %d", w.Code)
		}
	})
}

// FuzzAmount sends any body to the calls that move money on a paid session: the sums stay within what was captured.
func FuzzAmount(f *testing.F) {
	for _, seed := range []string{`{"amount":1}`, `{"amount":-1}`, `{"amount":9223372036854775807}`, `{"amount":1.5}`, `{"amount":null}`, `{"amount":"1"}`, `{"amount":1,"amount":2}`} {
		f.Add(seed, "refunds")
		f.Add(seed, "capture")
	}
	f.Fuzz(func(t *testing.T, body, verb string) {
		if verb != "refunds" && verb != "capture" {
			return
		}
		s := fuzzServer(t)
		e, err := s.add(context.Background(), session{ID: "ses_1", Account: "a", Amount: 100, Currency: "EUR", State: statePaid, Captured: 100, StartKey: "k"})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"1", "2", "3"} {
			r := httptest.NewRequest("POST", "https://pay.test/v1/sessions/ses_1/"+verb, strings.NewReader(body))
			r.Header["Authorization"] = []string{"Bearer sk_test_0123456789"}
			r.Header["Idempotency-Key"] = []string{key}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("answered %d", w.Code)
			}
		}
		if v := e.v; v.Refunded < 0 || v.Refunded > v.Captured || v.Captured != 100 {
			t.Fatalf("captured %d, refunded %d", v.Captured, v.Refunded)
		}
	})
}
