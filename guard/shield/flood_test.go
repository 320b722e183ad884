package shield

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Attack 43: while searches flood their queue and bodies trickle in, the checkout still answers, and quickly
// (V15.4.4, V15.2.2).
func TestAttack43Flood(t *testing.T) {
	release := make(chan struct{})
	s := start(t, func(o *Options) {
		o.Scale = 1000 // the queues are under test here, not the rates
		inner := o.Hosts[0].Handler
		o.Hosts[0].Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/search") {
				select { // a search that hangs
				case <-release:
				case <-r.Context().Done():
				}
			}
			inner.ServeHTTP(w, r)
		})
	})
	var flood sync.WaitGroup
	codes := make(chan int, 100)
	for range 60 {
		flood.Go(func() {
			status, _, _ := s.do(t, "GET", "https://shop.localhost/search", "")
			codes <- status
		})
	}
	for range 20 { // slow bodies on the checkout's own class
		c, err := tls.Dial("tcp", s.server.Listener.Addr().String(), &tls.Config{ServerName: "shop.localhost", RootCAs: s.roots})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		_, _ = io.WriteString(c, "POST /checkout HTTP/1.1\r\nHost: shop.localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 1000\r\n\r\na=")
	}
	for busy := 0; busy < 60-rules[Search].running-rules[Search].waiting; busy++ {
		if c := <-codes; c != http.StatusServiceUnavailable {
			t.Errorf("a search beyond the queue got %d", c)
		}
	}
	var took []time.Duration
	for i := range 50 {
		begin := time.Now()
		status, _, body := s.do(t, "POST", "https://shop.localhost/checkout", fmt.Sprintf("a=%d", i), "Sec-Fetch-Site", "same-origin")
		if took = append(took, time.Since(begin)); status != 200 {
			t.Fatalf("checkout: %d %s", status, body)
		}
	}
	slices.Sort(took)
	if p99 := took[len(took)-1]; p99 > time.Second {
		t.Errorf("the slowest checkout took %v", p99)
	}
	close(release)
	flood.Wait()
}

// A body that does not arrive in its time is cut off, and a trickle of bytes does not prolong it.
func TestAttack43SlowBody(t *testing.T) {
	s := start(t, nil)
	c, err := tls.Dial("tcp", s.server.Listener.Addr().String(), &tls.Config{ServerName: "shop.localhost", RootCAs: s.roots})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	begin := time.Now()
	_, _ = io.WriteString(c, "POST /checkout HTTP/1.1\r\nHost: shop.localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 1000\r\n\r\na=")
	trickle := time.NewTicker(200 * time.Millisecond)
	defer trickle.Stop()
	go func() {
		for range trickle.C {
			if _, err := io.WriteString(c, "b"); err != nil {
				return
			}
		}
	}()
	_ = c.SetReadDeadline(begin.Add(20 * time.Second))
	status, _, _ := answerOf(t, c)
	if took := time.Since(begin); status != http.StatusRequestTimeout || took > rules[Checkout].bodyTime+3*time.Second {
		t.Errorf("status %d after %v", status, took)
	}
}

// Attack 43: large values and very many arguments are answered plainly and cost one request.
func TestAttack43LargeForms(t *testing.T) {
	s := start(t, nil)
	for name, body := range map[string]string{"10 kB value": "a=" + strings.Repeat("x", 10<<10), "255 arguments": strings.Repeat("a=b&", 255)} {
		if status, _, _ := s.do(t, "POST", "https://shop.localhost/checkout", body, "Sec-Fetch-Site", "same-origin"); status != 200 {
			t.Errorf("%s: %d", name, status) // small enough for the shield; the form reader decides
		}
	}
	if status, _, _ := s.do(t, "POST", "https://shop.localhost/checkout", strings.Repeat("x", 65<<10), "Sec-Fetch-Site", "same-origin"); status != 413 {
		t.Errorf("65 kB: %d", status)
	}
}
