package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"strongroom/guard/shield"
)

// private is the listener that tells about the inside: liveness, readiness and metrics, on this machine only.
type private struct {
	server   *http.Server
	listener net.Listener
	stopping atomic.Bool
}

// check says whether a part of the store works; used for readiness.
type check func(context.Context) error

func startPrivate(address string, registry *prometheus.Registry, live, ready check, log *Recent) (*private, error) {
	ln, err := listen(address)
	if err != nil {
		return nil, err
	}
	p := &private{listener: ln}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", say(live, "alive"))
	mux.HandleFunc("GET /ready", say(func(ctx context.Context) error {
		if p.stopping.Load() {
			return errors.New("stopping")
		}
		return ready(ctx)
	}, "ready"))
	mux.HandleFunc("GET /goroutines", goroutines)
	mux.HandleFunc("GET /log", recent(log))
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	p.server = &http.Server{Handler: onlyLoopback(mux), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second,
		MaxHeaderBytes: 8 << 10}
	go func() { _ = p.server.Serve(ln) }() // ends with Close
	return p, nil
}

// onlyLoopback refuses names that are not this machine's, so that a page in a browser cannot ask (DNS rebinding).
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		ip := net.ParseIP(host)
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			answer(w, http.StatusMisdirectedRequest, "only for this machine\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// address is where the listener answers; "" if there is none.
func (p *private) address() string {
	if p == nil {
		return ""
	}
	return "http://" + p.listener.Addr().String()
}

// leave makes readiness say no, so that a proxy sends nobody more.
func (p *private) leave() {
	if p != nil {
		p.stopping.Store(true)
	}
}

func (p *private) close() {
	if p != nil {
		_ = p.server.Close()
	}
}

// newRegistry holds the numbers of the process, the shield, the databases and the jobs.
func newRegistry(s *Store, sh *shield.Shield) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newCollector(s, sh), newMailCollector(s))
	return r
}
