// Package shield stands in front of every handler: what it lets through has a host that is ours, a method, a size and
// a rate that are possible, and a place in its class's queue.
//
// # The way through
//
// Identify (request id, client address) - host - method, size - headers of the answer - rate of the network -
// cross-site check - body, read whole within its time - queue of the class - handler. Whatever is refused gets a plain
// page in the reader's language, is counted (Refusals) and handed to the Recorder.
//
// # Classes
//
// Every request has a Class, which has limits of its own, so that a flood of one sort (searches, say) fills only its
// own queue and the way to the checkout stays open. Rates are token buckets per network (IPv4 address, IPv6 /64) in
// this process's memory: approximate when there are several processes, and bounded. Scarce acts such as payment
// sessions are counted in the database by their owners.
//
// # Hosts
//
// Hosts come from the configuration. An unknown Host, an absolute-form target, a Host that differs from the name in
// the TLS handshake: 421. X-Forwarded-Host is never read. Addresses in pages, mails and redirects are built from the
// configuration only.
package shield

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"time"

	"strongroom/base/clock"
	"strongroom/base/fault"
	"strongroom/base/trace"
	"strongroom/base/web"
)

// Host is one face of the store and how it is reached.
type Host struct {
	Authority string // "shop.example.org", with a port if it is not 443
	Handler   http.Handler
	Face      *web.Face                 // shows refusals; nil for plain text
	Classify  func(*http.Request) Class // nil: by method
	Methods   []string                  // nil: GET, HEAD, POST
	Headers   func(http.Header, Class)  // nil: the shop's own policy (Page)
	Loopback  bool                      // answers only clients on this machine
}

// Options say what a Shield protects.
type Options struct {
	Hosts    []Host
	Proxies  web.Proxies // who may say where a request comes from
	HSTS     bool        // tell browsers to come by HTTPS only, for a year
	Scale    int         // multiplies the rates per network; 0 means 1
	CPUs     int         // 0 means as many as Go uses
	Clock    clock.Clock
	Recorder Recorder // nil for none
	Trace    *trace.Tracer
}

// Shield is the handler that a server starts with.
type Shield struct {
	hosts    map[string]*host
	proxies  web.Proxies
	hsts     bool
	clock    clock.Clock
	buckets  *buckets
	queues   [classes]*queue
	refusals *refusals
	cross    *http.CrossOriginProtection
	trace    *trace.Tracer
}

// host is a Host made ready.
type host struct {
	Host
	name  string // without the port, as in the TLS handshake
	allow string // for the Allow header
}

// New makes a Shield. Stop ends it.
func New(o Options) (*Shield, error) {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.CPUs == 0 {
		o.CPUs = runtime.GOMAXPROCS(0)
	}
	s := &Shield{hosts: map[string]*host{}, proxies: o.Proxies, hsts: o.HSTS, clock: o.Clock,
		buckets: newBuckets(max(o.Scale, 1)), refusals: newRefusals(o.Recorder), trace: o.Trace, cross: http.NewCrossOriginProtection()}
	for c := range classes {
		s.queues[c] = newQueue(rules[c], o.CPUs)
	}
	for _, h := range o.Hosts {
		if err := s.addHost(h); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Shield) addHost(h Host) error {
	a := strings.ToLower(h.Authority)
	if a == "" || h.Handler == nil || s.hosts[a] != nil {
		return errors.New("shield: every host needs a name of its own and a handler: " + h.Authority)
	}
	if h.Methods == nil {
		h.Methods = []string{http.MethodGet, http.MethodHead, http.MethodPost}
	}
	if h.Face == nil {
		h.Face = &web.Face{}
	}
	if h.Classify == nil {
		h.Classify = ByMethod
	}
	if h.Headers == nil {
		h.Headers = pageHeaders
	}
	name, _, _ := strings.Cut(a, ":")
	s.hosts[a] = &host{Host: h, name: name, allow: strings.Join(h.Methods, ", ")}
	if !strings.Contains(a, ":") {
		s.hosts[a+":443"] = s.hosts[a]
	}
	return nil
}

// Stop waits for the recorder to take what was refused so far.
func (s *Shield) Stop() { s.refusals.stop() }

// ServeHTTP implements http.Handler.
func (s *Shield) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if ctx, span := s.trace.Start(r.Context(), "request"); span != nil {
		r = r.WithContext(ctx)
		defer span.End(nil)
	}
	web.Identify(s.proxies)(http.HandlerFunc(s.serve)).ServeHTTP(w, r)
}

func (s *Shield) serve(w http.ResponseWriter, r *http.Request) {
	baseHeaders(w.Header(), s.hsts)
	h, err := s.hostOf(r)
	if err != nil {
		s.refuse(w, r, &web.Face{}, Other, "shield.host", err)
		return
	}
	class := h.Classify(r)
	trace.From(r.Context()).Name("class", classWords, class.String())
	h.Headers(w.Header(), class)
	for _, check := range checks {
		if err := check.run(s, w, r, h, class); err != nil {
			s.refuse(w, r, h.Face, class, check.act, err)
			return
		}
	}
	s.pass(w, r, h, class)
}

// checks are what a request must stand, in this order: the cheapest first.
var checks = []struct {
	act string
	run func(*Shield, http.ResponseWriter, *http.Request, *host, Class) error
}{
	{"shield.peer", (*Shield).checkPeer},
	{"shield.method", (*Shield).checkMethod},
	{"shield.size", (*Shield).checkSize},
	{"shield.rate", (*Shield).checkRate},
	{"shield.cross_site", (*Shield).checkCrossSite},
	{"shield.body", (*Shield).readBody},
}

// pass waits for a place in the class's queue and runs the handler within the class's time.
func (s *Shield) pass(w http.ResponseWriter, r *http.Request, h *host, class Class) {
	leave, ok := s.queues[class].enter(r.Context())
	if !ok {
		err := fault.New(fault.Unavailable, "web.busy").With("seconds", 5)
		s.refuse(w, r, h.Face, class, "shield.queue", err)
		return
	}
	defer leave()
	ctx, cancel := context.WithTimeout(r.Context(), rules[class].time)
	defer cancel()
	h.Handler.ServeHTTP(w, r.WithContext(ctx))
}

// refuse answers with the page of err, counts it and tells the recorder.
func (s *Shield) refuse(w http.ResponseWriter, r *http.Request, f *web.Face, class Class, act string, err error) {
	s.refusals.note(Refusal{Act: act, Class: class, Kind: fault.KindOf(err), Client: web.Client(r.Context()),
		Request: web.RequestID(r.Context()), At: s.clock.Now()})
	closeUnread(w, r)
	f.Fail(w, r, err)
}

// Refusals are the numbers of refused requests by act and class since the start, for the metrics.
func (s *Shield) Refusals() map[Count]int64 { return s.refusals.counts() }

// Waiting is how many requests of a class run and wait now, for the metrics.
func (s *Shield) Waiting(c Class) (running, waiting int) { return s.queues[c].state() }

// ServerLimits sets the limits that hold before a handler runs: the time for headers, the size of headers, idle
// connections.
func ServerLimits(srv *http.Server) {
	srv.ReadHeaderTimeout = 5 * time.Second
	srv.WriteTimeout = 90 * time.Second
	srv.IdleTimeout = 75 * time.Second
	srv.MaxHeaderBytes = maxHeaderBytes - 4096 // the standard library adds this much for itself
	srv.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 100, MaxReceiveBufferPerConnection: 1 << 20,
		MaxReceiveBufferPerStream: 256 << 10, SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second}
}
