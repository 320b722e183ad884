package sandbox

import (
	"net/http"
	"sync"
	"time"
)

// Switches make the provider behave badly, for all sessions at once. The zero value is good behaviour.
type Switches struct {
	// Fail is how many of the next API calls answer 500 and do nothing.
	Fail int `json:"fail"`
	// Lose is how many of the next changing API calls take effect and answer 500 all the same.
	Lose int `json:"lose"`
	// SlowMillis delays each API answer, after its effect.
	SlowMillis int `json:"slow_ms"`
	// Notices overrides how the notices of all sessions travel: once, twice, late, reversed, never; empty: as the session says.
	Notices string `json:"notices"`
	// SlowRefunds makes refunds pending for the time that settling takes.
	SlowRefunds bool `json:"slow_refunds"`
}

type switchboard struct {
	mu sync.Mutex
	on Switches
}

// Switch sets all switches.
func (s *Server) Switch(on Switches) {
	s.switches.mu.Lock()
	defer s.switches.mu.Unlock()
	s.switches.on = on
}

func (b *switchboard) get() Switches {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.on
}

func (b *switchboard) notices(own string) string {
	if on := b.get().Notices; on != "" {
		return on
	}
	return own
}

// spend takes one of a counted switch.
func (b *switchboard) spend(which func(*Switches) *int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := which(&b.on)
	if *n <= 0 {
		return false
	}
	*n--
	return true
}

func (s *Server) refundTime() time.Duration {
	if s.switches.get().SlowRefunds {
		return s.settle
	}
	return 0
}

func (s *Server) getSwitches(w http.ResponseWriter, _ *http.Request, _ *Account) {
	give(w, http.StatusOK, s.switches.get())
}

func (s *Server) postSwitches(w http.ResponseWriter, r *http.Request, _ *Account) {
	var on Switches
	if !take(w, r, &on) {
		return
	}
	if on.Notices != "" && !knownNotices(on.Notices) || on.SlowMillis < 0 || on.SlowMillis > 60_000 || on.Fail < 0 || on.Lose < 0 {
		fail(w, http.StatusBadRequest, "switch_invalid")
		return
	}
	s.Switch(on)
	give(w, http.StatusOK, on)
}

func knownNotices(m string) bool {
	switch m {
	case noticesOnce, noticesTwice, noticesLate, noticesReversed, noticesNever:
		return true
	}
	return false
}
