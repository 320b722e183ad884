// Package certtest gives tests what stands outside of the store when certificates are asked for: name servers on
// loopback that can be told what to answer, and the test authority Pebble with a certificate of its own.
package certtest

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Zone is a name server on loopback.
type Zone struct {
	Address string

	mu      sync.Mutex
	records map[string][]dns.RR
	rcodes  map[string]int
}

// NewZone starts a name server that knows no names. It ends with the test.
func NewZone(t testing.TB) *Zone {
	t.Helper()
	z := &Zone{records: map[string][]dns.RR{}, rcodes: map[string]int{}}
	pc, ln := bothPorts(t)
	z.Address = pc.LocalAddr().String()
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: z}, {Listener: ln, Handler: z}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() { _ = s.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	return z
}

// bothPorts opens one number for UDP and TCP. Somebody else may have it for one of them; then another is tried.
func bothPorts(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ln, err := net.Listen("tcp", pc.LocalAddr().String())
		if err == nil {
			return pc, ln
		}
		_ = pc.Close()
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

// Add adds records, written as in a zone file: "shop.example. 60 IN A 127.0.0.1".
func (z *Zone) Add(t testing.TB, lines ...string) {
	t.Helper()
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		z.records[rr.Header().Name] = append(z.records[rr.Header().Name], rr)
	}
}

// Remove forgets a name.
func (z *Zone) Remove(name string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	delete(z.records, dns.Fqdn(name))
}

// Fail answers questions about a name with an error, such as dns.RcodeServerFailure.
func (z *Zone) Fail(name string, rcode int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.rcodes[dns.Fqdn(name)] = rcode
}

// ServeDNS answers one question.
func (z *Zone) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	z.mu.Lock()
	defer z.mu.Unlock()
	m := new(dns.Msg).SetReply(q)
	name := strings.ToLower(q.Question[0].Name)
	known := len(z.records[name]) > 0
	for n := range z.records {
		known = known || strings.HasSuffix(n, "."+name) // a name above another one exists
	}
	if !known {
		m.Rcode = dns.RcodeNameError
	}
	if code, ok := z.rcodes[name]; ok {
		m.Rcode = code
	}
	for _, rr := range z.records[name] {
		if m.Rcode == dns.RcodeSuccess && rr.Header().Rrtype == q.Question[0].Qtype {
			m.Answer = append(m.Answer, rr)
		}
	}
	_ = w.WriteMsg(m)
}
