// Package balancer is a small balancer for tests: it ends TLS and asks several processes of one store in turns, each
// request another one, so that two requests of one shopper hardly ever meet the same process. It asks a process only while
// that says it is ready, and takes another one if a process cannot be reached, as the balancers of real shops do. It is a
// trusted proxy of the store and adds its own line to X-Forwarded-For.
package balancer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Backend is one process.
type Backend struct {
	Listen  string // "host:port" of its pages, over TLS
	Private string // origin of its health, "http://127.0.0.1:port"

	ready atomic.Bool
	asked atomic.Int64
}

// Asked is how many requests it got.
func (b *Backend) Asked() int64 { return b.asked.Load() }

// Ready says whether it answered that it is ready.
func (b *Backend) Ready() bool { return b.ready.Load() }

// Balancer spreads requests.
type Balancer struct {
	mu       sync.RWMutex
	backends []*Backend
	next     atomic.Uint64
	proxy    *httputil.ReverseProxy
	statuses [600]atomic.Int64
	others   map[string]http.Handler // by host name: what is not balanced
	server   *http.Server
	stop     context.CancelFunc
}

// interval is how often a process is asked whether it is ready.
const interval = 100 * time.Millisecond

// Start serves on the listener with the certificates until Close. The processes are known by name, the shop's. others are
// further hosts that it serves by itself; words gets what goes wrong.
func Start(ln net.Listener, name string, certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error), roots *x509.CertPool, others map[string]http.Handler, words io.Writer) *Balancer {
	ctx, stop := context.WithCancel(context.Background())
	b := &Balancer{others: others, stop: stop}
	b.proxy = &httputil.ReverseProxy{Rewrite: rewrite, ErrorHandler: b.gone, ErrorLog: log.New(words, "balancer: ", 0), ModifyResponse: b.count,
		Transport: &transport{b: b, roots: roots, name: name, pools: map[string]*http.Transport{}}}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		_ = b.server.Serve(tls.NewListener(ln, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate, NextProtos: []string{"http/1.1"}}))
	}()
	go b.watch(ctx)
	return b
}

// Use sets the processes.
func (b *Balancer) Use(list ...*Backend) {
	b.mu.Lock()
	b.backends = list
	b.mu.Unlock()
	b.look()
}

// Close ends it.
func (b *Balancer) Close() {
	b.stop()
	_ = b.server.Close()
}

// ServeHTTP implements http.Handler.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := buffer(w, r); err != nil {
		http.Error(w, "the request broke off", http.StatusBadRequest)
		return
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if h := b.others[host]; h != nil {
		h.ServeHTTP(w, r)
		return
	}
	b.proxy.ServeHTTP(w, r)
}

// largest is the largest body that is passed on.
const largest = 64 << 20

// buffer takes a request's body in before it is passed on. The standard library's proxy may otherwise go on reading it
// while it answers already, find it closed by its own server, and cut the answer off.
func buffer(w http.ResponseWriter, r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largest))
	if err != nil {
		return err
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	return nil
}

func rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = "https", "store"
	r.Out.Host = r.In.Host
	r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
	r.SetXForwarded()
	r.Out.Host = r.In.Host
}

// Statuses is how many answers of each status were given.
func (b *Balancer) Statuses() map[int]int64 {
	out := map[int]int64{}
	for i := range b.statuses {
		if n := b.statuses[i].Load(); n > 0 {
			out[i] = n
		}
	}
	return out
}

func (b *Balancer) count(r *http.Response) error {
	b.statuses[min(r.StatusCode, len(b.statuses)-1)].Add(1)
	return nil
}

func (b *Balancer) gone(w http.ResponseWriter, _ *http.Request, _ error) {
	b.statuses[http.StatusBadGateway].Add(1)
	w.Header().Set("Retry-After", "1")
	http.Error(w, "no process of the store answers", http.StatusBadGateway)
}

// order are the processes that are ready, beginning with the one whose turn it is. If none is, all are asked the same: they
// have a kind page for a database that does not answer, and what they know by heart.
func (b *Balancer) order() []*Backend {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out, all []*Backend
	at := int(b.next.Add(1) % uint64(max(len(b.backends), 1)))
	for i := range b.backends {
		one := b.backends[(at+i)%len(b.backends)]
		if all = append(all, one); one.ready.Load() {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// transport sends a request to the process whose turn it is, and to the next one if that cannot be reached: then nothing
// was sent. A read is also repeated if the answer broke off before it began.
type transport struct {
	b     *Balancer
	roots *x509.CertPool
	name  string
	mu    sync.Mutex
	pools map[string]*http.Transport // by the name that the processes are asked for
}

// pool has the connections for one name of the store: the shop's, or that of its desk.
func (t *transport) pool(host string) *http.Transport {
	name := t.name
	if h, _, err := net.SplitHostPort(host); err == nil && strings.HasPrefix(h, "admin.") {
		name = h
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.pools[name]
	if p == nil {
		p = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: t.roots, ServerName: name, MinVersion: tls.VersionTLS13},
			MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}
		t.pools[name] = p
	}
	return p
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	err := errors.New("none is ready")
	for _, one := range t.b.order() {
		one.asked.Add(1)
		q := r.Clone(r.Context())
		q.URL = &url.URL{Scheme: "https", Host: one.Listen, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
		var resp *http.Response
		if resp, err = t.pool(r.Host).RoundTrip(q); err == nil {
			return resp, nil
		}
		one.ready.Store(false)
		var op *net.OpError
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead
		if r.Context().Err() != nil || !safe && (!errors.As(err, &op) || op.Op != "dial") {
			return nil, err
		}
	}
	return nil, err
}

// watch asks all processes whether they are ready.
func (b *Balancer) watch(ctx context.Context) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.look()
		}
	}
}

func (b *Balancer) look() {
	b.mu.RLock()
	list := b.backends
	b.mu.RUnlock()
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var wg sync.WaitGroup
	for _, one := range list {
		wg.Go(func() {
			resp, err := client.Get(one.Private + "/ready")
			if err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			one.ready.Store(err == nil && resp.StatusCode == http.StatusOK)
		})
	}
	wg.Wait()
}
