package strength

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strongroom/base/clock"
)

// public is a faithful stand-in: it answers a range with suffixes and counts, padded with counts of zero.
type public struct {
	asked atomic.Int64
	paths chan string
	fail  atomic.Int32 // status to fail with
	body  atomic.Pointer[string]
	stall chan struct{}
}

func (p *public) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	select {
	case p.paths <- r.URL.Path + " " + r.Header.Get("Add-Padding"):
	default:
	}
	if p.stall != nil {
		select {
		case <-p.stall:
		case <-r.Context().Done():
		}
		return
	}
	if f := p.fail.Load(); f != 0 {
		w.Header().Set("Location", "https://elsewhere.example/")
		w.WriteHeader(int(f))
		return
	}
	if b := p.body.Load(); b != nil {
		_, _ = w.Write([]byte(*b))
		return
	}
	prefix := strings.TrimPrefix(r.URL.Path, "/range/")
	for i := range 800 {
		fmt.Fprintf(w, "%035X:%d\r\n", i, i%3)
	}
	for i := range 1000 {
		if h := fmt.Sprintf("%X", sha1.Sum([]byte(fmt.Sprintf("leaked %d", i)))); h[:5] == prefix {
			fmt.Fprintf(w, "%s:%d\r\n", h[5:], i)
		}
	}
}

func start(t *testing.T, p *public) (*Service, *clock.Manual) {
	t.Helper()
	p.paths = make(chan string, 100)
	srv := httptest.NewTLSServer(p)
	t.Cleanup(srv.Close)
	c := clock.NewManual(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	return NewService(srv.URL, c, srv.Client().Transport), c
}

// Only five digits of the hash go out, and padding is asked for.
func TestOnlyARangeGoesOut(t *testing.T) {
	p := &public{}
	s, _ := start(t, p)
	for i, want := range map[int]bool{7: true, 0: false} { // number 0 has the count 0: padding
		if got, err := s.Leaked(context.Background(), fmt.Sprintf("leaked %d", i)); err != nil || got != want {
			t.Errorf("number %d: %v, %v", i, got, err)
		}
	}
	if got, err := s.Leaked(context.Background(), "vermilion elks"); err != nil || got {
		t.Errorf("%v %v", got, err)
	}
	for range 3 {
		path, padding, _ := strings.Cut(<-p.paths, " ")
		if len(path) != len("/range/")+5 || padding != "true" {
			t.Errorf("%q %q went out", path, padding)
		}
	}
}

func TestAnswersAreKeptForAnHour(t *testing.T) {
	p := &public{}
	s, c := start(t, p)
	for range 5 {
		if got, err := s.Leaked(context.Background(), "leaked 7"); err != nil || !got {
			t.Fatal(got, err)
		}
	}
	if n := p.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	c.Advance(time.Hour)
	_, _ = s.Leaked(context.Background(), "leaked 7")
	if n := p.asked.Load(); n != 2 {
		t.Errorf("asked %d times after an hour", n)
	}
	for i := range 3 * keptRanges {
		_, _ = s.Leaked(context.Background(), fmt.Sprintf("other %d", i))
	}
	if len(s.ranges) > keptRanges {
		t.Errorf("%d ranges are kept", len(s.ranges))
	}
}

// A service that fails is left alone, for longer each time, and is asked again afterwards.
func TestAFailingServiceIsLeftAlone(t *testing.T) {
	p := &public{}
	s, c := start(t, p)
	p.fail.Store(503)
	for range 10 {
		if _, err := s.Leaked(context.Background(), "leaked 7"); err == nil {
			t.Fatal("an answer")
		}
	}
	if n := p.asked.Load(); n != restAfter {
		t.Errorf("asked %d times", n)
	}
	if _, err := s.Leaked(context.Background(), "leaked 7"); !errors.Is(err, errResting) {
		t.Errorf("%v", err)
	}
	c.Advance(restFirst)
	_, _ = s.Leaked(context.Background(), "leaked 7")
	c.Advance(restFirst) // the second rest is twice as long
	_, _ = s.Leaked(context.Background(), "leaked 7")
	if n := p.asked.Load(); n != restAfter+1 {
		t.Errorf("asked %d times", n)
	}
	p.fail.Store(0)
	c.Advance(restLongest)
	if got, err := s.Leaked(context.Background(), "leaked 7"); err != nil || !got {
		t.Errorf("%v %v after it came back", got, err)
	}
}

// What is no answer is an error and never "not leaked"; redirects are not followed; errors name no range.
func TestWrongAnswersAreErrors(t *testing.T) {
	for _, body := range []string{"", "<html>", "0018A45C4D1DEF81644B54AB7F969B88D65:x", strings.Repeat("0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n", 40_000)} {
		p := &public{}
		s, _ := start(t, p)
		p.body.Store(&body)
		if got, err := s.Leaked(context.Background(), "leaked 7"); err == nil || got {
			t.Errorf("%.20q: %v", body, got)
		}
	}
	p := &public{}
	s, _ := start(t, p)
	p.fail.Store(302)
	_, err := s.Leaked(context.Background(), "leaked 7")
	path, _, _ := strings.Cut(<-p.paths, " ")
	if err == nil || strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

// Nobody waits longer than a second and a half for it.
func TestASilentServiceIsNotWaitedFor(t *testing.T) {
	p := &public{stall: make(chan struct{})}
	s, _ := start(t, p)
	begin := time.Now()
	_, err := s.Leaked(context.Background(), "leaked 7")
	close(p.stall)
	if d := time.Since(begin); err == nil || d < answerWithin/2 || d > 4*answerWithin {
		t.Errorf("%v after %s", err, d)
	}
}
