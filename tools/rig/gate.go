package rig

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Moment is where in a call to a provider the program is caught.
type Moment int

// The moments of a call.
const (
	Leaving  Moment = iota // the call has left the program and never arrives
	Done                   // the provider has done it, and its answer never arrives
	Answered               // the program has read the answer
)

// Moments are all of them.
var Moments = []Moment{Leaving, Done, Answered}

// String names the moment.
func (m Moment) String() string {
	return [...]string{"before the call arrives", "before the answer arrives", "before the answer is written down"}[m]
}

// Gate stands before a provider and catches one call. The provider itself is never disturbed: it does what it is asked.
type Gate struct {
	mu   sync.Mutex
	next http.Handler
	trap *trap
}

// trap is what is done at the call that fits. It ends the program.
type trap struct {
	fits   func(*http.Request) bool
	moment Moment
	freeze func() (thaw func(), err error) // so that the program can commit nothing that follows from the answer
	kill   func()
	end    chan error
}

// NewGate makes one.
func NewGate(next http.Handler) *Gate { return &Gate{next: next} }

// Catch has the next call that fits caught: the program is killed at that moment. freeze is called before an answer is
// given and keeps the program from committing; it is undone after the kill. The channel tells when all that has happened.
func (g *Gate) Catch(fits func(*http.Request) bool, m Moment, freeze func() (thaw func(), err error), kill func()) <-chan error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trap = &trap{fits, m, freeze, kill, make(chan error, 1)}
	return g.trap.end
}

func (g *Gate) caught(r *http.Request) *trap {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.trap
	if t == nil || !t.fits(r) {
		return nil
	}
	g.trap = nil
	return t
}

// ServeHTTP passes the call on, or ends the program over it.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t := g.caught(r)
	if t == nil {
		g.next.ServeHTTP(w, r)
		return
	}
	t.end <- t.spring(g.next, w, r)
	panic(http.ErrAbortHandler) // nobody listens any more
}

func (t *trap) spring(next http.Handler, w http.ResponseWriter, r *http.Request) error {
	if t.moment == Leaving {
		t.kill()
		return nil
	}
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	if t.moment == Done {
		t.kill()
		return nil
	}
	thaw, err := t.freeze()
	if err != nil {
		t.kill()
		return fmt.Errorf("something is being written while a provider is asked: %w", err)
	}
	defer thaw()
	for k, v := range answer.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	w.WriteHeader(answer.Code)
	_, err = w.Write(answer.Body.Bytes())
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err == nil {
		err = read(r)
	}
	t.kill()
	return err
}

// read waits until the program has taken everything out of its end of the connection.
func read(r *http.Request) error {
	here, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	there, err := net.ResolveTCPAddr("tcp", r.RemoteAddr)
	if tcp, isTCP := here.(*net.TCPAddr); ok && isTCP && err == nil {
		limit := time.Now().Add(10 * time.Second)
		for {
			sent, _, err := queues(tcp, there)
			if err != nil {
				return err
			}
			_, waiting, err := queues(there, tcp)
			if err != nil || sent == 0 && waiting == 0 {
				return err
			}
			if time.Now().After(limit) {
				return fmt.Errorf("the program does not read its answer")
			}
		}
	}
	return fmt.Errorf("the call came from %s to %v: %w", r.RemoteAddr, here, err)
}

// queues are the bytes that wait at one end of a connection: sent and not taken by the other end, arrived and not read.
func queues(from, to *net.TCPAddr) (out, in int64, err error) {
	f, err := os.Open("/proc/net/tcp")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = f.Close() }()
	a, b := kernelName(from), kernelName(to)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) < 5 || w[1] != a || w[2] != b {
			continue
		}
		tx, rx, _ := strings.Cut(w[4], ":")
		if out, err = strconv.ParseInt(tx, 16, 64); err == nil {
			in, err = strconv.ParseInt(rx, 16, 64)
		}
		return out, in, err
	}
	return 0, 0, fmt.Errorf("the connection from %s to %s is gone", from, to)
}

// kernelName is how the kernel's table writes an address: as numbers of the machine's own order of bytes.
func kernelName(a *net.TCPAddr) string {
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(a.IP.To4()), a.Port)
}
